package report

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/yamledit"
)

// contextLines is how many lines a unified diff shows around a change.
const contextLines = 3

// Diff gives the unified diff of a file as git apply takes it, from the edits
// themselves: nothing has to be searched for, and no line is in it that did not
// change. The changes must be in the order of the text. Lines that touch one of
// the hidden spans are not shown; where a change cannot be shown without one,
// the error names the line.
func Diff(path string, before []byte, changes []yamledit.Change, hidden []yamledit.Span) ([]byte, error) {
	lines := splitLines(before)
	blocks := blocksOf(before, lines, changes)
	if len(blocks) == 0 {
		return nil, nil
	}
	d := differ{lines: lines, hidden: linesOf(before, lines, hidden)}
	fmt.Fprintf(&d.out, "--- %s\n+++ %s\n", diffName("a/", path), diffName("b/", path))
	for len(blocks) > 0 {
		n := 1
		for n < len(blocks) && blocks[n].from-blocks[n-1].to <= 2*contextLines && !d.hides(blocks[n-1].to, blocks[n].from) {
			n++
		}
		if err := d.hunk(blocks[:n]); err != nil {
			return nil, err
		}
		blocks = blocks[n:]
	}
	return d.out.Bytes(), nil
}

// A differ writes the hunks of one file.
type differ struct {
	out    bytes.Buffer
	lines  [][]byte // before
	hidden []bool   // by line
	shift  int      // how many lines more there are after than before
}

// linesOf marks the lines that spans touch.
func linesOf(text []byte, lines [][]byte, spans []yamledit.Span) []bool {
	if len(spans) == 0 {
		return nil
	}
	starts := lineStarts(lines)
	marked := make([]bool, len(lines))
	for _, s := range spans {
		line, found := slices.BinarySearch(starts, min(s.Start, len(text)-1))
		if !found {
			line--
		}
		for ; line < len(lines) && starts[line] < s.End; line++ {
			marked[line] = true
		}
	}
	return marked
}

// hides says whether one of the lines is hidden.
func (d *differ) hides(from, to int) bool {
	return d.hidden != nil && slices.Contains(d.hidden[from:to], true)
}

func lineStarts(lines [][]byte) []int {
	starts := make([]int, len(lines)+1) // offsets
	for i, line := range lines {
		starts[i+1] = starts[i] + len(line)
	}
	return starts
}

// A block is a run of lines that others take the place of.
type block struct {
	from, to int // indexes of lines before
	lines    [][]byte
}

// splitLines splits at line feeds, which stay, as git does.
func splitLines(text []byte) [][]byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	if len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// blocksOf gives the lines that change. A block takes in the lines that its
// changes touch, and the next one where its text does not end with a line.
func blocksOf(before []byte, lines [][]byte, changes []yamledit.Change) []block {
	starts := lineStarts(lines)
	var blocks []block
	for len(changes) > 0 {
		from, found := slices.BinarySearch(starts, changes[0].Start)
		if !found {
			from--
		}
		if from == len(lines) && from > 0 && !endsLine(lines[from-1]) {
			from-- // the end of the last line, which has no line feed
		}
		to, at := from, starts[from]
		if at < changes[0].Start {
			to++
		}
		var text []byte
		for {
			if len(changes) > 0 && (changes[0].Start < starts[to] || changes[0].Start == at || to == len(lines)) {
				c := changes[0]
				text = append(append(text, before[at:c.Start]...), c.Text...)
				at, changes = c.End, changes[1:]
				continue
			}
			if to < len(lines) && (at > starts[to] || len(text) > 0 && at == starts[to] && !endsLine(text)) {
				to++
				continue
			}
			break
		}
		text = append(text, before[at:starts[to]]...)
		if b := trimmed(block{from, to, splitLines(text)}, lines); b.from < b.to || len(b.lines) > 0 {
			blocks = append(blocks, b)
		}
	}
	return blocks
}

func endsLine(text []byte) bool { return len(text) > 0 && text[len(text)-1] == '\n' }

// trimmed leaves out the lines at both ends that stay as they are.
func trimmed(b block, lines [][]byte) block {
	for b.from < b.to && len(b.lines) > 0 && bytes.Equal(lines[b.from], b.lines[0]) {
		b.from, b.lines = b.from+1, b.lines[1:]
	}
	for b.from < b.to && len(b.lines) > 0 && bytes.Equal(lines[b.to-1], b.lines[len(b.lines)-1]) {
		b.to, b.lines = b.to-1, b.lines[:len(b.lines)-1]
	}
	return b
}

func (d *differ) hunk(blocks []block) error {
	first, last := blocks[0].from, blocks[len(blocks)-1].to
	from, to := first, last
	for from > 0 && first-from < contextLines && !d.hides(from-1, from) {
		from--
	}
	for to < len(d.lines) && to-last < contextLines && !d.hides(to, to+1) {
		to++
	}
	// A hunk that no line follows is one at the end of the file.
	if d.hides(first, last) || to == last && to < len(d.lines) {
		return fmt.Errorf("the change of line %d cannot be shown as a diff, because that line, or the next one, holds a Secret's data: "+
			"write the Secret on lines of its own, or do without --diff", first+1)
	}
	added := 0
	for _, b := range blocks {
		added += len(b.lines) - (b.to - b.from)
	}
	fmt.Fprintf(&d.out, "@@ -%s +%s @@\n", hunkRange(from, to-from), hunkRange(from+d.shift, to-from+added))
	at := from
	for _, b := range blocks {
		writeLines(&d.out, ' ', d.lines[at:b.from])
		writeLines(&d.out, '-', d.lines[b.from:b.to])
		writeLines(&d.out, '+', b.lines)
		at = b.to
	}
	writeLines(&d.out, ' ', d.lines[at:to])
	d.shift += added
	return nil
}

// hunkRange is the line that a hunk starts at, and how many it has; one without
// lines comes after the line that it names.
func hunkRange(from, count int) string {
	if count > 0 {
		from++
	}
	if count == 1 {
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%d,%d", from, count)
}

func writeLines(out *bytes.Buffer, mark byte, lines [][]byte) {
	for _, line := range lines {
		out.WriteByte(mark)
		out.Write(line)
		if !endsLine(line) {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// diffName writes a name as git does: in quotes where it holds what would break
// the line, with a tab behind it where it holds blanks. There is no line "diff
// --git" before it, so that git apply reads it from the folder that it runs in.
func diffName(prefix, path string) string {
	name := prefix + strings.TrimPrefix(filepath.ToSlash(path), "/")
	quoted := false
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			quoted = true
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			quoted = true
			fmt.Fprintf(&b, "\\%03o", c)
		default:
			b.WriteByte(c)
		}
	}
	switch {
	case quoted:
		return `"` + b.String() + `"`
	case strings.Contains(name, " "):
		return name + "\t"
	}
	return name
}
