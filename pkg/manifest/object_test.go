package manifest_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/yamledit"
)

func TestDescribeReadsWhoAnObjectIs(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want manifest.Object
	}{
		"names": {
			"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: team}\n",
			manifest.Object{APIVersion: "apps/v1", Kind: "Deployment", Name: "web", Namespace: "team", FileIndex: -1},
		},
		"labels and annotations that are no strings are read as their text": {
			"apiVersion: v1\nkind: Pod\nmetadata:\n  name: 7\n  labels: {a: 1, b: true, c: x, d: {}, e: [], f: null}\n  annotations:\n    g: 1.50\n",
			manifest.Object{APIVersion: "v1", Kind: "Pod", Name: "7", FileIndex: -1, Labels: manifest.StringMap{{"a", "1"}, {"b", "true"}, {"c", "x"}, {"f", ""}}, Annotations: manifest.StringMap{{"g", "1.50"}}},
		},
		"wrong types in metadata are passed over": {
			"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {a: b}\n  namespace: []\n  labels: x\n  annotations: []\n",
			manifest.Object{APIVersion: "v1", Kind: "Pod", FileIndex: -1},
		},
		"metadata that is no mapping is passed over": {
			"apiVersion: v1\nkind: Pod\nmetadata: x\n",
			manifest.Object{APIVersion: "v1", Kind: "Pod", FileIndex: -1},
		},
		"where kpt and kustomize read it": {
			"apiVersion: v1\nkind: Pod\nmetadata:\n  annotations: {config.kubernetes.io/path: a/b.yaml, config.kubernetes.io/index: '3', internal.config.kubernetes.io/path: c.yaml}\n",
			manifest.Object{APIVersion: "v1", Kind: "Pod", File: "a/b.yaml", FileIndex: 3, Annotations: manifest.StringMap{{"config.kubernetes.io/path", "a/b.yaml"}, {"config.kubernetes.io/index", "3"}, {"internal.config.kubernetes.io/path", "c.yaml"}}},
		},
		"where it was read, by the internal annotations": {
			"apiVersion: v1\nkind: Pod\nmetadata:\n  annotations: {internal.config.kubernetes.io/path: c.yaml, internal.config.kubernetes.io/index: x}\n",
			manifest.Object{APIVersion: "v1", Kind: "Pod", File: "c.yaml", FileIndex: -1, Annotations: manifest.StringMap{{"internal.config.kubernetes.io/path", "c.yaml"}, {"internal.config.kubernetes.io/index", "x"}}},
		},
		"what is merged": {
			"x: &x {kind: Pod, metadata: {name: a}}\n<<: *x\napiVersion: v1\n",
			manifest.Object{APIVersion: "v1", Kind: "Pod", Name: "a", FileIndex: -1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.Line = 1
			in, err := manifest.Read([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			got, err := manifest.Each(in, func(o manifest.Object, n yamledit.Node) manifest.Object {
				again, err := manifest.Describe(n)
				if diff := cmp.Diff(o, again); diff != "" || err != nil {
					t.Errorf("Describe (%v) says something else than Each (-Each +Describe):\n%s", err, diff)
				}
				return o
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]manifest.Object{c.want}, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			var tree yaml.Node
			if err := yaml.Unmarshal([]byte(c.in), &tree); err != nil {
				t.Fatal(err)
			}
			over, err := manifest.Describe(yamledit.FromYAML(&tree).Root())
			if diff := cmp.Diff(c.want, over); diff != "" || err != nil {
				t.Errorf("over a node tree (%v, -want +got):\n%s", err, diff)
			}
		})
	}
}

func TestListsThatGrowByAliasesAreRefusedInTreesToo(t *testing.T) {
	bomb := "a0: &a0 {kind: A, apiVersion: v1}\n"
	for i := range 30 {
		bomb += fmt.Sprintf("a%d: &a%d {kind: List, apiVersion: v1, items: [*a%d, *a%[3]d]}\n", i+1, i+1, i)
	}
	for name, text := range map[string]string{
		"a list of aliased lists":  bomb + "kind: List\napiVersion: v1\nitems:\n- *a30\n",
		"a list that holds itself": "&a\napiVersion: v1\nkind: List\nitems:\n- *a\n",
	} {
		var tree yaml.Node
		if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
			t.Fatal(err)
		}
		err := manifest.Objects(yamledit.FromYAML(&tree).Root(), func(manifest.Object, yamledit.Node) {})
		if err == nil || !strings.Contains(err.Error(), "are aliases") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestObjectsAreNamedForPeople(t *testing.T) {
	for _, c := range []struct {
		o                      manifest.Object
		text, group, version   string
		localConfig, configSet bool
		annotation             string
	}{
		{o: manifest.Object{APIVersion: "apps/v1", Kind: "Deployment", Name: "web", Namespace: "team"}, text: "apps/v1 Deployment team/web", group: "apps", version: "v1"},
		{o: manifest.Object{APIVersion: "v1", Kind: "Secret", Name: "s"}, text: "v1 Secret s", version: "v1", annotation: "false", configSet: true},
		{o: manifest.Object{APIVersion: "v1", Kind: "Pod", Namespace: "team"}, text: "v1 Pod", version: "v1", annotation: "true", configSet: true, localConfig: true},
		{o: manifest.Object{}, annotation: "", configSet: true, localConfig: true},
	} {
		if c.configSet {
			c.o.Annotations = manifest.StringMap{{"config.kubernetes.io/local-config", c.annotation}}
		}
		if c.o.String() != c.text || c.o.Group() != c.group || c.o.Version() != c.version || c.o.LocalConfig() != c.localConfig {
			t.Errorf("%+v: %q, group %q, version %q, local %v", c.o, c.o, c.o.Group(), c.o.Version(), c.o.LocalConfig())
		}
	}
}

func TestObjectsKnowTheLineTheyStartAt(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want []int
	}{
		"documents":             {"# c\n---\n# c\n" + pod + "---\n" + pod, []int{4, 9}},
		"documents with CRLF":   {strings.ReplaceAll("---\n"+pod+"---\n"+pod, "\n", "\r\n"), []int{2, 7}},
		"documents with CR":     {strings.ReplaceAll("---\n"+pod+"---\n"+pod, "\n", "\r"), []int{2, 7}},
		"items":                 {"apiVersion: v1\nkind: List\nitems:\n" + indented(pod) + "\n# c\n" + indented(pod), []int{4, 10}},
		"lists in lists":        {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: PodList\n  items:\n  - {}\n\n  - {}\n" + indented(pod), []int{7, 9, 10}},
		"items read as a whole": {"apiVersion: v1\nkind: List\nitems:\n- &a {apiVersion: v1, kind: Pod}\n\n- *a\n", []int{4, 6}},
		"JSON":                  {"{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}\n\n{\"apiVersion\":\"v1\",\"kind\":\"List\",\n\"items\":[\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\"},\n\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}]}", []int{1, 5, 7}},
	} {
		in, err := manifest.Read([]byte(c.in))
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := manifest.Each(in, func(o manifest.Object, _ yamledit.Node) int { return o.Line })
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s (%v, -want +got):\n%s", name, err, diff)
		}
	}
}

func TestTheFunctionConfigIsFoundWhereverItStands(t *testing.T) {
	for name, text := range map[string]string{
		"before the items":    head + "functionConfig:\n  kind: X\n  data: {a: b}\nitems:\n" + item,
		"after the items":     head + "items:\n" + item + "functionConfig:\n  kind: X\n  data: {a: b}\n",
		"beside empty items":  head + "functionConfig:\n  kind: X\n  data: {a: b}\nitems: []\n",
		"in a list as one":    head + "functionConfig:\n  kind: X\n  data: {a: b}\nitems:\n- &a {apiVersion: v1, kind: Pod}\n- *a\n",
		"in flow style":       "{kind: ResourceList, apiVersion: config.kubernetes.io/v1beta1, items: [], functionConfig: {kind: X, data: {a: b}}}",
		"in JSON":             `{"kind":"ResourceList","items":[],"functionConfig":{"kind":"X","data":{"a":"b"}},"apiVersion":"config.kubernetes.io/v1"}`,
		"an anchor in itself": head + "functionConfig:\n  kind: &x X\n  data: {a: b}\n  y: *x\nitems:\n" + item,
	} {
		in, err := manifest.Read([]byte(text))
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := manifest.Each(in, func(manifest.Object, yamledit.Node) int { return 0 }); err != nil {
			t.Fatal(name, err)
		}
		config, ok := in.FunctionConfig()
		data, _ := config.Get("data")
		if a, _ := data.Get("a"); !ok || !in.ResourceList() || a.Text() != "b" {
			t.Errorf("%s: functionConfig %v, ResourceList %v", name, ok, in.ResourceList())
		}
	}
	for name, text := range map[string]string{
		"absent":      head + "items: []\n",
		"null":        head + "functionConfig:\nitems:\n" + item,
		"of a stream": "apiVersion: v1\nkind: List\nfunctionConfig: {}\nitems: []\n",
	} {
		in, err := manifest.Read([]byte(text))
		if err != nil {
			t.Fatal(name, err)
		}
		if _, ok := in.FunctionConfig(); ok {
			t.Errorf("%s: there is one", name)
		}
	}
}

// parts are what generated inputs are made of: pieces of text that are harmless
// alone and not always so beside each other.
var parts = []string{
	"apiVersion: v1\nkind: List\nitems:\n", "apiVersion: v1\nkind: PodList\nitems: # c\n", head + "items:\n", "kind: A\napiVersion: v1\n", "items:\n",
	"- kind: A\n  apiVersion: v1\n", "- kind: B\n  apiVersion: v1\n  x: |\n    - a\n    ---\n\n", "- {kind: C, apiVersion: v1}\n", "-\n  kind: D\n  apiVersion: v1\n",
	"  - kind: E\n    apiVersion: v1\n", "  - kind: F\n    apiVersion: v1\n    x: >+\n      a\n\n\n", "  - kind: G\n    apiVersion: v1\n    x: 'a\n\n      - b'\n",
	"- kind: H\n  apiVersion: v1\n  x: \"a\n", "- b\"\n", "- kind: I\n  apiVersion: v1\n  x: &x y\n", "- kind: J\n  apiVersion: v1\n  x: *x\n", "- *x\n", "- &x\n  kind: K\n  apiVersion: v1\n",
	"- kind: List\n  apiVersion: v1\n  items:\n  - kind: L\n    apiVersion: v1\n", "- - a\n", "- a\n", "-\n", "- x: [a,\n", "- b]\n",
	"# c\n", "\n", "   \n", "    # - c\n", "---\n", "--- # c\n", "...\n", "%YAML 1.1\n", "metadata:\n  items:\n  - x\n", "functionConfig:\n  kind: X\n", "results:\n- message: x\n", "results: []\n",
	"x: |\n  items:\n  - a\n", "x: y\n", "  x: y\n", " x: y\n", "\"items\":\n", "{kind: M, apiVersion: v1}\n", "{\"kind\": \"N\", \"apiVersion\": \"v1\"}\n", "{\"kind\": \"List\", \"apiVersion\": \"v1\", \"items\": [\n", "]}\n", ",\n", "? items\n:\n", "<<: {x: y}\n", "x: \"\n", "\"\n", "null\n", "  x: y",
}

func TestGeneratedInputsAreReadAsTheirWhole(t *testing.T) {
	const seed = 7
	random := rand.New(rand.NewPCG(seed, seed))
	for i := range 20000 {
		var b strings.Builder
		for range 1 + random.IntN(9) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		text := b.String()
		switch random.IntN(8) {
		case 0:
			text = strings.ReplaceAll(text, "\n", "\r\n")
		case 1:
			text = strings.ReplaceAll(text, "\n", "\r")
		}
		agree(t, []byte(text))
		if t.Failed() {
			t.Fatalf("case %d of seed %d: %q", i, seed, text)
		}
	}
}

func TestAnswersComeInTheOrderOfTheInput(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	var b strings.Builder
	var want []string
	object := func(indent string) {
		want = append(want, fmt.Sprint("n", len(want)))
		fmt.Fprintf(&b, "%sapiVersion: v1\n%s  kind: Pod\n%[2]s  metadata: {name: %s}\n", indent, strings.ReplaceAll(indent, "-", " ")[:max(0, len(indent)-2)], want[len(want)-1])
	}
	for i := range 300 {
		b.WriteString("---\n")
		switch i % 5 {
		case 0: // empty
		case 1: // a list that is split
			if i%7 == 0 {
				b.WriteString("apiVersion: v1\nkind: List\nitems: []\n")
				continue
			}
			b.WriteString("apiVersion: v1\nkind: List\nitems:\n")
			for range i % 7 {
				object("- ")
			}
		case 2: // a list that is read as a whole
			b.WriteString("apiVersion: v1\nkind: List\nx: &x y\nitems:\n")
			object("- ")
			b.WriteString("- apiVersion: v1\n  kind: List\n  y: *x\n  items:\n")
			object("  - ")
			object("  - ")
		default:
			fmt.Fprintf(&b, "apiVersion: v1\nkind: Pod\nmetadata: {name: n%d}\n", len(want))
			want = append(want, fmt.Sprint("n", len(want)))
		}
	}
	in, err := manifest.Read([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	got, err := manifest.Each(in, func(o manifest.Object, _ yamledit.Node) string { return o.Name })
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(%v, -want +got)\n%s", err, diff)
	}
}
