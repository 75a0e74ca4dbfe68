package podspec

import (
	"slices"

	"github.com/pullable/pullable/pkg/yamledit"
)

// Facts is what one object says about its pods, and where it could be edited.
// It keeps no tree alive.
type Facts struct {
	Pods     []Pod
	Problems []Problem
	// Lacks are the kinds, of the object or of objects inside it, that the table
	// has no row for and that a CustomResourceDefinition may define.
	Lacks []Name
	// Learnt are the kinds of objects inside it that were learnt.
	Learnt []*Kind
	// Shared says that the object holds aliases, so that two paths may lead to
	// one piece of text.
	Shared bool
}

// A Pod is a pod spec, or what stands for one.
type Pod struct {
	Path    string // of the shape: spec.template.spec
	Shape   *Shape
	Images  []Image
	Secrets Secrets
	Skip    Skip // of the pod template's own annotation

	WithoutImages bool   // it is a pod even if it names no image
	Everywhere    bool   // it may run in any namespace
	Namespace     string // of the object inside the object that it belongs to; "": the outer one's

	// Elsewhere says that the spec's Reference is set: it comes from another object.
	Elsewhere bool
	Calls     []Call

	// Accounts are the ServiceAccounts that it runs as: the pod spec's, then those
	// of its parts. An account that is named nowhere is "default". It is empty
	// where the shape says nothing about accounts.
	Accounts  []string
	Account   string // the account of images that name none of their own; "" where Accounts is empty
	Collector string // path of a mapping that asks for pods without pull secrets; "": none
	Named     bool   // the pod template has a name of its own
}

// An Image is one place where a pod names an image.
type Image struct {
	Path      string // of the mapping that names it: spec.template.spec.containers[0]
	Field     *ImageField
	Reference string // the text of the image field; never empty
	Part      string // the named part that it belongs to: an Argo template's name
	Account   string // the account that its part runs as; "": the pod's
	LookedUp  bool   // a controller reads the image, because the field for it is not set
	// NoTag says that the tag has a field of its own which is not set, so that
	// somebody else decides it.
	NoTag   bool
	patches bool   // it stands in a patch of other containers
	Set     Origin // where Policy comes from
	Policy  string // the policy that is set; "" where none is
	Never   string // why no policy may be written; "": it may

	Place   yamledit.Place
	Refused error // why there is no place
	// Merged are the mappings that the container merges with <<, for which a
	// policy may be written that the container would then inherit.
	Merged []Merged
}

// PolicyPath is the path of the pull policy's field.
func (i *Image) PolicyPath() string { return join(i.Path, i.Field.Policy) }

// ReferencePath is the path of the image's field.
func (i *Image) ReferencePath() string { return join(i.Path, i.Field.Image) }

// Origin says where a policy comes from.
type Origin uint8

const (
	Nowhere  Origin = iota // none is set; Place is where it could be
	Own                    // the container's own field; Place replaces it
	Merge                  // a merged mapping; Place is where an own field could be
	Defaults               // the enclosing block of defaults; Place is where an own field could be
)

// Merged is what a container merges: where that mapping's policy is or could be.
type Merged struct {
	Place  yamledit.Place
	Policy string // "" where it has none of its own
}

// Secrets is a pod's pull secrets.
type Secrets struct {
	Path    string // spec.template.spec.imagePullSecrets; "": the shape has no such field
	Names   []string
	Form    SecretsForm
	Missing bool  // the mapping that would hold the field is not there, or the field must be there and is not
	Own     bool  // the field is the pod spec's own, not merged with <<
	Broken  bool  // it does not name pull secrets; a problem says so
	Refused error // why it cannot be edited

	list   yamledit.List
	place  yamledit.Place // of the field, where it is no list or is made together with mappings around it
	text   bool           // place is that of a name, in a mapping that stays
	remove yamledit.Place // takes the field out, where it is no list
	keeps  error          // why it cannot be taken out
	around []string       // fields of mappings that are made together with the field, from the outside in
}

// Edit takes names out, by their indexes in ascending order, and adds others at
// the end. A list that is merged with << is written out as the pod spec's own.
// A field with room for one name holds the first one that is added.
func (s *Secrets) Edit(out []int, add []string) ([]yamledit.Edit, error) {
	if s.Refused != nil {
		return nil, s.Refused
	}
	if s.Form.Single() {
		return s.editSingle(out, add)
	}
	var values []yamledit.Value
	if !s.Own {
		for i, name := range s.Names {
			if !slices.Contains(out, i) {
				values = append(values, s.Form.value(name))
			}
		}
		if len(values) == 0 && len(add) == 0 {
			return nil, &yamledit.EditError{Reason: "the list is merged with <<"}
		}
		out = nil
	}
	for _, name := range add {
		values = append(values, s.Form.value(name))
	}
	if len(s.around) > 0 {
		return s.write(yamledit.ListOf(values...)), nil
	}
	return s.list.Edit(out, values)
}

func (s *Secrets) editSingle(out []int, add []string) ([]yamledit.Edit, error) {
	switch {
	case len(add) > 0 && s.text:
		return s.write(yamledit.Text(add[0])), nil
	case len(add) > 0:
		return s.write(s.Form.value(add[0])), nil
	case len(out) == 0:
		return nil, nil
	case !s.Own:
		return nil, &yamledit.EditError{Reason: "it is merged with <<"}
	}
	return []yamledit.Edit{{Place: s.remove}}, s.keeps
}

// write makes the field, with the mappings around it that are not there.
func (s *Secrets) write(v yamledit.Value) []yamledit.Edit {
	for _, field := range slices.Backward(s.around) {
		v = yamledit.Map(field, v)
	}
	return []yamledit.Edit{{Place: s.place, Value: v}}
}

// value is a name as an item of such a field, or as the field itself.
func (f SecretsForm) value(name string) yamledit.Value {
	if f == Objects || f == Object {
		return yamledit.Map("name", yamledit.Text(name))
	}
	return yamledit.Text(name)
}

// A Call runs a part of this pod or of another object's: a step of an Argo
// workflow.
type Call struct {
	From    string // the named part that calls; "" for the spec itself
	Part    string // the part that is called
	Object  string // the other object's name; "": this one
	Cluster bool   // the other object is cluster-scoped
	Path    string // of the reference
}

// Skip is what the annotation pullable.dev/skip opts out of.
type Skip string

// SkipAnnotation is the annotation by which an object or a pod template opts out.
const SkipAnnotation = "pullable.dev/skip"

// The values of the annotation.
const (
	SkipNothing Skip = ""
	SkipPolicy  Skip = "policy"
	SkipSecrets Skip = "secrets"
	SkipAll     Skip = "all"
)

// Valid says whether it is a value that the annotation may have.
func (s Skip) Valid() bool {
	return s == SkipNothing || s == SkipPolicy || s == SkipSecrets || s == SkipAll
}

// Policy says whether policies are left alone.
func (s Skip) Policy() bool { return s == SkipPolicy || s == SkipAll }

// Secrets says whether pull secrets are left alone.
func (s Skip) Secrets() bool { return s == SkipSecrets || s == SkipAll }

// A Problem is something on a path of the table that is not as it must be.
type Problem struct {
	Kind    ProblemKind
	Path    string
	Line    int // 0 where it is not known
	Message string
}

// ProblemKind says what sort of problem it is.
type ProblemKind uint8

const (
	WrongType    ProblemKind = iota // a field holds a value of another type
	DuplicateKey                    // a key is given twice
	TooMany                         // aliases make the object too large to walk
	NotPlain                        // a string holds a text that is not plain YAML, mostly for its placeholders
	TooDeep                         // objects stand inside each other too deep
)
