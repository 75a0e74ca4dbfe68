package manifest

import (
	"slices"

	"github.com/pullable/pullable/pkg/yamledit"
)

// Again calls f once more for some of the objects that [Each] gave, and gives
// f's answers in their order. Only the text around them is parsed. It is for
// what turned out to matter after all objects were seen.
//
// Objects that share a line and a name, as copies in JSON on one line do, are
// told apart by their order: ask for all of them or for none.
//
// As with Each, f is called on all cores at once, its node is valid during the
// call only, and now and then it is called for nothing. Errors are [*InputError];
// there are none where Each had none.
func Again[T any](in *Input, objects []*Object, f func(Object, yamledit.Node) T) ([]T, error) {
	type found struct {
		object identity
		answer T
	}
	wanted := map[identity][]int{} // the objects of one identity, in their order
	lines := make([]int, len(objects))
	for i, o := range objects {
		wanted[identityOf(o)] = append(wanted[identityOf(o)], i)
		lines[i] = o.Line
	}
	slices.Sort(lines)
	units := in.around(lines)
	visit := func(all *[]found) func(Object, yamledit.Node) {
		return func(o Object, n yamledit.Node) {
			if _, ok := wanted[identityOf(&o)]; ok {
				*all = append(*all, found{identityOf(&o), f(o, n)})
			}
		}
	}

	byUnit := make([][]found, len(units))
	problems := make([]*InputError, len(units))
	r := newRun(&Input{units: in.units[:len(units)]})
	r.onEveryCore(func() {
		w := walker{in: in} // its parser's memory serves one unit after another
		for {
			i := int(r.next.Add(1)) - 1
			if i >= len(units) {
				return
			}
			w.visit = visit(&byUnit[i])
			problems[i] = w.unit(units[i])
		}
	})

	var all []found
	whole := -1 // the last document that was read as a whole, because its pieces do not stand on their own
	for i, unit := range units {
		d := in.units[unit].document
		switch {
		case d == whole:
		case problems[i] == nil:
			all = append(all, byUnit[i]...)
		default:
			all = slices.DeleteFunc(all, func(f found) bool { return f.object.line >= in.documents[d].line })
			w := walker{in: in, visit: visit(&all)}
			if problem := w.whole(d); problem != nil {
				return nil, problem
			}
			whole = d
		}
	}
	answers := make([]T, len(objects))
	for _, one := range all {
		if places := wanted[one.object]; len(places) > 0 {
			answers[places[0]], wanted[one.object] = one.answer, places[1:]
		}
	}
	return answers, nil
}

// An identity tells the objects of an input apart, but for copies on one line.
type identity struct {
	line                              int
	apiVersion, kind, name, namespace string
}

func identityOf(o *Object) identity {
	return identity{o.Line, o.APIVersion, o.Kind, o.Name, o.Namespace}
}

// around gives the units that hold the objects which start at these lines, in
// ascending order. In JSON several may share a line.
func (in *Input) around(lines []int) []int {
	var units []int
	for i := range in.units {
		from := in.units[i].line
		at, _ := slices.BinarySearch(lines, from)
		if at == len(lines) {
			break
		}
		if i+1 == len(in.units) || lines[at] <= in.units[i+1].line {
			units = append(units, i)
		}
	}
	return units
}
