package main

import (
	"io"
	"slices"

	"github.com/pullable/pullable/pkg/benchmark/manifests"
)

// seed makes the manifests the same in every run, so that figures of two days can be compared.
const seed = 1

// An input is one file that every command reads.
type input struct {
	name        string
	write       func(io.Writer) (objects int, err error)
	stream      func(io.Writer) error // the same objects as a plain stream, for kustomize
	full, smoke plan
}

// A plan says which commands run, in this order, and how often each.
type plan struct {
	rounds   int
	commands []string
	compared bool // the outputs are compared elsewhere: on another input that is made alike
}

// growth is the input on which pullable is compared with itself on a tenth of it.
const growth = "10,000 objects against 1,000"

var inputs = []input{
	synthetic("1 object", 1, plan{41, []string{naive, pullable, yq, kustomize, cat}, false}, plan{21, []string{naive, pullable}, false}),
	synthetic("100 objects", 100, plan{21, []string{naive, pullable, yq, kustomize, cat}, false}, plan{5, []string{naive, pullable}, false}),
	synthetic("1,000 objects", 1000, plan{11, []string{naive, pullable, parserForced, yq, kustomize, cat}, false}, plan{3, []string{naive, pullable, parserForced}, false}),
	// yq needs 3 GiB here and as long as the naive function, and kustomize minutes.
	synthetic("10,000 objects", 10_000, plan{5, []string{naive, pullable, parserForced, fromPipe, cat}, false}, plan{1, []string{naive, pullable, parserForced, fromPipe}, true}),
	// Neither yq nor kustomize: the expression knows the kinds of package manifests only, and of many objects here there are
	// several with one name, which kustomize refuses.
	{
		name:  "real objects without CRDs",
		write: writeReal(func(o shipped) bool { return !o.crd }),
		full:  plan{11, []string{naive, pullable, parserForced, fromPipe, cat}, false},
		smoke: plan{1, []string{naive, pullable}, false},
	},
	{
		name:  "real objects",
		write: writeReal(func(shipped) bool { return true }),
		full:  plan{5, []string{naive, pullable, parserForced, fromPipe, cat}, false},
	},
	synthetic(growth, 10_000, plan{21, []string{onATenth, pullable}, true}, plan{5, []string{onATenth, pullable}, true}),
}

func synthetic(name string, objects int, full, smoke plan) input {
	return input{
		name:   name,
		write:  func(w io.Writer) (int, error) { return objects, manifests.ResourceList(w, seed, objects) },
		stream: func(w io.Writer) error { return manifests.Stream(w, seed, objects) },
		full:   full,
		smoke:  smoke,
	}
}

func writeReal(keep func(shipped) bool) func(io.Writer) (int, error) {
	return func(w io.Writer) (int, error) {
		all, err := shippedObjects()
		if err != nil {
			return 0, err
		}
		kept := slices.DeleteFunc(slices.Clone(all), func(o shipped) bool { return !keep(o) })
		return len(kept), pipe(w, kept)
	}
}
