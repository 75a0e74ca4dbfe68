package podspec_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/yamledit"
)

func walk(t *testing.T, group, version, kind, text string) podspec.Facts {
	t.Helper()
	doc, err := yamledit.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	k := podspec.Builtin().Lookup(group, version, kind)
	if k == nil {
		t.Fatalf("no row for %s/%s %s", group, version, kind)
	}
	return podspec.Builtin().Walk(k, doc.Root())
}

func images(f podspec.Facts) []string {
	var all []string
	for _, pod := range f.Pods {
		for _, i := range pod.Images {
			all = append(all, fmt.Sprintf("%s=%s %s=%q origin %d part %q", i.ReferencePath(), i.Reference, i.Field.Policy, i.Policy, i.Set, i.Part))
		}
	}
	return all
}

func TestAWalkFindsImagesWithTheirPoliciesAndWhereTheyComeFrom(t *testing.T) {
	f := walk(t, "argoproj.io", "v1alpha1", "Workflow", `
spec:
  templateDefaults:
    container: {imagePullPolicy: Never}
    volumes: [{name: v, image: {pullPolicy: Always}}]
  templates:
  - name: one
    container: {image: a}
    volumes:
    - {name: v, image: {reference: b}}
    - {name: w, image: {reference: c}}
    sidecars:
    - &s {image: d, imagePullPolicy: Always}
    - {<<: *s, image: e}
  - name: two
    steps: [[{inline: {script: {image: f}}}]]
`)
	want := []string{
		`spec.templates[0].container.image=a imagePullPolicy="Never" origin 3 part "one"`,
		`spec.templates[0].sidecars[0].image=d imagePullPolicy="Always" origin 1 part "one"`,
		`spec.templates[0].sidecars[1].image=e imagePullPolicy="Always" origin 2 part "one"`,
		`spec.templates[0].volumes[0].image.reference=b pullPolicy="Always" origin 3 part "one"`,
		`spec.templates[0].volumes[1].image.reference=c pullPolicy="" origin 0 part "one"`,
		`spec.templates[1].steps[0][0].inline.script.image=f imagePullPolicy="" origin 0 part "two"`,
	}
	if diff := cmp.Diff(want, images(f)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAWalkFindsCallsOfOtherTemplates(t *testing.T) {
	f := walk(t, "argoproj.io", "v1alpha1", "CronWorkflow", `
spec:
  workflowSpec:
    hooks:
      exit: {template: cleanup}
    templates:
    - name: main
      steps:
      - - {name: a, template: other}
        - {name: b, templateRef: {name: lib, template: t, clusterScope: true}}
      dag:
        tasks:
        - name: c
          templateRef: {name: lib, template: u}
          hooks: {running: {template: note}}
`)
	want := []podspec.Call{
		{From: "", Part: "cleanup", Path: "spec.workflowSpec.hooks.exit.template"},
		{From: "main", Part: "other", Path: "spec.workflowSpec.templates[0].steps[0][0].template"},
		{From: "main", Part: "t", Object: "lib", Cluster: true, Path: "spec.workflowSpec.templates[0].steps[0][1].templateRef"},
		{From: "main", Part: "u", Object: "lib", Path: "spec.workflowSpec.templates[0].dag.tasks[0].templateRef"},
		{From: "main", Part: "note", Path: "spec.workflowSpec.templates[0].dag.tasks[0].hooks.running.template"},
	}
	if diff := cmp.Diff(want, f.Pods[0].Calls); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAWalkEndsWhereInlineTemplatesGoInACircle(t *testing.T) {
	f := walk(t, "argoproj.io", "v1alpha1", "Workflow", `
spec:
  templates:
  - &t
    container: {image: a}
    steps: [[{inline: *t}]]
`)
	if len(f.Pods[0].Images) != 1 || len(f.Problems) != 0 {
		t.Errorf("%d images, problems %v", len(f.Pods[0].Images), f.Problems)
	}
}

func TestAWalkReadsTheListOfPullSecrets(t *testing.T) {
	f := walk(t, "", "v1", "Pod", `
spec:
  imagePullSecrets: [{name: a}, {}, {name: null}, null, {name: 1}]
  containers: []
`)
	s := f.Pods[0].Secrets
	if diff := cmp.Diff([]string{"a", "", "", "", "1"}, s.Names); diff != "" || !s.Own || s.Broken || s.Refused != nil {
		t.Errorf("%+v (-want +got)\n%s", s, diff)
	}
}

func TestATemplatesAnnotationOptsItOut(t *testing.T) {
	f := walk(t, "apps", "v1", "Deployment", `
spec:
  template:
    metadata:
      annotations: {pullable.dev/skip: secrets}
    spec:
      containers: [{image: a}]
`)
	if s := f.Pods[0].Skip; s.Policy() || !s.Secrets() || !s.Valid() {
		t.Errorf("%q", s)
	}
}

func TestPathsReadAsInTheTable(t *testing.T) {
	for _, k := range podspec.Builtin().Kinds() {
		for _, pod := range k.Pods {
			if pod.Path.String() == "" || pod.Shape == nil || (pod.Shape.Name == "") != (pod.Shape.Source == "") || k.Source == "" {
				t.Errorf("%s/%s: %+v", k.Group, k.Kind, pod)
			}
		}
	}
	call := podspec.Path{{Field: "steps", Depth: 2}, {Field: "hooks", Values: true}}
	if got := call.String(); got != "steps[][].hooks{}" {
		t.Error(got)
	}
}

func BenchmarkWalk(b *testing.B) {
	doc, err := yamledit.Parse([]byte("spec:\n  template:\n    spec:\n      initContainers:\n      - {name: a, image: x}\n      containers:\n      - name: b\n        image: y:1\n      - name: c\n        image: z\n"))
	if err != nil {
		b.Fatal(err)
	}
	table := podspec.Builtin()
	k := table.Lookup("apps", "v1", "Deployment")
	b.ReportAllocs()
	for b.Loop() {
		table.Walk(k, doc.Root())
	}
}

// walkText walks with what strings hold.
func walkText(t *testing.T, kind, text string, rows ...v1alpha1.KindRow) podspec.Facts {
	t.Helper()
	doc, err := yamledit.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	table, err := podspec.Builtin().With(rows)
	if err != nil {
		t.Fatal(err)
	}
	table = table.Embedded()
	group, version := "argoproj.io", "v1alpha1"
	if kind == "ConfigMap" {
		group, version = "", "v1"
	}
	return table.Walk(table.Lookup(group, version, kind), doc.Root())
}

func problems(f podspec.Facts) []string {
	var all []string
	for _, p := range f.Problems {
		all = append(all, fmt.Sprintf("%d line %d: %s", p.Kind, p.Line, p.Message))
	}
	return all
}

func TestStringsAreOpenedOnlyWhereThatIsAskedFor(t *testing.T) {
	const text = `
spec:
  podSpecPatch: "{{not YAML}}"
  templates:
  - name: a
    podSpecPatch: '{"containers": [{"name": "main", "image": "x"}]}'
    resource: {action: create, manifest: "{{nor this}}"}
`
	f := walk(t, "argoproj.io", "v1alpha1", "Workflow", text)
	if len(images(f)) != 0 || len(f.Problems) != 0 {
		t.Errorf("%v, %v", images(f), problems(f))
	}
	if k := podspec.Builtin().Lookup("", "v1", "ConfigMap"); k != nil {
		t.Error("ConfigMaps are looked at")
	}
	if f := walkText(t, "Workflow", text); len(images(f)) != 1 || len(f.Problems) != 2 {
		t.Errorf("%v, %v", images(f), problems(f))
	}
}

func TestAPatchTakesThePolicyOfWhatItPatches(t *testing.T) {
	f := walkText(t, "Workflow", `
spec:
  podSpecPatch: |
    containers:
    - {name: main, image: of-all}
    - {name: db, image: of-all}
    - {image: without-a-name}
  templateDefaults:
    script: {imagePullPolicy: Always}
  templates:
  - name: one
    container: {name: db, image: a}
    sidecars: [{name: db, image: b, imagePullPolicy: Never}]
    volumes: [{name: v, image: {reference: c, pullPolicy: Never}}]
    podSpecPatch: |
      containers:
      - {name: main, image: main-of-one}
      - {name: db, image: db-of-one}
      - {name: v, image: no-volume}
      volumes: [{name: v, image: {reference: v-of-one}}]
  - name: two
    script: {image: d}
    podSpecPatch: '{containers: [{name: main, image: main-of-two}, {name: db, image: no-such-container, imagePullPolicy: IfNotPresent}]}'
`)
	want := []string{
		`spec.templates[0].container.image=a imagePullPolicy="" origin 0 part "one"`,
		`spec.templates[0].sidecars[0].image=b imagePullPolicy="Never" origin 1 part "one"`,
		`spec.templates[0].volumes[0].image.reference=c pullPolicy="Never" origin 1 part "one"`,
		`spec.templates[0].podSpecPatch: containers[0].image=main-of-one imagePullPolicy="" origin 0 part "one"`,
		`spec.templates[0].podSpecPatch: containers[1].image=db-of-one imagePullPolicy="Never" origin 3 part "one"`,
		`spec.templates[0].podSpecPatch: containers[2].image=no-volume imagePullPolicy="" origin 0 part "one"`,
		`spec.templates[0].podSpecPatch: volumes[0].image.reference=v-of-one pullPolicy="Never" origin 3 part "one"`,
		`spec.templates[1].script.image=d imagePullPolicy="Always" origin 3 part "two"`,
		`spec.templates[1].podSpecPatch: containers[0].image=main-of-two imagePullPolicy="Always" origin 3 part "two"`,
		`spec.templates[1].podSpecPatch: containers[1].image=no-such-container imagePullPolicy="IfNotPresent" origin 1 part "two"`,
		`spec.podSpecPatch: containers[0].image=of-all imagePullPolicy="Always" origin 3 part ""`,
		`spec.podSpecPatch: containers[1].image=of-all imagePullPolicy="Never" origin 3 part ""`,
		`spec.podSpecPatch: containers[2].image=without-a-name imagePullPolicy="" origin 0 part ""`,
	}
	if diff := cmp.Diff(want, images(f)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(f.Problems) > 0 {
		t.Error(problems(f))
	}
}

func TestRowsOpenStringsUnderAConditionAndAtAnyDepth(t *testing.T) {
	rows := []v1alpha1.KindRow{{
		Versions: []string{"v1"}, Kind: "ConfigMap",
		Pods: []v1alpha1.PodRow{
			{Path: `data["a.b"]|.list[].text|.spec`, When: `metadata.labels["example.com/x"]=y`, Shape: "PodSpec"},
			{Path: "data{}|.spec", When: "metadata.name=other", Shape: "PodSpec"},
		},
	}}
	const text = `
metadata: {name: %s, labels: {example.com/x: y}}
data:
  a.b: |
    list:
    - text: "spec: {containers: [{image: a}]}"
    - text: 'spec: {initContainers: [{image: b}]}'
  c: "spec: {containers: [{image: c}]}"
  d: [no, string]
`
	f := walkText(t, "ConfigMap", fmt.Sprintf(text, "this"), rows...)
	f.Pods = append(f.Pods, walkText(t, "ConfigMap", fmt.Sprintf(text, "other"), rows...).Pods[2:]...)
	want := []string{
		`data.a.b: list[0].text: spec.containers[0].image=a imagePullPolicy="" origin 0 part ""`,
		`data.a.b: list[1].text: spec.initContainers[0].image=b imagePullPolicy="" origin 0 part ""`,
		`data.c: spec.containers[0].image=c imagePullPolicy="" origin 0 part ""`,
	}
	if diff := cmp.Diff(want, images(f)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWhatIsWrongInAStringIsSaidWithTheLineOfTheWholeAndWithoutItsContent(t *testing.T) {
	f := walkText(t, "Workflow", `
spec:
  templates:
  - resource:
      manifest: |
        apiVersion: v1
        kind: Secret
        stringData: {password: *s3cret}
  - resource: {manifest: [no string]}
  - resource:
      manifest: |
        apiVersion: v1
        kind: Pod
        spec:
          containers: "{{all}}"
          imagePullSecrets: none
`)
	want := []string{
		"3 line 6: spec.templates[0].resource.manifest holds a text that is not plain YAML, and is left alone; if that is because of placeholders without quotes, put them in quotes",
		"0 line 9: spec.templates[1].resource.manifest is a list; it must be a string",
		"3 line 15: spec.templates[2].resource.manifest: spec.containers is a placeholder, where a list must stand once it is filled in; what is below it is left alone",
		"0 line 16: spec.templates[2].resource.manifest: spec.imagePullSecrets is a string; it must be a list of mappings with a name: [{name: …}]",
	}
	if diff := cmp.Diff(want, problems(f)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestObjectsInStringsInObjectsEnd(t *testing.T) {
	text := "apiVersion: v1\nkind: Pod\nspec:\n  containers: [{image: a}]\n"
	for range 12 {
		text = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  templates:\n  - resource:\n      action: create\n      manifest: |\n        " +
			strings.ReplaceAll(text, "\n", "\n        ") + "\n"
	}
	f := walkText(t, "Workflow", text)
	if len(f.Pods) != 9 || len(f.Problems) != 1 || f.Problems[0].Kind != podspec.TooDeep {
		t.Errorf("%d pods, %v", len(f.Pods), problems(f))
	}
}

func TestAStringThatAliasesLeadToIsReadOnce(t *testing.T) {
	var s strings.Builder
	s.WriteString("spec:\n  x: &m |\n    apiVersion: v1\n    kind: Pod\n    spec:\n      containers:\n")
	for range 2_000 {
		s.WriteString("      - {name: a, image: b}\n")
	}
	s.WriteString("  templates:\n")
	for range 2_000 {
		s.WriteString("  - resource: {action: create, manifest: *m}\n")
	}
	start := time.Now()
	f := walkText(t, "Workflow", s.String())
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it takes %v", took)
	}
	if !slices.ContainsFunc(f.Problems, func(p podspec.Problem) bool { return p.Kind == podspec.TooMany }) {
		t.Error("nothing says that the object is too large")
	}
}

func TestManyPatchesOfManyContainersEndSoon(t *testing.T) {
	var s, patch strings.Builder
	s.WriteString("spec:\n  templates:\n  - name: a\n    sidecars:\n")
	for i := range 20_000 {
		fmt.Fprintf(&s, "    - {name: c%d, image: a, imagePullPolicy: Never}\n", i)
		fmt.Fprintf(&patch, "      - {name: c%d, image: b}\n", i)
	}
	s.WriteString("    podSpecPatch: |\n      containers:\n" + patch.String())
	start := time.Now()
	f := walkText(t, "Workflow", s.String())
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it takes %v", took)
	}
	if n := len(f.Pods[0].Images); n != 40_000 || f.Pods[0].Images[n-1].Policy != "Never" {
		t.Errorf("%d images", n)
	}
}
