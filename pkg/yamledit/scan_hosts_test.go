package yamledit

import (
	"bytes"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// TestWhatHostsSendNeedsNoParser counts the objects that the scanner leaves to
// the parser in the ResourceLists that kpt and kustomize write: none. kpt keeps
// the text's order and comments; kustomize sorts the keys.
func TestWhatHostsSendNeedsNoParser(t *testing.T) {
	for name, asSent := range map[string]func(*yaml.RNode) (*yaml.RNode, error){
		"kpt": func(n *yaml.RNode) (*yaml.RNode, error) { return n, nil },
		"kustomize": func(n *yaml.RNode) (*yaml.RNode, error) {
			m, err := n.Map()
			if err != nil {
				return nil, err
			}
			return yaml.FromMap(m)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var items []*yaml.RNode
			inputs := apiExamples(t)
			for _, c := range hostCases {
				inputs = append(inputs, []byte(c))
			}
			for _, src := range inputs {
				n, err := yaml.Parse(string(src))
				if err == nil {
					n, err = asSent(n)
				}
				if err == nil {
					err = n.PipeE(yaml.SetAnnotation(kioutil.PathAnnotation, "a/b.yaml"))
				}
				if err == nil {
					err = n.PipeE(yaml.SetAnnotation(kioutil.IndexAnnotation, "0"))
				}
				if err != nil {
					t.Fatalf("%v\n%s", err, src)
				}
				items = append(items, n)
			}
			var sent bytes.Buffer
			err := kio.ByteWriter{
				Writer: &sent, WrappingKind: kio.ResourceListKind, WrappingAPIVersion: kio.ResourceListAPIVersion, KeepReaderAnnotations: true,
			}.Write(items)
			if err != nil {
				t.Fatal(err)
			}
			left, starts := 0, listItems(sent.Bytes())
			if len(starts) != len(items)+1 {
				t.Fatalf("%d items, %d written", len(items), len(starts)-1)
			}
			for i := range items {
				doc := &Doc{src: sent.Bytes(), from: starts[i], limit: starts[i+1]}
				if !new(scanner).scan(doc) {
					left++
					t.Errorf("left to the parser:\n%s", sent.Bytes()[starts[i]:starts[i+1]])
				}
			}
			t.Logf("%d of %d objects are left to the parser", left, len(items))
		})
	}
}

// listItems finds the lines where the items of a ResourceList start, and the
// end of the last one.
func listItems(src []byte) []int {
	var starts []int
	at := 0
	for line := range bytes.Lines(src) {
		if bytes.HasPrefix(line, []byte("- ")) {
			starts = append(starts, at)
		}
		at += len(line)
	}
	return append(starts, at)
}

// hostCases hold what an emitter writes in a form of its own: long, empty and
// multi-line values, values that need quotes, comments.
var hostCases = []string{`# head
apiVersion: v1 # line
kind: ConfigMap
metadata:
  name: a
  # above
  annotations:
    long: "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
    lines: "a\nb"
    blank: "  a"
    tab: "a\tb"
    colon: "a: b"
    hash: "a #b"
    yes: "yes"
    number: "1"
    star: "*"
    quote: "it's"
    both: "it's \"so\""
    wide: "é日本😀"
    nel: "a\u0085b"
    "y": "on"
    "a: b": c
    at: "@a"
    percent: "%a"
    template: "{{ .a }}"
    date: "2001-01-01"
  labels: {}
data:
  empty: ""
  text: |
    a
      b

    c
  kept: |+
    a

  stripped: |-
    a
    b
  folded: >
    a
    b

    c
  deeper: |2
      a
    b
  trailing: "a \nb"
  null: null
  list: []
# foot
`, `apiVersion: example.com/v1
kind: A
spec:
- - a
  - - b
- c:
  - d:
      e: [f, g, {h: i}]
  - {j: "k", l: 'm'}
-
- ~
- 1.5
`}
