package examples

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pullable/pullable/pkg/corpus"
)

// A cluster is an API server with its etcd, both on loopback, and nothing else: no controller makes pods, no node runs them.
// Nobody makes the default ServiceAccounts either, so that a namespace starts with needNamespaces.
type cluster struct {
	kubeconfig string
	url        string
	client     *http.Client
	discovery  discovery
	mutex      sync.Mutex
	made       map[string]bool // namespaces, and files of definitions
}

// clusterToken is the password of a server that listens on loopback for as long as the tests run.
const clusterToken = "a-token-of-this-run"

// stopped is called when all tests have run.
var stopped []func()

// needCluster starts the cluster once for all tests that use it.
func needCluster(t *testing.T) *cluster {
	t.Helper()
	need(t, "etcd", "kube-apiserver", "kubectl")
	c, err := clusterOnce()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var clusterOnce = sync.OnceValues(func() (*cluster, error) {
	dir, err := os.MkdirTemp("", "pullable-cluster")
	if err != nil {
		return nil, err
	}
	stopped = append(stopped, func() { _ = os.RemoveAll(dir) })
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	etcd, peers, server := ports[0], ports[1], ports[2]
	if err := writeFiles(dir, map[string]string{
		"tokens.csv": clusterToken + ",admin,admin,system:masters\n",
		"kubeconfig": fmt.Sprintf(`apiVersion: v1
kind: Config
clusters:
- name: c
  cluster: {server: "https://%s", insecure-skip-tls-verify: true}
users:
- name: u
  user: {token: %q}
contexts:
- name: c
  context: {cluster: c, user: u}
current-context: c
`, server, clusterToken),
	}); err != nil {
		return nil, err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	keyFile := filepath.Join(dir, "accounts.key")
	if err := os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), 0o600); err != nil {
		return nil, err
	}
	etcdLog, err := background("etcd", "--unsafe-no-fsync", "--logger", "zap", "--log-level", "warn", "--data-dir", filepath.Join(dir, "etcd"),
		"--listen-client-urls", "http://"+etcd, "--advertise-client-urls", "http://"+etcd,
		"--listen-peer-urls", "http://"+peers, "--initial-advertise-peer-urls", "http://"+peers, "--initial-cluster", "default=http://"+peers)
	if err != nil {
		return nil, err
	}
	_, serverPort, err := net.SplitHostPort(server)
	if err != nil {
		return nil, err
	}
	serverLog, err := background("kube-apiserver", "--etcd-servers", "http://"+etcd, "--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1",
		"--secure-port", serverPort, "--cert-dir", filepath.Join(dir, "certificates"), "--token-auth-file", filepath.Join(dir, "tokens.csv"),
		"--authorization-mode", "AlwaysAllow", "--service-cluster-ip-range", "10.0.0.0/16", "--endpoint-reconciler-type", "none",
		"--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", keyFile,
		"--service-account-signing-key-file", keyFile, "--allow-privileged", "--v", "0")
	if err != nil {
		return nil, err
	}
	c := &cluster{
		kubeconfig: filepath.Join(dir, "kubeconfig"),
		url:        "https://" + server,
		// The server made its certificate itself a second ago.
		client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}},
		made:   map[string]bool{},
	}
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if status, _, err := c.request(http.MethodGet, "/readyz", "", nil); err == nil && status == http.StatusOK {
			return c, nil
		}
	}
	return nil, fmt.Errorf("kube-apiserver is not ready:\n%s\netcd:\n%s", serverLog(), etcdLog())
})

// background starts a program that ends with the tests, and returns what shows its messages.
func background(name string, args ...string) (messages func() string, err error) {
	cmd := command(nil, name, args...)
	var log lockedBuffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stopped = append(stopped, func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return log.String, nil
}

// lockedBuffer may be read while a program still writes to it.
type lockedBuffer struct {
	mutex sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.String()
}

// freePorts gives addresses on loopback that nobody listens on at the moment.
func freePorts(n int) ([]string, error) {
	var addresses []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // not before all are found
		addresses = append(addresses, l.Addr().String())
	}
	return addresses, nil
}

func writeFiles(dir string, content map[string]string) error {
	for name, text := range content {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// request asks the API server itself.
func (c *cluster) request(method, path, contentType string, body []byte) (status int, answer []byte, err error) {
	request, err := http.NewRequest(method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+clusterToken)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}

// kubectl is a command that talks to this cluster, with the given standard input.
func (c *cluster) kubectl(stdin string, args ...string) *exec.Cmd {
	cmd := command([]string{"KUBECONFIG=" + c.kubeconfig, "KUBECACHEDIR=" + filepath.Join(filepath.Dir(c.kubeconfig), "cache")}, "kubectl", args...)
	cmd.Stdin = strings.NewReader(stdin)
	return cmd
}

// needNamespaces makes the namespaces that are not there, with the ServiceAccount that a controller would make.
func (c *cluster) needNamespaces(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		c.mutex.Lock()
		known := c.made[name]
		c.made[name] = true
		c.mutex.Unlock()
		if known {
			continue
		}
		c.mustCreate(t, "/api/v1/namespaces", fmt.Sprintf(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":%q}}`, name))
		c.needAccount(t, name, "default")
	}
}

// needAccount makes a ServiceAccount that is not there: without it every pod that runs as it would be refused.
func (c *cluster) needAccount(t *testing.T, namespace, name string) {
	t.Helper()
	c.mustCreate(t, "/api/v1/namespaces/"+namespace+"/serviceaccounts",
		fmt.Sprintf(`{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":%q}}`, name))
}

// mustCreate makes an object, or finds that it exists.
func (c *cluster) mustCreate(t *testing.T, path, object string) {
	t.Helper()
	status, answer, err := c.request(http.MethodPost, path, "application/json", []byte(object))
	if err == nil && status != http.StatusCreated && status != http.StatusConflict {
		err = errors.New(string(answer))
	}
	if err != nil {
		t.Fatalf("creating %s: %v", object, err)
	}
}

// needDefinitions installs the CustomResourceDefinitions that are not there yet, and waits until they are served.
func (c *cluster) needDefinitions(t *testing.T, files []corpus.File) {
	t.Helper()
	wait := []string{"wait", "--for=condition=Established", "--timeout=60s"}
	for _, f := range files {
		if c.made[f.String()] {
			continue
		}
		all, err := objects(f.Bytes, f.JSON())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range all {
			if _, err := c.apply(o, ""); err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			wait = append(wait, "crd/"+o.name())
		}
		c.made[f.String()] = true
	}
	if len(wait) > 3 {
		mustSucceed(t, c.kubectl("", wait...))
	}
}
