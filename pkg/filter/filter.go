package filter

import (
	"fmt"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec/crd"
	"github.com/pullable/pullable/pkg/yamledit"
)

var _ kio.Filter = Filter{}

// Filter writes pull policies and pull secrets into RNodes.
type Filter struct {
	// Config says what to do. Start from [v1alpha1.Default].
	Config v1alpha1.ImagePullConfig

	// Definitions are CustomResourceDefinitions that teach kinds, in addition to
	// those among the nodes; nil for none.
	Definitions *crd.Library

	// Report, if it is set, is given the plan with all changes and findings,
	// before the changes are made.
	Report func(*imagepull.Plan)
}

// Filter edits the nodes in place and returns them, in their order, and after
// them the ServiceAccounts that the config lets it make. Where a
// finding fails the run it returns an error that names the first one, and no
// node is changed; see [imagepull.Plan.Failed].
func (f Filter) Filter(nodes []*yaml.RNode) ([]*yaml.RNode, error) {
	config, err := imagepull.New(f.Config)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	table := config.Table()
	var facts []imagepull.Facts
	unknown := map[int]yamledit.Node{} // what may be looked at again
	for i, node := range nodes {
		err := manifest.Objects(yamledit.FromYAML(node.YNode()).Root(), func(o manifest.Object, n yamledit.Node) {
			facts = append(facts, imagepull.Gather(table, o, n))
			if last := &facts[len(facts)-1]; last.Defines != "" || len(last.Lacks) > 0 {
				unknown[len(facts)-1] = n
			}
		})
		if err != nil {
			return nil, fmt.Errorf("object %d: %w", i, err)
		}
	}
	again := func(which []int, f func(manifest.Object, yamledit.Node) imagepull.Lesson) ([]imagepull.Lesson, error) {
		lessons := make([]imagepull.Lesson, len(which))
		for at, i := range which {
			lessons[at] = f(facts[i].Object, unknown[i])
		}
		return lessons, nil
	}
	if err := imagepull.Learn(table, f.Definitions, facts, again); err != nil {
		return nil, err
	}
	plan := imagepull.Decide(config, facts)
	if f.Report != nil {
		f.Report(&plan)
	}
	if plan.Failed() {
		messages := plan.Messages()
		if len(messages) > 1 {
			return nil, fmt.Errorf("%s (and %d more)", messages[0], len(messages)-1)
		}
		return nil, fmt.Errorf("%s", messages[0])
	}
	if err := yamledit.Graft(plan.Edits()); err != nil {
		return nil, err
	}
	for _, object := range plan.Adds() {
		nodes = append(nodes, yaml.NewRNode(object.YAML()))
	}
	return nodes, nil
}
