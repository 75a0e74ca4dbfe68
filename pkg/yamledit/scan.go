package yamledit

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// The scanner is the quick producer of a Doc's tree. It reads the YAML that
// people and tools really write, line by line and without a token between text
// and node, and gives the very tree that the parser (go.yaml.in/yaml/v3) would
// give. Of everything else it says that it is not sure, and the parser decides.
// It never guesses: what it accepts, the parser accepts with the same data,
// kinds and positions. TestScannerAgreesWithParser holds that.
//
// The grammar that it is sure of, by indentation:
//
//	document    = [ "---" end ] ( mapping | sequence | flow end )
//	mapping     = { key ":" value }          keys at one column, right of the collection around it
//	sequence    = { "-" ( item | end block ) }  dashes at one column
//	value       = item | end block | end sequence-at-the-key's-column | end
//	item        = plain | quoted | flow | text; behind a dash also a mapping or a sequence
//	block       = mapping | sequence | plain | quoted | flow | text, right of the key or dash
//	key         = plain on one line | quoted on one line
//	plain       = a line that begins with no indicator, and the deeper lines after it
//	quoted      = '…' | "…", over several lines too
//	text        = ( "|" | ">" ) indicators end, and the deeper lines after it; at least one not blank
//	flow        = "[" { node "," } "]" | "{" { key ":" node "," } "}", over several lines too
//	node        = plain on one line | quoted | flow
//	end         = blanks, a comment behind a blank, the line break; comment lines and blank lines
//
// It is not sure of anchors, aliases, tags, merge keys, "?", directives, further
// documents, a text that is one scalar or nothing but a marker, tabs anywhere
// but inside of quotes, texts and comments, line breaks other than LF,
// byte-order marks, characters that the parser refuses, keys of more than 1,024
// bytes, unwritten values and pairs in flow style, and anything that is nested
// more than 200 levels deep. Keys that repeat are fine: the tree holds both.
type scanner struct {
	doc *Doc
	src []byte // the text, up to the document's end

	// The next token that is the first of its line: where it stands, and its
	// column; the column is before where the text has ended. commented says that
	// comments stand before it on lines of their own.
	at, column int
	commented  bool

	open  []int32 // the kids so far of all collections that are open
	depth int
}

const (
	before     = -1 // left of column 0
	maxNesting = 200
	maxKey     = 1024

	ones = 0x0101010101010101 // times a character: eight of it
)

// scan fills the document. It is false where the parser has to decide; then the
// document's nodes mean nothing.
func (s *scanner) scan(doc *Doc) bool {
	s.doc, s.src, s.open, s.depth = doc, doc.src[:doc.limit], s.open[:0], 0
	if !legible(s.src[doc.from:]) {
		return false
	}
	start := doc.from
	if s.isMarker(start) && s.src[start] == '-' {
		end := s.toLineEnd(start + len("---"))
		if end < 0 || !s.next(end) || s.column == before {
			return false
		}
	} else if !s.line(start) {
		return false
	}
	if s.column == before {
		return true // nothing but comments
	}
	if !s.block(s.at, s.column, before) || s.column != before {
		return false
	}
	form := doc.nodes[0].form
	return form == formBlock || form == formFlow
}

// # Lines

// line finds the first token at or after the start of a line.
func (s *scanner) line(at int) bool {
	src := s.src
	s.commented = false
	for {
		start := at
		at = s.skipIndent(at)
		if at >= len(src) {
			s.at, s.column = len(src), before
			return true
		}
		switch src[at] {
		case '\n':
			at++
			continue
		case '#':
			s.commented = true
			at = s.lineBreak(at) + 1
			continue
		case '\t':
			return false
		case '-', '.':
			if at == start && s.isMarker(at) {
				return false
			}
		}
		s.at, s.column = at, at-start
		return true
	}
}

// next finds the first token after a line break, or after the end of the text.
func (s *scanner) next(lineBreak int) bool {
	return s.line(min(lineBreak+1, len(s.src)))
}

// rest finds the first token of a later line. Nothing but a comment may stand
// behind the offset on its own line.
func (s *scanner) rest(at int) bool {
	end := s.toLineEnd(at)
	return end >= 0 && s.next(end)
}

// toLineEnd gives the offset of the line break after blanks and a comment, -1
// where something else stands there.
func (s *scanner) toLineEnd(at int) int {
	i := s.skipSpaces(at)
	switch {
	case i >= len(s.src) || s.src[i] == '\n':
		return i
	case s.src[i] == '#' && i > at:
		return s.lineBreak(i)
	}
	return -1
}

// lineBreak gives the offset of the next line break, or of the end of the text.
func (s *scanner) lineBreak(at int) int {
	if n := bytes.IndexByte(s.src[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(s.src)
}

func (s *scanner) skipSpaces(at int) int {
	for at < len(s.src) && s.src[at] == ' ' {
		at++
	}
	return at
}

// skipIndent is skipSpaces for many spaces: it takes eight at a time.
func (s *scanner) skipIndent(at int) int {
	for ; at+8 <= len(s.src); at += 8 {
		if other := binary.LittleEndian.Uint64(s.src[at:]) ^ ' '*ones; other != 0 {
			return at + bits.TrailingZeros64(other)/8
		}
	}
	return s.skipSpaces(at)
}

// endsWord says whether a blank, a line break or the end of the text stands at
// an offset. A tab does not count: it makes the scanner unsure later.
func (s *scanner) endsWord(at int) bool {
	return at >= len(s.src) || s.src[at] == ' ' || s.src[at] == '\n'
}

// isMarker says whether a line starts with a document marker.
func (s *scanner) isMarker(line int) bool {
	if line+3 > len(s.src) {
		return false
	}
	if m := string(s.src[line : line+3]); m != "---" && m != "..." {
		return false
	}
	return s.endsWord(line+3) || s.src[line+3] == '\t'
}

// # Nodes

// add adds a node. The caller fills in the rest in place, field by field: to
// build a node elsewhere and to copy it takes a tenth of the whole time.
func (s *scanner) add(kind Kind, form form, start int) *node {
	d := s.doc
	if len(d.nodes) == cap(d.nodes) {
		d.nodes = slices.Grow(d.nodes, 1+len(d.nodes))
	}
	d.nodes = d.nodes[:len(d.nodes)+1]
	n := &d.nodes[len(d.nodes)-1]
	*n = node{}
	n.kind, n.form, n.start, n.end, n.target = kind, form, start, unknown, unknown
	return n
}

// addKid makes the next node that is added a kid of the innermost collection.
func (s *scanner) addKid() { s.open = append(s.open, int32(len(s.doc.nodes))) }

// enter adds a collection; leave gives it the kids that were added since.
func (s *scanner) enter(kind Kind, form form, start int) (at int32, kids int, ok bool) {
	s.add(kind, form, start)
	s.depth++
	return int32(len(s.doc.nodes) - 1), len(s.open), s.depth <= maxNesting
}

func (s *scanner) leave(at int32, kids int) {
	d := s.doc
	own := &d.nodes[at]
	own.kids, own.count = int32(len(d.kids)), int32(len(s.open)-kids)
	d.kids = append(d.kids, s.open[kids:]...)
	s.open = s.open[:kids]
	s.depth--
}

func (s *scanner) addNull(at int) {
	s.add(Null, formPlain, at).end = at
}

func (s *scanner) addPlain(start, end int) bool {
	text := share(s.src[start:end])
	n := s.add(plainKind(text), formPlain, start)
	n.text, n.end = text, end
	return text != "<<"
}

func (s *scanner) addQuoted(start int, q quoted) {
	n := s.add(String, formDouble, start)
	if s.src[start] == '\'' {
		n.form = formSingle
	}
	n.end, n.coded = q.end, q.coded
	if q.coded {
		n.text = share(s.src[start:q.end])
	} else {
		n.text = share(s.src[start+1 : q.end-1])
	}
}

// # Block collections

// block reads what stands at an offset and column, which may be a collection.
// indent is the column of the collection around it.
func (s *scanner) block(at, column, indent int) bool {
	switch c := s.src[at]; c {
	case '-':
		if s.endsWord(at + 1) {
			return s.sequence(at, column, false)
		}
	case '"', '\'':
		q, ok := s.quoted(at)
		if !ok {
			return false
		}
		if colon := s.colon(q.end); colon >= 0 && !q.lines {
			return s.mapping(at, column, colon)
		}
		s.addQuoted(at, q)
		return s.rest(q.end)
	case '{', '[', '|', '>':
		return s.item(at, indent)
	}
	end, next, ok := s.plainLine(at)
	if !ok {
		return false
	}
	if next < len(s.src) && s.src[next] == ':' {
		return s.mapping(at, column, next)
	}
	return s.plain(at, end, next, indent)
}

// mapping reads a mapping whose first key and colon have been found.
func (s *scanner) mapping(at, column, colon int) bool {
	m, kids, ok := s.enter(Mapping, formBlock, at)
	if !ok {
		return false
	}
	for {
		if !s.key(at, colon) || !s.value(colon+1, column) || s.column > column {
			return false
		}
		if s.column < column {
			s.leave(m, kids)
			return true
		}
		at = s.at
		if colon = s.keyAt(at); colon < 0 {
			return false
		}
	}
}

// keyAt finds the colon of the key at an offset, -1 where there is none.
func (s *scanner) keyAt(at int) int {
	if c := s.src[at]; c == '"' || c == '\'' {
		q, ok := s.quoted(at)
		if !ok || q.lines {
			return -1
		}
		return s.colon(q.end)
	}
	if _, next, ok := s.plainLine(at); ok && next < len(s.src) && s.src[next] == ':' {
		return next
	}
	return -1
}

// colon finds the colon behind a quoted key, -1 where there is none.
func (s *scanner) colon(end int) int {
	at := s.skipSpaces(end)
	if at < len(s.src) && s.src[at] == ':' && s.endsWord(at+1) {
		return at
	}
	return -1
}

// key adds the key that stands before a colon.
func (s *scanner) key(at, colon int) bool {
	if colon-at > maxKey {
		return false
	}
	s.addKid()
	if c := s.src[at]; c == '"' || c == '\'' {
		q, ok := s.quoted(at)
		if !ok {
			return false
		}
		s.addQuoted(at, q)
		if q.coded {
			// Keys are compared again and again, so their texts stand ready.
			s.doc.decode(&s.doc.nodes[len(s.doc.nodes)-1])
		}
		return true
	}
	for s.src[colon-1] == ' ' {
		colon--
	}
	return s.addPlain(at, colon)
}

// value reads the value behind a colon; column is that of the key.
func (s *scanner) value(at, column int) bool {
	i := s.skipSpaces(at)
	if i < len(s.src) && s.src[i] != '\n' && s.src[i] != '#' {
		s.addKid()
		return s.item(i, column)
	}
	if !s.rest(at) {
		return false
	}
	s.addKid()
	switch {
	case s.column > column:
		return s.block(s.at, s.column, column)
	case s.column == column && s.isDash(s.at):
		return s.sequence(s.at, column, true)
	}
	s.addNull(at)
	return true
}

func (s *scanner) isDash(at int) bool { return s.src[at] == '-' && s.endsWord(at+1) }

// sequence reads a sequence from its first dash. One that stands at the column
// of its key ends where the next key stands there.
func (s *scanner) sequence(at, column int, atKey bool) bool {
	q, kids, ok := s.enter(Sequence, formBlock, at)
	if !ok {
		return false
	}
	for {
		i := s.skipSpaces(at + 1)
		inline := i < len(s.src) && s.src[i] != '\n' && s.src[i] != '#'
		if !inline && !s.rest(at+1) {
			return false
		}
		s.addKid()
		switch {
		case inline:
			ok = s.block(i, column+i-at, column)
		case s.column > column:
			ok = s.block(s.at, s.column, column)
		default:
			s.addNull(at + 1)
		}
		if !ok || s.column > column {
			return false
		}
		at = s.at
		if s.column < column || !s.isDash(at) {
			s.leave(q, kids)
			return s.column < column || atKey
		}
	}
}

// item reads what is no block collection. indent is the column of the
// collection around it.
func (s *scanner) item(at, indent int) bool {
	switch s.src[at] {
	case '"', '\'':
		q, ok := s.quoted(at)
		if !ok {
			return false
		}
		s.addQuoted(at, q)
		return s.rest(q.end)
	case '{', '[':
		end, ok := s.flow(at)
		return ok && s.rest(end)
	case '|', '>':
		return s.text(at, indent)
	}
	end, next, ok := s.plainLine(at)
	return ok && s.plain(at, end, next, indent)
}

// # Scalars

// Classes of characters.
const (
	stopsPlain     = 1 << iota // may end a plain scalar
	stopsFlowPlain             // may end one in flow style
	startsNoPlain              // begins no plain scalar, or only sometimes
	mayBeTyped                 // begins a plain scalar that may be no string
)

var class = func() (t [256]uint8) {
	for _, c := range "\n\t:#" {
		t[c] |= stopsPlain | stopsFlowPlain
	}
	for _, c := range ",?[]{}" {
		t[c] |= stopsFlowPlain
	}
	for _, c := range " \n\t-?:,[]{}#&*!|>'\"%@`" {
		t[c] |= startsNoPlain
	}
	for _, c := range "+-.0123456789tTfFnN~" {
		t[c] |= mayBeTyped
	}
	return t
}()

// startsPlain says whether a plain scalar surely starts at an offset.
func (s *scanner) startsPlain(at int) bool {
	c := s.src[at]
	return class[c]&startsNoPlain == 0 || (c == '-' || c == ':' || c == '?') && !s.endsWord(at+1) && s.src[at+1] != '\t'
}

// plainLine finds the end of a plain scalar's first line, and what comes next:
// the line break, a comment, or the colon that makes it a key.
func (s *scanner) plainLine(at int) (end, next int, ok bool) {
	if !s.startsPlain(at) {
		return 0, 0, false
	}
	return s.restOfPlainLine(at)
}

func (s *scanner) restOfPlainLine(at int) (end, next int, ok bool) {
	src := s.src
	i := at
scan:
	for ; i < len(src); i++ {
		c := src[i]
		if class[c]&stopsPlain == 0 {
			continue
		}
		switch c {
		case '\n':
			break scan
		case '\t':
			return 0, 0, false
		case ':':
			if s.endsWord(i + 1) {
				break scan
			}
		case '#':
			if src[i-1] == ' ' {
				break scan
			}
		}
	}
	for end = i; end > at && src[end-1] == ' '; end-- {
	}
	return end, i, true
}

// plain adds a plain scalar of which the first line was found. Lines that
// follow belong to it if they are deeper than the collection around it.
func (s *scanner) plain(at, end, next, indent int) bool {
	lines := false
	for {
		if next < len(s.src) && s.src[next] != '\n' {
			if s.src[next] == ':' || !s.next(s.lineBreak(next)) {
				return false
			}
			break
		}
		if !s.next(next) {
			return false
		}
		if s.column <= indent || s.commented {
			break
		}
		lines = true
		var ok bool
		if end, next, ok = s.restOfPlainLine(s.at); !ok {
			return false
		}
	}
	if !lines {
		return s.addPlain(at, end)
	}
	n := s.add(String, formPlain, at)
	n.end, n.coded, n.text = end, true, share(s.src[at:end])
	return true
}

// quoted is what is known of a quoted scalar.
type quoted struct {
	end   int  // after the closing quote
	coded bool // the text is not what stands between the quotes
	lines bool // it has several lines
}

func (s *scanner) quoted(at int) (q quoted, ok bool) {
	src, quote := s.src, s.src[at]
	for i := at + 1; i < len(src); i++ {
		switch c := src[i]; {
		case c == '\n':
			q.coded, q.lines = true, true
			if s.isMarker(i + 1) {
				return q, false
			}
		case c == '\\' && quote == '"':
			q.coded = true
			n := s.escape(i)
			if n == 0 {
				return q, false
			}
			i += n - 1
		case c != quote:
		case quote == '\'' && i+1 < len(src) && src[i+1] == quote:
			q.coded = true
			i++
		default:
			q.end = i + 1
			return q, true
		}
	}
	return q, false
}

// escape gives the length of an escape in double quotes, 0 if it is none. That
// of a line break ends before the break.
func (s *scanner) escape(at int) int {
	if at+1 >= len(s.src) {
		return 0
	}
	c := s.src[at+1]
	if c == '\n' {
		return 1
	}
	digits := escapeDigits(c)
	if digits == 0 {
		if escapes[c] == "" {
			return 0
		}
		return 2
	}
	from, to := at+2, at+2+digits
	if to > len(s.src) {
		return 0
	}
	for _, c := range s.src[from:to] {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
			return 0
		}
	}
	if r, err := strconv.ParseUint(share(s.src[from:to]), 16, 32); err != nil || !utf8.ValidRune(rune(r)) {
		return 0
	}
	return to - at
}

// escapeDigits says how many digits follow \x, \u and \U.
func escapeDigits(c byte) int {
	switch c {
	case 'x':
		return 2
	case 'u':
		return 4
	case 'U':
		return 8
	}
	return 0
}

// escapes are the characters that may follow a backslash, and what they mean.
var escapes = [256]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f", 'r': "\r", 'e': "\x1b",
	' ': " ", '"': "\"", '\'': "'", '\\': "\\", 'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029",
}

// text reads a block scalar. Only the indentation of its lines is looked at.
func (s *scanner) text(at, indent int) bool {
	src := s.src
	content, keep, chomped := 0, false, false // content is the column of its lines
	i := at + 1
	for ; i < len(src); i++ {
		if c := src[i]; '1' <= c && c <= '9' && content == 0 {
			content = max(indent, 0) + int(c-'0')
		} else if (c == '+' || c == '-') && !chomped {
			chomped, keep = true, c == '+'
		} else {
			break
		}
	}
	lineBreak := s.toLineEnd(i)
	if lineBreak < 0 {
		return false
	}
	end, longest, line := unknown, 0, len(src)
	for lineBreak < len(src) {
		line = lineBreak + 1
		i = line
		for i < len(src) && src[i] == ' ' && (content == 0 || i-line < content) {
			i++
		}
		switch {
		case i >= len(src):
			lineBreak, line = len(src), len(src)
			continue
		case src[i] == '\n':
			if keep && end != unknown {
				end = i // the break of a kept blank line is content as well
			}
			longest, lineBreak = max(longest, i-line), i
			line = len(src)
			continue
		case content == 0:
			// The first line that is not blank tells. Blank lines before it must not
			// be longer, and a line that is not deep enough would leave it empty.
			if content = i - line; content <= indent || content < longest || src[i] == '\t' {
				return false
			}
		case i-line < content && src[i] == '\t':
			return false
		}
		if i-line < content {
			break
		}
		lineBreak = s.lineBreak(i)
		end, line = lineBreak, len(src)
	}
	if end == unknown {
		return false
	}
	n := s.add(String, formBlockScalar, at)
	n.end, n.coded, n.indent, n.text = end, true, int32(content), share(src[at:line])
	return s.line(line)
}

// # Flow style

// flow reads a collection in brackets and gives the offset after it.
func (s *scanner) flow(at int) (end int, ok bool) {
	kind, closing := Sequence, byte(']')
	if s.src[at] == '{' {
		kind, closing = Mapping, '}'
	}
	f, kids, ok := s.enter(kind, formFlow, at)
	i := s.flowSpace(at + 1)
	for ok && i < len(s.src) {
		if s.src[i] == closing {
			s.leave(f, kids)
			s.doc.nodes[f].end = i + 1
			return i + 1, true
		}
		if kind == Mapping {
			colon := s.flowKeyAt(i)
			if colon < 0 || !s.key(i, colon) {
				return 0, false
			}
			i = s.flowSpace(colon + 1)
		}
		s.addKid()
		if i, ok = s.flowNode(i); !ok {
			return 0, false
		}
		i = s.flowSpace(i)
		if i < len(s.src) && s.src[i] == ',' {
			i = s.flowSpace(i + 1)
		} else if i >= len(s.src) || s.src[i] != closing {
			return 0, false
		}
	}
	return 0, false
}

func (s *scanner) flowNode(at int) (end int, ok bool) {
	if at >= len(s.src) {
		return 0, false
	}
	switch s.src[at] {
	case '{', '[':
		return s.flow(at)
	case '"', '\'':
		q, ok := s.quoted(at)
		if ok {
			s.addQuoted(at, q)
		}
		return q.end, ok
	}
	end, next, ok := s.flowPlain(at)
	if !ok || s.src[next] == ':' {
		return 0, false
	}
	return end, s.addPlain(at, end)
}

// flowKeyAt finds the colon of the key at an offset, -1 where there is none.
func (s *scanner) flowKeyAt(at int) int {
	if c := s.src[at]; c == '"' || c == '\'' {
		q, ok := s.quoted(at)
		if !ok || q.lines {
			return -1
		}
		// Behind quotes a colon needs no blank.
		if colon := s.skipSpaces(q.end); colon < len(s.src) && s.src[colon] == ':' {
			return colon
		}
		return -1
	}
	if _, next, ok := s.flowPlain(at); ok && s.src[next] == ':' {
		return next
	}
	return -1
}

// flowPlain finds the end of a plain scalar in flow style, and what comes next
// on its line, which is no word of its own.
func (s *scanner) flowPlain(at int) (end, next int, ok bool) {
	src := s.src
	if c := src[at]; class[c]&startsNoPlain != 0 && (c != '-' || s.endsWord(at+1) || class[src[at+1]]&stopsFlowPlain != 0) {
		return 0, 0, false
	}
	for i := at; i < len(src); i++ {
		c := src[i]
		if class[c]&stopsFlowPlain == 0 {
			continue
		}
		switch c {
		case '\t', '?', '[', '{':
			return 0, 0, false
		case ':':
			if i+1 < len(src) && !s.endsWord(i+1) {
				if class[src[i+1]]&stopsFlowPlain != 0 {
					return 0, 0, false
				}
				continue
			}
		case '#':
			if src[i-1] != ' ' {
				continue
			}
		}
		for end = i; src[end-1] == ' '; end-- {
		}
		return end, i, true
	}
	return 0, 0, false
}

// flowSpace steps over blanks, line breaks and comments. Where it is not sure,
// it gives the end of the text, where no flow collection can go on.
func (s *scanner) flowSpace(at int) int {
	src := s.src
	for i := at; i < len(src); i++ {
		switch src[i] {
		case ' ':
		case '\n':
			if i+1 < len(src) && (src[i+1] == '-' || src[i+1] == '.' || src[i+1] == '%') {
				return len(src)
			}
		case '#':
			if i == at || src[i-1] != ' ' && src[i-1] != '\n' {
				return len(src)
			}
			i = s.lineBreak(i) - 1
		case '\t':
			return len(src)
		default:
			return i
		}
	}
	return len(src)
}

// # What plain scalars are

// plainKind resolves a plain scalar as resolve.go of go.yaml.in/yaml/v3 does.
// Timestamps are strings here.
func plainKind(s string) Kind {
	if s == "" {
		return Null
	}
	if class[s[0]]&mayBeTyped == 0 {
		return String
	}
	switch s {
	case "~", "null", "Null", "NULL":
		return Null
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return Bool
	case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
		return Number
	}
	if c := s[0]; c == '.' {
		if _, err := strconv.ParseFloat(s, 64); err == nil {
			return Number
		}
	} else if (c == '+' || c == '-' || '0' <= c && c <= '9') && isNumber(s) {
		return Number
	}
	return String
}

// isNumber says whether what begins with a digit or a sign is a number.
func isNumber(s string) bool {
	if strings.IndexByte(s, '_') >= 0 {
		s = strings.ReplaceAll(s, "_", "")
	}
	at := 0
	digits := func() int {
		from := at
		for at < len(s) && '0' <= s[at] && s[at] <= '9' {
			at++
		}
		return at - from
	}
	sign := func() {
		if at < len(s) && (s[at] == '+' || s[at] == '-') {
			at++
		}
	}
	sign()
	mantissa, exponent := digits(), false
	if at < len(s) && s[at] == '.' {
		at++
		mantissa += digits()
	}
	if at < len(s) && (s[at] == 'e' || s[at] == 'E') {
		at++
		sign()
		exponent = digits() > 0
		if !exponent {
			return false
		}
	}
	if at == len(s) && mantissa > 0 {
		if !exponent && mantissa < 300 {
			return true
		}
		_, err := strconv.ParseFloat(s, 64)
		return err == nil
	}
	// What is left begins with 0x, 0b or 0o.
	if unsigned := strings.TrimLeft(s, "+-"); len(unsigned) < 2 || unsigned[0] != '0' || strings.IndexByte("xXbBoO", unsigned[1]) < 0 {
		return false
	}
	if _, err := strconv.ParseInt(s, 0, 64); err == nil {
		return true
	}
	if _, err := strconv.ParseUint(s, 0, 64); err == nil {
		return true
	}
	for _, prefixed := range [...]struct {
		prefix string
		base   int
	}{{"0b", 2}, {"0o", 8}} {
		if rest, ok := strings.CutPrefix(s, prefixed.prefix); ok {
			_, err := strconv.ParseInt(rest, prefixed.base, 64)
			_, err2 := strconv.ParseUint(rest, prefixed.base, 64)
			return err == nil || err2 == nil
		}
		if rest, ok := strings.CutPrefix(s, "-"+prefixed.prefix); ok {
			_, err := strconv.ParseInt("-"+rest, prefixed.base, 64)
			return err == nil
		}
	}
	return false
}

// # Texts

// share gives bytes as a string without a copy. Whoever hands a text to a
// Parser does not change it afterwards.
func share(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// decode turns a scalar's text from how it is written into what it means.
func (d *Doc) decode(n *node) {
	switch n.form {
	case formBlockScalar:
		n.text = decodeText(n.text, int(n.indent))
	case formSingle, formDouble:
		n.text = decodeQuoted(n.text)
	default:
		n.text = string(fold(nil, n.text))
	}
	n.coded = false
}

// decodeText reads a block scalar, from its indicator to its last line.
func decodeText(written string, indent int) string {
	header, rest, _ := strings.Cut(written, "\n")
	header, _, _ = strings.Cut(header, " ")
	folded := header[0] == '>'
	out := make([]byte, 0, len(rest))
	breaks := 0                        // blank lines that are not written yet
	pending, afterBlank := false, true // a line's own break is not written yet; the line began with a blank
	for len(rest) > 0 {
		line, more, ended := strings.Cut(rest, "\n")
		rest = more
		at := 0
		for at < len(line) && at < indent && line[at] == ' ' {
			at++
		}
		if at == len(line) {
			if ended {
				breaks++
			}
			continue
		}
		line = line[at:]
		blank := line[0] == ' ' || line[0] == '\t'
		switch {
		case !pending:
		case folded && !afterBlank && !blank:
			if breaks == 0 {
				out = append(out, ' ')
			}
		default:
			out = append(out, '\n')
		}
		for ; breaks > 0; breaks-- {
			out = append(out, '\n')
		}
		out = append(out, line...)
		pending, afterBlank = ended, blank
	}
	if pending && strings.IndexByte(header, '-') < 0 {
		out = append(out, '\n')
	}
	if strings.IndexByte(header, '+') >= 0 {
		for ; breaks > 0; breaks-- {
			out = append(out, '\n')
		}
	}
	return string(out)
}

// decodeQuoted reads a quoted scalar with its quotes.
func decodeQuoted(written string) string {
	special, inside := byte('\\'), written[1:len(written)-1]
	if written[0] == '\'' {
		special = '\''
	}
	out := make([]byte, 0, len(inside))
	for {
		at := strings.IndexByte(inside, special)
		if at < 0 {
			break
		}
		out = fold(out, inside[:at])
		c := inside[at+1]
		inside = inside[at+2:]
		switch {
		case special == '\'':
			out = append(out, '\'')
		case c == '\n':
			// The break goes, and the blanks of the next line; further breaks stay.
			for len(inside) > 0 && (inside[0] == ' ' || inside[0] == '\t' || inside[0] == '\n') {
				if inside[0] == '\n' {
					out = append(out, '\n')
				}
				inside = inside[1:]
			}
		case c == 'x' || c == 'u' || c == 'U':
			digits := escapeDigits(c)
			r, _ := strconv.ParseUint(inside[:digits], 16, 32)
			out = utf8.AppendRune(out, rune(r))
			inside = inside[digits:]
		default:
			out = append(out, escapes[c]...)
		}
	}
	return string(fold(out, inside))
}

// fold appends text in which a line break stands for a blank, more of them for
// one less, and blanks around them for nothing.
func fold(out []byte, text string) []byte {
	for len(text) > 0 {
		at := strings.IndexByte(text, '\n')
		if at < 0 {
			return append(out, text...)
		}
		out = append(out, strings.TrimRight(text[:at], " \t")...)
		breaks := 0
		for ; at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n'); at++ {
			if text[at] == '\n' {
				breaks++
			}
		}
		if breaks == 1 {
			out = append(out, ' ')
		}
		for ; breaks > 1; breaks-- {
			out = append(out, '\n')
		}
		text = text[at:]
	}
	return out
}

// # Characters

// legible says whether a text holds nothing but characters that the parser
// accepts, and no line break or mark that only some readers know.
func legible(b []byte) bool {
	const (
		high = 0x80 * ones
		low7 = 0x7f * ones
	)
	for len(b) >= 8 {
		w := binary.LittleEndian.Uint64(b)
		// Each addition sets the high bit of a byte and carries nothing over, as
		// long as all bytes are below 0x80: of those from 0x20, of those that are
		// no LF, of DEL.
		visible := w&low7 + 0x60*ones
		other := (w^'\n'*ones)&low7 + low7
		if (w|^visible&other|(w&low7+ones))&high == 0 {
			b = b[8:]
			continue
		}
		n := legibleRunes(b)
		if n == 0 {
			return false
		}
		b = b[n:]
	}
	for len(b) > 0 {
		n := legibleRunes(b)
		if n == 0 {
			return false
		}
		b = b[n:]
	}
	return true
}

// legibleRunes gives the length of the characters in the next eight bytes, 0
// if one of them is not legible.
func legibleRunes(b []byte) int {
	at := 0
	for at < 8 && at < len(b) {
		if c := b[at]; c < utf8.RuneSelf {
			if c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
				return 0
			}
			at++
			continue
		}
		r, size := utf8.DecodeRune(b[at:])
		switch {
		case r == utf8.RuneError && size == 1,
			r < 0xa0, r == '\u2028', r == '\u2029', r == '\ufeff', r == '\ufffe', r == '\uffff':
			return 0
		}
		at += size
	}
	return at
}
