package manifest

import (
	"bytes"
	"errors"

	"github.com/pullable/pullable/pkg/yamledit"
)

// An envelope is what a ResourceList has beside its items, and where its
// results stand or could stand.
type envelope struct {
	config              yamledit.Node
	configAt, resultsAt int // where the values start; -1 where there are none

	// Where results are written: they replace the text from start to end. With
	// present it is what follows the colon of the key, else both are where the
	// field can be inserted.
	start, end  int
	present     bool
	filled      bool // there are results already
	beforeItems bool
	style       style
	indent      int    // block: column of the key; JSON: width of its indentation
	pad         byte   // what indentation is made of
	itemIndent  int    // block: column of the dashes, relative to the key
	lineBreak   string // "" in JSON on one line
	compact     bool   // JSON without blanks
	err         error  // why results cannot be written
}

type style uint8

const (
	inBlock style = iota
	inFlow
	inJSON
)

// ResourceList says whether the input is one; otherwise it is a stream.
func (in *Input) ResourceList() bool { return in.envelope != nil }

// FunctionConfig gives the functionConfig of a ResourceList; ok is false where
// it is absent or null. The node stays valid.
func (in *Input) FunctionConfig() (n yamledit.Node, ok bool) {
	if in.envelope == nil {
		return yamledit.Node{}, false
	}
	switch n = in.envelope.config; n.Kind() {
	case yamledit.Absent, yamledit.Null:
		return yamledit.Node{}, false
	}
	return n, true
}

// findEnvelope sees to it that a ResourceList stands alone and has an envelope
// also where it was not split.
func (in *Input) findEnvelope() error {
	if len(in.documents) != 1 {
		if in.envelope != nil {
			problem := notAlone()
			problem.Line = in.documents[1].line
			return problem
		}
		return nil
	}
	d := &in.documents[0]
	if d.problem != nil {
		return in.located(0, d.problem)
	}
	if in.envelope != nil || d.pieces || !bytes.Contains(in.src, []byte(resourceListKind)) {
		return nil
	}
	doc, problem := in.parseWhole(new(yamledit.Parser), 0)
	if problem != nil {
		return problem
	}
	root := doc.Root()
	var f listFields
	f.add(root)
	if f.kind.Text() != resourceListKind {
		return nil
	}
	if problem = f.checkEnvelope(); problem != nil {
		problem.Line = d.line
		return problem
	}
	in.envelope = wholeEnvelope(in.src, d, root, f)
	return nil
}

// confirm sees to it that what was read around the items holds also where the
// pieces did not stand on their own: what looked like a field of the list may
// have been text in a quote that a piece left open.
func (in *Input) confirm(document int, root yamledit.Node) *InputError {
	if in.envelope == nil {
		return nil
	}
	d := &in.documents[document]
	var f listFields
	f.add(root)
	problem := f.checkEnvelope()
	if problem == nil && f.kind.Text() != resourceListKind || offset(f.functionConfig) != in.envelope.configAt || offset(f.results) != in.envelope.resultsAt {
		problem = &InputError{Problem: "quoted text in the items looks like fields of the ResourceList; indent it"}
	}
	if problem != nil {
		return in.located(document, problem)
	}
	if d.json {
		// It was split as JSON and is YAML in flow style.
		config := in.envelope.config
		in.envelope = wholeEnvelope(in.src, d, root, f)
		in.envelope.config = config
	}
	return nil
}

// offset gives where a value starts, -1 where there is none.
func offset(n yamledit.Node) int {
	if !n.Exists() {
		return -1
	}
	start, _, _ := n.Span() // the start is known also where the end is not
	return start
}

func notAlone() *InputError {
	return &InputError{Problem: "a ResourceList must be the only document of the input"}
}

func filled(results yamledit.Node) bool {
	switch results.Kind() {
	case yamledit.Absent, yamledit.Null:
		return false
	case yamledit.Sequence, yamledit.Mapping:
		return results.Len() > 0
	}
	return true
}

// blockEnvelope is the envelope of a list that was split.
func blockEnvelope(src []byte, r *region, firstItem, end int, f listFields) *envelope {
	e := &envelope{config: f.functionConfig, configAt: offset(f.functionConfig), resultsAt: offset(f.results), pad: ' ', itemIndent: r.dash, lineBreak: breakBefore(src, firstItem)}
	e.placeInBlock(src, end, r.itemsAt, f.results)
	e.beforeItems = e.start <= r.itemsAt
	return e
}

// wholeEnvelope is the envelope of a ResourceList that was not split.
func wholeEnvelope(src []byte, d *document, root yamledit.Node, f listFields) *envelope {
	e := &envelope{config: f.functionConfig, configAt: offset(f.functionConfig), resultsAt: offset(f.results), pad: ' ', lineBreak: "\n", filled: filled(f.results)}
	if i := bytes.IndexAny(src[d.at:], "\r\n"); i >= 0 {
		e.lineBreak = breakAt(src, d.at+i)
	}
	start, _, err := root.Span()
	items, _, itemsErr := f.items.Span()
	switch {
	case d.json || err != nil || itemsErr != nil:
		e.err = errNoPlace
		return e
	case src[start] == '{':
		e.style = inFlow
		if e.start, e.end = start+1, start+1; f.results.Exists() {
			e.replace(src, f.results)
		}
	case src[start] == '&' || src[start] == '!':
		e.err = errNoPlace
		return e
	default:
		colon, ok := afterKey(src, items, "items")
		line := max(lineStart(src, colon), d.from)
		e.indent = skipBlanks(src, line) - line
		if key := line + e.indent; !ok || !isSpaces(src[line:key]) || !startsWithKey(src[key:], "items") {
			e.err = errNoPlace
			return e
		}
		if bytes.HasPrefix(src[items:], []byte("-")) {
			e.itemIndent = max(0, items-lineStart(src, items)-e.indent)
		}
		e.placeInBlock(src, d.to, line, f.results)
	}
	e.beforeItems = e.start <= items
	return e
}

var errNoPlace = errors.New("the results cannot be written into a ResourceList that is written like this; write it in plain block style or as JSON")

// placeInBlock finds where results stand in a block mapping, or could: after
// everything else, but before the line of the items where the text has no final
// line break, because a block scalar at the end would gain one.
func (e *envelope) placeInBlock(src []byte, end, itemsLine int, results yamledit.Node) {
	switch {
	case results.Exists():
		e.replace(src, results)
	case end > 0 && (src[end-1] == '\n' || src[end-1] == '\r'):
		e.start, e.end = end, end
	default:
		e.start, e.end = itemsLine, itemsLine
	}
}

// replace makes the envelope replace the results that there are.
func (e *envelope) replace(src []byte, results yamledit.Node) {
	e.present, e.filled = true, filled(results)
	start, end, err := results.Span()
	if err != nil {
		e.err = errNoPlace
		return
	}
	colon, ok := afterKey(src, start, "results")
	if !ok {
		e.err = errNoPlace
		return
	}
	e.start, e.end = colon, end
}

// afterKey finds the offset after the colon of a key whose value starts at an
// offset. Only blanks, line breaks and comments may stand between.
func afterKey(src []byte, value int, key string) (int, bool) {
	at := value
	for {
		for at > 0 && (isBlankOrEnd(src[:at], at-1)) {
			at--
		}
		if at > 0 && src[at-1] == ':' && endsWithKey(src[:at-1], key) {
			return at, true
		}
		line := lineStart(src, at)
		first := skipBlanks(src[:at], line)
		if first >= at || first == 0 {
			return 0, false
		}
		if src[first] == '#' {
			at = first
			continue
		}
		// A comment may stand behind the key: "results: # none".
		for i := first; i < at; i++ {
			if src[i] == ':' && endsWithKey(src[first:i], key) {
				if next := skipBlanks(src, i+1); next > i+1 && next < at && src[next] == '#' {
					return i + 1, true
				}
			}
		}
		return 0, false
	}
}

// endsWithKey says whether a text ends with a key, plain or quoted.
func endsWithKey(text []byte, key string) bool {
	n := len(text)
	if n > 0 && (text[n-1] == '"' || text[n-1] == '\'') {
		quote := text[n-1 : n]
		text = text[:n-1]
		return bytes.HasSuffix(text, []byte(key)) && bytes.HasSuffix(text[:len(text)-len(key)], quote)
	}
	if !bytes.HasSuffix(text, []byte(key)) {
		return false
	}
	rest := text[:len(text)-len(key)]
	return len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n,{"), rest[len(rest)-1]) >= 0
}

func startsWithKey(text []byte, key string) bool {
	if len(text) > 0 && (text[0] == '"' || text[0] == '\'') {
		text = text[1:]
	}
	return bytes.HasPrefix(text, []byte(key))
}

// lineStart gives the start of the line that an offset is in.
func lineStart(src []byte, at int) int {
	return 1 + bytes.LastIndexAny(src[:at], "\r\n")
}

// breakAt gives the line break that starts at an offset.
func breakAt(src []byte, at int) string {
	switch {
	case src[at] == '\n':
		return "\n"
	case at+1 < len(src) && src[at+1] == '\n':
		return "\r\n"
	}
	return "\r"
}

// breakBefore gives the line break that ends at an offset.
func breakBefore(src []byte, at int) string {
	switch {
	case at > 1 && src[at-2] == '\r' && src[at-1] == '\n':
		return "\r\n"
	case at > 0 && src[at-1] == '\r':
		return "\r"
	}
	return "\n"
}

// jsonEnvelope is the envelope of a ResourceList in JSON, whose fields have
// exact places.
func jsonEnvelope(src []byte, fields []jsonField, items int, f listFields) *envelope {
	e := &envelope{config: f.functionConfig, configAt: offset(f.functionConfig), resultsAt: offset(f.results), style: inJSON, pad: ' ', present: f.results.Exists(), filled: filled(f.results)}
	first, last := fields[0], fields[len(fields)-1]
	between := src[bytes.LastIndexByte(src[:first.keyAt], '{')+1 : first.keyAt]
	if i := bytes.LastIndexAny(between, "\r\n"); i >= 0 {
		e.lineBreak, e.indent = breakBefore(between, i+1), len(between)-i-1
		if bytes.HasSuffix(between, []byte("\t")) {
			e.pad = '\t'
		}
	} else {
		colon := bytes.IndexByte(src[first.keyAt+len(first.key)+2:], ':') + first.keyAt + len(first.key) + 2
		e.compact = colon+1 == first.at
	}
	e.start, e.end = last.end, last.end
	for _, field := range fields {
		if string(field.key) == "results" {
			e.start, e.end = field.at, field.end
			for e.start > 0 && src[e.start-1] != ':' {
				e.start--
			}
		}
	}
	e.beforeItems = e.start <= fields[items].at
	return e
}
