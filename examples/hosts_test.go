// Package examples holds one folder per way to run pullable, and the tests that run each of them as its README says.
package examples

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write the expected output of the examples again")

// repo is the repository's root: the folder that the commands of the READMEs are run from.
var repo string

// podmanEnv makes podman, and every program that starts it, keep its images in a folder of this run.
var podmanEnv []string

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

func runAll(m *testing.M) (int, error) {
	var err error
	if repo, err = filepath.Abs(".."); err != nil {
		return 0, err
	}
	// The programs that the tests build come first.
	if err := os.Setenv("PATH", filepath.Join(repo, ".cache/bin")+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
		return 0, err
	}
	if out, err := command(nil, "make", "build").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("make build: %w\n%s", err, out)
	}
	if missing("podman") == nil {
		cleanUp, err := podmanStorage()
		if err != nil {
			return 0, err
		}
		defer cleanUp()
	}
	defer func() {
		for _, stop := range slices.Backward(stopped) {
			stop()
		}
	}()
	return m.Run(), nil
}

// podmanStorage gives podman a storage that goes away with the run, because the stand-in for the builder's base image
// must not stay behind under a name that means something else.
func podmanStorage() (cleanUp func(), err error) {
	dir, err := os.MkdirTemp("", "pullable-images")
	if err != nil {
		return nil, err
	}
	conf := fmt.Sprintf(`[storage]
driver = "overlay"
graphroot = %q
runroot = %q

[storage.options.overlay]
skip_mount_home = "true"
`, filepath.Join(dir, "graph"), filepath.Join(dir, "run"))
	confFile := filepath.Join(dir, "storage.conf")
	if err := os.WriteFile(confFile, []byte(conf), 0o644); err != nil {
		return nil, err
	}
	podmanEnv = []string{"CONTAINERS_STORAGE_CONF=" + confFile, "KPT_FN_RUNTIME=podman"}
	if os.Getenv("CONTAINERS_CONF") == "" && missing("runc") == nil {
		podmanEnv = append(podmanEnv, "CONTAINERS_CONF="+filepath.Join(repo, "examples/testdata/containers.conf"))
	}
	return func() {
		// Files of a rootless run belong to other users until podman removes them.
		if out, err := command(podmanEnv, "podman", "rmi", "--all", "--force").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "podman rmi: %v\n%s", err, out)
		}
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}, nil
}

// hosts tells where each program comes from that the tests do not build themselves.
var hosts = map[string]string{
	"kpt":     "the Debian package google-cloud-cli-kpt",
	"podman":  "the Debian package podman",
	"bash":    "the Debian package bash",
	"buildah": "the Debian package buildah",
	"git":     "the Debian package git",

	"docker-registry": "the Debian package docker-registry",
	"pre-commit":      "the Debian package pre-commit",
	"htpasswd":        "the Debian package apache2-utils",

	"helm3": "make hosts",
	"helm4": "make hosts",

	"argocd-cmp-server": "make hosts",
	"kube-apiserver":    "make hosts",
	"etcd":              "the Debian package etcd-server",
	"kubectl":           "the Debian package kubectl",

	"kubelet":    "make e2e-kubelet",
	"containerd": "the Debian package containerd",
	"ctr":        "the Debian package containerd",
	"runc":       "the Debian package runc",
}

func missing(program string) error {
	_, err := exec.LookPath(program)
	return err
}

// need skips the test where a program is not installed.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if err := missing(p); err != nil {
			unavailable(t, fmt.Sprintf("%v (it comes from %s)", err, hosts[p]))
		}
	}
}

// unavailable skips the test; with PULLABLE_HOSTS=required, as in continuous integration, it fails the test.
func unavailable(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("PULLABLE_HOSTS") == "required" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// command runs in the repository's root. A value in env wins over the environment's.
func command(env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = repo
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

// containerEnv lets kpt and kustomize start containers with podman.
func containerEnv() []string {
	path := "PATH=" + filepath.Join(repo, "examples/testdata/shim") + string(os.PathListSeparator) + os.Getenv("PATH")
	return append([]string{path}, podmanEnv...)
}

// run is a program that has ended.
type run struct {
	stdout, stderr string
	code           int
}

func start(t *testing.T, cmd *exec.Cmd) run {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return run{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

func mustSucceed(t *testing.T, cmd *exec.Cmd) run {
	t.Helper()
	r := start(t, cmd)
	if r.code != 0 {
		t.Fatalf("%s: exit code %d\n%s%s", strings.Join(cmd.Args, " "), r.code, r.stdout, r.stderr)
	}
	return r
}

var kustomizeOnce = sync.OnceValue(func() error {
	cmd := command(nil, "go", "build", "-o", filepath.Join(repo, ".cache/bin/kustomize"), "sigs.k8s.io/kustomize/kustomize/v5")
	cmd.Dir = filepath.Join(repo, "examples")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build kustomize: %w\n%s", err, out)
	}
	return nil
})

// needKustomize builds the kustomize that this module's go.mod pins.
func needKustomize(t *testing.T) {
	t.Helper()
	if err := kustomizeOnce(); err != nil {
		t.Fatal(err)
	}
}
