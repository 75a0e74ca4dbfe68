package manifest_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/yamledit"
)

// tooLarge stops dumping where aliases multiply.
const tooLarge = 1 << 18

// dump renders a node's data: kinds, texts, order. It says no where there is
// too much of it.
func dump(n yamledit.Node) (string, bool) {
	var b strings.Builder
	ok := dumpTo(&b, n, 0)
	return b.String(), ok
}

func dumpTo(b *strings.Builder, n yamledit.Node, depth int) bool {
	if depth > 200 || b.Len() > tooLarge {
		return false
	}
	switch n.Kind() {
	case yamledit.Mapping:
		b.WriteByte('{')
		for key, v := range n.Fields() {
			fmt.Fprintf(b, "%q: ", key)
			if !dumpTo(b, v, depth+1) {
				return false
			}
			b.WriteString(", ")
		}
		b.WriteByte('}')
	case yamledit.Sequence:
		b.WriteByte('[')
		for _, v := range n.Items() {
			if !dumpTo(b, v, depth+1) {
				return false
			}
			b.WriteString(", ")
		}
		b.WriteByte(']')
	case yamledit.Null: // ~ and nothing are one value
		b.WriteString("null")
	default:
		fmt.Fprintf(b, "%s %q", n.Kind(), n.Text())
	}
	return true
}

// objects reads an input and dumps its objects.
func objects(src []byte) (in *manifest.Input, dumps []string, ok bool, err error) {
	in, err = manifest.Read(src)
	if err != nil {
		return nil, nil, true, err
	}
	type answer struct {
		text string
		ok   bool
	}
	answers, err := manifest.Each(in, func(o manifest.Object, n yamledit.Node) answer {
		text, ok := dump(n)
		return answer{o.String() + " " + text, ok}
	})
	ok = true
	for _, a := range answers {
		dumps = append(dumps, a.text)
		ok = ok && a.ok
	}
	return in, dumps, ok, err
}

// reference reads a stream with yaml.v3 alone, document by document, and opens
// lists in the simplest way.
func reference(src []byte) (dumps []string, err error) {
	dec := yaml.NewDecoder(bytes.NewReader(src))
	documents, resourceLists := 0, 0
	for {
		var n yaml.Node
		if err := dec.Decode(&n); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		root := yamledit.FromYAML(&n).Root()
		if k := root.Kind(); k == yamledit.Absent || k == yamledit.Null {
			continue
		}
		documents++
		kind, _ := root.Get("kind")
		version, _ := root.Get("apiVersion")
		if kind.Text() == "ResourceList" {
			for _, key := range []string{"items", "functionConfig", "results"} {
				if root.Repeats(key) {
					return nil, fmt.Errorf("%s is given twice", key)
				}
			}
			resourceLists++
			if v := version.Text(); v != "config.kubernetes.io/v1" && v != "config.kubernetes.io/v1beta1" {
				return nil, fmt.Errorf("version %s", v)
			}
		}
		if err := openReference(root, "", "", &dumps, 0); err != nil {
			return nil, err
		}
	}
	if resourceLists > 0 && documents > 1 {
		return nil, fmt.Errorf("%d documents beside a ResourceList", documents-1)
	}
	return dumps, nil
}

func openReference(n yamledit.Node, apiVersion, kind string, dumps *[]string, depth int) error {
	if n.Kind() != yamledit.Mapping {
		return fmt.Errorf("no mapping")
	}
	if depth > 50 || len(*dumps) > 10000 {
		return errTooLarge
	}
	for _, key := range []string{"apiVersion", "kind"} {
		if n.Repeats(key) {
			return fmt.Errorf("%s is given twice", key)
		}
	}
	read := func(key, inherited string) (string, error) {
		v, _ := n.Get(key)
		switch {
		case v.Kind() == yamledit.Absent || v.Kind() == yamledit.Null:
			if inherited == "" {
				return "", fmt.Errorf("no %s", key)
			}
			return inherited, nil
		case v.Kind() != yamledit.String || v.Text() == "":
			return "", fmt.Errorf("bad %s", key)
		}
		return v.Text(), nil
	}
	items, _ := n.Get("items")
	own, _ := n.Get("kind")
	list := strings.HasSuffix(own.Text(), "List")
	version, _ := n.Get("apiVersion")
	envelope := own.Text() == "ResourceList"
	if list && n.Repeats("items") {
		return fmt.Errorf("items are given twice")
	}
	if list && own.Text() != "List" && !envelope {
		list = items.Kind() == yamledit.Sequence
		for _, item := range items.Items() {
			list = list && item.Kind() == yamledit.Mapping
		}
	}
	if list {
		switch items.Kind() {
		case yamledit.Sequence:
		case yamledit.Absent, yamledit.Null:
			if envelope {
				return fmt.Errorf("no items")
			}
		default:
			return fmt.Errorf("items of a wrong type")
		}
		inheritedVersion, inheritedKind := "", ""
		if own.Text() != "List" && own.Text() != "ResourceList" {
			inheritedVersion, inheritedKind = version.Text(), strings.TrimSuffix(own.Text(), "List")
		}
		for _, item := range items.Items() {
			if err := openReference(item, inheritedVersion, inheritedKind, dumps, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if n.Repeats("metadata") {
		return fmt.Errorf("metadata is given twice")
	}
	var err error
	if apiVersion, err = read("apiVersion", apiVersion); err != nil {
		return err
	}
	if kind, err = read("kind", kind); err != nil {
		return err
	}
	o, err := manifest.Describe(n)
	if err != nil && (n.Repeats("kind") || strings.Contains(err.Error(), "twice")) {
		return err
	}
	o.APIVersion, o.Kind = apiVersion, kind
	if meta, _ := n.Get("metadata"); err != nil && meta.Exists() {
		// Describe wants what the object inherits; its names are read here.
		name, _ := meta.Get("name")
		namespace, _ := meta.Get("namespace")
		o.Name, o.Namespace = scalar(name), scalar(namespace)
	}
	text, ok := dump(n)
	if !ok {
		return errTooLarge
	}
	*dumps = append(*dumps, o.String()+" "+text)
	return nil
}

func scalar(n yamledit.Node) string {
	switch n.Kind() {
	case yamledit.String, yamledit.Number, yamledit.Bool:
		return n.Text()
	}
	return ""
}

var errTooLarge = fmt.Errorf("too large to compare")

// agree checks an input against the laws that hold for every input.
func agree(t *testing.T, src []byte) {
	t.Helper()
	in, got, ok, err := objects(src)
	if err != nil {
		if err != manifest.ErrEmpty {
			if _, isInputError := err.(*manifest.InputError); !isInputError {
				t.Fatalf("error of type %T: %v", err, err)
			}
		}
	} else {
		var out bytes.Buffer
		if err := in.Write(&out, nil, nil, nil); err != nil {
			// Existing results that cannot be emptied are the only reason.
			if !in.ResourceList() {
				t.Fatalf("Write: %v", err)
			}
		} else if in.ResourceList() && !bytes.Equal(out.Bytes(), src) {
			again, gotAgain, _, err := objects(out.Bytes())
			if err != nil {
				t.Fatalf("after emptying the results: %v\n%s", err, out.Bytes())
			}
			if diff := cmp.Diff(got, gotAgain); diff != "" {
				t.Fatalf("emptying the results changed objects (-before +after):\n%s", diff)
			}
			var third bytes.Buffer
			if err := again.Write(&third, nil, nil, nil); err != nil || !bytes.Equal(third.Bytes(), out.Bytes()) {
				t.Fatalf("a second Write changed the text (%v):\n%s\n%s", err, out.Bytes(), third.Bytes())
			}
		} else if !bytes.Equal(out.Bytes(), src) {
			t.Fatalf("Write without edits changed the text:\n%q\n%q", src, out.Bytes())
		}
	}
	if err == nil && ok && in.ResourceList() {
		resultsCanBeWritten(t, src, in, got)
	}
	if !ok || !utf8.Valid(src) || err == manifest.ErrEmpty {
		return
	}
	want, wantErr := reference(src)
	switch {
	case wantErr == errTooLarge:
	case err == nil && wantErr != nil:
		if !mayBeStricter(src) {
			t.Fatalf("accepted, but yaml.v3 says: %v\n%s\nread as %q", wantErr, src, got)
		}
	case err != nil && wantErr == nil:
		if !mayBeLooser(src, err) {
			t.Fatalf("refused (%v), but yaml.v3 reads %q from\n%s", err, want, src)
		}
	case err == nil:
		if diff := cmp.Diff(want, got); diff != "" && !mayBeStricter(src) {
			t.Fatalf("objects differ from those of yaml.v3 (-yaml.v3 +manifest):\n%s\n%s", diff, src)
		}
	}
}

var sampleResults = []manifest.Result{
	{
		Message:  "image has no tag, which means latest: \"quoted\"\n\u2028 é 😀",
		Severity: manifest.SeverityInfo,
		Object:   &manifest.Object{APIVersion: "apps/v1", Kind: "Deployment", Name: "web", Namespace: "team", File: "a b.yaml", FileIndex: 0},
		Field:    manifest.Field{Path: "spec.containers[0].imagePullPolicy", HasCurrent: true, Proposed: "Always", HasProposed: true},
		Tags:     []manifest.Tag{{Key: "id", Value: "policy-added"}, {Key: "yes", Value: "on"}},
	},
	{Message: "plain", Severity: manifest.SeverityError},
}

const sampleData = `[{"message": a string "image has no tag, which means latest: \"quoted\"\n\u2028 é 😀", "severity": a string "info", ` +
	`"resourceRef": {"apiVersion": a string "apps/v1", "kind": a string "Deployment", "name": a string "web", "namespace": a string "team", }, ` +
	`"field": {"path": a string "spec.containers[0].imagePullPolicy", "currentValue": a string "", "proposedValue": a string "Always", }, ` +
	`"file": {"path": a string "a b.yaml", "index": a number "0", }, "tags": {"id": a string "policy-added", "yes": a string "on", }, }, ` +
	`{"message": a string "plain", "severity": a string "error", }, ]`

// resultsCanBeWritten checks that results go in and out of a ResourceList, and
// that nothing else changes as data.
func resultsCanBeWritten(t *testing.T, src []byte, in *manifest.Input, before []string) {
	t.Helper()
	var with bytes.Buffer
	if err := in.Write(&with, nil, nil, sampleResults); err != nil {
		if !strings.Contains(err.Error(), "results cannot be written") || with.Len() > 0 {
			t.Fatalf("Write: %v", err)
		}
		return
	}
	again, after, _, err := objects(with.Bytes())
	if err != nil {
		t.Fatalf("with results: %v\n%s", err, with.Bytes())
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Fatalf("writing results changed objects (-before +after):\n%s\n%s", diff, with.Bytes())
	}
	root, err := firstDocument(with.Bytes())
	if _, refused := firstDocument(src); refused != nil {
		return // yaml.v3 does not read the input either, see mayBeStricter
	}
	if err != nil {
		t.Fatalf("with results: %v\n%s", err, with.Bytes())
	}
	results, _ := root.Get("results")
	if root.Repeats("results") {
		t.Fatalf("the results stand there twice:\n%s", with.Bytes())
	}
	if text, _ := dump(results); text != sampleData {
		t.Fatalf("results (-want +got):\n%s\n%s", cmp.Diff(sampleData, text), with.Bytes())
	}
	var twice, without bytes.Buffer
	// Brackets that YAML alone can read may get a blank more or less.
	flow := bytes.Contains(with.Bytes(), []byte("{"))
	if err := again.Write(&twice, nil, nil, sampleResults); err != nil || twice.String() != with.String() && !flow {
		t.Fatalf("writing results again changed the text (%v):\n%s\n%s", err, with.Bytes(), twice.Bytes())
	}
	if err := again.Write(&without, nil, nil, nil); err != nil {
		t.Fatalf("emptying the results: %v", err)
	}
	if _, after, _, err = objects(without.Bytes()); err != nil || !cmp.Equal(before, after) {
		t.Fatalf("emptying the results (%v) changed objects:\n%s", err, without.Bytes())
	}
}

// firstDocument parses the first document that is not empty as one.
func firstDocument(src []byte) (yamledit.Node, error) {
	if doc, err := yamledit.ParseJSON(src); err == nil {
		return doc.Root(), nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	for {
		var n yaml.Node
		if err := dec.Decode(&n); err != nil {
			return yamledit.Node{}, err
		}
		if root := yamledit.FromYAML(&n).Root(); root.Kind() != yamledit.Null {
			return root, nil
		}
	}
}

// mayBeStricter says where yaml.v3 refuses what YAML 1.2 or JSON allow: escapes
// and key lengths of JSON, several JSON values one after another, and a
// document without --- after the end of another.
func mayBeStricter(src []byte) bool {
	// "null" and a directive on the next line are one scalar for yaml.v3.
	nullDocument := bytes.Contains(src, []byte("%")) && (bytes.Contains(src, []byte("null")) || bytes.Contains(src, []byte("~")))
	return bytes.ContainsAny(src, "{[") || bytes.Contains(src, []byte("...")) || nullDocument
}

// mayBeLooser says where yaml.v3 accepts what is refused here on purpose.
func mayBeLooser(src []byte, err error) bool {
	text := err.Error()
	return strings.Contains(text, "UTF-") || strings.Contains(text, "are aliases") || strings.Contains(text, "looks like fields of the ResourceList")
}

func FuzzRead(f *testing.F) {
	for _, c := range nasty {
		f.Add([]byte(c.text))
	}
	f.Fuzz(func(t *testing.T, src []byte) { agree(t, src) })
}
