package imagepull

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/pullsecret"
	"github.com/pullable/pullable/pkg/yamledit"
)

// ImagesAnnotation is the annotation that says which images a Secret serves
// whose content cannot be read, or that an object makes: patterns, parted by
// commas or white space.
const ImagesAnnotation = "pullable.dev/images"

// Content is what is known of a Secret's docker config.
type Content uint8

// What is known of a docker config.
const (
	Readable Content = iota
	Unknown          // encrypted, or not there yet
	Broken           // literal, and a kubelet cannot read it
	Ignored          // a kubelet does not look at it
)

// A Secret is what an object says as a pull secret. It holds no credentials.
type Secret struct {
	Name    string // of the Secret, which the object may make under another name
	Made    bool   // the object is no Secret, but makes one
	Content Content
	Config  pullsecret.Config
	Problem string // why it is Broken or Ignored
	Opaque  bool   // it is Ignored for its type only
	Path    string // of the docker config in the object

	Images []imageref.Pattern // of the annotation
	Wrong  string             // what is wrong with the annotation
}

// gatherSecret reads a Secret that is meant for pulling, or an object that makes
// one and says for which images; nil for any other object.
func gatherSecret(o manifest.Object, n yamledit.Node) *Secret {
	s := &Secret{Name: o.Name}
	switch group := o.Group(); {
	case o.Kind == "Secret" && group == "":
		if !s.read(n) {
			return nil
		}
	case o.Kind == "ExternalSecret" && group == "external-secrets.io":
		// ExternalSecretTarget.Name of external-secrets: "Defaults to the .metadata.name".
		s.Made, s.Content = true, Unknown
		spec, _ := n.Get("spec")
		target, _ := spec.Get("target")
		if name, _ := target.Get("name"); name.Text() != "" {
			s.Name = name.Text()
		}
	case o.Kind == "SealedSecret" && group == "bitnami.com":
		// SealedSecret.Unseal of sealed-secrets takes the name of its own metadata.
		s.Made, s.Content = true, Unknown
	default:
		return nil
	}
	text, annotated := o.Annotations.Lookup(ImagesAnnotation)
	if s.Made && !annotated {
		return nil // it may make any kind of Secret
	}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }) {
		p, err := imageref.ParsePattern(word)
		if err != nil {
			s.Wrong = err.Error()
			break
		}
		s.Images = append(s.Images, p)
	}
	if annotated && s.Wrong == "" && len(s.Images) == 0 {
		s.Wrong = "it names no image"
	}
	return s
}

// read reads a Secret as MakeDockerKeyring of the kubelet's
// credentialprovider/secrets does. It is false for one that has nothing to do
// with pulling.
func (s *Secret) read(n yamledit.Node) bool {
	kind, _ := n.Get("type")
	for _, format := range []pullsecret.Format{pullsecret.ConfigJSON, pullsecret.Dockercfg} {
		config, path, err := dockerConfig(n, format)
		if kind.Text() == format.SecretType() {
			s.Path, s.Config = path, config
			s.judge(format, err)
			return true
		}
		if path == "" || kind.Text() == pullsecret.ConfigJSON.SecretType() || kind.Text() == pullsecret.Dockercfg.SecretType() {
			continue
		}
		s.Path, s.Config = path, config
		switch t := kind.Text(); {
		case t != "" && pullsecret.Unreadable(t):
			s.Content = Unknown
		default:
			if t == "" {
				t = "Opaque"
			}
			s.Content, s.Opaque = Ignored, true
			s.Problem = fmt.Sprintf("it holds a docker config, but its type is %s: kubelets look at type %s only", t, format.SecretType())
		}
		return true
	}
	return false
}

func (s *Secret) judge(format pullsecret.Format, err error) {
	switch {
	case errors.Is(err, pullsecret.ErrEmpty):
		s.Content, s.Problem = Ignored, "it has nothing under "+format.Key()
	case errors.Is(err, pullsecret.ErrUnknown):
		s.Content = Unknown
	case err != nil:
		s.Content, s.Problem = Broken, err.Error()
	}
}

// dockerConfig reads the docker config of a Secret; path is "" where there is
// none. What stands under stringData wins, as in the API server.
func dockerConfig(n yamledit.Node, format pullsecret.Format) (c pullsecret.Config, path string, err error) {
	err = pullsecret.ErrEmpty
	for _, field := range []struct {
		name string
		read func(pullsecret.Format, string) (pullsecret.Config, error)
	}{{"stringData", pullsecret.FromText}, {"data", pullsecret.FromData}} {
		data, _ := n.Get(field.name)
		if data.Kind() == yamledit.String && pullsecret.Unreadable(data.Text()) {
			return c, field.name, pullsecret.ErrUnknown
		}
		v, _ := data.Get(format.Key())
		switch v.Kind() {
		case yamledit.Absent:
		case yamledit.Null:
			return c, field.name, pullsecret.ErrEmpty
		case yamledit.String:
			c, err = field.read(format, v.Text())
			return c, field.name + `["` + format.Key() + `"]`, err
		default:
			return c, field.name, errors.New("the content is " + v.Kind().String() + ", not a string")
		}
	}
	return c, "", err
}

// A candidate is a Secret among the objects.
type candidate struct {
	*Secret
	facts     *Facts
	namespace string
	earlier   []string // the names that it had before kustomize changed them
	withdrawn bool     // its annotation says that it is not to be used
}

// A store is all Secrets among the objects that have to do with pulling, by
// namespace and sorted by name.
type store struct {
	byNamespace map[string][]*candidate
	keyrings    map[string]*pullsecret.Keyring // by namespace: of those that can be read
	readable    map[string][]*candidate        // in the order of the keyring
	services    map[serviceKey]*service
	docker      int // how many of them are of use
}

func newStore(c *Config, facts []Facts) *store {
	s := &store{byNamespace: map[string][]*candidate{}}
	for i := range facts {
		f := &facts[i]
		if f.Secret == nil {
			continue
		}
		namespace := c.namespace(f)
		known := &candidate{Secret: f.Secret, facts: f, namespace: namespace, withdrawn: f.Skip.Secrets()}
		if earlier := f.Object.Annotations.Get(previousNames); earlier != "" && !f.Secret.Made {
			known.earlier = strings.Split(earlier, ",")
		}
		s.byNamespace[namespace] = append(s.byNamespace[namespace], known)
		if f.Secret.Content != Ignored && !known.withdrawn {
			s.docker++
		}
	}
	for _, list := range s.byNamespace {
		slices.SortStableFunc(list, func(a, b *candidate) int { return strings.Compare(a.Name, b.Name) })
	}
	return s
}

// find finds the Secret that a name means in a namespace: one that has the name
// now, or one that had it.
func (s *store) find(namespace, name string) *candidate {
	for _, c := range s.byNamespace[namespace] {
		if c.Name == name {
			return c
		}
	}
	for _, c := range s.byNamespace[namespace] {
		if slices.Contains(c.earlier, name) {
			return c
		}
	}
	return nil
}

// same says whether two names mean one Secret in a namespace.
func (s *store) same(namespace, a, b string) bool {
	if a == b {
		return true
	}
	if len(s.byNamespace) == 0 || a == "" || b == "" {
		return false
	}
	c := s.find(namespace, a)
	return c != nil && c == s.find(namespace, b)
}

type serviceKey struct{ namespace, image string }

// A service is what the Secrets of a namespace do for an image.
type service struct {
	by   []served
	near []string // what came close, and why it does not serve
	// elsewhere are Secrets of other namespaces that would serve the image.
	elsewhere []*candidate
}

// served is a Secret that serves an image, and why.
type served struct {
	*candidate
	why string
}

// serving says which Secrets of a namespace serve an image, in the kubelet's
// order and each of them once.
func (s *store) serving(namespace, image string) *service {
	key := serviceKey{namespace, image}
	if known := s.services[key]; known != nil {
		return known
	}
	if s.services == nil {
		s.services = map[serviceKey]*service{}
	}
	known := &service{}
	s.services[key] = known
	keyring, readable := s.keyring(namespace)
	for _, m := range keyring.Lookup(image) {
		known.add(readable[m.Config], fmt.Sprintf("its registry %s serves image %s", m.Entry.Name, image))
	}
	for _, c := range s.byNamespace[namespace] {
		if why := c.annotated(image); why != "" {
			known.add(c, why)
		}
	}
	return known
}

func (s *service) add(c *candidate, why string) {
	if !slices.ContainsFunc(s.by, func(known served) bool { return known.candidate == c }) {
		s.by = append(s.by, served{c, why})
	}
}

// annotated says which pattern of the annotation matches an image; "" for none,
// and where the content says what the Secret serves.
func (c *candidate) annotated(image string) string {
	if c.withdrawn || c.Content == Readable && !c.Config.Unknown || c.Content == Ignored {
		return ""
	}
	for _, p := range c.Images {
		if p.MatchesImage(image) {
			return fmt.Sprintf("its annotation %s names %s, which matches image %s", ImagesAnnotation, p, image)
		}
	}
	return ""
}

// keyring gives the keyring of a namespace's Secrets.
func (s *store) keyring(namespace string) (*pullsecret.Keyring, []*candidate) {
	if k := s.keyrings[namespace]; k != nil {
		return k, s.readable[namespace]
	}
	if s.keyrings == nil {
		s.keyrings, s.readable = map[string]*pullsecret.Keyring{}, map[string][]*candidate{}
	}
	var readable []*candidate
	var configs []pullsecret.Config
	for _, c := range s.byNamespace[namespace] {
		if c.Content == Readable && !c.withdrawn {
			readable, configs = append(readable, c), append(configs, c.Config)
		}
	}
	k := pullsecret.NewKeyring(configs)
	s.keyrings[namespace], s.readable[namespace] = k, readable
	return k, readable
}

// misses completes what serving says with what came close.
func (s *store) misses(namespace, image string) *service {
	known := s.serving(namespace, image)
	if known.near != nil || known.elsewhere != nil {
		return known
	}
	for _, c := range s.byNamespace[namespace] {
		if why := c.miss(image); why != "" {
			known.near = append(known.near, "Secret "+c.Name+": "+why)
		}
	}
	for _, other := range s.namespaces() {
		if other == namespace {
			continue
		}
		for _, by := range s.serving(other, image).by {
			known.elsewhere = append(known.elsewhere, by.candidate)
		}
	}
	return known
}

func (s *store) namespaces() []string {
	var all []string
	for namespace := range s.byNamespace {
		all = append(all, namespace)
	}
	slices.Sort(all)
	return all
}

// miss says why a Secret does not serve an image that it comes close to.
func (c *candidate) miss(image string) string {
	keyring := pullsecret.NewKeyring([]pullsecret.Config{c.Config})
	switch {
	case c.withdrawn:
		if len(keyring.Lookup(image)) > 0 {
			return "its annotation pullable.dev/skip withdraws it"
		}
		return ""
	case c.Content == Ignored:
		if len(keyring.Lookup(image)) > 0 {
			return c.Problem
		}
		return ""
	case c.Content == Broken:
		return ""
	}
	for i := range c.Config.Entries {
		e := &c.Config.Entries[i]
		if why := e.Miss(image); why != "" {
			return "its registry " + e.Name + " does not serve image " + image + ": " + why
		}
	}
	return ""
}

// named names an object for people: "Secret team/regcred".
func named(kind, namespace, name string) string {
	if namespace == "" {
		return kind + " " + name
	}
	return kind + " " + namespace + "/" + name
}
