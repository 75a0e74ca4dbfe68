// Package grammar holds what the texts of a functionConfig may look like. The
// validation and the generated schema read the same entries.
package grammar

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/pullable/pullable/pkg/imageref"
)

// Grammar is one kind of text.
type Grammar struct {
	// Pattern is the regular expression that the whole text meets; it is in the
	// part of the syntax that Go and JSON schemas share.
	Pattern string
	// MaxLength is the greatest length, 0 for none.
	MaxLength int

	rule   string                // continues the sentence "it must be"
	parse  func(string) error    // checks the text where a pattern cannot
	regexp func() *regexp.Regexp // compiled when it is needed: most runs need none
}

// The forms of Kubernetes are those of k8s.io/apimachinery/pkg/api/validate/content.
const (
	dnsLabel  = `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
	subdomain = dnsLabel + `(\.` + dnsLabel + `)*`
	field     = `[A-Za-z0-9_][-A-Za-z0-9_]*`
	quoted    = `\["[^"\]]+"\]`
	mark      = `((\[\])+|\{\})?\|?`
	step      = field + mark
	path      = step + `(\.` + step + `|` + quoted + mark + `)*`
	labelName = `([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`
)

// Made when it is needed: what is made in a variable costs every start.
var grammars = sync.OnceValue(func() map[string]*Grammar {
	all := map[string]*Grammar{
		"secretName": {
			Pattern: subdomain, MaxLength: 253,
			rule: "a Secret's name: at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at both ends",
		},
		"anyName": {
			// A name to take out may be one that never should have been there.
			Pattern: `\S+`,
			rule:    "a name without white space",
		},
		"namespace": {
			Pattern: dnsLabel, MaxLength: 63,
			rule: "a namespace: at most 63 lower-case letters, digits and '-', with a letter or digit at both ends",
		},
		"namespaceGlob": {
			Pattern: `[-a-z0-9*?]+`,
			rule:    "a pattern that can match a namespace: lower-case letters, digits, '-', '*' for any text and '?' for one character",
		},
		"tagGlob": {
			Pattern: `[-A-Za-z0-9_.*?]+`,
			rule:    "a pattern that can match a tag: letters, digits, '_', '.', '-', '*' for any text and '?' for one character",
		},
		"word": {
			Pattern: `[A-Za-z0-9][-A-Za-z0-9_]*`,
			rule:    "one word of letters, digits, '-' and '_'",
		},
		"fields": {
			Pattern: field + `(\.` + field + `)*`,
			rule:    "names of fields with dots between them, such as spec.imagePullSecrets",
		},
		"fieldsOrSelf": {
			Pattern: `\.|` + field + `(\.` + field + `)*`,
			rule:    "names of fields with dots between them, or one dot",
		},
		"path": {
			Pattern: path,
			rule:    "a path such as spec.template.spec, containers[], replicaSpecs{}.template.spec or data[\"a.b\"]|",
		},
		"condition": {
			Pattern: field + `(\.` + field + `|` + quoted + `)*=.+`,
			rule:    "names of fields and the text that stands there, such as metadata.name=settings",
		},
		"imageField": {
			Pattern: field + `(\[\])?`,
			rule:    "the name of a field, with [] behind it if it is a list",
		},
		"imagePattern": {
			Pattern: `\S+`,
			parse: func(s string) error {
				_, err := imageref.ParsePattern(s)
				return err
			},
		},
	}
	for _, g := range all {
		g.regexp = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("^(?:" + g.Pattern + ")$") })
	}
	return all
})

// Named gives the grammar that a check tag names. It panics if there is none.
func Named(name string) *Grammar {
	g, ok := grammars()[name]
	if !ok {
		panic("no grammar is named " + name)
	}
	return g
}

// Check says what is wrong with a text, and nil if nothing is.
func (g *Grammar) Check(s string) error {
	switch {
	case g.parse != nil:
		return g.parse(s)
	case s == "":
		return errors.New("it is empty; it must be " + g.rule)
	case g.regexp().MatchString(s) && (g.MaxLength == 0 || len(s) <= g.MaxLength):
		return nil
	case imageref.HasPlaceholder(s):
		return fmt.Errorf("%.60q holds a placeholder; a config is taken as it stands, so fill it in before pullable reads it", s)
	case strings.ContainsAny(s, ", \t\r\n"):
		return fmt.Errorf("%.60q holds a comma or white space; it must be %s; make each entry an item of its own", s, g.rule)
	}
	return fmt.Errorf("it is %.60q; it must be %s", s, g.rule)
}

var labelForms = sync.OnceValue(func() (forms struct{ name, prefix *regexp.Regexp }) {
	forms.name = regexp.MustCompile("^" + labelName + "$")
	forms.prefix = regexp.MustCompile("^" + subdomain + "$")
	return forms
})

// LabelKey tells whether s may be the key of a label: [prefix/]name.
func LabelKey(s string) bool {
	prefix, name, found := strings.Cut(s, "/")
	if !found {
		prefix, name = "", s
	} else if len(prefix) > 253 || !labelForms().prefix.MatchString(prefix) {
		return false
	}
	return len(name) <= 63 && labelForms().name.MatchString(name)
}

// LabelValue tells whether s may be the value of a label.
func LabelValue(s string) bool {
	return s == "" || len(s) <= 63 && labelForms().name.MatchString(s)
}
