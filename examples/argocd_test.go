package examples

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/pullable/pullable/pkg/corpus"
)

// A pluginServer is an argocd-cmp-server that a repo server would talk to, over its socket.
type pluginServer struct{ socket, repository string }

// socketFolder is a folder with a short name: the path of a socket has at most 107 bytes.
func socketFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cmp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	// The sidecar's user is not the one that runs the tests.
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// needSidecar starts the container image as the sidecar that examples/argocd describes: as user 999, with nothing that it
// can write to but /tmp and the folder of the socket.
func needSidecar(t *testing.T) *pluginServer {
	t.Helper()
	needImage(t)
	need(t, "argocd-cmp-server")
	sockets, name := socketFolder(t), fmt.Sprintf("pullable-sidecar-%d", os.Getpid())
	server, err := exec.LookPath("argocd-cmp-server")
	if err != nil {
		t.Fatal(err)
	}
	cmd := podman("run", "--rm", "--name", name, "--network", "none", "--read-only", "--security-opt", "no-new-privileges", "--cap-drop", "ALL",
		"--user", "999", "--umask", "0000", "--volume", sockets+":/home/argocd/cmp-server/plugins", "--volume", server+":/var/run/argocd/argocd-cmp-server:ro",
		"--entrypoint", "/var/run/argocd/argocd-cmp-server", image, "--loglevel", "warn")
	t.Cleanup(func() { mustSucceed(t, podman("rm", "--force", "--time", "0", name)) })
	return startServer(t, cmd, filepath.Join(sockets, "pullable.sock"))
}

// startServer starts a server and waits for its socket. The server does not end when it is asked to.
func startServer(t *testing.T, cmd *exec.Cmd, socket string) *pluginServer {
	t.Helper()
	var log lockedBuffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	s := &pluginServer{socket: socket, repository: workingCopy(t, "argocd")}
	for range 600 {
		if _, err := os.Stat(socket); err == nil {
			return s
		}
		select {
		case err := <-ended:
			t.Fatalf("argocd-cmp-server has ended: %v\n%s", err, log.String())
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Fatalf("argocd-cmp-server does not listen on %s:\n%s", socket, log.String())
	return nil
}

// ask asks about an application, a folder of the repository. The variables are those that a repo server sets.
func (s *pluginServer) ask(t *testing.T, question, application string, env ...string) run {
	t.Helper()
	args := append([]string{"ask", s.socket, question, s.repository, filepath.Join(s.repository, application)}, env...)
	return start(t, command(nil, "argocd-cmp-server", args...))
}

// answer decodes the answer to a question that must have one.
func answer[T any](t *testing.T, r run) T {
	t.Helper()
	var got T
	if r.code != 0 {
		t.Fatalf("exit code %d\n%s", r.code, r.stderr)
	}
	if err := json.Unmarshal([]byte(r.stdout), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// generate gives the manifests of an application.
func (s *pluginServer) generate(t *testing.T, application string, env ...string) []object {
	t.Helper()
	var all []object
	for _, text := range answer[struct{ Manifests []string }](t, s.ask(t, "generate", application, env...)).Manifests {
		found, err := objects([]byte(text), false)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

// applicationVariables are those that Argo CD makes of the example's Application.
func applicationVariables(t *testing.T) []string {
	t.Helper()
	src, err := os.ReadFile("argocd/application.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all, err := objects(src, false)
	if err != nil {
		t.Fatal(err)
	}
	parameters, err := json.Marshal(all[0].at("spec", "source", "plugin", "parameters"))
	if err != nil {
		t.Fatal(err)
	}
	return []string{"ARGOCD_APP_PARAMETERS=" + string(parameters), "ARGOCD_APP_NAMESPACE=" + all[0].text("spec", "destination", "namespace")}
}

func only(t *testing.T, all []object, kind string) object {
	t.Helper()
	i := slices.IndexFunc(all, func(o object) bool { return o.kind() == kind })
	if i < 0 {
		t.Fatalf("no %s among %v", kind, all)
	}
	return all[i]
}

// pulledBy tells of each container its image and policy, and of the pod its pull secrets.
func pulledBy(o object) []string {
	spec := object(o.podTemplate())
	var all []string
	containers, _ := spec.at("spec", "containers").([]any)
	for _, c := range containers {
		c := object(c.(map[string]any))
		all = append(all, c.text("image")+" "+c.text("imagePullPolicy"))
	}
	secrets, _ := spec.at("spec", "imagePullSecrets").([]any)
	for _, s := range secrets {
		all = append(all, object(s.(map[string]any)).text("name"))
	}
	return all
}

func TestTheImageIsASidecarOfArgoCD(t *testing.T) {
	s := needSidecar(t)

	t.Run("it has rules for discovery", func(t *testing.T) {
		got := answer[struct{ IsDiscoveryConfigured bool }](t, start(t, command(nil, "argocd-cmp-server", "ask", s.socket, "check")))
		if !got.IsDiscoveryConfigured {
			t.Error("Argo CD would use it for no Application that does not name it")
		}
	})

	t.Run("it takes folders that hold a pullable.yaml and no others", func(t *testing.T) {
		if err := os.CopyFS(filepath.Join(s.repository, "apps/other"), os.DirFS("kustomize-exec")); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(s.repository, "apps/web/below"), 0o755); err != nil {
			t.Fatal(err)
		}
		for application, want := range map[string]bool{"apps/web": true, "apps/plain": true, "apps/other": false, "apps": false, "apps/web/below": false} {
			got := answer[struct{ IsSupported bool }](t, s.ask(t, "match", application))
			if got.IsSupported != want {
				t.Errorf("%s: supported: %v", application, got.IsSupported)
			}
		}
	})

	t.Run("it announces its parameters with the folder's own values", func(t *testing.T) {
		got := answer[struct {
			ParameterAnnouncements []struct{ Name, Title, Tooltip, String, CollectionType string }
		}](t, s.ask(t, "parameters", "apps/web"))
		var names []string
		for _, p := range got.ParameterAnnouncements {
			names = append(names, p.Name)
			if p.Title == "" || p.Tooltip == "" || p.Name == "mode" && p.String != "Fill" {
				t.Errorf("%+v", p)
			}
		}
		for _, want := range []string{"pull-secrets", "images", "mode", "attach-to"} {
			if !slices.Contains(names, want) {
				t.Errorf("%s is not among %q", want, names)
			}
		}
	})

	t.Run("it renders a kustomization", func(t *testing.T) {
		all := s.generate(t, "apps/web", "ARGOCD_APP_NAMESPACE=shop")
		if len(all) != 2 {
			t.Errorf("objects: %v", all)
		}
		secret := only(t, all, "Secret").name()
		if !strings.HasPrefix(secret, "shop-regcred-") {
			t.Errorf("the Secret is named %q", secret)
		}
		want := []string{"registry.example.com/shop/web Always", "envoyproxy/envoy:v1.31.0 IfNotPresent", secret}
		if diff := cmp.Diff(want, pulledBy(only(t, all, "Deployment"))); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})

	t.Run("it takes a folder of manifests as it is, without the config", func(t *testing.T) {
		all := s.generate(t, "apps/plain", "ARGOCD_APP_NAMESPACE=shop")
		if len(all) != 1 {
			t.Errorf("objects: %v", all)
		}
		want := []string{"registry.example.com/shop/worker:2.1 IfNotPresent", "regcred"}
		if diff := cmp.Diff(want, pulledBy(only(t, all, "Deployment"))); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})

	t.Run("objects without a namespace are in the one that is deployed to", func(t *testing.T) {
		all := s.generate(t, "apps/plain", "ARGOCD_APP_NAMESPACE=elsewhere")
		want := []string{"registry.example.com/shop/worker:2.1 IfNotPresent"}
		if diff := cmp.Diff(want, pulledBy(only(t, all, "Deployment"))); diff != "" {
			t.Errorf("the config is for namespaces shop* (-want +got)\n%s", diff)
		}
	})

	t.Run("the Application's parameters change what comes out", func(t *testing.T) {
		all := s.generate(t, "apps/web", applicationVariables(t)...)
		want := []string{"registry.example.com/shop/web:2.4.1 IfNotPresent", "envoyproxy/envoy:v1.31.0 IfNotPresent", only(t, all, "Secret").name(), "mirror"}
		if diff := cmp.Diff(want, pulledBy(only(t, all, "Deployment"))); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})

	t.Run("a failure brings its whole reason to Argo CD, and no manifests", func(t *testing.T) {
		if err := os.MkdirAll(filepath.Join(s.repository, "apps/empty"), 0o755); err != nil {
			t.Fatal(err)
		}
		replaceIn(t, filepath.Join(s.repository, "apps/plain/deployment.yaml"), "- name: worker\n", "- name: worker\n        imagePullPolicy: always\n")
		for application, c := range map[string]struct {
			env  string
			want []string
		}{
			"apps/plain": {"ARGOCD_APP_NAMESPACE=shop", []string{"Deployment worker", "imagePullPolicy", "always", "exit status 1"}},
			"apps/web":   {`ARGOCD_APP_PARAMETERS=[{"name":"mode","string":"sometimes"}]`, []string{"mode", "sometimes", "Fill, Enforce or None", "exit status 2"}},
			"apps/empty": {"ARGOCD_APP_NAMESPACE=shop", []string{"neither a kustomization nor manifests", "exit status 2"}},
		} {
			got := s.ask(t, "generate", application, c.env)
			if got.code == 0 || got.stdout != "" {
				t.Errorf("%s: exit code %d, manifests:\n%s", application, got.code, got.stdout)
			}
			for _, want := range c.want {
				if !strings.Contains(got.stderr, want) {
					t.Errorf("%s: the client does not learn of %q:\n%s", application, want, got.stderr)
				}
			}
		}
	})
}

// TestTheAPIServerTakesTheSidecarAndTheApplication holds the example's manifests against what Argo CD installs.
func TestTheAPIServerTakesTheSidecarAndTheApplication(t *testing.T) {
	c := needCluster(t)
	_, definitions := realFiles(t)
	c.needDefinitions(t, definitions)
	c.needNamespaces(t, "argocd")
	c.needAccount(t, "argocd", "argocd-repo-server")

	install := slices.IndexFunc(corpus.Files(t), func(f corpus.File) bool {
		return strings.HasPrefix(f.Module, "github.com/argoproj/argo-cd/") && f.Path == "manifests/install.yaml"
	})
	if install < 0 {
		t.Fatal("Argo CD's module has no manifests/install.yaml")
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "install.yaml"), string(corpus.Files(t)[install].Bytes))
	writeFile(t, filepath.Join(dir, "kustomization.yaml"), "namespace: argocd\nresources: [install.yaml]\ncomponents: [sidecar]\n")
	if err := os.CopyFS(filepath.Join(dir, "sidecar"), os.DirFS("argocd/sidecar")); err != nil {
		t.Fatal(err)
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	all, err := objects(text, false)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(o object) bool { return o.kind() == "Deployment" && o.name() == "argocd-repo-server" })
	if i < 0 {
		t.Fatal("no repo server")
	}
	server, err := c.apply(all[i], "")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(pulledBy(server), func(image string) bool { return strings.HasPrefix(image, "localhost/pullable:dev ") }) {
		t.Errorf("the repo server has no sidecar: %q", pulledBy(server))
	}
	if _, err := c.admitted("argocd", server.podTemplate()); err != nil {
		t.Error(err)
	}

	// The same patch on a repo server that runs.
	c.needNamespaces(t, "patched")
	if all, err = objects(corpus.Files(t)[install].Bytes, false); err != nil {
		t.Fatal(err)
	}
	running := all[slices.IndexFunc(all, func(o object) bool { return o.kind() == "Deployment" && o.name() == "argocd-repo-server" })]
	running["metadata"].(map[string]any)["namespace"] = "patched"
	if _, err := c.apply(running, ""); err != nil {
		t.Fatal(err)
	}
	mustSucceed(t, c.kubectl("", "-n", "patched", "patch", "deployment", "argocd-repo-server", "--patch-file", "examples/argocd/sidecar/repo-server.yaml"))
	var patched object
	if err := json.Unmarshal([]byte(mustSucceed(t, c.kubectl("", "-n", "patched", "get", "deployment", "argocd-repo-server", "-o", "json")).stdout), &patched); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pulledBy(server), pulledBy(patched)); diff != "" {
		t.Errorf("(-with the component +with the patch)\n%s", diff)
	}

	application, err := os.ReadFile("argocd/application.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if all, err = objects(application, false); err != nil {
		t.Fatal(err)
	}
	if _, err := c.apply(all[0], ""); err != nil {
		t.Error(err)
	}
}

const recipeChart = `apiVersion: v2
name: web
version: 0.1.0
`

const recipeTemplate = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: registry.example.com/shop/web:{{ required "say which tag" .Values.tag }}
`

func TestTheRecipeForHelmFailsWhereHelmFails(t *testing.T) {
	need(t, "argocd-cmp-server", "helm3", "bash")
	dir := socketFolder(t)
	// The recipe knows helm and pullable by these names.
	for name, program := range map[string]string{"helm": filepath.Join(repo, ".cache/bin/helm3"), "pullable": filepath.Join(repo, "bin/pullable")} {
		if err := os.Symlink(program, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := command([]string{"ARGOCD_PLUGINSOCKFILEPATH=" + dir, "ARGOCD_CMP_WORKDIR=" + filepath.Join(dir, "work"),
		"HELM_CACHE_HOME=" + dir, "HELM_CONFIG_HOME=" + dir, "HELM_DATA_HOME=" + dir,
		"PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH")},
		"argocd-cmp-server", "--config-dir-path", filepath.Join(repo, "examples/argocd/helm"), "--loglevel", "warn")
	s := startServer(t, cmd, filepath.Join(dir, "helm-pullable.sock"))
	app := filepath.Join(s.repository, "chart")
	if err := os.MkdirAll(filepath.Join(app, "templates"), 0o755); err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile("argocd/apps/web/pullable.yaml")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(app, "Chart.yaml"), recipeChart)
	writeFile(t, filepath.Join(app, "values.yaml"), "tag: v1\n")
	writeFile(t, filepath.Join(app, "templates/web.yaml"), recipeTemplate)
	if got := answer[struct{ IsSupported bool }](t, s.ask(t, "match", "chart")); got.IsSupported {
		t.Error("a chart without a config is taken from Argo CD")
	}
	writeFile(t, filepath.Join(app, "pullable.yaml"), string(config))
	if got := answer[struct{ IsSupported bool }](t, s.ask(t, "match", "chart")); !got.IsSupported {
		t.Error("a chart with a config is not taken")
	}

	env := []string{"ARGOCD_APP_NAME=web", "ARGOCD_APP_NAMESPACE=shop"}
	want := []string{"registry.example.com/shop/web:v1 IfNotPresent", "regcred"}
	if diff := cmp.Diff(want, pulledBy(only(t, s.generate(t, "chart", env...), "Deployment"))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}

	writeFile(t, filepath.Join(app, "values.yaml"), "")
	got := s.ask(t, "generate", "chart", env...)
	if got.code == 0 || got.stdout != "" {
		t.Errorf("helm fails upstream, and the answer is %q", got.stdout)
	}
	if !strings.Contains(got.stderr, "say which tag") {
		t.Errorf("the client does not learn why helm failed:\n%s", got.stderr)
	}
}
