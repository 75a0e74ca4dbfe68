// Package path holds the paths of the table of kinds.
package path

import (
	"fmt"
	"strings"
)

// A Path leads through fields of mappings, from left to right.
type Path []Step

// A Step is one field of a [Path]. Depth says how many levels of lists it opens
// (containers[] is one, steps[][] two); Values opens a mapping's values.
type Step struct {
	Field  string
	Depth  int
	Values bool
}

// String writes a path as the table does: spec.containers[], hooks{}.
func (p Path) String() string {
	var s []byte
	for i, step := range p {
		if i > 0 {
			s = append(s, '.')
		}
		s = append(s, step.Field...)
		for range step.Depth {
			s = append(s, "[]"...)
		}
		if step.Values {
			s = append(s, "{}"...)
		}
	}
	return string(s)
}

// Parse reads a path as the table writes it.
func Parse(s string) (Path, error) {
	var p Path
	for text := range strings.SplitSeq(s, ".") {
		var step Step
		text, step.Values = strings.CutSuffix(text, "{}")
		for strings.HasSuffix(text, "[]") {
			text, step.Depth = strings.TrimSuffix(text, "[]"), step.Depth+1
		}
		if text == "" || strings.ContainsAny(text, "[]{}") || step.Values && step.Depth > 0 {
			return nil, fmt.Errorf("%q is not a path like spec.containers[] or hooks{}", s)
		}
		step.Field = text
		p = append(p, step)
	}
	return p, nil
}
