package imagepull

import (
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/podspec/crd"
	"github.com/pullable/pullable/pkg/yamledit"
)

// Facts is what an object says that matters for deciding. The zero Facts is an
// object that does not matter.
type Facts struct {
	Object manifest.Object
	Kind   *podspec.Kind
	podspec.Facts
	Skip podspec.Skip // of the object's own annotation

	Secret  *Secret  // nil where it has nothing to do with pulling
	Account *Account // nil where it is no ServiceAccount

	// Defines is the kind that a CustomResourceDefinition defines and may teach; see
	// [Learn]. "" for every other object.
	Defines string

	// PodLike is a path in an object of no known kind at which something stands
	// that looks like a pod spec; "" where there is none.
	PodLike string

	// Names says what pull secrets of the config are called where the object is, by
	// the config's names, for callers whose host gives Secrets other names. Names
	// that are not here are as the config has them.
	Names map[string]SecretName

	inside string // the namespace of the object inside that is at hand; "": the object's own
}

// A SecretName is what a pull secret of the config is called.
type SecretName struct {
	Now string
	// Either are the names of Secrets of which each may be meant, where nothing
	// tells them apart; then there is no Now.
	Either []string
}

// secretName gives the present name of a pull secret of the config.
func (f *Facts) secretName(name string) SecretName {
	if known, ok := f.Names[name]; ok {
		return known
	}
	return SecretName{Now: name}
}

// Gather walks one object. It is safe on every core. Objects that are for tools
// only (config.kubernetes.io/local-config) do not matter, but for
// CustomResourceDefinitions: those teach.
func Gather(t *podspec.Table, o manifest.Object, n yamledit.Node) Facts {
	kind := t.Lookup(o.Group(), o.Version(), o.Kind)
	f := Facts{Object: o, Kind: kind, Skip: podspec.Skip(o.Annotations.Get(podspec.SkipAnnotation))}
	switch {
	case crd.Is(o.Group(), o.Kind):
		return Facts{Object: o, Defines: crd.Teaches(n)}
	case o.LocalConfig():
		return Facts{}
	case kind != nil:
		f.Facts = t.Walk(kind, n)
		return f
	case o.Kind == "ServiceAccount" && o.APIVersion == "v1":
		f.Account, f.Problems = gatherAccount(o, n)
		f.Shared = n.Shared()
		return f
	}
	if f.Secret = gatherSecret(o, n); f.Secret != nil {
		return f
	}
	if podspec.Custom(o.Group()) {
		f.PodLike = podspec.PodLike(n)
	}
	if podspec.Defined(o.Group()) {
		f.Lacks = []podspec.Name{{Group: o.Group(), Version: o.Version(), Kind: o.Kind}}
		return f
	}
	if f.PodLike == "" {
		return Facts{}
	}
	return f
}
