// Package manifest reads what hosts send: a ResourceList, or a stream of YAML
// or JSON documents, with kinds that hold others (List, PodList, …) opened at
// any depth. Objects come in, objects go out, and text is never emitted anew:
// every byte that is not part of an edit comes out as it went in.
//
//	in, err := manifest.Read(src)
//	facts, err := manifest.Each(in, func(o manifest.Object, n yamledit.Node) Facts { … })
//	err = in.Write(w, edits, adds, results)
//
// # How the input is split
//
// A stream is split at its document markers. A list in block style is split
// once more, at the dashes of its top-level items, so that objects are parsed
// one by one, on every core, and no tree outlives the call that it is for. A
// line that looks like such a dash can be something else (text in a quoted
// scalar), and an item can need another (an anchor). Therefore the text around
// the items and every piece are parsed on their own, and a piece must be a list
// of one entry; where one is not, the document is parsed as a whole and the
// pieces are forgotten. A quote, a bracket or a block scalar that is open at a
// dash makes the piece before it fail, so what passes is what the parser of the
// whole would have seen.
//
// JSON is split by its brackets.
package manifest
