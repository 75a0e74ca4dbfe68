package yamledit

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// writings are ways in which a document can hold a text as a string; ok is false
// where that way cannot hold it.
var writings = []struct {
	name  string
	write func(text string) (outer string, ok bool)
	// exact says that every edit of the text is possible in the string as well,
	// and gives the very same text.
	exact bool
}{
	{"literal", func(text string) (string, bool) {
		return "a: b\nm: " + literal(text, "  ", "\n") + "c: d\n", true
	}, true},
	{"literal, in a list, CRLF", func(text string) (string, bool) {
		return "l:\r\n- a: b\r\n  m: " + literal(text, "      ", "\r\n") + "# after\r\n", true
	}, true},
	{"literal, last, without a final line break", func(text string) (string, bool) {
		return strings.TrimSuffix("m: "+literal(text, " ", "\n"), "\n"), !strings.HasSuffix(text, "\n")
	}, true},
	{"literal, kept, with blank lines after it", func(text string) (string, bool) {
		return "m: |+\n" + indented(text, "   ", "\n") + "c: d\n", strings.HasSuffix(text, "\n") && text[0] != ' '
	}, true},
	{"literal, clipped, with blank lines after it", func(text string) (string, bool) {
		return "m: |2\n" + indented(text, "  ", "\n") + "\n \nc: d\n", strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\n\n")
	}, true},
	{"double quotes", func(text string) (string, bool) {
		return "a: b\nm: " + string(AppendQuoted(nil, text)) + " # why\nc: d\n", true
	}, true},
	{"JSON", func(text string) (string, bool) {
		return `{"a": "b", "m": ` + string(AppendQuoted(nil, text)) + `, "c": []}`, true
	}, true},
	{"JSON with escaped slashes and pairs", func(text string) (string, bool) {
		quoted := strings.NewReplacer("/", `\/`, "\U0001f600", `\ud83d\ude00`).Replace(string(AppendQuoted(nil, text)))
		return `{"m":` + quoted + `}`, true
	}, true},
	{"double quotes, broken into lines as PyYAML does", func(text string) (string, bool) {
		quoted := string(AppendQuoted(nil, text))
		var s strings.Builder
		for i, word := range strings.SplitAfter(quoted, `\n`) {
			if i%3 == 1 && word != `"` {
				s.WriteString("\\\n    ")
				if word[0] == ' ' {
					s.WriteByte('\\')
				}
			}
			s.WriteString(word)
		}
		return "m: " + s.String() + "\n", true
	}, false},
	{"double quotes, folded at blanks", func(text string) (string, bool) {
		words := strings.Split(string(AppendQuoted(nil, text)), " ")
		var s strings.Builder
		for i, word := range words {
			switch {
			case i == 0:
			case i%4 == 0 && word != "" && words[i-1] != "":
				s.WriteString("\n   ")
			default:
				s.WriteByte(' ')
			}
			s.WriteString(word)
		}
		return "m: " + s.String() + "\n", true
	}, false},
	{"single quotes", func(text string) (string, bool) {
		return "m: '" + strings.ReplaceAll(text, "'", "''") + "'\n", !strings.ContainsAny(text, "\r\n")
	}, false},
	{"folded", func(text string) (string, bool) {
		return "m: >-\n" + indented(strings.ReplaceAll(text, ", ", ",\n"), "   ", "\n") + "\nc: d\n", text[0] != ' '
	}, false},
	{"double quotes in a literal", func(text string) (string, bool) {
		return "o: |\n  m: " + string(AppendQuoted(nil, text)) + "\n", true
	}, true},
	{"literal in double quotes", func(text string) (string, bool) {
		return "o: " + string(AppendQuoted(nil, "a: b\nm: "+literal(text, "  ", "\n")+"c: d\n")) + "\n", true
	}, true},
	{"literal in a literal", func(text string) (string, bool) {
		return "o: " + literal("a: b\nm: "+literal(text, "  ", "\n")+"c: d\n", "    ", "\r\n"), true
	}, true},
	{"JSON in JSON in single quotes", func(text string) (string, bool) {
		return "o: '" + strings.ReplaceAll(`{"m": `+string(AppendQuoted(nil, text))+"}", "'", "''") + "'", true
	}, true},
}

func literal(text, indent, lineBreak string) string {
	header := "|"
	if text[0] == ' ' || text[0] == '\n' {
		header += fmt.Sprint(len(indent))
	}
	switch {
	case !strings.HasSuffix(text, "\n"):
		header += "-"
	case strings.HasSuffix(text, "\n\n"):
		header += "+"
	}
	s := header + lineBreak + indented(text, indent, lineBreak)
	if !strings.HasSuffix(text, "\n") {
		s += lineBreak
	}
	return s
}

// indented indents all lines but empty ones.
func indented(text, indent, lineBreak string) string {
	var s strings.Builder
	for line := range strings.SplitAfterSeq(text, "\n") {
		if line != "" && line != "\n" {
			s.WriteString(indent)
		}
		s.WriteString(strings.Replace(line, "\n", lineBreak, 1))
	}
	return s.String()
}

// TestEveryEmbeddedEdit holds the law of embedded texts: for every place of a
// text in a string, the edit leaves all other data of the outer document and all
// other bytes as they are, and what the string then holds is the text with the
// same edit made.
func TestEveryEmbeddedEdit(t *testing.T) {
	inputs := everyInput(t)
	inputs = append(inputs, []byte("a: 😀\nb: 'it''s'\n\n\n"), []byte("{\"containers\": [{\"name\": \"a\", \"image\": \"b\"}, {\n \"c\": 1\n}]}"))
	edits, refused := make([]atomic.Int64, len(writings)), make([]atomic.Int64, len(writings))
	check := func(text []byte, i, every int) {
		e, r, err := checkEmbedded(string(text), i, every)
		edits[i].Add(int64(e))
		refused[i].Add(int64(r))
		if err != nil {
			t.Errorf("%s: %v", writings[i].name, err)
		}
	}
	// Each edit costs several runs of the parser, so that large texts have only
	// some of theirs tried, in a way or two.
	for n, text := range inputs {
		for i := range writings {
			if len(text) < 100 || len(text) < 1<<9 && (n+i)%(2*len(writings)) == 0 {
				check(text, i, 1+len(text)/10)
			}
		}
	}
	for i, w := range writings {
		if edits[i].Load() == 0 {
			t.Errorf("%s: no edit was tried", w.name)
		}
	}
	var workers sync.WaitGroup
	deadline := time.Now().Add(*everyEdit)
	for w := range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 2))
			for time.Now().Before(deadline) && !t.Failed() {
				text := inputs[rnd.IntN(len(inputs))]
				if len(text) > 1<<10 {
					continue
				}
				text = slices.Clone(text)
				for range 1 + rnd.IntN(3) {
					text = mutate(rnd, text, inputs)
				}
				check(text, rnd.IntN(len(writings)), 1+len(text)/30)
			}
		})
	}
	workers.Wait()
	for i, w := range writings {
		t.Logf("%s: %d edits equal, %d refused", w.name, edits[i].Load(), refused[i].Load())
	}
}

// checkEmbedded tries edits of a text in one way of holding it: all, or every
// second, third …
func checkEmbedded(text string, writing, every int) (edits, refused int, err error) {
	if strings.TrimSpace(text) == "" {
		return 0, 0, nil
	}
	w := &writings[writing]
	outer, ok := w.write(text)
	if !ok {
		return 0, 0, nil
	}
	src := []byte(outer)
	var tree yaml.Node
	if yaml.Unmarshal(src, &tree) != nil {
		return 0, 0, nil
	}
	held, ok := holding(FromYAML(&tree))
	if !ok || held.Text() != text && w.exact {
		return 0, 0, nil // this way cannot hold such a text
	}
	text = held.Text()
	alone, err := (&embedding{outer: &Doc{}, text: []byte(text)}).read()
	if err != nil {
		return 0, 0, nil
	}
	for _, doc := range alone {
		doc.in = nil
	}
	producers := map[string]func([]byte) (*Doc, error){
		"parser": func(src []byte) (*Doc, error) { return (&Parser{yamlOnly: true}).Parse(src, 0, len(src)) },
		"either": Parse,
	}
	if src[0] == '{' {
		producers["json"] = ParseJSON
	}
	for name, parse := range producers {
		doc, err := parse(src)
		if err != nil {
			return edits, refused, nil
		}
		held, ok := holding(doc)
		if !ok || held.Text() != text {
			return edits, refused, fmt.Errorf("%s: the string is %q, want %q\n%s", name, held.Text(), text, outer)
		}
		docs, err := held.Embedded()
		if err != nil || len(docs) != len(alone) {
			return edits, refused, fmt.Errorf("%s: %d documents, want %d: %v", name, len(docs), len(alone), err)
		}
		n := len(text)
		for d := range docs {
			for i := range docs[d].nodes {
				for _, tr := range trialsFor(Node{docs[d], int32(i)}) {
					if n++; n%every != 0 {
						continue
					}
					done, err := checkEmbeddedTrial(src, &tree, text, docs[d], d, Node{alone[d], int32(i)}, tr, w.exact)
					if err != nil {
						return edits, refused, fmt.Errorf("%s: document %d: %s: %w\n--- outer\n%s\n--- end\n%q", name, d, tr.name, err, src, src)
					}
					if done {
						edits++
					} else {
						refused++
					}
				}
			}
		}
	}
	return edits, refused, nil
}

// holding finds the string in which the test writes a text.
func holding(d *Doc) (Node, bool) {
	root := d.Root()
	if l, _ := root.Get("l"); l.Len() > 0 {
		root = l.kid(0)
	}
	if o, _ := root.Get("o"); o.Exists() {
		docs, err := o.Embedded()
		if err != nil || len(docs) != 1 {
			return Node{}, false
		}
		root = docs[0].Root()
	}
	m, _ := root.Get("m")
	return m, m.Kind() == String && m.raw().form != formAlias
}

func checkEmbeddedTrial(src []byte, tree *yaml.Node, text string, doc *Doc, index int, alone Node, tr trial, exact bool) (done bool, err error) {
	inner, refusal := tr.edit(alone)
	if refusal != nil {
		return false, nil
	}
	want, err := Apply([]byte(text), inner)
	if err != nil {
		return false, fmt.Errorf("the text alone: %w", err)
	}
	inText, refusal := tr.edit(Node{doc, alone.at})
	if refusal != nil {
		if _, why, _ := strings.Cut(refusal.Error(), ": "); exact && !slices.Contains(refusals, why) {
			return false, fmt.Errorf("it is refused: %w", refusal)
		}
		return false, nil
	}
	got, err := Apply(src, inText)
	if err != nil {
		return false, fmt.Errorf("splice: %w", err)
	}
	if err := sameOutside(src, got, inText); err != nil {
		return false, err
	}
	var back yaml.Node
	if err := yaml.Unmarshal(got, &back); err != nil {
		return false, fmt.Errorf("the result is not YAML: %w\n--- result\n%s", err, got)
	}
	held, ok := holding(FromYAML(&back))
	if !ok {
		return false, fmt.Errorf("the result holds no string\n--- result\n%s", got)
	}
	if held.Text() != string(want) {
		if exact && !strings.Contains(text, "{") { // between braces, a line break may be a blank
			return false, fmt.Errorf("the string is %q\n  want %q\n--- result\n%s", held.Text(), want, got)
		}
		if have, want := dataOfStream(held.Text()), dataOfStream(string(want)); have != want {
			return false, fmt.Errorf("the string means %s\n  want %s\n--- result\n%s", have, want, got)
		}
	}
	// The same in a node tree.
	copied := clone(tree)
	inTree, err := nodeEdits(copied, index, alone.at, tr)
	if err != nil {
		return false, fmt.Errorf("text takes the edit, the tree does not: %w", err)
	}
	if err := Graft(inTree); err != nil {
		return false, fmt.Errorf("graft: %w", err)
	}
	grafted, _ := holding(FromYAML(copied))
	if grafted.Text() != held.Text() {
		return false, fmt.Errorf("after the graft the string is %q\n  want %q", grafted.Text(), held.Text())
	}
	// All other data.
	for _, n := range []*yaml.Node{&back, copied} {
		if have, want := dataWithout(n), dataWithout(tree); have != want {
			return false, fmt.Errorf("other data is %s\n  was %s\n--- result\n%s", have, want, got)
		}
	}
	return true, nil
}

// refusals are why a string in lines of its own refuses an edit that its text
// alone would take.
var refusals = []string{
	"a blank line stands before it",
	"the line after it stands further to the right",
	"a block scalar stands in a text with unusual line breaks",
}

func nodeEdits(tree *yaml.Node, document int, at int32, tr trial) ([]Edit, error) {
	held, _ := holding(FromYAML(tree))
	docs, err := held.Embedded()
	if err != nil {
		return nil, err
	}
	return tr.edit(Node{docs[document], at})
}

// dataOfStream gives what all documents of a text mean.
func dataOfStream(text string) string {
	var all []string
	dec := yaml.NewDecoder(strings.NewReader(text))
	for {
		var n yaml.Node
		if err := dec.Decode(&n); err != nil {
			break
		}
		all = append(all, dataOf(&n))
	}
	return strings.Join(all, "\n")
}

// dataWithout gives what a tree means, without the string that holds the text;
// of one that stands in a string, the outer one is left out.
func dataWithout(tree *yaml.Node) string {
	copied := clone(tree)
	root := copied.Content[0]
	if root.Content[0].Value == "l" {
		root = root.Content[1].Content[0]
	}
	for i := 0; i < len(root.Content); i += 2 {
		if key := root.Content[i].Value; key == "m" || key == "o" {
			root.Content[i+1].Value = ""
		}
	}
	return dataOf(copied)
}

func TestEmbeddedTextsAreReadAsTheirStringsHoldThem(t *testing.T) {
	for name, c := range map[string]struct {
		src  string
		docs int    // 0: none
		err  string // of reading; "" for none
	}{
		"a stream has several documents":                     {"m: |\n  a: b\n  ---\n  c: d\n  --- # e\n  f: g\n", 3, ""},
		"empty documents do not count":                       {"m: |\n  # why\n  ---\n  c: d\n  ---\n", 1, ""},
		"what looks like a mark in a text is none":           {"m: |\n  a: |\n    ---\n    b\n  c: '--- d'\n", 1, ""},
		"an empty string holds nothing":                      {"m: ''\n", 0, ""},
		"a placeholder in a scalar is text":                  {"m: |\n  a: b:{{c}}\n", 1, ""},
		"a placeholder without quotes is no YAML":            {"x: y\nm: |\n  a: b\n  c: {{d}}\n", 0, "line 4: something in braces or brackets stands where a key should be, as a placeholder without quotes does"},
		"control flow of a template is no YAML":              {"m: |\n  a: b\n  {{- if c }}\n  d: e\n", 0, "line 3: could not find expected"},
		"a broken text in quotes is known by the string":     {"x: y\n\nm: \"a: b\\n c: d\"\n", 0, "line 3: "},
		"JSON with what the parser of YAML refuses is taken": {`m: '{"a": "b\/c"}'`, 1, ""},
		"a list is no string":                                {"m: [a]\n", 0, "it is a list, not a string"},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := Parse([]byte(c.src))
			if err != nil {
				t.Fatal(err)
			}
			m, _ := doc.Root().Get("m")
			docs, err := m.Embedded()
			if len(docs) != c.docs {
				t.Errorf("%d documents, want %d", len(docs), c.docs)
			}
			switch {
			case (err != nil) != (c.err != ""):
				t.Errorf("error %v, want %q", err, c.err)
			case err != nil && !strings.HasPrefix(err.Error(), c.err):
				t.Errorf("error %q, want %q", err, c.err)
			}
		})
	}
}

func TestPositionsInEmbeddedTextsAreThoseOfTheOuterText(t *testing.T) {
	for name, c := range map[string]struct {
		src          string
		line, column int
	}{
		"literal":               {"x: y\nm: |\n\n  a: b\n  image: c\n", 5, 10},
		"double quotes":         {"m: \"a: b\\nimage: é\"\n", 1, 18},
		"JSON in single quotes": {"m: '{\"it''s\": 1, \"image\": \"c\"}'\n", 1, 27},
		"folded":                {"m: >\n   {a: b,\n    image: c}\n", 3, 12},
		"literal in a literal":  {"o: |\n  m: |\n    image: c\n", 3, 12},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := Parse([]byte(c.src))
			if err != nil {
				t.Fatal(err)
			}
			held, ok := holding(doc)
			if !ok {
				t.Fatal("it holds no text")
			}
			docs, err := held.Embedded()
			if err != nil {
				t.Fatal(err)
			}
			image, _ := docs[0].Root().Get("image")
			if line, column := image.Pos(); line != c.line || column != c.column {
				t.Errorf("%d:%d, want %d:%d", line, column, c.line, c.column)
			}
		})
	}
}

func TestWhatCannotBeTranslatedIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ src, why string }{
		"an anchor":                    {"m: &a |\n  image: b\nn: *a\n", "line 1: other places use this string by its anchor"},
		"a tag":                        {"m: !!str |\n  image: b\n", "line 1: the string has a tag"},
		"a line in a folded string":    {"x: y\nm: >\n  image: b\n", "line 2: a line cannot be added to a string that is folded or in single quotes"},
		"a line in single quotes":      {"m: 'image: b'\n", "line 1: a line cannot be added to a string that is folded or in single quotes"},
		"single quotes over two lines": {"m: '{image: b,\n  c: d}'\n", "line 1: a string in single quotes goes over several lines"},
		"a place in the text itself":   {"x: y\nm: |\n  {image: b# c\n  }\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := Parse([]byte(c.src))
			if err != nil {
				t.Fatal(err)
			}
			m, _ := doc.Root().Get("m")
			docs, err := m.Embedded()
			if err != nil {
				t.Fatal(err)
			}
			_, err = docs[0].Root().After("policy", "image")
			if why := fmt.Sprint(err); why != c.why && (c.why != "" || err != nil) {
				t.Errorf("%v, want %q", err, c.why)
			}
		})
	}
}

func TestEditsOfOneStringInATreeAreMadeTogetherOrNotAtAll(t *testing.T) {
	src := "m: |\n  a: b\n  c: d\n"
	var tree yaml.Node
	if err := yaml.Unmarshal([]byte(src), &tree); err != nil {
		t.Fatal(err)
	}
	edit := func(key, sibling, value string) Edit {
		held, _ := holding(FromYAML(&tree))
		docs, err := held.Embedded()
		if err != nil {
			t.Fatal(err)
		}
		p, err := docs[0].Root().After(key, sibling)
		if err != nil {
			t.Fatal(err)
		}
		return Edit{p, Text(value)}
	}
	x, y := edit("x", "a", "1"), edit("z", "c", "2")
	if err := Graft([]Edit{x, edit("x", "a", "3"), y}); err == nil {
		t.Error("two values at one place are no error")
	}
	if err := Graft([]Edit{x, y, edit("x", "a", "1")}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&tree); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "m: |\n  a: b\n  x: \"1\"\n  c: d\n  z: \"2\"\n"; got != want {
		t.Errorf("got\n%s", got)
	}
}
