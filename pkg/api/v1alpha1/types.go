package v1alpha1

const (
	// APIVersion is the apiVersion of an [ImagePullConfig].
	APIVersion = "pullable.dev/v1alpha1"
	// Kind is the kind of an [ImagePullConfig].
	Kind = "ImagePullConfig"
)

// ImagePullConfig makes every image of a set of manifests pullable as declared:
// an explicit pull policy and the right pull secrets. Without a config the
// defaults hold: pull policies are filled in, and no pull secret is added.
type ImagePullConfig struct {
	// The version of this config's form.
	APIVersion string `json:"apiVersion" yaml:"apiVersion"`
	// The kind of this config.
	Kind string `json:"kind" yaml:"kind"`
	// The config's own name, labels and annotations; pullable does not use them. Give it the annotation
	// `config.kubernetes.io/local-config: "true"`, so that no host applies it to a cluster.
	Metadata Metadata `json:"metadata,omitzero" yaml:"metadata,omitempty"`
	// What becomes of the pull policies of containers and image volumes.
	PullPolicy PullPolicy `json:"pullPolicy,omitzero" yaml:"pullPolicy,omitempty"`
	// What becomes of the pull secrets of pods.
	PullSecrets PullSecrets `json:"pullSecrets,omitzero" yaml:"pullSecrets,omitempty"`
	// The namespace of objects that name none, such as `team-a`. While this is empty, such an object shares
	// its namespace only with others that name none, and of the patterns in `namespaces` only `*` matches it.
	DefaultNamespace string `json:"defaultNamespace,omitempty" yaml:"defaultNamespace,omitempty" check:"namespace"`
	// The objects to edit; an object is edited if one of these selectors matches it. Empty: all objects.
	// Every object is read, whether it is edited or not.
	Include []Selector `json:"include,omitempty" yaml:"include,omitempty"`
	// The objects to leave as they are, even where `include` matches them.
	Exclude []Selector `json:"exclude,omitempty" yaml:"exclude,omitempty"`
	// More kinds of objects that hold pods, in the form of the table of kinds. A row here takes the place of
	// the table's own row for its group, kind and versions.
	Kinds []KindRow `json:"kinds,omitempty" yaml:"kinds,omitempty"`
	// Also edit the YAML and JSON that other objects hold in strings, such as the `manifest` and `podSpecPatch`
	// of an Argo template, inside the string. A string that is not plain YAML because of its placeholders is left alone.
	Embedded bool `json:"embedded,omitempty" yaml:"embedded,omitempty"`
	// How severe a finding is, by the finding's id: `Error`, `Warning`, `Info`, or `Ignore` to leave it out.
	// Findings that are not listed keep their own severity.
	Findings map[string]Severity `json:"findings,omitempty" yaml:"findings,omitempty"`
	// Change nothing, and report each change that is due as an error. For use in a pipeline that must fail
	// when somebody forgot to run pullable.
	Check bool `json:"check,omitempty" yaml:"check,omitempty"`
	// The severity of a finding that makes the run fail: `Error`, or `Warning` to fail on warnings as well.
	FailOn FailOn `json:"failOn,omitempty" yaml:"failOn,omitempty"`
}

// Metadata is the part of an object's metadata that says which config this is.
// A config may carry any other metadata; it is neither checked nor kept.
type Metadata struct {
	// The config's name.
	Name string `json:"name,omitempty" yaml:"name,omitempty"`
	// The config's annotations.
	Annotations map[string]string `json:"annotations,omitempty" yaml:"annotations,omitempty"`
}

// PullPolicy says what becomes of pull policies.
type PullPolicy struct {
	// What to do. `Fill` writes a policy where none is set. `Enforce` also changes a policy that differs from
	// what the rules or the image's tag ask for; `Never` and placeholders stay unless a rule matches. `None`
	// leaves all policies alone.
	Mode Mode `json:"mode,omitempty" yaml:"mode,omitempty"`
	// Tags whose content changes, in addition to `latest`: an image with a tag that matches one of these
	// patterns gets `Always`, unless it names a digest too. `*` stands for any text, `?` for one character.
	MovingTags []string `json:"movingTags,omitempty" yaml:"movingTags,omitempty" check:"tagGlob"`
	// Policies for certain images. The first rule that matches wins, and wins over the image's tag.
	Rules []PolicyRule `json:"rules,omitempty" yaml:"rules,omitempty"`
}

// PolicyRule gives the images that it matches a policy.
type PolicyRule struct {
	// The images that this rule is for, as `host[:port][/path]`; a host may hold `*` and a path stands for all
	// below it. Absent: all images.
	Images []string `json:"images,omitempty" yaml:"images,omitempty" check:"imagePattern" least:"1"`
	// The tags that this rule is for, such as `*-snapshot`; `*` stands for any text, `?` for one character.
	// Absent: all images, whatever their tag.
	Tags []string `json:"tags,omitempty" yaml:"tags,omitempty" check:"tagGlob" least:"1"`
	// The policy that these images get: `Always`, `IfNotPresent` or `Never`.
	Policy Policy `json:"policy" yaml:"policy"`
}

// PullSecrets says what becomes of pull secrets.
type PullSecrets struct {
	// The pull secrets that pods get, in this order, after those that they have.
	Add []PullSecret `json:"add,omitempty" yaml:"add,omitempty"`
	// Names of pull secrets to take out of every list, for instance of one that another has replaced. Hosts
	// that edit files in place would keep the old name for ever.
	Remove []string `json:"remove,omitempty" yaml:"remove,omitempty" check:"anyName"`
	// Use the docker Secrets among the manifests: pods whose images come from a registry that such a Secret
	// holds get its name.
	FromPackage bool `json:"fromPackage,omitempty" yaml:"fromPackage,omitempty"`
	// Where the names go: `Pods` is each pod's own list (and that of an Argo workflow), `ServiceAccounts` is
	// the list of the account that a pod runs as.
	AttachTo AttachTo `json:"attachTo,omitempty" yaml:"attachTo,omitempty"`
	// With `attachTo: ServiceAccounts`: make the account's object where it is not among the manifests.
	CreateServiceAccounts bool `json:"createServiceAccounts,omitempty" yaml:"createServiceAccounts,omitempty"`
	// With `attachTo: ServiceAccounts`: list the names under the account's `secrets` too.
	Mountable bool `json:"mountable,omitempty" yaml:"mountable,omitempty"`
	// What an Argo Workflow that runs a template by `workflowTemplateRef` gets: `Skip` gives it no pull secrets
	// (the template gets them, and recent controllers reject them on the Workflow), `Attach` gives them to the
	// Workflow as well.
	WorkflowTemplateRef WorkflowTemplateRef `json:"workflowTemplateRef,omitempty" yaml:"workflowTemplateRef,omitempty"`
	// Images that need a pull secret, as `host[:port][/path]`. One that ends up without a pull secret is an error.
	RequireFor []string `json:"requireFor,omitempty" yaml:"requireFor,omitempty" check:"imagePattern"`
}

// PullSecret is the name of a pull secret and the pods that get it.
type PullSecret struct {
	// The name of the Secret, which must exist in the pods' namespace when they run.
	Name string `json:"name" yaml:"name" check:"secretName"`
	// Only pods with an image that matches one of these get the name: `host[:port][/path]`, where a host may hold
	// `*` and a path stands for all below it. Absent: every pod.
	Images []string `json:"images,omitempty" yaml:"images,omitempty" check:"imagePattern" least:"1"`
	// Only pods in these namespaces get the name; `*` stands for any text, `?` for one character.
	// Absent: every namespace.
	Namespaces []string `json:"namespaces,omitempty" yaml:"namespaces,omitempty" check:"namespaceGlob" least:"1"`
}

// KindRow says where objects of a kind hold pods. Paths lead through fields of
// mappings: `spec.template.spec`, `volumes[].image` for every item of a list,
// `replicaSpecs{}.template.spec` for every value of a mapping, `data["a.b"]` for
// a field whose name has dots, and `data.config|.spec` for the YAML or JSON in
// the string that a field holds.
type KindRow struct {
	// The group of the kind's apiVersion, such as `apps`; absent for the core group.
	Group string `json:"group,omitempty" yaml:"group,omitempty"`
	// The versions of the kind's apiVersion, such as `v1`.
	Versions []string `json:"versions" yaml:"versions" least:"1" check:"word"`
	// The kind.
	Kind string `json:"kind" yaml:"kind" check:"word"`
	// Whether objects of the kind have a namespace: `Namespaced` or `Cluster`.
	Scope Scope `json:"scope,omitempty" yaml:"scope,omitempty" default:"Namespaced"`
	// Where the pods stand. A row has pods, objects or both.
	Pods []PodRow `json:"pods,omitempty" yaml:"pods,omitempty" least:"1"`
	// Where whole objects of other kinds stand, which are treated like objects of their own.
	Objects []ObjectRow `json:"objects,omitempty" yaml:"objects,omitempty" least:"1"`
	// Where this was read, for people.
	Source string `json:"source,omitempty" yaml:"source,omitempty"`
}

// PodRow is a place where a pod spec stands, or what stands for one: either a
// shape that has a name, or its images and its pull secrets.
type PodRow struct {
	// The path of the pod spec in the object. What it leads to must be there for pullable to edit it. A `|` after a
	// field opens the YAML or JSON in the string that it holds, which needs `embedded: true`.
	Path string `json:"path" yaml:"path" check:"path"`
	// A field of the object and the text that it must have, such as `metadata.name=settings` or
	// `metadata.labels["example.com/type"]=worker`. Absent: every object.
	When string `json:"when,omitempty" yaml:"when,omitempty" check:"condition"`
	// Whether the pod runs in the namespace of the object, or may run in any (`Cluster`).
	Scope Scope `json:"scope,omitempty" yaml:"scope,omitempty" default:"Namespaced"`
	// What stands there: `PodSpec` is that of Kubernetes; `pkg/podspec/kinds.yaml` has others. Absent: what
	// `images` and `secrets` say.
	Shape string `json:"shape,omitempty" yaml:"shape,omitempty" check:"word"`
	// Where it names images.
	Images []ImageRow `json:"images,omitempty" yaml:"images,omitempty"`
	// The path, from the pod spec, of the field that names pull secrets. Absent: there is none.
	Secrets string `json:"secrets,omitempty" yaml:"secrets,omitempty" check:"fields"`
	// How that field names them: `Objects` is a list of mappings with a name, `Strings` a list of names,
	// `String` one name, `Object` one mapping with a name.
	SecretsForm SecretsForm `json:"secretsForm,omitempty" yaml:"secretsForm,omitempty" default:"Objects"`
	// Only add to a field that is there: an absent one means that another object's or a wider one holds.
	SecretsExisting bool `json:"secretsExisting,omitempty" yaml:"secretsExisting,omitempty"`
	// The fields that name the ServiceAccount, the first that is set holds; without one it is `default`. Absent:
	// the pods' account is not known.
	Accounts []string `json:"accounts,omitempty" yaml:"accounts,omitempty" least:"1" check:"fields"`
	// It is a pod even if it names no image, because a controller fills the image in.
	WithoutImages bool `json:"withoutImages,omitempty" yaml:"withoutImages,omitempty"`
	// Why no pull policy may be written here, in a few words. Absent: it may.
	Never string `json:"never,omitempty" yaml:"never,omitempty"`
}

// ObjectRow is a place where a whole object stands inside another.
type ObjectRow struct {
	// The path of the object, or of the mapping that holds it. A `|` after a field opens the YAML or JSON in the
	// string that it holds, which needs `embedded: true`.
	Path string `json:"path" yaml:"path" check:"path"`
	// A field of the outer object and the text that it must have, as in `pods`. Absent: every object.
	When string `json:"when,omitempty" yaml:"when,omitempty" check:"condition"`
	// The path of the object in the mapping that holds it. Absent: that mapping is the object.
	Object string `json:"object,omitempty" yaml:"object,omitempty" check:"path"`
	// The field of that mapping that says what is done with the object. Where that is `patch`, `update`,
	// `delete` or `get`, it is no whole object and left alone.
	Operation string `json:"operation,omitempty" yaml:"operation,omitempty" check:"word"`
	// The field of that mapping that lists what is written into the object when it is used, each item with a `dest`
	// such as `spec.containers.0.image`. An image that is replaced so gets no policy.
	Parameters string `json:"parameters,omitempty" yaml:"parameters,omitempty" check:"word"`
}

// ImageRow is where a pod spec names images.
type ImageRow struct {
	// The path, from the pod spec, of the mappings that name an image, such as `containers[]`. Absent: the pod
	// spec itself names it.
	Path string `json:"path,omitempty" yaml:"path,omitempty" check:"path"`
	// The field that holds the image; absent: `image`. With `[]` at its end it is a list of images.
	Image string `json:"image,omitempty" yaml:"image,omitempty" check:"imageField"`
	// The field beside it that holds the pull policy; absent: `imagePullPolicy`; `none`: there is no such field.
	Policy string `json:"policy,omitempty" yaml:"policy,omitempty" check:"word"`
	// A field beside it whose absence makes a controller read the image, as Argo does without a `command`.
	Lookup string `json:"lookup,omitempty" yaml:"lookup,omitempty" check:"word"`
	// The field beside it that holds what comes before the image, up to the last `/`. Without it the image is
	// not known.
	Prefix string `json:"prefix,omitempty" yaml:"prefix,omitempty" check:"word"`
	// The field beside it that holds the image's tag or digest. Without it no policy is decided.
	Tag string `json:"tag,omitempty" yaml:"tag,omitempty" check:"word"`
	// What an image's text begins with, such as `oci://`; a text with another scheme is no image.
	Scheme string `json:"scheme,omitempty" yaml:"scheme,omitempty"`
	// The path, from the pod spec, of a mapping whose policy holds where an image has none of its own; `.` is the
	// pod spec itself.
	Defaults string `json:"defaults,omitempty" yaml:"defaults,omitempty" check:"fieldsOrSelf"`
	// The policies that the kind knows, where they are not `Always`, `IfNotPresent` and `Never`.
	Policies []string `json:"policies,omitempty" yaml:"policies,omitempty" check:"word" least:"1"`
	// Why no pull policy may be written here, in a few words. Absent: it may.
	Never string `json:"never,omitempty" yaml:"never,omitempty"`
}

// Selector picks objects as kustomize's selectors do: an object matches if it
// meets every condition that is given, and at least one must be given.
type Selector struct {
	// The group of the object's apiVersion, such as `apps`; a regular expression for the whole text.
	Group string `json:"group,omitempty" yaml:"group,omitempty"`
	// The version of the object's apiVersion, such as `v1`; a regular expression for the whole text.
	Version string `json:"version,omitempty" yaml:"version,omitempty"`
	// The object's kind; a regular expression for the whole text, such as `Deployment|StatefulSet`.
	Kind string `json:"kind,omitempty" yaml:"kind,omitempty"`
	// The object's name; a regular expression for the whole text, such as `web-.*`.
	Name string `json:"name,omitempty" yaml:"name,omitempty"`
	// The object's namespace; a regular expression for the whole text, such as `team-.*`.
	Namespace string `json:"namespace,omitempty" yaml:"namespace,omitempty"`
	// The object's labels, in the words of `kubectl -l`, such as `app=web,tier notin (test)`.
	LabelSelector string `json:"labelSelector,omitempty" yaml:"labelSelector,omitempty"`
	// The object's annotations, in the words of `kubectl -l`.
	AnnotationSelector string `json:"annotationSelector,omitempty" yaml:"annotationSelector,omitempty"`
}

// Mode is what becomes of pull policies.
type Mode string

// The modes.
const (
	ModeFill    Mode = "Fill"    // write a policy where none is set
	ModeEnforce Mode = "Enforce" // also change what differs
	ModeNone    Mode = "None"    // leave policies alone
)

// Values lists the words of a Mode.
func (Mode) Values() []string { return words(ModeFill, ModeEnforce, ModeNone) }

// Policy is a pull policy, as Kubernetes spells it.
type Policy string

// The pull policies.
const (
	PolicyAlways       Policy = "Always"
	PolicyIfNotPresent Policy = "IfNotPresent"
	PolicyNever        Policy = "Never"
)

// Values lists the words of a Policy.
func (Policy) Values() []string { return words(PolicyAlways, PolicyIfNotPresent, PolicyNever) }

// AttachTo is where the names of pull secrets go.
type AttachTo string

// The places for names of pull secrets.
const (
	AttachToPods            AttachTo = "Pods"
	AttachToServiceAccounts AttachTo = "ServiceAccounts"
)

// Values lists the words of an AttachTo.
func (AttachTo) Values() []string { return words(AttachToPods, AttachToServiceAccounts) }

// WorkflowTemplateRef is what an Argo Workflow with a workflowTemplateRef gets.
type WorkflowTemplateRef string

// The ways with a workflowTemplateRef.
const (
	WorkflowTemplateRefSkip   WorkflowTemplateRef = "Skip"
	WorkflowTemplateRefAttach WorkflowTemplateRef = "Attach"
)

// Values lists the words of a WorkflowTemplateRef.
func (WorkflowTemplateRef) Values() []string {
	return words(WorkflowTemplateRefSkip, WorkflowTemplateRefAttach)
}

// Scope says whether objects of a kind have a namespace.
type Scope string

// The scopes.
const (
	ScopeNamespaced Scope = "Namespaced"
	ScopeCluster    Scope = "Cluster"
)

// Values lists the words of a Scope.
func (Scope) Values() []string { return words(ScopeNamespaced, ScopeCluster) }

// SecretsForm is how a field names pull secrets.
type SecretsForm string

// The forms of a field that names pull secrets.
const (
	SecretsObjects SecretsForm = "Objects" // [{name: a}]
	SecretsStrings SecretsForm = "Strings" // [a]
	SecretsString  SecretsForm = "String"  // a
	SecretsObject  SecretsForm = "Object"  // {name: a}
)

// Values lists the words of a SecretsForm.
func (SecretsForm) Values() []string {
	return words(SecretsObjects, SecretsStrings, SecretsString, SecretsObject)
}

// Severity is how severe a finding is.
type Severity string

// The severities.
const (
	SeverityError   Severity = "Error"
	SeverityWarning Severity = "Warning"
	SeverityInfo    Severity = "Info"
	SeverityIgnore  Severity = "Ignore" // the finding is not reported at all
)

// Values lists the words of a Severity.
func (Severity) Values() []string {
	return words(SeverityError, SeverityWarning, SeverityInfo, SeverityIgnore)
}

// FailOn is the least severity that makes a run fail.
type FailOn string

// The severities that can make a run fail.
const (
	FailOnError   FailOn = "Error"
	FailOnWarning FailOn = "Warning"
)

// Values lists the words of a FailOn.
func (FailOn) Values() []string { return words(FailOnError, FailOnWarning) }

// Enumeration is a text type that knows its words.
type Enumeration interface{ Values() []string }

func words[T ~string](values ...T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}

// Default is the config that holds where none is given.
func Default() ImagePullConfig {
	var c ImagePullConfig
	c.SetDefaults()
	return c
}

// SetDefaults gives each field that is empty and has a default that default.
// A program that makes a config from Go calls it before Validate.
func (c *ImagePullConfig) SetDefaults() {
	setDefault(&c.APIVersion, APIVersion)
	setDefault(&c.Kind, Kind)
	setDefault(&c.PullPolicy.Mode, ModeFill)
	setDefault(&c.PullSecrets.AttachTo, AttachToPods)
	setDefault(&c.PullSecrets.WorkflowTemplateRef, WorkflowTemplateRefSkip)
	setDefault(&c.FailOn, FailOnError)
}

func setDefault[T ~string](p *T, value T) {
	if *p == "" {
		*p = value
	}
}
