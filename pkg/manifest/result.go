package manifest

import (
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
	Object   *Object // gives resourceRef, and with Object.File also file; nil: none
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

// append appends results to a text; so many of the list stand before them.
func (e emitter) append(out []byte, results []Result, before int) []byte {
	e.out = out
	for i := range results {
		e.openItem(before + i)
		e.result(&results[i])
		e.closeItem()
	}
	return e.out
}

func (e *emitter) result(r *Result) {
	e.field("message", r.Message)
	if r.Severity != "" {
		e.field("severity", string(r.Severity))
	}
	if r.Object != nil && !r.Object.zero() {
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
	if r.Object != nil && r.Object.File != "" {
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
		e.out = e.newLine(e.out)
	case e.json:
		e.out = append(e.out, e.comma...)
		e.out = e.newLine(e.out)
	case !e.first:
		e.out = e.newLine(e.out)
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

func (e *emitter) newLine(out []byte) []byte {
	out = append(out, e.lineBreak...)
	if e.lineBreak != "" {
		out = append(out, e.padding[:e.indent]...)
	}
	return out
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
		e.out = e.newLine(e.out)
		e.out = append(e.out, '}')
	}
	e.first = false
}

func (e *emitter) openItem(i int) {
	if e.json {
		if i > 0 {
			e.out = append(e.out, e.comma...)
		}
		e.out = e.newLine(e.out)
		e.out = append(e.out, '{')
	} else {
		e.out = e.newLine(e.out)
		e.out = append(e.out, "- "...)
	}
	e.indent += e.step
	e.first = true
}

func (e *emitter) closeItem() { e.close() }

// readable says which characters may stand in a text that needs no quotes:
// always, or inside of it and before no blank.
var readable = func() (t [256]uint8) {
	for _, c := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./@,;+=()[]*?" {
		t[c] = always
	}
	t[' '], t[':'] = inside, inside
	return t
}()

const (
	always = 1 + iota
	inside
)

// readsAsItself says whether every reader of YAML 1.1 and 1.2 takes the text,
// unquoted and in block style, for this string. It errs on the side of quotes.
// A text that starts with a letter is no number, date or merge key, so the words
// that are no strings are few.
func readsAsItself(s string) bool {
	if s == "" || !isLetter(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		switch readable[s[i]] {
		case always:
		case inside:
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
