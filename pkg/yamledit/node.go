package yamledit

import (
	"bytes"
	"iter"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Kind says what a [Node] holds.
type Kind uint8

const (
	Absent   Kind = iota // no node: the zero Node, or an empty document
	Null                 // null, ~ or nothing where a value could stand
	Bool                 // true or false
	Number               // an integer or a floating-point number
	String               // any other scalar
	Sequence             // a list
	Mapping              // an object
)

// String gives the word that users know for the kind.
func (k Kind) String() string {
	return [...]string{"nothing", "null", "a boolean", "a number", "a string", "a list", "a mapping"}[k]
}

// form is the way in which a node is written.
type form uint8

const (
	formPlain form = iota
	formSingle
	formDouble
	formBlockScalar
	formBlock // a block collection
	formFlow  // a flow collection
	formAlias
)

const unknown = -1

type node struct {
	text   string
	yaml   *yaml.Node // only in trees made by FromYAML
	start  int        // offset of the node, anchor and tag included
	end    int        // offset after the node; unknown until it is asked for
	kids   int32      // index in Doc.kids; a mapping has key, value, key, value …
	count  int32      // number of kids
	target int32      // the node that an alias stands for
	kind   Kind
	form   form
	merge  bool // the key <<
	named  bool // has an anchor
	tagged bool // has a tag of its own

	// The text is still as it is written, quotes and indicators included; see
	// [Doc.decode]. indent is the column of a block scalar's lines then.
	coded  bool
	indent int32
}

// unwritten says whether the value is an empty plain scalar: nothing, perhaps
// with an anchor or a tag.
func (n *node) unwritten() bool { return n.form == formPlain && n.text == "" }

// A Doc is the tree of one document.
type Doc struct {
	src     []byte // the whole text that offsets refer to
	from    int    // where the document's part of src starts
	limit   int    // and ends
	json    bool
	aliases bool // some node is an alias
	wide    bool // it has line breaks that are no LF and CR
	nodes   []node
	kids    []int32
	root    int32

	in       *embedding         // the string that this document stands in; nil: none
	embedded map[int32]embedded // by node: what strings hold that were asked for
	yamlOnly bool               // for tests: see Parser

	// A place whose line is known; others are counted from there.
	known, line int
}

// Root gives the document's value; it is absent in an empty document.
func (d *Doc) Root() Node {
	if len(d.nodes) == 0 {
		return Node{}
	}
	return Node{d, d.root}
}

// A Node is one value of a document. The zero Node is absent, and every method
// may be called on it. An alias behaves as the node that it stands for.
type Node struct {
	doc *Doc
	at  int32
}

func (n Node) raw() *node { return &n.doc.nodes[n.at] }

// follow gives the node itself, or what an alias stands for.
func (n Node) follow() Node {
	for n.doc != nil && n.raw().form == formAlias {
		n.at = n.raw().target
	}
	return n
}

// Resolved gives what an alias stands for, and every other node as it is. Two
// ways to one node give equal resolved nodes.
func (n Node) Resolved() Node { return n.follow() }

// Exists says whether there is a node at all.
func (n Node) Exists() bool { return n.doc != nil }

// Kind says what the node holds.
func (n Node) Kind() Kind {
	if n.doc == nil {
		return Absent
	}
	return n.follow().raw().kind
}

// Text gives a scalar's decoded text, and "" for everything else.
func (n Node) Text() string {
	if n.doc == nil {
		return ""
	}
	f := n.follow()
	r := f.raw()
	if r.coded {
		f.doc.decode(r)
	}
	return r.text
}

// Len gives the number of a list's items or of a mapping's own entries.
func (n Node) Len() int {
	switch n.Kind() {
	case Sequence:
		return int(n.follow().raw().count)
	case Mapping:
		return int(n.follow().raw().count) / 2
	}
	return 0
}

func (n Node) kid(i int32) Node {
	return Node{n.doc, n.doc.kids[n.raw().kids+i]}
}

// entry finds an own entry of a mapping that is not an alias.
func (n Node) entry(key string) (k, v Node, ok bool) {
	for i := int32(0); i < n.raw().count; i += 2 {
		k := n.kid(i)
		if r := k.follow().raw(); r.text == key && !r.merge && r.kind != Mapping && r.kind != Sequence {
			return k, n.kid(i + 1), true
		}
	}
	return Node{}, Node{}, false
}

// Get gives the value of a mapping's key. It sees through aliases and, like
// every reader of YAML, through merge keys: own is false where the value comes
// from a merged mapping and the mapping has no such key of its own. Of a key
// that repeats it gives the first value; see [Node.Repeats].
func (n Node) Get(key string) (v Node, own bool) {
	if n.Kind() != Mapping {
		return Node{}, false
	}
	m := n.follow()
	if _, v, ok := m.entry(key); ok {
		return v, true
	}
	for _, source := range m.Merged() {
		if _, v, ok := source.entry(key); ok {
			return v, false
		}
	}
	return Node{}, false
}

// Repeats says whether a mapping has this key more than once.
func (n Node) Repeats(key string) bool {
	if n.Kind() != Mapping {
		return false
	}
	m, seen := n.follow(), false
	for i := int32(0); i < m.raw().count; i += 2 {
		if r := m.kid(i).follow().raw(); r.text == key && !r.merge {
			if seen {
				return true
			}
			seen = true
		}
	}
	return false
}

// Merged gives the mappings that a mapping merges with <<, in the order in
// which they are searched, the mappings that these merge included.
func (n Node) Merged() []Node {
	if n.Kind() != Mapping {
		return nil
	}
	var found []Node
	n.follow().merged(&found)
	return found
}

// merged appends what n merges. A mapping that was found already is not entered
// again, which also ends the walk where aliases go in a circle.
func (n Node) merged(found *[]Node) {
	visit := func(m Node) {
		m = m.follow()
		if m.raw().kind != Mapping {
			return
		}
		for _, f := range *found {
			if f == m {
				return
			}
		}
		*found = append(*found, m)
		m.merged(found)
	}
	for i := int32(0); i < n.raw().count; i += 2 {
		if !n.kid(i).raw().merge {
			continue
		}
		switch v := n.kid(i + 1).follow(); v.raw().kind {
		case Mapping:
			visit(v)
		case Sequence:
			for _, m := range v.Items() {
				visit(m)
			}
		}
	}
}

// Items gives a list's items with their indexes.
func (n Node) Items() iter.Seq2[int, Node] {
	return func(yield func(int, Node) bool) {
		if n.Kind() != Sequence {
			return
		}
		s := n.follow()
		for i := int32(0); i < s.raw().count; i++ {
			if !yield(int(i), s.kid(i)) {
				return
			}
		}
	}
}

// Fields gives a mapping's own entries in their order, then those that come
// from merged mappings. A key that repeats is given as often as it stands.
func (n Node) Fields() iter.Seq2[string, Node] {
	return func(yield func(string, Node) bool) {
		if n.Kind() != Mapping {
			return
		}
		m := n.follow()
		merges := false
		for i := int32(0); i < m.raw().count; i += 2 {
			k := m.kid(i).follow().raw()
			if k.merge {
				merges = true
				continue
			}
			if !yield(k.text, m.kid(i+1)) {
				return
			}
		}
		if !merges {
			return
		}
		sources := m.Merged()
		for s, source := range sources {
			for i := int32(0); i < source.raw().count; i += 2 {
				k := source.kid(i).follow().raw()
				if k.merge || hasKey(m, k.text) || anyHasKey(sources[:s], k.text) {
					continue
				}
				if !yield(k.text, source.kid(i+1)) {
					return
				}
			}
		}
	}
}

func hasKey(m Node, key string) bool {
	_, _, ok := m.entry(key)
	return ok
}

func anyHasKey(ms []Node, key string) bool {
	for _, m := range ms {
		if hasKey(m, key) {
			return true
		}
	}
	return false
}

// Pos gives the 1-based line and column (in runes) of the node in the text
// that was parsed; 0, 0 where it has no position.
func (n Node) Pos() (line, col int) {
	if n.doc == nil {
		return 0, 0
	}
	if y := n.raw().yaml; y != nil {
		return y.Line, y.Column
	}
	return n.doc.position(n.raw().start)
}

// position gives the 1-based line and the column in runes of an offset. The
// objects of a text are read one after another, so lines are counted from the
// last one that was asked for: else a finding in each object would take a time
// that grows with the square of the text.
func (d *Doc) position(at int) (line, col int) {
	switch {
	case d.in != nil:
		return d.in.position(at)
	case d.line == 0:
		d.line = 1 + bytes.Count(d.src[:at], lineFeed)
	case at >= d.known:
		d.line += bytes.Count(d.src[d.known:at], lineFeed)
	default:
		d.line -= bytes.Count(d.src[at:d.known], lineFeed)
	}
	d.known = at
	from := 1 + bytes.LastIndexByte(d.src[:at], '\n')
	before := d.src[from:at]
	if from == 0 {
		before = bytes.TrimPrefix(before, byteOrderMark)
	}
	return d.line, 1 + utf8.RuneCount(before)
}

// Span gives the offsets of the node in the text that was parsed: where it
// starts, its anchor and tag included, and where its last character ends,
// without the rest of the line.
func (n Node) Span() (start, end int, err error) {
	if n.doc == nil || n.raw().yaml != nil {
		return 0, 0, &EditError{Reason: "it has no position in a text"}
	}
	end, err = n.doc.endOf(n.at)
	return n.raw().start, end, err
}

// Mentions says whether one of the words stands anywhere in the node's text,
// read byte by byte. Where there is no such text it says yes.
func (n Node) Mentions(words ...string) bool {
	start, end, err := n.Span()
	if err != nil {
		return true
	}
	for _, word := range words {
		if bytes.Contains(n.doc.src[start:end], []byte(word)) {
			return true
		}
	}
	return false
}

// Shared says whether the node's document holds aliases, so that two ways may
// lead to one piece of text.
func (n Node) Shared() bool { return n.doc != nil && n.doc.aliases }
