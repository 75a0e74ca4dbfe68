package build

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/podspec/crd"
	"github.com/pullable/pullable/pkg/yamledit"
)

// ConfigName is the name of the config that lies beside a kustomization.
const ConfigName = "pullable.yaml"

// Options say what is built and how. The zero Options build the kustomization
// in the current folder as kustomize does by default.
type Options struct {
	// Dir holds the kustomization, or the manifests; "" is the current folder. It
	// may be a URL as kustomize takes it.
	Dir string

	// Sources says what Dir may hold.
	Sources Sources

	// Config is the config, ready for use (it has its defaults). Without it the
	// config is Dir's pullable.yaml, else the one that the kustomization itself
	// hands to pullable among its transformers, else the defaults.
	Config *v1alpha1.ImagePullConfig
	// Override changes the config, whichever it is, before it is used; nil for
	// nothing to change.
	Override func(*v1alpha1.ImagePullConfig)

	// Definitions are CustomResourceDefinitions that teach kinds, in addition to
	// those that the build itself has; nil for none.
	Definitions *crd.Library

	// Images are what `kustomize edit set image` takes: NAME=NEWNAME:TAG, NAME:TAG
	// and so on.
	Images []string

	Kustomize Kustomize
}

// Sources says what a folder may hold.
type Sources uint8

// The sources.
const (
	// Kustomizations only; a folder without one is an error, [*NoKustomization].
	Kustomizations Sources = iota
	// Manifests too: a folder without a kustomization is one stream of the
	// manifests in it and below, in the order of their paths. Images is an error
	// then.
	Manifests
)

// Kustomize holds the options of kustomize build, by the names of its flags.
// Plugins, exec functions and Helm run only where they are asked for.
type Kustomize struct {
	LoadRestrictor     LoadRestrictor
	Reorder            Reorder
	EnableAlphaPlugins bool
	EnableExec         bool // has a meaning with EnableAlphaPlugins only
	Network            bool
	NetworkName        string
	Mounts             []string
	Env                []string
	AsCurrentUser      bool
	EnableHelm         bool
	HelmCommand        string // "" is helm
	HelmAPIVersions    []string
	HelmKubeVersion    string
	HelmDebug          bool
}

// LoadRestrictor says which files a kustomization may load.
type LoadRestrictor string

// The load restrictors, with kustomize's own names; "" is RootOnly.
const (
	RootOnly       LoadRestrictor = "LoadRestrictionsRootOnly"
	NoRestrictions LoadRestrictor = "LoadRestrictionsNone"
)

// Reorder says in which order kustomize gives the objects, where the
// kustomization has no sortOptions.
type Reorder string

// The orders, with kustomize's own names; "" is kustomize's default, which is
// legacy.
const (
	ReorderLegacy Reorder = "legacy"
	ReorderNone   Reorder = "none"
)

// A Result is what was built.
type Result struct {
	// Output is a stream of YAML documents; empty where the plan fails, or where
	// there are no objects.
	Output []byte
	// Plan is what was done and what there is to say: see its Messages and Failed.
	Plan imagepull.Plan
	// ConfigFrom names the file that the config is from; "" for the defaults and
	// the config of the options.
	ConfigFrom string
}

// Run builds. Errors are what is wrong with options, config or input; findings
// that fail the run are in the result's plan.
//
// While kustomize runs, its record of earlier names is kept in the objects (the
// variable resource.BuildAnnotations of sigs.k8s.io/kustomize/api), so kustomize
// must not run elsewhere in the program at the same time. Runs of this package
// wait for each other.
func Run(o Options) (*Result, error) {
	if o.Dir == "" {
		o.Dir = "."
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	local, found := false, false
	if info, err := os.Stat(o.Dir); err == nil {
		if !info.IsDir() {
			return nil, fmt.Errorf("%s is a file: name the folder of a kustomization", o.Dir)
		}
		local, found = true, hasKustomization(o.Dir)
	}
	c, from := o.Config, ""
	if c == nil && local {
		var err error
		if c, from, err = beside(o.Dir); err != nil {
			return nil, err
		}
	}
	switch {
	case !local || found:
		return kustomized(&o, c, from)
	case o.Sources == Manifests && len(o.Images) > 0:
		return nil, fmt.Errorf("%s has no kustomization, so that there is nowhere to set image %s", o.Dir, o.Images[0])
	case o.Sources == Manifests:
		return plain(&o, c, from)
	}
	return nil, &NoKustomization{Dir: o.Dir}
}

func (o *Options) check() error {
	switch o.Kustomize.LoadRestrictor {
	case "", RootOnly, NoRestrictions:
	default:
		return fmt.Errorf("--load-restrictor %s: it must be %s or %s", o.Kustomize.LoadRestrictor, RootOnly, NoRestrictions)
	}
	switch o.Kustomize.Reorder {
	case "", ReorderLegacy, ReorderNone:
	default:
		return fmt.Errorf("--reorder %s: it must be %s or %s", o.Kustomize.Reorder, ReorderLegacy, ReorderNone)
	}
	for _, text := range o.Images {
		if _, err := parseImage(text); err != nil {
			return err
		}
	}
	return nil
}

// NoKustomization is the error where a folder holds none.
type NoKustomization struct{ Dir string }

func (e *NoKustomization) Error() string {
	return fmt.Sprintf("%s holds no kustomization.yaml, kustomization.yml or Kustomization", e.Dir)
}

// beside reads the config that lies in a folder; nil where there is none.
func beside(dir string) (*v1alpha1.ImagePullConfig, string, error) {
	file := filepath.Join(dir, ConfigName)
	src, err := os.ReadFile(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, "", nil
	case err != nil:
		return nil, "", err
	}
	c, err := ParseConfig(src, file)
	return c, file, err
}

// ParseConfig reads the text of a config; the name is for errors.
func ParseConfig(src []byte, name string) (*v1alpha1.ImagePullConfig, error) {
	doc, err := yamledit.Parse(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if !doc.Root().Exists() {
		return nil, fmt.Errorf("%s: the file holds no config; it must hold an ImagePullConfig or a ConfigMap", name)
	}
	c, err := v1alpha1.Decode(doc.Root(), imagepull.FindingIDs()...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &c, nil
}

// ready makes a config ready for deciding: the given one, or the defaults, with
// the options' changes.
func (o *Options) ready(c *v1alpha1.ImagePullConfig, from string) (imagepull.Config, error) {
	changed := v1alpha1.Default()
	if c != nil {
		changed = *c
	}
	if o.Override != nil {
		o.Override(&changed)
	}
	ready, err := imagepull.New(changed)
	switch {
	case err != nil && from != "":
		return ready, fmt.Errorf("%s with what stands above it: %w", from, err)
	case err != nil:
		return ready, fmt.Errorf("the config: %w", err)
	}
	return ready, nil
}

// finish makes the output of a plan.
func finish(plan imagepull.Plan, from string, write func(*bytes.Buffer) error) (*Result, error) {
	r := &Result{Plan: plan, ConfigFrom: from}
	if plan.Failed() {
		return r, nil
	}
	var out bytes.Buffer
	if err := write(&out); err != nil {
		return nil, err
	}
	r.Output = out.Bytes()
	return r, nil
}
