package manifest

import (
	"bufio"
	"io"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/yamledit"
)

// Write writes the input with the edits made, and the objects of adds at its
// end: as items of a ResourceList, as documents of a stream. The results of a ResourceList
// are replaced by the given ones, added where it had none, or made [] where it
// had some and there are none now; where there were and are none nothing is
// touched. A stream has no place for results, and they are not written.
//
// Without edits, adds and results the output is the input. Edits must be of the
// items; if they contradict each other, nothing is written. Errors are those of
// [yamledit.Splice] and of w, and a place where nothing can be added.
func (in *Input) Write(w io.Writer, edits []yamledit.Edit, adds []yamledit.Value, results []Result) error {
	out := bufio.NewWriterSize(w, 64<<10)
	e := in.envelope
	var tail []byte
	var err error
	switch {
	case len(adds) == 0:
	case e == nil:
		tail, err = in.tail(adds)
	default:
		var more []yamledit.Edit
		more, err = in.addItems(adds)
		edits = append(slices.Clip(edits), more...)
	}
	if err != nil {
		return err
	}
	switch {
	case e == nil || len(results) == 0 && !e.filled:
		err = yamledit.Splice(out, in.src, edits)
	case e.err != nil:
		return e.err
	case e.beforeItems:
		// Nothing is written before Splice has found the edits in order.
		m, before, after := e.around(results)
		text := append(m.append(before, results, 0), after...)
		err = yamledit.Splice(&tailWriter{w: out, skip: e.end, head: [][]byte{in.src[:e.start], text}}, in.src, edits)
	default:
		m, before, after := e.around(results)
		entries := m.start(results)
		defer entries.stop()
		if err = yamledit.Splice(out, in.src[:e.start:e.start], edits); err != nil {
			return err
		}
		out.Write(before) // out keeps an error until it is flushed
		entries.writeTo(out)
		out.Write(after)
		_, err = out.Write(in.src[e.end:])
	}
	if err != nil {
		return err
	}
	if _, err = out.Write(tail); err != nil {
		return err
	}
	return out.Flush()
}

// around gives what writes results from start to end, and the text before and
// after their entries.
func (e *envelope) around(results []Result) (m emitter, before, after []byte) {
	m = emitter{step: 2, indent: e.indent, lineBreak: e.lineBreak, colon: ": "}
	// The deepest line is that of a field of a result's field.
	m.padding = strings.Repeat(string(e.pad), 4*e.indent+e.itemIndent+2*m.step)
	if e.style == inBlock {
		if len(results) == 0 {
			return m, []byte(" []"), nil
		}
		if !e.present {
			before = append(before, m.padding[:e.indent]...)
			before = append(before, "results:"...)
			after = append(after, e.lineBreak...)
		}
		m.indent += e.itemIndent
		return m, before, after
	}

	m.json, m.comma, m.step = true, ",", e.indent
	switch {
	case e.style == inFlow:
		m.comma, m.lineBreak = ", ", ""
	case e.compact:
		m.colon = ":"
	case e.lineBreak == "":
		m.comma = ", "
	}
	switch {
	case e.present && e.compact:
	case e.present:
		before = append(before, ' ')
	case e.style == inFlow:
		before = append(before, `"results": `...)
	default:
		before = append(before, m.comma...)
		before = m.newLine(before)
		before = append(before, `"results"`...)
		before = append(before, m.colon...)
	}
	before = append(before, '[')
	if len(results) > 0 {
		after = m.newLine(after)
	}
	m.indent = 2 * e.indent
	after = append(after, ']')
	if e.style == inFlow && !e.present {
		after = append(after, m.comma...)
	}
	return m, before, after
}

// A tailWriter writes other text in place of the first bytes that come to it.
type tailWriter struct {
	w    io.Writer
	skip int
	head [][]byte
}

func (t *tailWriter) Write(p []byte) (int, error) {
	for _, head := range t.head {
		if _, err := t.w.Write(head); err != nil {
			return 0, err
		}
	}
	t.head = nil
	skipped := min(t.skip, len(p))
	t.skip -= skipped
	n, err := t.w.Write(p[skipped:])
	return skipped + n, err
}
