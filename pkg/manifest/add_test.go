package manifest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/yamledit"
)

func TestObjectsAreAddedAtTheEnd(t *testing.T) {
	object := yamledit.Map("kind", yamledit.Text("New")).And("list", yamledit.ListOf(yamledit.Map("name", yamledit.Text("a"))))
	const one = "apiVersion: v1\nkind: A\n"
	for name, c := range map[string]struct{ in, want string }{
		"of a stream, as a document":             {one, one + "---\nkind: New\nlist:\n- name: a\n"},
		"of a stream without a final line break": {strings.TrimSuffix(one, "\n"), one + "---\nkind: New\nlist:\n- name: a\n"},
		"of a stream with Windows line ends":     {"apiVersion: v1\r\nkind: A\r\n", "apiVersion: v1\r\nkind: A\r\n---\r\nkind: New\r\nlist:\r\n- name: a\r\n"},
		"of a stream that ends with a marker":    {one + "...\n", one + "...\n---\nkind: New\nlist:\n- name: a\n"},
		"of JSON, as JSON":                       {`{"apiVersion":"v1","kind":"A"}`, `{"apiVersion":"v1","kind":"A"}` + "\n" + `{"kind": "New", "list": [{"name": "a"}]}` + "\n"},
		"of the items of a ResourceList": {
			head + "items:\n- apiVersion: v1\n  kind: A\n  x: old\nfunctionConfig:\n  kind: F\n",
			head + "items:\n- apiVersion: v1\n  kind: A\n  x: new\n- kind: New\n  list:\n  - name: a\nfunctionConfig:\n  kind: F\nresults:\n- message: m\n  severity: info\n",
		},
		"of items that are indented and come last": {
			head + "items:\n  - apiVersion: v1\n    kind: A\n    x: old\n",
			head + "items:\n  - apiVersion: v1\n    kind: A\n    x: new\n  - kind: New\n    list:\n      - name: a\nresults:\n  - message: m\n    severity: info\n",
		},
		"of items in brackets": {
			head + "items: [{apiVersion: v1, kind: A, x: old}]\n",
			head + "items: [{apiVersion: v1, kind: A, x: new}, {kind: New, list: [{name: a}]}]\nresults:\n- message: m\n  severity: info\n",
		},
		"of items in JSON": {
			`{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"apiVersion":"v1","kind":"A","x":"old"}]}`,
			`{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"apiVersion":"v1","kind":"A","x":"new"}, {"kind": "New", "list": [{"name": "a"}]}],"results":[{"message":"m","severity":"info"}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := manifest.Read([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			var edits []yamledit.Edit
			if _, err := manifest.Each(in, func(_ manifest.Object, n yamledit.Node) int {
				if x, ok := n.Get("x"); ok {
					place, err := x.Replace()
					if err != nil {
						t.Error(err)
					}
					edits = append(edits, yamledit.Edit{Place: place, Value: yamledit.Text("new")})
				}
				return 0
			}); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := in.Write(&out, edits, []yamledit.Value{object}, []manifest.Result{{Message: "m", Severity: "info"}}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, out.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestNothingIsAddedWhereItWouldChangeTheTextBefore(t *testing.T) {
	in, err := manifest.Read([]byte("apiVersion: v1\nkind: A\ntext: |\n  a"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := in.Write(&out, nil, []yamledit.Value{yamledit.Map("kind", yamledit.Text("New"))}, nil); err == nil || out.Len() > 0 {
		t.Errorf("error %v, written %q", err, out.String())
	}
}
