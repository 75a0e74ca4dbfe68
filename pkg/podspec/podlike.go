package podspec

import (
	"strings"

	"github.com/pullable/pullable/pkg/yamledit"
)

// Custom says whether the kinds of a group may be somebody's own: whether it is
// none of Kubernetes' groups, whose kinds are all known.
func Custom(group string) bool {
	return strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io")
}

// A Name names a version of a kind.
type Name struct{ Group, Version, Kind string }

// Defined says whether a CustomResourceDefinition may define the kinds of a
// group: whether it is one that Kubernetes itself does not serve.
func Defined(group string) bool {
	rest, ok := strings.CutSuffix(group, ".k8s.io")
	if !ok {
		return strings.Contains(group, ".")
	}
	switch rest {
	case "admissionregistration", "apiextensions", "apiregistration", "authentication", "authorization", "certificates",
		"coordination", "discovery", "events", "flowcontrol.apiserver", "internal.apiserver", "networking", "node",
		"rbac.authorization", "resource", "scheduling", "storage", "storagemigration":
		return false
	}
	return true
}

// PodLike looks in an object of no known kind for what could be a pod spec: a
// mapping with a list of containers that name images. It gives the path in the
// table's form, "" where there is none. What it finds is a guess, to be told and
// not to be edited.
func PodLike(object yamledit.Node) string {
	g := guesser{left: 10_000}
	for key, v := range object.Fields() {
		switch key {
		case "apiVersion", "kind", "metadata", "status":
		default:
			if path := g.look(v, key, 0); path != "" {
				return path
			}
		}
	}
	return ""
}

type guesser struct{ left int }

func (g *guesser) look(n yamledit.Node, path string, depth int) string {
	if g.left--; g.left < 0 || depth > 30 {
		return ""
	}
	switch n.Kind() {
	case yamledit.Mapping:
		if containers, _ := n.Get("containers"); namesImage(containers) {
			return path
		}
		for key, v := range n.Fields() {
			if v.Kind() != yamledit.Mapping && v.Kind() != yamledit.Sequence || key == "" || strings.ContainsAny(key, ".[]{} ") {
				continue
			}
			if found := g.look(v, path+"."+key, depth+1); found != "" {
				return found
			}
		}
	case yamledit.Sequence:
		for _, item := range n.Items() {
			if found := g.look(item, path+"[]", depth+1); found != "" {
				return found
			}
		}
	}
	return ""
}

func namesImage(containers yamledit.Node) bool {
	for _, c := range containers.Items() {
		if image, _ := c.Get("image"); image.Kind() == yamledit.String {
			return true
		}
	}
	return false
}
