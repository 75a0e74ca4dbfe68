package yamledit

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

var (
	everyEdit = flag.Duration("everyedit", 2*time.Second, "how long TestEveryEdit mutates its inputs")
	everyFrom = flag.String("everyedit.from", "", "a folder with more YAML and JSON files for TestEveryEdit")
)

// TestEveryEdit holds the law of the package: for every mapping entry, list and
// scalar, the text edit equals the same edit of the node tree as data, and the
// bytes outside of the edit stay. It goes over hand-made cases, real files and
// mutants of both.
func TestEveryEdit(t *testing.T) {
	inputs := everyInput(t)
	var edits, refused atomic.Int64
	check := func(src []byte) {
		e, r, err := checkEveryEdit(src)
		edits.Add(int64(e))
		refused.Add(int64(r))
		if err != nil {
			t.Error(err)
		}
	}
	for _, src := range inputs {
		check(src)
	}
	t.Logf("%d inputs, %d edits equal, %d refused", len(inputs), edits.Load(), refused.Load())

	var mutants atomic.Int64
	var workers sync.WaitGroup
	deadline := time.Now().Add(*everyEdit)
	for w := range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 1))
			for time.Now().Before(deadline) && !t.Failed() {
				src := inputs[rnd.IntN(len(inputs))]
				if len(src) > 8<<10 {
					continue
				}
				src = slices.Clone(src)
				for range 1 + rnd.IntN(3) {
					src = mutate(rnd, src, inputs)
				}
				mutants.Add(1)
				check(src)
			}
		})
	}
	workers.Wait()
	t.Logf("with %d mutants: %d edits equal, %d refused", mutants.Load(), edits.Load(), refused.Load())
}

// everyInput gives the hand-made cases, this repository's manifests, and those
// of a folder of one's choice.
func everyInput(t *testing.T) [][]byte {
	var inputs [][]byte
	for _, src := range handMade {
		inputs = append(inputs, []byte(src))
	}
	folders := []string{"../../fn/pullable/testdata/cases", "../../examples"}
	if *everyFrom != "" {
		folders = append(folders, *everyFrom)
	}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			switch filepath.Ext(path) {
			case ".yaml", ".yml", ".json":
				src, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				for doc := range bytes.SplitSeq(src, []byte("\n---\n")) {
					if len(doc) < 16<<10 { // the time grows with the square of the size
						inputs = append(inputs, doc)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return inputs
}

// trial is one edit, made in a tree of either sort.
type trial struct {
	name string
	edit func(n Node) ([]Edit, error)
}

func trialsFor(n Node) []trial {
	var trials []trial
	add := func(name string, edit func(n Node) ([]Edit, error)) {
		trials = append(trials, trial{name, edit})
	}
	one := func(p Place, v Value, err error) ([]Edit, error) { return []Edit{{p, v}}, err }
	values := []Value{Text("Always"), ListOf(Map("name", Text("a")).And("b", Text("1")), Text("x y")), Map("name", Text("no"))}
	r := n.raw()
	switch {
	case r.form == formAlias || r.kind != Mapping && r.kind != Sequence:
		add("replace", func(n Node) ([]Edit, error) {
			p, err := n.Replace()
			return one(p, Text("IfNotPresent"), err)
		})
	case r.kind == Mapping:
		siblings := []string{"no such key"}
		for i := int32(0); i < r.count; i += 2 {
			if k := n.kid(i).follow().raw(); k.kind != Mapping && k.kind != Sequence && !k.merge {
				siblings = append(siblings, k.text)
			}
		}
		for i, sibling := range siblings {
			v := values[i%len(values)]
			add("after "+sibling, func(n Node) ([]Edit, error) {
				p, err := n.After("zzNew", sibling)
				return one(p, v, err)
			})
			add("create list after "+sibling, func(n Node) ([]Edit, error) {
				l, err := n.List("zzNew", sibling)
				if err != nil {
					return nil, err
				}
				return l.Edit(nil, []Value{Map("name", Text("a")), Text("b")})
			})
			if i == 0 {
				continue
			}
			add("remove "+sibling, func(n Node) ([]Edit, error) {
				p, err := n.Remove(sibling)
				return one(p, Value{}, err)
			})
			v2, _ := n.Get(sibling)
			if v2.Kind() != Sequence && v2.Kind() != Null {
				continue
			}
			for _, which := range []string{"none", "first", "last", "odd", "all but last", "all"} {
				for _, with := range [][]Value{nil, {Map("name", Text("a"))}, {Text("b"), Map("c", Text("on"))}} {
					add(fmt.Sprintf("list %s: remove %s, add %d", sibling, which, len(with)), func(n Node) ([]Edit, error) {
						l, err := n.List(sibling, "")
						if err != nil {
							return nil, err
						}
						return l.Edit(choose(which, v2.Len()), with)
					})
				}
			}
		}
	}
	return trials
}

func choose(which string, n int) []int {
	var all []int
	for i := range n {
		all = append(all, i)
	}
	switch {
	case n == 0 || which == "none":
		return nil
	case which == "first":
		return all[:1]
	case which == "last":
		return all[n-1:]
	case which == "odd":
		return slices.DeleteFunc(all, func(i int) bool { return i%2 == 0 })
	case which == "all but last":
		return all[:n-1]
	}
	return all
}

// checkEveryEdit tries every edit of one document. Text that is not YAML
// proves nothing, and is none of this test's business.
func checkEveryEdit(src []byte) (edits, refused int, err error) {
	type producer struct {
		name  string
		parse func([]byte) (*Doc, error)
	}
	producers := []producer{{"parser", func(src []byte) (*Doc, error) {
		return (&Parser{yamlOnly: true}).Parse(src, 0, len(src))
	}}}
	if new(scanner).scan(&Doc{src: src, limit: len(src)}) {
		producers = append(producers, producer{"scanner", func(src []byte) (*Doc, error) {
			doc := &Doc{src: src, limit: len(src)}
			new(scanner).scan(doc)
			return doc, nil
		}})
	}
	if trimmed := bytes.TrimSpace(src); len(trimmed) > 0 && trimmed[0] == '{' {
		producers = append(producers, producer{"json", ParseJSON})
	}
	var tree yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(src))
	if dec.Decode(&tree) != nil {
		return 0, 0, nil
	}
	for _, p := range producers {
		doc, err := p.parse(src)
		if err != nil {
			continue
		}
		if !doc.Root().Exists() {
			continue
		}
		nodes := FromYAML(&tree)
		if len(nodes.nodes) != len(doc.nodes) {
			return edits, refused, fmt.Errorf("%s: %d nodes, %d in the parser's tree\n%s", p.name, len(doc.nodes), len(nodes.nodes), src)
		}
		for i := range doc.nodes {
			for _, tr := range trialsFor(Node{doc, int32(i)}) {
				done, err := checkTrial(src, doc, &tree, int32(i), tr)
				if err != nil {
					return edits, refused, fmt.Errorf("%s: %s: %w\n--- input\n%s\n--- end\n%q", p.name, tr.name, err, src, src)
				}
				if done {
					edits++
				} else {
					refused++
				}
			}
		}
	}
	return edits, refused, nil
}

func checkTrial(src []byte, doc *Doc, tree *yaml.Node, at int32, tr trial) (done bool, err error) {
	inText, refusal := tr.edit(Node{doc, at})
	if refusal != nil {
		return false, nil
	}
	got, err := Apply(src, inText)
	if err != nil {
		return false, fmt.Errorf("splice: %w", err)
	}
	if err := sameOutside(src, got, inText); err != nil {
		return false, err
	}
	copied := clone(tree)
	inTree, err := tr.edit(Node{FromYAML(copied), at})
	if err != nil {
		return false, fmt.Errorf("text takes the edit, the tree does not: %w", err)
	}
	if err := Graft(inTree); err != nil {
		return false, fmt.Errorf("graft: %w", err)
	}
	var back yaml.Node
	if err := yaml.Unmarshal(got, &back); err != nil {
		return false, fmt.Errorf("the result is not YAML: %w\n--- result\n%s", err, got)
	}
	if want, have := dataOf(copied), dataOf(&back); want != have {
		return false, fmt.Errorf("want data %s\n have data %s\n--- result\n%s", want, have, got)
	}
	return true, nil
}

// sameOutside proves that the bytes outside of the edits are those of src.
func sameOutside(src, got []byte, edits []Edit) error {
	if len(edits) == 0 && !bytes.Equal(src, got) {
		return fmt.Errorf("no edit, but other bytes")
	}
	first, last := len(src), 0
	for _, e := range edits {
		first, last = min(first, e.Place.start), max(last, e.Place.end)
	}
	if len(edits) > 0 && (!bytes.HasPrefix(got, src[:first]) || !bytes.HasSuffix(got, src[last:])) {
		return fmt.Errorf("bytes outside of the edits changed: %q", got)
	}
	return nil
}

// clone copies a tree, aliases included.
func clone(n *yaml.Node) *yaml.Node {
	copies := map[*yaml.Node]*yaml.Node{}
	var walk func(n *yaml.Node) *yaml.Node
	walk = func(n *yaml.Node) *yaml.Node {
		if n == nil {
			return nil
		}
		if c, ok := copies[n]; ok {
			return c
		}
		c := *n
		copies[n] = &c
		c.Content = nil
		for _, kid := range n.Content {
			c.Content = append(c.Content, walk(kid))
		}
		c.Alias = walk(n.Alias)
		return &c
	}
	return walk(n)
}

// dataOf writes what a tree means: order of fields and style do not matter,
// aliases are what they stand for, a circle is cut.
func dataOf(n *yaml.Node) string {
	var walk func(n *yaml.Node, depth int, open []*yaml.Node) string
	walk = func(n *yaml.Node, depth int, open []*yaml.Node) string {
		for n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		if slices.Contains(open, n) {
			return "circle"
		}
		open = append(open, n)
		switch n.Kind {
		case yaml.DocumentNode:
			return walk(n.Content[0], depth+1, open)
		case yaml.SequenceNode:
			var items []string
			for _, kid := range n.Content {
				items = append(items, walk(kid, depth+1, open))
			}
			return "[" + strings.Join(items, ",") + "]"
		case yaml.MappingNode:
			var fields []string
			for i := 0; i+1 < len(n.Content); i += 2 {
				fields = append(fields, walk(n.Content[i], depth+1, open)+":"+walk(n.Content[i+1], depth+1, open))
			}
			slices.Sort(fields)
			return "{" + strings.Join(fields, ",") + "}"
		}
		if n.ShortTag() == "!!null" {
			return "null"
		}
		return fmt.Sprintf("%s %q", n.ShortTag(), n.Value)
	}
	return walk(n, 0, nil)
}

// mutate changes a text a little, at places where YAML is sensitive.
func mutate(rnd *rand.Rand, src []byte, inputs [][]byte) []byte {
	if len(src) == 0 {
		return src
	}
	at := rnd.IntN(len(src))
	pieces := []string{" ", "  ", "\n", "\r\n", "\r", "\t", "-", "- ", ": ", ":", "? ", "#", " # c\n", "&a ", "*a", "!!str ", "!t ", "|", "|+", ">-", "|2", "'", "\"", "{", "}", "[", "]", ",", "\n\n", "é", "\u0085", "\u2028", "~", "null", "<<: *a\n", "\\", "x"}
	insert := func(at int, s string) []byte { return slices.Insert(src, at, []byte(s)...) }
	lines := bytes.SplitAfter(src, []byte("\n"))
	line := rnd.IntN(len(lines))
	switch rnd.IntN(10) {
	case 0, 1, 2:
		return insert(at, pieces[rnd.IntN(len(pieces))])
	case 3:
		return slices.Delete(src, at, at+1)
	case 4:
		return bytes.Join(slices.Delete(lines, line, line+1), nil)
	case 5:
		lines = slices.Insert(lines, line, lines[line])
		return bytes.Join(lines, nil)
	case 6:
		lines[line] = append([]byte(strings.Repeat(" ", 1+rnd.IntN(3))), lines[line]...)
		return bytes.Join(lines, nil)
	case 7:
		lines[line] = bytes.TrimPrefix(lines[line], []byte(" "))
		return bytes.Join(lines, nil)
	case 8:
		other := bytes.SplitAfter(inputs[rnd.IntN(len(inputs))], []byte("\n"))
		lines = slices.Insert(lines, line, slices.Clone(other[rnd.IntN(len(other))]))
		return bytes.Join(lines, nil)
	}
	return src[:at]
}
