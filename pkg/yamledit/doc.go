// Package yamledit reads YAML and JSON with byte positions and edits the text
// in place. It never emits a document anew: an edit is an insertion, a
// replacement or a removal at byte offsets, and every byte outside of the
// edits comes out as it went in.
//
// The way of an edit:
//
//	doc, err := yamledit.Parse(src)           // a tree with positions
//	place, err := node.After("b", "a")        // where a field b could stand
//	edit := yamledit.Edit{Place: place, Value: yamledit.Text("x")}
//	err = yamledit.Splice(w, src, []yamledit.Edit{edit})
//
// A [Place] is a small comparable value. It keeps no tree alive, so places of
// many documents can be gathered first and used later; two ways to one piece
// of text (an alias and its anchor) give equal places.
//
// Inserted text follows the document: its indentation, its sequences indented
// under their key or not, the line break of the line that it follows, flow
// style inside flow collections and JSON inside JSON. What cannot be edited as
// text without a doubt about the outcome is refused with an [*EditError].
//
// The same tree stands over a yaml.Node ([FromYAML]). Its places are nodes,
// and edits are grafted ([Graft]) instead of spliced.
//
// A string may hold YAML or JSON itself ([Node.Embedded]). Its places are places
// of the outer text, so that one Splice makes all edits: a line that is added to
// a literal block is indented as the block is, and text in quotes is escaped.
// TestEveryEmbeddedEdit holds the law for every way of writing a string.
//
// Two producers make a tree of a text. The scanner reads the YAML that people
// and tools mostly write; what it is not sure of, go.yaml.in/yaml/v3 reads, and
// both give the same tree. That parser knows where nodes start; where they end
// is found by walking the source along the decoded value. The law of
// this package is held by TestEveryEdit: for every entry, list and scalar, the
// text edit equals the same edit of the decoded data, and all other bytes stay.
package yamledit
