package podspec_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

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
