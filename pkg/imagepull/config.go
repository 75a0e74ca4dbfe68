package imagepull

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/pullpolicy"
)

// A Config is a functionConfig made ready for deciding. The zero Config fills
// in pull policies and does nothing else.
type Config struct {
	mode             v1alpha1.Mode
	policies         pullpolicy.Rules
	add              []secret
	remove           []string
	attachReferences bool // also to a Workflow with a workflowTemplateRef
	fromPackage      bool
	toAccounts       bool // names go to ServiceAccounts
	createAccounts   bool
	mountable        bool
	requireFor       []imageref.Pattern
	defaultNamespace string
	include, exclude []v1alpha1.Matcher
	severities       map[FindingID]v1alpha1.Severity
	table            *podspec.Table
	check            bool
	failOnWarning    bool
}

// secret is a pull secret that the config names.
type secret struct {
	name       string
	images     []imageref.Pattern // none: every pod
	namespaces []string           // globs; none: every namespace
	index      int                // in pullSecrets.add
	everyPod   string             // why a pod gets it where images are not asked
}

// New makes a functionConfig ready. The config must have its defaults; its
// errors are those of [v1alpha1.ImagePullConfig.Validate].
func New(c v1alpha1.ImagePullConfig) (Config, error) {
	if err := c.Validate(FindingIDs()...); err != nil {
		return Config{}, err
	}
	ready := Config{
		mode:             c.PullPolicy.Mode,
		policies:         pullpolicy.Rules{MovingTags: c.PullPolicy.MovingTags},
		remove:           c.PullSecrets.Remove,
		attachReferences: c.PullSecrets.WorkflowTemplateRef == v1alpha1.WorkflowTemplateRefAttach,
		fromPackage:      c.PullSecrets.FromPackage,
		toAccounts:       c.PullSecrets.AttachTo == v1alpha1.AttachToServiceAccounts,
		createAccounts:   c.PullSecrets.CreateServiceAccounts && c.PullSecrets.AttachTo == v1alpha1.AttachToServiceAccounts,
		mountable:        c.PullSecrets.Mountable && c.PullSecrets.AttachTo == v1alpha1.AttachToServiceAccounts,
		defaultNamespace: c.DefaultNamespace,
		severities:       map[FindingID]v1alpha1.Severity{},
		check:            c.Check,
		failOnWarning:    c.FailOn == v1alpha1.FailOnWarning,
	}
	var err error
	if ready.table, err = podspec.Builtin().With(c.Kinds); err != nil {
		return Config{}, err
	}
	if c.Embedded {
		ready.table = ready.table.Embedded()
	}
	for i, rule := range c.PullPolicy.Rules {
		images, err := patterns(rule.Images)
		if err != nil {
			return Config{}, fmt.Errorf("pullPolicy.rules[%d]: %w", i, err)
		}
		ready.policies.Rules = append(ready.policies.Rules, pullpolicy.Rule{
			Images: images, Tags: rule.Tags, Policy: pullpolicy.Policy(rule.Policy),
		})
	}
	for i, s := range c.PullSecrets.Add {
		images, err := patterns(s.Images)
		if err != nil {
			return Config{}, fmt.Errorf("pullSecrets.add[%d]: %w", i, err)
		}
		ready.add = append(ready.add, secret{s.Name, images, s.Namespaces, i, fmt.Sprintf("pullSecrets.add[%d] is for every pod", i)})
	}
	if ready.requireFor, err = patterns(c.PullSecrets.RequireFor); err != nil {
		return Config{}, fmt.Errorf("pullSecrets.requireFor: %w", err)
	}
	for _, list := range []struct {
		from []v1alpha1.Selector
		to   *[]v1alpha1.Matcher
	}{{c.Include, &ready.include}, {c.Exclude, &ready.exclude}} {
		for _, selector := range list.from {
			m, err := selector.Compile()
			if err != nil {
				return Config{}, err
			}
			*list.to = append(*list.to, m)
		}
	}
	for id, severity := range c.Findings {
		ready.severities[FindingID(id)] = severity
	}
	return ready, nil
}

// secrets says whether the config has anything to do with pull secrets.
func (c *Config) secrets() bool {
	return len(c.add)+len(c.remove)+len(c.requireFor) > 0 || c.fromPackage
}

func patterns(texts []string) ([]imageref.Pattern, error) {
	var all []imageref.Pattern
	for _, text := range texts {
		p, err := imageref.ParsePattern(text)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// SecretNames gives the names of the Secrets that the config names.
func (c *Config) SecretNames() []string {
	var names []string
	for i := range c.add {
		names = append(names, c.add[i].name)
	}
	for _, name := range c.remove {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Table gives the table of kinds: the built-in one with the config's rows.
func (c *Config) Table() *podspec.Table {
	if c.table == nil {
		return podspec.Builtin()
	}
	return c.table
}

// edits says whether an object is one that is edited. As kustomize's own
// selectors do (Select in kustomize's api/resmap/reswrangler.go), it goes by the
// object's earlier names too, and an absent namespace is default.
func (c *Config) edits(f *Facts) bool {
	if len(c.include) == 0 && len(c.exclude) == 0 {
		return true
	}
	o := &f.Object
	now := v1alpha1.Subject{
		Group: o.Group(), Version: o.Version(), Kind: o.Kind, Name: o.Name, Namespace: cmp.Or(c.namespace(f), "default"),
		Labels: o.Labels.Map(), Annotations: o.Annotations.Map(),
	}
	if f.Kind != nil && f.Kind.Scope == podspec.Cluster {
		now.Namespace = ""
	}
	subjects := []v1alpha1.Subject{now}
	if earlier := o.Annotations.Get(previousNames); earlier != "" {
		namespaces := strings.Split(o.Annotations.Get(previousNamespaces), ",")
		for i, name := range strings.Split(earlier, ",") {
			before := now
			before.Name = name
			if i < len(namespaces) {
				before.Namespace = namespaces[i]
			}
			subjects = append(subjects, before)
		}
	}
	matches := func(m v1alpha1.Matcher) bool { return slices.ContainsFunc(subjects, m.Matches) }
	return (len(c.include) == 0 || slices.ContainsFunc(c.include, matches)) && !slices.ContainsFunc(c.exclude, matches)
}

// The annotations in which kustomize records the names that an object had.
const (
	previousNames      = "internal.config.kubernetes.io/previousNames"
	previousNamespaces = "internal.config.kubernetes.io/previousNamespaces"
)

// namespace gives the namespace in which an object's pods run; "" where it is
// not known, or where the object has none.
func (c *Config) namespace(f *Facts) string {
	if f.inside != "" {
		return f.inside
	}
	if f.Object.Namespace != "" || f.Kind != nil && f.Kind.Scope == podspec.Cluster {
		return f.Object.Namespace
	}
	return c.defaultNamespace
}

// serves says whether a secret goes to pods of a namespace.
func (s *secret) serves(namespace string) bool {
	return len(s.namespaces) == 0 || slices.ContainsFunc(s.namespaces, func(glob string) bool {
		return imageref.Glob(glob, namespace)
	})
}
