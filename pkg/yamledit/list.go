package yamledit

import (
	"slices"
)

// A List is what it takes to edit one list of a mapping later, without the
// tree: a list that is there, is null, or is not there yet.
type List struct {
	write  Place // of the items that are added, or of the whole field
	remove Place // takes the whole field out
	empty  Place // makes the list empty where the field cannot be taken out
	refuse error // why the list cannot be emptied
	only   bool  // it is the only field of its mapping
	field  bool  // write is the place of a field or a value, not of items
	items  []taken
}

// taken is what taking an item out needs: one range for lists in block style;
// in flow style where the item starts and ends.
type taken struct {
	place  Place
	refuse error
}

// List gives the means to edit the list that is a mapping's field. Where the
// mapping has no such field of its own, it is created after sibling.
func (n Node) List(key, sibling string) (List, error) {
	l, err := n.list(key, sibling)
	if err != nil || !n.embedded() {
		return l, err
	}
	d := n.doc
	if l.write, err = d.outward(l.write, nil); err != nil {
		return List{}, err
	}
	var refuse error
	if l.remove, refuse = d.outward(l.remove, nil); refuse != nil {
		l.refuse = refuse
	}
	// An item is taken out together with what stands between it and its
	// neighbours, so all of their places must be known.
	var every error
	translate := func(p Place) Place {
		p, refuse := d.outward(p, nil)
		if refuse != nil {
			every = refuse
		}
		return p
	}
	l.empty = translate(l.empty)
	for i := range l.items {
		l.items[i].place = translate(l.items[i].place)
	}
	for i := range l.items {
		if every != nil {
			l.items[i].refuse = every
		}
	}
	return l, nil
}

func (n Node) list(key, sibling string) (List, error) {
	if n.Kind() != Mapping {
		return List{}, n.refuse("it is " + n.Kind().String() + ", not a mapping")
	}
	m := n.follow()
	k, v, ok := m.entry(key)
	if !ok {
		p, err := n.after(key, sibling)
		return List{write: p, field: true}, err
	}
	var l List
	if l.remove, l.refuse = m.removal(key); l.refuse != nil {
		l.remove = Place{}
	}
	l.only = m.raw().count == 2
	switch v.Kind() {
	case Null:
		return l, l.overNull(m, k, v)
	case Sequence:
		return l, l.overItems(v.follow(), key)
	}
	return List{}, v.refuse("it is " + v.Kind().String() + ", not a list")
}

// overNull sets the place of a list that takes the place of null.
func (l *List) overNull(m, k, v Node) error {
	d := m.doc
	r := v.raw()
	if r.form == formAlias || d.overNodes() || d.json || r.text != "" || m.raw().form == formFlow {
		p, err := v.replace()
		l.write, l.field = p, true
		return err
	}
	if afterProperties, _, err := d.skipProperties(r); err != nil || afterProperties != r.start {
		return v.refuse("a list cannot follow its anchor or tag")
	}
	column, err := m.column()
	if err != nil {
		return err
	}
	if start := k.raw().start; start-d.lineStart(start) != column {
		return v.refuse("it stands behind a ?")
	}
	l.write = Place{op: opItems, layout: layout{indent: column}}
	if d.indentsLists(m) {
		l.write.indent += 2
	}
	end, err := d.entryEnd(k, v)
	if err != nil {
		return err
	}
	return d.nextLine(&l.write, end)
}

// overItems sets the places of a list that is there.
func (l *List) overItems(s Node, key string) error {
	d, r := s.doc, s.raw()
	switch {
	case d.overNodes():
		l.write = Place{op: opItems, node: r.yaml}
		l.empty = Place{op: opReplace, node: r.yaml}
		for _, item := range s.Items() {
			l.items = append(l.items, taken{Place{op: opRemove, node: r.yaml, item: item.raw().yaml}, d.unshared(item)})
		}
		return nil
	case r.form == formFlow:
		return l.overFlow(s)
	}
	return l.overBlock(s)
}

func (l *List) overFlow(s Node) error {
	d := s.doc
	_, content, err := d.skipProperties(s.raw())
	if err != nil {
		return err
	}
	end, err := d.endOf(s.at)
	if err != nil {
		return err
	}
	how := d.notation()
	l.empty = Place{op: opReplace, how: how, start: content, end: end}
	l.write = Place{op: opFlowItems, how: how, start: content + 1, end: content + 1, bare: true}
	for i, item := range s.Items() {
		end, err := d.endOf(item.at)
		if err != nil {
			return err
		}
		if item.raw().unwritten() || d.commentAt(end) {
			return d.refuse(end, "a list in brackets has an item without a value, or a comment right behind one")
		}
		start := item.raw().start
		l.items = append(l.items, taken{Place{op: opRemove, start: start, end: end}, d.unshared(item)})
		l.write.start, l.write.end, l.write.bare = end, end, false
		if i == 1 && d.json && d.src[start-1] == ',' {
			l.write.how = inCompactJSON
		}
	}
	return nil
}

func (l *List) overBlock(s Node) error {
	d := s.doc
	_, at, err := d.skipProperties(s.raw())
	if err != nil {
		return err
	}
	var dashes, ends []int
	for _, item := range s.Items() {
		if at = d.skipToContent(at); at >= d.limit || d.src[at] != '-' {
			return d.refuse(at, "a list's dash is not where it should be")
		}
		end, err := d.endOf(item.at)
		if err != nil {
			return err
		}
		dashes, ends = append(dashes, at), append(ends, max(end, at+1))
		at = ends[len(ends)-1]
	}
	line := d.lineStart(dashes[0])
	if !onlyMarks(d.src[line:dashes[0]]) {
		return d.refuse(dashes[0], "something else stands on the line before it")
	}
	last := len(ends) - 1
	l.write = Place{op: opItems, layout: layout{indent: dashes[0] - line, indented: d.indentsLists(s)}}
	if err := d.nextLine(&l.write, ends[last]); err != nil {
		return err
	}
	if l.write.bare && d.lastLeaf(s.kid(int32(last)).at).form == formBlockScalar {
		return d.refuse(dashes[last], "a line after a block scalar that ends without a line break would change it")
	}
	afterText := false
	for i, item := range s.Items() {
		following := unknown
		if i < last {
			following = dashes[i+1]
		}
		p, err := d.removeLines(dashes[i], ends[i], following)
		if err == nil && afterText {
			err = d.closed(p)
		}
		afterText = afterText || d.lastLeaf(item.at).form == formBlockScalar
		if err == nil {
			err = d.unshared(item)
		}
		l.items = append(l.items, taken{p, err})
	}
	return nil
}

// Edit takes items out, by their indexes in ascending order, and adds others at
// the end. A list that loses all of its items goes away with its field, or
// becomes an empty one where it is the only field.
func (l List) Edit(remove []int, add []Value) ([]Edit, error) {
	if l.field || len(remove) == 0 {
		if len(add) == 0 {
			return nil, nil
		}
		return []Edit{{l.write, ListOf(add...)}}, nil
	}
	for _, i := range remove {
		if err := l.items[i].refuse; err != nil {
			return nil, err
		}
	}
	if len(remove) > 1 && remove[1] == 1 && l.items[0].place.end > l.items[1].place.start {
		return nil, &EditError{Reason: "its first item shares a line with what stands before it"}
	}
	if len(remove) == len(l.items) {
		switch {
		case len(add) == 0 && l.remove.Exists():
			return []Edit{{Place: l.remove}}, nil
		case l.empty.Exists() && (l.only || len(add) > 0):
			return []Edit{{l.empty, ListOf(add...)}}, nil
		case len(add) == 0:
			return nil, l.refuse
		}
	}
	edits := make([]Edit, 0, len(remove)+1)
	for _, i := range remove {
		edits = append(edits, Edit{Place: l.takeOut(i, remove)})
	}
	if len(add) > 0 {
		edits = append(edits, Edit{l.write, ListOf(add...)})
	}
	return edits, nil
}

// takeOut gives the place that takes one item out. In flow style the comma
// before it goes with it, or the one after it where all items before it go as
// well. Lines at the end of a text without a final line break go with the
// break before them.
func (l List) takeOut(i int, remove []int) Place {
	p, last := l.items[i].place, len(l.items)-1
	stays := func(from, to int) bool {
		for j := from; j < to; j++ {
			if !slices.Contains(remove, j) {
				return true
			}
		}
		return false
	}
	switch {
	case p.node != nil && !p.inText:
	case l.write.op == opFlowItems && stays(0, i):
		p.start = l.items[i-1].place.end
	case l.write.op == opFlowItems:
		p.end = l.items[i+1].place.start
	case l.items[last].place.bare && !stays(i, last):
		p = p.withBreakBefore()
		if i < last {
			p.end = l.items[i+1].place.withBreakBefore().start
		}
	}
	return p
}
