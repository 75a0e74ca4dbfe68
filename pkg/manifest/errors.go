package manifest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pullable/pullable/pkg/yamledit"
)

// ErrEmpty is the error of [Read] for an input that has no bytes, or nothing
// but a byte-order mark. Comments and separators alone are no error.
var ErrEmpty = errors.New("the input is empty")

// An InputError says that the input is not what it must be, and where. It never
// holds content of the input but for apiVersion, kind, name and namespace.
type InputError struct {
	Line     int    // 1-based line in the input; 0 where it is not known
	Document int    // 1-based, empty documents not counted; 0 where there is only one
	Item     string // the item of a list, such as "items[3]" or "items[3].items[0]"; "" outside of lists
	Object   string // the object, such as "apps/v1 Deployment team/web", where it could be told
	Problem  string
}

func (e *InputError) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	var where []string
	if e.Document > 0 {
		where = append(where, fmt.Sprintf("document %d", e.Document))
	}
	if e.Item != "" {
		where = append(where, e.Item)
	}
	b.WriteString(strings.Join(where, ", "))
	switch {
	case e.Object != "" && len(where) > 0:
		b.WriteString(" (" + e.Object + ")")
	case e.Object != "":
		b.WriteString(e.Object)
	}
	if e.Object != "" || len(where) > 0 {
		b.WriteString(": ")
	}
	b.WriteString(e.Problem)
	return b.String()
}

// syntaxProblem turns a parser's error into one of ours, without the content
// that the parser may have quoted.
func syntaxProblem(err error) *InputError {
	var syntax *yamledit.SyntaxError
	if errors.As(err, &syntax) {
		return &InputError{Line: syntax.Line, Problem: withoutContent(syntax.Reason)}
	}
	return &InputError{Problem: withoutContent(err.Error())}
}

// longestQuote is the longest quotation that a parser's message may keep: its
// own words are "','", "'}'" or "':'", while the name behind a * that was meant
// as the first letter of a password is longer.
const longestQuote = 2

// withoutContent takes quotations out of a parser's message: the parser names
// anchors and tags, and what it takes for one can be part of a secret.
func withoutContent(message string) string {
	var b strings.Builder
	for message != "" {
		open := strings.IndexAny(message, "'\"`")
		if open < 0 {
			break
		}
		quote := message[open]
		length := strings.IndexByte(message[open+1:], quote)
		if length == 0 && strings.HasPrefix(message[open+2:], string(quote)) {
			length = 1 // a quoted quote
		}
		if length < 0 {
			b.WriteString(message[:open] + "…")
			message = ""
			break
		}
		b.WriteString(message[:open])
		if quoted := message[open : open+length+2]; length <= longestQuote {
			b.WriteString(quoted)
		} else {
			b.WriteString("…")
		}
		message = message[open+length+2:]
	}
	b.WriteString(message)
	return b.String()
}
