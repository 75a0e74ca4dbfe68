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
		text := e.text(results, nil)
		err = yamledit.Splice(&tailWriter{w: out, skip: e.end, head: [][]byte{in.src[:e.start], text}}, in.src, edits)
	default:
		if err = yamledit.Splice(out, in.src[:e.start:e.start], edits); err != nil {
			return err
		}
		if _, err = out.Write(e.text(results, out)); err == nil {
			_, err = out.Write(in.src[e.end:])
		}
	}
	if err != nil {
		return err
	}
	if _, err = out.Write(tail); err != nil {
		return err
	}
	return out.Flush()
}

// text is what replaces the text from start to end. With a writer, that takes
// most of it at once, and the rest is returned.
func (e *envelope) text(results []Result, w *bufio.Writer) []byte {
	m := emitter{w: w, step: 2, indent: e.indent, lineBreak: e.lineBreak, colon: ": "}
	m.out = make([]byte, 0, min(40<<10, 64+320*len(results)))
	// The deepest line is that of a field of a result's field.
	m.padding = strings.Repeat(string(e.pad), 4*e.indent+e.itemIndent+2*m.step)
	if e.style == inBlock {
		if len(results) == 0 {
			return []byte(" []")
		}
		if !e.present {
			m.out = append(m.out, m.padding[:e.indent]...)
			m.out = append(m.out, "results:"...)
		}
		m.indent += e.itemIndent
		m.results(results)
		if !e.present {
			m.out = append(m.out, e.lineBreak...)
		}
		return m.out
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
		m.out = append(m.out, ' ')
	case e.style == inFlow:
		m.out = append(m.out, `"results": `...)
	default:
		m.out = append(m.out, m.comma...)
		m.newLine()
		m.out = append(m.out, `"results"`...)
		m.out = append(m.out, m.colon...)
	}
	m.out = append(m.out, '[')
	if len(results) > 0 {
		m.indent = 2 * e.indent
		m.results(results)
		m.indent = e.indent
		m.newLine()
	}
	m.out = append(m.out, ']')
	if e.style == inFlow && !e.present {
		m.out = append(m.out, m.comma...)
	}
	return m.out
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
