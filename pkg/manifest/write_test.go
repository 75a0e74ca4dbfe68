package manifest_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/yamledit"
)

var twoResults = []manifest.Result{
	{
		Message:  "image has no tag, which means latest",
		Severity: manifest.SeverityInfo,
		Object:   &manifest.Object{APIVersion: "v1", Kind: "Pod", Name: "a", File: "a.yaml", FileIndex: 1},
		Field:    manifest.Field{Path: "spec.containers[0].imagePullPolicy", Proposed: "Always", HasProposed: true},
		Tags:     []manifest.Tag{{Key: "id", Value: "policy"}},
	},
	{Message: "no", Severity: manifest.SeverityError},
}

const blockResults = `- message: image has no tag, which means latest
  severity: info
  resourceRef:
    apiVersion: v1
    kind: Pod
    name: a
  field:
    path: spec.containers[0].imagePullPolicy
    proposedValue: Always
  file:
    path: a.yaml
    index: 1
  tags:
    id: policy
- message: "no"
  severity: error
`

const flowResults = `[{"message": "image has no tag, which means latest", "severity": "info", "resourceRef": {"apiVersion": "v1", "kind": "Pod", "name": "a"}, ` +
	`"field": {"path": "spec.containers[0].imagePullPolicy", "proposedValue": "Always"}, "file": {"path": "a.yaml", "index": 1}, "tags": {"id": "policy"}}, ` +
	`{"message": "no", "severity": "error"}]`

const prettyResults = `"results": [
    {
      "message": "image has no tag, which means latest",
      "severity": "info",
      "resourceRef": {
        "apiVersion": "v1",
        "kind": "Pod",
        "name": "a"
      },
      "field": {
        "path": "spec.containers[0].imagePullPolicy",
        "proposedValue": "Always"
      },
      "file": {
        "path": "a.yaml",
        "index": 1
      },
      "tags": {
        "id": "policy"
      }
    },
    {
      "message": "no",
      "severity": "error"
    }
  ]`

const head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"

// item has a field at which the edit of the tests below goes.
const item = "- apiVersion: v1\n  kind: Pod\n  x: old\n"

func TestResultsTakeTheStyleOfTheDocument(t *testing.T) {
	indent := func(s, by string) string { return strings.ReplaceAll(by+s, "\n", "\n"+by) }
	trim := func(s string) string { return strings.TrimRight(s, " \n") }
	for name, c := range map[string]struct{ in, with, without string }{
		"they are added at the end": {
			in:   head + "items:\n" + item,
			with: head + "items:\n" + item + "results:\n" + blockResults,
		},
		"they are added after a field that follows the items": {
			in:   head + "items:\n" + item + "functionConfig: {}\n",
			with: head + "items:\n" + item + "functionConfig: {}\nresults:\n" + blockResults,
		},
		"they are indented as the items are": {
			in:   head + "items:\n" + trim(indent(item, "  ")) + "\n",
			with: head + "items:\n" + trim(indent(item, "  ")) + "\nresults:\n" + trim(indent(blockResults, "  ")) + "\n",
		},
		"they are added in front of a document end marker": {
			in:   head + "items:\n" + item + "...\n",
			with: head + "items:\n" + item + "results:\n" + blockResults + "...\n",
		},
		"they are added in front of the items where there is no final line break": {
			in:   head + "items:\n" + item + "  y: |\n    text",
			with: head + "results:\n" + blockResults + "items:\n" + item + "  y: |\n    text",
		},
		"they have CRLF where the document has": {
			in:   strings.ReplaceAll(head+"items:\n"+item, "\n", "\r\n"),
			with: strings.ReplaceAll(head+"items:\n"+item+"results:\n"+blockResults, "\n", "\r\n"),
		},
		"they replace those behind the items": {
			in:      head + "items:\n" + item + "results:\n- message: |\n    old\n- message: older # comment\n# end\n",
			with:    head + "items:\n" + item + "results:\n" + trim(blockResults) + " # comment\n# end\n",
			without: head + "items:\n" + item + "results: [] # comment\n# end\n",
		},
		"they replace those between other fields": {
			in:      head + "items:\n" + item + "results:\n  - message: old\n\n# c\nfunctionConfig: {}\n",
			with:    head + "items:\n" + item + "results:\n" + trim(blockResults) + "\n\n# c\nfunctionConfig: {}\n",
			without: head + "items:\n" + item + "results: []\n\n# c\nfunctionConfig: {}\n",
		},
		"they replace those in front of the items": {
			in:      head + "results: # old\n- message: old\nitems:\n" + item,
			with:    head + "results:\n" + blockResults + "items:\n" + item,
			without: head + "results: []\nitems:\n" + item,
		},
		"they replace an empty list": {
			in:   head + "results: []\nitems:\n" + item,
			with: head + "results:\n" + blockResults + "items:\n" + item,
		},
		"they replace null": {
			in:   head + "items:\n" + item + "results: null\n",
			with: head + "items:\n" + item + "results:\n" + blockResults,
		},
		"they replace nothing": {
			in:   head + "items:\n" + item + "results:\nfunctionConfig: {}\n",
			with: head + "items:\n" + item + "results:\n" + blockResults + "functionConfig: {}\n",
		},
		"they replace a flow list": {
			in:      head + "\"results\": [{message: a,\n  severity: info}]\nitems:\n" + item,
			with:    head + "\"results\":\n" + blockResults + "items:\n" + item,
			without: head + "\"results\": []\nitems:\n" + item,
		},
		"they are added to a list that is read as a whole": {
			in:   head + "items:\n" + item + "  a: &a b\n" + "- apiVersion: v1\n  kind: Pod\n  a: *a\n",
			with: head + "items:\n" + item + "  a: &a b\n" + "- apiVersion: v1\n  kind: Pod\n  a: *a\nresults:\n" + blockResults,
		},
		"they are indented where the document is": {
			in:      "  kind: ResourceList\n  apiVersion: config.kubernetes.io/v1\n  results:\n  - message: old\n  items:\n" + trim(indent(item, "  ")) + "\n",
			with:    "  kind: ResourceList\n  apiVersion: config.kubernetes.io/v1\n  results:\n" + trim(indent(blockResults, "  ")) + "\n  items:\n" + trim(indent(item, "  ")) + "\n",
			without: "  kind: ResourceList\n  apiVersion: config.kubernetes.io/v1\n  results: []\n  items:\n" + trim(indent(item, "  ")) + "\n",
		},
		"they are added to an empty list": {
			in:   head + "items: []\n",
			with: head + "items: []\nresults:\n" + blockResults,
		},
		"they are in braces where the document is": {
			in:   "{apiVersion: config.kubernetes.io/v1, kind: ResourceList, items: [{apiVersion: v1, kind: Pod, x: old}]}\n",
			with: `{"results": ` + flowResults + ", apiVersion: config.kubernetes.io/v1, kind: ResourceList, items: [{apiVersion: v1, kind: Pod, x: old}]}\n",
		},
		"they replace those in braces": {
			in:      "{apiVersion: config.kubernetes.io/v1, kind: ResourceList, results: [a], items: [{apiVersion: v1, kind: Pod, x: old}]}\n",
			with:    "{apiVersion: config.kubernetes.io/v1, kind: ResourceList, results: " + flowResults + ", items: [{apiVersion: v1, kind: Pod, x: old}]}\n",
			without: "{apiVersion: config.kubernetes.io/v1, kind: ResourceList, results: [], items: [{apiVersion: v1, kind: Pod, x: old}]}\n",
		},
		"they are JSON in JSON": {
			in:   `{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": [{"apiVersion": "v1", "kind": "Pod", "x": "old"}]}`,
			with: `{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": [{"apiVersion": "v1", "kind": "Pod", "x": "old"}], "results": ` + flowResults + `}`,
		},
		"they are compact in compact JSON": {
			in:   `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"apiVersion":"v1","kind":"Pod","x":"old"}]}`,
			with: `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"apiVersion":"v1","kind":"Pod","x":"old"}],"results":` + compact(flowResults) + `}`,
		},
		"they are pretty in pretty JSON": {
			in:      "{\n  \"apiVersion\": \"config.kubernetes.io/v1\",\n  \"kind\": \"ResourceList\",\n  \"results\": [{\"message\": \"old\"}],\n  \"items\": [\n    {\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"x\": \"old\"}\n  ]\n}\n",
			with:    "{\n  \"apiVersion\": \"config.kubernetes.io/v1\",\n  \"kind\": \"ResourceList\",\n  " + prettyResults + ",\n  \"items\": [\n    {\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"x\": \"old\"}\n  ]\n}\n",
			without: "{\n  \"apiVersion\": \"config.kubernetes.io/v1\",\n  \"kind\": \"ResourceList\",\n  \"results\": [],\n  \"items\": [\n    {\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"x\": \"old\"}\n  ]\n}\n",
		},
		"they are added to pretty JSON": {
			in:   "{\n  \"apiVersion\": \"config.kubernetes.io/v1\",\n  \"items\": [],\n  \"kind\": \"ResourceList\"\n}\n",
			with: "{\n  \"apiVersion\": \"config.kubernetes.io/v1\",\n  \"items\": [],\n  \"kind\": \"ResourceList\",\n  " + prettyResults + "\n}\n",
		},
		"they are indented by tabs in JSON that is": {
			in:   "{\n\t\"apiVersion\": \"config.kubernetes.io/v1\",\n\t\"items\": [],\n\t\"kind\": \"ResourceList\"\n}\n",
			with: "{\n\t\"apiVersion\": \"config.kubernetes.io/v1\",\n\t\"items\": [],\n\t\"kind\": \"ResourceList\",\n\t" + strings.ReplaceAll(prettyResults, "  ", "\t") + "\n}\n",
		},
		"a stream has none": {
			in:   "apiVersion: v1\nkind: List\nitems:\n" + item,
			with: "apiVersion: v1\nkind: List\nitems:\n" + item,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.without == "" {
				c.without = c.in
			}
			in, err := manifest.Read([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			edits, err := manifest.Each(in, func(o manifest.Object, n yamledit.Node) []yamledit.Edit {
				x, ok := n.Get("x")
				if !ok {
					return nil
				}
				place, err := x.Replace()
				if err != nil {
					t.Error(err)
				}
				return []yamledit.Edit{{Place: place, Value: yamledit.Text("new-and-longer")}}
			})
			if err != nil {
				t.Fatal(err)
			}
			var flat []yamledit.Edit
			for _, e := range edits {
				flat = append(flat, e...)
			}
			for _, edits := range [][]yamledit.Edit{nil, flat} {
				edited := func(s string) string { return s }
				if edits != nil {
					edited = strings.NewReplacer("x: old", "x: new-and-longer", `"x": "old"`, `"x": "new-and-longer"`, `"x":"old"`, `"x":"new-and-longer"`).Replace
				}
				var out bytes.Buffer
				if err := in.Write(&out, edits, nil, twoResults); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(edited(c.with), out.String()); diff != "" {
					t.Errorf("with results (-want +got):\n%s", diff)
				}
				out.Reset()
				if err := in.Write(&out, edits, nil, nil); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(edited(c.without), out.String()); diff != "" {
					t.Errorf("without results (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// compact takes the blanks of one line of JSON that stand behind : and between
// fields and items.
func compact(s string) string {
	s = strings.ReplaceAll(s, `": `, `":`)
	return strings.NewReplacer(`", "`, `","`, `}, "`, `},"`, `}, {`, `},{`).Replace(s)
}

func TestTextOfResultsReadsBackAsItself(t *testing.T) {
	texts := []string{"", " ", "a ", " a", "a: b", "a:b", "a :b", "a #b", "a#b", "- a", "-", "?", "yes", "No", "~", "null", "Null", "true", "off", "y", "N", "0x1f", "1e3", "1_000",
		"12:30:45", "2001-12-14", ".inf", ".nan", "=", "<<", "a, b", "[a]", "a[0]", "{a}", "a{b}", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a`", "'a'", "\"a\"", "a\\b", "a\nb", "a\tb", "\r",
		"\x00", "\x07", "\x1b", "\x7f", "\u0080", "\u0085", "\u00a0", "\u2028", "\u2029", "\ufeff", "\ufffd", "\uffff", "é", "😀", "---", "...", "a\u2028", "a ?b", "a*b", "e", "E3", "nan", "Infinity", "a;b", "a=b", "a+b", "(a)"}
	random := rand.New(rand.NewPCG(1, 2))
	const alphabet = "aZ09 -_.:/#,[]{}()&*!|>'\"%@`~?=+;\\\n\téé😀\u2028"
	letters := []rune(alphabet)
	for range 3000 {
		s := make([]rune, random.IntN(8))
		for i := range s {
			s[i] = letters[random.IntN(len(letters))]
		}
		texts = append(texts, string(s))
	}
	var results []manifest.Result
	for _, s := range texts {
		results = append(results, manifest.Result{Message: s, Tags: []manifest.Tag{{Key: "k", Value: s}}})
	}
	for _, list := range []string{head + "items: []\n", `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[]}`} {
		in, err := manifest.Read([]byte(list))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := in.Write(&out, nil, nil, results); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Results []struct {
				Message any
				Tags    map[string]any
			}
		}
		if err := yaml.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		for i, s := range texts {
			if m := got.Results[i].Message; m != s || got.Results[i].Tags["k"] != s {
				t.Errorf("%q was read back as %q and %q", s, m, got.Results[i].Tags["k"])
			}
		}
	}
}

func TestContradictingEditsWriteNothing(t *testing.T) {
	for _, list := range []string{
		head + "results: []\nitems:\n" + item + "# " + strings.Repeat("x", 1<<17) + "\n",
		head + "items:\n" + item + "# " + strings.Repeat("x", 1<<17) + "\n",
	} {
		in, err := manifest.Read([]byte(list))
		if err != nil {
			t.Fatal(err)
		}
		places, err := manifest.Each(in, func(_ manifest.Object, n yamledit.Node) yamledit.Place {
			x, _ := n.Get("x")
			place, err := x.Replace()
			if err != nil {
				t.Error(err)
			}
			return place
		})
		if err != nil {
			t.Fatal(err)
		}
		edits := []yamledit.Edit{{Place: places[0], Value: yamledit.Text("a")}, {Place: places[0], Value: yamledit.Text("b")}}
		var out bytes.Buffer
		if err := in.Write(&out, edits, nil, twoResults); err == nil || out.Len() > 0 {
			t.Errorf("error %v, %d bytes written", err, out.Len())
		}
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAWriterThatFailsFailsWrite(t *testing.T) {
	for _, list := range []string{pod, resourceList(""), head + "results: []\nitems:\n" + item} {
		in, err := manifest.Read([]byte(list))
		if err != nil {
			t.Fatal(err)
		}
		if err := in.Write(failing{}, nil, nil, twoResults); err != io.ErrClosedPipe {
			t.Errorf("error %v", err)
		}
	}
}

// manyObjects is a stream or list of objects as a cluster's tools write them.
func manyObjects(n int, list bool) []byte {
	var b bytes.Buffer
	if list {
		b.WriteString(head + "items:\n")
	}
	for i := range n {
		o := fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-%d
  namespace: team-%d
  labels:
    app.kubernetes.io/name: web
    app.kubernetes.io/instance: web-%[1]d
  annotations:
    config.kubernetes.io/path: apps/web-%[1]d.yaml
    config.kubernetes.io/index: "0"
spec:
  replicas: 3
  selector:
    matchLabels: {app.kubernetes.io/instance: web-%[1]d}
  template:
    metadata:
      labels: {app.kubernetes.io/instance: web-%[1]d}
    spec:
      containers:
      - name: web
        image: registry.example.com/team/web:1.%[1]d
        args: ["--listen", ":8080"]
        ports:
        - containerPort: 8080
        resources:
          limits: {cpu: 500m, memory: 256Mi}
      - name: proxy
        image: nginx
`, i, i%7)
		if list {
			o = indented(o)
		} else {
			o += "---\n"
		}
		b.WriteString(o)
	}
	return b.Bytes()
}

func benchmarkEach(b *testing.B, src []byte) {
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		in, err := manifest.Read(src)
		if err != nil {
			b.Fatal(err)
		}
		names, err := manifest.Each(in, func(o manifest.Object, n yamledit.Node) string { return o.Name })
		if err != nil || len(names) != 1000 {
			b.Fatal(len(names), err)
		}
	}
}

func BenchmarkEachOf1000ItemsOfAResourceList(b *testing.B) { benchmarkEach(b, manyObjects(1000, true)) }
func BenchmarkEachOf1000Documents(b *testing.B)            { benchmarkEach(b, manyObjects(1000, false)) }

// BenchmarkRead is splitting alone.
func BenchmarkRead(b *testing.B) {
	src := manyObjects(1000, true)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := manifest.Read(src); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWriteOf10000Results is what results add to a run.
func BenchmarkWriteOf10000Results(b *testing.B) {
	in, err := manifest.Read(manyObjects(1, true))
	if err != nil {
		b.Fatal(err)
	}
	results := make([]manifest.Result, 10000)
	for i := range results {
		results[i] = twoResults[0]
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := in.Write(io.Discard, nil, nil, results); err != nil {
			b.Fatal(err)
		}
	}
}

func TestManyResultsComeInTheirOrder(t *testing.T) {
	var results []manifest.Result
	for i := range 10_000 {
		results = append(results, manifest.Result{Message: fmt.Sprint("message ", i)})
	}
	for name, text := range map[string]string{
		"behind the items": "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- apiVersion: v1\n  kind: Pod\n",
		"before the items": "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nresults: []\nitems:\n- apiVersion: v1\n  kind: Pod\n",
		"in JSON":          `{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"apiVersion":"v1","kind":"Pod"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			in, err := manifest.Read([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := in.Write(&out, nil, nil, results); err != nil {
				t.Fatal(err)
			}
			var list struct {
				Items   []any
				Results []struct{ Message string }
			}
			if err := yaml.Unmarshal(out.Bytes(), &list); err != nil {
				t.Fatal(err)
			}
			if len(list.Items) != 1 || len(list.Results) != len(results) {
				t.Fatalf("%d items, %d results", len(list.Items), len(list.Results))
			}
			for i, r := range list.Results {
				if r.Message != results[i].Message {
					t.Fatalf("result %d is %q", i, r.Message)
				}
			}
		})
	}
}
