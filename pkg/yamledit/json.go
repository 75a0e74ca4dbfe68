package yamledit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ParseJSON reads the JSON value in src[start:end]; offsets are those of src.
// JSON has a reader of its own because it is no subset of what the YAML parser
// takes (escaped slashes, surrogate pairs, long keys).
func (p *Parser) ParseJSON(src []byte, start, end int) (*Doc, error) {
	p.reset(src, start, end)
	p.doc.json = true
	r := jsonReader{doc: &p.doc, dec: json.NewDecoder(bytes.NewReader(src[start:end])), base: start, at: start}
	r.dec.UseNumber()
	if bytes.HasPrefix(src[start:end], byteOrderMark) {
		return nil, &SyntaxError{Line: 1, Reason: "a byte-order mark stands before JSON"}
	}
	root, err := r.value()
	if err == nil {
		if _, more := r.dec.Token(); more == nil {
			err = errors.New("more text follows the value")
		} else if more != io.EOF {
			err = more
		}
	}
	if err != nil {
		at := min(r.base+int(r.dec.InputOffset()), end)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err, at = errors.New("the text ends in the middle of a value"), end
		}
		for at < end && strings.IndexByte(" \t\r\n", src[at]) >= 0 {
			at++ // the decoder counts to the end of the last token that was right
		}
		return nil, &SyntaxError{Line: lineAt(src, at), Reason: err.Error()}
	}
	p.doc.root = root
	return &p.doc, nil
}

// deepest is how deep JSON may be nested, as for encoding/json and the YAML
// parser.
const deepest = 10_000

type jsonReader struct {
	doc  *Doc
	dec  *json.Decoder
	base int
	at   int // end of the last token
	open int // collections that the reader is in
}

func (r *jsonReader) value() (int32, error) {
	token, err := r.dec.Token()
	if err != nil {
		return 0, err
	}
	return r.from(token)
}

// from adds the value that begins with a token which was just read.
func (r *jsonReader) from(token json.Token) (int32, error) {
	d := r.doc
	start := r.at
	for strings.IndexByte(" \t\r\n,:", d.src[start]) >= 0 {
		start++
	}
	r.at = r.base + int(r.dec.InputOffset())
	at := int32(len(d.nodes))
	n := node{start: start, end: r.at, target: -1, form: formPlain}
	switch t := token.(type) {
	case nil:
		n.kind, n.text = Null, "null"
	case bool:
		n.kind, n.text = Bool, string(d.src[start:r.at])
	case json.Number:
		n.kind, n.text = Number, t.String()
	case string:
		n.kind, n.text, n.form = String, t, formDouble
	case json.Delim:
		n.kind, n.form = Mapping, formFlow
		if t == '[' {
			n.kind = Sequence
		}
		d.nodes = append(d.nodes, n)
		if r.open++; r.open > deepest {
			return 0, fmt.Errorf("exceeded max depth of %d", deepest)
		}
		var kids []int32
		for r.dec.More() {
			kid, err := r.value()
			if err != nil {
				return 0, err
			}
			kids = append(kids, kid)
		}
		if _, err := r.dec.Token(); err != nil {
			return 0, err
		}
		r.open--
		r.at = r.base + int(r.dec.InputOffset())
		own := &d.nodes[at]
		own.end, own.kids, own.count = r.at, int32(len(d.kids)), int32(len(kids))
		d.kids = append(d.kids, kids...)
		return at, nil
	}
	d.nodes = append(d.nodes, n)
	return at, nil
}
