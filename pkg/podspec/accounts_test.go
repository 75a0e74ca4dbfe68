package podspec_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/yamledit"
)

func TestAWalkFindsTheAccountsThatAPodRunsAs(t *testing.T) {
	for name, c := range map[string]struct {
		group, version, kind, text string
		want                       []string
	}{
		"its own":                     {"", "v1", "Pod", "spec: {serviceAccountName: a, serviceAccount: b}", []string{"a"}},
		"the old field":               {"", "v1", "Pod", "spec: {serviceAccountName: '', serviceAccount: b}", []string{"b"}},
		"the default":                 {"apps", "v1", "Deployment", "spec: {template: {spec: {}}}", []string{"default"}},
		"those of a workflow's steps": {"argoproj.io", "v1alpha1", "Workflow", "spec: {templates: [{serviceAccountName: a}, {}, {serviceAccountName: b, steps: [[{inline: {serviceAccountName: c}}]]}, {serviceAccountName: a}], templateDefaults: {serviceAccountName: d}}", []string{"default", "d", "a", "b", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, walk(t, c.group, c.version, c.kind, c.text).Pods[0].Accounts); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAWalkFindsWhatArgoDoesWithoutThePullSecrets(t *testing.T) {
	for text, want := range map[string]string{
		"spec: {artifactGC: {strategy: OnWorkflowDeletion}}":                                                "spec.artifactGC",
		"spec: {artifactGC: {strategy: Never}}":                                                             "",
		"spec: {artifactGC: {serviceAccountName: x}}":                                                       "",
		"spec: {templates: [{outputs: {artifacts: [{}, {artifactGC: {strategy: OnWorkflowCompletion}}]}}]}": "spec.templates[0].outputs.artifacts[1].artifactGC",
	} {
		if got := walk(t, "argoproj.io", "v1alpha1", "Workflow", text).Pods[0].Collector; got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	f := walk(t, "argoproj.io", "v1alpha1", "Workflow", "spec: {templates: [{container: {image: a}}, {container: {image: b, command: [c]}}, {initContainers: [{image: d}]}]}")
	var looked []bool
	for _, image := range f.Pods[0].Images {
		looked = append(looked, image.LookedUp)
	}
	if diff := cmp.Diff([]bool{true, false, false}, looked); diff != "" {
		t.Errorf("looked up (-want +got)\n%s", diff)
	}
}

func TestAPodTemplateMayHaveANameOfItsOwn(t *testing.T) {
	for text, want := range map[string]bool{
		"spec: {template: {metadata: {name: x}, spec: {}}}": true,
		"spec: {template: {spec: {}}}":                      false,
	} {
		if got := walk(t, "apps", "v1", "Deployment", text).Pods[0].Named; got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if walk(t, "", "v1", "Pod", "metadata: {name: x}\nspec: {}").Pods[0].Named {
		t.Error("a Pod's own name is no name of a template")
	}
}

func TestListOfSecretsReadsAServiceAccount(t *testing.T) {
	list, problems := listOfSecrets(t, "imagePullSecrets: [{name: a}, {name: b}]", "imagePullSecrets")
	if diff := cmp.Diff([]string{"a", "b"}, list.Names); diff != "" || len(problems) != 0 || list.Path != "imagePullSecrets" {
		t.Errorf("%s %v %s", diff, problems, list.Path)
	}
	if _, problems := listOfSecrets(t, "secrets: [a]", "secrets"); len(problems) != 1 || problems[0].Kind != podspec.WrongType {
		t.Errorf("strings instead of mappings: %v", problems)
	}
}

func listOfSecrets(t *testing.T, text, field string) (podspec.Secrets, []podspec.Problem) {
	t.Helper()
	doc, err := yamledit.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return podspec.ListOfSecrets(doc.Root(), field)
}
