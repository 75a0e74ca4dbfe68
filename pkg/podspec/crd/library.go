package crd

import (
	"slices"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/yamledit"
)

// A Library holds CustomResourceDefinitions that do not stand among the objects
// which are edited. Their schemas are read when they are asked for.
type Library struct{ shelves []shelf }

type shelf struct {
	input       *manifest.Input
	definitions []shelved
}

type shelved struct {
	object  *manifest.Object
	teaches string // the kind
}

// Add puts the CustomResourceDefinitions of a text, manifests in YAML or JSON,
// into the library, and gives their number. Errors are those of [manifest.Read]
// and [manifest.Each]. The text must not change afterwards.
func (l *Library) Add(src []byte) (int, error) {
	input, err := manifest.Read(src)
	if err != nil {
		return 0, err
	}
	found, err := manifest.Each(input, func(o manifest.Object, n yamledit.Node) shelved {
		if !Is(o.Group(), o.Kind) {
			return shelved{}
		}
		return shelved{&o, Teaches(n)}
	})
	if err != nil {
		return 0, err
	}
	definitions := slices.DeleteFunc(found, func(d shelved) bool { return d.object == nil })
	l.shelves = append(l.shelves, shelf{input, definitions})
	return len(definitions), nil
}

// Teach gives a table with all that the library teaches of kinds that it lacks.
func (l *Library) Teach(table *podspec.Table) (*podspec.Table, error) {
	rows, err := l.Rows(Wanted{
		Kind:    func(string, string) bool { return true },
		Version: func(n Name) bool { return table.Lookup(n.Group, n.Version, n.Kind) == nil },
	})
	if err != nil || len(rows) == 0 {
		return table, err
	}
	return table.Learn(rows)
}

// Rows gives the rows that the library teaches for the versions of kinds that
// are wanted, in the order in which they were added.
func (l *Library) Rows(wanted Wanted) ([]v1alpha1.KindRow, error) {
	if l == nil {
		return nil, nil
	}
	var rows []v1alpha1.KindRow
	for _, s := range l.shelves {
		var objects []*manifest.Object
		for _, d := range s.definitions {
			if d.teaches != "" && wanted.Kind(GroupOf(d.object.Name), d.teaches) {
				objects = append(objects, d.object)
			}
		}
		found, err := manifest.Again(s.input, objects, func(_ manifest.Object, n yamledit.Node) []v1alpha1.KindRow {
			return Rows(n, wanted.Version)
		})
		if err != nil {
			return nil, err
		}
		rows = append(rows, slices.Concat(found...)...)
	}
	return rows, nil
}
