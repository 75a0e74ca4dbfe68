package build

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/files"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/tree"
	"github.com/pullable/pullable/pkg/yamledit"
)

// plain makes one stream of a folder's manifests.
func plain(o *Options, c *v1alpha1.ImagePullConfig, from string) (*Result, error) {
	ready, err := o.ready(c, from)
	if err != nil {
		return nil, err
	}
	inputs, err := manifests(o.Dir)
	if err != nil {
		return nil, err
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("%s holds neither a kustomization nor manifests (.yaml, .yml, .json)", o.Dir)
	}
	t, err := tree.Read(ready.Table(), o.Definitions, inputs, nil)
	if err != nil {
		return nil, err
	}
	var wrong []error
	for i := range t.Files {
		if f := &t.Files[i]; f.Err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", f.Path, f.Err))
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	plan := t.Decide(ready)
	texts, index := make([][]byte, len(t.Files)), make(map[string]int, len(t.Files))
	for i := range t.Files {
		texts[i], index[t.Files[i].Path] = t.Files[i].Content, i
	}
	type changed struct {
		path string
		text []byte
		err  error
	}
	for _, f := range tree.Each(plan, func(f *tree.FilePlan) changed {
		_, after, _, err := f.Change()
		return changed{f.Path, after, err}
	}) {
		if f.err != nil {
			return nil, fmt.Errorf("%s: %w", f.path, f.err)
		}
		texts[index[f.path]] = f.text
	}
	for i := range plan.Entries {
		o := plan.Entries[i].Object
		o.File = t.Files[o.Source].Path // for the messages
	}
	return finish(plan.Plan, from, func(out *bytes.Buffer) error {
		for _, text := range texts {
			appendDocument(out, text)
		}
		return nil
	})
}

// manifests reads the files of a folder that hold manifests, in the order of
// their paths. Configs of pullable are none.
func manifests(dir string) ([]tree.Input, error) {
	found, err := files.Find([]string{dir}, files.Options{Extensions: []string{".yaml", ".yml", ".json"}})
	if err != nil {
		return nil, err
	}
	var inputs []tree.Input
	for _, f := range found {
		switch {
		case filepath.Base(f.Path) == ConfigName:
			continue
		case isKustomization(f.Path):
			return nil, fmt.Errorf("%s: the folder has no kustomization, but this folder below it has one, so that its files are not what is applied: build that one, or name a folder of manifests", f.Path)
		}
		src, err := os.ReadFile(f.Real)
		switch {
		case err != nil:
			return nil, err
		case !manifest.LooksLikeObjects(src) || holdsConfig(src):
			continue
		case filepath.Ext(f.Path) == ".json":
			src = onePerLine(src)
		}
		// A byte-order mark may begin a file, and nothing in the middle of one.
		src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
		inputs = append(inputs, tree.Input{Path: f.Path, Content: src})
	}
	return inputs, nil
}

// holdsConfig says whether a file is a config of pullable.
func holdsConfig(src []byte) bool {
	if !bytes.Contains(src, []byte(v1alpha1.Kind)) {
		return false
	}
	doc, err := yamledit.Parse(src)
	return err == nil && forPullable(doc.Root())
}

// onePerLine writes JSON, one value after the other, as documents of a YAML
// stream: each on one line, because tabs may not indent YAML. What is no JSON
// stays, to be reported.
func onePerLine(src []byte) []byte {
	var out bytes.Buffer
	for d := json.NewDecoder(bytes.NewReader(src)); ; {
		var value json.RawMessage
		switch err := d.Decode(&value); {
		case err == io.EOF:
			return out.Bytes()
		case err != nil:
			return src
		}
		var line bytes.Buffer
		if err := json.Compact(&line, value); err != nil {
			return src
		}
		appendDocument(&out, line.Bytes())
	}
}

// appendDocument appends a text to a stream.
func appendDocument(out *bytes.Buffer, text []byte) {
	switch {
	case out.Len() == 0 || bytes.HasPrefix(text, []byte("---")):
	case bytes.HasPrefix(text, []byte("%")):
		out.WriteString("...\n") // directives stand before a document's ---
	default:
		out.WriteString("---\n")
	}
	out.Write(text)
	if len(text) > 0 && text[len(text)-1] != '\n' {
		out.WriteByte('\n')
	}
}
