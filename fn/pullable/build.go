package main

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/pullable/pullable/pkg/build"
)

// rendering is the command build.
type rendering struct {
	build.Options
	overrides
	plain bool
}

func newBuildCommand() *cobra.Command {
	var r rendering
	cmd := &cobra.Command{
		Use:   "build [DIR]",
		Short: "Render a kustomization and do its images",
		Long: `build renders the kustomization in DIR (without it the current folder; a URL as
kustomize takes it) and does the images of the result: kustomize build and
pullable in one program, without plugin flags, shell or container engine. Use it
where you would run kustomize build, in a pipeline or by hand.

The config is that of --config, else pullable.yaml in DIR, else the one that the
kustomization itself hands to pullable as a transformer, else the defaults. Such
a transformer is left out, so that nothing is done twice.

Pull secrets are named as the kustomization's files and generators name them;
the name prefixes, suffixes and hashes that kustomize gives to a Secret reach the
pods and workflows of every kind that pullable knows, or that the config teaches
it.

What kustomize lets a kustomization do by default it may do here: it loads files
from its own folder only, and runs no function, plugin or Helm unless a flag below
says so. Bases that are git repositories are fetched with git.

Exit codes: 0 done; 1 findings that fail the run, and nothing is written; 2 what
kustomize refuses, bad config or usage.`,
		Example: `  # What would reach the cluster?
  pullable build overlays/production | kubectl diff -f -

  # In a release job: the tag that was just built, and the pull secret of the registry
  pullable build --image registry.example.com/team/web:$TAG --pull-secret regcred overlays/production

  # A folder of manifests without a kustomization, as one stream
  pullable build --plain deploy/`,
		Args: cobra.MaximumNArgs(1),
		RunE: r.run,
	}
	flags := cmd.Flags()
	flags.StringVar(&r.config, "config", "", "`file` with the config; else "+configName+" in DIR, else that of the kustomization's own transformer, else the defaults")
	r.addOverrides(cmd)
	flags.StringArrayVar(&r.Images, "image", nil, "set an image as kustomize edit set image does, `NAME=NEWNAME:TAG`, NAME:TAG, NAME@DIGEST …, without a change of any file; may be repeated")
	flags.BoolVar(&r.plain, "plain", false, "where DIR holds no kustomization, take the manifests in it and below, in the order of their paths")
	addKustomizeFlags(cmd, &r.Kustomize)
	return cmd
}

// addKustomizeFlags adds the flags of kustomize build, by kustomize's own names.
func addKustomizeFlags(cmd *cobra.Command, k *build.Kustomize) {
	flags := cmd.Flags()
	flags.StringVar((*string)(&k.LoadRestrictor), "load-restrictor", string(build.RootOnly), "as in kustomize: "+string(build.NoRestrictions)+" lets kustomizations load files from outside their folder")
	flags.StringVar((*string)(&k.Reorder), "reorder", "", "as in kustomize: legacy or none; sortOptions of the kustomization wins")
	flags.BoolVar(&k.EnableHelm, "enable-helm", false, "as in kustomize: inflate Helm charts")
	flags.StringVar(&k.HelmCommand, "helm-command", "helm", "as in kustomize: `program` that inflates Helm charts")
	flags.StringArrayVar(&k.HelmAPIVersions, "helm-api-versions", nil, "as in kustomize: Kubernetes API `versions` for Helm's Capabilities.APIVersions")
	flags.StringVar(&k.HelmKubeVersion, "helm-kube-version", "", "as in kustomize: Kubernetes `version` for Helm's Capabilities.KubeVersion")
	flags.BoolVar(&k.HelmDebug, "helm-debug", false, "as in kustomize: debug output of Helm")
	flags.BoolVar(&k.EnableAlphaPlugins, "enable-alpha-plugins", false, "as in kustomize: run other functions and plugins of the kustomization")
	flags.BoolVar(&k.EnableExec, "enable-exec", false, "as in kustomize: with --enable-alpha-plugins, functions may be executables; not for kustomizations that you do not trust")
	flags.BoolVar(&k.Network, "network", false, "as in kustomize: functions in containers that ask for the network get it")
	flags.StringVar(&k.NetworkName, "network-name", "bridge", "as in kustomize: the `network` that they get")
	flags.StringArrayVar(&k.Mounts, "mount", nil, "as in kustomize: a storage `option` for functions in containers")
	flags.StringArrayVarP(&k.Env, "env", "e", nil, "as in kustomize: an environment `variable` for functions")
	flags.BoolVar(&k.AsCurrentUser, "as-current-user", false, "as in kustomize: run functions in containers as the current user")
	completeWords(cmd, "load-restrictor", string(build.RootOnly), string(build.NoRestrictions))
	completeWords(cmd, "reorder", string(build.ReorderLegacy), string(build.ReorderNone))
}

func (r *rendering) run(cmd *cobra.Command, args []string) error {
	// kustomize makes more garbage than a stream does; see main.
	debug.SetGCPercent(200)
	if len(args) > 0 {
		r.Dir = args[0]
	}
	if r.plain {
		r.Sources = build.Manifests
	}
	if r.config != "" {
		c, err := readConfigFile(r.config)
		if err != nil {
			return err
		}
		r.Config = &c
	}
	library, err := r.definitions.library()
	if err != nil {
		return err
	}
	r.Definitions, r.Override = library, r.apply
	result, err := build.Run(r.Options)
	var none *build.NoKustomization
	if errors.As(err, &none) {
		return fmt.Errorf("%w: name the folder of one; for a plain folder use pullable build --plain %s, or pullable fix to change its files", err, none.Dir)
	}
	if err != nil {
		return err
	}
	return writeResult(result, cmd.OutOrStdout(), cmd.ErrOrStderr(), nil)
}

// writeResult writes what was built, and what there is to say. An output of
// nothing is the error empty, where that is one.
func writeResult(result *build.Result, stdout, stderr io.Writer, empty error) error {
	for _, line := range result.Plan.Messages() {
		fmt.Fprintln(stderr, line)
	}
	switch {
	case result.Plan.Failed():
		return errFindings
	case len(result.Output) == 0 && empty != nil:
		return empty
	}
	if _, err := stdout.Write(result.Output); err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	return nil
}
