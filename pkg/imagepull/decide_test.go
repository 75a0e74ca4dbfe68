package imagepull_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/yamledit"
)

func gather(t testing.TB, input string) []imagepull.Facts {
	t.Helper()
	in, err := manifest.Read([]byte(input))
	if err != nil {
		t.Fatal(err)
	}
	facts, err := manifest.Each(in, func(o manifest.Object, n yamledit.Node) imagepull.Facts {
		return imagepull.Gather(podspec.Builtin(), o, n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func config(t testing.TB, text string) imagepull.Config {
	t.Helper()
	doc, err := yamledit.Parse([]byte("apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\n" + text))
	if err != nil {
		t.Fatal(err)
	}
	c, err := v1alpha1.Decode(doc.Root(), imagepull.FindingIDs()...)
	if err != nil {
		t.Fatal(err)
	}
	ready, err := imagepull.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return ready
}

// lines writes a plan as "severity id object path: old -> new".
func lines(p imagepull.Plan) []string {
	var all []string
	for _, e := range p.Entries {
		all = append(all, fmt.Sprintf("%s %s %s %s: %s -> %s", e.Severity, e.ID, e.Object.Name, e.Path, e.Old, e.New))
	}
	return all
}

func TestDecide(t *testing.T) {
	for name, test := range map[string]struct {
		config, input string
		want          []string
	}{
		"an info is said about a policy that is not the tag's": {
			"", pod("a", "containers: [{image: 'x:1', imagePullPolicy: Always}]"),
			[]string{"info policy-differs-from-tag a spec.containers[0].imagePullPolicy: Always -> IfNotPresent"},
		},
		"a placeholder without a policy is named": {
			"", pod("a", "containers: [{image: 'x:{{tag}}'}]"),
			[]string{"info unresolved-image a spec.containers[0].image: x:{{tag}} -> "},
		},
		"a placeholder with a policy is not": {
			"", pod("a", "containers: [{image: 'x:{{tag}}', imagePullPolicy: Always}]"), nil,
		},
		"what is no reference is named, and left alone": {
			"", pod("a", "containers: [{image: 'X:1'}]"),
			[]string{"warning invalid-image a spec.containers[0].image: X:1 -> "},
		},
		"a place that cannot be edited as text is named": {
			"", pod("a", "containers: [{image: \"x\"#\n  }]"),
			[]string{"error not-editable a spec.containers[0].imagePullPolicy:  -> Always"},
		},
		"one text cannot hold two answers": {
			"pullSecrets: {add: [{name: s, namespaces: [one]}, {name: r, namespaces: [two]}]}",
			"apiVersion: v1\nkind: List\nitems:\n" +
				"- {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: one}, spec: &spec {containers: [{image: 'x:1', imagePullPolicy: IfNotPresent}]}}\n" +
				"- {apiVersion: v1, kind: Pod, metadata: {name: b, namespace: two}, spec: *spec}\n",
			[]string{
				"info secret-added a spec.imagePullSecrets:  -> s",
				"info immutable-when-live a spec.imagePullSecrets:  -> ",
				"info service-account-hidden a :  -> ",
				"info secret-added b spec.imagePullSecrets:  -> r",
				"info immutable-when-live b spec.imagePullSecrets:  -> ",
				"info service-account-hidden b :  -> ",
				"error shared-by-alias b spec.imagePullSecrets:  -> r",
			},
		},
		"one text holds one answer that two places want": {
			"pullSecrets: {add: [{name: s}]}",
			"apiVersion: v1\nkind: List\nitems:\n" +
				"- {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: &spec {containers: [{image: 'x:1'}]}}\n" +
				"- {apiVersion: v1, kind: Pod, metadata: {name: b}, spec: *spec}\n",
			[]string{
				"info policy-set a spec.containers[0].imagePullPolicy:  -> IfNotPresent",
				"info secret-added a spec.imagePullSecrets:  -> s",
				"info immutable-when-live a spec.imagePullSecrets:  -> ",
				"info service-account-hidden a :  -> ",
				"info policy-set b spec.containers[0].imagePullPolicy:  -> IfNotPresent",
				"info secret-added b spec.imagePullSecrets:  -> s",
				"info immutable-when-live b spec.imagePullSecrets:  -> ",
			},
		},
		"a container that merges one that gets a policy must know its own image": {
			"", pod("a", "containers:\n  - &c {image: x}\n  - <<: *c\n    image: '{{image}}'"),
			[]string{
				"info policy-set a spec.containers[0].imagePullPolicy:  -> Always",
				"info unresolved-image a spec.containers[1].image: {{image}} -> ",
				"error shared-by-alias a spec.containers[1].imagePullPolicy:  -> ",
			},
		},
		"a merged list of secrets is written out as the pod's own": {
			"pullSecrets: {add: [{name: s}]}",
			pod("a", "<<: {imagePullSecrets: [{name: old}]}\n  containers: [{image: 'x:1', imagePullPolicy: IfNotPresent}]"),
			[]string{"info secret-added a spec.imagePullSecrets:  -> s", "info immutable-when-live a spec.imagePullSecrets:  -> "},
		},
		"a selector knows an object by the name that it had before kustomize": {
			"include: [{name: web}]",
			"apiVersion: v1\nkind: Pod\nmetadata:\n  name: pre-web\n  annotations: {internal.config.kubernetes.io/previousNames: 'web,mid-web', internal.config.kubernetes.io/previousNamespaces: 'default,default'}\nspec: {containers: [{image: x}]}\n",
			[]string{"info policy-set pre-web spec.containers[0].imagePullPolicy:  -> Always"},
		},
		"an absent namespace is default to a selector, as in kustomize": {
			"exclude: [{namespace: default}]", pod("a", "containers: [{image: x}]"), nil,
		},
		"unless the config says what it is": {
			"exclude: [{namespace: default}]\ndefaultNamespace: team", pod("a", "containers: [{image: x}]"),
			[]string{"info policy-set a spec.containers[0].imagePullPolicy:  -> Always"},
		},
		"workflows that call each other in a circle end": {
			"pullSecrets: {add: [{name: s, images: [reg.example.com]}]}",
			template("a", "b") + "---\n" + template("b", "a"), nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			plan := imagepull.Decide(config(t, test.config), gather(t, test.input))
			if diff := cmp.Diff(test.want, lines(plan)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func pod(name, spec string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + "}\nspec:\n  " + spec + "\n"
}

// template is a WorkflowTemplate whose one step runs another's.
func template(name, calls string) string {
	return "apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: {name: " + name + "}\nspec:\n  templates:\n  - name: main\n" +
		"    steps: [[{name: call, templateRef: {name: " + calls + ", template: main}}]]\n"
}

func TestDecideDependsOnNothingButItsArgumentsAndChangesNeither(t *testing.T) {
	c := config(t, "pullSecrets: {add: [{name: s}], remove: [old]}")
	input := pod("a", "containers: [{image: x}]\n  imagePullSecrets: [{name: old}]")
	facts := gather(t, input)
	first, second := imagepull.Decide(c, facts), imagepull.Decide(c, facts)
	if diff := cmp.Diff(lines(first), lines(second)); diff != "" {
		t.Errorf("the second plan is another\n%s", diff)
	}
	if again := imagepull.Decide(c, gather(t, input)); !slices.Equal(lines(first), lines(again)) {
		t.Error("the plan over facts that were gathered anew is another")
	}
}

func TestAPlanThatFailsHasNoEditsAndNoResultsOfChanges(t *testing.T) {
	plan := imagepull.Decide(config(t, ""), gather(t, pod("a", "containers: [{image: x}, {image: y, imagePullPolicy: no-policy}]")))
	if !plan.Failed() || len(plan.Edits()) != 0 {
		t.Errorf("failed %v, %d edits", plan.Failed(), len(plan.Edits()))
	}
	if results := plan.Results(); len(results) != 1 || results[0].Severity != manifest.SeverityError {
		t.Errorf("results %+v", results)
	}
}

func TestMessagesBeginWithTheErrors(t *testing.T) {
	plan := imagepull.Decide(config(t, ""), gather(t, pod("a", "containers: [{image: x, imagePullPolicy: Never}, {image: y, imagePullPolicy: no-policy}]")))
	messages := plan.Messages()
	if len(messages) != 2 || !strings.HasPrefix(messages[0], "error: ") || !strings.HasPrefix(messages[1], "warning: ") {
		t.Errorf("%q", messages)
	}
}

func TestTheTableOfFindingsIsSortedAndHasEachIdOnce(t *testing.T) {
	ids := imagepull.FindingIDs()
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("%q", ids)
	}
	for _, kind := range imagepull.FindingKinds {
		if kind.Severity == "" || !strings.HasSuffix(kind.Meaning, ".") {
			t.Errorf("%+v", kind)
		}
	}
}
