package yamledit

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// An EditError says why a text edit is not possible. The document is left as
// it is; a person can make the change by hand.
type EditError struct {
	Line   int // 1-based line of what cannot be edited; 0 where it is not known
	Reason string
}

func (e *EditError) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

func (d *Doc) refuse(at int, reason string) error {
	line, _ := d.position(min(at, len(d.src)))
	return &EditError{Line: line, Reason: reason}
}

// endOf finds the offset after the last character of a node. The parser does
// not know it, so the source is walked along the decoded value; where the two
// do not agree the edit is refused.
func (d *Doc) endOf(i int32) (int, error) {
	n := &d.nodes[i]
	if n.end != unknown {
		return n.end, nil
	}
	end, err := d.findEnd(n)
	if err == nil {
		n.end = end
	}
	return end, err
}

func (d *Doc) findEnd(n *node) (int, error) {
	if n.form == formAlias {
		at := n.start
		if at >= d.limit || d.src[at] != '*' {
			return 0, d.refuse(at, "an alias is not where it should be")
		}
		for at++; at < d.limit && isName(d.src[at]); at++ {
		}
		return at, nil
	}
	afterProperties, content, err := d.skipProperties(n)
	if err != nil {
		return 0, err
	}
	switch n.form {
	case formPlain:
		if n.text == "" {
			return afterProperties, nil
		}
		return d.plainEnd(n, content)
	case formSingle, formDouble:
		return d.quotedEnd(content)
	case formBlockScalar:
		return d.blockScalarEnd(n, content)
	case formFlow:
		return d.flowEnd(n, content)
	}
	if n.count == 0 {
		return 0, d.refuse(n.start, "an empty collection has no brackets")
	}
	end, err := d.endOf(d.kids[n.kids+n.count-1])
	if err == nil && n.kind == Mapping {
		// A key without a value ends after the place where its value would stand.
		var key int
		key, err = d.endOf(d.kids[n.kids+n.count-2])
		end = max(end, key)
	}
	return end, err
}

func isName(c byte) bool {
	return c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// skipProperties steps over the anchor and the tag in front of a node's content.
func (d *Doc) skipProperties(n *node) (afterProperties, content int, err error) {
	src, at := d.src[:d.limit], n.start
	afterProperties, content = at, at
	anchor, tag := n.named, n.tagged
	for content < len(src) && (anchor && src[content] == '&' || tag && src[content] == '!') {
		if src[content] == '&' {
			anchor = false
		} else {
			tag = false
		}
		at = content
		for at < len(src) && !isBlankOrBreak(src, at) {
			if c := src[at]; c == ',' || c == ']' || c == '}' {
				return 0, 0, d.refuse(at, "an anchor or a tag is followed by no value")
			}
			at++
		}
		afterProperties = at
		content = d.skipToContent(at)
	}
	return afterProperties, content, nil
}

// skipToContent steps over blanks, line breaks and comments.
func (d *Doc) skipToContent(at int) int {
	src := d.src[:d.limit]
	for at < len(src) {
		switch {
		case isBlankOrBreak(src, at):
			at++
			for at < len(src) && !utf8.RuneStart(src[at]) {
				at++
			}
		case src[at] == '#':
			for at < len(src) && breakAt(src, at) == 0 {
				at++
			}
		default:
			return at
		}
	}
	return at
}

func isBlankOrBreak[T string | []byte](s T, at int) bool {
	return s[at] == ' ' || s[at] == '\t' || breakAt(s, at) > 0
}

// plainEnd walks a plain scalar: a run of white space in the value stands for a
// run of white space in the source, everything else stands for itself.
func (d *Doc) plainEnd(n *node, at int) (int, error) {
	src, text := d.src[:d.limit], n.text
	for i := 0; i < len(text); {
		c := text[i]
		if c == ' ' || c == '\t' || breakAt(text, i) > 0 {
			if at >= len(src) || !isBlankOrBreak(src, at) {
				return 0, d.refuse(n.start, "a value does not read back as it was parsed")
			}
			for i < len(text) && isBlankOrBreak(text, i) {
				i += max(1, breakAt(text, i))
			}
			for at < len(src) && isBlankOrBreak(src, at) {
				at += max(1, breakAt(src, at))
			}
			continue
		}
		if at >= len(src) || src[at] != c {
			return 0, d.refuse(n.start, "a value does not read back as it was parsed")
		}
		i++
		at++
	}
	return at, nil
}

func (d *Doc) quotedEnd(at int) (int, error) {
	src := d.src[:d.limit]
	if at >= len(src) || src[at] != '"' && src[at] != '\'' {
		return 0, d.refuse(at, "a quoted value is not where it should be")
	}
	quote := src[at]
	for i := at + 1; i < len(src); i++ {
		switch {
		case src[i] == '\\' && quote == '"':
			i++
		case src[i] != quote:
		case quote == '\'' && i+1 < len(src) && src[i+1] == quote:
			i++
		default:
			return i + 1, nil
		}
	}
	return 0, d.refuse(at, "a quoted value has no end")
}

// blockScalarEnd finds the end of the last line of a | or > scalar, without
// its line break. Blank lines that follow belong to it only with the indicator
// + (and lines of blanks that are longer than the indentation always do).
func (d *Doc) blockScalarEnd(n *node, at int) (int, error) {
	src := d.src[:d.limit]
	if at >= len(src) || src[at] != '|' && src[at] != '>' {
		return 0, d.refuse(at, "a block scalar is not where it should be")
	}
	if d.wide {
		return 0, d.refuse(at, "a block scalar stands in a text with unusual line breaks")
	}
	header := at
	for at < len(src) && breakAt(src, at) == 0 {
		at++
	}
	keep := strings.ContainsRune(headerIndicators(src[header:at]), '+')
	end := trimBlanks(src, header, at)
	indent, err := d.blockScalarIndent(n, at)
	if err != nil {
		return 0, err
	}
	for at < len(src) {
		line := at + breakAt(src, at)
		at = line
		for at < len(src) && at-line < indent && src[at] == ' ' {
			at++
		}
		atBreak := at >= len(src) || breakAt(src, at) > 0
		if at-line < indent && !atBreak {
			break
		}
		for at < len(src) && breakAt(src, at) == 0 {
			at++
		}
		switch {
		case !atBreak:
			end = at
		case keep && at < len(src):
			// The break of a kept blank line is content as well; the line is the
			// scalar's last one.
			end = at
		}
	}
	return end, nil
}

// headerIndicators cuts the comment from the line that opens a block scalar.
func headerIndicators(line []byte) string {
	s, _, _ := strings.Cut(string(line), " ")
	return s
}

func trimBlanks(src []byte, from, to int) int {
	for to > from && (src[to-1] == ' ' || src[to-1] == '\t') {
		to--
	}
	return to
}

// blockScalarIndent finds the indentation of a block scalar's content by its
// first line that is not blank: what the source has more than the value.
func (d *Doc) blockScalarIndent(n *node, at int) (int, error) {
	src := d.src[:d.limit]
	inValue, blank := 0, true
	for i := 0; i < len(n.text) && blank; i++ {
		switch {
		case n.text[i] == ' ':
			inValue++
		case breakAt(n.text, i) > 0:
			inValue = 0
		default:
			blank = false
		}
	}
	if blank {
		if strings.ContainsRune(n.text, ' ') {
			return 0, d.refuse(n.start, "a block scalar holds nothing but blanks")
		}
		// Nothing but line breaks: every line with more than blanks ends it.
		return 1 << 30, nil
	}
	for at < len(src) {
		line := at + breakAt(src, at)
		at = line
		for at < len(src) && src[at] == ' ' {
			at++
		}
		if at < len(src) && breakAt(src, at) == 0 {
			if at-line < inValue {
				break
			}
			return at - line - inValue, nil
		}
	}
	return 0, d.refuse(n.start, "a block scalar does not read back as it was parsed")
}

// flowEnd finds the bracket that closes a flow collection.
func (d *Doc) flowEnd(n *node, at int) (int, error) {
	src := d.src[:d.limit]
	open, closing := byte('['), byte(']')
	if n.kind == Mapping {
		open, closing = '{', '}'
	}
	if at >= len(src) || src[at] != open {
		return 0, d.refuse(n.start, "a pair without braces stands in a flow list")
	}
	at++
	for i := int32(0); i < n.count; i++ {
		end, err := d.endOf(d.kids[n.kids+i])
		if err != nil {
			return 0, err
		}
		at = max(at, end)
	}
	for at = d.skipToContent(at); at < len(src); at = d.skipToContent(at + 1) {
		switch src[at] {
		case closing:
			return at + 1, nil
		case ',', ':', '?':
		default:
			return 0, d.refuse(at, "a flow collection does not read back as it was parsed")
		}
	}
	return 0, d.refuse(n.start, "a flow collection has no end")
}
