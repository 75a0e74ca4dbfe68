package tree

import (
	"regexp"

	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/yamledit"
)

// Confidential gives the parts of the text that hold what Secrets hold, in no
// order: of each Secret, wherever in the file it stands, everything but what says
// which object it is; and each string that seems to hold a manifest of one.
func (f *FilePlan) Confidential() []yamledit.Span {
	input, err := manifest.Read(f.src)
	if err != nil {
		return []yamledit.Span{{Start: 0, End: len(f.src)}}
	}
	answers, err := manifest.Each(input, func(_ manifest.Object, n yamledit.Node) []yamledit.Span {
		var found []yamledit.Span
		f.secretsIn(n, &found)
		return found
	})
	if err != nil {
		return []yamledit.Span{{Start: 0, End: len(f.src)}}
	}
	var all []yamledit.Span
	for _, found := range answers {
		all = append(all, found...)
	}
	return all
}

// namesSecret finds the kind in YAML and JSON, quotes with a backslash included.
var namesSecret = regexp.MustCompile(`\bkind\\*["']?\s*:\s*\\*["']?Secret\b`)

// secretsIn leaves alone what an alias stands for: it is read where it is
// written.
func (f *FilePlan) secretsIn(n yamledit.Node, found *[]yamledit.Span) {
	switch n.Kind() {
	case yamledit.String:
		if namesSecret.MatchString(n.Text()) {
			*found = append(*found, f.span(n))
		}
	case yamledit.Sequence:
		for _, item := range n.Items() {
			if item == item.Resolved() {
				f.secretsIn(item, found)
			}
		}
	case yamledit.Mapping:
		secret := isSecret(n)
		for key, v := range n.Fields() {
			switch {
			case secret && key == "metadata":
				for key, v := range v.Fields() {
					if key != "name" && key != "namespace" && key != "labels" {
						*found = append(*found, f.span(v), f.span(v.Resolved()))
					}
				}
			case secret && key != "apiVersion" && key != "kind" && key != "type":
				*found = append(*found, f.span(v), f.span(v.Resolved()))
			case v == v.Resolved():
				f.secretsIn(v, found)
			}
		}
	}
}

func isSecret(n yamledit.Node) bool {
	kind, _ := n.Get("kind")
	return kind.Text() == "Secret"
}

// span takes a value whose end is not known to go on to the end of the text.
func (f *FilePlan) span(n yamledit.Node) yamledit.Span {
	start, end, err := n.Span()
	if err != nil {
		end = len(f.src)
	}
	return yamledit.Span{Start: start, End: end}
}
