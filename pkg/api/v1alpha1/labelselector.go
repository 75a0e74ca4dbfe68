package v1alpha1

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pullable/pullable/pkg/api/v1alpha1/internal/grammar"
)

// This is the selector language of k8s.io/apimachinery/pkg/labels, which
// kustomize uses too. It is written again because linking that package costs
// every run 5 to 9 % of its start-up, with or without a selector in the config;
// a test holds both equal.

// labelSelector is a list of requirements, all of which must be met.
type labelSelector []requirement

type requirement struct {
	key      string
	operator string // exists, absent, in, notin, < or >
	values   []string
	bound    int64 // of < and >
}

func (s labelSelector) matches(labels map[string]string) bool {
	for _, r := range s {
		if !r.matches(labels) {
			return false
		}
	}
	return true
}

func (r requirement) matches(labels map[string]string) bool {
	value, has := labels[r.key]
	switch r.operator {
	case "exists":
		return has
	case "absent":
		return !has
	case "in":
		return has && slices.Contains(r.values, value)
	case "notin":
		return !has || !slices.Contains(r.values, value)
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if !has || err != nil {
		return false
	}
	return r.operator == ">" && n > r.bound || r.operator == "<" && n < r.bound
}

// parseLabelSelector reads requirements that commas part:
// key, !key, key=v, key==v, key!=v, key>1, key<1, key in (v,w), key notin (v,w).
// A value may be empty, and so may the whole selector.
func parseLabelSelector(text string) (labelSelector, error) {
	s := selectorScanner{text: text}
	s.next()
	if s.token == "" {
		return nil, nil
	}
	var selector labelSelector
	for {
		r, err := s.requirement()
		if err != nil {
			return nil, err
		}
		selector = append(selector, r)
		switch s.token {
		case "":
			return selector, nil
		case ",":
			s.next()
		default:
			return nil, s.unexpected("',' or the end")
		}
	}
}

// selectorScanner holds the token at hand; the empty token is the end.
type selectorScanner struct {
	text  string
	token string
}

const selectorSpace, selectorSymbols = " \t\r\n", "=!(),<>"

func (s *selectorScanner) next() {
	s.text = strings.TrimLeft(s.text, selectorSpace)
	n := strings.IndexAny(s.text, selectorSpace+selectorSymbols)
	switch {
	case n < 0:
		n = len(s.text)
	case n == 0 && (strings.HasPrefix(s.text, "==") || strings.HasPrefix(s.text, "!=")):
		n = 2
	case n == 0:
		n = 1
	}
	s.token, s.text = s.text[:n], s.text[n:]
}

func (s *selectorScanner) word() bool {
	return s.token != "" && !strings.ContainsAny(s.token[:1], selectorSymbols)
}

func (s *selectorScanner) unexpected(want string) error {
	if s.token == "" {
		return fmt.Errorf("it ends where %s should be", want)
	}
	return fmt.Errorf("it has %s where %s should be", quote(s.token), want)
}

func (s *selectorScanner) requirement() (requirement, error) {
	r := requirement{operator: "exists"}
	if s.token == "!" {
		r.operator = "absent"
		s.next()
	}
	if !s.word() {
		return r, s.unexpected("a key")
	}
	r.key = s.token
	if !grammar.LabelKey(r.key) {
		return r, fmt.Errorf("%s is no label key; a key is [prefix/]name, where the name has at most 63 letters, digits, '-', '_' or '.'", quote(r.key))
	}
	s.next()
	if r.operator == "absent" || s.token == "" || s.token == "," {
		return r, nil
	}
	operator := s.token
	switch operator {
	case "=", "==", "!=", "<", ">", "in", "notin":
		s.next()
	default:
		return r, s.unexpected("an operator (=, ==, !=, <, >, in, notin)")
	}
	var err error
	switch operator {
	case "in", "notin":
		r.operator = operator
		r.values, err = s.values()
	case "=", "==":
		r.operator = "in"
		r.values, err = s.value()
	case "!=":
		r.operator = "notin"
		r.values, err = s.value()
	default:
		r.operator = operator
		if r.values, err = s.value(); err == nil {
			if r.bound, err = strconv.ParseInt(r.values[0], 10, 64); err != nil {
				err = fmt.Errorf("%s is no whole number, which '%s' needs", quote(r.values[0]), operator)
			}
		}
	}
	if err != nil {
		return r, err
	}
	for _, v := range r.values {
		if !grammar.LabelValue(v) {
			return r, fmt.Errorf("%s is no label value; a value has at most 63 letters, digits, '-', '_' or '.', and begins and ends with a letter or digit", quote(v))
		}
	}
	return r, nil
}

// value reads the one value after an operator; it may be empty.
func (s *selectorScanner) value() ([]string, error) {
	switch {
	case s.token == "" || s.token == ",":
		return []string{""}, nil
	case s.word():
		v := s.token
		s.next()
		return []string{v}, nil
	}
	return nil, s.unexpected("a value")
}

// values reads a list in parentheses; each of its values may be empty.
func (s *selectorScanner) values() ([]string, error) {
	if s.token != "(" {
		return nil, s.unexpected("'('")
	}
	var values []string
	for {
		s.next()
		v := ""
		if s.word() {
			v = s.token
			s.next()
		}
		values = append(values, v)
		switch s.token {
		case ",":
		case ")":
			s.next()
			return values, nil
		default:
			return nil, s.unexpected("',' or ')'")
		}
	}
}
