package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pullable/pullable/pkg/files"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/report"
	"github.com/pullable/pullable/pkg/tree"
)

// errUnreadable ends a run in which some files could not be read or written;
// what is wrong with them was said already.
var errUnreadable = errors.New("files could not be read")

// examination is what check and fix have in common.
type examination struct {
	fix bool
	paths
	overrides
	diff   bool
	output string
	quiet  bool
}

func (x *examination) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&x.diff, "diff", false, "print the changes as a unified diff, as git apply takes it, and the findings on standard error")
	flags.StringVarP(&x.output, "output", "o", "text", "`format` of the findings: "+strings.Join(formats(), ", "))
	flags.BoolVarP(&x.quiet, "quiet", "q", false, "print nothing but what makes the run fail")
	x.overrides.addFlags(cmd)
	x.paths.addFlags(cmd)
	completeWords(cmd, "output", formats()...)
}

func formats() []string {
	names := []string{"text"}
	var others []string
	for name := range report.Formats {
		if name != "text" {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	return append(names, others...)
}

func (x *examination) run(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		args = []string{"."}
	}
	streams := x.fix && slices.Contains(args, stdinName)
	format, known := report.Formats[x.output]
	switch {
	case !known:
		return fmt.Errorf("--output %s: there is no such format; it must be one of %s", x.output, strings.Join(formats(), ", "))
	case x.diff && x.output != "text":
		return fmt.Errorf("--diff and --output %s would both write to standard output: leave one of them out", x.output)
	case streams && (len(args) > 1 || x.diff || x.output != "text"):
		return errors.New("fix - writes the manifests to standard output: give no other path, --diff or --output with it")
	}
	c, err := x.overrides.read(args)
	if err != nil {
		return err
	}
	c.Check = !x.fix
	config, err := ready(c)
	if err != nil {
		return err
	}
	t, incomplete, err := readTree(cmd, &x.paths, &x.definitions, &config, args)
	if err != nil {
		return err
	}
	plan := t.Decide(config)
	doing := "checking"
	if x.fix {
		doing = "fixing"
	}
	working := startProgress(audience(cmd.ErrOrStderr()), patience, doing, 0)
	outcomes := tree.Each(plan, func(f *tree.FilePlan) outcome {
		defer working.step()
		return x.file(plan, f)
	})
	working.stop()

	r := report.Report{Version: versionText(), Fix: x.fix, Files: len(t.Files), Rules: rules()}
	for i := range t.Files {
		r.Objects += t.Files[i].Objects
	}
	unreadable := incomplete != nil
	for i := range outcomes {
		r.Findings = append(r.Findings, outcomes[i].findings...)
		unreadable = unreadable || outcomes[i].unreadable
	}
	stdout := cmd.OutOrStdout()
	to := stdout
	if x.diff || streams {
		to = cmd.ErrOrStderr()
		for i := range outcomes {
			if _, err := stdout.Write(outcomes[i].diff); err != nil {
				return fmt.Errorf("writing the output: %w", err)
			}
		}
	}
	if x.output == "text" {
		format = report.Text{Color: colored(to), Quiet: x.quiet, Width: width(to)}
	}
	failed := slices.ContainsFunc(r.Findings, func(f report.Finding) bool { return f.Fails })
	if streams && !failed && !unreadable {
		if err := writeStream(stdout, t, outcomes); err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
	}
	if err := format.Write(to, &r); err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	switch {
	case incomplete != nil:
		return incomplete
	case unreadable:
		return errUnreadable
	case failed:
		return errFindings
	}
	return nil
}

// writeStream writes standard input's manifests as they are now.
func writeStream(w io.Writer, t *tree.Tree, outcomes []outcome) error {
	content := t.Files[0].Content
	if len(outcomes) > 0 {
		content = outcomes[0].content
	}
	_, err := w.Write(content)
	return err
}

// outcome is what became of one file.
type outcome struct {
	findings   []report.Finding
	diff       []byte
	content    []byte // of standard input
	unreadable bool
}

// file shows, and where it is asked for makes, the changes of one file.
func (x *examination) file(plan *tree.Plan, f *tree.FilePlan) outcome {
	var o outcome
	before, after, changes, err := f.Change()
	made := false
	if x.diff && err == nil {
		o.diff, err = report.Diff(f.Path, before, changes, f.Confidential())
	}
	switch {
	case err != nil || len(changes) == 0:
	case x.fix && f.Real != "":
		err = files.Replace(f.Real, after)
		made = err == nil
	case x.fix:
		made = true
	}
	if f.Real == "" {
		o.content = after
	}
	if err != nil {
		o.unreadable = true
		o.findings = append(o.findings, unreadable(f.Path, err))
	}
	for _, e := range f.Entries {
		o.findings = append(o.findings, report.Finding{
			ID: string(e.ID), Severity: e.Severity, Change: e.Change, Made: e.Change && made,
			Fails: plan.Fails(e.Entry) || e.Change && x.fix && !made,
			File:  f.Path, Line: e.Line, Column: e.Column, Object: e.Object, Field: e.Path,
			Old: e.Old, New: e.New, Message: e.Message,
		})
	}
	return o
}

func unreadable(path string, err error) report.Finding {
	f := report.Finding{ID: report.Unreadable, Severity: manifest.SeverityError, Fails: true, File: path, Message: err.Error()}
	var bad *manifest.InputError
	var system *os.PathError
	switch {
	case errors.As(err, &bad):
		without := *bad
		f.Line, without.Line = bad.Line, 0
		f.Message = without.Error()
	case errors.As(err, &system):
		f.Message = fmt.Sprintf("%s: %v", system.Op, system.Err)
	}
	return f
}

// rules are all ids that findings may have.
func rules() []report.Rule {
	all := []report.Rule{
		{ID: string(imagepull.PolicySet), Severity: manifest.SeverityError, Meaning: "A pull policy is to be written where none is set."},
		{ID: string(imagepull.PolicyChanged), Severity: manifest.SeverityError, Meaning: "A pull policy is to be changed."},
		{ID: string(imagepull.SecretAdded), Severity: manifest.SeverityError, Meaning: "A pull secret is to be added."},
		{ID: string(imagepull.SecretRemoved), Severity: manifest.SeverityError, Meaning: "A pull secret is to be taken out."},
		{ID: string(imagepull.AccountCreated), Severity: manifest.SeverityError, Meaning: "A ServiceAccount is to be made."},
		{ID: report.Unreadable, Severity: manifest.SeverityError, Meaning: "A file that looks like manifests cannot be read, written or shown."},
	}
	for _, k := range imagepull.FindingKinds {
		all = append(all, report.Rule{ID: string(k.ID), Severity: k.Severity, Meaning: k.Meaning})
	}
	return all
}

// colored says whether to write colours: to a terminal, unless NO_COLOR is set
// (https://no-color.org).
func colored(w io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && terminal(w)
}

// terminal says whether a stream is a terminal, or another device that nobody
// reads files from.
func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
