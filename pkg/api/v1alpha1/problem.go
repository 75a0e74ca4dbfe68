package v1alpha1

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a config.
type Problem struct {
	// Path is the field, such as `pullSecrets.add[0].name`; empty for the config as a whole.
	Path string
	// Line is the 1-based line in the text that the config was read from; 0 if there is none.
	Line int
	// Message says what is wrong and the way out; it follows the path in a sentence.
	Message string

	column int
}

// Error is the message, after the line and the path where these are known.
func (p Problem) Error() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// Problems is all that is wrong with a config, in the order of the text where it was read from one.
type Problems []Problem

// mostProblems bounds the text of an error: a file that is no config at all can
// hold thousands of unknown fields.
const mostProblems = 20

// Error has a line for each problem, and ends with their number where they are too many.
func (ps Problems) Error() string {
	lines := make([]string, 0, min(len(ps), mostProblems)+1)
	for _, p := range ps[:min(len(ps), mostProblems)] {
		lines = append(lines, p.Error())
	}
	if more := len(ps) - mostProblems; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the problems one by one.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

func (ps *Problems) add(path, format string, args ...any) {
	*ps = append(*ps, Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// err is nil where there are no problems: a nil Problems in an error is not.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// parent is the path one level up; the empty path is the top.
func parent(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}

// quote shows a value that a user wrote, cut short: a value that stands where
// no such value belongs may be a whole file.
func quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// closest is the word that was probably meant by s, or "".
func closest(s string, words []string) string {
	best, least := "", max(1, len(s)/3)+1
	for _, w := range words {
		d := distance(strings.ToLower(s), strings.ToLower(w))
		if d < least {
			best, least = w, d
		}
	}
	return best
}

// distance counts the letters to insert, drop, replace or swap with the next to get from a to b.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64 // no word of ours is that long
	}
	var before, last, row []int
	last = make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row = make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// meant is the sentence that suggests the closest word, or "".
func meant(s string, words []string) string {
	if w := closest(s, words); w != "" {
		return fmt.Sprintf("; did you mean %s?", w)
	}
	return ""
}

// list puts words into a sentence: "a", "a or b", "a, b or c".
func list(words []string, last string) string {
	words = slices.Clone(words)
	if n := len(words); n > 1 {
		words = append(words[:n-2], words[n-2]+" "+last+" "+words[n-1])
	}
	return strings.Join(words, ", ")
}
