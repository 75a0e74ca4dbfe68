package examples

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// TestPodmanPullsWithExactlyTheSecretsThatAPodGets holds a Deployment's pod against a registry that asks for a password: its
// image can be pulled with what the Secrets hold that pullable attached, and cannot without.
func TestPodmanPullsWithExactlyTheSecretsThatAPodGets(t *testing.T) {
	need(t, "podman", "docker-registry", "htpasswd")
	dir := t.TempDir()
	const user, password = "puller", "a-password-of-this-run"
	registry := startRegistry(t, dir, user, password)
	image := registry + "/team/app:v1"

	login := filepath.Join(dir, "login.json")
	mustSucceed(t, podman("login", "--tls-verify=false", "--authfile", login, "--username", user, "--password", password, registry))
	pushImage(t, dir, login, image)

	secret := mustSucceed(t, command(nil, "bin/pullable", "secret", "regcred", "--namespace", "team", "--from", login, "--registry", registry))
	manifests := secret.stdout + `---
apiVersion: v1
kind: Secret
metadata: {name: another, namespace: team}
type: kubernetes.io/dockerconfigjson
stringData: {.dockerconfigjson: '{"auths":{"registry.example.com":{"username":"u","password":"p"}}}'}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: team}
spec:
  template:
    spec:
      containers:
      - name: app
        image: ` + image + "\n"
	config := filepath.Join(dir, "image-pull.yaml")
	writeFile(t, config, "apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\npullSecrets: {fromPackage: true, requireFor: [\""+registry+"\"]}\n")
	cmd := command(nil, "bin/pullable", "--config", config)
	cmd.Stdin = strings.NewReader(manifests)
	done := mustSucceed(t, cmd)
	if strings.Contains(done.stderr, password) || strings.Contains(secret.stderr, password) {
		t.Error("a message holds the password")
	}

	names, contents := attached(t, done.stdout)
	if len(names) != 1 || names[0] != "regcred" {
		t.Fatalf("the pod gets %q, want regcred alone", names)
	}
	with, without := filepath.Join(dir, "with.json"), filepath.Join(dir, "without.json")
	writeFile(t, with, contents[0])
	writeFile(t, without, "{}")

	mustSucceed(t, podman("rmi", "--force", image))
	if r := start(t, podman("pull", "--quiet", "--tls-verify=false", "--authfile", without, image)); r.code == 0 || !strings.Contains(r.stderr, "unauthorized") && !strings.Contains(r.stderr, "authentication required") {
		t.Errorf("without credentials: exit code %d\n%s", r.code, r.stderr)
	}
	mustSucceed(t, podman("pull", "--quiet", "--tls-verify=false", "--authfile", with, image))
}

func podman(args ...string) *exec.Cmd { return command(podmanEnv, "podman", args...) }

func writeFile(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// startRegistry starts a registry on loopback that asks for a password, and gives its address.
func startRegistry(t *testing.T, dir, user, password string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "htpasswd"), mustSucceed(t, command(nil, "htpasswd", "-Bbn", user, password)).stdout)
	config := filepath.Join(dir, "registry.yml")
	writeFile(t, config, fmt.Sprintf("version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %q}}\nhttp: {addr: %q}\nauth: {htpasswd: {realm: test, path: %q}}\n",
		filepath.Join(dir, "registry"), address, filepath.Join(dir, "htpasswd")))
	cmd := command(nil, "docker-registry", "serve", config)
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for range 100 {
		response, err := http.Get("http://" + address + "/v2/")
		if err == nil {
			response.Body.Close()
			if response.StatusCode != http.StatusUnauthorized {
				t.Fatalf("the registry answers %s without a password", response.Status)
			}
			return address
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the registry does not answer:\n%s", log.String())
	return ""
}

// pushImage makes an image of one small layer and pushes it.
func pushImage(t *testing.T, dir, login, image string) {
	t.Helper()
	writeFile(t, filepath.Join(dir, "hello"), "hello\n")
	layer := filepath.Join(dir, "layer.tar")
	mustSucceed(t, command(nil, "tar", "-C", dir, "-cf", layer, "hello"))
	mustSucceed(t, podman("import", "--quiet", layer, image))
	mustSucceed(t, podman("push", "--quiet", "--tls-verify=false", "--authfile", login, image))
}

// attached gives the names of the pull secrets of the one Deployment, and the docker configs that these Secrets hold.
func attached(t *testing.T, manifests string) (names, contents []string) {
	t.Helper()
	nodes, err := (&kio.ByteReader{Reader: strings.NewReader(manifests), OmitReaderAnnotations: true}).Read()
	if err != nil {
		t.Fatal(err)
	}
	var deployment struct {
		Spec struct {
			Template struct {
				Spec struct {
					ImagePullSecrets []struct{ Name string } `yaml:"imagePullSecrets"`
				}
			}
		}
	}
	held := map[string]string{}
	for _, n := range nodes {
		switch n.GetKind() {
		case "Deployment":
			if err := yaml.Unmarshal([]byte(n.MustString()), &deployment); err != nil {
				t.Fatal(err)
			}
		case "Secret":
			content, err := base64.StdEncoding.DecodeString(n.GetDataMap()[".dockerconfigjson"])
			if err != nil {
				t.Fatal(err)
			}
			held[n.GetName()] = string(content)
		}
	}
	for _, s := range deployment.Spec.Template.Spec.ImagePullSecrets {
		names, contents = append(names, s.Name), append(contents, held[s.Name])
	}
	return names, contents
}
