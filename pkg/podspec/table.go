package podspec

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/podspec/path"
)

// A Table says which kinds hold pods, and where.
type Table struct {
	more []Kind // rows that go before the built-in ones
	// embedded says that places in the text of strings count. Where they do not,
	// nothing is read for their sake.
	embedded bool
}

// Embedded gives a table that also leads to what strings hold.
func (t *Table) Embedded() *Table { return &Table{more: t.more, embedded: true} }

// Builtin gives the table of the kinds that pullable knows by itself.
func Builtin() *Table { return &Table{} }

// Lookup finds the row of a kind, nil where there is none.
func (t *Table) Lookup(group, version, kind string) *Kind {
	for i := range t.more {
		if k := &t.more[i]; k.is(group, version, kind) {
			return t.use(k)
		}
	}
	// The generated rows are sorted by kind.
	i, _ := slices.BinarySearchFunc(builtin, kind, func(k Kind, kind string) int { return strings.Compare(k.Kind, kind) })
	for ; i < len(builtin) && builtin[i].Kind == kind; i++ {
		if k := &builtin[i]; k.is(group, version, kind) {
			return t.use(k)
		}
	}
	return nil
}

// use gives a row unless nothing of it counts.
func (t *Table) use(k *Kind) *Kind {
	if k.InText && !t.embedded {
		return nil
	}
	return k
}

func (k *Kind) is(group, version, kind string) bool {
	return k.Kind == kind && k.Group == group && slices.Contains(k.Versions, version)
}

// Kinds gives the rows of the table, sorted by group and kind; of rows for one
// kind those that go first stand first.
func (t *Table) Kinds() []*Kind {
	all := make([]*Kind, 0, len(t.more)+len(builtin))
	for _, rows := range [][]Kind{t.more, builtin} {
		for i := range rows {
			all = append(all, &rows[i])
		}
	}
	slices.SortStableFunc(all, func(a, b *Kind) int {
		return cmp.Or(strings.Compare(a.Group, b.Group), strings.Compare(a.Kind, b.Kind))
	})
	return all
}

// ShapeNamed gives the shape of a name, nil where there is none.
func ShapeNamed(name string) *Shape {
	for _, s := range withNames {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// A Kind is a row of the table: a kind of objects that hold pods.
type Kind struct {
	Group    string
	Versions []string
	Kind     string
	Scope    Scope
	Pods     []Part   // where pod specs stand
	Objects  []Holder // where whole objects stand
	Never    string   // why nothing is edited in objects that may look otherwise
	Library  bool     // other objects run its parts by its name (templateRef)
	InText   bool     // all places are in the text of strings
	// Immutable says which pods cannot change where the object lives in a
	// cluster already.
	Immutable Immutable
	Source    string // where the row was read: project and version
	By        Author
}

// Author says who wrote a row of the table.
type Author string

// The authors.
const (
	Ours   Author = ""       // pullable itself
	Users  Author = "config" // the user, in the config
	Schema Author = "schema" // learnt from a CustomResourceDefinition
)

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
	Name   string // "" for the shape of one row
	Source string
	Images []ImageField
	Parts  []Part // smaller shapes that belong to the same pod
	// Objects are places of whole objects, which have pods of their own.
	Objects []Holder

	Secrets       SecretsField
	WithoutImages bool   // it is a pod even if it names no image
	Defaults      string // the field that holds a block of defaults for the parts
	Reference     string // a field that brings the whole spec from elsewhere
	Calls         []Path // mappings that run a part, or another object's

	Accounts   []string // the fields that name the ServiceAccount, the first that is set holds
	Collectors []Path   // mappings with a strategy, which ask for pods that get no pull secrets
}

// An ImageField is where a mapping names an image.
type ImageField struct {
	Path     Path
	Image    string   // the field that holds the reference
	List     bool     // that field is a list of references
	Policy   string   // the field beside it that holds the pull policy; "": there is none
	Lookup   string   // a field beside it whose absence makes a controller read the image; "": none
	Prefix   string   // the field beside it that holds what goes before a / and the reference
	Tag      string   // the field beside it that holds the tag or digest
	Scheme   string   // what the text of the reference begins with: oci://
	Defaults []string // fields, from the shape, that lead to a mapping whose policy holds for all that have none; "" is the shape itself
	Policies []string // the policies that the field may hold; none: all three
	Never    string   // why no policy may be written; "": it may
}

// A SecretsField is where a shape names pull secrets. The zero SecretsField is
// nowhere.
type SecretsField struct {
	Path     []string // fields of mappings
	Form     SecretsForm
	Existing bool // an absent field stays absent
}

// String writes the path as the table does.
func (f SecretsField) String() string { return strings.Join(f.Path, ".") }

// SecretsForm is how a field names pull secrets.
type SecretsForm uint8

// The forms.
const (
	Objects SecretsForm = iota // [{name: a}]
	Strings                    // [a]
	String                     // a
	Object                     // {name: a}
)

// Single says whether the field has room for one name only.
func (f SecretsForm) Single() bool { return f == String || f == Object }

// A Part is a place where a shape stands.
type Part struct {
	Path          Path
	Shape         *Shape
	Name          string // the field that names the part for calls; "": parts have no name
	Never         string // why no policy may be written here; "": it may
	WithoutImages bool   // it is a pod even if it names no image
	Everywhere    bool   // it may run in any namespace, whatever the object's
	When          Condition

	// Patches says that the shape is a strategic merge patch of the pod that it is
	// a part of: containers are those of the same name, and one that has no policy
	// takes theirs. It is the name by which a container that stands alone goes.
	Patches string
}

// A Condition is a field of the object that must have a text. The zero
// Condition always holds.
type Condition struct {
	Path Path
	Text string
}

// String writes a condition as the table does.
func (c Condition) String() string {
	if c.Path == nil {
		return ""
	}
	return c.Path.String() + "=" + c.Text
}

// A Holder is a place where a whole object stands inside another.
type Holder struct {
	Path Path // of the mapping that holds it, or of the object itself
	// Object leads from there to the object; none: it is that mapping.
	Object Path
	When   Condition
	// Operation is the field that says what is done with the object. Where that is
	// patch, update, delete or get, the object is no whole one.
	Operation string
	// Parameters is the field that lists what is written into the object when it
	// is used, each at a dest such as spec.containers.0.image.
	Parameters string
}

// A Path leads through fields of mappings, from left to right.
type Path = path.Path

// A Step is one field of a [Path].
type Step = path.Step

// WritesPolicies says whether a pull policy may be written anywhere in the shape.
func (s *Shape) WritesPolicies() bool { return s.writesPolicies(nil) }

func (s *Shape) writesPolicies(above []*Shape) bool {
	if slices.Contains(above, s) {
		return false
	}
	writes := func(f ImageField) bool { return f.Policy != "" && f.Never == "" }
	return slices.ContainsFunc(s.Images, writes) || slices.ContainsFunc(s.Parts, func(p Part) bool {
		return p.Shape.writesPolicies(append(slices.Clip(above), s))
	})
}
