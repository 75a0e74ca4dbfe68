package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/inventory"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/tree"
)

// verification is the command verify.
type verification struct {
	paths
	overrides
	quiet bool
}

func newVerifyCommand() *cobra.Command {
	var v verification
	cmd := &cobra.Command{
		Use:   "verify [PATH…]",
		Short: "Say whether manifests have been through pullable",
		Long: `verify reads what a host has built, from standard input or from files and
folders, and fails if there is anything that pullable would have done: an image
without a pull policy, a pod without a pull secret of the config. It prints one
line for each object that was missed. It changes nothing.

Use it behind a host that runs pullable as a function, because some hosts leave
a function out and say nothing: kustomize does so with an executable where
--enable-exec is not given, and kubectl kustomize always.

The config is the function's own, that of --config; else the nearest
pullable.yaml upwards, else the defaults. Pull secrets that kustomize has given a
prefix, suffix or hash are known by the names of the docker Secrets among the
manifests.

Exit codes: 0 all is done; 1 something was missed, or findings fail the run; 2
what cannot be read, bad config or usage.`,
		Example: `  # Did kustomize run the function?
  pullable verify --config image-pull.yaml < built.yaml

  # Between a build and the cluster
  kustomize build overlays/production > built.yaml && pullable verify < built.yaml && kubectl apply -f built.yaml`,
		RunE: v.run,
	}
	cmd.Flags().BoolVarP(&v.quiet, "quiet", "q", false, "print nothing where all is done")
	v.overrides.addFlags(cmd)
	v.paths.addFlags(cmd)
	return cmd
}

func (v *verification) run(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		args = []string{stdinName}
	}
	c, err := v.overrides.read(args)
	if err != nil {
		return err
	}
	c.Check = false // changes are told apart from findings here
	config, err := ready(c)
	if err != nil {
		return err
	}
	t, incomplete, err := readTree(cmd, &v.paths, &v.definitions, &config, args)
	if err != nil {
		return err
	}
	for i := range t.Files {
		switch f := &t.Files[i]; {
		case errors.Is(f.Err, manifest.ErrEmpty) && f.Path == stdinName:
			return errors.New("the input is empty, as after a broken pipe")
		case f.Err != nil:
			fmt.Fprintf(cmd.ErrOrStderr(), "error: %s: %v [unreadable]\n", f.Path, f.Err)
			incomplete = errUnreadable
		}
	}
	t.FollowGenerated(&config)
	plan := t.Decide(config)
	failed := v.findings(cmd.ErrOrStderr(), plan)
	missed := missedObjects(t, plan)
	if err := v.report(cmd.OutOrStdout(), missed, t.Inventory(config)); err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	switch {
	case incomplete != nil:
		return incomplete
	case failed || len(missed) > 0:
		return errFindings
	}
	return nil
}

// findings prints what fails the run and is no change that is due.
func (v *verification) findings(w io.Writer, plan *tree.Plan) (failed bool) {
	for i := range plan.Entries {
		if e := &plan.Entries[i]; !e.Change && plan.Fails(e) {
			fmt.Fprintf(w, "%s: %s: %s [%s]\n", e.Severity, e.Object, e.Message, e.ID)
			failed = true
		}
	}
	return failed
}

// A missedObject is an object that something is due in.
type missedObject struct {
	object *manifest.Object
	where  string
	due    [][]string // by kind of change, as the words of changeWords
}

// changeWords say what is due, in the order in which it is said.
var changeWords = [...]struct {
	id   imagepull.FindingID
	text string
	what func(e *imagepull.Entry) string
}{
	{imagepull.PolicySet, "no pull policy at ", func(e *imagepull.Entry) string { return e.Path }},
	{imagepull.PolicyChanged, "another pull policy than is due at ", func(e *imagepull.Entry) string { return e.Path }},
	{imagepull.SecretAdded, "no pull secret ", func(e *imagepull.Entry) string { return e.New }},
	{imagepull.SecretRemoved, "still with pull secret ", func(e *imagepull.Entry) string { return e.Old }},
	{imagepull.AccountCreated, "the object is not there", func(*imagepull.Entry) string { return "" }},
}

// missedObjects gives the objects that something is due in, in their order.
func missedObjects(t *tree.Tree, plan *tree.Plan) []*missedObject {
	var all []*missedObject
	index := map[*manifest.Object]int{}
	for i := range plan.Entries {
		e := &plan.Entries[i]
		if !e.Change {
			continue
		}
		at, known := index[e.Object]
		if !known {
			at = len(all)
			index[e.Object] = at
			all = append(all, &missedObject{object: e.Object, where: where(t, e.Object), due: make([][]string, len(changeWords))})
		}
		for k, words := range changeWords {
			if what := words.what(e); words.id == e.ID && !slices.Contains(all[at].due[k], what) {
				all[at].due[k] = append(all[at].due[k], what)
			}
		}
	}
	return all
}

// where says where an object stands: "web.yaml, line 7".
func where(t *tree.Tree, o *manifest.Object) string {
	var parts []string
	if path := t.Files[o.Source].Path; path != stdinName {
		parts = append(parts, path)
	}
	if o.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", o.Line))
	}
	return strings.Join(parts, ", ")
}

func (m *missedObject) String() string {
	const most = 3 // of one kind, in a line that people read
	var parts []string
	for k, words := range changeWords {
		due := m.due[k]
		if len(due) == 0 {
			continue
		}
		text := words.text + strings.Join(due[:min(most, len(due))], ", ")
		if more := len(due) - most; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		parts = append(parts, text)
	}
	text := m.object.String() + ": " + strings.Join(parts, "; ")
	if m.where != "" {
		text += " (" + m.where + ")"
	}
	return text
}

// withImages counts the objects that name images, and the images.
func withImages(images []inventory.Image) (objects, n int) {
	seen := map[[2]string]bool{}
	for _, image := range images {
		for _, use := range image.Uses {
			seen[[2]string{use.File, use.Object}] = true
		}
	}
	return len(seen), len(images)
}

func (v *verification) report(w io.Writer, missed []*missedObject, images []inventory.Image) error {
	objects, n := withImages(images)
	if len(missed) == 0 {
		if v.quiet {
			return nil
		}
		_, err := fmt.Fprintf(w, "nothing is left to do: %s in %s\n", plural(n, "image"), plural(objects, "object"))
		return err
	}
	var s strings.Builder
	for _, m := range missed {
		fmt.Fprintln(&s, m)
	}
	fmt.Fprintf(&s, "\n%s missed; %d with images looked at.\n", plural(len(missed), "object"), objects)
	if len(missed) < objects {
		s.WriteString(`They came in or changed after pullable ran, or it ran with another config or on a part only (include, exclude).
If it did not run at all: `)
	} else {
		s.WriteString("It looks as if pullable did not run: ")
	}
	s.WriteString(`kustomize runs an executable with both --enable-alpha-plugins and --enable-exec; without
the second it leaves it out and says nothing, as kubectl kustomize always does. pullable build DIR needs no flags, nor does
kustomize build DIR | pullable.
`)
	_, err := io.WriteString(w, s.String())
	return err
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
