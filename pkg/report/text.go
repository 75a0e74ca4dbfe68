package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/pullable/pullable/pkg/manifest"
)

// Text is for people: grouped by file and object.
type Text struct {
	Color bool // with the colours of a terminal
	Quiet bool // errors and changes that are due only, and no summary
	Width int  // of the terminal, in characters, to break long messages between words; 0: they stay on one line
}

const (
	reset  = "\x1b[0m"
	bold   = "\x1b[1m"
	dim    = "\x1b[2m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	blue   = "\x1b[34m"
)

// Write implements [Format].
func (t Text) Write(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	file, object := "", (*manifest.Object)(nil)
	any := false
	for i := range r.Findings {
		f := &r.Findings[i]
		if t.Quiet && !f.Fails {
			continue
		}
		if !any || f.File != file {
			if any {
				fmt.Fprintln(out)
			}
			fmt.Fprintln(out, t.paint(bold, visible(f.File)))
			file, object, any = f.File, nil, true
		}
		if f.Object != nil && f.Object != object {
			fmt.Fprintln(out, "  "+visible(f.Object.String()))
			object = f.Object
		}
		t.finding(out, f)
	}
	if !t.Quiet {
		if any {
			fmt.Fprintln(out)
		}
		fmt.Fprintln(out, t.summary(r))
	}
	return out.Flush()
}

func (t Text) finding(out io.Writer, f *Finding) {
	at := ""
	switch {
	case f.Line > 0 && f.Column > 0:
		at = fmt.Sprintf("%d:%d", f.Line, f.Column)
	case f.Line > 0:
		at = fmt.Sprint(f.Line)
	}
	word, color := string(f.Severity), blue
	switch {
	case f.Made:
		word, color = "fixed", green
	case f.Change:
		word, color = "due", yellow
	case f.Severity == manifest.SeverityError:
		color = red
	case f.Severity == manifest.SeverityWarning:
		color = yellow
	}
	const indent = 4 + 8 + 1 + 7 + 1
	lines := broken(visible(f.Message)+" ["+f.ID+"]", t.Width-indent)
	message := strings.Join(lines, "\n"+strings.Repeat(" ", indent))
	id := strings.LastIndexByte(message, '[')
	fmt.Fprintf(out, "    %s %s %s%s\n", t.paint(dim, fmt.Sprintf("%-8s", at)), t.paint(color, fmt.Sprintf("%-7s", word)),
		message[:id], t.paint(dim, message[id:]))
}

// broken breaks a text between words. Where there is no room to speak of it is
// left to the terminal.
func broken(text string, width int) []string {
	const least = 20
	if width < least {
		return []string{text}
	}
	var lines []string
	line, length := "", 0
	for word := range strings.SplitSeq(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case line == "":
			line, length = word, n
		case length+1+n > width:
			lines = append(lines, line)
			line, length = word, n
		default:
			line, length = line+" "+word, length+1+n
		}
	}
	return append(lines, line)
}

func (t Text) summary(r *Report) string {
	c := r.Count()
	var parts []string
	add := func(n int, one, many, color string) {
		if n > 0 {
			parts = append(parts, t.paint(color, counted(n, one, many)))
		}
	}
	add(c.Made, "change made", "changes made", green)
	add(c.Due, "change due", "changes due", yellow)
	add(c.Errors, "error", "errors", red)
	add(c.Warnings, "warning", "warnings", yellow)
	add(c.Infos, "info", "infos", blue)
	all := counted(r.Files, "file", "files") + " with " + counted(r.Objects, "object", "objects")
	if len(parts) == 0 {
		return t.paint(green, "nothing to do") + " in " + all
	}
	text := fmt.Sprintf("%s in %d of %s", strings.Join(parts, ", "), c.Files, all)
	if c.Due > 0 && !r.Fix {
		text += "; pullable fix makes the changes"
	}
	return text
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (t Text) paint(color, text string) string {
	if !t.Color {
		return text
	}
	return color + text + reset
}

// visible takes control characters out of a text that comes from a file, which
// could else speak to the terminal.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '�'
		}
		return r
	}, s)
}
