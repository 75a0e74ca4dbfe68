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
// change. The changes must be in the order of the text.
func Diff(path string, before []byte, changes []yamledit.Change) []byte {
	lines := splitLines(before)
	blocks := blocksOf(before, lines, changes)
	if len(blocks) == 0 {
		return nil
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", diffName("a/", path), diffName("b/", path))
	shift := 0 // how many lines more there are after than before
	for len(blocks) > 0 {
		n := 1
		for n < len(blocks) && blocks[n].from-blocks[n-1].to <= 2*contextLines {
			n++
		}
		shift = writeHunk(&out, lines, blocks[:n], shift)
		blocks = blocks[n:]
	}
	return out.Bytes()
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
	starts := make([]int, len(lines)+1) // offsets
	for i, line := range lines {
		starts[i+1] = starts[i] + len(line)
	}
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

func writeHunk(out *bytes.Buffer, lines [][]byte, blocks []block, shift int) int {
	from := max(0, blocks[0].from-contextLines)
	to := min(len(lines), blocks[len(blocks)-1].to+contextLines)
	added := 0
	for _, b := range blocks {
		added += len(b.lines) - (b.to - b.from)
	}
	fmt.Fprintf(out, "@@ -%s +%s @@\n", hunkRange(from, to-from), hunkRange(from+shift, to-from+added))
	at := from
	for _, b := range blocks {
		writeLines(out, ' ', lines[at:b.from])
		writeLines(out, '-', lines[b.from:b.to])
		writeLines(out, '+', b.lines)
		at = b.to
	}
	writeLines(out, ' ', lines[at:to])
	return shift + added
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
