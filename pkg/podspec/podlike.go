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
