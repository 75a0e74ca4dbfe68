package examples

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// resultList is what kpt writes to results.yaml.
type resultList struct {
	ExitCode int `yaml:"exitCode"`
	Items    []struct {
		ExitCode int `yaml:"exitCode"`
		Results  []struct {
			Message     string
			Severity    string
			ResourceRef struct{ Kind, Name string } `yaml:"resourceRef"`
			Field       struct {
				Path          string
				CurrentValue  string `yaml:"currentValue"`
				ProposedValue string `yaml:"proposedValue"`
			}
			File struct{ Path string }
		}
	}
}

func readResults(t *testing.T, folder string) resultList {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, "results.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var list resultList
	if err := yaml.Unmarshal(content, &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 1 {
		t.Fatalf("results of %d functions:\n%s", len(list.Items), content)
	}
	return list
}

func render(pkg, results string) []string {
	return []string{"fn", "render", pkg, "--allow-exec", "--results-dir", results}
}

func TestKptEditsThePackageInPlaceAndListsEachChange(t *testing.T) {
	need(t, "kpt")
	pkg, results := workingCopy(t, "kpt-exec/package"), t.TempDir()
	before := files(t, pkg)
	mustSucceed(t, command(nil, "kpt", render(pkg, results)...))
	after := files(t, pkg)

	for name := range before {
		if name == "Kptfile" || name == "image-pull.yaml" {
			if diff := cmp.Diff(before[name], after[name]); diff != "" {
				t.Errorf("%s is no business of the function, and changed (-before +after):\n%s", name, diff)
			}
		}
		for line := range strings.Lines(before[name]) {
			if _, comment, ok := strings.Cut(line, "# "); ok && !strings.Contains(after[name], "# "+comment) {
				t.Errorf("%s has lost the comment %q", name, comment)
			}
		}
	}

	list := readResults(t, results)
	type change struct{ Kind, Name, Path, Proposed, File string }
	var got []change
	for _, r := range list.Items[0].Results {
		if r.Severity == "info" && r.Field.CurrentValue == "" && strings.HasSuffix(r.Field.Path, "imagePullPolicy") {
			got = append(got, change{r.ResourceRef.Kind, r.ResourceRef.Name, r.Field.Path, r.Field.ProposedValue, r.File.Path})
		}
	}
	pod, job := "spec.template.spec.", "spec.jobTemplate.spec.template.spec."
	want := []change{
		{"CronJob", "backup", job + "containers[0].imagePullPolicy", "Always", "cronjob.yaml"},
		{"Deployment", "api", pod + "containers[0].imagePullPolicy", "IfNotPresent", "deployment.yaml"},
		{"Deployment", "api", pod + "initContainers[0].imagePullPolicy", "Always", "deployment.yaml"},
	}
	byPath := func(c []change) map[string]change {
		m := map[string]change{}
		for _, x := range c {
			m[x.Path] = x
		}
		return m
	}
	if diff := cmp.Diff(byPath(want), byPath(got)); diff != "" || len(want) != len(got) {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if list.ExitCode != 0 {
		t.Errorf("exit code %d", list.ExitCode)
	}
}

func TestASecondRenderChangesNothing(t *testing.T) {
	need(t, "kpt")
	pkg := workingCopy(t, "kpt-exec/package")
	mustSucceed(t, command(nil, "kpt", render(pkg, t.TempDir())...))
	once := files(t, pkg)
	mustSucceed(t, command(nil, "kpt", render(pkg, t.TempDir())...))
	if diff := cmp.Diff(once, files(t, pkg)); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}
}

func TestAnErrorFindingLeavesEveryFileOfThePackageAsItWas(t *testing.T) {
	t.Run("exec", func(t *testing.T) {
		need(t, "kpt")
		failingRender(t, "kpt-exec/package", nil)
	})
	t.Run("container", func(t *testing.T) {
		need(t, "kpt")
		needImage(t)
		failingRender(t, "kpt-container/package", containerEnv())
	})
}

func failingRender(t *testing.T, folder string, env []string) {
	pkg, results := workingCopy(t, folder), t.TempDir()
	badPolicy(t, pkg)
	before := files(t, pkg)
	got := start(t, command(env, "kpt", render(pkg, results)...))
	if got.code == 0 {
		t.Error("kpt ended with exit code 0")
	}
	if !strings.Contains(got.stdout+got.stderr, "always") {
		t.Errorf("kpt does not show the reason:\n%s%s", got.stdout, got.stderr)
	}
	if diff := cmp.Diff(before, files(t, pkg)); diff != "" {
		t.Errorf("files changed (-before +after):\n%s", diff)
	}
	list := readResults(t, results)
	if list.Items[0].ExitCode != 1 {
		t.Errorf("the function ended with exit code %d, want 1", list.Items[0].ExitCode)
	}
	for _, r := range list.Items[0].Results {
		if r.Severity == "error" && r.ResourceRef.Name == "api" && r.Field.CurrentValue == "always" && r.Field.ProposedValue == "Always" {
			return
		}
	}
	t.Errorf("no result tells of the error: %+v", list.Items[0].Results)
}

func TestKptEvalTakesPullSecretsFromTheCommandLine(t *testing.T) {
	t.Run("exec", func(t *testing.T) {
		need(t, "kpt")
		evalWithSecret(t, nil, "--exec", "bin/pullable")
	})
	t.Run("container", func(t *testing.T) {
		need(t, "kpt")
		needImage(t)
		evalWithSecret(t, containerEnv(), "--image", image)
	})
}

func evalWithSecret(t *testing.T, env []string, function ...string) {
	pkg := workingCopy(t, "kpt-exec/package")
	args := append([]string{"fn", "eval", pkg}, function...)
	args = append(args, "--", "pullSecrets=eval-cred, other-cred")
	mustSucceed(t, command(env, "kpt", args...))
	content := files(t, pkg)
	for _, name := range []string{"deployment.yaml", "cronjob.yaml"} {
		for _, secret := range []string{"- name: eval-cred\n", "- name: other-cred\n"} {
			if strings.Count(content[name], secret) != 1 {
				t.Errorf("%s does not name %q once:\n%s", name, secret, content[name])
			}
		}
	}
}

func TestAKptValidatorFailsWhereChangesAreDueAndMakesNone(t *testing.T) {
	need(t, "kpt")
	for name, edit := range map[string]func(pkg string){
		"with an ImagePullConfig": func(string) {},
		"with a ConfigMap": func(pkg string) {
			replaceIn(t, filepath.Join(pkg, "Kptfile"), "configPath: image-pull.yaml", `configMap: {check: "true", pullSecrets: regcred}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			pkg, results := workingCopy(t, "kpt-validator/package"), t.TempDir()
			edit(pkg)
			mustSucceed(t, command(nil, "kpt", render(pkg, t.TempDir())...))
			replaceIn(t, filepath.Join(pkg, "deployment.yaml"), "        imagePullPolicy: IfNotPresent # reviewed by hand\n", "")
			before := files(t, pkg)
			got := start(t, command(nil, "kpt", render(pkg, results)...))
			if got.code == 0 {
				t.Errorf("kpt ended with exit code 0\n%s%s", got.stdout, got.stderr)
			}
			if diff := cmp.Diff(before, files(t, pkg)); diff != "" {
				t.Errorf("files changed (-before +after):\n%s", diff)
			}
			list := readResults(t, results)
			if list.Items[0].ExitCode != 1 || len(list.Items[0].Results) != 1 {
				t.Fatalf("results: %+v", list.Items)
			}
			r := list.Items[0].Results[0]
			if r.Severity != "error" || r.ResourceRef.Name != "api" || r.File.Path != "deployment.yaml" ||
				r.Field.Path != "spec.template.spec.containers[0].imagePullPolicy" || r.Field.ProposedValue != "IfNotPresent" {
				t.Errorf("the result is %+v", r)
			}
		})
	}
}

// inPipeline puts lines below the function in the example's Kptfile.
func inPipeline(t *testing.T, pkg string, lines ...string) {
	t.Helper()
	const last = "    configPath: image-pull.yaml\n"
	text := ""
	for _, l := range lines {
		text += "    " + l + "\n"
	}
	replaceIn(t, filepath.Join(pkg, "Kptfile"), last, strings.ReplaceAll(text, "CONFIG\n", strings.TrimSpace(last)+"\n"))
}

// policies counts the pull policies of a file. The bytes tell less: kpt itself squeezes blanks ahead of comments.
func policies(content string) int { return strings.Count(content, "imagePullPolicy:") }

func TestAKptfileSaysWithWhichConfigAndForWhichObjects(t *testing.T) {
	need(t, "kpt")
	for name, test := range map[string]struct {
		lines               []string
		deployment, cronjob int // how often each names the Secret
	}{
		"an ImagePullConfig":               {[]string{"CONFIG"}, 1, 1},
		"a ConfigMap":                      {[]string{"configMap:", "  pullSecrets: regcred"}, 1, 1},
		"selectors":                        {[]string{"CONFIG", "selectors:", "- kind: Deployment"}, 1, 0},
		"a ConfigMap and what is left out": {[]string{"configMap:", "  pullSecrets: regcred", "exclude:", "- kind: Deployment"}, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			pkg := workingCopy(t, "kpt-exec/package")
			inPipeline(t, pkg, test.lines...)
			before := files(t, pkg)
			mustSucceed(t, command(nil, "kpt", render(pkg, t.TempDir())...))
			after := files(t, pkg)
			for file, want := range map[string]int{"deployment.yaml": test.deployment, "cronjob.yaml": test.cronjob} {
				if got := strings.Count(after[file], "- name: regcred\n"); got != want {
					t.Errorf("%s names the Secret %d times, want %d:\n%s", file, got, want, after[file])
				}
				if want == 0 && policies(before[file]) != policies(after[file]) {
					t.Errorf("%s is not selected, and changed:\n%s", file, cmp.Diff(before[file], after[file]))
				}
			}
		})
	}
}

func TestKptEvalTakesAConfigOfItsOwn(t *testing.T) {
	need(t, "kpt")
	pkg := workingCopy(t, "kpt-exec/package")
	config := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(config, []byte("apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\nmetadata:\n  name: eval\npullPolicy:\n  mode: None\npullSecrets:\n  add:\n  - name: eval-cred\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	before := files(t, pkg)
	mustSucceed(t, command(nil, "kpt", "fn", "eval", pkg, "--exec", "bin/pullable", "--fn-config", config))
	after := files(t, pkg)
	for _, name := range []string{"deployment.yaml", "cronjob.yaml"} {
		content := after[name]
		if strings.Count(content, "- name: eval-cred\n") != 1 || policies(content) != policies(before[name]) {
			t.Errorf("%s is not what the config asks for:\n%s", name, content)
		}
	}
}

func TestSourceEvalAndSinkMakeAPackageOfTheResult(t *testing.T) {
	need(t, "kpt", "bash")
	sink := filepath.Join(t.TempDir(), "sink")
	mustSucceed(t, command([]string{"SINK=" + sink}, "bash", "-euo", "pipefail", "-c",
		`kpt fn source examples/kpt-exec/package | kpt fn eval - --exec bin/pullable -- pullSecrets=regcred | kpt fn sink "$SINK"`))
	inPlace := workingCopy(t, "kpt-exec/package")
	mustSucceed(t, command(nil, "kpt", "fn", "eval", inPlace, "--exec", "bin/pullable", "--", "pullSecrets=regcred"))
	got, want := files(t, sink), files(t, inPlace)
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s is not what an edit in place makes (-in place +sink):\n%s", name, cmp.Diff(want[name], got[name]))
		}
	}
	if !strings.Contains(got["deployment.yaml"], "- name: regcred\n") {
		t.Errorf("the function did nothing:\n%s", got["deployment.yaml"])
	}
}
