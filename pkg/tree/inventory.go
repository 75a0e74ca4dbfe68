package tree

import (
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/inventory"
)

// Inventory lists the images of all files, with what a config would change.
func (t *Tree) Inventory(c imagepull.Config) []inventory.Image {
	plan := imagepull.Decide(c, t.facts)
	names := make([]string, len(t.Files))
	for i := range t.Files {
		names[i] = t.Files[i].Path
	}
	return inventory.Of(t.facts, &plan, names)
}
