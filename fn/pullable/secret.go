package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/pullsecret"
)

// secretCommand makes a Secret from a login.
type secretCommand struct {
	name, namespace, from, manifests string
	registries                       []string
}

func newSecretCommand() *cobra.Command {
	var s secretCommand
	cmd := &cobra.Command{
		Use:   "secret NAME",
		Short: "Write a pull Secret from a login of docker or podman",
		Long: `secret writes the manifest of a kubernetes.io/dockerconfigjson Secret from an auth
file of docker, podman or another tool for containers. Without --from it reads the
first of these that there is: $REGISTRY_AUTH_FILE,
$XDG_RUNTIME_DIR/containers/auth.json, $XDG_CONFIG_HOME/containers/auth.json
(~/.config), $DOCKER_CONFIG/config.json (~/.docker).

Ask for the registries that a cluster needs and no more: --registry names them,
--for finds them in manifests. Without either, all registries of the file are
written. Credentials that a helper or store keeps are not in the file; the error
says how to get a file that holds them.`,
		Example: `  # Only what the team's registry needs
  pullable secret regcred --namespace team --registry registry.example.com/team

  # Exactly what the images of an overlay need
  kustomize build overlay > all.yaml
  pullable secret regcred --for all.yaml | kubectl apply -f -`,
		Args:          cobra.ExactArgs(1),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			s.name = args[0]
			return s.run(cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&s.namespace, "namespace", "", "`namespace` of the Secret")
	cmd.Flags().StringVar(&s.from, "from", "", "auth `file` to read")
	cmd.Flags().StringSliceVar(&s.registries, "registry", nil, "only registries that match this `pattern`: host[:port][/path]; may be given again")
	cmd.Flags().StringVar(&s.manifests, "for", "", "only registries that the images in this `file` of manifests need; - is standard input")
	return cmd
}

func (s *secretCommand) run(stdin io.Reader, stdout io.Writer) error {
	if err := s.check(); err != nil {
		return err
	}
	wants, err := s.wants(stdin)
	if err != nil {
		return err
	}
	file, content, err := s.read()
	if err != nil {
		return err
	}
	logins, err := pullsecret.Logins(content)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var kept []string
	for _, l := range logins {
		if !wants.entry(l.Entry) {
			continue
		}
		switch {
		case l.Helper != "":
			return fmt.Errorf("%s: the credentials of %s are with %s, not in the file: log in with a file of its own, as in `docker --config DIR login %[2]s` without a credsStore in DIR/config.json, or `podman login --authfile FILE %[2]s`, and give that file to --from",
				file, l.Name, l.Helper)
		case !l.Credentials && l.Token:
			return fmt.Errorf("%s: %s has a token and no password, and kubelets do not use tokens: log in with a user and a password", file, l.Name)
		case !l.Credentials:
			return fmt.Errorf("%s: %s has no user and password: log in to it again", file, l.Name)
		case l.Never() != "":
			return fmt.Errorf("%s: registry %s: %s", file, l.Name, l.Never())
		}
		kept = append(kept, l.Name)
	}
	if err := wants.missing(file, logins, kept); err != nil {
		return err
	}
	config, err := pullsecret.Select(content, func(e pullsecret.Entry) bool { return slices.Contains(kept, e.Name) })
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	namespace := ""
	if s.namespace != "" {
		namespace = "  namespace: " + s.namespace + "\n"
	}
	_, err = fmt.Fprintf(stdout, "apiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\n%stype: %s\ndata:\n  %s: %s\n",
		s.name, namespace, pullsecret.ConfigJSON.SecretType(), pullsecret.ConfigJSON.Key(), base64.StdEncoding.EncodeToString(config))
	return err
}

// check sees to it that the names are names.
func (s *secretCommand) check() error {
	c := v1alpha1.Default()
	c.PullSecrets.Add = []v1alpha1.PullSecret{{Name: s.name}}
	c.DefaultNamespace = s.namespace
	var problems v1alpha1.Problems
	if err := c.Validate(); errors.As(err, &problems) {
		return errors.New(problems[0].Message)
	}
	return nil
}

// wanted is what a Secret is asked for.
type wanted struct {
	all      bool
	patterns []imageref.Pattern
	images   []string
}

func (s *secretCommand) wants(stdin io.Reader) (wanted, error) {
	var w wanted
	for _, text := range s.registries {
		p, err := imageref.ParsePattern(text)
		if err != nil {
			return w, fmt.Errorf("--registry: %w", err)
		}
		w.patterns = append(w.patterns, p)
	}
	w.all = len(w.patterns) == 0 && s.manifests == ""
	if s.manifests == "" {
		return w, nil
	}
	var src []byte
	var err error
	if s.manifests == "-" {
		src, err = readAll(stdin)
	} else {
		src, err = os.ReadFile(s.manifests)
	}
	if err != nil {
		return w, fmt.Errorf("--for: %w", err)
	}
	input, err := manifest.Read(src)
	if err != nil {
		return w, fmt.Errorf("--for %s: %w", s.manifests, err)
	}
	facts, err := gather(podspec.Builtin(), nil, input)
	if err != nil {
		return w, fmt.Errorf("--for %s: %w", s.manifests, err)
	}
	if w.images = imagepull.Images(facts); len(w.images) == 0 {
		return w, fmt.Errorf("--for %s: the manifests name no image", s.manifests)
	}
	return w, nil
}

// entry says whether a registry is asked for: it serves one of the images, or
// images that a pattern matches.
func (w *wanted) entry(e pullsecret.Entry) bool {
	e.Credentials = true // those that are elsewhere are asked for as well
	keyring := pullsecret.NewKeyring([]pullsecret.Config{{Entries: []pullsecret.Entry{e}}})
	serves := func(image string) bool { return len(keyring.Lookup(image)) > 0 }
	return w.all || slices.ContainsFunc(w.images, serves) ||
		slices.ContainsFunc(w.patterns, func(p imageref.Pattern) bool {
			return strings.Contains(e.Key(), "/") && p.MatchesImage(e.Key()) || p.MatchesImage(e.Key()+"/x") || serves(strings.TrimSuffix(p.String(), "/")+"/x")
		})
}

// missing says which pattern no registry answers.
func (w *wanted) missing(file string, logins []pullsecret.Login, kept []string) error {
	for _, p := range w.patterns {
		one := wanted{patterns: []imageref.Pattern{p}}
		if !slices.ContainsFunc(logins, func(l pullsecret.Login) bool { return one.entry(l.Entry) }) {
			return fmt.Errorf("%s has no login for %s: log in to it, or name another file with --from%s", file, p, others(file))
		}
	}
	if len(kept) > 0 {
		return nil
	}
	if w.all {
		return fmt.Errorf("%s has no login: log in to a registry, or name another file with --from%s", file, others(file))
	}
	return fmt.Errorf("%s has no login for any of the images: log in to their registries, or name another file with --from%s", file, others(file))
}

// read reads the auth file.
func (s *secretCommand) read() (file string, content []byte, err error) {
	if s.from != "" {
		content, err = os.ReadFile(s.from)
		if err != nil {
			return s.from, nil, fmt.Errorf("--from: %w", err)
		}
		return s.from, content, nil
	}
	for _, file := range authFiles() {
		if content, err := os.ReadFile(file); err == nil {
			return file, content, nil
		} else if !os.IsNotExist(err) {
			return file, nil, err
		}
	}
	return "", nil, fmt.Errorf("there is no auth file: log in with docker or podman, or name a file with --from (looked for %s)", strings.Join(authFiles(), ", "))
}

// authFiles are the places where tools keep logins: containers-auth.json(5) and
// docker's own.
func authFiles() []string {
	home, _ := os.UserHomeDir()
	var files []string
	add := func(variable, fallback string, rest ...string) {
		dir := os.Getenv(variable)
		if dir == "" {
			dir = fallback
		}
		if dir != "" {
			files = append(files, filepath.Join(append([]string{dir}, rest...)...))
		}
	}
	add("REGISTRY_AUTH_FILE", "")
	add("XDG_RUNTIME_DIR", "", "containers", "auth.json")
	add("XDG_CONFIG_HOME", filepath.Join(home, ".config"), "containers", "auth.json")
	add("DOCKER_CONFIG", filepath.Join(home, ".docker"), "config.json")
	return files
}

// others names the auth files that there are beside the one that was read.
func others(file string) string {
	var there []string
	for _, other := range authFiles() {
		if _, err := os.Stat(other); err == nil && other != file {
			there = append(there, other)
		}
	}
	if len(there) == 0 {
		return ""
	}
	return " (there is " + strings.Join(there, ", ") + ")"
}
