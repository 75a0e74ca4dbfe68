package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// widgetDefinition says that a Widget of this version holds a pod spec at spec.pod.
func widgetDefinition(version string) string {
	return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.com
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
  - name: ` + version + `
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              pod:
                type: object
                properties:
                  containers: {type: array, items: {type: object, properties: {image: {type: string}, imagePullPolicy: {type: string}}}}
                  imagePullSecrets: {type: array, items: {type: object, properties: {name: {type: string}}}}
`
}

const widget = `apiVersion: example.com/v1
kind: Widget
metadata:
  name: w
spec:
  pod:
    containers:
    - image: nginx
`

const widgetDone = widget + `      imagePullPolicy: Always
    imagePullSecrets:
    - name: regcred
`

func inFiles(t *testing.T, texts map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range texts {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, name, text)
	}
}

func TestADefinitionInAnotherFileTeaches(t *testing.T) {
	inFiles(t, map[string]string{"a/w.yaml": widget, "b.yaml": widget + "---\n" + deploymentOf("nginx:1"), "z/crd.yaml": "# first\n---\n" + widgetDefinition("v1")})
	if got := pullable("", "fix", "--pull-secret", "regcred", "."); got.code != exitDone {
		t.Fatalf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	for name, want := range map[string]string{"a/w.yaml": widgetDone, "z/crd.yaml": "# first\n---\n" + widgetDefinition("v1")} {
		if got := read(t, name); got != want {
			t.Errorf("%s is\n%s", name, got)
		}
	}
	if got := read(t, "b.yaml"); !strings.HasPrefix(got, widgetDone+"---\n") || !strings.Contains(got, "imagePullPolicy: IfNotPresent") {
		t.Errorf("b.yaml is\n%s", got)
	}
	if got := pullable("", "images", "-o", "csv", "."); !strings.Contains(got.stdout, "Widget") {
		t.Errorf("the list of images lacks the Widget's:\n%s", got.stdout)
	}
}

func deploymentOf(image string) string {
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\nspec:\n  template:\n    spec:\n      containers:\n      - name: main\n        image: " + image + "\n"
}

func TestDefinitionsComeFromFilesAndFoldersThatAreNamed(t *testing.T) {
	inFiles(t, map[string]string{
		"w.yaml": widget, "crd.yaml": widgetDefinition("v1"), "crds/deep/w.yml": widgetDefinition("v1"), "crds/readme.yaml": "a: CustomResourceDefinition is not here\n",
		"crds/broken.yaml": "{{ CustomResource", "pods.yaml": deploymentOf("a"), "other.json": `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"others.example.org"}}`,
		"bad.yaml": "kind: CustomResourceDefinition\napiVersion: a\n  b: c\n", "config.yaml": "apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\npullSecrets: {add: [{name: regcred}]}\n",
	})
	for _, args := range []string{"--crds crd.yaml", "--crds crds", "--crds other.json --crds crds"} {
		if got := pullable(widget, append([]string{"--config", "config.yaml"}, strings.Fields(args)...)...); got.stdout != widgetDone {
			t.Errorf("%s: exit code %d, %s\n%s", args, got.code, got.stderr, got.stdout)
		}
		if got := pullable("", append([]string{"check", "w.yaml"}, strings.Fields(args)...)...); got.code != exitFindings || !strings.Contains(got.stdout, "learnt from the CustomResourceDefinition widgets.example.com: spec.pod [learnt-kind]") {
			t.Errorf("check %s: exit code %d\n%s%s", args, got.code, got.stdout, got.stderr)
		}
	}
	for args, want := range map[string]string{
		"--crds pods.yaml":  "pullable: --crds: pods.yaml holds no CustomResourceDefinition; give the file that installs the kind, or the output of kubectl get crds -o yaml\n",
		"--crds none.yaml":  "pullable: --crds: stat none.yaml: no such file or directory\n",
		"--crds bad.yaml":   "pullable: --crds: bad.yaml: ",
		"--crds -":          "pullable: --crds -: standard input is for manifests; the definitions among them teach without this option\n",
		"check . --crds -":  "pullable: --crds -: standard input is for manifests; the definitions among them teach without this option\n",
		"images --crds w.y": "pullable: --crds: stat w.y: no such file or directory\n",
	} {
		got := pullable(widget, strings.Fields(args)...)
		if got.code != exitBadInput || got.stdout != "" || !strings.HasPrefix(got.stderr, want) {
			t.Errorf("%s: exit code %d, %s%s", args, got.code, got.stderr, got.stdout)
		}
	}
}

func TestTheKindsThatADefinitionTeachesArePrintedAndMarked(t *testing.T) {
	inFiles(t, map[string]string{"crd.yaml": widgetDefinition("v1")})
	for _, args := range []string{"--crds crd.yaml", "--crds -"} {
		got := pullable(widgetDefinition("v1"), append([]string{"kinds", "-o", "table"}, strings.Fields(args)...)...)
		found := false
		for line := range strings.Lines(got.stdout) {
			found = found || strings.HasPrefix(line, "example.com ") && strings.HasSuffix(line, "schema: CustomResourceDefinition widgets.example.com\n") && strings.Contains(line, " spec.pod ")
		}
		if !found || got.code != exitDone {
			t.Errorf("%s: exit code %d, %s\n%s", args, got.code, got.stderr, got.stdout)
		}
	}
	got := pullable("", "kinds", "Widget", "--crds", "crd.yaml")
	if !strings.HasPrefix(got.stdout, "# example.com/v1 Widget was learnt from its CustomResourceDefinition\nkinds:\n") || !strings.HasSuffix(got.stdout, "imagePullSecrets:\n      - name: regcred\n") {
		t.Errorf("%s%s", got.stdout, got.stderr)
	}
	if got := pullable("", "kinds", "Widget", "--crds", "crd.yaml", "-o", "json"); !strings.Contains(got.stdout, `"by": "schema"`) {
		t.Errorf("%s%s", got.stdout, got.stderr)
	}
	// The row that is printed is one for a config, in which it means the same.
	row, _, _ := strings.Cut(got.stdout, "---\n")
	write(t, "config.yaml", "apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\npullSecrets: {add: [{name: regcred}]}\n"+row)
	if got := pullable(widget, "--config", "config.yaml"); got.stdout != widgetDone {
		t.Errorf("exit code %d, %s%s", got.code, got.stderr, got.stdout)
	}
}

func TestExplainSaysWhichObjectsAreOfALearntKind(t *testing.T) {
	got := pullable(widget+"---\n"+widgetDefinition("v1"), "explain", "nginx")
	if want := "  - example.com/v1 Widget w: where its kind holds pods was learnt from the CustomResourceDefinition widgets.example.com\n"; !strings.Contains(got.stdout, want) {
		t.Errorf("%s%s", got.stdout, got.stderr)
	}
	if got := pullable(widget+"---\n"+widgetDefinition("v2"), "explain", "nginx"); strings.Contains(got.stdout, "learnt") {
		t.Errorf("a definition of another version teaches:\n%s", got.stdout)
	}
}

// A definition that is for tools only teaches, so that hosts which take no
// options can be given one.
func TestADefinitionThatIsForToolsOnlyTeaches(t *testing.T) {
	local := strings.Replace(widgetDefinition("v1"), "metadata:\n", "metadata:\n  annotations: {config.kubernetes.io/local-config: \"true\"}\n", 1)
	got := pullable(local + "---\n" + widget)
	if want := local + "---\n" + widget + "      imagePullPolicy: Always\n"; got.stdout != want {
		t.Errorf("%s%s", got.stdout, got.stderr)
	}
}

func TestTheFirstOfTwoDefinitionsHolds(t *testing.T) {
	inFiles(t, map[string]string{"crd.yaml": strings.ReplaceAll(widgetDefinition("v1"), "pod:", "other:")})
	got := pullable(widget+"---\n"+widgetDefinition("v1"), "--crds", "crd.yaml")
	if !strings.HasPrefix(got.stdout, widget+"      imagePullPolicy: Always\n") {
		t.Errorf("the one among the manifests does not:\n%s%s", got.stdout, got.stderr)
	}
}
