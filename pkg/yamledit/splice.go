package yamledit

import (
	"bytes"
	"cmp"
	"io"
	"slices"
)

// An Edit writes a value at a place.
type Edit struct {
	Place Place
	Value Value
}

// Equal says whether two edits do the same.
func (e Edit) Equal(f Edit) bool { return e.Place == f.Place && e.Value.Equal(f.Value) }

// Conflict is the error of two edits that touch the same text.
type Conflict struct{ Line int }

func (e *Conflict) Error() string {
	return (&EditError{Line: e.Line, Reason: "two edits touch the same text"}).Error()
}

// Splice writes src with the edits made. All places must come from src. Equal
// edits are one edit; edits that touch the same text are a [*Conflict], and
// then nothing is written. Unchanged text is written from src in the largest
// pieces that there are.
func Splice(w io.Writer, src []byte, edits []Edit) error {
	edits, err := arrange(src, edits)
	if err != nil {
		return err
	}
	at := 0
	var text []byte
	for _, e := range edits {
		if at < e.Place.start {
			if _, err := w.Write(src[at:e.Place.start]); err != nil {
				return err
			}
		}
		text = e.Place.append(text[:0], e.Value, src)
		if _, err := w.Write(text); err != nil {
			return err
		}
		at = max(at, e.Place.end)
	}
	_, err = w.Write(src[at:])
	return err
}

// Apply gives src with the edits made; see [Splice].
func Apply(src []byte, edits []Edit) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(src) + 64*len(edits))
	err := Splice(&out, src, edits)
	return out.Bytes(), err
}

// A Span is a piece of text, from the offset of its first byte to that behind
// its last.
type Span struct{ Start, End int }

// A Change is a piece of text that edits replace.
type Change struct {
	Start, End int // offsets in src; equal for an insertion
	Text       []byte
}

// Changes gives what [Splice] would do to src, in the order of the text, for
// callers that show it.
func Changes(src []byte, edits []Edit) ([]Change, error) {
	edits, err := arrange(src, edits)
	if err != nil {
		return nil, err
	}
	changes := make([]Change, len(edits))
	at := 0
	for i, e := range edits {
		changes[i] = Change{max(at, e.Place.start), max(at, e.Place.end), e.Place.append(nil, e.Value, src)}
		at = changes[i].End
	}
	return changes, nil
}

// arrange sorts the edits by offset, makes equal ones one, and refuses those
// that overlap. Edits stay in their order where they stand at one offset, but
// for new lines there: the deeper one belongs to the text before it, so it
// comes first.
func arrange(src []byte, edits []Edit) ([]Edit, error) {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b Edit) int {
		if a.Place.start != b.Place.start {
			return a.Place.start - b.Place.start
		}
		if inserts := a.Place.inserts(); inserts != b.Place.inserts() {
			if inserts {
				return -1
			}
			return 1
		}
		if a.Place.op.ownLine() && b.Place.op.ownLine() {
			// Dashes may stand in the column of the key of their list; a new field
			// there comes after it.
			return cmp.Or(b.Place.indent-a.Place.indent, int(b.Place.op)-int(a.Place.op))
		}
		return 0
	})
	kept := sorted[:0]
	end := 0
	for _, e := range sorted {
		if e.Place.node != nil {
			return nil, &EditError{Reason: "a place in a node tree is not a place in a text"}
		}
		known, conflict := placed(kept, e)
		if known {
			continue
		}
		if conflict || e.Place.start < end {
			return nil, &Conflict{Line: lineAt(src, e.Place.start)}
		}
		end = max(end, e.Place.end)
		kept = append(kept, e)
	}
	return kept, nil
}

// placed looks for an edit at the same place among those before it.
func placed(kept []Edit, e Edit) (known, conflict bool) {
	for i := len(kept) - 1; i >= 0 && kept[i].Place.start == e.Place.start; i-- {
		if kept[i].Place == e.Place {
			equal := kept[i].Value.Equal(e.Value)
			return equal, !equal
		}
	}
	return false, false
}
