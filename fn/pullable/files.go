package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/files"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/tree"
)

// configName is the name of the config that belongs to the folders below it.
const configName = "pullable.yaml"

// stdinName stands for standard input among paths.
const stdinName = "-"

var manifestExtensions = []string{".yaml", ".yml", ".json"}

// paths are the options that say which files are read.
type paths struct {
	hidden, ignored, charts, outside bool
	exclude                          []string
}

func (p *paths) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&p.hidden, "hidden", false, "read hidden files and folders too")
	flags.BoolVar(&p.ignored, "ignored", false, "read files that .gitignore leaves out too")
	flags.BoolVar(&p.charts, "helm-templates", false, "read the templates folders of Helm charts too")
	flags.BoolVar(&p.outside, "outside", false, "follow symbolic links that lead out of the given paths too")
	flags.StringArrayVar(&p.exclude, "exclude", nil, "leave out files and folders that match this `pattern`, in the language of .gitignore; may be repeated")
}

// inputs finds the files. An error comes with the files that were found all the
// same, unless a path that was given is not there.
func (p *paths) inputs(args []string, stdin io.Reader) ([]tree.Input, error) {
	var inputs []tree.Input
	if slices.Contains(args, stdinName) {
		if isTerminal(stdin) {
			return nil, errors.New("nothing comes in on standard input: pipe manifests in, or give files and folders")
		}
		src, err := readAll(stdin)
		if err != nil {
			return nil, fmt.Errorf("reading standard input: %w", err)
		}
		inputs = append(inputs, tree.Input{Path: stdinName, Content: src})
		args = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == stdinName })
	}
	found, err := files.Find(args, files.Options{
		Extensions: manifestExtensions, Hidden: p.hidden, Ignored: p.ignored, Charts: p.charts, Outside: p.outside,
		Exclude: files.ParsePatterns(strings.Join(p.exclude, "\n")),
	})
	for _, f := range found {
		inputs = append(inputs, tree.Input{Path: f.Path, Real: f.Real})
	}
	return inputs, err
}

// overrides are the options that stand above the config.
type overrides struct {
	config                   string
	mode, attachTo, failOn   string
	namespace                string
	pullSecrets, removed     []string
	movingTags, requireFor   []string
	fromPackage, newAccounts bool
	findings                 map[string]string
	definitions              definitions
}

func (o *overrides) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.config, "config", "", "`file` with the config; else the nearest "+configName+" upwards from the paths, else the defaults")
	o.addOverrides(cmd)
}

// addOverrides adds all flags but --config.
func (o *overrides) addOverrides(cmd *cobra.Command) {
	flags := cmd.Flags()
	o.definitions.addFlags(cmd)
	flags.StringVar(&o.mode, "mode", "", "what to do with pull policies: Fill, Enforce or None")
	flags.StringArrayVar(&o.pullSecrets, "pull-secret", nil, "add the pull secret of this `name` to every pod, after those of the config; may be repeated")
	flags.BoolVar(&o.fromPackage, "from-package", false, "let the docker Secrets among the files serve the registries that they hold")
	flags.StringVar(&o.attachTo, "attach-to", "", "where pull secrets go: Pods or ServiceAccounts")
	flags.BoolVar(&o.newAccounts, "create-service-accounts", false, "with --attach-to ServiceAccounts: make accounts that are not among the files")
	flags.StringArrayVar(&o.requireFor, "require-for", nil, "fail where an image that matches this `pattern` ends without a pull secret; may be repeated")
	flags.StringArrayVar(&o.removed, "remove-pull-secret", nil, "take the pull secret of this `name` out of every list; may be repeated")
	flags.StringArrayVar(&o.movingTags, "moving-tag", nil, "take tags that match this `pattern` for moving ones, as latest is; may be repeated")
	flags.StringVar(&o.namespace, "default-namespace", "", "the `namespace` of objects that name none")
	flags.StringToStringVar(&o.findings, "finding", nil, "severity of a finding, as `id=severity`: Error, Warning, Info or Ignore; may be repeated")
	flags.StringVar(&o.failOn, "fail-on", "", "severity that makes the run fail: Error or Warning")
	completeWords(cmd, "mode", "Fill", "Enforce", "None")
	completeWords(cmd, "attach-to", "Pods", "ServiceAccounts")
	completeWords(cmd, "fail-on", "Error", "Warning")
}

func completeWords(cmd *cobra.Command, flag string, words ...string) {
	// The error says that there is no such flag, or that it has words already.
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
}

// read reads the config for some paths, and puts the flags above it.
func (o *overrides) read(args []string) (v1alpha1.ImagePullConfig, error) {
	file := o.config
	if file == "" {
		var err error
		if file, err = nearestConfig(args); err != nil {
			return v1alpha1.ImagePullConfig{}, err
		}
	}
	c := v1alpha1.Default()
	if file != "" {
		var err error
		if c, err = readConfigFile(file); err != nil {
			return c, err
		}
	}
	o.apply(&c)
	return c, nil
}

// apply puts the flags above a config.
func (o *overrides) apply(c *v1alpha1.ImagePullConfig) {
	if o.mode != "" {
		c.PullPolicy.Mode = v1alpha1.Mode(o.mode)
	}
	if o.attachTo != "" {
		c.PullSecrets.AttachTo = v1alpha1.AttachTo(o.attachTo)
	}
	c.PullSecrets.FromPackage = c.PullSecrets.FromPackage || o.fromPackage
	c.PullSecrets.CreateServiceAccounts = c.PullSecrets.CreateServiceAccounts || o.newAccounts
	c.PullSecrets.RequireFor = append(c.PullSecrets.RequireFor, o.requireFor...)
	if o.failOn != "" {
		c.FailOn = v1alpha1.FailOn(o.failOn)
	}
	if o.namespace != "" {
		c.DefaultNamespace = o.namespace
	}
	for _, name := range o.pullSecrets {
		c.PullSecrets.Add = append(c.PullSecrets.Add, v1alpha1.PullSecret{Name: name})
	}
	c.PullSecrets.Remove = append(c.PullSecrets.Remove, o.removed...)
	c.PullPolicy.MovingTags = append(c.PullPolicy.MovingTags, o.movingTags...)
	for id, severity := range o.findings {
		if c.Findings == nil {
			c.Findings = map[string]v1alpha1.Severity{}
		}
		c.Findings[id] = v1alpha1.Severity(severity)
	}
}

// nearestConfig looks for the config of some paths: in the deepest folder that
// holds them all, then upwards to the root of the git repository, or of the
// file system where there is none.
func nearestConfig(args []string) (string, error) {
	at, err := commonFolder(args)
	if err != nil {
		return "", err
	}
	for {
		file := filepath.Join(at, configName)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return shortest(file), nil
		}
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			return "", nil
		}
		up := filepath.Dir(at)
		if up == at {
			return "", nil
		}
		at = up
	}
}

func commonFolder(args []string) (string, error) {
	common := ""
	for _, arg := range args {
		if arg == stdinName {
			arg = "."
		}
		folder, err := filepath.Abs(arg)
		if err != nil {
			return "", err
		}
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			folder = filepath.Dir(folder)
		}
		if common == "" {
			common = folder
		}
		for {
			if below, err := filepath.Rel(common, folder); err == nil && filepath.IsLocal(below) {
				break
			}
			common = filepath.Dir(common)
		}
	}
	return common, nil
}

// shortest writes a path from the folder that people are in, where it lies in it.
func shortest(file string) string {
	here, err := os.Getwd()
	if err != nil {
		return file
	}
	if below, err := filepath.Rel(here, file); err == nil && filepath.IsLocal(below) {
		return below
	}
	return file
}

// readTree finds and reads the files. The error is one that ends the run; what
// is wrong with single files is in the tree, or printed.
func readTree(cmd *cobra.Command, p *paths, d *definitions, config *imagepull.Config, args []string) (t *tree.Tree, incomplete error, err error) {
	// Many small files make garbage all the time, and what is kept of them is
	// little: see main for the function, which reads one input.
	debug.SetGCPercent(100)
	library, err := d.library()
	if err != nil {
		return nil, nil, err
	}
	inputs, incomplete := p.inputs(args, cmd.InOrStdin())
	if incomplete != nil && inputs == nil {
		return nil, nil, incomplete
	}
	reading := startProgress(audience(cmd.ErrOrStderr()), patience, "reading", len(inputs))
	defer reading.stop()
	t, err = tree.Read(config.Table(), library, inputs, reading.step)
	return t, incomplete, err
}

func ready(c v1alpha1.ImagePullConfig) (imagepull.Config, error) {
	config, err := imagepull.New(c)
	if err != nil {
		return config, fmt.Errorf("the config with the flags: %w", err)
	}
	return config, nil
}
