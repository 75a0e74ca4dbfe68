package imagepull

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/yamledit"
)

// Decide makes the plan for all objects of an input. It depends on nothing but
// its arguments, and changes neither.
func Decide(c Config, facts []Facts) Plan {
	d := decider{Plan: Plan{config: &c}, facts: facts, written: inherited(&c, facts)}
	d.index()
	d.store = newStore(&c, facts)
	d.accounts = newAccounts(&c, facts)
	d.Entries = make([]Entry, 0, expected(&c, facts))
	shared := false
	for i := range facts {
		f := &facts[i]
		d.at = i
		if f.Secret != nil {
			d.secretItself(f)
		}
		if f.PodLike != "" && c.edits(f) {
			d.unknownKind(f)
		}
		shared = shared || f.Shared && f.Account != nil
		if f.Kind == nil || !c.edits(f) {
			continue
		}
		shared = shared || f.Shared
		if f.Kind.By == podspec.Schema {
			d.learntKind(f, f.Kind, "this kind")
		}
		for _, k := range f.Learnt {
			d.learntKind(f, k, "the "+k.Kind+" inside")
		}
		d.problems(f)
		skip := d.skip(f, f.Skip, "metadata.annotations")
		for p := range f.Pods {
			pod := &f.Pods[p]
			own := d.skip(f, pod.Skip, pod.Path)
			if !skip.Policy() && !own.Policy() {
				d.policies(f, pod)
			}
			if !skip.Secrets() && !own.Secrets() {
				d.secrets(inside(f, pod), pod)
			}
		}
	}
	inOrder := len(d.Entries)
	d.editAccounts()
	d.afterwards()
	d.outermost()
	if shared {
		d.findConflicts()
	}
	d.intoOrder(inOrder)
	return d.Plan
}

// intoOrder puts the entries from an index on, which were made later, among
// those before it, which are in the order of the objects. Those of one object
// stay as they follow one another.
func (d *decider) intoOrder(from int) {
	later := slices.Clone(d.Entries[from:])
	sorted := make([]*Entry, len(later)) // entries are large, so they are moved once
	for i := range later {
		sorted[i] = &later[i]
	}
	slices.SortStableFunc(sorted, func(a, b *Entry) int { return cmp.Compare(a.order, b.order) })
	free := len(d.Entries)
	for _, e := range slices.Backward(sorted) {
		for from > 0 && d.Entries[from-1].order > e.order {
			from, free = from-1, free-1
			d.Entries[free] = d.Entries[from]
		}
		free--
		d.Entries[free] = *e
	}
}

// inside gives the facts for a pod of an object that stands inside another, and
// has a namespace of its own.
func inside(f *Facts, pod *podspec.Pod) *Facts {
	if pod.Namespace == "" || pod.Namespace == f.Object.Namespace {
		return f
	}
	inner := *f
	inner.inside = pod.Namespace
	return &inner
}

// outermost makes the entries about objects inside others those of the object
// around them, which is the one that people see.
func (d *decider) outermost() {
	for i := range d.Entries {
		e := &d.Entries[i]
		if e.order >= len(d.facts) {
			continue
		}
		if o := &d.facts[e.order].Object; e.Object != o && e.Object.Line == o.Line && e.Object.Source == o.Source && e.Object.String() == o.String() {
			e.Object = o
		}
	}
}

// expected guesses how many entries a plan has: one for each image, and one for
// each pull secret and each account of each pod. Growing a long list by and by takes longer than
// all of deciding.
func expected(c *Config, facts []Facts) int {
	n := 0
	for i := range facts {
		for p := range facts[i].Pods {
			pod := &facts[i].Pods[p]
			if n += len(pod.Images) + len(c.add); len(c.add) > 0 {
				n += len(pod.Accounts)
			}
		}
	}
	return n
}

// A decider makes a plan.
type decider struct {
	Plan
	facts     []Facts
	written   map[textPlace]string // see inherited
	templates map[templateKey]*Facts
	*store
	accounts
	tracked []tracked              // pods whose secrets are looked at again afterwards
	unknown map[[2]string]bool     // groups and kinds that were named
	learnt  map[*podspec.Kind]bool // kinds that were named
}

// unknownKind names a kind that pullable does not know, once, with the row that
// would teach it.
func (d *decider) unknownKind(f *Facts) {
	o := &f.Object
	kind := [2]string{o.Group(), o.Kind}
	if d.unknown[kind] {
		return
	}
	if d.unknown == nil {
		d.unknown = map[[2]string]bool{}
	}
	d.unknown[kind] = true
	path := f.PodLike
	if strings.ContainsAny(path, "[{") {
		path = `"` + path + `"`
	}
	d.finding(UnknownKind, Entry{
		Object: o, Path: f.PodLike,
		Message: fmt.Sprintf("this looks like a pod spec, but pullable does not know the kind and leaves it alone; to have it edited, add to the config: kinds: [{group: %s, versions: [%s], kind: %s, pods: [{path: %s, shape: PodSpec}]}]",
			o.Group(), o.Version(), o.Kind, path),
	})
}

// learntKind says once of which kinds it was learnt where their pods stand.
func (d *decider) learntKind(f *Facts, k *podspec.Kind, name string) {
	if d.learnt[k] {
		return
	}
	if d.learnt == nil {
		d.learnt = map[*podspec.Kind]bool{}
	}
	d.learnt[k] = true
	places := make([]string, len(k.Pods))
	for i := range k.Pods {
		places[i] = k.Pods[i].Path.String()
	}
	d.finding(LearntKind, Entry{
		Object:  &f.Object,
		Message: fmt.Sprintf("where %s holds pods was learnt from the %s: %s", name, k.Source, strings.Join(slices.Compact(places), ", ")),
	})
}

// A textPlace is a place in one of several texts.
type textPlace struct {
	source int // as manifest.Object has it
	yamledit.Place
}

var problemIDs = map[podspec.ProblemKind]FindingID{
	podspec.WrongType:    WrongType,
	podspec.DuplicateKey: DuplicateKey,
	podspec.TooMany:      TooLarge,
	podspec.NotPlain:     EmbeddedNotRead,
	podspec.TooDeep:      EmbeddedNotRead,
}

func (d *decider) problems(f *Facts) {
	for _, p := range f.Problems {
		d.finding(problemIDs[p.Kind], Entry{Object: &f.Object, Path: p.Path, Line: p.Line, Message: p.Message})
	}
}

// skip checks the value of a skip annotation. One that means nothing must not
// pass for one that means something.
func (d *decider) skip(f *Facts, s podspec.Skip, path string) podspec.Skip {
	if !s.Valid() {
		d.finding(InvalidSkip, Entry{
			Object: &f.Object, Path: path, Old: string(s),
			Message: fmt.Sprintf("the annotation %s is %q; it must be policy, secrets or all", podspec.SkipAnnotation, string(s)),
		})
		return podspec.SkipAll
	}
	return s
}

// findConflicts looks for changes that one piece of text cannot hold together:
// two paths lead there by an alias, and ask for different values.
func (d *decider) findConflicts() {
	first := map[textPlace]int{}
	conflicts := map[int]bool{}
	for i := range d.Entries {
		for _, edit := range d.Entries[i].Edits {
			at := textPlace{d.Entries[i].Object.Source, edit.Place}
			j, known := first[at]
			if !known {
				first[at] = i
				continue
			}
			for _, other := range d.Entries[j].Edits {
				if other.Place == edit.Place && !other.Equal(edit) {
					conflicts[i] = true
				}
			}
		}
	}
	for i := range d.Entries {
		if e := d.Entries[i]; conflicts[i] {
			d.at = e.order
			d.finding(SharedByAlias, Entry{
				Object: e.Object, Path: e.Path, Line: e.Line, Old: e.Old, New: e.New,
				Message: "this place shares its text with another by a YAML alias, and they need different values: write one of them out",
			})
		}
	}
}
