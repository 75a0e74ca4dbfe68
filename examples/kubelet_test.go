//go:build kubelet

package examples

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// `make e2e-kubelet` runs this as root. kubelet and containerd keep everything in a folder of the run, but for two
// folders that they make under the system's own paths whatever they are told: /var/lib/kubelet/device-plugins and
// /run/containerd.

func TestAKubeletPullsWhatPullableMadePullableAndNothingElse(t *testing.T) {
	if os.Getuid() != 0 {
		t.Fatal("kubelet and containerd need root")
	}
	need(t, "podman", "docker-registry", "htpasswd", "containerd", "ctr", "runc", "kubelet")
	c := needCluster(t)
	dir := t.TempDir()
	const user, password = "puller", "a-password-of-this-run"
	registry := startRegistry(t, dir, user, password)
	image := registry + "/team/app:v1"
	login := filepath.Join(dir, "login.json")
	mustSucceed(t, podman("login", "--tls-verify=false", "--authfile", login, "--username", user, "--password", password, registry))
	archive := pushSleeper(t, dir, login, image)

	c.needNamespaces(t, "refused", "pods", "accounts")
	startNode(t, c, archive)

	pod := func(name string) string {
		// No controller gives out tokens or addresses here, and no scheduler picks a node.
		return fmt.Sprintf(`apiVersion: v1
kind: Pod
metadata: {name: app, namespace: %s}
spec:
  nodeName: node
  hostNetwork: true
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 0
  containers:
  - name: app
    image: %s
`, name, image)
	}
	secret := func(namespace string) string {
		return mustSucceed(t, command(nil, "bin/pullable", "secret", "regcred", "--namespace", namespace, "--from", login, "--registry", registry)).stdout
	}
	through := func(manifests, pullSecrets string) string {
		config := filepath.Join(dir, "image-pull.yaml")
		writeFile(t, config, "apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\npullSecrets: "+pullSecrets+"\n")
		cmd := command(nil, "bin/pullable", "--config", config)
		cmd.Stdin = strings.NewReader(manifests)
		return mustSucceed(t, cmd).stdout
	}

	// The Secret is there in all three namespaces: that alone pulls nothing.
	mustSucceed(t, c.kubectl(secret("refused")+"---\n"+pod("refused"), "apply", "--server-side", "--force-conflicts", "-f", "-"))
	if got := c.waitForPod(t, "refused", "Running", "ErrImagePull", "ImagePullBackOff"); got == "Running" {
		t.Error("a pod without a pull secret runs: the registry asks for no password")
	}
	mustSucceed(t, c.kubectl(through(secret("pods")+"---\n"+pod("pods"), "{fromPackage: true}"), "apply", "--server-side", "--force-conflicts", "-f", "-"))
	if got := c.waitForPod(t, "pods", "Running"); got != "Running" {
		t.Errorf("with the pull secret in its own list the pod is %s", got)
	}
	// The ServiceAccount first: a pod takes what its account lists when it is made, and pullable's new objects come last.
	done, err := objects([]byte(through(secret("accounts")+"---\n"+pod("accounts"), "{fromPackage: true, attachTo: ServiceAccounts, createServiceAccounts: true}")), false)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(done, func(a, b object) int { return strings.Compare(b.kind(), a.kind()) }) // ServiceAccount, Secret, Pod
	for _, o := range done {
		if o.kind() == "Pod" {
			c.waitForAccount(t, o)
		}
		if _, err := c.apply(o, ""); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.waitForPod(t, "accounts", "Running"); got != "Running" {
		t.Errorf("with the pull secret in its ServiceAccount's list the pod is %s", got)
	}

	for _, namespace := range []string{"refused", "pods", "accounts"} {
		mustSucceed(t, c.kubectl("", "delete", "pod", "app", "--namespace", namespace, "--wait", "--timeout=60s"))
	}
}

// waitForAccount waits until the admission plugin knows the pull secrets of the pod's account.
func (c *cluster) waitForAccount(t *testing.T, pod object) {
	t.Helper()
	for range 50 {
		names, err := c.admitted(pod.text("metadata", "namespace"), pod.podTemplate())
		if err != nil {
			t.Fatal(err)
		}
		if len(names) > 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%s gets no pull secrets", pod)
}

// waitForPod waits until the pod is in one of these states, and gives that or the last one.
func (c *cluster) waitForPod(t *testing.T, namespace string, states ...string) string {
	t.Helper()
	state := ""
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		status, answer, err := c.request(http.MethodGet, "/api/v1/namespaces/"+namespace+"/pods/app", "", nil)
		if err != nil || status != http.StatusOK {
			t.Fatalf("pod %s/app: %v %s", namespace, err, answer)
		}
		var pod struct {
			Status struct {
				Phase             string
				ContainerStatuses []struct {
					State struct {
						Waiting struct{ Reason, Message string }
					}
				}
			}
		}
		if err := json.Unmarshal(answer, &pod); err != nil {
			t.Fatal(err)
		}
		state = pod.Status.Phase
		message := ""
		for _, container := range pod.Status.ContainerStatuses {
			if w := container.State.Waiting; w.Reason != "" {
				state, message = w.Reason, w.Message
			}
		}
		if slices.Contains(states, state) {
			t.Logf("%s/app: %s %s", namespace, state, message)
			return state
		}
	}
	return state
}

// pushSleeper pushes an image whose program sleeps, and gives an archive of the same for the pods' sandboxes.
func pushSleeper(t *testing.T, dir, login, image string) (archive string) {
	t.Helper()
	busybox, err := staticBusybox()
	if err != nil {
		t.Fatal(err)
	}
	layer := filepath.Join(dir, "layer.tar")
	archive = filepath.Join(dir, "pause.tar")
	mustSucceed(t, command(nil, "tar", "-C", filepath.Dir(busybox), "-cf", layer, "busybox"))
	entrypoint := `ENTRYPOINT ["/busybox", "sleep", "100000"]`
	for _, name := range []string{image, sandbox} {
		mustSucceed(t, podman("import", "--quiet", "--change", entrypoint, layer, name))
	}
	mustSucceed(t, podman("push", "--quiet", "--tls-verify=false", "--authfile", login, image))
	mustSucceed(t, podman("save", "--quiet", "--format", "docker-archive", "--output", archive, sandbox))
	return archive
}

const sandbox = "localhost/pause:1"

// startNode starts containerd and a kubelet, and waits for the node to be ready.
func startNode(t *testing.T, c *cluster, sandboxArchive string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "node") // short, for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		killShims(t, filepath.Join(dir, "c.sock"))
		removeMounted(t, dir)
	})
	ports, err := freePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(ports[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"cni", "logs"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	socket := filepath.Join(dir, "c.sock")
	if err := writeFiles(dir, map[string]string{
		"cni/10-loopback.conflist": `{"cniVersion": "0.4.0", "name": "loopback", "plugins": [{"type": "loopback"}]}`,
		// A machine for tests may lack CAP_SYS_RESOURCE and AppArmor.
		"containerd.toml": fmt.Sprintf(`version = 2
root = %q
state = %q
[grpc]
  address = %q
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = %q
  disable_apparmor = true
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = %q
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`, filepath.Join(dir, "containerd"), filepath.Join(dir, "state"), socket, sandbox, filepath.Join(dir, "cni")),
		"kubelet.yaml": fmt.Sprintf(`apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
containerRuntimeEndpoint: unix://%s
address: 127.0.0.1
port: %s
healthzPort: 0
readOnlyPort: 0
failCgroupV1: false
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
failSwapOn: false
podLogsDir: %q
evictionHard: {memory.available: "0%%", nodefs.available: "0%%", imagefs.available: "0%%", nodefs.inodesFree: "0%%"}
`, socket, port, filepath.Join(dir, "logs")),
	}); err != nil {
		t.Fatal(err)
	}

	launch := func(name string, args ...string) *lockedBuffer {
		cmd := command(nil, name, args...)
		log := &lockedBuffer{}
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
		return log
	}
	containerdLog := launch("containerd", "--config", filepath.Join(dir, "containerd.toml"))
	ctr := func(args ...string) []string {
		return append([]string{"--address", socket, "--namespace", "k8s.io"}, args...)
	}
	for range 100 {
		if start(t, command(nil, "ctr", ctr("version")...)).code == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if r := start(t, command(nil, "ctr", ctr("images", "import", sandboxArchive)...)); r.code != 0 {
		t.Fatalf("ctr images import: %s\ncontainerd:\n%s", r.stderr, containerdLog.String())
	}
	// What the kubelet leaves running must not outlive containerd. A task that is about to end by itself may be gone when it
	// is deleted.
	t.Cleanup(func() {
		left := ""
		for range 50 {
			left = start(t, command(nil, "ctr", ctr("tasks", "list", "--quiet")...)).stdout
			if left == "" {
				return
			}
			for _, task := range strings.Fields(left) {
				start(t, command(nil, "ctr", ctr("tasks", "delete", "--force", task)...))
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Errorf("containers still run: %s", left)
	})
	kubeletLog := launch("kubelet", "--config", filepath.Join(dir, "kubelet.yaml"), "--kubeconfig", c.kubeconfig, "--root-dir", filepath.Join(dir, "kubelet"),
		"--cert-dir", filepath.Join(dir, "pki"), "--hostname-override", "node", "--node-ip", "127.0.0.1")
	answer := ""
	for range 60 {
		time.Sleep(time.Second)
		ready := start(t, c.kubectl("", "get", "node", "node", "--output", `jsonpath={.status.conditions[?(@.type=="Ready")].status}`))
		if ready.stdout == "True" {
			return
		}
		answer = ready.stdout + ready.stderr
	}
	t.Fatalf("the node is not ready: %s\nkubelet:\n%s\ncontainerd:\n%s", answer, kubeletLog.String(), containerdLog.String())
}

// killShims ends the processes that containerd leaves behind when it is killed while a container is on its way out. They
// name its socket.
func killShims(t *testing.T, socket string) {
	t.Helper()
	found, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		line, err := os.ReadFile(file)
		if err != nil || !strings.HasSuffix(strings.TrimRight(string(line), "\x00"), "-address\x00"+socket) {
			continue // another's, or gone
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Errorf("ending process %d: %v", pid, err)
		}
	}
}

// removeMounted removes a folder with everything that is mounted in it.
func removeMounted(t *testing.T, dir string) {
	t.Helper()
	mounts, err := os.Open("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	defer mounts.Close()
	var below []string
	for lines := bufio.NewScanner(mounts); lines.Scan(); {
		if f := strings.Fields(lines.Text()); len(f) > 1 && strings.HasPrefix(f[1], dir+"/") {
			below = append(below, f[1])
		}
	}
	for _, mount := range slices.Backward(below) {
		if err := syscall.Unmount(mount, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmounting %s: %v", mount, err)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Error(err)
	}
}
