package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
)

// kinds prints the table of kinds.
type kinds struct {
	function
	output string
}

var kindsFormats = []string{"table", "yaml", "json"}

func newKindsCommand() *cobra.Command {
	var k kinds
	cmd := &cobra.Command{
		Use:   "kinds [KIND]",
		Short: "Print the table of kinds: where pullable looks for pods",
		Long: `kinds prints the table of kinds: where objects of each kind hold pods, images and
pull secrets. The rows of a config, and those that CustomResourceDefinitions
teach, are in it as well, and marked. Of a kind that has a row already, no
definition is read.

With a KIND (Deployment, or apps/v1 Deployment as one argument) it prints that
kind's rows in full, in the form that a config takes under kinds, and an example.`,
		Example: `  # Is my kind known?
  pullable kinds | grep -i widget

  # A row to start from
  pullable kinds RayJob

  # What would pullable do with the kinds that this operator installs?
  pullable kinds --crds operator.yaml | grep CustomResourceDefinition

  # And with those of a cluster?
  kubectl get crds -o yaml | pullable kinds --crds -

  # The table for a program
  pullable kinds -o json`,
		Args:          cobra.MaximumNArgs(1),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return k.run(strings.Join(args, ""), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&k.config, "config", "", "`file` with the config (ImagePullConfig or ConfigMap)")
	k.definitions.addFlags(cmd)
	cmd.Flags().Lookup("crds").Usage += "; - is standard input"
	cmd.Flags().StringVarP(&k.output, "output", "o", "", "`format`: table, or the rows in the form that a config takes as yaml or json; table is the default, but for a KIND")
	completeWords(cmd, "output", kindsFormats...)
	return cmd
}

// row is a row as it is printed: a config's, with what only pullable's own rows have.
type row struct {
	v1alpha1.KindRow `yaml:",inline"`
	Never            string `json:"never,omitempty" yaml:"never,omitempty"`
	By               string `json:"by,omitempty" yaml:"by,omitempty"`
}

// marks say of a row that is not pullable's own where it comes from.
var marks = map[podspec.Author]string{
	podspec.Users:  "is a row of the config",
	podspec.Schema: "was learnt from its CustomResourceDefinition",
}

// apiVersion gives the first apiVersion of a row.
func apiVersion(r *v1alpha1.KindRow) string {
	if r.Group == "" {
		return r.Versions[0]
	}
	return r.Group + "/" + r.Versions[0]
}

func rowOf(k *podspec.Kind) row {
	return row{KindRow: k.Row(), Never: k.Never, By: string(k.By)}
}

func (k kinds) run(name string, stdin io.Reader, stdout io.Writer) error {
	if k.output != "" && !slices.Contains(kindsFormats, k.output) {
		return fmt.Errorf("--output is %q; it must be one of %s", k.output, strings.Join(kindsFormats, ", "))
	}
	table := podspec.Builtin()
	if k.config != "" {
		input, err := manifest.Read([]byte("# nothing\n"))
		if err != nil {
			return err
		}
		config, err := k.readConfig(input)
		if err != nil {
			return err
		}
		table = config.Table()
	}
	table, err := k.learn(table, stdin)
	if err != nil {
		return err
	}
	rows := table.Kinds()
	if name != "" {
		if rows = named(rows, name); len(rows) == 0 {
			return fmt.Errorf("the table has no kind %s; a row of the config (kinds) would teach it, or its CustomResourceDefinition if that says where pods stand (--crds): see pullable kinds Deployment for a row's form", name)
		}
	}
	printed := struct {
		Kinds []row `json:"kinds" yaml:"kinds"`
	}{}
	for _, r := range rows {
		printed.Kinds = append(printed.Kinds, rowOf(r))
	}
	switch {
	case k.output == "json":
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(printed)
	case k.output == "yaml" || k.output == "" && name != "":
		if k.output == "" {
			// Rows to be pasted into a config: marks are comments.
			for i := range printed.Kinds {
				r := &printed.Kinds[i]
				if mark := marks[podspec.Author(r.By)]; mark != "" {
					fmt.Fprintf(stdout, "# %s %s %s\n", apiVersion(&r.KindRow), r.Kind, mark)
				}
				r.By = ""
			}
		}
		enc := yaml.NewEncoder(stdout)
		enc.SetIndent(2)
		if err := enc.Encode(printed); err != nil || k.output == "yaml" {
			return err
		}
		return examples(table, rows, stdout)
	}
	return printTable(rows, stdout)
}

// learn adds what the definitions teach of kinds that the table lacks.
func (k kinds) learn(table *podspec.Table, stdin io.Reader) (*podspec.Table, error) {
	library, err := k.definitions.libraryWith(stdin)
	if err != nil {
		return nil, err
	}
	return library.Teach(table)
}

// named gives the rows of a kind: Deployment, apps Deployment or apps/v1 Deployment.
func named(rows []*podspec.Kind, name string) (found []*podspec.Kind) {
	apiVersion, kind, qualified := strings.Cut(name, " ")
	if !qualified {
		kind = name
	}
	group, version, versioned := strings.Cut(apiVersion, "/")
	for _, r := range rows {
		matches := strings.EqualFold(r.Kind, kind)
		switch {
		case versioned:
			matches = matches && r.Group == group && strings.Contains(" "+strings.Join(r.Versions, " ")+" ", " "+version+" ")
		case qualified:
			matches = matches && (r.Group == group || r.Group == "" && group == "v1")
		}
		if matches {
			found = append(found, r)
		}
	}
	return found
}

func printTable(rows []*podspec.Kind, stdout io.Writer) error {
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "GROUP\tKIND\tVERSIONS\tPODS\tPOLICIES\tPULL SECRETS\tSOURCE")
	for _, r := range rows {
		source := r.Source
		if r.By != podspec.Ours {
			source = strings.TrimSuffix(string(r.By)+": "+source, ": ") // config: …, schema: CustomResourceDefinition …
		}
		versions := strings.Join(r.Versions, ",")
		for _, line := range rowOf(r).lines(r) {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", line.group, r.Kind, versions, line.path, line.policies, line.secrets, source)
		}
	}
	return w.Flush()
}

type line struct{ group, path, policies, secrets string }

// lines gives a line for each place of pods, or of objects.
func (r row) lines(k *podspec.Kind) (all []line) {
	group := r.Group
	if group == "" {
		group = "v1"
	}
	if r.Never != "" {
		return []line{{group, "none: " + r.Never, "-", "-"}}
	}
	for i := range k.Pods {
		part := &k.Pods[i]
		l := line{group, part.Path.String(), "yes", part.Shape.Secrets.String()}
		if l.policies = policies(part.Shape); part.Never != "" {
			l.policies = "no: " + part.Never
		}
		if l.secrets == "" {
			l.secrets = "-"
		}
		all = append(all, l)
	}
	for i := range k.Objects {
		h := &k.Objects[i]
		all = append(all, line{group, "objects in " + strings.TrimSuffix(h.Path.String()+"."+h.Object.String(), "."), "-", "-"})
	}
	return all
}

// policies says whether policies are written in a shape, and if not, why.
func policies(s *podspec.Shape) string {
	if s.WritesPolicies() {
		return "yes"
	}
	for i := range s.Images {
		if never := s.Images[i].Never; never != "" {
			return "no: " + never
		}
	}
	return "-"
}

// examples shows what becomes of an object of each row.
func examples(table *podspec.Table, rows []*podspec.Kind, stdout io.Writer) error {
	for _, r := range rows {
		text, ok := example(r)
		if !ok {
			continue
		}
		input, err := manifest.Read([]byte(text))
		if err != nil {
			return err
		}
		config := v1alpha1.Default()
		note := ""
		if r.InText {
			config.Embedded, note = true, " and embedded: true"
			table = table.Embedded()
		}
		facts, err := gather(table, nil, input)
		if err != nil {
			return err
		}
		config.PullSecrets.Add = []v1alpha1.PullSecret{{Name: "regcred"}}
		ready, err := imagepull.New(config)
		if err != nil {
			return err
		}
		plan := imagepull.Decide(ready, facts)
		if _, err := fmt.Fprint(stdout, "---\n# An object, with the pull secret regcred for every pod"+note+":\n"); err != nil {
			return err
		}
		if err := input.Write(stdout, plan.Edits(), nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// example makes an object of a kind that names an image wherever it can.
func example(k *podspec.Kind) (string, bool) {
	row := k.Row()
	object, metadata := map[string]any{}, map[string]any{"metadata": map[string]any{"name": "example"}}
	for i := range k.Pods {
		part := &k.Pods[i]
		if part.Path.Text() && !k.InText {
			continue // it is not done without embedded: true
		}
		put(object, part.Path, func(spec map[string]any) { fill(spec, part.Shape, 0) })
		if when := part.When.Path; len(when) > 0 {
			last := len(when) - 1
			put(metadata, when[:last], func(m map[string]any) { m[when[last].Field] = part.When.Text })
		}
	}
	if len(object) == 0 {
		return "", false
	}
	return fmt.Sprintf("apiVersion: %s\nkind: %s\n%s%s", apiVersion(&row), k.Kind, text(metadata), text(object)), true
}

// text writes a mapping as YAML.
func text(m map[string]any) string {
	var s strings.Builder
	enc := yaml.NewEncoder(&s)
	enc.SetIndent(2)
	if err := enc.Encode(m); err != nil {
		panic(err) // it is made of mappings, lists and strings
	}
	return s.String()
}

// fill names an image at the first place of a shape, and of its parts.
func fill(spec map[string]any, s *podspec.Shape, depth int) {
	for i := range s.Images {
		f := &s.Images[i]
		if f.Image != "image" && i > 0 {
			continue // one image is an example; those of other names stand first
		}
		put(spec, f.Path, func(m map[string]any) {
			switch {
			case f.List:
				m[f.Image] = []any{"registry.example.com/app:1.0"}
			case f.Prefix != "":
				m[f.Prefix], m[f.Image] = "registry.example.com", "app"
			default:
				m[f.Image] = f.Scheme + "registry.example.com/app:1.0"
			}
			if f.Tag != "" {
				m[f.Tag] = "1.0"
				if f.Prefix == "" {
					m[f.Image] = "registry.example.com/app"
				}
			}
		})
		break
	}
	for i := range s.Parts {
		if s.Parts[i].Path.Text() {
			continue
		}
		if depth < 3 && len(s.Images) == 0 || depth == 0 && i == 0 {
			put(spec, s.Parts[i].Path, func(m map[string]any) { fill(m, s.Parts[i].Shape, depth+1) })
			break
		}
	}
}

// put makes the mappings and lists of a path.
func put(in map[string]any, path podspec.Path, f func(map[string]any)) {
	for i, step := range path {
		if step.Text {
			inner := map[string]any{}
			if held, ok := in[step.Field].(string); ok {
				if err := yaml.Unmarshal([]byte(held), &inner); err != nil {
					panic(err) // it was written here
				}
			}
			put(inner, path[i+1:], f)
			in[step.Field] = text(inner)
			return
		}
		inner, ok := in[step.Field].(map[string]any)
		if list, is := in[step.Field].([]any); is {
			inner, ok = innermost(list), true
		}
		if !ok {
			inner = map[string]any{}
			var v any = inner
			for range step.Depth {
				v = []any{v}
			}
			in[step.Field] = v
		}
		if in = inner; step.Values {
			next, ok := in["any"].(map[string]any)
			if !ok {
				next = map[string]any{}
				in["any"] = next
			}
			in = next
		}
	}
	f(in)
}

func innermost(list []any) map[string]any {
	switch first := list[0].(type) {
	case []any:
		return innermost(first)
	case map[string]any:
		return first
	}
	return map[string]any{}
}
