package manifest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pullable/pullable/pkg/yamledit"
)

func TestAgainGivesTheSameObjectsAsEach(t *testing.T) {
	item := func(i int) string {
		return fmt.Sprintf(`{"apiVersion":"v1","kind":"A","metadata":{"name":"a"},"n":%d}`, i)
	}
	var items, documents, block []string
	for i := range 40 {
		items = append(items, item(i))
		documents = append(documents, fmt.Sprintf("apiVersion: v1\nkind: A\nmetadata: {name: a%d}\nn: %d\n", i%7, i))
		block = append(block, fmt.Sprintf("- apiVersion: v1\n  kind: A\n  metadata: {name: a}\n  n: %d\n", i))
	}
	for name, text := range map[string]string{
		"documents":                     strings.Join(documents, "---\n"),
		"a list in block style":         "apiVersion: v1\nkind: List\nitems:\n" + strings.Join(block, ""),
		"a list in flow style":          "{apiVersion: v1, kind: List, items: [" + strings.Join(items, ", ") + "]}\n",
		"JSON on one line":              `{"apiVersion":"v1","kind":"List","items":[` + strings.Join(items, ",") + "]}",
		"JSON values on one line":       strings.Join(items, " "),
		"lists in lists":                "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items: [" + strings.Join(items, ",\n    ") + "]\n" + strings.Join(block, ""),
		"items that share an anchor":    "apiVersion: v1\nkind: List\nitems:\n- &x\n  apiVersion: v1\n  kind: A\n  n: 1\n- *x\n" + strings.Join(block, "") + "- apiVersion: v1\n  kind: A\n  <<: *x\n  m: 3\n",
		"a ResourceList":                "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n" + strings.Join(block, ""),
		"a document after one in error": "---\n# nothing\n---\nnull\n---\n" + strings.Join(documents, "---\n"),
	} {
		in, err := Read([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		type answer struct {
			object Object
			n      string
		}
		f := func(o Object, n yamledit.Node) answer {
			v, _ := n.Get("n")
			return answer{o, v.Text()}
		}
		all, err := Each(in, f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = slices.DeleteFunc(all, func(a answer) bool { return a.object.Kind == "" })
		if len(all) < 20 {
			t.Fatalf("%s: %d objects", name, len(all))
		}
		for every := 1; every < 12; every += 3 {
			var objects []*Object
			var want []string
			for i := range all {
				// Copies are told apart by their order, so that all of them are asked for.
				if i%every == 0 || strings.HasPrefix(name, "JSON") || strings.HasSuffix(name, "flow style") {
					objects, want = append(objects, &all[i].object), append(want, all[i].n)
				}
			}
			again, err := Again(in, objects, f)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var got []string
			for _, a := range again {
				got = append(got, a.n)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, every %d: %v\nwant %v", name, every, got, want)
			}
		}
	}
}
