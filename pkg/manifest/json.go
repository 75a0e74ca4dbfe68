package manifest

import (
	"bytes"

	"github.com/pullable/pullable/pkg/yamledit"
)

// json splits a region that begins with a bracket into the JSON values that it
// holds. It says no, and adds nothing, where the text may be YAML in flow style.
//
// Only brackets and strings are looked at. Whether a value is JSON indeed is
// seen when it is parsed.
func (s *splitter) json(r *region, end int) bool {
	in, src := s.in, s.src
	documents := len(in.documents)
	at, line := r.content, r.line
	for {
		next := skipJSONSpace(src[:end], at)
		line += countLines(src[at:next])
		if at = next; at == end {
			break
		}
		next, ok := 0, false
		switch src[at] {
		case '{':
			next, ok = s.jsonObject(at, end, line)
		case '[':
			if next, ok = skipJSON(src[:end], at); ok {
				s.add(document{start: at, end: next, at: at, line: line, json: true})
			}
		}
		if !ok {
			opens := src[at] == '{' || src[at] == '['
			switch n := len(in.documents) - documents; {
			case n == 0, n == 1 && !opens:
				in.documents, in.units = in.documents[:documents], in.units[:r.units]
				return false
			case opens:
				s.at, s.line = at, line
				s.fail("the text ends in the middle of a JSON value, or the value is no JSON")
			default:
				s.at, s.line = at, line
				s.fail("text that is no JSON follows a JSON value")
			}
			return true
		}
		line += countLines(src[at:next])
		at = next
	}
	if len(in.documents) == documents+1 {
		d := &in.documents[documents]
		d.alone, d.from, d.to = true, r.start, end
	}
	return true
}

// A jsonField is one of a list's own fields.
type jsonField struct {
	key     []byte
	keyAt   int
	at, end int // of the value
}

// jsonObject adds a document for the JSON object at an offset, or one with a
// unit for each item if it is a list.
func (s *splitter) jsonObject(at, end, line int) (next int, ok bool) {
	in, src := s.in, s.src[:end]
	units := len(in.units)
	fields, hasItems := s.fields[:0], false
	p := skipJSONSpace(src, at+1)
	for p < end && (src[p] != '}' || len(fields) > 0) {
		f := jsonField{keyAt: p}
		if f.key, p, ok = jsonKey(src, p); !ok {
			return 0, false
		}
		if p = skipJSONSpace(src, p); p >= end || src[p] != ':' {
			return 0, false
		}
		p = skipJSONSpace(src, p+1)
		f.at = p
		if !hasItems && string(f.key) == "items" && p < end && src[p] == '[' {
			hasItems = true
			p, ok = s.jsonItems(p, end, line+countLines(src[at:p]))
		} else {
			p, ok = skipJSON(src, p)
		}
		if !ok {
			return 0, false
		}
		f.end = p
		fields = append(fields, f)
		if p = skipJSONSpace(src, p); p < end && src[p] == '}' {
			break
		}
		if p >= end || src[p] != ',' {
			return 0, false
		}
		p = skipJSONSpace(src, p+1)
	}
	s.fields = fields
	if p >= end {
		return 0, false
	}
	d := document{start: at, end: p + 1, at: at, line: line, json: true}
	list, isList := surroundings{}, false
	if hasItems {
		list, isList = jsonSurroundings(s.src, fields)
	}
	if !isList {
		in.units = in.units[:units]
		s.add(d)
		return d.end, true
	}
	d.pieces, d.heritage = true, list.heritage
	d.first, d.last = units, len(in.units)
	for i := units; i < len(in.units); i++ {
		in.units[i].document = len(in.documents)
	}
	if list.envelope != nil && in.envelope == nil {
		in.envelope = list.envelope
	}
	in.documents = append(in.documents, d)
	return d.end, true
}

// jsonSurroundings parses the fields of a list that are not its items. It says
// no as [readSurroundings] does.
func jsonSurroundings(src []byte, fields []jsonField) (list surroundings, ok bool) {
	var f listFields
	var shared yamledit.Parser
	items := -1
	for i, field := range fields {
		if string(field.key) == "items" {
			if items >= 0 {
				return list, false
			}
			items = i
			continue
		}
		parser := &shared
		switch string(field.key) {
		case "apiVersion", "kind", "functionConfig", "results":
			parser = new(yamledit.Parser) // the node is kept
		}
		doc, err := parser.ParseJSON(src, field.at, field.end)
		if err != nil {
			return list, false
		}
		f.set(string(field.key), doc.Root())
	}
	if !f.splittable() {
		return list, false
	}
	if f.kind.Text() == resourceListKind {
		list.envelope = jsonEnvelope(src, fields, items, f)
	}
	list.heritage = heirs(f.apiVersion.Text(), f.kind.Text())
	return list, true
}

// jsonItems adds a unit for each element of an array.
func (s *splitter) jsonItems(at, end, line int) (next int, ok bool) {
	src := s.src[:end]
	last := at
	p := skipJSONSpace(src, at+1)
	if p < end && src[p] == ']' {
		return p + 1, true
	}
	for p < end {
		line += countLines(src[last:p])
		last = p
		next, ok := skipJSON(src, p)
		if !ok {
			return 0, false
		}
		s.in.units = append(s.in.units, unit{start: p, end: next, at: p, line: line})
		p = skipJSONSpace(src, next)
		if p >= end {
			return 0, false
		}
		if src[p] == ']' {
			return p + 1, true
		}
		if src[p] != ',' {
			return 0, false
		}
		p = skipJSONSpace(src, p+1)
	}
	return 0, false
}

// jsonKey reads the key at an offset, without its quotes. A key with escapes is
// decoded, for it may be one that matters.
func jsonKey(src []byte, at int) (key []byte, end int, ok bool) {
	if src[at] != '"' {
		return nil, 0, false
	}
	end, ok = skipJSONString(src, at)
	if !ok {
		return nil, 0, false
	}
	key = src[at+1 : end-1]
	for _, c := range key {
		if c == '\\' || c < ' ' {
			doc, err := new(yamledit.Parser).ParseJSON(src, at, end)
			if err != nil {
				return nil, 0, false
			}
			return []byte(doc.Root().Text()), end, true
		}
	}
	return key, end, true
}

func skipJSONSpace(src []byte, at int) int {
	for at < len(src) && (src[at] == ' ' || src[at] == '\t' || src[at] == '\n' || src[at] == '\r') {
		at++
	}
	return at
}

// maxDepth is how deep JSON may be nested, as in the YAML parser and in
// encoding/json. Deeper text is left to the YAML parser, which refuses it.
const maxDepth = 10000

// skipJSON finds where the value at an offset ends, by brackets and strings.
func skipJSON(src []byte, at int) (end int, ok bool) {
	depth := 0
	for at < len(src) {
		switch src[at] {
		case '"':
			if at, ok = skipJSONString(src, at); !ok {
				return 0, false
			}
			if depth == 0 {
				return at, true
			}
			continue
		case '{', '[':
			if depth++; depth > maxDepth {
				return 0, false
			}
		case '}', ']':
			depth--
			if depth < 0 {
				return 0, false
			}
			if depth == 0 {
				return at + 1, true
			}
		case ' ', '\t', '\n', '\r', ',', ':':
			if depth == 0 {
				return 0, false
			}
		default:
			if depth == 0 {
				return skipJSONWord(src, at), true
			}
		}
		at++
	}
	return 0, false
}

// skipJSONWord finds the end of a number, true, false or null.
func skipJSONWord(src []byte, at int) int {
	for at < len(src) && bytes.IndexByte([]byte(" \t\r\n,:]}[{\""), src[at]) < 0 {
		at++
	}
	return at
}

func skipJSONString(src []byte, at int) (end int, ok bool) {
	for at++; at < len(src); {
		n := bytes.IndexByte(src[at:], '"')
		if n < 0 {
			return 0, false
		}
		at += n + 1
		escapes := 0
		for i := at - 2; src[i] == '\\'; i-- {
			escapes++
		}
		if escapes%2 == 0 {
			return at, true
		}
	}
	return 0, false
}
