package v1alpha1

import (
	"errors"
	"regexp"
	"regexp/syntax"
)

// Subject is what a selector looks at of an object.
type Subject struct {
	Group, Version, Kind string
	Name, Namespace      string
	Labels, Annotations  map[string]string
}

// Matcher is a [Selector], compiled. It is safe for use on every core.
type Matcher struct {
	group, version, kind, name, namespace *regexp.Regexp // nil: anything
	labels, annotations                   labelSelector
}

// Compile reads the selector's regular expressions and label selectors. The
// error is a [Problems] whose paths are the selector's fields.
func (s Selector) Compile() (Matcher, error) {
	var m Matcher
	var problems Problems
	for _, f := range []struct {
		name, pattern string
		to            **regexp.Regexp
	}{
		{"group", s.Group, &m.group},
		{"version", s.Version, &m.version},
		{"kind", s.Kind, &m.kind},
		{"name", s.Name, &m.name},
		{"namespace", s.Namespace, &m.namespace},
	} {
		if f.pattern == "" {
			continue
		}
		// Anchored as SelectorRegex does it in kustomize's api/types/selector.go.
		compiled, err := regexp.Compile("^(?:" + f.pattern + ")$")
		if err != nil {
			problems.add(f.name, "%s is no regular expression (%s); write it in the syntax of Go's package regexp", quote(f.pattern), regexpReason(err))
			continue
		}
		*f.to = compiled
	}
	for _, f := range []struct {
		name, text string
		to         *labelSelector
	}{
		{"labelSelector", s.LabelSelector, &m.labels},
		{"annotationSelector", s.AnnotationSelector, &m.annotations},
	} {
		parsed, err := parseLabelSelector(f.text)
		if err != nil {
			problems.add(f.name, "%s is no label selector: %v; write it as for kubectl -l, such as app=web,tier notin (test)", quote(f.text), err)
			continue
		}
		*f.to = parsed
	}
	return m, problems.err()
}

// regexpReason leaves out the expression that an error of the package regexp
// quotes: it is the anchored one, which the user did not write.
func regexpReason(err error) string {
	var syntaxError *syntax.Error
	if errors.As(err, &syntaxError) {
		return syntaxError.Code.String()
	}
	return err.Error()
}

// Matches tells whether an object meets every condition of the selector.
func (m Matcher) Matches(s Subject) bool {
	return fits(m.group, s.Group) && fits(m.version, s.Version) && fits(m.kind, s.Kind) &&
		fits(m.name, s.Name) && fits(m.namespace, s.Namespace) &&
		m.labels.matches(s.Labels) && m.annotations.matches(s.Annotations)
}

func fits(r *regexp.Regexp, s string) bool {
	return r == nil || r.MatchString(s)
}
