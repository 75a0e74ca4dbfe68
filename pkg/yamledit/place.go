package yamledit

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Place is where an edit goes. Places are comparable: two that are equal
// stand for the same piece of text. A place of a text keeps no tree alive. The
// zero Place is no place.
type Place struct {
	op op
	// how a value is written; and the columns and the line break for inBlock.
	how    notation
	bare   bool   // in flow style: nothing stands before; in block style: the line has no break
	inText bool   // in a node tree: the place is one of the text that the node's string holds
	codes  levels // how what is written is coded, in strings
	layout
	start, end int    // what is replaced; equal for an insertion
	key        string // of a field that is written
	gap, key0  int    // in flow style: the white space in front of the sibling's key

	node *yaml.Node // in a node tree: the mapping, list or scalar
	item *yaml.Node // in a node tree: the item that is taken out
	next string     // in a node tree: the field after which a new one goes
}

// Exists says whether it is a place at all.
func (p Place) Exists() bool { return p.op != opNone }

type op uint8

const (
	opNone        op = iota
	opField          // a field on lines of its own
	opFieldBefore    // a field in front of another, where no line can follow
	opFlowField      // a field in braces
	opItems          // items on lines of their own
	opFlowItems      // items in brackets
	opReplace        // a scalar's text, or what stands in a list's brackets
	opFill           // a value where there is nothing after the colon
	opRemove         // a field or an item
)

func (o op) ownLine() bool     { return o == opField || o == opItems }
func (p Place) inserts() bool  { return p.start == p.end }
func (d *Doc) overNodes() bool { return len(d.nodes) > 0 && d.nodes[0].yaml != nil }
func (d *Doc) notation() notation {
	if d.json {
		return inJSON
	}
	return inFlow
}

// After gives the place of a new field of a mapping: after its field sibling,
// or at its end where it has no such field of its own.
func (n Node) After(key, sibling string) (Place, error) {
	if !n.embedded() {
		return n.after(key, sibling)
	}
	p, err := n.after(key, sibling)
	return n.doc.outward(p, err)
}

func (n Node) after(key, sibling string) (Place, error) {
	if n.Kind() != Mapping {
		return Place{}, n.refuse("it is " + n.Kind().String() + ", not a mapping")
	}
	m, d := n.follow(), n.doc
	if hasKey(m, key) {
		return Place{}, n.refuse(fmt.Sprintf("it has a field %q already", key))
	}
	if d.overNodes() {
		return Place{op: opField, node: m.raw().yaml, key: key, next: sibling}, nil
	}
	k, v, ok := m.entry(sibling)
	if !ok && m.raw().count > 0 {
		k, v = m.kid(m.raw().count-2), m.kid(m.raw().count-1)
	}
	if m.raw().form == formFlow {
		return m.afterInFlow(key, k, v)
	}
	return m.afterInBlock(key, k, v)
}

func (n Node) refuse(reason string) error {
	if n.doc == nil {
		return &EditError{Reason: reason}
	}
	line, _ := n.Pos()
	return &EditError{Line: line, Reason: reason}
}

// afterInBlock gives the place on the line after an entry of a block mapping.
func (m Node) afterInBlock(key string, k, v Node) (Place, error) {
	d := m.doc
	indent, err := m.column()
	if err != nil {
		return Place{}, err
	}
	p := Place{op: opField, key: key, layout: layout{indent: indent, indented: d.indentsLists(m)}}
	end, err := d.entryEnd(k, v)
	if err != nil {
		return Place{}, err
	}
	if err := d.nextLine(&p, end); err != nil {
		return Place{}, err
	}
	if p.bare && d.lastLeaf(d.written(k.at, v.at)).form == formBlockScalar {
		// A line after a block scalar that ends without a line break would give
		// the scalar one.
		p.op, p.bare, p.start = opFieldBefore, false, k.raw().start
		if p.start-d.lineStart(p.start) != indent {
			return Place{}, d.refuse(p.start, "it stands behind a ? and ends without a line break")
		}
		p.end = p.start
	}
	return p, nil
}

func (d *Doc) entryEnd(k, v Node) (int, error) {
	end, err := d.endOf(v.at)
	if err != nil {
		return 0, err
	}
	keyEnd, err := d.endOf(k.at)
	return max(end, keyEnd), err
}

// nextLine sets a place to the start of the line after an offset. Comments that
// follow and stand deeper than the place's indentation stay above it.
func (d *Doc) nextLine(p *Place, end int) error {
	next, size, err := d.restOfLine(end)
	if err != nil {
		return err
	}
	p.start, p.end = next, next
	if size == 0 {
		p.bare, p.eol = true, d.eolBefore(end)
		return nil
	}
	p.eol = eolOf(d.src[next-size : next])
	src := d.src[:d.limit]
	for at := next; at < len(src); {
		line := at
		for at < len(src) && (src[at] == ' ' || src[at] == '\t') {
			at++
		}
		column := at - line
		// After a tab nothing but a comment may follow, and that not everywhere.
		tab := bytes.IndexByte(src[line:at], '\t') >= 0
		comment := at < len(src) && src[at] == '#'
		for at < len(src) && breakAt(src, at) == 0 {
			if !comment {
				return nil
			}
			at++
		}
		if at >= len(src) {
			if tab {
				return d.refuse(line, "the text ends with a tab")
			}
			return nil
		}
		if comment && column <= p.indent && !tab {
			return nil
		}
		size := breakAt(src, at)
		at += size
		if comment || tab {
			p.start, p.end, p.eol = at, at, eolOf(src[at-size:at])
		}
	}
	return nil
}

// restOfLine gives the start of the next line and the size of the break before
// it, 0 at the end of the text. Nothing but a comment may stand in between.
func (d *Doc) restOfLine(at int) (next, size int, err error) {
	src := d.src[:d.limit]
	from := at
	for at < len(src) && (src[at] == ' ' || src[at] == '\t') {
		at++
	}
	if at < len(src) && src[at] == '#' {
		for at < len(src) && breakAt(src, at) == 0 {
			at++
		}
	}
	if at >= len(src) {
		if d.limit < len(d.src) {
			return 0, 0, d.refuse(from, "the document ends in the middle of a line")
		}
		return at, 0, nil
	}
	size = breakAt(src, at)
	if size == 0 {
		return 0, 0, d.refuse(from, "something else stands on the same line")
	}
	return at + size, size, nil
}

// column gives the column at which a block mapping's entries stand: that of its
// first key, or of the ? before it. Only spaces and the marks of collections may
// stand before that on the line.
func (m Node) column() (int, error) {
	d := m.doc
	_, first, err := d.skipProperties(m.raw())
	if err != nil {
		return 0, err
	}
	line := d.lineStart(first)
	if !onlyMarks(d.src[line:first]) {
		return 0, d.refuse(first, "something else stands on the line before it")
	}
	return first - line, nil
}

// isMark says whether a plain scalar that begins like this could be an indicator.
func isMark(c byte) bool { return c == '-' || c == '?' || c == ':' }

func onlyMarks(b []byte) bool {
	return len(bytes.Trim(b, " -?:")) == 0
}

// lineStart gives the offset at which the line of an offset starts.
func (d *Doc) lineStart(at int) int {
	for line := at; line > d.from; line-- {
		size := 1
		if c := d.src[line-1]; c == 0x85 {
			size = 2
		} else if c == 0xA8 || c == 0xA9 {
			size = 3
		} else if c != '\n' && c != '\r' {
			continue
		}
		if line-size >= d.from && breakAt(d.src[:line], line-size) == size {
			return line
		}
	}
	if bytes.HasPrefix(d.src[d.from:], byteOrderMark) {
		return d.from + len(byteOrderMark)
	}
	return d.from
}

// indentsLists says how the document writes lists: to the right of their key,
// or below it. The mapping's own lists are asked first, then all others.
func (d *Doc) indentsLists(m Node) bool {
	if m.raw().kind == Mapping {
		if found, indented := d.listStyle(m); found {
			return indented
		}
	}
	for i := range d.nodes {
		if n := &d.nodes[i]; n.kind == Mapping && n.form == formBlock {
			if found, indented := d.listStyle(Node{d, int32(i)}); found {
				return indented
			}
		}
	}
	return false
}

func (d *Doc) listStyle(m Node) (found, indented bool) {
	for i := int32(0); i < m.raw().count; i += 2 {
		k, v := m.kid(i), m.kid(i+1).raw()
		if v.kind == Sequence && v.form == formBlock && !v.named && d.src[v.start] == '-' {
			column := k.raw().start - d.lineStart(k.raw().start)
			return true, v.start-d.lineStart(v.start) > column
		}
	}
	return false, false
}

// lastLeaf gives the node with which a value's text ends.
func (d *Doc) lastLeaf(i int32) *node {
	for {
		n := &d.nodes[i]
		if n.form != formBlock || n.count == 0 {
			return n
		}
		i = d.kids[n.kids+n.count-1]
		if n.kind == Mapping {
			i = d.written(d.kids[n.kids+n.count-2], i)
		}
	}
}

// written gives the one of an entry's key and value with which its text ends.
func (d *Doc) written(k, v int32) int32 {
	if d.nodes[v].form != formAlias && d.nodes[v].unwritten() {
		return k
	}
	return v
}

// afterInFlow gives the place after an entry between braces, written like that
// entry: on a line of its own where that one is.
func (m Node) afterInFlow(key string, k, v Node) (Place, error) {
	d := m.doc
	p := Place{op: opFlowField, key: key, how: d.notation()}
	if m.raw().count == 0 {
		_, content, err := d.skipProperties(m.raw())
		if err != nil {
			return Place{}, err
		}
		if content >= d.limit || d.src[content] != '{' {
			return Place{}, m.refuse("an empty mapping has no braces")
		}
		p.start, p.end, p.bare = content+1, content+1, true
		return p, nil
	}
	end, err := d.entryEnd(k, v)
	if err != nil {
		return Place{}, err
	}
	keyEnd, err := d.endOf(k.at)
	if err != nil {
		return Place{}, err
	}
	if v.raw().start < keyEnd || v.raw().unwritten() {
		return Place{}, m.refuse("a key in braces has no value")
	}
	if _, err := d.endOf(m.at); err != nil {
		return Place{}, err
	}
	if d.commentAt(end) {
		return Place{}, m.refuse("a comment stands right behind a value")
	}
	p.start, p.end = end, end
	p.key0 = k.raw().start
	p.gap = p.key0
	for p.gap > d.from && bytes.IndexByte(blanks, d.src[p.gap-1]) >= 0 {
		p.gap--
	}
	if d.json && v.raw().start == keyEnd+1 {
		p.how = inCompactJSON
	}
	return p, nil
}

// commentAt says whether a comment begins without a blank before it: what is
// inserted there would take the # for its own.
func (d *Doc) commentAt(at int) bool { return at < d.limit && d.src[at] == '#' }

var blanks = []byte(" \t\r\n")

// Replace gives the place of a scalar's text, its tag included. A scalar keeps
// its quotes; an alias is replaced itself, not what it stands for.
func (n Node) Replace() (Place, error) {
	if !n.embedded() {
		return n.replace()
	}
	p, err := n.replace()
	return n.doc.outward(p, err)
}

func (n Node) replace() (Place, error) {
	if !n.Exists() {
		return Place{}, n.refuse("there is no value")
	}
	r, d := n.raw(), n.doc
	if r.named {
		return Place{}, n.refuse("other places use this value by its anchor")
	}
	if r.form != formAlias && (r.kind == Mapping || r.kind == Sequence) {
		return Place{}, n.refuse("it is " + r.kind.String() + ", not a single value")
	}
	if d.overNodes() {
		return Place{op: opReplace, node: r.yaml}, nil
	}
	end, err := d.endOf(n.at)
	if err != nil {
		return Place{}, err
	}
	p := Place{op: opReplace, start: r.start, end: end, how: inFlow}
	if r.form == formAlias || r.form == formBlockScalar || r.tagged {
		// These may stand further to the left than a plain scalar.
		if line := d.src[d.lineStart(r.start):r.start]; len(bytes.TrimSpace(line)) == 0 && r.start > d.from {
			return Place{}, n.refuse("it stands on a line of its own")
		}
	}
	if r.form == formAlias && end < d.limit && !isBlankOrBreak(d.src, end) && strings.IndexByte(",]}", d.src[end]) < 0 {
		return Place{}, n.refuse("something stands right behind an alias")
	}
	switch {
	case d.json:
		p.how = inJSON
	case r.form == formSingle:
		p.how = inSingleQuotes
	case r.form == formDouble:
		p.how = inDoubleQuotes
	case r.form != formAlias && r.unwritten() && r.start == end:
		line := d.src[d.lineStart(r.start):r.start]
		if !bytes.HasSuffix(line, []byte(":")) && !bytes.HasSuffix(line, []byte("-")) || bytes.IndexByte(line, '#') >= 0 {
			return Place{}, n.refuse("there is no value to replace")
		}
		// The mark must not be the end of a plain key, as in {a:, b: c}. The node
		// before this one is the key.
		if before, err := d.endOf(max(0, n.at-1)); err != nil || before >= r.start {
			return Place{}, n.refuse("there is no value to replace")
		}
		p.op = opFill
	}
	return p, nil
}

// Remove gives the place that takes a mapping's own field out.
func (n Node) Remove(key string) (Place, error) {
	if !n.embedded() {
		return n.removal(key)
	}
	p, err := n.removal(key)
	return n.doc.outward(p, err)
}

func (n Node) removal(key string) (Place, error) {
	if n.Kind() != Mapping {
		return Place{}, n.refuse("it is " + n.Kind().String() + ", not a mapping")
	}
	m, d := n.follow(), n.doc
	index := int32(-1)
	for i := int32(0); i < m.raw().count; i += 2 {
		if r := m.kid(i).follow().raw(); r.text == key && !r.merge {
			index = i
			break
		}
	}
	if index < 0 {
		return Place{}, n.refuse(fmt.Sprintf("it has no field %q of its own", key))
	}
	if m.raw().count == 2 {
		return Place{}, n.refuse(fmt.Sprintf("%q is its only field", key))
	}
	k, v := m.kid(index), m.kid(index+1)
	if err := d.unshared(k, v); err != nil {
		return Place{}, err
	}
	if d.overNodes() {
		return Place{op: opRemove, node: m.raw().yaml, key: key}, nil
	}
	end, err := d.entryEnd(k, v)
	if err != nil {
		return Place{}, err
	}
	next := Node{}
	if index+2 < m.raw().count {
		next = m.kid(index + 2)
	}
	if m.raw().form == formFlow {
		if next.Exists() {
			if next.raw().unwritten() {
				return Place{}, m.refuse("a key in braces is not written")
			}
			return Place{op: opRemove, start: k.raw().start, end: next.raw().start}, nil
		}
		if before := m.kid(index - 1).raw(); before.form == formPlain && (before.text == "" || isMark(before.text[0])) {
			return Place{}, m.refuse("what stands before it needs the comma")
		}
		last, err := d.entryEnd(m.kid(index-2), m.kid(index-1))
		return Place{op: opRemove, start: last, end: end}, err
	}
	column, err := m.column()
	if err != nil {
		return Place{}, err
	}
	at, following := k.raw().start, unknown
	if next.Exists() {
		following = next.raw().start
	}
	for _, key := range []int{at, following} {
		if key != unknown && key-d.lineStart(key) != column {
			return Place{}, d.refuse(at, "it stands behind or before a ?")
		}
	}
	p, err := d.removeLines(at, end, following)
	if err == nil && index > 0 && d.lastLeaf(d.written(m.kid(index-2).at, m.kid(index-1).at)).form == formBlockScalar {
		err = d.closed(p)
	}
	if p.bare {
		p = p.withBreakBefore()
	}
	return p, err
}

// removeLines gives the place that takes out what stands from at to the end of
// its line, the whole line where nothing stands before it; the place is bare
// where that is the text's last line and has no break. following is where the
// next entry of the same collection starts.
func (d *Doc) removeLines(at, end, following int) (Place, error) {
	line := d.lineStart(at)
	next, size, err := d.restOfLine(end)
	if err != nil {
		return Place{}, err
	}
	if bytes.HasPrefix(d.src[next:], byteOrderMark) {
		return Place{}, d.refuse(next, "a byte-order mark stands in the middle of the text")
	}
	if len(bytes.TrimLeft(d.src[line:at], " ")) > 0 {
		if following == unknown || size == 0 || following < next {
			return Place{}, d.refuse(at, "it shares its line with what stands around it")
		}
		return Place{op: opRemove, start: at, end: following}, nil
	}
	p := Place{op: opRemove, start: line, end: next}
	if line > d.from {
		p.bare, p.eol = size == 0, d.eolBefore(line)
		if text := p.eol.text(); bytes.HasSuffix(d.src[:line], []byte(text)) {
			p.back = uint8(len(text))
		}
	}
	return p, nil
}

// closed refuses to take out what keeps a block scalar before it apart from
// blank lines or comments after it, which would become its content.
func (d *Doc) closed(p Place) error {
	if p.bare {
		return d.refuse(p.start, "the line break before it belongs to the text before it")
	}
	at := p.end
	for at < d.limit && d.src[at] == ' ' {
		at++
	}
	if at >= d.limit && at == p.end || at < d.limit && d.src[at] != '#' && breakAt(d.src, at) == 0 {
		return nil
	}
	return d.refuse(p.start, "what follows it would become part of the text before it")
}

// withBreakBefore takes the break before lines out with them. At the end of a
// text without a final line break, that keeps it without.
func (p Place) withBreakBefore() Place {
	p.start -= int(p.back)
	p.bare = false
	return p
}

// unshared refuses to take out nodes that an alias outside of them uses. The
// nodes of a subtree follow one another in a Doc.
func (d *Doc) unshared(roots ...Node) error {
	if !d.aliases {
		return nil
	}
	for _, root := range roots {
		last := root.at
		for n := root.raw(); n.count > 0; n = &d.nodes[last] {
			last = d.kids[n.kids+n.count-1]
		}
		for i := range d.nodes {
			n := &d.nodes[i]
			if n.form != formAlias || int32(i) >= root.at && int32(i) <= last {
				continue
			}
			if n.target >= root.at && n.target <= last {
				return root.refuse("other places use it by its anchor")
			}
		}
	}
	return nil
}

// append writes what the edit puts at its place.
func (p Place) append(out []byte, v Value, src []byte) []byte {
	if p.codes != 0 {
		return p.appendCoded(out, v, src)
	}
	switch p.op {
	case opField:
		if p.bare {
			out = append(out, p.eol.text()...)
		}
		out = appendSpaces(out, p.indent)
		out = appendField(out, p.key, v, p.layout)
		if !p.bare {
			out = append(out, p.eol.text()...)
		}
	case opFieldBefore:
		out = appendField(out, p.key, v, p.layout)
		out = append(out, p.eol.text()...)
		out = appendSpaces(out, p.indent)
	case opFlowField:
		if !p.bare {
			out = append(out, ',')
			switch gap := src[p.gap:p.key0]; {
			case bytes.IndexByte(gap, '\n') >= 0:
				out = append(out, gap...)
			case p.how != inCompactJSON:
				out = append(out, ' ')
			}
		}
		out = appendInline(out, Text(p.key), p.how)
		out = append(out, ':')
		if p.how != inCompactJSON {
			out = append(out, ' ')
		}
		out = appendInline(out, v, p.how)
	case opItems:
		for i, item := range v.items {
			if p.bare || i > 0 {
				out = append(out, p.eol.text()...)
			}
			out = appendItem(out, item, p.layout)
		}
		if !p.bare {
			out = append(out, p.eol.text()...)
		}
	case opFlowItems:
		for i, item := range v.items {
			if !p.bare || i > 0 {
				out = append(out, ',')
				if p.how != inCompactJSON {
					out = append(out, ' ')
				}
			}
			out = appendInline(out, item, p.how)
		}
	case opFill:
		out = append(out, ' ')
		out = appendInline(out, v, p.how)
	case opReplace:
		out = appendInline(out, v, p.how)
	}
	return out
}

// eol is a line break.
type eol uint8

func (e eol) text() string {
	return [...]string{"\n", "\r\n", "\r", "\u0085", "\u2028", "\u2029"}[e]
}

func eolOf(b []byte) eol {
	for e := range eol(6) {
		if string(b) == e.text() {
			return e
		}
	}
	return 0
}

// eolBefore gives the last line break before an offset, LF where there is none.
func (d *Doc) eolBefore(at int) eol {
	line := d.lineStart(at)
	for size := 3; size > 0; size-- {
		if line-size >= 0 && breakAt(d.src[:line], line-size) == size {
			return eolOf(d.src[line-size : line])
		}
	}
	return 0
}
