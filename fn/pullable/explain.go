package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/podspec/crd"
	"github.com/pullable/pullable/pkg/yamledit"
)

func newExplainCommand() *cobra.Command {
	var f function
	cmd := &cobra.Command{
		Use:   "explain IMAGE",
		Short: "Say how an image is read, which pull policy it gets, and which pull secrets serve it",
		Long: `explain says how a cluster reads an image, which pull policy pullable gives it and
why, and which pull secrets serve it. Manifests on standard input are searched for
docker Secrets; those that match are listed in the order in which a kubelet tries
them, and those that nearly match with what is missing.`,
		Example: `  # Why is this image pulled so often?
  pullable explain registry.example.com/team/app

  # Which Secret of the package pulls it, and why not the other one?
  kustomize build overlay | pullable explain registry.example.com:5000/team/app:1.2`,
		Args:          cobra.ExactArgs(1),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.explain(args[0], cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&f.config, "config", "", "`file` with the config (ImagePullConfig or ConfigMap)")
	f.definitions.addFlags(cmd)
	return cmd
}

func (f function) explain(image string, stdin io.Reader, stdout io.Writer) error {
	config, facts, err := f.survey(stdin)
	if err != nil {
		return err
	}
	e := imagepull.Explain(config, facts, image)
	if e.State == imageref.Invalid {
		_, err := imageref.Parse(image)
		return fmt.Errorf("%s is no image: %w", image, err)
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	path, tag := e.Reference.Path, cmp.Or(e.Reference.Tag, "none")
	if e.State == imageref.Unknown {
		tag = "not known: a placeholder may bring it"
	}
	if imageref.HasPlaceholder(image) {
		path = strings.TrimSuffix(path, "/") + " (what is literal text)"
	}
	policy := "left alone"
	if e.Policy.Policy != "" {
		policy = string(e.Policy.Policy)
	}
	for _, line := range [][2]string{
		{"image", image},
		{"registry", cmp.Or(e.Reference.Domain, "not known")},
		{"repository", path},
		{"tag", tag},
		{"digest", cmp.Or(e.Reference.Digest, "none")},
		{"policy", policy + ": " + e.Policy.Reason},
	} {
		fmt.Fprintf(w, "%s\t%s\n", line[0], line[1])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	var s strings.Builder
	list(&s, "\nPull secrets that the config gives:", e.Configured, "- ")
	for _, in := range e.Namespaces {
		where := "of objects without a namespace"
		if in.Namespace != "" {
			where = "of namespace " + in.Namespace
		}
		list(&s, "\nSecrets "+where+", in the order in which a kubelet tries them:", in.Tried, "")
		list(&s, "\nSecrets "+where+" that are said to serve it:", in.Annotated, "- ")
		list(&s, "\nSecrets "+where+" that do not serve it:", in.Near, "- ")
	}
	if len(e.Configured)+len(e.Namespaces) == 0 {
		s.WriteString("\nNo pull secret is for it, and none comes close.\n")
	}
	list(&s, "\nObjects of learnt kinds that name it:", e.Learnt, "- ")
	_, err = io.WriteString(stdout, s.String())
	return err
}

// list writes reasons below a heading: numbered, or with a bullet.
func list(s *strings.Builder, heading string, reasons []imagepull.Reason, bullet string) {
	if len(reasons) == 0 {
		return
	}
	s.WriteString(heading + "\n")
	for i, r := range reasons {
		mark := bullet
		if mark == "" {
			mark = fmt.Sprintf("%d. ", i+1)
		}
		s.WriteString("  " + mark + r.Name + ": " + r.Why + "\n")
	}
}

// survey reads the config and the facts of manifests, if any come in.
func (f function) survey(stdin io.Reader) (imagepull.Config, []imagepull.Facts, error) {
	var src []byte
	if !isTerminal(stdin) {
		var err error
		if src, err = readAll(stdin); err != nil {
			return imagepull.Config{}, nil, fmt.Errorf("reading standard input: %w", err)
		}
	}
	input, err := manifest.Read(src)
	if errors.Is(err, manifest.ErrEmpty) {
		input, err = manifest.Read([]byte("# nothing\n"))
	}
	if err != nil {
		return imagepull.Config{}, nil, err
	}
	config, err := f.readConfig(input)
	if err != nil {
		return imagepull.Config{}, nil, err
	}
	library, err := f.definitions.library()
	if err != nil {
		return imagepull.Config{}, nil, err
	}
	facts, err := gather(config.Table(), library, input)
	return config, facts, err
}

// gather walks the objects of the input, and those whose kinds are learnt from
// CustomResourceDefinitions once more.
func gather(table *podspec.Table, library *crd.Library, input *manifest.Input) ([]imagepull.Facts, error) {
	facts, err := manifest.Each(input, func(o manifest.Object, n yamledit.Node) imagepull.Facts {
		return imagepull.Gather(table, o, n)
	})
	if err != nil {
		return nil, err
	}
	return facts, imagepull.Learn(table, library, facts, imagepull.AgainFrom(input, facts))
}
