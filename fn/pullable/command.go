package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	exitDone     = 0
	exitFindings = 1 // findings fail the run; in check mode: changes are due
	exitBadInput = 2 // bad input, config or usage
)

// version is set when a release is built.
var version = ""

// errFindings ends a run whose findings are on standard error already.
var errFindings = errors.New("findings")

// run is the program. It returns the exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	cmd := newCommand()
	if len(args) > 0 {
		// A function has no arguments, and should not wait for what it never runs.
		addCommands(cmd)
	}
	cmd.SetArgs(append([]string{}, args...)) // cobra takes nil for the program's own arguments
	cmd.SetIn(stdin)
	cmd.SetOut(stdout)
	file, err := openFindings(args)
	if err != nil {
		fmt.Fprintf(stderr, "pullable: %v\n", err)
		return exitBadInput
	}
	if file == nil {
		cmd.SetErr(stderr)
		return exitCode(cmd.Execute(), stderr)
	}
	both := &twoErrors{stderr: stderr, file: file}
	cmd.SetErr(both)
	code := exitCode(cmd.Execute(), both)
	if err := errors.Join(both.failed, file.Close()); err != nil && code == exitDone {
		fmt.Fprintf(stderr, "pullable: writing the findings: %v\n", err)
		return exitBadInput
	}
	return code
}

// exitCode is the exit code for what became of the run, which it says on
// standard error where nobody has said it.
func exitCode(err error, stderr io.Writer) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.Is(err, errUnreadable):
		return exitBadInput
	default:
		fmt.Fprintf(stderr, "pullable: %v\n", err)
		return exitBadInput
	}
}

func addCommands(cmd *cobra.Command) {
	cmd.AddCommand(newCheckCommand(), newFixCommand(), newBuildCommand(), newArgocdCommand(), newVerifyCommand(), newImagesCommand(), newExplainCommand(), newKindsCommand(), newSecretCommand())
	cmd.CompletionOptions.DisableDefaultCmd = false
}

func newCommand() *cobra.Command {
	var f function
	cmd := &cobra.Command{
		Use:   "pullable",
		Short: "Make every image in Kubernetes manifests pullable as declared",
		Long: `pullable makes every image in a set of Kubernetes manifests pullable as
declared: an explicit pull policy, and the right pull secrets. It reads manifests
from standard input, writes them to standard output, and changes nothing but the
lines that it adds or corrects.

Without a config it writes the pull policy that the API server would choose
(Always for the tag latest or no tag, else IfNotPresent) where none is set.

On plain YAML or JSON manifests it is a filter; hand it a config with --config.
On a ResourceList, as kustomize and kpt send it, it is a KRM function; the config
is the list's functionConfig, an ImagePullConfig or a ConfigMap.

Exit codes: 0 done; 1 findings that fail the run, or in check mode changes that
are due; 2 bad input, config or usage. Nothing is written on standard output
when a plain stream fails.`,
		Example: `  # Look at what would change, before you adopt it
  diff <(cat deploy.yaml) <(pullable < deploy.yaml)

  # Between any tool that renders manifests and the cluster
  helm template web ./chart | pullable --config image-pull.yaml | kubectl apply -f -

  # A config that adds a pull secret to every pod
  cat > image-pull.yaml <<END
  apiVersion: pullable.dev/v1alpha1
  kind: ImagePullConfig
  metadata:
    name: image-pull
    annotations: {config.kubernetes.io/local-config: "true"}
  pullSecrets:
    add:
    - name: regcred
  END`,
		Version:           versionText(),
		Args:              cobra.NoArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.SetHelpCommand(&cobra.Command{Hidden: true})
	cmd.Flags().StringVar(&f.config, "config", "", "`file` with the config (ImagePullConfig or ConfigMap) for plain manifests")
	f.definitions.addFlags(cmd)
	cmd.Flags().BoolVar(&f.allowEmpty, "allow-empty", false, "accept an input of zero bytes, which else is taken for a broken pipe")
	cmd.PersistentFlags().String(findingsFlag, "", "also append what goes to standard error to this `file`, for hosts that throw it away; "+
		findingsVariable+" in the environment does the same")
	cmd.SetVersionTemplate("pullable {{.Version}}\n")
	return cmd
}

func versionText() string {
	if version != "" {
		return version
	}
	if len(os.Args) < 2 {
		return "unknown" // reading the build's own information takes time, and nobody asked
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
