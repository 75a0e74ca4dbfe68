package yamledit

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// Graft makes edits in the node tree that their places come from. Equal edits
// are one edit. Edits of one place that differ are a [*Conflict], and then
// nothing is changed.
func Graft(edits []Edit) error {
	var distinct []Edit
	byPlace := map[Place]int{}
	for _, e := range edits {
		if e.Place.node == nil {
			return &EditError{Reason: "a place in a text is not a place in a node tree"}
		}
		i, known := byPlace[e.Place]
		switch {
		case !known:
			byPlace[e.Place] = len(distinct)
			distinct = append(distinct, e)
		case !distinct[i].Value.Equal(e.Value):
			return &Conflict{Line: e.Place.node.Line}
		}
	}
	texts, err := embeddedTexts(distinct)
	if err != nil {
		return err
	}
	for _, e := range distinct {
		if !e.Place.inText {
			e.Place.graft(e.Value)
		}
	}
	for n, text := range texts {
		n.Value = text
	}
	return nil
}

// embeddedTexts gives the texts that strings hold after their edits.
func embeddedTexts(edits []Edit) (map[*yaml.Node]string, error) {
	byNode := map[*yaml.Node][]Edit{}
	for _, e := range edits {
		if n := e.Place.node; e.Place.inText {
			e.Place.node, e.Place.inText = nil, false
			byNode[n] = append(byNode[n], e)
		}
	}
	texts := map[*yaml.Node]string{}
	for n, edits := range byNode {
		text, err := Apply([]byte(n.Value), edits)
		if err != nil {
			return nil, &Conflict{Line: n.Line}
		}
		texts[n] = string(text)
	}
	return texts, nil
}

func (p Place) graft(v Value) {
	n := p.node
	style := n.Style & yaml.FlowStyle
	switch {
	case p.op == opField:
		at := len(n.Content)
		if i := keyIndex(n, p.next); i >= 0 {
			at = i + 2
		}
		n.Content = slices.Insert(n.Content, at, Text(p.key).node(0), v.node(style))
	case p.op == opItems:
		n.Content = append(n.Content, v.node(style).Content...)
	case p.op == opReplace:
		fresh := v.node(n.Style &^ (yaml.LiteralStyle | yaml.FoldedStyle | yaml.TaggedStyle))
		if v.kind == String {
			fresh.Style |= n.Style & (yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle)
		}
		n.Kind, n.Tag, n.Value, n.Content, n.Alias, n.Style = fresh.Kind, fresh.Tag, fresh.Value, fresh.Content, nil, fresh.Style
	case p.item != nil:
		if i := slices.Index(n.Content, p.item); i >= 0 {
			n.Content = slices.Delete(n.Content, i, i+1)
		}
	default:
		if i := keyIndex(n, p.key); i >= 0 {
			n.Content = slices.Delete(n.Content, i, i+2)
		}
	}
}

func keyIndex(n *yaml.Node, key string) int {
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		if k.Kind == yaml.ScalarNode && k.Value == key && k.Tag != "!!merge" {
			return i
		}
	}
	return -1
}
