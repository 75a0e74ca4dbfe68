package yamledit

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// A Value is what an edit writes: a string, a list or a mapping of values. The
// zero Value is written by edits that only take away.
type Value struct {
	kind  Kind // String, Sequence or Mapping; Absent for the zero Value
	text  string
	keys  []string
	items []Value // a list's items or a mapping's values
}

// Text is a string as a value. It is quoted where a reader of YAML 1.1 or 1.2
// could take the plain text for something else.
func Text(s string) Value { return Value{kind: String, text: s} }

// ListOf is a list of values.
func ListOf(items ...Value) Value { return Value{kind: Sequence, items: items} }

// Map is a mapping with one entry; see [Value.And] for more.
func Map(key string, v Value) Value {
	return Value{kind: Mapping, keys: []string{key}, items: []Value{v}}
}

// And gives a mapping with one entry more, at its end.
func (v Value) And(key string, w Value) Value {
	return Value{kind: Mapping, keys: append(slices.Clip(v.keys), key), items: append(slices.Clip(v.items), w)}
}

// Equal says whether two values are written alike.
func (v Value) Equal(w Value) bool {
	return v.kind == w.kind && v.text == w.text && slices.Equal(v.keys, w.keys) && slices.EqualFunc(v.items, w.items, Value.Equal)
}

// plain says whether every reader takes the text, unquoted, for this string.
// It errs on the side of quotes.
func plain(s string) bool {
	if s == "" || len(s) > 1024 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		switch {
		case letter, c == '_' && i > 0, c == '/' && i > 0:
		case i > 0 && ('0' <= c && c <= '9' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	return true
}

// AppendScalar appends a string as a YAML scalar on one line: plain where no
// reader can take it for anything else, else in double quotes.
func AppendScalar(out []byte, s string) []byte {
	if plain(s) {
		return append(out, s...)
	}
	return AppendQuoted(out, s)
}

// AppendQuoted appends a string in double quotes that YAML and JSON both read.
// Bytes that are not UTF-8 become U+FFFD.
func AppendQuoted(out []byte, s string) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if ' ' <= c && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		// Readers of YAML refuse these, or take them for line breaks.
		special := r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r == 0xfffe || r == 0xffff
		if !special && (r != utf8.RuneError || size > 1) {
			i += size
			continue
		}
		out = append(out, s[from:i]...)
		switch {
		case c == '"', c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, '\\', 'n')
		case c == '\r':
			out = append(out, '\\', 'r')
		case c == '\t':
			out = append(out, '\\', 't')
		default:
			out = append(out, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		}
		i += size
		from = i
	}
	out = append(out, s[from:]...)
	return append(out, '"')
}

// A notation is how a value is written at a place.
type notation uint8

const (
	inBlock notation = iota // block style, or plain for a scalar
	inFlow
	inJSON
	inCompactJSON
	inSingleQuotes // only strings
	inDoubleQuotes
)

// layout is what block style needs to know.
type layout struct {
	indent   int  // column of the key or dash that the value belongs to
	indented bool // lists stand two columns to the right of their key
	eol      eol
	back     uint8 // of lines that are taken out: how long the break before them is
}

// appendInline appends a value on the line where it begins: a scalar or a flow
// collection.
func appendInline(out []byte, v Value, how notation) []byte {
	comma, colon := ", ", ": "
	if how == inCompactJSON {
		comma, colon = ",", ":"
	}
	switch v.kind {
	case String:
		switch how {
		case inJSON, inCompactJSON, inDoubleQuotes:
			return AppendQuoted(out, v.text)
		case inSingleQuotes:
			if strings.IndexFunc(v.text, func(r rune) bool { return r < ' ' || r > '~' }) < 0 {
				out = append(out, '\'')
				out = append(out, strings.ReplaceAll(v.text, "'", "''")...)
				return append(out, '\'')
			}
			return AppendQuoted(out, v.text)
		}
		return AppendScalar(out, v.text)
	case Sequence:
		out = append(out, '[')
		for i, item := range v.items {
			if i > 0 {
				out = append(out, comma...)
			}
			out = appendInline(out, item, how)
		}
		return append(out, ']')
	case Mapping:
		out = append(out, '{')
		for i, item := range v.items {
			if i > 0 {
				out = append(out, comma...)
			}
			out = appendInline(out, Text(v.keys[i]), how)
			out = append(out, colon...)
			out = appendInline(out, item, how)
		}
		return append(out, '}')
	}
	return out
}

// appendField appends "key: value" in block style, without the last line break.
func appendField(out []byte, key string, v Value, l layout) []byte {
	out = AppendScalar(out, key)
	out = append(out, ':')
	return appendAfterColon(out, v, l)
}

// appendAfterColon appends what follows "key:" in block style.
func appendAfterColon(out []byte, v Value, l layout) []byte {
	switch {
	case len(v.items) == 0:
		out = append(out, ' ')
		return appendInline(out, v, inBlock)
	case v.kind == Sequence:
		if l.indented {
			l.indent += 2
		}
		for _, item := range v.items {
			out = append(out, l.eol.text()...)
			out = appendItem(out, item, l)
		}
		return out
	}
	l.indent += 2
	for i, item := range v.items {
		out = append(out, l.eol.text()...)
		out = appendSpaces(out, l.indent)
		out = appendField(out, v.keys[i], item, l)
	}
	return out
}

// appendItem appends "- value" in block style, indentation first, without the
// last line break.
func appendItem(out []byte, v Value, l layout) []byte {
	out = appendSpaces(out, l.indent)
	out = append(out, "- "...)
	if v.kind != Mapping || len(v.items) == 0 {
		return appendInline(out, v, inFlow)
	}
	l.indent += 2
	for i, item := range v.items {
		if i > 0 {
			out = append(out, l.eol.text()...)
			out = appendSpaces(out, l.indent)
		}
		out = appendField(out, v.keys[i], item, l)
	}
	return out
}

func appendSpaces(out []byte, n int) []byte {
	for ; n > 0; n-- {
		out = append(out, ' ')
	}
	return out
}

// node gives the value as a node for grafting.
func (v Value) node(style yaml.Style) *yaml.Node {
	n := &yaml.Node{Style: style}
	switch v.kind {
	case String:
		n.Kind, n.Tag, n.Value = yaml.ScalarNode, "!!str", v.text
		if !plain(v.text) {
			n.Style = yaml.DoubleQuotedStyle
		} else if style&yaml.FlowStyle != 0 {
			n.Style = 0
		}
	case Sequence:
		n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		for _, item := range v.items {
			n.Content = append(n.Content, item.node(style))
		}
	case Mapping:
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
		for i, item := range v.items {
			n.Content = append(n.Content, Text(v.keys[i]).node(0), item.node(style))
		}
	}
	return n
}
