package manifest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/pullable/pullable/pkg/yamledit"
)

// An Input is a text that was split into documents and objects. It refers to
// the text and keeps no trees but that of a ResourceList's functionConfig.
type Input struct {
	src       []byte
	documents []document
	units     []unit
	envelope  *envelope // a ResourceList's own fields; nil for a stream
}

// A document is a YAML document, or one value of a JSON stream.
type document struct {
	start, end  int // of a JSON value
	from, to    int // of the YAML document; of a JSON value only if it is alone
	at, line    int // of its first line with content
	first, last int // its units
	pieces      bool
	json        bool
	alone       bool     // a JSON value that may turn out to be YAML in flow style
	heritage    heritage // with pieces: what the items inherit
	problem     *InputError
}

// A unit is a piece of text that is parsed on its own: a document or one item
// of a list.
type unit struct {
	start, end int
	at, line   int // of its first line with content
	document   int
}

var (
	byteOrderMark = []byte("\xef\xbb\xbf")
	lineFeed      = []byte("\n")
)

// Read finds the documents and objects of a text: a ResourceList (which must
// stand alone) or a stream, in YAML or JSON, in UTF-8. It returns [ErrEmpty]
// where there are no bytes, else its errors are [*InputError]. Most objects are
// parsed in [Each], so more errors may come from there. The text must not
// change while the Input is in use.
func Read(src []byte) (*Input, error) {
	s := splitter{in: &Input{src: src}, src: src, line: 1}
	if bytes.HasPrefix(src, byteOrderMark) {
		s.at = len(byteOrderMark)
	}
	if s.at == len(src) {
		return nil, ErrEmpty
	}
	encoding := make(chan error, 1)
	go func() { encoding <- checkEncoding(src) }()
	s.split()
	if err := <-encoding; err != nil {
		return nil, err
	}
	if err := s.in.findEnvelope(); err != nil {
		return nil, err
	}
	return s.in, nil
}

func checkEncoding(src []byte) error {
	if name := foreignEncoding(src); name != "" {
		return &InputError{Line: 1, Problem: fmt.Sprintf("the input is in %s; only UTF-8 is read", name)}
	}
	if utf8.Valid(src) {
		return nil
	}
	at := 0
	for at < len(src) {
		r, size := utf8.DecodeRune(src[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return &InputError{Line: 1 + countLines(src[:at]), Problem: "the input is not valid UTF-8"}
}

// foreignEncoding names UTF-16 and UTF-32 by their byte-order mark, or by the
// zero bytes of a first ASCII character (YAML 1.2, section 5.2).
func foreignEncoding(src []byte) string {
	has := func(prefix string) bool { return bytes.HasPrefix(src, []byte(prefix)) }
	zero := func(i int) bool { return len(src) > i && src[i] == 0 }
	switch {
	case has("\xff\xfe\x00\x00"), !zero(0) && zero(1) && zero(2) && zero(3):
		return "UTF-32 (little endian)"
	case has("\x00\x00\xfe\xff"), zero(0) && zero(1) && zero(2):
		return "UTF-32 (big endian)"
	case has("\xff\xfe"), len(src) > 1 && !zero(0) && zero(1):
		return "UTF-16 (little endian)"
	case has("\xfe\xff"), zero(0) && len(src) > 1 && !zero(1):
		return "UTF-16 (big endian)"
	}
	return ""
}

// countLines counts line breaks: LF, CRLF and lone CR.
func countLines(b []byte) int {
	n := bytes.Count(b, lineFeed)
	for {
		i := bytes.IndexByte(b, '\r')
		if i < 0 {
			return n
		}
		if i+1 == len(b) || b[i+1] != '\n' {
			n++
		}
		b = b[i+1:]
	}
}

// A splitter goes over the lines of the text once. It parses nothing but the
// text around the items of lists.
type splitter struct {
	in     *Input
	src    []byte
	at     int // start of the line
	line   int // its number
	loneCR bool
	region region
	fields []jsonField // of the JSON object at hand; kept for its memory
}

// A region is the text from one document marker to the next.
type region struct {
	start       int
	at, line    int // first line with content; at is -1 before it
	content     int // its first byte that is not blank; only where it is a bracket
	flow        bool
	directives  int // start of the directives (and comments) that this line continues; -1
	directivesL int
	directed    int // line of the directives that the region starts with; 0
	state       itemsState
	itemsAt     int // start of the line "items:"
	dash        int // column of the dashes
	tail        int // start of the text after the items; -1
	units       int // number of units before the region's
}

// itemsState is where in a block document the splitter is.
type itemsState uint8

const (
	beforeItems itemsState = iota
	afterItemsKey
	inItems
	afterItems
	unsplittable
)

func newRegion(start, units int) region {
	return region{start: start, at: -1, directives: -1, itemsAt: -1, tail: -1, units: units}
}

func (s *splitter) split() {
	src := s.src
	s.loneCR = hasLoneCR(src)
	s.region = newRegion(s.at, 0)
	for s.at < len(src) {
		r := &s.region
		if src[s.at] == ' ' && r.passesOver() && !s.loneCR {
			next := nextAtMargin(src, s.at)
			s.line += bytes.Count(src[s.at:next], lineFeed)
			if s.at = next; next == len(src) {
				break
			}
		}
		at, end := s.at, s.lineEnd(s.at)
		switch c := src[at]; {
		case c == '-' && isMarker(src, at, "---"):
			from, directed := at, 0
			if r.directives >= 0 {
				from, directed = r.directives, r.directivesL
			}
			s.finish(from)
			s.region = newRegion(from, len(s.in.units))
			s.region.directed = directed
			if first := skipBlanks(src, at+3); first < end && !atBreak(src, first) && src[first] != '#' {
				s.content(first)
			}
		case c == '.' && isMarker(src, at, "..."):
			s.finish(at)
			s.region = newRegion(end, len(s.in.units))
			if first := skipBlanks(src, at+3); first < end && !atBreak(src, first) && src[first] != '#' {
				s.fail("text follows the end of the document on the same line")
			}
		case c == '%':
			if r.directives < 0 {
				r.directives, r.directivesL = at, s.line
			}
			if r.state == inItems {
				r.state, r.tail = unsplittable, -1
			}
		case r.state == inItems:
			s.lineInItems(at)
		default:
			first := at
			if c == ' ' || c == '\t' {
				first = skipBlanks(src, at)
			}
			if first < end && !atBreak(src, first) && src[first] != '#' {
				s.content(first)
			}
		}
		s.at = end
		s.line++
	}
	s.finish(len(src))
}

// passesOver says whether lines that begin with a blank change nothing, as
// nearly all lines of a list and of a document.
func (r *region) passesOver() bool {
	switch r.state {
	case afterItemsKey:
		return false
	case inItems:
		return r.dash == 0 && r.directives < 0
	}
	return r.at >= 0 && r.directives < 0
}

// nextAtMargin gives the start of the next line that does not begin with a
// blank; the end of the text if there is none.
func nextAtMargin(src []byte, at int) int {
	const (
		ones = 0x0101010101010101 // times a character: eight of it
		low7 = 0x7f * ones
		high = 0x80 * ones
	)
	// Sixteen bytes at a time, each beside the one after it. An addition sets the
	// high bit of each byte of which the lower ones are not zero, and carries
	// nothing over.
	b := src[at:]
	for len(b) > 16 {
		break1, break2 := binary.LittleEndian.Uint64(b)^'\n'*ones, binary.LittleEndian.Uint64(b[8:])^'\n'*ones
		blank1, blank2 := binary.LittleEndian.Uint64(b[1:])^' '*ones, binary.LittleEndian.Uint64(b[9:])^' '*ones
		found1 := (blank1&low7 + low7 | blank1) &^ (break1&low7 + low7 | break1) & high
		found2 := (blank2&low7 + low7 | blank2) &^ (break2&low7 + low7 | break2) & high
		if found1|found2 != 0 {
			n := bits.TrailingZeros64(found1) / 8
			if found1 == 0 {
				n += bits.TrailingZeros64(found2) / 8
			}
			return len(src) - len(b) + n + 1
		}
		b = b[16:]
	}
	for i, c := range b {
		if c == '\n' && (i+1 == len(b) || b[i+1] != ' ') {
			return len(src) - len(b) + i + 1
		}
	}
	return len(src)
}

// lineInItems looks whether a line starts an item or ends the list.
func (s *splitter) lineInItems(at int) {
	src, r := s.src, &s.region
	if dash := at + r.dash; dash < len(src) && src[dash] == '-' && isBlankOrEnd(src, dash+1) && isSpaces(src[at:dash]) {
		r.directives = -1
		s.in.units = append(s.in.units, unit{start: at, at: at, line: s.line})
		return
	}
	switch src[at] {
	case ' ', '\t':
		if r.directives >= 0 {
			if first := skipBlanks(src, at); first < len(src) && !atBreak(src, first) && src[first] != '#' {
				r.directives = -1
			}
		}
	case '\n', '\r', '#':
	default:
		r.directives = -1
		r.state, r.tail = afterItems, at
	}
}

// content takes note of a line that is neither blank nor a comment; first is
// its first byte that is not blank.
func (s *splitter) content(first int) {
	src, r := s.src, &s.region
	r.directives = -1
	if r.at < 0 {
		r.at, r.line, r.content = s.at, s.line, first
		if src[first] == '{' || src[first] == '[' {
			r.flow, r.state = true, unsplittable
		}
	}
	switch r.state {
	case beforeItems:
		if first == s.at && src[first] == 'i' && isItemsLine(src[first:]) {
			r.itemsAt, r.state = s.at, afterItemsKey
		}
	case afterItemsKey:
		if src[first] != '-' || !isBlankOrEnd(src, first+1) || !isSpaces(src[s.at:first]) {
			r.state = unsplittable
			return
		}
		r.dash, r.state = first-s.at, inItems
		s.in.units = append(s.in.units, unit{start: s.at, at: s.at, line: s.line})
	}
}

// lineEnd gives the start of the next line.
func (s *splitter) lineEnd(at int) int {
	n := bytes.IndexByte(s.src[at:], '\n')
	end := at + n + 1
	if n < 0 {
		end = len(s.src)
	}
	if s.loneCR {
		if cr := bytes.IndexByte(s.src[at:end], '\r'); cr >= 0 && (at+cr+1 == len(s.src) || s.src[at+cr+1] != '\n') {
			return at + cr + 1
		}
	}
	return end
}

func hasLoneCR(src []byte) bool {
	for {
		i := bytes.IndexByte(src, '\r')
		if i < 0 {
			return false
		}
		if i+1 == len(src) || src[i+1] != '\n' {
			return true
		}
		src = src[i+1:]
	}
}

// isMarker says whether a line starts with a document marker. A scalar cannot
// hold one: quoted and plain text end there, and the text of a block scalar is
// indented.
func isMarker(src []byte, at int, marker string) bool {
	return len(src) >= at+3 && string(src[at:at+3]) == marker && isBlankOrEnd(src, at+3)
}

func isItemsLine(line []byte) bool {
	if !bytes.HasPrefix(line, []byte("items:")) || !isBlankOrEnd(line, len("items:")) {
		return false
	}
	first := skipBlanks(line, len("items:"))
	return first == len(line) || atBreak(line, first) || line[first] == '#' && first > len("items:")
}

func isBlankOrEnd(src []byte, at int) bool {
	return at >= len(src) || src[at] == ' ' || src[at] == '\t' || atBreak(src, at)
}

func atBreak(src []byte, at int) bool { return src[at] == '\n' || src[at] == '\r' }

func isSpaces(b []byte) bool {
	for _, c := range b {
		if c != ' ' {
			return false
		}
	}
	return true
}

func skipBlanks(src []byte, at int) int {
	for at < len(src) && (src[at] == ' ' || src[at] == '\t') {
		at++
	}
	return at
}

// fail adds a document that is an error, so that it is reported in its turn.
func (s *splitter) fail(problem string) {
	s.add(document{at: s.at, line: s.line, problem: &InputError{Line: s.line, Problem: problem}})
}

// add adds a document that is one unit.
func (s *splitter) add(d document) {
	in := s.in
	d.first, d.last = len(in.units), len(in.units)+1
	in.units = append(in.units, unit{at: d.at, line: d.line, document: len(in.documents)})
	in.documents = append(in.documents, d)
}

// finish ends the region and adds its documents.
func (s *splitter) finish(end int) {
	in, r := s.in, &s.region
	pieces := in.units[r.units:]
	if r.at < 0 {
		if line := max(r.directed, r.directivesL); r.directives >= 0 && r.directives < end || r.directed > 0 {
			// Directives without content; the parser has the words for it.
			s.add(document{from: r.start, to: end, at: r.start, line: line})
		} else if bytes.IndexFunc(s.src[r.start:end], isUncommon) >= 0 {
			// What looks like a comment may be none, or hold what YAML refuses.
			s.add(document{from: r.start, to: end, at: r.start, line: 1 + countLines(s.src[:r.start])})
		}
		return
	}
	if r.flow && s.json(r, end) {
		return
	}
	d := document{from: r.start, to: end, at: r.at, line: r.line}
	if len(pieces) > 0 && (r.state == inItems || r.state == afterItems) {
		if r.tail >= end {
			r.tail = -1
		}
		list, ok := readSurroundings(s.src, r, pieces[0].start, end)
		if ok {
			d.pieces, d.heritage = true, list.heritage
			d.first, d.last = r.units, len(in.units)
			for i := range pieces {
				pieces[i].document = len(in.documents)
				switch {
				case i+1 < len(pieces):
					pieces[i].end = pieces[i+1].start
				case r.tail >= 0:
					pieces[i].end = r.tail
				default:
					pieces[i].end = end
				}
			}
			if list.envelope != nil && in.envelope == nil {
				in.envelope = list.envelope
			}
			in.documents = append(in.documents, d)
			return
		}
	}
	in.units = in.units[:r.units]
	s.add(d)
}

// isUncommon says which characters must be left to the parser: those that YAML
// allows nowhere (YAML 1.2, section 5.1), the line breaks that only YAML 1.1
// has, and tabs, which are not blanks everywhere.
func isUncommon(r rune) bool {
	switch {
	case r == '\n', r == '\r':
		return false
	case r < ' ', 0x7f <= r && r < 0xa0, r == 0x2028, r == 0x2029, r == 0xfeff, r == 0xfffe, r == 0xffff:
		return true
	}
	return false
}

// surroundings are what the text around the items of a list says.
type surroundings struct {
	heritage heritage
	envelope *envelope // of a ResourceList
}

// readSurroundings parses the text before and after the items. It says no
// where the document is no list, or where the two parts do not stand on their
// own or say something wrong: then the document must be read as a whole, which
// also has the words for what is wrong.
func readSurroundings(src []byte, r *region, firstItem, end int) (list surroundings, ok bool) {
	if bytes.Contains(src[r.start:r.itemsAt], []byte("%TAG")) {
		return list, false
	}
	head, err := new(yamledit.Parser).Parse(src, r.start, firstItem)
	if err != nil || head.Root().Kind() != yamledit.Mapping {
		return list, false
	}
	parts := []yamledit.Node{head.Root()}
	if r.tail >= 0 {
		// Only a plain or quoted key at the line's start surely goes on with the
		// mapping of the head.
		if c := src[r.tail]; !isLetter(c) && c != '_' && c != '"' && c != '\'' {
			return list, false
		}
		tail, err := new(yamledit.Parser).Parse(src, r.tail, end)
		if err != nil || tail.Root().Kind() != yamledit.Mapping {
			return list, false
		}
		parts = append(parts, tail.Root())
	}
	var f listFields
	for _, part := range parts {
		if len(part.Merged()) > 0 {
			return list, false
		}
		f.add(part)
	}
	if f.items.Kind() != yamledit.Null || !f.splittable() {
		return list, false
	}
	if f.kind.Text() == resourceListKind {
		list.envelope = blockEnvelope(src, r, firstItem, end, f)
	}
	list.heritage = heirs(f.apiVersion.Text(), f.kind.Text())
	return list, true
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

const resourceListKind = "ResourceList"

// isListKind says whether objects of a kind may hold others.
func isListKind(kind string) bool { return strings.HasSuffix(kind, "List") }

// heirs tells what the items of a PodList inherit. Those of a List and of a
// ResourceList may be anything, so they inherit nothing.
func heirs(apiVersion, kind string) heritage {
	if kind == "List" || kind == resourceListKind {
		return heritage{}
	}
	return heritage{apiVersion: apiVersion, kind: strings.TrimSuffix(kind, "List")}
}

// checkResourceListVersion knows the versions of the KRM functions specification.
func checkResourceListVersion(apiVersion yamledit.Node) *InputError {
	const known = "config.kubernetes.io/v1"
	switch v := apiVersion.Text(); {
	case v == known, v == known+"beta1":
		return nil
	case apiVersion.Kind() != yamledit.String || v == "":
		return &InputError{Problem: "the ResourceList has no apiVersion; " + known + " is expected"}
	default:
		return &InputError{Problem: fmt.Sprintf("the ResourceList has apiVersion %q; %s and %[2]sbeta1 are known", shorten(v), known)}
	}
}

// shorten keeps an error from being as long as the input.
func shorten(s string) string {
	const longest = 256
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "…"
}

// listFields are a list's own fields that are read here.
type listFields struct {
	apiVersion, kind, items, functionConfig, results yamledit.Node
	repeated                                         string // of the first three
	repeatedInEnvelope                               string // of the others
}

func (f *listFields) add(mapping yamledit.Node) {
	for key, v := range mapping.Fields() {
		f.set(key, v)
	}
}

func (f *listFields) set(key string, v yamledit.Node) {
	var field *yamledit.Node
	repeated := &f.repeated
	switch key {
	case "apiVersion":
		field = &f.apiVersion
	case "kind":
		field = &f.kind
	case "items":
		field = &f.items
	case "functionConfig":
		field, repeated = &f.functionConfig, &f.repeatedInEnvelope
	case "results":
		field, repeated = &f.results, &f.repeatedInEnvelope
	default:
		return
	}
	if !field.Exists() {
		*field = v
	} else if *repeated == "" {
		*repeated = key
	}
}

// splittable says whether the fields are those of a list with nothing wrong.
func (f *listFields) splittable() bool {
	kind := f.kind.Text()
	if f.kind.Kind() != yamledit.String || !isListKind(kind) || f.repeated != "" {
		return false
	}
	return kind != resourceListKind || f.checkEnvelope() == nil
}

// checkEnvelope finds what is wrong with the own fields of a ResourceList.
func (f *listFields) checkEnvelope() *InputError {
	switch {
	case f.repeated != "":
		return repeats(f.repeated)
	case f.repeatedInEnvelope != "":
		return repeats(f.repeatedInEnvelope)
	}
	return checkResourceListVersion(f.apiVersion)
}
