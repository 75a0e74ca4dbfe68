package yamledit

import (
	"bytes"
	"math"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Embedded reads the YAML or JSON that a string holds: its documents, without
// those that are empty. Their places are places of the outer text: what is
// written there is indented, escaped and broken into lines as the string is.
// Where that cannot be done without a doubt, as mostly in a folded string, the
// place is refused. Positions are those of the outer text as well.
//
// A text that is not YAML is a [*SyntaxError], and so is one in which a mapping
// or a list stands where a key should be: no manifest has such keys, but a
// template's placeholder without quotes, {{name}}, reads like one.
func (n Node) Embedded() ([]*Doc, error) {
	if n.Kind() != String {
		return nil, &SyntaxError{Reason: "it is " + n.Kind().String() + ", not a string"}
	}
	f := n.follow()
	if known, ok := f.doc.embedded[f.at]; ok {
		return known.docs, known.err
	}
	e := &embedding{outer: f.doc, at: f.at, text: []byte(f.Text())}
	docs, err := e.read()
	if err != nil {
		docs = nil
		var line int
		if bad, ok := err.(*SyntaxError); ok && bad.Line > 0 {
			line, _ = e.position(e.lineStart(bad.Line))
			err = &SyntaxError{Line: line, Reason: bad.Reason}
		}
	}
	if f.doc.embedded == nil {
		f.doc.embedded = map[int32]embedded{}
	}
	// A string that aliases lead to a thousand times is read once.
	f.doc.embedded[f.at] = embedded{docs, err}
	return docs, err
}

// embedded is what a string holds.
type embedded struct {
	docs []*Doc
	err  error
}

// An embedding is a string of a document as a text of its own.
type embedding struct {
	outer *Doc
	at    int32 // the string's node
	text  []byte
	m     *mapping
}

func (e *embedding) read() ([]*Doc, error) {
	parse := func(start, end int) (*Doc, error) {
		return (&Parser{yamlOnly: e.outer.yamlOnly}).Parse(e.text, start, end)
	}
	if first := bytes.TrimLeft(e.text, " \t\r\n"); len(first) > 0 && (first[0] == '{' || first[0] == '[') {
		if doc, err := ParseJSON(e.text); err == nil {
			doc.in = e
			return []*Doc{doc}, nil
		}
	}
	var docs []*Doc
	for from := 0; from < len(e.text); {
		to := nextDocument(e.text, from)
		doc, err := parse(from, to)
		if err != nil {
			return nil, err
		}
		if err := doc.keysAreScalars(); err != nil {
			return nil, err
		}
		if doc.in = e; doc.Root().Kind() > Null {
			docs = append(docs, doc)
		}
		from = to
	}
	return docs, nil
}

// nextDocument gives the offset of the next line after from that begins a
// document. Such a line cannot be part of any scalar.
func nextDocument(text []byte, from int) int {
	if text[from] == '%' {
		return len(text)
	}
	for at := from + 1; at < len(text); at++ {
		if c := text[at-1]; c != '\n' && c != '\r' {
			continue
		}
		if rest := text[at:]; bytes.HasPrefix(rest, []byte("---")) && (len(rest) == 3 || isBlankOrBreak(rest, 3)) {
			return at
		}
	}
	return len(text)
}

func (d *Doc) keysAreScalars() error {
	for i := range d.nodes {
		n := &d.nodes[i]
		if n.kind != Mapping {
			continue
		}
		for k := int32(0); k < n.count; k += 2 {
			if key := d.nodes[d.kids[n.kids+k]]; key.kind == Mapping || key.kind == Sequence {
				return &SyntaxError{Line: lineAt(d.src, key.start), Reason: "something in braces or brackets stands where a key should be, as a placeholder without quotes does"}
			}
		}
	}
	return nil
}

// lineStart gives the offset of a line of the string, from 1.
func (e *embedding) lineStart(line int) int {
	at := 0
	for ; line > 1; line-- {
		n := bytes.IndexByte(e.text[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
	}
	return at
}

// position gives the position in the outermost text of an offset in the string;
// that of the string where it cannot be told.
func (e *embedding) position(at int) (line, column int) {
	if e.outer.overNodes() {
		return Node{e.outer, e.at}.Pos()
	}
	if m := e.find(); m.refuse == nil {
		if outer, ok := m.outer(min(at, len(e.text))); ok {
			return e.outer.position(outer)
		}
	}
	return e.outer.position(e.outer.nodes[e.at].start)
}

// embedded says whether the node stands in a string.
func (n Node) embedded() bool { return n.doc != nil && n.doc.in != nil }

// outward makes a place in an embedded text one of the outer text.
func (d *Doc) outward(p Place, err error) (Place, error) {
	if d.in == nil || err != nil || !p.Exists() {
		return p, err
	}
	return d.in.place(p)
}

func (e *embedding) place(p Place) (Place, error) {
	n := &e.outer.nodes[e.at]
	switch {
	case n.named:
		return Place{}, e.refuse("other places use this string by its anchor")
	case n.tagged:
		return Place{}, e.refuse("the string has a tag")
	case e.outer.overNodes():
		if n.form != formBlockScalar || n.yaml.Style&yaml.FoldedStyle != 0 {
			p.gap = p.key0
		}
		p.node, p.inText = n.yaml, true
		return p, nil
	}
	m := e.find()
	if m.refuse != nil {
		return Place{}, m.refuse
	}
	var ok bool
	var why string
	if m.lines != nil {
		p, ok, why = m.inLines(p, e)
	} else {
		p, ok, why = m.inSegments(p)
	}
	if !ok {
		if why == "" {
			why = "the text of the string is not found again"
		}
		return Place{}, e.refuse(why)
	}
	return e.outer.outward(p, nil)
}

func (e *embedding) refuse(reason string) error {
	return Node{e.outer, e.at}.refuse(reason)
}

// A code is how text is written inside a string.
type code uint8

const (
	asItIs         code = iota // block scalars
	inSingleQuoted             // ' is ''
	inDoubleQuoted             // escapes
)

// levels says how the text of an edit is coded, the innermost string first: two
// bits for each.
type levels uint32

const mostLevels = 16

func (l levels) and(c code) (levels, bool) {
	if c == asItIs {
		return l, true
	}
	for i := range mostLevels {
		if l>>(2*i) == 0 {
			return l | levels(c)<<(2*i), true
		}
	}
	return l, false
}

// encode writes text as it stands inside the strings.
func (l levels) encode(text []byte) []byte {
	for ; l != 0; l >>= 2 {
		switch code(l & 3) {
		case inSingleQuoted:
			text = bytes.ReplaceAll(text, []byte("'"), []byte("''"))
		case inDoubleQuoted:
			quoted := AppendQuoted(nil, string(text))
			text = quoted[1 : len(quoted)-1]
		}
	}
	return text
}

// A mapping says where the bytes of a string stand in the outer text.
type mapping struct {
	refuse error
	code   code
	folded bool // line breaks mean something else here

	// Of a literal block scalar: its lines, and one more after the last where
	// that has a line break.
	lines  []line
	indent int
	// What the header says: blank lines at the end belong to the string (+); and
	// how far it is indented.
	keeps, indents bool

	// Of every other: segments, in order.
	segments []segment
	begin    int // offset of the first
}

// A line of a literal block scalar.
type line struct {
	inner   int // offset in the string
	start   int // of the line in the outer text
	content int // what comes after the indentation
}

// A segment is a run of bytes that stands for itself, an escape, or white space
// around line breaks.
type segment struct {
	inner, n int // in the string
	outer, k int // in the outer text
	kind     segmentKind
}

type segmentKind uint8

const (
	segmentRun segmentKind = iota
	segmentEscape
	segmentFold
)

// find makes the mapping when it is first needed.
func (e *embedding) find() *mapping {
	if e.m == nil {
		e.m = new(mapping)
		e.m.refuse = e.fill(e.m)
	}
	return e.m
}

func (e *embedding) fill(m *mapping) error {
	d, n := e.outer, &e.outer.nodes[e.at]
	_, content, err := d.skipProperties(n)
	if err != nil {
		return err
	}
	end, err := d.endOf(e.at)
	if err != nil {
		return err
	}
	switch src := d.src; {
	case n.form == formBlockScalar && src[content] == '|':
		return e.fillLines(m, content)
	case n.form == formBlockScalar:
		m.folded = true
		at := content
		for at < end && breakAt(src, at) == 0 {
			at++
		}
		m.begin = at + blanksAt(src[:end], at)
		m.walk(src[:end], at, e.text)
	case n.form == formDouble:
		m.code, m.begin = inDoubleQuoted, content+1
		if !m.double(src[:end-1], content+1, e.text) {
			return e.refuse("a string in double quotes does not read back as it was parsed")
		}
	case n.form == formSingle:
		m.code, m.folded, m.begin = inSingleQuoted, true, content+1
		if !m.single(src[:end-1], content+1) {
			return e.refuse("a string in single quotes goes over several lines")
		}
	default:
		return e.refuse("the string has no quotes")
	}
	if last := len(m.segments) - 1; last < 0 || m.segments[last].inner+m.segments[last].n != len(e.text) {
		return e.refuse("a string does not read back as it was parsed")
	}
	return nil
}

// fillLines finds the lines of a literal block scalar.
func (e *embedding) fillLines(m *mapping, at int) error {
	d := e.outer
	src := d.src[:d.limit]
	header := at
	for at < len(src) && breakAt(src, at) == 0 {
		at++
	}
	indicators := headerIndicators(src[header:at])
	m.keeps, m.indents = strings.Contains(indicators, "+"), strings.ContainsAny(indicators, "123456789")
	var err error
	if m.indent, err = d.blockScalarIndent(&d.nodes[e.at], at); err != nil {
		return err
	}
	if at < len(src) {
		at += breakAt(src, at)
	}
	differs := func() error { return e.refuse("a block scalar does not read back as it was parsed") }
	if d.wide {
		return e.refuse("a block scalar stands in a text with unusual line breaks")
	}
	for inner := 0; inner < len(e.text); {
		text, _, ended := bytes.Cut(e.text[inner:], lineFeed)
		l := line{inner: inner, start: at, content: at}
		for l.content < len(src) && l.content-at < m.indent && src[l.content] == ' ' {
			l.content++
		}
		if !bytes.HasPrefix(src[l.content:], text) {
			return differs()
		}
		at = l.content + len(text)
		size := 0
		if at < len(src) {
			if size = breakAt(src, at); size == 0 {
				return differs()
			}
		}
		if ended && size == 0 {
			return differs()
		}
		if ended {
			inner++
		}
		at += size
		inner += len(text)
		m.lines = append(m.lines, l)
		if ended && inner == len(e.text) {
			m.lines = append(m.lines, line{inner, at, at})
		}
	}
	if m.lines == nil {
		return differs()
	}
	return nil
}

func startsWithBlank(text []byte) bool {
	text = bytes.TrimLeft(text, "\n")
	return len(text) > 0 && text[0] == ' '
}

// outer gives the offset in the outer text of an offset in the string; of
// several the first.
func (m *mapping) outer(inner int) (at int, ok bool) {
	if m.lines != nil {
		l := m.line(inner)
		return l.content + inner - l.inner, true
	}
	s := m.before(inner)
	switch {
	case s == nil:
		return m.begin, inner == 0
	case s.kind == segmentRun:
		return s.outer + inner - s.inner, inner <= s.inner+s.n
	}
	return s.outer + s.k, inner == s.inner+s.n
}

func (m *mapping) line(inner int) *line {
	i := sort.Search(len(m.lines), func(i int) bool { return m.lines[i].inner > inner })
	return &m.lines[max(i-1, 0)]
}

// before gives the segment with which the text in front of an offset ends.
func (m *mapping) before(inner int) *segment {
	i := sort.Search(len(m.segments), func(i int) bool { return m.segments[i].inner >= inner })
	if i == 0 {
		return nil
	}
	return &m.segments[i-1]
}

// inLines makes a place in a literal block scalar one of the outer text.
func (m *mapping) inLines(p Place, e *embedding) (_ Place, ok bool, why string) {
	coded := p.codes != 0
	start, end := m.line(p.start), m.line(p.end)
	atStart, atEnd := p.start == start.inner, p.end == end.inner
	switch {
	case !coded && p.op.ownLine() && !p.bare:
		if !atStart {
			return Place{}, false, ""
		}
		p.start, p.end = start.start, start.start
	case !coded && p.op == opRemove && atStart && (atEnd || p.bare):
		if !m.keeps && bytes.HasSuffix(e.text[:p.start], []byte("\n\n")) {
			// Blank lines at the end of the string would not belong to it.
			return Place{}, false, "a blank line stands before it"
		}
		if !m.indents && p.start == 0 && startsWithBlank(e.text[p.end:]) {
			// The first line says how far the string is indented.
			return Place{}, false, "the line after it stands further to the right"
		}
		p.start = start.start
		if atEnd {
			p.end = end.start
		} else {
			p.end = end.content + p.end - end.inner
		}
	case !coded && !m.keeps && p.op == opRemove && atStart && !atEnd && p.end == len(e.text):
		return Place{}, false, "a blank line stands before it"
	default:
		p.start, p.end = start.content+p.start-start.inner, end.content+p.end-end.inner
	}
	if !coded {
		p.indent += m.indent
		p.eol = e.outer.eolBefore(p.start)
		if p.back > 0 {
			p.back = uint8(len(p.eol.text()))
		}
	}
	if p.gap < p.key0 {
		p.gap, _ = m.outer(p.gap)
		p.key0, _ = m.outer(p.key0)
	}
	return p, true, ""
}

// inSegments makes a place in any other string one of the outer text.
func (m *mapping) inSegments(p Place) (_ Place, ok bool, why string) {
	coded := p.codes != 0
	if m.folded && !coded {
		switch p.op {
		case opField, opFieldBefore, opItems:
			return Place{}, false, "a line cannot be added to a string that is folded or in single quotes"
		}
	}
	s := m.before(p.start)
	start, ok := m.outer(p.start)
	end, ok2 := m.outer(p.end)
	if !ok || !ok2 {
		return Place{}, false, ""
	}
	switch afterFold := s != nil && s.kind == segmentFold; {
	case p.start == p.end && !afterFold:
	case afterFold, m.folds(start, end+1):
		return Place{}, false, "a line break of the string stands in the way"
	}
	// No line of its own for a field in braces: what a line break would be here
	// depends on the style.
	p.gap, p.key0 = 0, 0
	if p.back > 0 {
		before, ok := m.outer(p.start - int(p.back))
		if !ok || m.folds(before, start) || start-before > math.MaxUint8 {
			return Place{}, false, "a line break of the string stands in the way"
		}
		p.back = uint8(start - before)
	}
	p.start, p.end = start, end
	if p.codes, ok = p.codes.and(m.code); !ok {
		return Place{}, false, "strings stand in strings too deep"
	}
	return p, true, ""
}

// folds says whether the text is broken into lines between two offsets of the
// outer text.
func (m *mapping) folds(start, end int) bool {
	i := sort.Search(len(m.segments), func(i int) bool { s := &m.segments[i]; return s.outer+s.k > start })
	for ; i < len(m.segments) && m.segments[i].outer < end; i++ {
		if m.segments[i].kind == segmentFold {
			return true
		}
	}
	return false
}

// add puts a segment at the end.
func (m *mapping) add(kind segmentKind, n, outer, k int) {
	inner := 0
	if last := len(m.segments) - 1; last >= 0 {
		s := &m.segments[last]
		if inner = s.inner + s.n; kind == segmentRun && s.kind == kind && s.outer+s.k == outer {
			s.n, s.k = s.n+n, s.k+k
			return
		}
	}
	m.segments = append(m.segments, segment{inner, n, outer, k, kind})
}

// walk finds a folded scalar's text again, as [Doc.plainEnd] does.
func (m *mapping) walk(src []byte, at int, text []byte) {
	i, k := blanksAt(text, 0), blanksAt(src, at)
	m.add(segmentFold, i, at, k) // the line that opens the scalar ends
	for at += k; i < len(text); {
		n, k := blanksAt(text, i), blanksAt(src, at)
		switch {
		case n == 0 && k == 0:
			if at >= len(src) || src[at] != text[i] {
				return
			}
			m.add(segmentRun, 1, at, 1)
			n, k = 1, 1
		case at+k >= len(src) && i+n == len(text):
			m.add(segmentFold, n, at, k)
		case n == 0 || k == 0:
			return
		case n == k && bytes.Equal(text[i:i+n], src[at:at+k]) && !bytes.ContainsAny(src[at:at+k], "\r\n"):
			m.add(segmentRun, n, at, k)
		default:
			m.add(segmentFold, n, at, k)
		}
		i, at = i+n, at+k
	}
}

// blanksAt gives the length of the white space at an offset.
func blanksAt(b []byte, at int) int {
	from := at
	for at < len(b) && isBlankOrBreak(b, at) {
		at += max(1, breakAt(b, at))
	}
	return at - from
}

// single finds the text of a string in single quotes again.
func (m *mapping) single(src []byte, at int) bool {
	for at < len(src) {
		switch {
		case breakAt(src, at) > 0:
			return false
		case src[at] == '\'':
			m.add(segmentEscape, 1, at, 2)
			at += 2
		default:
			m.add(segmentRun, 1, at, 1)
			at++
		}
	}
	return true
}

// double finds the text of a string in double quotes again, of YAML or JSON.
func (m *mapping) double(src []byte, at int, text []byte) bool {
	inner := 0
	// is adds a segment if its text is what the string holds.
	is := func(kind segmentKind, s string, k int) bool {
		if !bytes.HasPrefix(text[inner:], []byte(s)) {
			return false
		}
		m.add(kind, len(s), at, k)
		inner, at = inner+len(s), at+k
		return true
	}
	for at < len(src) {
		n := blanksAt(src, at)
		switch {
		case n > 0 && (bytes.ContainsAny(src[at:at+n], "\r\n") || hasWideBreak(src[at:at+n])):
			breaks := 0
			for i := at; i < at+n; i += max(1, breakAt(src, i)) {
				if breakAt(src, i) > 0 {
					breaks++
				}
			}
			folded := " "
			if breaks > 1 {
				folded = strings.Repeat("\n", breaks-1)
			}
			if !is(segmentFold, folded, n) {
				return false
			}
		case src[at] != '\\':
			size := max(n, 1)
			for ; at+size < len(src) && src[at+size] != '\\' && blanksAt(src, at+size) == 0; size++ {
			}
			if !is(segmentRun, string(src[at:at+size]), size) {
				return false
			}
		case at+1 >= len(src):
			return false
		case breakAt(src, at+1) > 0:
			size := 1 + breakAt(src, at+1)
			for at+size < len(src) && (src[at+size] == ' ' || src[at+size] == '\t') {
				size++
			}
			if !is(segmentFold, "", size) {
				return false
			}
		default:
			s, size := unescape(src[at:])
			if size == 0 || !is(segmentEscape, s, size) {
				return false
			}
		}
	}
	return inner == len(text)
}

// unescape reads an escape of YAML or JSON; size 0 means that it is none.
func unescape(b []byte) (s string, size int) {
	switch c := b[1]; c {
	case 'x', 'u', 'U':
		digits := escapeDigits(c)
		r, ok := hexRune(b[2:], digits)
		if !ok {
			return "", 0
		}
		size = 2 + digits
		if utf16.IsSurrogate(r) && len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
			if low, ok := hexRune(b[8:], 4); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					r, size = pair, 12
				}
			}
		}
		return string(r), size
	case '/': // JSON has it
		return "/", 2
	default:
		if escapes[c] == "" {
			return "", 0
		}
		return escapes[c], 2
	}
}

func hexRune(b []byte, digits int) (rune, bool) {
	if len(b) < digits {
		return 0, false
	}
	r, err := strconv.ParseUint(string(b[:digits]), 16, 32)
	return rune(r), err == nil
}

// appendCoded writes what the edit puts at its place inside strings.
func (p Place) appendCoded(out []byte, v Value, src []byte) []byte {
	plain := p
	plain.codes = 0
	return append(out, p.codes.encode(plain.append(nil, v, src))...)
}
