package podspec

import (
	"slices"
	"sync"
)

// A Table says which kinds hold pods, and where.
type Table struct {
	byKind map[string][]*Kind
}

// Builtin gives the table of the kinds that pullable knows by itself.
var Builtin = sync.OnceValue(func() *Table {
	t := &Table{byKind: make(map[string][]*Kind, len(builtin))}
	for i := range builtin {
		k := &builtin[i]
		t.byKind[k.Kind] = append(t.byKind[k.Kind], k)
	}
	return t
})

// Lookup finds the row of a kind, nil where there is none.
func (t *Table) Lookup(group, version, kind string) *Kind {
	for _, k := range t.byKind[kind] {
		if k.Group == group && slices.Contains(k.Versions, version) {
			return k
		}
	}
	return nil
}

// Kinds gives the rows of the table, sorted by group and kind.
func (t *Table) Kinds() []*Kind {
	var all []*Kind
	for _, kinds := range t.byKind {
		all = append(all, kinds...)
	}
	slices.SortFunc(all, func(a, b *Kind) int {
		return slices.Compare([]string{a.Group, a.Kind}, []string{b.Group, b.Kind})
	})
	return all
}

// A Kind is a row of the table: a kind of objects that hold pods.
type Kind struct {
	Group    string
	Versions []string
	Kind     string
	Scope    Scope
	Pods     []Part // where pod specs stand
	Library  bool   // other objects run its parts by its name (templateRef)

	// Immutable says which pods cannot change where the object lives in a
	// cluster already.
	Immutable Immutable
	Source    string // where the row was read: project and version
}

// Scope says whether objects of a kind have a namespace.
type Scope string

// The scopes.
const (
	Namespaced Scope = ""
	Cluster    Scope = "Cluster"
)

// Immutable says which pods of a kind's objects refuse changes.
type Immutable string

// The kinds of immutability.
const (
	ImmutableObject   Immutable = "object"   // those of every object
	ImmutableTemplate Immutable = "template" // those whose template has a name of its own
)

// A Shape is what a pod spec, or what stands for one, looks like. Paths are
// relative to it.
type Shape struct {
	Name   string
	Source string
	Images []ImageField
	Parts  []Part // smaller shapes that belong to the same pod

	Secrets       string // the field that lists pull secrets; "": none
	WithoutImages bool   // it is a pod even if it names no image
	Defaults      string // the field that holds a block of defaults for the parts
	Reference     string // a field that brings the whole spec from elsewhere
	Calls         []Path // mappings that run a part, or another object's

	Accounts   []string // the fields that name the ServiceAccount, the first that is set holds
	Collectors []Path   // mappings with a strategy, which ask for pods that get no pull secrets
}

// An ImageField is where a mapping names an image.
type ImageField struct {
	Path   Path
	Image  string // the field that holds the reference
	Policy string // the field beside it that holds the pull policy
	Lookup string // a field beside it whose absence makes a controller read the image; "": none
}

// A Part is a place where a shape stands.
type Part struct {
	Path  Path
	Shape *Shape
	Name  string // the field that names the part for calls; "": parts have no name
}

// A Path leads through fields of mappings, from left to right.
type Path []Step

// A Step is one field of a [Path]. Depth says how many levels of lists it opens
// (containers[] is one, steps[][] two); Values opens a mapping's values.
type Step struct {
	Field  string
	Depth  int
	Values bool
}

// String writes a path as the table does: spec.containers[], hooks{}.
func (p Path) String() string {
	var s []byte
	for i, step := range p {
		if i > 0 {
			s = append(s, '.')
		}
		s = append(s, step.Field...)
		for range step.Depth {
			s = append(s, "[]"...)
		}
		if step.Values {
			s = append(s, "{}"...)
		}
	}
	return string(s)
}
