package manifest

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pullable/pullable/pkg/yamledit"
)

// maxAliasedItems is how many items of one document's lists may be aliases. No
// tool writes such lists; the limit keeps lists of aliased lists from growing
// without bounds.
const maxAliasedItems = 1000

// maxPath is how many levels of lists an error names.
const maxPath = 8

// A walker parses units one after another and visits their objects.
type walker struct {
	in     *Input
	parser yamledit.Parser
	visit  func(Object, yamledit.Node)

	document  int
	first, at position // where the unit's content starts, and the last position whose line was asked for
	path      []int    // indexes of the items on the way to the object at hand
	aliased   int
}

type position struct{ offset, line int }

func (w *walker) begin(document int, first position) {
	w.document, w.first, w.at = document, first, first
	w.path, w.aliased = w.path[:0], 0
}

// unit visits the objects of a unit.
func (w *walker) unit(i int) *InputError {
	u := &w.in.units[i]
	d := &w.in.documents[u.document]
	if !d.pieces {
		return w.whole(u.document)
	}
	w.begin(u.document, position{u.at, u.line})
	w.path = append(w.path, i-d.first)
	if d.json {
		doc, err := w.parser.ParseJSON(w.in.src, u.start, u.end)
		if err != nil {
			return w.located(syntaxProblem(err), u.line)
		}
		return w.object(doc.Root(), d.heritage, u.line)
	}
	doc, err := w.parser.Parse(w.in.src, u.start, u.end)
	if err != nil {
		return w.located(syntaxProblem(err), u.line)
	}
	if root := doc.Root(); root.Kind() == yamledit.Sequence && root.Len() == 1 {
		for _, item := range root.Items() {
			return w.object(item, d.heritage, u.line)
		}
	}
	return w.located(&InputError{Problem: "the item does not stand on its own"}, u.line)
}

// whole visits the objects of a document that is parsed as one.
func (w *walker) whole(document int) *InputError {
	d := &w.in.documents[document]
	w.begin(document, position{d.at, d.line})
	doc, problem := w.in.parseWhole(&w.parser, document)
	if problem != nil {
		return problem
	}
	switch root := doc.Root(); root.Kind() {
	case yamledit.Absent, yamledit.Null:
		return nil // kubectl, too, passes over documents that are null
	default:
		if d.pieces {
			if problem := w.in.confirm(document, root); problem != nil {
				return problem
			}
		}
		return w.object(root, heritage{}, d.line)
	}
}

// parseWhole parses a document as one.
func (in *Input) parseWhole(parser *yamledit.Parser, document int) (*yamledit.Doc, *InputError) {
	d := &in.documents[document]
	if d.problem != nil {
		return nil, in.located(document, d.problem)
	}
	if d.json {
		doc, err := parser.ParseJSON(in.src, d.start, d.end)
		if err == nil {
			return doc, nil
		}
		if !d.alone {
			return nil, in.located(document, syntaxProblem(err))
		}
	}
	doc, err := parser.Parse(in.src, d.from, d.to)
	if err != nil {
		return nil, in.located(document, syntaxProblem(err))
	}
	return doc, nil
}

// object visits an object, or the objects of a list.
func (w *walker) object(n yamledit.Node, from heritage, line int) *InputError {
	if n.Kind() != yamledit.Mapping {
		return w.located(notMapping(n), line)
	}
	h := headerOf(n)
	if isListKind(h.kind.Text()) {
		holds, problem := w.opens(&h)
		if problem != nil {
			return w.located(problem, line)
		}
		if holds {
			return w.list(&h, from)
		}
	}
	o, problem := h.describe(from)
	if problem != nil {
		return w.located(problem, line)
	}
	o.Line = line
	w.visit(o, n)
	return nil
}

// opens says whether an object whose kind ends in List is a list of objects. A
// custom resource of such a kind may well have items that are none; it is an
// object like any other.
func (w *walker) opens(h *header) (bool, *InputError) {
	kind := h.kind.Text()
	envelope := kind == resourceListKind
	if envelope && len(w.path) == 0 && w.in.envelope == nil {
		return false, notAlone()
	}
	switch {
	case h.repeated != "":
		return false, repeats(h.repeated)
	case h.itemsTwice:
		return false, repeats("items")
	}
	if kind != "List" && !envelope {
		for _, item := range h.items.Items() {
			if item.Kind() != yamledit.Mapping {
				return false, nil
			}
		}
		return h.items.Kind() == yamledit.Sequence, nil
	}
	switch h.items.Kind() {
	case yamledit.Sequence:
		return true, nil
	case yamledit.Absent, yamledit.Null:
		// The API server's own way to write an empty list has null items; for a
		// ResourceList it means that something went wrong upstream.
		if !envelope {
			return true, nil
		}
		if !h.items.Exists() {
			return false, &InputError{Problem: "the ResourceList has no items; an empty one has items: []"}
		}
		return false, &InputError{Problem: "the items of the ResourceList are null; an empty one has items: []"}
	}
	return false, &InputError{Problem: fmt.Sprintf("the items of the %s must be a list, not %s", kind, h.items.Kind())}
}

// list visits the items of a list.
func (w *walker) list(h *header, from heritage) *InputError {
	heirs := heirs(h.apiVersion.Text(), h.kind.Text())
	heirs.file, heirs.fileIndex = from.file, from.fileIndex
	if annotations, _ := h.metadata.Get("annotations"); annotations.Exists() {
		own, problem := stringMap("metadata.annotations", annotations)
		if problem != nil {
			return w.located(problem, w.first.line)
		}
		if file, index := origin(own); file != "" {
			heirs.file, heirs.fileIndex = file, index
		}
	}
	for i, item := range h.items.Items() {
		w.path = append(w.path, i)
		// The end does not matter, so it does not matter that there may be none.
		start, _, _ := item.Span()
		line := w.lineAt(start)
		if problem := w.countAlias(item, start); problem != nil {
			return w.located(problem, line)
		}
		if problem := w.object(item, heirs, line); problem != nil {
			return problem
		}
		w.path = w.path[:len(w.path)-1]
	}
	return nil
}

// countAlias refuses lists that grow by aliases. In a tree without a text it
// cannot be told which items are aliases; all of them count, up to a higher limit.
func (w *walker) countAlias(item yamledit.Node, start int) *InputError {
	limit := maxAliasedItems
	switch {
	case len(w.in.src) == 0 && item.Shared():
		limit *= 100
	case start >= len(w.in.src) || w.in.src[start] != '*':
		return nil
	}
	if w.aliased++; w.aliased > limit {
		return &InputError{Problem: fmt.Sprintf("more than %d items of lists are aliases", maxAliasedItems)}
	}
	return nil
}

// lineAt gives the line of an offset. Offsets mostly rise, so lines are counted
// from the last one.
func (w *walker) lineAt(offset int) int {
	if offset < w.at.offset {
		w.at = w.first
	}
	if offset > w.at.offset {
		w.at = position{offset, w.at.line + countLines(w.in.src[w.at.offset:offset])}
	}
	return w.at.line
}

// located completes an error with what the walker knows.
func (w *walker) located(problem *InputError, line int) *InputError {
	if problem.Line == 0 {
		problem.Line = line
	}
	if len(w.path) > 0 {
		var b strings.Builder
		for i, index := range w.path[:min(len(w.path), maxPath)] {
			if i > 0 {
				b.WriteByte('.')
			}
			fmt.Fprintf(&b, "items[%d]", index)
		}
		if len(w.path) > maxPath {
			b.WriteString("…")
		}
		problem.Item = b.String()
	}
	if len(w.in.documents) > 1 {
		problem.Document = w.document + 1
	}
	return problem
}

// located completes an error about a document that was read as a whole.
func (in *Input) located(document int, from *InputError) *InputError {
	d, problem := &in.documents[document], *from
	if problem.Line == 0 {
		problem.Line = d.line
	}
	if len(in.documents) > 1 {
		problem.Document = document + 1
	}
	if d.pieces {
		for i := d.last - 1; i >= d.first; i-- {
			u := &in.units[i]
			if u.line > problem.Line {
				continue
			}
			text := in.src[u.start:u.end]
			if after := u.line + countLines(text); problem.Line < after || u.end == len(in.src) {
				problem.Item, problem.Object = fmt.Sprintf("items[%d]", i-d.first), guessObject(text)
			}
			break
		}
	} else if !d.json {
		problem.Object = guessObject(in.src[d.from:d.to])
	}
	return &problem
}

// guessObject tells which object a block mapping that does not parse was meant
// to be, by its lines; "" where they do not tell.
func guessObject(text []byte) string {
	var o Object
	base, inner, inMetadata := -1, -1, false
	take := func(field *string, value []byte) {
		if *field == "" {
			*field = wordIn(value)
		}
	}
	for len(text) > 0 {
		n := bytes.IndexAny(text, "\r\n")
		line := text
		if n >= 0 {
			line, text = text[:n], text[n+1:]
		} else {
			text = nil
		}
		column := skipBlanks(line, 0)
		if base < 0 && bytes.HasPrefix(line[column:], []byte("- ")) {
			column = skipBlanks(line, column+1)
		}
		rest := line[column:]
		key, value, ok := bytes.Cut(rest, []byte(":"))
		if len(rest) == 0 || rest[0] == '#' || rest[0] == '%' || bytes.HasPrefix(rest, []byte("---")) {
			continue
		}
		if base < 0 {
			base = column
		}
		switch {
		case !ok:
		case column == base:
			inner, inMetadata = -1, string(key) == "metadata"
			switch string(key) {
			case "apiVersion":
				take(&o.APIVersion, value)
			case "kind":
				take(&o.Kind, value)
			}
		case inMetadata && column > base && (inner < 0 || inner == column):
			inner = column
			switch string(key) {
			case "name":
				take(&o.Name, value)
			case "namespace":
				take(&o.Namespace, value)
			}
		}
	}
	if o.Kind == "" {
		return ""
	}
	return o.String()
}

// wordIn gives a value that can be nothing but a name, else "".
func wordIn(value []byte) string {
	word := strings.Trim(string(bytes.TrimSpace(value)), `"'`)
	if len(word) > 253 {
		return ""
	}
	for i := 0; i < len(word); i++ {
		if c := word[i]; !isLetter(c) && (c < '0' || c > '9') && c != '.' && c != '-' && c != '/' {
			return ""
		}
	}
	return word
}
