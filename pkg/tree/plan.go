package tree

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/yamledit"
)

// A Plan is what there is to do and to say, by file.
type Plan struct {
	imagepull.Plan
	tree    *Tree
	entries [][]*imagepull.Entry // by file
}

// Decide makes the plan for all files together.
func (t *Tree) Decide(c imagepull.Config) *Plan {
	p := &Plan{Plan: imagepull.Decide(c, t.facts), tree: t, entries: make([][]*imagepull.Entry, len(t.Files))}
	for i := range p.Entries {
		e := &p.Entries[i]
		p.entries[e.Object.Source] = append(p.entries[e.Object.Source], e)
	}
	return p
}

// FollowGenerated finds out what the config's pull secrets are called in files
// that kustomize has built; see [imagepull.FollowGenerated].
func (t *Tree) FollowGenerated(c *imagepull.Config) { imagepull.FollowGenerated(c, t.facts) }

// A FilePlan is what is due in one file.
type FilePlan struct {
	*File
	Entries []Located // in the order of the text
	Err     error     // why the file could not be read, now or before

	// Blocked says that the file has a finding that fails the run; then none of
	// its changes is made.
	Blocked bool
	src     []byte
	edits   []yamledit.Edit
	adds    []yamledit.Value // objects
}

// A Located is an entry of the plan, and where it is.
type Located struct {
	*imagepull.Entry
	// Line and Column are those of the field's value, both from 1, the column in
	// characters; where there is no such field yet, those of the field that it
	// belongs to. 0 where they are not known.
	Line, Column int
}

// Each calls f for each file that there is something to say about, on every
// core, and gives the answers in the order of the files.
func Each[T any](p *Plan, f func(*FilePlan) T) []T {
	var files []int
	for i := range p.tree.Files {
		if len(p.entries[i]) > 0 || p.tree.Files[i].Err != nil {
			files = append(files, i)
		}
	}
	answers := make([]T, len(files))
	onEveryCore(len(files), func(i int) {
		fp := p.file(files[i])
		answers[i] = f(&fp)
	})
	return answers
}

func (p *Plan) file(i int) FilePlan {
	f := FilePlan{File: &p.tree.Files[i]}
	if f.Err = f.File.Err; f.Err != nil {
		return f
	}
	for _, e := range p.entries[i] {
		f.Entries = append(f.Entries, Located{Entry: e, Line: e.Line})
		f.edits = append(f.edits, e.Edits...)
		if e.ID == imagepull.AccountCreated {
			f.adds = append(f.adds, *e.Adds)
		}
		f.Blocked = f.Blocked || !e.Change && p.Fails(e)
	}
	if f.src, f.Err = f.text(); f.Err == nil {
		f.locate()
	}
	return f
}

// Change gives the text as it is and as it would be, and the changes that lead
// from the one to the other. Where nothing changes there are none.
func (f *FilePlan) Change() (before, after []byte, changes []yamledit.Change, err error) {
	if f.Err != nil || f.Blocked || len(f.edits)+len(f.adds) == 0 {
		return f.src, f.src, nil, f.Err
	}
	if changes, err = yamledit.Changes(f.src, f.edits); err != nil {
		return f.src, f.src, nil, err
	}
	after = applied(f.src, changes)
	if len(f.adds) > 0 {
		if after, err = f.added(f.edits); err != nil {
			return f.src, f.src, nil, err
		}
		alone, err := f.added(nil)
		if err != nil {
			return f.src, f.src, nil, err
		}
		changes = append(changes, difference(f.src, alone))
		slices.SortStableFunc(changes, func(a, b yamledit.Change) int { return cmp.Compare(a.Start, b.Start) })
		if !bytes.Equal(applied(f.src, changes), after) {
			changes = []yamledit.Change{difference(f.src, after)}
		}
	}
	if bytes.Equal(after, f.src) {
		return f.src, f.src, nil, nil
	}
	return f.src, after, changes, nil
}

// added gives the text with edits made and the new objects at its end.
func (f *FilePlan) added(edits []yamledit.Edit) ([]byte, error) {
	input, err := manifest.Read(f.src)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = input.Write(&out, edits, f.adds, nil)
	return out.Bytes(), err
}

// applied makes changes, which are in the order of the text. Where one begins
// before the one in front of it ends, what comes out is of no use.
func applied(src []byte, changes []yamledit.Change) []byte {
	var out bytes.Buffer
	at := 0
	for _, c := range changes {
		out.Write(src[at:max(at, c.Start)])
		out.Write(c.Text)
		at = max(at, c.End)
	}
	out.Write(src[at:])
	return out.Bytes()
}

// difference gives the one change between two texts.
func difference(before, after []byte) yamledit.Change {
	start := 0
	for start < min(len(before), len(after)) && before[start] == after[start] {
		start++
	}
	end := 0
	for end < min(len(before), len(after))-start && before[len(before)-1-end] == after[len(after)-1-end] {
		end++
	}
	return yamledit.Change{Start: start, End: len(before) - end, Text: after[start : len(after)-end]}
}

// An objectKey finds an object of a file again.
type objectKey struct {
	line                              int
	apiVersion, kind, name, namespace string
}

func keyOf(o *manifest.Object) objectKey {
	return objectKey{o.Line, o.APIVersion, o.Kind, o.Name, o.Namespace}
}

// locate finds the entries in the text. Walking each object once more, only in
// files that there is something to say about, keeps positions out of the facts.
func (f *FilePlan) locate() {
	input, err := manifest.Read(f.src)
	if err != nil {
		return // it was read before, so this does not happen
	}
	wanted := map[objectKey][]*Located{}
	for i := range f.Entries {
		key := keyOf(f.Entries[i].Object)
		wanted[key] = append(wanted[key], &f.Entries[i])
	}
	type position struct {
		of           *Located
		line, column int
	}
	answers, _ := manifest.Each(input, func(o manifest.Object, n yamledit.Node) []position {
		var found []position
		for _, l := range wanted[keyOf(&o)] {
			line, column := find(n, l.Path).Pos()
			found = append(found, position{l, line, column})
		}
		return found
	})
	for _, found := range answers {
		for _, at := range found {
			if at.of.Entry.Line == 0 || at.of.Entry.Line == at.line {
				at.of.Line, at.of.Column = at.line, at.column
			}
		}
	}
	for i := range f.Entries {
		if l := &f.Entries[i]; l.Line == 0 {
			l.Line = l.Object.Line
		}
	}
	slices.SortStableFunc(f.Entries, func(a, b Located) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// find follows a path of fields and indexes as far as it leads. For a field that
// is not there yet it gives the image that it belongs to, else what would hold
// it. A field's own name may hold dots, so the longest one that fits is taken.
// Behind a colon the path goes on in the text of a string.
func find(n yamledit.Node, path string) yamledit.Node {
	outer, inner, embedded := strings.Cut(path, ": ")
	if embedded {
		document := 1
		if before, number, several := strings.Cut(outer, " (document "); several {
			outer = before
			document, _ = strconv.Atoi(strings.TrimSuffix(number, ")"))
		}
		held := find(n, outer)
		if docs, err := held.Embedded(); err == nil && 0 < document && document <= len(docs) {
			return find(docs[document-1].Root(), inner)
		}
		return held
	}
	for path != "" {
		var next yamledit.Node
		rest := ""
		switch {
		case path[0] == '[':
			inside, after, _ := strings.Cut(path[1:], "]")
			for i, item := range n.Items() {
				if strconv.Itoa(i) == inside {
					next = item
				}
			}
			rest = after
		default:
			path = strings.TrimPrefix(path, ".")
			longest := -1
			for key, v := range n.Fields() {
				after, ok := strings.CutPrefix(path, key)
				if ok && len(key) > longest && (after == "" || after[0] == '.' || after[0] == '[') {
					next, rest, longest = v, after, len(key)
				}
			}
		}
		if !next.Exists() {
			for _, field := range [...]string{"image", "reference"} {
				if image, _ := n.Get(field); image.Kind() == yamledit.String {
					return image
				}
			}
			return n
		}
		n, path = next, rest
	}
	return n
}
