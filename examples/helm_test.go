package examples

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const chart = "examples/helm3/chart"

// helmEnv makes `helm` the Helm of one generation, with folders of its own for what it keeps.
func helmEnv(t *testing.T, program string) []string {
	t.Helper()
	need(t, program)
	home := t.TempDir()
	if err := os.Symlink(filepath.Join(repo, ".cache/bin", program), filepath.Join(home, "helm")); err != nil {
		t.Fatal(err)
	}
	return []string{
		"PATH=" + home + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HELM_CONFIG_HOME=" + filepath.Join(home, "config"),
		"HELM_CACHE_HOME=" + filepath.Join(home, "cache"),
		"HELM_DATA_HOME=" + filepath.Join(home, "data"),
		"PULLABLE_FINDINGS_FILE=",
	}
}

// helm runs the Helm of an environment.
func helm(env []string, args ...string) *exec.Cmd {
	path, _, _ := strings.Cut(strings.TrimPrefix(env[0], "PATH="), string(os.PathListSeparator))
	return command(env, filepath.Join(path, "helm"), args...)
}

// helm4Env has the plugin installed, as examples/helm4/README.md says.
func helm4Env(t *testing.T) []string {
	t.Helper()
	env := helmEnv(t, "helm4")
	mustSucceed(t, command(env, "make", "helm-plugin"))
	mustSucceed(t, helm(env, "plugin", "install", "bin/helm-plugin"))
	return env
}

// rendererArgs are arguments for the post-renderer, each behind a flag of its own.
func rendererArgs(args ...string) []string {
	var all []string
	for _, a := range args {
		all = append(all, "--post-renderer-args", a)
	}
	return all
}

func helmTemplate(renderer string) []string {
	return append([]string{"template", "web", chart, "--include-crds", "--post-renderer", renderer},
		rendererArgs("--config", "examples/helm3/image-pull.yaml")...)
}

// pulls are the first container's policy and the pull secrets of each object of a stream that is a pod or has a template.
func pulls(t *testing.T, stream string) map[string]string {
	t.Helper()
	objects, err := kio.FromBytes([]byte(stream))
	if err != nil {
		t.Fatalf("%v\n%s", err, stream)
	}
	all := map[string]string{}
	for _, o := range objects {
		for _, path := range [][]string{{"spec"}, {"spec", "template", "spec"}} {
			containers, err := o.Pipe(yaml.Lookup(append(path, "containers")...))
			if err != nil || containers == nil {
				continue
			}
			policies, err := containers.ElementValues("imagePullPolicy")
			if err != nil {
				t.Fatal(err)
			}
			secrets, err := o.Pipe(yaml.Lookup(append(path, "imagePullSecrets")...))
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			if secrets != nil {
				if names, err = secrets.ElementValues("name"); err != nil {
					t.Fatal(err)
				}
			}
			all[o.GetKind()+" "+o.GetName()] = strings.Join(append(policies, names...), " ")
		}
	}
	return all
}

func samePulls(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s has %q, want %q", name, got[name], w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d objects with images, want %d: %v", len(got), len(want), got)
	}
}

func TestHelm3GivesThePostRendererAllButTheHooks(t *testing.T) {
	env := helmEnv(t, "helm3")
	got := mustSucceed(t, helm(env, helmTemplate("bin/pullable")...))
	samePulls(t, pulls(t, got.stdout), map[string]string{
		"Deployment web":        "IfNotPresent own regcred",
		"StatefulSet web-cache": "IfNotPresent",
		"Job web-migrate":       "",
		"Pod web-ping":          "",
	})
	plain := mustSucceed(t, helm(env, "template", "web", chart, "--include-crds"))
	added := 0
	for line := range strings.Lines(got.stdout) {
		if !strings.Contains(plain.stdout, line) {
			added++
		}
	}
	if len(strings.Split(got.stdout, "\n"))-len(strings.Split(plain.stdout, "\n")) != added || added == 0 {
		t.Errorf("lines of the chart changed:\n%s", got.stdout)
	}
}

func TestHelm4GivesThePluginTheHooksToo(t *testing.T) {
	env := helm4Env(t)
	want := map[string]string{
		"Deployment web":        "IfNotPresent own regcred",
		"StatefulSet web-cache": "IfNotPresent",
		"Job web-migrate":       "IfNotPresent regcred",
		"Pod web-ping":          "Always",
	}
	got := mustSucceed(t, helm(env, helmTemplate("pullable")...))
	samePulls(t, pulls(t, got.stdout), want)
	// Helm finds the file of each object by an annotation that the plugin has to keep.
	for _, file := range []string{"templates/web.yaml", "templates/migrate.yaml", "templates/tests/ping.yaml", "charts/cache/templates/cache.yaml"} {
		if !strings.Contains(got.stdout, "# Source: shop/"+file+"\n") {
			t.Errorf("nothing comes from %s:\n%s", file, got.stdout)
		}
	}
	if strings.Contains(got.stdout, "postrender") {
		t.Errorf("the way of the objects through the plugin shows:\n%s", got.stdout)
	}
}

func TestHelmPipedThroughPullableHasTheHooksWithEitherHelm(t *testing.T) {
	for _, program := range []string{"helm3", "helm4"} {
		t.Run(program, func(t *testing.T) {
			need(t, "bash")
			got := mustSucceed(t, command(helmEnv(t, program), "bash", "-euo", "pipefail", "-c",
				"helm template web "+chart+" --include-crds | bin/pullable --config examples/helm3/image-pull.yaml"))
			samePulls(t, pulls(t, got.stdout), map[string]string{
				"Deployment web":        "IfNotPresent own regcred",
				"StatefulSet web-cache": "IfNotPresent",
				"Job web-migrate":       "IfNotPresent regcred",
				"Pod web-ping":          "Always",
			})
		})
	}
}

// badChart is a copy of the chart with a policy that no API server takes.
func badChart(t *testing.T) string {
	t.Helper()
	dir := workingCopy(t, "helm3/chart")
	replaceIn(t, filepath.Join(dir, "templates/web.yaml"), "- name: web\n", "- name: web\n        imagePullPolicy: always\n")
	return dir
}

func TestAnErrorFindingEndsHelmWithoutOutput(t *testing.T) {
	t.Run("Helm 3 shows the reason", func(t *testing.T) {
		env := helmEnv(t, "helm3")
		got := start(t, helm(env, "template", "web", badChart(t), "--post-renderer", "bin/pullable"))
		fails(t, got)
		says(t, got.stderr)
	})
	t.Run("Helm 4 does not, and the file of findings has it", func(t *testing.T) {
		env := helm4Env(t)
		file := filepath.Join(t.TempDir(), "findings")
		for name, args := range map[string][]string{
			"flag":     rendererArgs("--findings-file", file),
			"variable": nil,
		} {
			if name == "variable" {
				env = append(env, "PULLABLE_FINDINGS_FILE="+file)
			}
			got := start(t, helm(env, append([]string{"template", "web", badChart(t), "--post-renderer", "pullable"}, args...)...))
			fails(t, got)
			if strings.Contains(got.stderr, "always") {
				t.Errorf("Helm 4 shows the plugin's standard error; the READMEs say that it does not:\n%s", got.stderr)
			}
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			says(t, string(content))
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("Helm 4 shows the reason where the plugin is given a stream of the shell", func(t *testing.T) {
		need(t, "bash")
		env := append(helm4Env(t), "PULLABLE_FINDINGS_FILE=/dev/fd/3", "CHART="+badChart(t))
		got := start(t, command(env, "bash", "-c", `helm template web "$CHART" --post-renderer pullable 3>&2`))
		fails(t, got)
		says(t, got.stderr)
	})
}

func fails(t *testing.T, r run) {
	t.Helper()
	if r.code == 0 || r.stdout != "" {
		t.Errorf("exit code %d, standard output:\n%s", r.code, r.stdout)
	}
}

func says(t *testing.T, text string) {
	t.Helper()
	for _, want := range []string{"Deployment web", "spec.template.spec.containers[0].imagePullPolicy", `"always"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
}

// What Helm 4 sends, without Helm: every object names its file, and has to go on naming it.
func TestThePostRendererKeepsTheNamesOfHelmsFiles(t *testing.T) {
	const annotation = "postrenderer.helm.sh/postrender-filename: 'shop/templates/web.yaml'\n"
	input := "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n    " + annotation + "spec:\n  containers:\n  - image: nginx\n"
	cmd := command(nil, "bin/pullable")
	cmd.Stdin = bytes.NewReader([]byte(input))
	if got, want := mustSucceed(t, cmd).stdout, input+"    imagePullPolicy: Always\n"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestKustomizeInflatesAChartAndTheFunctionSeesItsHooks(t *testing.T) {
	for _, program := range []string{"helm3", "helm4"} {
		t.Run(program, func(t *testing.T) {
			needKustomize(t)
			env := helmEnv(t, program)
			dir := t.TempDir()
			if err := os.CopyFS(filepath.Join(dir, "charts/shop"), os.DirFS("helm3/chart")); err != nil {
				t.Fatal(err)
			}
			config, err := os.ReadFile("helm3/image-pull.yaml")
			if err != nil {
				t.Fatal(err)
			}
			function := "    config.kubernetes.io/function: |\n      exec:\n        path: " + filepath.Join(repo, "bin/pullable") + "\n"
			for name, content := range map[string]string{
				"kustomization.yaml": "helmCharts:\n- name: shop\n  releaseName: web\n  includeCRDs: true\ntransformers:\n- image-pull.yaml\n",
				"image-pull.yaml":    strings.Replace(string(config), "pullSecrets:\n", function+"pullSecrets:\n", 1),
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, build := range [][]string{
				{"kustomize", "build", "--enable-helm", "--helm-command", "helm", "--enable-alpha-plugins", "--enable-exec", dir},
				{"bin/pullable", "build", "--enable-helm", "--helm-command", "helm", dir},
			} {
				got := mustSucceed(t, command(env, build[0], build[1:]...))
				samePulls(t, pulls(t, got.stdout), map[string]string{
					"Deployment web":        "IfNotPresent own regcred",
					"StatefulSet web-cache": "IfNotPresent",
					"Job web-migrate":       "IfNotPresent regcred",
					"Pod web-ping":          "Always",
				})
			}
		})
	}
}
