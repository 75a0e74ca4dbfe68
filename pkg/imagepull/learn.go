package imagepull

import (
	"fmt"
	"slices"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/podspec/crd"
	"github.com/pullable/pullable/pkg/yamledit"
)

// Learn sees to the objects of kinds that the table lacks and that
// CustomResourceDefinitions, among the objects or in a library (nil for none),
// define: it gathers their facts again, now that it is known where to look, and
// puts them in the place of the old ones. An object's own definition among the
// objects goes before the library's.
//
// Where no such objects and definitions meet it costs next to nothing, and no
// schema is read.
func Learn(table *podspec.Table, library *crd.Library, facts []Facts, again Again) error {
	var lacking, definitions []int
	for i := range facts {
		switch f := &facts[i]; {
		case f.Defines != "":
			definitions = append(definitions, i)
		case len(f.Lacks) > 0:
			lacking = append(lacking, i)
		}
	}
	if len(lacking) == 0 || len(definitions) == 0 && library == nil {
		return nil
	}
	versions, kinds := map[podspec.Name]bool{}, map[[2]string]bool{}
	for _, i := range lacking {
		for _, name := range facts[i].Lacks {
			versions[name], kinds[[2]string{name.Group, name.Kind}] = true, true
		}
	}
	wanted := crd.Wanted{
		Kind:    func(group, kind string) bool { return kinds[[2]string{group, kind}] },
		Version: func(name podspec.Name) bool { return versions[name] },
	}

	definitions = slices.DeleteFunc(definitions, func(i int) bool {
		return !wanted.Kind(crd.GroupOf(facts[i].Object.Name), facts[i].Defines)
	})
	lessons, err := again(definitions, func(_ manifest.Object, n yamledit.Node) Lesson {
		return Lesson{rows: crd.Rows(n, wanted.Version)}
	})
	if err != nil {
		return err
	}
	more, err := library.Rows(wanted)
	if err != nil {
		return err
	}
	var rows []v1alpha1.KindRow
	for i := range lessons {
		rows = append(rows, lessons[i].rows...)
	}
	if rows = append(rows, more...); len(rows) == 0 {
		return nil
	}
	if table, err = table.Learn(rows); err != nil {
		return fmt.Errorf("a row that was learnt: %w", err)
	}

	lacking = slices.DeleteFunc(lacking, func(i int) bool {
		return !slices.ContainsFunc(facts[i].Lacks, func(name podspec.Name) bool {
			return table.Lookup(name.Group, name.Version, name.Kind) != nil
		})
	})
	lessons, err = again(lacking, func(o manifest.Object, n yamledit.Node) Lesson {
		return Lesson{facts: Gather(table, o, n)}
	})
	if err != nil {
		return err
	}
	for at, i := range lacking {
		learnt := lessons[at].facts
		learnt.Object, learnt.Names = facts[i].Object, facts[i].Names // others gave them more than Gather knows
		facts[i] = learnt
	}
	return nil
}

// Again gives the objects of some facts once more, by their indexes in ascending
// order. The answers of f are in their order.
type Again func(which []int, f func(manifest.Object, yamledit.Node) Lesson) ([]Lesson, error)

// AgainFrom is for facts that were gathered from one input.
func AgainFrom(input *manifest.Input, facts []Facts) Again {
	return func(which []int, f func(manifest.Object, yamledit.Node) Lesson) ([]Lesson, error) {
		objects := make([]*manifest.Object, len(which))
		for at, i := range which {
			objects[at] = &facts[i].Object
		}
		return manifest.Again(input, objects, f)
	}
}

// A Lesson is what [Learn] takes from one object.
type Lesson struct {
	rows  []v1alpha1.KindRow
	facts Facts
}

// Each calls f with the facts that the lesson holds, so that f can change them.
func (l *Lesson) Each(f func(*Facts)) {
	if l.facts.Object.Kind != "" {
		f(&l.facts)
	}
}
