// Package path holds the paths of the table of kinds.
package path

import (
	"fmt"
	"strings"
)

// A Path leads through fields of mappings, from left to right.
type Path []Step

// A Step is one field of a [Path]. Depth says how many levels of lists it opens
// (containers[] is one, steps[][] two); Values opens a mapping's values; Text
// opens the YAML or JSON in the string that it leads to, after the others.
type Step struct {
	Field  string
	Depth  int
	Values bool
	Text   bool
}

// String writes a path as the table does: spec.containers[], hooks{},
// resource.manifest|, data["a.b"]|.
func (p Path) String() string {
	var s []byte
	for i, step := range p {
		if strings.ContainsAny(step.Field, ".[]{}|") {
			s = append(s, `["`...)
			s = append(s, step.Field...)
			s = append(s, `"]`...)
		} else {
			if i > 0 {
				s = append(s, '.')
			}
			s = append(s, step.Field...)
		}
		for range step.Depth {
			s = append(s, "[]"...)
		}
		if step.Values {
			s = append(s, "{}"...)
		}
		if step.Text {
			s = append(s, '|')
		}
	}
	return string(s)
}

// Text says whether the path opens the text of a string.
func (p Path) Text() bool {
	for i := range p {
		if p[i].Text {
			return true
		}
	}
	return false
}

// Parse reads a path as the table writes it.
func Parse(s string) (Path, error) {
	var p Path
	for rest, first := s, true; rest != "" || first; first = false {
		var step Step
		var ok bool
		if quoted, found := strings.CutPrefix(rest, `["`); found {
			step.Field, rest, ok = strings.Cut(quoted, `"]`)
		} else {
			if !first {
				rest = strings.TrimPrefix(rest, ".")
			}
			end := strings.IndexAny(rest, ".[]{}|")
			if end < 0 {
				end = len(rest)
			}
			step.Field, rest, ok = rest[:end], rest[end:], true
		}
		for strings.HasPrefix(rest, "[]") {
			rest, step.Depth = rest[2:], step.Depth+1
		}
		rest, step.Values = strings.CutPrefix(rest, "{}")
		rest, step.Text = strings.CutPrefix(rest, "|")
		if !ok || step.Field == "" || step.Values && step.Depth > 0 || rest != "" && rest[0] != '.' && !strings.HasPrefix(rest, `["`) {
			return nil, fmt.Errorf(`%q is not a path like spec.containers[], hooks{}, resource.manifest| or data["a.b"]`, s)
		}
		p = append(p, step)
	}
	return p, nil
}
