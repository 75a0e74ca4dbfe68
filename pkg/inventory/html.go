package inventory

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"io"
)

//go:embed page.html
var page []byte

// HTML is one page that needs nothing else: no network, no other file.
type HTML struct{}

// Write implements [Format]. The data stands in the page as JSON, in which the
// encoder escapes <, > and &, and the page's script puts it on the screen as
// text only.
func (HTML) Write(w io.Writer, images []Image) error {
	data, err := json.Marshal(images)
	if err != nil {
		return err
	}
	before, after, _ := bytes.Cut(page, []byte("DATA"))
	for _, part := range [][]byte{before, data, after} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}
