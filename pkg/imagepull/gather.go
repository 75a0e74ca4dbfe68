package imagepull

import (
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/yamledit"
)

// Facts is what an object says that matters for deciding. The zero Facts is an
// object that does not matter.
type Facts struct {
	Object manifest.Object
	Kind   *podspec.Kind
	podspec.Facts
	Skip podspec.Skip // of the object's own annotation
}

// Gather walks one object. It is safe on every core. Objects that are for tools
// only (config.kubernetes.io/local-config) do not matter.
func Gather(t *podspec.Table, o manifest.Object, n yamledit.Node) Facts {
	kind := t.Lookup(o.Group(), o.Version(), o.Kind)
	if kind == nil || o.LocalConfig() {
		return Facts{}
	}
	return Facts{
		Object: o,
		Kind:   kind,
		Facts:  kind.Walk(n),
		Skip:   podspec.Skip(o.Annotations[podspec.SkipAnnotation]),
	}
}
