package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/argocd"
	"github.com/pullable/pullable/pkg/build"
)

func newArgocdCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "argocd",
		Short: "Answer Argo CD, as a config management plugin",
		Long: `argocd holds the commands that Argo CD runs in a plugin's sidecar, which the
container image is: see its file /home/argocd/cmp-server/config/plugin.yaml. They
run in the folder of an Application, and what the Application says is in the
variables that Argo CD gives them.`,
	}
	cmd.AddCommand(newArgocdGenerateCommand(), newArgocdParametersCommand())
	return cmd
}

func newArgocdGenerateCommand() *cobra.Command {
	o := build.Options{Sources: build.Manifests}
	cmd := &cobra.Command{
		Use:   "generate [DIR]",
		Short: "Write an Application's manifests",
		Long: `generate writes the manifests of the Application in DIR (without it the current
folder): its kustomization is rendered, or the manifests in it and below are
taken as they are, and the images are done. The config is DIR's pullable.yaml.

Above it stand the parameters of the Application, from ARGOCD_APP_PARAMETERS, and
its variables, from ARGOCD_ENV_…; pullable argocd parameters lists them. Objects
that name no namespace are in ARGOCD_APP_NAMESPACE.

The flags are for the plugin's file: no Application can say what they say.

Exit codes: 0 done; 1 findings that fail the run; 2 what kustomize refuses, bad
config or parameters. Nothing is written on standard output then, and standard
error is what the Application's page shows.`,
		Example: `  # What would Argo CD get?
  cd apps/web && ARGOCD_APP_NAMESPACE=shop pullable argocd generate

  # In plugin.yaml, for kustomizations that load files from outside their folder
  command: [/pullable, argocd, generate, --load-restrictor, LoadRestrictionsNone]`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.Dir = args[0]
			}
			return argocdGenerate(o, os.Environ(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addKustomizeFlags(cmd, &o.Kustomize)
	return cmd
}

func argocdGenerate(o build.Options, environ []string, stdout, stderr io.Writer) error {
	settings, err := argocd.Read(environ)
	if err != nil {
		return err
	}
	o.Images, o.Override = settings.Images, settings.Override
	result, err := build.Run(o)
	if err != nil {
		return err
	}
	return writeResult(result, stdout, stderr,
		errors.New("there are no manifests here; Argo CD would take the Application for empty, and might delete what it has deployed"))
}

func newArgocdParametersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "parameters [DIR]",
		Short: "Announce the parameters that an Application may have",
		Long: `parameters announces, as JSON, what an Application may say under
spec.source.plugin.parameters, and what holds where it says nothing: the values
of pullable.yaml in DIR (without it the current folder), or the defaults.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return argocdParameters(dir, os.Environ(), cmd.OutOrStdout())
		},
	}
}

func argocdParameters(dir string, environ []string, stdout io.Writer) error {
	config := v1alpha1.Default()
	file := filepath.Join(dir, configName)
	switch src, err := os.ReadFile(file); {
	case err == nil:
		c, err := build.ParseConfig(src, file)
		if err != nil {
			return err
		}
		config = *c
	case !errors.Is(err, os.ErrNotExist):
		return err
	}
	encoder := json.NewEncoder(stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(argocd.Announce(config, environ)); err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	return nil
}
