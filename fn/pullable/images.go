package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pullable/pullable/pkg/inventory"
)

// images is the inventory.
type images struct {
	paths
	overrides
	output string
}

var inventoryFormats = []string{"table", "json", "csv", "html"}

func newImagesCommand() *cobra.Command {
	var x images
	cmd := &cobra.Command{
		Use:   "images [PATH…]",
		Short: "List every image, and the policy and secrets that it is pulled with",
		Long: `images lists every image in files and folders of manifests (without a path the
current folder, - is standard input): its registry, tag or digest, the pull
policy in force and why, the pull secrets that its pod gets and from where, and
the objects that use it. What check would call due is shown as due.

Use it to see what a set of manifests pulls before you adopt pullable, or to
hand the list to somebody: the HTML page is one file that needs nothing else.

Exit codes: 0 done; 2 files that cannot be read, bad config or usage. Other
files are listed all the same.`,
		Example: `  # What does this repository pull, and how?
  pullable images

  # A page to send to the people who run the registry
  pullable images -o html deploy/ > images.html

  # All registries
  pullable images -o json | jq -r '.images[].registry' | sort -u`,
		RunE: x.run,
	}
	cmd.Flags().StringVarP(&x.output, "output", "o", "table", "`format` of the list: "+strings.Join(inventoryFormats, ", "))
	x.overrides.addFlags(cmd)
	x.paths.addFlags(cmd)
	completeWords(cmd, "output", inventoryFormats...)
	return cmd
}

func (x *images) run(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		args = []string{"."}
	}
	if !slices.Contains(inventoryFormats, x.output) {
		return fmt.Errorf("--output %s: there is no such format; it must be one of %s", x.output, strings.Join(inventoryFormats, ", "))
	}
	c, err := x.overrides.read(args)
	if err != nil {
		return err
	}
	c.Check = false // what is due is shown beside the image, not as an error
	config, err := ready(c)
	if err != nil {
		return err
	}
	t, incomplete, err := readTree(cmd, &x.paths, &x.definitions, &config, args)
	if err != nil {
		return err
	}
	stdout := cmd.OutOrStdout()
	formats := map[string]inventory.Format{
		"table": inventory.Table{Width: width(stdout)}, "json": inventory.JSON{}, "csv": inventory.CSV{}, "html": inventory.HTML{},
	}
	if err := formats[x.output].Write(stdout, t.Inventory(config)); err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	if incomplete != nil {
		return incomplete
	}
	for i := range t.Files {
		if f := &t.Files[i]; f.Err != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "error: %s: %v [unreadable]\n", f.Path, f.Err)
			err = errUnreadable
		}
	}
	return err
}

// width gives how many characters a line may have: what COLUMNS says, else what
// the terminal says, 0 (no limit) where it is no terminal.
func width(w io.Writer) int {
	if !terminal(w) {
		return 0
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if file, ok := w.(*os.File); ok {
		return terminalWidth(file)
	}
	return 0
}
