//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// deployment is a manifest that lacks a policy.
func deployment(name, image string) string {
	return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ` + name + `
spec:
  template:
    spec:
      containers:
      - name: main # the only one
        image: ` + image + `
`
}

// repository is a fixture: manifests of all sorts among what is none.
var repository = map[string]string{
	"web.yaml":              deployment("web", "nginx"),
	"jobs/nightly job.yml":  strings.ReplaceAll(deployment("nightly", "busybox:1.36"), "\n", "\r\n"),
	"jobs/no-end.yaml":      strings.TrimSuffix(deployment("end", "redis:7"), "\n"),
	"data/pod.json":         `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"x:1"}]}}`,
	"data/broken.json":      `{"not": "kubernetes"`,
	"done.yaml":             deployment("done", "nginx:1") + "        imagePullPolicy: IfNotPresent\n",
	"values.yaml":           "image: {{ .Values.image }}\n{{ if }}\n",
	"chart/Chart.yaml":      "apiVersion: v2\nname: chart\nversion: {{\n",
	"chart/templates/d.yml": "{{ if .x }}\napiVersion: v1\nkind: Pod\n{{ end }}\n",
	".hidden/web.yaml":      deployment("hidden", "nginx"),
	".gitignore":            "out/\n",
	"out/web.yaml":          deployment("out", "nginx"),
	"two.yaml":              deployment("one", "a:1") + "---\n# between\n" + deployment("two", "b"),
	"größe/web.yaml":        deployment("groesse", "nginx"),
}

// inFolder makes a folder with files and goes there.
func inFolder(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := writeFile(name, text); err != nil {
			t.Fatal(err)
		}
	}
}

// contents gives all files of the folder.
func contents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(".", func(path string, e os.DirEntry, err error) error {
		if err == nil && e.IsDir() && e.Name() == ".git" {
			return filepath.SkipDir
		}
		if err == nil && e.Type().IsRegular() {
			all[filepath.ToSlash(path)] = read(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func same(t *testing.T, what string, want, got map[string]string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

func exits(t *testing.T, want int, got output) output {
	t.Helper()
	if got.code != want {
		t.Fatalf("the exit code is %d, want %d\nstandard output:\n%s\nstandard error:\n%s", got.code, want, got.stdout, got.stderr)
	}
	return got
}

func git(t *testing.T, input string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not there")
	}
	cmd := exec.Command("git", args...)
	cmd.Stdin = strings.NewReader(input)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s\n%s", args, err, out, input)
	}
}

func TestCheckChangesNothingAndSaysWhatIsDue(t *testing.T) {
	inFolder(t, repository)
	got := exits(t, exitFindings, pullable("", "check"))
	same(t, "the files", repository, contents(t))
	want := `data/pod.json
  v1 Pod p
    1:99     due     set imagePullPolicy to IfNotPresent: image has a tag other than latest [policy-set]

größe/web.yaml
  apps/v1 Deployment groesse
    10:16    due     set imagePullPolicy to Always: image has no tag, which means latest [policy-set]

jobs/nightly job.yml
  apps/v1 Deployment nightly
    10:16    due     set imagePullPolicy to IfNotPresent: image has a tag other than latest [policy-set]

jobs/no-end.yaml
  apps/v1 Deployment end
    10:16    due     set imagePullPolicy to IfNotPresent: image has a tag other than latest [policy-set]

two.yaml
  apps/v1 Deployment one
    10:16    due     set imagePullPolicy to IfNotPresent: image has a tag other than latest [policy-set]
  apps/v1 Deployment two
    22:16    due     set imagePullPolicy to Always: image has no tag, which means latest [policy-set]

web.yaml
  apps/v1 Deployment web
    10:16    due     set imagePullPolicy to Always: image has no tag, which means latest [policy-set]

7 changes due in 6 of 7 files with 8 objects; pullable fix makes the changes
`
	if diff := cmp.Diff(want, got.stdout); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got.stderr != "" {
		t.Errorf("standard error: %s", got.stderr)
	}
}

func TestFixChangesOnlyTheFilesThatCheckListsAndCheckIsCleanThen(t *testing.T) {
	inFolder(t, repository)
	exits(t, exitDone, pullable("", "fix"))
	fixed := contents(t)
	var changed []string
	for name, text := range fixed {
		if text != repository[name] {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	want := []string{"data/pod.json", "größe/web.yaml", "jobs/nightly job.yml", "jobs/no-end.yaml", "two.yaml", "web.yaml"}
	if diff := cmp.Diff(want, changed); diff != "" {
		t.Errorf("changed files (-want +got)\n%s", diff)
	}
	if got := fixed["web.yaml"]; got != repository["web.yaml"]+"        imagePullPolicy: Always\n" {
		t.Errorf("web.yaml is\n%s", got)
	}
	if got := exits(t, exitDone, pullable("", "check")); !strings.HasPrefix(got.stdout, "nothing to do in 7 files") {
		t.Errorf("check after fix:\n%s", got.stdout)
	}
	exits(t, exitDone, pullable("", "fix"))
	same(t, "a second fix", fixed, contents(t))
}

func TestFixIsTheInverseOfItsDiff(t *testing.T) {
	inFolder(t, repository)
	git(t, "", "init", "-q")
	before := exits(t, exitFindings, pullable("", "check", "--diff"))
	fixing := exits(t, exitDone, pullable("", "fix", "--diff"))
	if diff := cmp.Diff(before.stdout, fixing.stdout); diff != "" {
		t.Errorf("check and fix print different diffs (-check +fix)\n%s", diff)
	}
	fixed := contents(t)
	git(t, fixing.stdout, "apply", "--check", "-R")
	git(t, fixing.stdout, "apply", "-R")
	same(t, "the diff taken back", repository, contents(t))
	git(t, fixing.stdout, "apply", "--check")
	git(t, fixing.stdout, "apply")
	same(t, "the diff applied", fixed, contents(t))
}

func TestADiffAppliesInTheFolderThatItWasMadeIn(t *testing.T) {
	inFolder(t, map[string]string{"a/b/web.yaml": deployment("web", "nginx")})
	git(t, "", "init", "-q")
	t.Chdir("a")
	diff := exits(t, exitFindings, pullable("", "check", "--diff", "b"))
	git(t, diff.stdout, "apply")
	exits(t, exitDone, pullable("", "check"))
}

func TestADiffShowsNothingThatASecretHolds(t *testing.T) {
	const password = "hunter2hunter2"
	account := "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n"
	secret := "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations:\n    note: " + password + "\nstringData:\n  password: " + password + "\n"
	list := "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  data:\n    p: " + password + "\n  kind: Secret\n" +
		"- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  spec:\n    containers:\n    - image: nginx\n      name: a\n" +
		"- apiVersion: v1\n  data:\n    p: " + password + "\n  kind: Secret\n"
	template := "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: t}\nobjects:\n" +
		list[strings.Index(list, "- "):]
	for name, c := range map[string]struct {
		text  string
		flags []string
		want  []string
	}{
		"documents": {secret + "---\n" + deployment("web", "nginx") + "---\n" + secret, nil, []string{"+        imagePullPolicy"}},
		"list":      {list, nil, []string{"+      imagePullPolicy"}},
		"template":  {template, nil, []string{"+      imagePullPolicy"}},
		"string": {strings.Replace(deployment("web", "nginx"), "metadata:\n",
			"metadata:\n  annotations:\n    old: '{\"kind\":\"Secret\",\"data\":{\"p\":\""+password+"\"}}'\n", 1), []string{"--pull-secret", "r"}, []string{"+      - name: r"}},
		"new object at the end": {deployment("web", "nginx") + "---\n" + secret,
			[]string{"--pull-secret", "r", "--attach-to", "ServiceAccounts", "--create-service-accounts"}, []string{"+kind: ServiceAccount"}},
		"new object after an account": {account + "---\n" + secret, []string{"--pull-secret", "r", "--attach-to", "ServiceAccounts"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inFolder(t, map[string]string{"a.yaml": c.text})
			git(t, "", "init", "-q")
			got := pullable("", append([]string{"check", "--diff"}, c.flags...)...)
			if strings.Contains(got.stdout+got.stderr, password) {
				t.Errorf("the password is in\n%s%s", got.stdout, got.stderr)
			}
			for _, line := range c.want {
				if !strings.Contains(got.stdout, "\n"+line) {
					t.Errorf("there is no line %q in\n%s%s", line, got.stdout, got.stderr)
				}
			}
			if len(c.want) == 0 {
				return
			}
			git(t, got.stdout, "apply")
			applied := contents(t)
			inFolder(t, map[string]string{"a.yaml": c.text})
			exits(t, exitDone, pullable("", append([]string{"fix"}, c.flags...)...))
			same(t, "what fix makes", applied, contents(t))
		})
	}
}

func TestAChangeThatOnlyALineOfASecretShowsIsAnErrorAndNotMade(t *testing.T) {
	text := `{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Secret","stringData":{"p":"hunter2"}},` +
		`{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"a","image":"b"}]}}]}`
	for _, command := range []string{"check", "fix"} {
		inFolder(t, map[string]string{"a.json": text})
		got := exits(t, exitBadInput, pullable("", command, "--diff"))
		if got.stdout != "" || strings.Contains(got.stderr, "hunter2") || !strings.Contains(got.stderr, "do without --diff") {
			t.Errorf("%s\n%s", got.stdout, got.stderr)
		}
		if read(t, "a.json") != text {
			t.Error("the file is changed")
		}
	}
	exits(t, exitDone, pullable("", "fix"))
}

func TestAManifestThatDoesNotParseIsReportedAndTheRestGoesOn(t *testing.T) {
	inFolder(t, map[string]string{
		"broken.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: [\n",
		"web.yaml":    deployment("web", "nginx"),
	})
	got := exits(t, exitBadInput, pullable("", "fix"))
	if !strings.Contains(got.stdout, "broken.yaml\n    4 ") || !strings.Contains(got.stdout, "[unreadable]") {
		t.Errorf("standard output:\n%s", got.stdout)
	}
	if !strings.Contains(read(t, "web.yaml"), "imagePullPolicy: Always") {
		t.Error("the other file is not fixed")
	}
}

func TestAFileWithAnErrorIsLeftAsItIsAndTheOthersAreFixed(t *testing.T) {
	bad := deployment("bad", "nginx") + "        imagePullPolicy: always\n      initContainers:\n      - {name: a, image: b}\n"
	inFolder(t, map[string]string{"bad.yaml": bad, "web.yaml": deployment("web", "nginx")})
	got := exits(t, exitFindings, pullable("", "fix"))
	if read(t, "bad.yaml") != bad {
		t.Errorf("the file is\n%s", read(t, "bad.yaml"))
	}
	if !strings.Contains(read(t, "web.yaml"), "imagePullPolicy: Always") {
		t.Error("the other file is not fixed")
	}
	if !strings.Contains(got.stdout, "1 change made, 1 change due, 1 error in 2 of 2 files") {
		t.Errorf("standard output:\n%s", got.stdout)
	}
}

func TestFilesThatAreLeftOutComeWithTheirFlags(t *testing.T) {
	for flag, want := range map[string]string{
		"--hidden":         ".hidden/web.yaml",
		"--ignored":        "out/web.yaml",
		"--helm-templates": "chart/templates/d.yml",
	} {
		t.Run(flag, func(t *testing.T) {
			inFolder(t, repository)
			if got := pullable("", "check"); strings.Contains(got.stdout, want) {
				t.Errorf("without the flag:\n%s", got.stdout)
			}
			if got := pullable("", "check", flag); !strings.Contains(got.stdout, want+"\n") {
				t.Errorf("with the flag:\n%s%s", got.stdout, got.stderr)
			}
			if got := pullable("", "check", want); !strings.Contains(got.stdout, want+"\n") {
				t.Errorf("as a path:\n%s%s", got.stdout, got.stderr)
			}
			if got := pullable("", "check", flag, "--exclude", "/"+want); strings.Contains(got.stdout, want) {
				t.Errorf("excluded:\n%s%s", got.stdout, got.stderr)
			}
		})
	}
}

func TestAllFilesAreOnePackage(t *testing.T) {
	inFolder(t, map[string]string{
		"pullable.yaml": "apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\npullSecrets:\n  add:\n  - name: regcred\n    images: [registry.example.com]\n",
		"a/workflow.yaml": `apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: w}
spec:
  entrypoint: main
  templates:
  - name: main
    steps:
    - - name: s
        templateRef: {name: shared, template: t}
`,
		"b/template.yaml": `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: shared}
spec:
  templates:
  - name: t
    container:
      image: registry.example.com/x:1
`,
	})
	exits(t, exitDone, pullable("", "fix"))
	if got := read(t, "a/workflow.yaml"); !strings.Contains(got, "- name: regcred") {
		t.Errorf("the workflow that uses the other file's image has no pull secret:\n%s", got)
	}
}

func TestEqualPlacesOfTwoFilesAreTwoPlaces(t *testing.T) {
	aliased := func(image string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  initContainers:\n  - &c\n    name: a\n    image: " + image + "\n  containers:\n  - *c\n"
	}
	inFolder(t, map[string]string{"a.yaml": aliased("abc:1"), "b.yaml": aliased("abcde")})
	exits(t, exitDone, pullable("", "fix"))
	if got := read(t, "a.yaml"); !strings.Contains(got, "imagePullPolicy: IfNotPresent") {
		t.Errorf("a.yaml:\n%s", got)
	}
	if got := read(t, "b.yaml"); !strings.Contains(got, "imagePullPolicy: Always") {
		t.Errorf("b.yaml:\n%s", got)
	}
}

func TestTheNearestConfigUpwardsHoldsAndFlagsStandAboveIt(t *testing.T) {
	config := func(secret string) string {
		return "apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\npullPolicy: {mode: None}\npullSecrets:\n  add:\n  - name: " + secret + "\n"
	}
	files := map[string]string{
		"pullable.yaml":     config("top"),
		"a/pullable.yaml":   config("a"),
		"a/b/web.yaml":      deployment("web", "nginx"),
		"c/web.yaml":        deployment("web", "nginx"),
		"other/config.yaml": config("other"),
	}
	for sentence, c := range map[string]struct {
		args        []string
		want        []string
		wantMissing []string
	}{
		"the config of the folder above":          {[]string{"a/b"}, []string{"a"}, []string{"top", "Always"}},
		"the one above all paths":                 {[]string{"a/b", "c"}, []string{"top"}, []string{"add pull secret a:"}},
		"the one that is named":                   {[]string{"--config", "other/config.yaml", "a/b"}, []string{"other"}, []string{"secret a:"}},
		"a mode by its flag":                      {[]string{"--mode", "Fill", "c"}, []string{"top", "Always"}, nil},
		"a pull secret by its flag, after others": {[]string{"--pull-secret", "more", "c"}, []string{"top", "more"}, nil},
		"severities by their flag":                {[]string{"--mode", "Fill", "--finding", "invalid-image=Error", "c"}, []string{"top"}, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			inFolder(t, files)
			got := exits(t, exitFindings, pullable("", append([]string{"check"}, c.args...)...))
			for _, name := range c.want {
				if !strings.Contains(got.stdout, "add pull secret "+name+":") && !strings.Contains(got.stdout, "to "+name+":") {
					t.Errorf("%q is missing in\n%s", name, got.stdout)
				}
			}
			for _, text := range c.wantMissing {
				if strings.Contains(got.stdout, "secret "+text+":") || strings.Contains(got.stdout, "to "+text+":") {
					t.Errorf("%q is in\n%s", text, got.stdout)
				}
			}
		})
	}
}

func TestStandardInput(t *testing.T) {
	inFolder(t, map[string]string{"web.yaml": deployment("web", "nginx")})
	input := deployment("in", "busybox")
	if got := exits(t, exitFindings, pullable(input, "check", "-", "web.yaml")); !strings.Contains(got.stdout, "-\n  apps/v1 Deployment in\n") || !strings.Contains(got.stdout, "web.yaml\n") {
		t.Errorf("check - and a file:\n%s", got.stdout)
	}
	got := exits(t, exitDone, pullable(input, "fix", "-"))
	if want := input + "        imagePullPolicy: Always\n"; got.stdout != want {
		t.Errorf("fix -:\n%s", got.stdout)
	}
	if again := exits(t, exitDone, pullable(got.stdout, "fix", "-")); again.stdout != got.stdout {
		t.Errorf("fix - a second time:\n%s", again.stdout)
	}
	exits(t, exitBadInput, pullable(input, "fix", "-", "web.yaml"))
	if got := exits(t, exitBadInput, pullable("", "fix", "-")); got.stdout != "" {
		t.Errorf("no input gives %q", got.stdout)
	}
	if got := exits(t, exitFindings, pullable(input+"        imagePullPolicy: always\n", "fix", "-")); got.stdout != "" {
		t.Errorf("a stream that fails gives %q", got.stdout)
	}
}

func TestUsageErrors(t *testing.T) {
	inFolder(t, map[string]string{"web.yaml": deployment("web", "nginx")})
	for _, args := range [][]string{
		{"check", "nowhere"}, {"check", "-o", "xml"}, {"check", "--diff", "-o", "json"}, {"check", "--mode", "fill"},
		{"check", "--finding", "no-such=Error"}, {"check", "--config", "nowhere.yaml"}, {"check", "--config", "web.yaml"}, {"chek"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			if got := exits(t, exitBadInput, pullable("", args...)); got.stdout != "" || got.stderr == "" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestLinksStayLinks(t *testing.T) {
	inFolder(t, map[string]string{"real/web.yaml": deployment("web", "nginx"), "in/x.yaml": "a: b\n"})
	if err := os.Symlink("../real/web.yaml", "in/link.yaml"); err != nil {
		t.Fatal(err)
	}
	exits(t, exitDone, pullable("", "fix", "in"))
	if read(t, "real/web.yaml") != deployment("web", "nginx") {
		t.Error("a link led out of the path that was given")
	}
	exits(t, exitDone, pullable("", "fix", "in", "--outside"))
	if !strings.Contains(read(t, "real/web.yaml"), "imagePullPolicy") {
		t.Error("the file behind the link is not fixed")
	}
	if info, err := os.Lstat("in/link.yaml"); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
}

func TestAReadOnlyFileIsAnErrorAndStays(t *testing.T) {
	inFolder(t, map[string]string{"web.yaml": deployment("web", "nginx"), "x.yaml": deployment("x", "nginx")})
	if err := os.Chmod("web.yaml", 0o444); err != nil {
		t.Fatal(err)
	}
	got := exits(t, exitBadInput, pullable("", "fix"))
	if !strings.Contains(got.stdout, "read-only") || !strings.Contains(got.stdout, "1 change made, 1 change due, 1 error") {
		t.Errorf("standard output:\n%s", got.stdout)
	}
	if read(t, "web.yaml") != deployment("web", "nginx") || !strings.Contains(read(t, "x.yaml"), "Always") {
		t.Error("the wrong file changed")
	}
}

// TestMain lets the tests run the program as a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("PULLABLE_TEST_AS_PROGRAM") != "" {
		code := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
		if file := os.Getenv("PULLABLE_TEST_STATUS"); file != "" {
			status, _ := os.ReadFile("/proc/self/status")
			writeFile(file, string(status))
		}
		os.Exit(code)
	}
	os.Exit(m.Run())
}

func TestAFullDiskIsAnErrorAndTheFileStays(t *testing.T) {
	// A limit on the size of files stands for the full disk: writing fails in the middle.
	large := strings.Repeat("# filler\n", 1<<10) + deployment("web", "nginx")
	inFolder(t, map[string]string{"web.yaml": large})
	cmd := exec.Command("sh", "-c", `ulimit -f 4 && exec "$0" fix`, os.Args[0])
	cmd.Env = append(os.Environ(), "PULLABLE_TEST_AS_PROGRAM=1")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != exitBadInput || !bytes.Contains(out, []byte("file too large")) {
		t.Errorf("%v\n%s", err, out)
	}
	same(t, "the folder", map[string]string{"web.yaml": large}, contents(t))
}

func TestOutputFormats(t *testing.T) {
	inFolder(t, repository)
	var got struct {
		Files    int
		Findings []struct {
			ID, File, Field, ProposedValue string
			Line, Column                   int
			Object                         struct{ Kind, Name string }
		}
	}
	out := exits(t, exitFindings, pullable("", "check", "-o", "json"))
	if err := json.Unmarshal([]byte(out.stdout), &got); err != nil {
		t.Fatal(err)
	}
	last := got.Findings[len(got.Findings)-1]
	if got.Files != 7 || last.ID != "policy-set" || last.File != "web.yaml" || last.Line != 10 || last.Column != 16 ||
		last.Field != "spec.template.spec.containers[0].imagePullPolicy" || last.ProposedValue != "Always" || last.Object.Name != "web" {
		t.Errorf("%+v", got)
	}
	out = exits(t, exitFindings, pullable("", "check", "-o", "github", "web.yaml"))
	want := "::error file=web.yaml,line=10,col=16,title=pullable policy-set::apps/v1 Deployment web: set imagePullPolicy to Always: image has no tag, which means latest\n"
	if diff := cmp.Diff(want, out.stdout); diff != "" {
		t.Errorf("github (-want +got)\n%s", diff)
	}
	for _, format := range slices.Sorted(maps.Keys(map[string]bool{"sarif": true, "junit": true})) {
		out := exits(t, exitFindings, pullable("", "check", "-o", format))
		if !strings.Contains(out.stdout, "policy-set") || strings.Contains(out.stdout, "\x1b") {
			t.Errorf("%s:\n%s", format, out.stdout)
		}
	}
}

func TestQuietPrintsOnlyWhatFails(t *testing.T) {
	inFolder(t, map[string]string{
		"pinned.yaml": deployment("pinned", "nginx@sha256:"+strings.Repeat("a", 64)) + "        imagePullPolicy: Always\n",
	})
	if got := exits(t, exitDone, pullable("", "check", "-q")); got.stdout != "" {
		t.Errorf("standard output:\n%s", got.stdout)
	}
	if got := exits(t, exitDone, pullable("", "check")); !strings.Contains(got.stdout, "1 info in 1 of 1 file") {
		t.Errorf("without --quiet:\n%s", got.stdout)
	}
}

func TestCompletionKnowsCommandsAndWords(t *testing.T) {
	for args, want := range map[string]string{"__complete ch": "check", "__complete check --mode ": "Enforce", "__complete check -o s": "sarif"} {
		if got := pullable("", strings.Split(args, " ")...); !strings.Contains(got.stdout, want) {
			t.Errorf("%s: %s", args, got.stdout)
		}
	}
	if got := exits(t, exitDone, pullable("", "completion", "bash")); len(got.stdout) < 1000 {
		t.Errorf("the script is %q", got.stdout)
	}
}

func TestEveryCommandOverFilesShowsExamplesThatRun(t *testing.T) {
	for _, c := range []*cobra.Command{newCheckCommand(), newFixCommand(), newImagesCommand()} {
		if c.Long == "" || c.Example == "" || !strings.Contains(c.Long, "Use it") {
			t.Errorf("%s: the help has no example, or does not say when to use it", c.Name())
		}
		for line := range strings.Lines(c.Example) {
			if !strings.HasPrefix(strings.TrimSpace(line), "pullable ") {
				continue
			}
			command, _, _ := strings.Cut(strings.TrimSpace(line), " |")
			command, _, _ = strings.Cut(command, " &&")
			command, _, _ = strings.Cut(command, " >")
			inFolder(t, map[string]string{"deploy/web.yaml": deployment("web", "nginx")})
			if got := pullable("", strings.Fields(command)[1:]...); got.code == exitBadInput {
				t.Errorf("%s: %s", command, got.stderr)
			}
		}
	}
}

func TestTenThousandFilesInBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes 10,000 files")
	}
	files := map[string]string{}
	padding := strings.Repeat("# a comment that makes the file larger\n", 200)
	for i := range 10_000 {
		files[fmt.Sprintf("%02d/%d.yaml", i%100, i)] = padding + deployment(fmt.Sprint("web", i), "nginx")
	}
	inFolder(t, files)
	status := filepath.Join(t.TempDir(), "status")
	cmd := exec.Command(os.Args[0], "check", "-q", "-o", "github")
	cmd.Env = append(os.Environ(), "PULLABLE_TEST_AS_PROGRAM=1", "PULLABLE_TEST_STATUS="+status)
	out, _ := cmd.Output()
	if n := bytes.Count(out, []byte("\n")); n != 10_000 {
		t.Errorf("%d findings", n)
	}
	_, peak, found := strings.Cut(read(t, status), "VmHWM:")
	_, file, split := strings.Cut(peak, "RssFile:")
	if !found || !split {
		t.Skip("this system does not say how much memory a process took")
	}
	// What is mapped of the program's file is no memory that files take.
	var kib, program int
	if _, err := fmt.Sscan(peak, &kib); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(file, &program); err != nil {
		t.Fatal(err)
	}
	kib -= program
	// The files hold 80 MB.
	t.Logf("the process took %d MiB", kib>>10)
	if kib > 90<<10 {
		t.Errorf("the process took %d MiB", kib>>10)
	}
}

func TestAServiceAccountThatIsMadeStandsInTheFileOfItsFirstPod(t *testing.T) {
	files := map[string]string{
		"pullable.yaml": "apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\ndefaultNamespace: team\npullSecrets:\n  attachTo: ServiceAccounts\n  createServiceAccounts: true\n  add:\n  - name: regcred\n",
		"a.yaml":        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
		"b.yaml":        strings.Replace(deployment("web", "nginx"), "    spec:\n", "    spec:\n      serviceAccountName: web\n", 1),
		"c.yaml":        strings.Replace(deployment("two", "nginx"), "    spec:\n", "    spec:\n      serviceAccountName: web\n", 1),
	}
	inFolder(t, files)
	git(t, "", "init", "-q")
	got := exits(t, exitDone, pullable("", "fix", "--diff"))
	want := files["b.yaml"] + "        imagePullPolicy: Always\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\nimagePullSecrets:\n- name: regcred\n"
	if diff := cmp.Diff(want, read(t, "b.yaml")); diff != "" {
		t.Errorf("b.yaml (-want +got)\n%s", diff)
	}
	if got := read(t, "c.yaml"); strings.Contains(got, "ServiceAccount\n") {
		t.Errorf("c.yaml:\n%s", got)
	}
	exits(t, exitDone, pullable("", "check"))
	git(t, got.stdout, "apply", "-R")
	same(t, "the diff taken back", files, contents(t))
}

func TestKindsOfTheConfigAreReadInFiles(t *testing.T) {
	inFolder(t, map[string]string{
		"pullable.yaml": read(t, "testdata/cases/kinds-of-the-config/config.yaml"),
		"in.yaml":       read(t, "testdata/cases/kinds-of-the-config/input.yaml"),
	})
	exits(t, exitFindings, pullable("", "check"))
}
