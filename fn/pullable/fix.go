package main

import "github.com/spf13/cobra"

func newFixCommand() *cobra.Command {
	x := examination{fix: true}
	cmd := &cobra.Command{
		Use:   "fix [PATH…]",
		Short: "Make the changes that are due in files of manifests",
		Long: `fix makes the changes that check lists: it writes only the files that change,
and changes only the lines that it adds or corrects. Each file is written whole
or not at all; its mode and owner stay, and a symbolic link stays one. With -
it reads standard input and writes the manifests to standard output.

Use it once when you adopt pullable, and whenever check says that changes are
due. A file with a finding that fails the run is left as it is; the others are
fixed.

Exit codes: 0 done; 1 findings that fail the run; 2 files that cannot be read or
written, bad config or usage. Other files are fixed all the same.`,
		Example: `  # Adopt pullable in this repository, and look at what it did
  pullable fix && git diff

  # Give every pod of a folder a pull secret, and show the changes
  pullable fix --pull-secret regcred --diff deploy/`,
		RunE: x.run,
	}
	x.addFlags(cmd)
	return cmd
}
