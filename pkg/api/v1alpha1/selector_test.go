package v1alpha1_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/resid"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
)

// jsonFields lists the fields of a struct as JSON names them, inline structs resolved.
func jsonFields(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if strings.Contains(options, "inline") {
			names = append(names, jsonFields(f.Type)...)
		} else if name != "-" && f.IsExported() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestASelectorHasTheFieldsOfKustomizes(t *testing.T) {
	ours, theirs := jsonFields(reflect.TypeFor[v1alpha1.Selector]()), jsonFields(reflect.TypeFor[types.Selector]())
	if !slices.Equal(ours, theirs) {
		t.Errorf("ours are %v, kustomize's are %v", ours, theirs)
	}
}

// kustomizeMatches does what resWrangler.Select of kustomize's api/resmap does
// with an object that was not renamed.
func kustomizeMatches(t *testing.T, s v1alpha1.Selector, o v1alpha1.Subject) (bool, error) {
	t.Helper()
	selector := types.Selector{
		ResId: resid.ResId{
			Gvk:  resid.Gvk{Group: s.Group, Version: s.Version, Kind: s.Kind},
			Name: s.Name, Namespace: s.Namespace,
		},
		LabelSelector: s.LabelSelector, AnnotationSelector: s.AnnotationSelector,
	}
	r, err := types.NewSelectorRegex(&selector)
	if err != nil {
		return false, err
	}
	node := kyaml.NewMapRNode(nil)
	if err := node.SetLabels(o.Labels); err != nil {
		t.Fatal(err)
	}
	if err := node.SetAnnotations(o.Annotations); err != nil {
		t.Fatal(err)
	}
	labelled, err := node.MatchesLabelSelector(s.LabelSelector)
	if err != nil {
		return false, err
	}
	annotated, err := node.MatchesAnnotationSelector(s.AnnotationSelector)
	if err != nil {
		return false, err
	}
	return r.MatchNamespace(o.Namespace) && r.MatchName(o.Name) && labelled && annotated &&
		r.MatchGvk(resid.Gvk{Group: o.Group, Version: o.Version, Kind: o.Kind}), nil
}

func TestASelectorMatchesAsKustomizesDoes(t *testing.T) {
	subjects := []v1alpha1.Subject{
		{},
		{Version: "v1", Kind: "Pod", Name: "web", Namespace: "team-a", Labels: map[string]string{"app": "web", "n": "5"}},
		{Group: "apps", Version: "v1", Kind: "Deployment", Name: "web-1", Annotations: map[string]string{"example.com/keep": "Any text, at all"}},
		{Group: "argoproj.io", Version: "v1alpha1", Kind: "Workflow", Name: "my.web", Namespace: "default", Labels: map[string]string{"app": "", "tier": "test"}},
	}
	selectors := []v1alpha1.Selector{{}, {Group: "apps", Version: "v1", Kind: "Deployment", Name: "web-1"}}
	for _, pattern := range []string{"apps", "app", "v1", "v1.*", "Pod|Deployment", "Deploy", "web", "web.*", "my.web", "^web$", "a|b", "(?i)WEB", ".*", "()", "default", "team-[ab]", "web(", "*", ")|(", "[a"} {
		selectors = append(selectors, v1alpha1.Selector{Group: pattern}, v1alpha1.Selector{Version: pattern},
			v1alpha1.Selector{Kind: pattern}, v1alpha1.Selector{Name: pattern}, v1alpha1.Selector{Namespace: pattern})
	}
	for _, text := range labelSelectors {
		selectors = append(selectors, v1alpha1.Selector{LabelSelector: text}, v1alpha1.Selector{AnnotationSelector: text})
	}
	for _, s := range selectors {
		m, err := s.Compile()
		for _, o := range subjects {
			want, wantErr := kustomizeMatches(t, s, o)
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("%+v: got error %v, kustomize's is %v", s, err, wantErr)
			}
			if got := err == nil && m.Matches(o); got != want {
				t.Errorf("%+v on %+v: got %v, kustomize says %v", s, o, got, want)
			}
		}
	}
}

var labelSelectors = []string{
	"", " ", "app", "!app", "! app", "app=web", "app==web", "app!=web", "app = web", "app=", "app!=", "=web", "app=web,", ",", ",app",
	"app=web,n", "app in (web)", "app in (web,api)", "app in (web, api),n=5", "app notin (web)", "app in ()", "app notin ()",
	"app in (,)", "app in (,,web)", "app in (web,)", "app in (web", "app in web", "app in (web api)", "app in (web=)", "app notin", "in in (in)",
	"notin=in", "in", "app=in", "app in (in,notin)", "n>4", "n>5", "n<6", "n < 5", "n>x", "n>", "n>-1", "app>1", "n>4,n<6", "n<=5", "n=!5",
	"app===web", "!!app", "!app=web", "!=web", "app web", "app)", "(app)", "app=web web", "app=a_b.c-d", "app=-web", "app=web-", "-app", "app_",
	"example.com/keep", "!example.com/keep", "Example.com/keep", "/keep", "a/b/c", "example.com/", "example..com/keep", "app=ü", "ü",
	"app=" + strings.Repeat("a", 63), "app=" + strings.Repeat("a", 64), strings.Repeat("a", 63), strings.Repeat("a", 64),
	strings.Repeat("a", 253) + "/x", strings.Repeat("a", 254) + "/x", "app\t=\nweb\r", "app=web , n in ( 5 , 6 )", "n>9223372036854775807", "n>9223372036854775808",
}

func FuzzALabelSelectorMeansWhatKubernetesReads(f *testing.F) {
	for _, s := range labelSelectors {
		f.Add(s, "app", "web", "n", "5")
	}
	f.Fuzz(func(t *testing.T, text, key1, value1, key2, value2 string) {
		if strings.Contains(text, "\x00") {
			return // there a zero byte is the end of the text; here it is refused
		}
		m, err := v1alpha1.Selector{LabelSelector: text}.Compile()
		want, wantErr := labels.Parse(text)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: got error %v, Kubernetes' is %v", text, err, wantErr)
		}
		if err != nil {
			return
		}
		for _, set := range []map[string]string{nil, {key1: value1}, {key2: value2}, {key1: value1, key2: value2}} {
			if got, want := m.Matches(v1alpha1.Subject{Labels: set}), want.Matches(labels.Set(set)); got != want {
				t.Errorf("%q on %v: got %v, Kubernetes says %v", text, set, got, want)
			}
		}
	})
}

func TestASelectorsErrorNamesTheField(t *testing.T) {
	_, err := v1alpha1.Selector{Group: "[", AnnotationSelector: "a=b=c"}.Compile()
	want := `group: "[" is no regular expression (missing closing ]); write it in the syntax of Go's package regexp
annotationSelector: "a=b=c" is no label selector: it has "=" where ',' or the end should be; write it as for kubectl -l, such as app=web,tier notin (test)`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
