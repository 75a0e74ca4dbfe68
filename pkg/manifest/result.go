package manifest

import (
	"bufio"
	"strconv"
	"strings"

	"github.com/pullable/pullable/pkg/yamledit"
)

// A Severity says how much a [Result] matters. The words are those of the KRM
// functions specification.
type Severity string

const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityInfo    Severity = "info"
)

// A Result is one entry of a ResourceList's results, as the KRM functions
// specification (kustomize, cmd/config/docs/api-conventions/functions-spec.md)
// and kyaml's framework.Result have it. Fields without a value are not written.
type Result struct {
	Message  string
	Severity Severity
	Object   Object // gives resourceRef, and with Object.File also file
	Field    Field
	Tags     []Tag // written in this order, which should be that of the keys
}

// A Field names a field of the object and its values.
type Field struct {
	Path                    string // such as spec.containers[0].imagePullPolicy; "": no field
	Current, Proposed       string
	HasCurrent, HasProposed bool // also an empty string is a value
}

// A Tag is one entry of a result's tags.
type Tag struct{ Key, Value string }

// An emitter writes results. It knows their shape once; how it looks in block
// style and in JSON is decided by its few small methods.
type emitter struct {
	w         *bufio.Writer // takes what there is now and then; nil: nobody does
	out       []byte
	json      bool
	indent    int    // of the mapping at hand
	padding   string // what indentation is cut from
	step      int    // JSON: width of the indentation
	lineBreak string // JSON on one line: ""
	comma     string // JSON: between entries
	colon     string // after a key
	first     bool   // nothing stands in the mapping at hand
}

func (e *emitter) results(results []Result) {
	for i := range results {
		e.openItem(i)
		e.result(&results[i])
		e.closeItem()
		if e.w != nil && len(e.out) > 32<<10 {
			e.w.Write(e.out) // its error stays with it until it is flushed
			e.out = e.out[:0]
		}
	}
}

func (e *emitter) result(r *Result) {
	e.field("message", r.Message)
	if r.Severity != "" {
		e.field("severity", string(r.Severity))
	}
	if !r.Object.zero() {
		e.open("resourceRef")
		e.fieldIfSet("apiVersion", r.Object.APIVersion)
		e.fieldIfSet("kind", r.Object.Kind)
		e.fieldIfSet("name", r.Object.Name)
		e.fieldIfSet("namespace", r.Object.Namespace)
		e.close()
	}
	if r.Field.Path != "" {
		e.open("field")
		e.field("path", r.Field.Path)
		if r.Field.HasCurrent {
			e.field("currentValue", r.Field.Current)
		}
		if r.Field.HasProposed {
			e.field("proposedValue", r.Field.Proposed)
		}
		e.close()
	}
	if r.Object.File != "" {
		e.open("file")
		e.field("path", r.Object.File)
		if r.Object.FileIndex >= 0 {
			e.key("index")
			e.out = strconv.AppendInt(e.out, int64(r.Object.FileIndex), 10)
		}
		e.close()
	}
	if len(r.Tags) > 0 {
		e.open("tags")
		for _, t := range r.Tags {
			e.field(t.Key, t.Value)
		}
		e.close()
	}
}

func (e *emitter) fieldIfSet(key, value string) {
	if value != "" {
		e.field(key, value)
	}
}

func (e *emitter) field(key, value string) {
	e.key(key)
	e.text(value)
}

// key writes a key, on a line of its own but for the first one behind a dash.
func (e *emitter) key(key string) {
	switch {
	case e.json && e.first:
		e.newLine()
	case e.json:
		e.out = append(e.out, e.comma...)
		e.newLine()
	case !e.first:
		e.newLine()
	}
	e.first = false
	if e.json {
		e.text(key)
	} else {
		e.out = append(e.out, key...) // all keys read as themselves
	}
	e.out = append(e.out, e.colon...)
}

func (e *emitter) text(s string) {
	if !e.json && readsAsItself(s) {
		e.out = append(e.out, s...)
		return
	}
	e.out = yamledit.AppendQuoted(e.out, s)
}

func (e *emitter) newLine() {
	e.out = append(e.out, e.lineBreak...)
	if e.lineBreak != "" {
		e.out = append(e.out, e.padding[:e.indent]...)
	}
}

// open begins the mapping of a key.
func (e *emitter) open(key string) {
	e.key(key)
	e.indent += e.step
	e.first = true
	if e.json {
		e.out = append(e.out, '{')
		return
	}
	e.out = e.out[:len(e.out)-1] // the blank after the colon
	e.first = false
}

func (e *emitter) close() {
	e.indent -= e.step
	if e.json {
		e.newLine()
		e.out = append(e.out, '}')
	}
	e.first = false
}

func (e *emitter) openItem(i int) {
	if e.json {
		if i > 0 {
			e.out = append(e.out, e.comma...)
		}
		e.newLine()
		e.out = append(e.out, '{')
	} else {
		e.newLine()
		e.out = append(e.out, "- "...)
	}
	e.indent += e.step
	e.first = true
}

func (e *emitter) closeItem() { e.close() }

// readsAsItself says whether every reader of YAML 1.1 and 1.2 takes the text,
// unquoted and in block style, for this string. It errs on the side of quotes.
// A text that starts with a letter is no number, date or merge key, so the words
// that are no strings are few.
func readsAsItself(s string) bool {
	if s == "" || !isLetter(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case isLetter(c), '0' <= c && c <= '9':
		case c == '-', c == '_', c == '.', c == '/', c == '@', c == ',', c == ';', c == '+', c == '=', c == '(', c == ')', c == '[', c == ']', c == '*', c == '?':
		case c == ' ', c == ':':
			// ": " would end a key, and a blank at the end would be lost.
			if i+1 == len(s) || s[i+1] == ' ' {
				return false
			}
		default:
			return false
		}
	}
	if len(s) > len("false") || strings.IndexByte("yYnNoOtTfF", s[0]) < 0 {
		return true
	}
	for _, word := range [...]string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"} {
		if strings.EqualFold(s, word) {
			return false
		}
	}
	return true
}
