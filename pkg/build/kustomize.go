package build

import (
	"bytes"
	"cmp"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/yamledit"
)

// kustomized builds a kustomization. The config is nil where the kustomization's
// own or the defaults hold.
func kustomized(o *Options, c *v1alpha1.ImagePullConfig, from string) (*Result, error) {
	s := &source{
		FileSystem: filesys.MakeFsOnDisk(), images: o.Images,
		anywhere: o.Kustomize.LoadRestrictor == NoRestrictions, looked: map[string]bool{},
		links: map[string]string{}, transformers: map[string]bool{},
	}
	config := func() (imagepull.Config, string, error) {
		c, from := c, from
		if c == nil {
			var err error
			if c, from, err = s.inTree(); err != nil {
				return imagepull.Config{}, "", err
			}
		}
		ready, err := o.ready(c, from)
		return ready, from, err
	}
	s.table = func() (*podspec.Table, error) {
		ready, _, err := config()
		if err != nil {
			return nil, err
		}
		return o.Definitions.Teach(ready.Table())
	}
	objects, err := o.Kustomize.run(s, o.Dir)
	if s.err != nil {
		return nil, s.err
	}
	if err != nil {
		return nil, err
	}
	ready, from, err := config()
	if err != nil {
		return nil, err
	}
	records := take(objects, ready.SecretNames(), ready.Table())
	src, err := objects.AsYaml()
	if err != nil {
		return nil, err
	}
	if len(src) == 0 {
		return finish(imagepull.Decide(ready, nil), from, func(*bytes.Buffer) error { return nil })
	}
	input, err := manifest.Read(src)
	if err != nil {
		return nil, err
	}
	facts, err := gather(ready.Table(), input, records, documentLines(src))
	if err != nil {
		return nil, err
	}
	if err := imagepull.Learn(ready.Table(), o.Definitions, facts, imagepull.AgainFrom(input, facts)); err != nil {
		return nil, err
	}
	plan := imagepull.Decide(ready, facts)
	return finish(plan, from, func(out *bytes.Buffer) error {
		return input.Write(out, plan.Edits(), plan.Adds(), nil)
	})
}

// names are the annotations in which kustomize records what an object was
// called, and in what context. They are kept until the images are done.
var names = []string{
	"internal.config.kubernetes.io/previousNames",
	"internal.config.kubernetes.io/previousNamespaces",
	"internal.config.kubernetes.io/previousKinds",
	"internal.config.kubernetes.io/prefixes",
	"internal.config.kubernetes.io/suffixes",
}

// oneRun guards resource.BuildAnnotations.
var oneRun sync.Mutex

// run renders with kustomize. The objects still have the annotations of names.
func (k *Kustomize) run(s *source, dir string) (resmap.ResMap, error) {
	oneRun.Lock()
	defer oneRun.Unlock()
	// At the end of its run kustomize takes the annotations of this list away, and
	// offers no other way to learn what it knows about names. In merges, where it
	// uses the list as well, a new object has none of these yet.
	all := resource.BuildAnnotations
	defer func() { resource.BuildAnnotations = all }()
	resource.BuildAnnotations = slices.DeleteFunc(slices.Clone(all), func(a string) bool { return slices.Contains(names, a) })
	objects, err := krusty.MakeKustomizer(k.options()).Run(s, dir)
	if err != nil {
		return nil, withoutContent(err)
	}
	return objects, nil
}

// options are those that kustomize build makes of its flags: HonorKustomizeFlags
// in kustomize v5.8.2, commands/build/build.go.
func (k *Kustomize) options() *krusty.Options {
	o := krusty.MakeDefaultOptions()
	o.Reorder = krusty.ReorderOptionUnspecified
	if k.Reorder != "" {
		o.Reorder = krusty.ReorderOption(k.Reorder)
	}
	if k.LoadRestrictor == NoRestrictions {
		o.LoadRestrictions = types.LoadRestrictionsNone
	}
	if k.EnableAlphaPlugins {
		o.PluginConfig = types.EnabledPluginConfig(types.BploUseStaticallyLinked)
		o.PluginConfig.FnpLoadingOptions = types.FnPluginLoadingOptions{
			EnableExec: k.EnableExec, Network: k.Network, NetworkName: cmp.Or(k.NetworkName, "bridge"),
			Mounts: k.Mounts, Env: k.Env, AsCurrentUser: k.AsCurrentUser,
		}
	} else {
		o.PluginConfig.HelmConfig.Enabled = k.EnableHelm
	}
	o.PluginConfig.HelmConfig.Command = cmp.Or(k.HelmCommand, "helm")
	o.PluginConfig.HelmConfig.ApiVersions = k.HelmAPIVersions
	o.PluginConfig.HelmConfig.KubeVersion = k.HelmKubeVersion
	o.PluginConfig.HelmConfig.Debug = k.HelmDebug
	o.AddManagedbyLabel = os.Getenv(konfig.EnableManagedbyLabelEnv) == "on"
	return o
}

// withoutContent takes out of an error what kustomize prints of objects and
// generators, which may be a Secret's content.
func withoutContent(err error) error {
	text := err.Error()
	shorter := text
	for _, shown := range [...]struct{ pattern, instead string }{
		{"(?s: with config: `(.*`|.*))", ""},
		{`(?s:literal sources \[.*)`, "a literal source is not of the form KEY=VALUE"},
		{`(?s:\[patch: .*)`, "a patch"},
		{`(?s:line \[[0-9 ]*\] has invalid utf8.*)`, "a line has invalid UTF-8 bytes"},
		// These show whole objects.
		{`(?s:\n\*\*\*\* Too many possible referral targets.*)`, ""},
		{`(?s:---  self:.*)`, ""},
		{`(?s:: node contents:.*)`, ""},
	} {
		// Compiled here, because most runs have no error to shorten.
		shorter = regexp.MustCompile(shown.pattern).ReplaceAllString(shorter, shown.instead)
	}
	if shorter == text {
		return err
	}
	return errors.New(strings.TrimSpace(shorter))
}

// A record is what kustomize knows about an object's names.
type record struct {
	annotations map[string]string               // those of names
	secrets     map[string]imagepull.SecretName // what Secrets are called here
}

// take takes the annotations of names from the objects, and finds out what the
// Secrets of these names are called in each object's place.
func take(objects resmap.ResMap, secrets []string, t *podspec.Table) []record {
	all := objects.Resources()
	records := make([]record, len(all))
	byName := secretsByName(all, secrets)
	for i, r := range all {
		if len(byName) == 0 {
			break
		}
		// kustomize knows the scopes of its own kinds only.
		gvk := r.GetGvk()
		kind := t.Lookup(gvk.Group, gvk.Version, gvk.Kind)
		everywhere := kind != nil && kind.Scope == podspec.Cluster
		for _, name := range secrets {
			if found := byName[name]; len(found) > 0 {
				if records[i].secrets == nil {
					records[i].secrets = map[string]imagepull.SecretName{}
				}
				records[i].secrets[name] = refer(r, everywhere, name, found)
			}
		}
	}
	for i, r := range all {
		annotations := r.GetAnnotations()
		for _, name := range names {
			if v, ok := annotations[name]; ok {
				if records[i].annotations == nil {
					records[i].annotations = map[string]string{}
				}
				records[i].annotations[name] = v
			}
		}
		r.RemoveBuildAnnotations()
	}
	return records
}

// secretsByName finds the Secrets, and the objects that make one of their own
// name, that have or had each of the names.
func secretsByName(all []*resource.Resource, secrets []string) map[string][]*resource.Resource {
	found := map[string][]*resource.Resource{}
	if len(secrets) == 0 {
		return found
	}
	for _, r := range all {
		switch gvk := r.GetGvk(); {
		case gvk.Kind == "Secret" && gvk.Group == "":
		case gvk.Kind == "SealedSecret" && gvk.Group == "bitnami.com":
		case gvk.Kind == "ExternalSecret" && gvk.Group == "external-secrets.io":
			if name, err := r.GetString("spec.target.name"); err == nil && name != "" {
				continue // the Secret has a name of its own
			}
		default:
			continue
		}
		had := []string{r.GetName()}
		for _, id := range r.PrevIds() {
			had = append(had, id.Name)
		}
		for _, name := range secrets {
			if slices.Contains(had, name) {
				found[name] = append(found[name], r)
			}
		}
	}
	return found
}

// refer finds out which of several Secrets an object means by the name that they
// have or had. An object without a namespace of its own may mean those of any
// (everywhere). The rules are kustomize's own for references: selectReferral in
// api/filters/nameref/nameref.go. Unlike there, Secrets that kept their name
// count as well.
func refer(r *resource.Resource, everywhere bool, name string, secrets []*resource.Resource) imagepull.SecretName {
	here := r.CurId()
	in := func(list []*resource.Resource, keep func(*resource.Resource) bool) []*resource.Resource {
		return slices.DeleteFunc(slices.Clone(list), func(s *resource.Resource) bool { return !keep(s) })
	}
	near := in(secrets, func(s *resource.Resource) bool {
		return everywhere || here.IsClusterScoped() || here.IsNsEquals(s.CurId())
	})
	chosen := near
	if len(chosen) > 1 {
		chosen = in(chosen, func(s *resource.Resource) bool { return s.PrefixesSuffixesEquals(r, true) })
	}
	if len(chosen) > 1 {
		chosen = in(chosen, func(s *resource.Resource) bool { return s.PrefixesSuffixesEquals(r, false) })
	}
	if called := called(chosen); len(called) == 1 {
		return imagepull.SecretName{Now: called[0]}
	}
	if either := called(near); len(either) > 1 {
		return imagepull.SecretName{Either: either}
	}
	return imagepull.SecretName{Now: name}
}

func called(secrets []*resource.Resource) []string {
	var all []string
	for _, s := range secrets {
		all = append(all, s.GetName())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// gather walks the objects, and gives each the names that kustomize recorded.
func gather(t *podspec.Table, input *manifest.Input, records []record, lines []int) ([]imagepull.Facts, error) {
	facts, err := manifest.Each(input, func(o manifest.Object, n yamledit.Node) imagepull.Facts {
		// The document that the line is in; the first starts at line 1.
		i, _ := slices.BinarySearch(lines, o.Line+1)
		r := &records[max(i, 1)-1]
		// The names in lists of pull secrets are present ones by now, so that a Secret
		// must not answer to earlier ones.
		for key, value := range r.annotations {
			if o.Kind != "Secret" {
				o.Annotations = o.Annotations.With(key, value)
			}
		}
		f := imagepull.Gather(t, o, n)
		f.Names = r.secrets
		return f
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(facts, func(f imagepull.Facts) bool { return f.Object.Kind == "" }), nil
}

// documentLines gives the lines, from 1, at which the documents of kustomize's
// output start.
func documentLines(src []byte) []int {
	lines := []int{1}
	at := 1
	for line := range bytes.Lines(src) {
		if string(line) == "---\n" {
			lines = append(lines, at)
		}
		at++
	}
	return lines
}
