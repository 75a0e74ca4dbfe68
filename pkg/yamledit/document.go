package yamledit

import "go.yaml.in/yaml/v3"

// AppendDocument appends a mapping as a document in block style, with a line
// break ("\n", "\r\n" or "\r") at the end of each line.
func (v Value) AppendDocument(out []byte, lineBreak string) []byte {
	l := layout{eol: eolOf([]byte(lineBreak))}
	for i, item := range v.items {
		out = appendField(out, v.keys[i], item, l)
		out = append(out, lineBreak...)
	}
	return out
}

// AppendJSON appends a value as JSON on one line.
func (v Value) AppendJSON(out []byte) []byte { return appendInline(out, v, inJSON) }

// YAML gives the value as a node of a tree of its own.
func (v Value) YAML() *yaml.Node { return v.node(0) }

// EndsOpen says whether the document ends with a block scalar (| or >) that more
// lines after it would go on with, or give a line break.
func (d *Doc) EndsOpen() bool {
	return len(d.nodes) > 0 && d.lastLeaf(d.Root().at).form == formBlockScalar
}
