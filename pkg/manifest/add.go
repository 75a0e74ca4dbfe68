package manifest

import (
	"bytes"
	"errors"

	"github.com/pullable/pullable/pkg/yamledit"
)

// addItems gives the edits that add objects at the end of a ResourceList's
// items. The list is parsed as a whole for it; objects are added seldom.
func (in *Input) addItems(adds []yamledit.Value) ([]yamledit.Edit, error) {
	doc, problem := in.parseWhole(new(yamledit.Parser), 0)
	if problem != nil {
		return nil, problem
	}
	items, err := doc.Root().List("items", "")
	if err != nil {
		return nil, err
	}
	return items.Edit(nil, adds)
}

// tail gives the text that adds objects at the end of a stream: documents of
// their own, or JSON where the last one is that.
func (in *Input) tail(adds []yamledit.Value) ([]byte, error) {
	if len(adds) == 0 {
		return nil, nil
	}
	lineBreak := "\n"
	if i := bytes.IndexAny(in.src, "\r\n"); i >= 0 {
		lineBreak = breakAt(in.src, i)
	}
	var out []byte
	last := len(in.documents) - 1
	isJSON := last >= 0 && in.documents[last].json
	if n := len(in.src); n > 0 && in.src[n-1] != '\n' && in.src[n-1] != '\r' {
		if last >= 0 && !isJSON {
			doc, problem := in.parseWhole(new(yamledit.Parser), last)
			if problem != nil {
				return nil, problem
			}
			if doc.EndsOpen() {
				return nil, errors.New("an object cannot be added after text that ends with a block scalar and without a line break; end it with a line break")
			}
		}
		out = append(out, lineBreak...)
	}
	for _, object := range adds {
		if isJSON {
			out = append(object.AppendJSON(out), lineBreak...)
			continue
		}
		out = append(out, "---"+lineBreak...)
		out = object.AppendDocument(out, lineBreak)
	}
	return out, nil
}
