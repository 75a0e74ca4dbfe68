package yamledit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"

	"go.yaml.in/yaml/v3"
)

// A SyntaxError says that a text is not YAML, or not JSON.
type SyntaxError struct {
	Line   int // 1-based, in the whole text; 0 where it is not known
	Reason string
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// Parse reads one YAML document. An empty document has an absent root; a second
// document is an error. Errors are [*SyntaxError].
func Parse(src []byte) (*Doc, error) {
	return new(Parser).Parse(src, 0, len(src))
}

// ParseJSON reads one JSON value.
func ParseJSON(src []byte) (*Doc, error) {
	return new(Parser).ParseJSON(src, 0, len(src))
}

// A Parser reads parts of texts one after another and uses its memory again:
// a Doc is valid until the next call. It is not safe for concurrent use.
type Parser struct {
	doc      Doc
	scanner  scanner
	lines    []int // offset of each line of the part
	yamlOnly bool  // for tests: do without the scanner
}

// Parse reads the document in src[start:end]. Offsets, lines and places are
// those of src. The part must begin at the start of a line. Texts share the
// memory of src, which must not change any more.
func (p *Parser) Parse(src []byte, start, end int) (*Doc, error) {
	start = skipVersion(src, start, end)
	if withScanner && !p.yamlOnly {
		p.reset(src, start, end)
		if p.scanner.scan(&p.doc) {
			return &p.doc, nil
		}
	}
	part := src[start:end]
	dec := yaml.NewDecoder(bytes.NewReader(part))
	var tree, rest yaml.Node
	if err := dec.Decode(&tree); err != nil && err != io.EOF {
		return nil, syntaxError(err, src, start)
	}
	p.reset(src, start, end)
	if len(tree.Content) == 0 {
		return &p.doc, nil
	}
	if err := dec.Decode(&rest); err == nil {
		return nil, &SyntaxError{Line: lineAt(src, start) + rest.Line - 1, Reason: "a second document begins where one was expected"}
	} else if err != io.EOF {
		return nil, syntaxError(err, src, start)
	}
	p.doc.wide = hasWideBreak(part)
	p.lines = lineStarts(p.lines[:0], src, start, end, p.doc.wide)
	c := converter{doc: &p.doc, lines: p.lines}
	p.doc.root = c.add(tree.Content[0])
	return &p.doc, nil
}

// reset empties the tree for another part. What is known of the lines of the
// text stays known.
func (p *Parser) reset(src []byte, start, end int) {
	known, line := p.doc.known, p.doc.line
	if unsafe.SliceData(src) != unsafe.SliceData(p.doc.src) || len(src) != len(p.doc.src) {
		known, line = 0, 0
	}
	p.doc = Doc{src: src, from: start, limit: end, nodes: p.doc.nodes[:0], kids: p.doc.kids[:0], known: known, line: line, yamlOnly: p.yamlOnly}
}

// FromYAML gives the tree over a yaml.Node, which may be a document node. Its
// places are nodes of that tree, for [Graft].
func FromYAML(n *yaml.Node) *Doc {
	d := &Doc{}
	if n == nil || n.Kind == 0 {
		return d
	}
	if n.Kind == yaml.DocumentNode {
		if len(n.Content) == 0 {
			return d
		}
		n = n.Content[0]
	}
	c := converter{doc: d}
	d.root = c.add(n)
	return d
}

// A converter turns the parser's tree into a Doc's.
type converter struct {
	doc     *Doc
	lines   []int // nil over a tree that has no text
	anchors map[*yaml.Node]int32

	// The last place that was looked for. Most nodes follow the one before them,
	// and a line may be long.
	line, column, at int
}

func (c *converter) add(y *yaml.Node) int32 {
	d := c.doc
	at := int32(len(d.nodes))
	n := node{end: unknown, target: -1, tagged: y.Style&yaml.TaggedStyle != 0}
	if c.lines == nil {
		n.yaml = y
	} else {
		n.start = c.offset(y.Line, y.Column)
	}
	if y.Anchor != "" && y.Kind != yaml.AliasNode {
		n.named = true
		if c.anchors == nil {
			c.anchors = map[*yaml.Node]int32{}
		}
		c.anchors[y] = at
	}
	switch y.Kind {
	case yaml.ScalarNode:
		n.kind, n.text, n.form = scalarKind(y), y.Value, scalarForm(y)
		n.merge = y.Tag == "!!merge"
	case yaml.AliasNode:
		n.form, d.aliases = formAlias, true
		target, ok := c.anchors[y.Alias]
		if !ok {
			// Over a part of a larger tree, the anchor may stand outside of it.
			target = c.add(y.Alias)
			at = int32(len(d.nodes))
		}
		n.target = target
	case yaml.MappingNode, yaml.SequenceNode:
		n.kind, n.form = Mapping, formBlock
		if y.Kind == yaml.SequenceNode {
			n.kind = Sequence
		}
		if y.Style&yaml.FlowStyle != 0 {
			n.form = formFlow
		}
		n.kids, n.count = int32(len(d.kids)), int32(len(y.Content))
		for range y.Content {
			d.kids = append(d.kids, 0)
		}
	}
	d.nodes = append(d.nodes, n)
	for i, kid := range y.Content {
		k := c.add(kid)
		d.kids[int(n.kids)+i] = k
	}
	return at
}

func scalarKind(y *yaml.Node) Kind {
	switch y.ShortTag() {
	case "!!null":
		return Null
	case "!!bool":
		return Bool
	case "!!int", "!!float":
		return Number
	}
	return String
}

func scalarForm(y *yaml.Node) form {
	switch {
	case y.Style&yaml.SingleQuotedStyle != 0:
		return formSingle
	case y.Style&yaml.DoubleQuotedStyle != 0:
		return formDouble
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return formBlockScalar
	}
	return formPlain
}

// offset turns the parser's line and column, which counts runes, into an offset.
func (c *converter) offset(line, column int) int {
	if line < 1 || line > len(c.lines) {
		return c.doc.limit
	}
	if line != c.line || column < c.column {
		c.line, c.column, c.at = line, 1, c.lines[line-1]
	}
	for src := c.doc.src; c.column < column && c.at < c.doc.limit; c.column++ {
		size := 1
		if src[c.at] >= utf8.RuneSelf {
			_, size = utf8.DecodeRune(src[c.at:])
		}
		c.at += size
	}
	return c.at
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// lineStarts finds the lines as the parser counts them: it takes LF, CRLF, CR,
// NEL, LS and PS for line breaks and does not count a byte-order mark.
func lineStarts(lines []int, src []byte, start, end int, wide bool) []int {
	if bytes.HasPrefix(src[start:end], byteOrderMark) {
		start += len(byteOrderMark)
	}
	lines = append(lines, start)
	part := src[:end]
	if !wide && bytes.IndexByte(part[start:], '\r') < 0 {
		for at := start; ; {
			n := bytes.IndexByte(part[at:], '\n')
			if n < 0 {
				return lines
			}
			at += n + 1
			lines = append(lines, at)
		}
	}
	for at := start; at < end; {
		if n := breakAt(part, at); n > 0 {
			at += n
			lines = append(lines, at)
		} else {
			at++
		}
	}
	return lines
}

var wideBreaks = [][]byte{[]byte("\u0085"), []byte("\u2028"), []byte("\u2029")}

func hasWideBreak(b []byte) bool {
	for _, w := range wideBreaks {
		if bytes.Contains(b, w) {
			return true
		}
	}
	return false
}

// breakAt gives the length of the line break at an offset, 0 if there is none.
func breakAt[T string | []byte](s T, at int) int {
	switch s[at] {
	case '\n':
		return 1
	case '\r':
		if at+1 < len(s) && s[at+1] == '\n' {
			return 2
		}
		return 1
	case 0xC2: // NEL, U+0085
		if at+1 < len(s) && s[at+1] == 0x85 {
			return 2
		}
	case 0xE2: // LS and PS, U+2028 and U+2029
		if at+2 < len(s) && s[at+1] == 0x80 && s[at+2]&^1 == 0xA8 {
			return 3
		}
	}
	return 0
}

var lineFeed = []byte("\n")

// lineAt gives the 1-based line of an offset.
func lineAt(src []byte, at int) int { return 1 + bytes.Count(src[:at], lineFeed) }

// syntaxError makes an error of ours from one of the parser's, whose lines
// count from the part's start.
func syntaxError(err error, src []byte, start int) error {
	message := err.Error()
	var typed *yaml.TypeError
	if errors.As(err, &typed) && len(typed.Errors) > 0 {
		message = typed.Errors[0]
	}
	message = strings.TrimPrefix(message, "yaml: ")
	line := lineAt(src, start)
	if number, reason, ok := strings.Cut(strings.TrimPrefix(message, "line "), ": "); ok {
		if n, err := strconv.Atoi(number); err == nil {
			line, message = line+n-1, reason
		}
	}
	return &SyntaxError{Line: line, Reason: message}
}
