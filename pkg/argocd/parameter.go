package argocd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
)

// Form says how a parameter's value is written.
type Form string

// The forms, by the names of Argo CD's collection types and item types.
const (
	String  Form = "string"
	Boolean Form = "boolean" // a string, true or false
	Array   Form = "array"
	Map     Form = "map"
)

// A Parameter is what an Application may say.
type Parameter struct {
	Name  string
	Title string
	Form  Form
	// Tooltip says what the parameter does, for people.
	Tooltip string

	// words are all values that there are; nil for any.
	words []string
	// set puts a value into a config; nil for what is not in a config.
	set func(*v1alpha1.ImagePullConfig, value)
	// current is the value in a config; nil for lists that are added to.
	current func(*v1alpha1.ImagePullConfig) string
}

// value is the value of a parameter, in the field of its form.
type value struct {
	text  string
	items []string
	pairs map[string]string
}

const (
	imagesName           = "images"
	defaultNamespaceName = "default-namespace"
)

// Parameters lists every parameter.
func Parameters() []Parameter {
	return []Parameter{
		{
			Name: "pull-secrets", Title: "Pull secrets", Form: Array,
			Tooltip: "Names of pull secrets that every pod gets, after those of pullable.yaml.",
			set: func(c *v1alpha1.ImagePullConfig, v value) {
				c.PullSecrets.Add = slices.Clone(c.PullSecrets.Add)
				for _, name := range v.items {
					i := slices.IndexFunc(c.PullSecrets.Add, func(s v1alpha1.PullSecret) bool { return s.Name == name })
					if i < 0 {
						c.PullSecrets.Add = append(c.PullSecrets.Add, v1alpha1.PullSecret{Name: name})
						continue
					}
					c.PullSecrets.Add[i] = v1alpha1.PullSecret{Name: name} // for every pod from now on
				}
			},
		},
		{
			Name: imagesName, Title: "Images", Form: Array,
			Tooltip: "Other names, tags or digests for images, each as kustomize edit set image takes it: NAME=NEWNAME:TAG, NAME:TAG or NAME@DIGEST. Kustomizations only.",
		},
		{
			Name: "mode", Title: "Pull policies", Form: String,
			Tooltip: "What becomes of pull policies: Fill writes one where none is set, Enforce also corrects, None leaves all alone.",
			words:   v1alpha1.ModeFill.Values(),
			set:     func(c *v1alpha1.ImagePullConfig, v value) { c.PullPolicy.Mode = v1alpha1.Mode(v.text) },
			current: func(c *v1alpha1.ImagePullConfig) string { return string(c.PullPolicy.Mode) },
		},
		{
			Name: "attach-to", Title: "Pull secrets go to", Form: String,
			Tooltip: "Where the names of pull secrets go: each pod's own list, or that of the ServiceAccount that it runs as.",
			words:   v1alpha1.AttachToPods.Values(),
			set:     func(c *v1alpha1.ImagePullConfig, v value) { c.PullSecrets.AttachTo = v1alpha1.AttachTo(v.text) },
			current: func(c *v1alpha1.ImagePullConfig) string { return string(c.PullSecrets.AttachTo) },
		},
		{
			Name: "create-service-accounts", Title: "Create ServiceAccounts", Form: Boolean,
			Tooltip: "With attach-to ServiceAccounts: make an account that is not among the manifests.",
			set:     func(c *v1alpha1.ImagePullConfig, v value) { c.PullSecrets.CreateServiceAccounts = v.text == "true" },
			current: func(c *v1alpha1.ImagePullConfig) string { return fmt.Sprint(c.PullSecrets.CreateServiceAccounts) },
		},
		{
			Name: "from-package", Title: "Use the Secrets among the manifests", Form: Boolean,
			Tooltip: "Let the docker Secrets among the manifests serve the registries that they hold.",
			set:     func(c *v1alpha1.ImagePullConfig, v value) { c.PullSecrets.FromPackage = v.text == "true" },
			current: func(c *v1alpha1.ImagePullConfig) string { return fmt.Sprint(c.PullSecrets.FromPackage) },
		},
		{
			Name: "require-for", Title: "Images that need a pull secret", Form: Array,
			Tooltip: "Patterns of images, such as registry.example.com/team; one that ends up without a pull secret is an error.",
			set: func(c *v1alpha1.ImagePullConfig, v value) {
				c.PullSecrets.RequireFor = append(c.PullSecrets.RequireFor, v.items...)
			},
		},
		{
			Name: "remove-pull-secrets", Title: "Pull secrets to take out", Form: Array,
			Tooltip: "Names to take out of every list, for instance of a pull secret that another has replaced.",
			set: func(c *v1alpha1.ImagePullConfig, v value) {
				c.PullSecrets.Remove = append(c.PullSecrets.Remove, v.items...)
			},
		},
		{
			Name: "moving-tags", Title: "Moving tags", Form: Array,
			Tooltip: "Patterns of tags whose content changes, as that of latest does; such an image is always pulled.",
			set: func(c *v1alpha1.ImagePullConfig, v value) {
				c.PullPolicy.MovingTags = append(c.PullPolicy.MovingTags, v.items...)
			},
		},
		{
			Name: defaultNamespaceName, Title: "Default namespace", Form: String,
			Tooltip: "The namespace of objects that name none; else that of pullable.yaml, else the Application's destination.",
			set:     func(c *v1alpha1.ImagePullConfig, v value) { c.DefaultNamespace = v.text },
			current: func(c *v1alpha1.ImagePullConfig) string { return c.DefaultNamespace },
		},
		{
			Name: "findings", Title: "Severities of findings", Form: Map,
			Tooltip: "Severities that overrule those of the table of findings, by the finding's id: Error, Warning, Info or Ignore.",
			set: func(c *v1alpha1.ImagePullConfig, v value) {
				changed := make(map[string]v1alpha1.Severity, len(c.Findings)+len(v.pairs))
				for id, severity := range c.Findings {
					changed[id] = severity
				}
				for id, severity := range v.pairs {
					changed[id] = v1alpha1.Severity(severity)
				}
				c.Findings = changed
			},
		},
		{
			Name: "fail-on", Title: "Fail on", Form: String,
			Tooltip: "The severity of findings that fail the sync.",
			words:   v1alpha1.FailOnError.Values(),
			set:     func(c *v1alpha1.ImagePullConfig, v value) { c.FailOn = v1alpha1.FailOn(v.text) },
			current: func(c *v1alpha1.ImagePullConfig) string { return string(c.FailOn) },
		},
	}
}

// Variable is the name of the variable of an Application that says the same as
// the parameter: its name in capitals, with low lines.
func (p Parameter) Variable() string {
	return strings.ToUpper(strings.ReplaceAll(p.Name, "-", "_"))
}

// check says what is wrong with a value that has the parameter's form.
func (p Parameter) check(v value) error {
	if p.Form == Boolean {
		p.words = []string{"true", "false"}
	}
	if p.words != nil && !slices.Contains(p.words, v.text) {
		return fmt.Errorf("it is %q; it must be %s", v.text, either(p.words))
	}
	if i := slices.Index(v.items, ""); i >= 0 {
		return fmt.Errorf("item %d of the array is empty; take it out", i)
	}
	return nil
}

func either(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// An Announcement tells Argo CD of a parameter, and the user interface shows it.
// It is written as the ParameterAnnouncement of reposerver/repository/repository.proto.
type Announcement struct {
	Name           string   `json:"name"`
	Title          string   `json:"title"`
	Tooltip        string   `json:"tooltip"`
	ItemType       string   `json:"itemType"`
	CollectionType string   `json:"collectionType"`
	String         string   `json:"string,omitempty"`
	Array          []string `json:"array,omitempty"`
}

// Announce announces every parameter, with the values that hold where an
// Application says nothing: those of the config, and the namespace of the
// environment. Lists are announced empty, because what an Application says is
// added to them.
func Announce(c v1alpha1.ImagePullConfig, environ []string) []Announcement {
	new(Settings).inNamespace(environ).Override(&c)
	var all []Announcement
	for _, p := range Parameters() {
		a := Announcement{Name: p.Name, Title: p.Title, Tooltip: p.Tooltip, ItemType: "string", CollectionType: string(p.Form)}
		if p.Form == Boolean {
			a.ItemType, a.CollectionType = string(Boolean), string(String)
		}
		if p.current != nil {
			a.String = p.current(&c)
		}
		all = append(all, a)
	}
	return all
}
