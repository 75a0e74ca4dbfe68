package main

import "github.com/spf13/cobra"

func newCheckCommand() *cobra.Command {
	var x examination
	cmd := &cobra.Command{
		Use:   "check [PATH…]",
		Short: "Say what is due in files of manifests, and change nothing",
		Long: `check reads files and folders of manifests (.yaml, .yml, .json; without a path
the current folder, - is standard input), sees them as one package, and lists
the changes that are due and what else it finds. It changes nothing.

Use it in a pull request's pipeline, so that nobody merges manifests without
pull policies, and before you adopt pullable, to see what it would do.

Hidden and git-ignored files and the templates of Helm charts are left out. The
config is that of --config, else the nearest pullable.yaml upwards.

Exit codes: 0 nothing is due; 1 changes are due, or findings fail the run; 2
files that cannot be read, bad config or usage. Other files are checked all the
same.`,
		Example: `  # Before a commit: what is due in this repository?
  pullable check

  # As a patch to look at, and to apply if you like it
  pullable check --diff deploy/ | git apply

  # In a GitHub workflow: show the findings beside the lines of the pull request
  pullable check -o github deploy/`,
		RunE: x.run,
	}
	x.addFlags(cmd)
	return cmd
}
