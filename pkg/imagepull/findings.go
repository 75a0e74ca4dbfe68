package imagepull

import "github.com/pullable/pullable/pkg/manifest"

// FindingID names a finding. Ids are stable: configs and other tools refer to
// them.
type FindingID string

// The findings.
const (
	AccountHidden        FindingID = "service-account-hidden"
	AccountListNew       FindingID = "account-list-new"
	AccountNotFound      FindingID = "service-account-not-found"
	AmbiguousSecret      FindingID = "ambiguous-secret"
	ArtifactGC           FindingID = "artifact-gc-without-secrets"
	CredentialHelper     FindingID = "credential-helper"
	DuplicateKey         FindingID = "duplicate-key"
	DuplicateSecret      FindingID = "duplicate-secret"
	EmbeddedNotRead      FindingID = "embedded-not-read"
	EmptySecretName      FindingID = "empty-secret-name"
	EntryEmpty           FindingID = "entry-without-credentials"
	EntrypointLookup     FindingID = "entrypoint-lookup"
	IgnoredSecret        FindingID = "ignored-pull-secret"
	ImageWithoutSecret   FindingID = "image-without-secret"
	ImagesUnused         FindingID = "images-annotation-unused"
	ImmutableWhenLive    FindingID = "immutable-when-live"
	InvalidImage         FindingID = "invalid-image"
	InvalidImages        FindingID = "invalid-images-annotation"
	InvalidPolicy        FindingID = "invalid-policy"
	InvalidSecret        FindingID = "invalid-pull-secret"
	InvalidSkip          FindingID = "invalid-skip"
	KeyNeverMatches      FindingID = "key-never-matches"
	LearntKind           FindingID = "learnt-kind"
	NearMiss             FindingID = "pull-secret-near-miss"
	NoRoomForSecret      FindingID = "no-room-for-secret"
	NotEditable          FindingID = "not-editable"
	PolicyDiffersFromTag FindingID = "policy-differs-from-tag"
	SecretElsewhere      FindingID = "secret-in-other-namespace"
	SecretNotInPackage   FindingID = "secret-not-in-package"
	SharedByAlias        FindingID = "shared-by-alias"
	StaleLatest          FindingID = "stale-latest"
	TemplateNotFound     FindingID = "template-not-found"
	TemplateRefSecrets   FindingID = "template-ref-without-secrets"
	TooLarge             FindingID = "too-large"
	UnknownKind          FindingID = "unknown-kind"
	UnknownSecret        FindingID = "unknown-secret-content"
	UnresolvedImage      FindingID = "unresolved-image"
	WorkflowTemplateRef  FindingID = "workflow-template-ref"
	WrongType            FindingID = "wrong-type"
)

// A FindingKind is a row of the table of findings.
type FindingKind struct {
	ID       FindingID
	Severity manifest.Severity // unless the config says otherwise
	Meaning  string            // one line
}

// FindingKinds is the table of findings, sorted by id.
var FindingKinds = []FindingKind{
	{AccountListNew, manifest.SeverityWarning, "A ServiceAccount gains its first list of pull secrets; an apply takes such a list as a whole, so names that the platform added in the cluster may be lost."},
	{AmbiguousSecret, manifest.SeverityError, "A pull secret of the config may be any of several Secrets that a kustomization has given other names."},
	{ArtifactGC, manifest.SeverityInfo, "Argo's artifact garbage collection runs in pods that get none of the workflow's pull secrets, only those of their ServiceAccount."},
	{CredentialHelper, manifest.SeverityWarning, "A docker Secret names credential helpers or stores, which kubelets ignore; the Secret must hold the credentials."},
	{DuplicateKey, manifest.SeverityError, "A key that pullable reads is given twice, and readers disagree about which one holds."},
	{DuplicateSecret, manifest.SeverityWarning, "A list of pull secrets names one twice; server-side apply refuses that. It is mended where pullable writes."},
	{EmbeddedNotRead, manifest.SeverityInfo, "What an object holds in a string is not plain YAML, mostly because of placeholders without quotes, or stands too deep inside other objects; it is left alone."},
	{EmptySecretName, manifest.SeverityWarning, "A list of pull secrets has an entry without a name, which hides the ServiceAccount's and breaks merges. It is mended where pullable writes."},
	{EntryEmpty, manifest.SeverityWarning, "A registry in a docker Secret has no user and password, so that the entry is of no use."},
	{EntrypointLookup, manifest.SeverityInfo, "A container of a workflow has no command, so that Argo's controller reads the image's; it must be allowed to get the pull secrets."},
	{IgnoredSecret, manifest.SeverityWarning, "A Secret looks like a pull secret, but kubelets ignore it: its type is another, or the docker config is missing or broken."},
	{ImageWithoutSecret, manifest.SeverityError, "An image that `requireFor` demands a pull secret for ends without one; the message names the Secrets that come close."},
	{ImagesUnused, manifest.SeverityInfo, "A docker Secret whose content can be read has the annotation pullable.dev/images, which is for content that cannot; the content holds."},
	{ImmutableWhenLive, manifest.SeverityInfo, "A pull secret is added to an object that refuses such changes where it lives already; it must be made anew there."},
	{InvalidImage, manifest.SeverityWarning, "An image is no valid reference, so that no policy is decided for it."},
	{InvalidImages, manifest.SeverityError, "The annotation pullable.dev/images holds no image patterns."},
	{InvalidPolicy, manifest.SeverityError, "A pull policy is none of Always, IfNotPresent and Never; the API server refuses it."},
	{InvalidSecret, manifest.SeverityError, "A pod gets a docker Secret that kubelets cannot read; one such Secret makes every pull of the pod fail."},
	{InvalidSkip, manifest.SeverityError, "The annotation pullable.dev/skip has a value other than policy, secrets and all."},
	{KeyNeverMatches, manifest.SeverityWarning, "The name of a registry in a docker Secret is one that no image, or none of those that were meant, will ever match."},
	{LearntKind, manifest.SeverityInfo, "The table has no row for a kind; a CustomResourceDefinition says where its objects hold pods."},
	{NoRoomForSecret, manifest.SeverityInfo, "A field that holds the name of one pull secret holds another one already, which stays."},
	{NotEditable, manifest.SeverityError, "A change is due at a place that cannot be edited as text; make it by hand."},
	{PolicyDiffersFromTag, manifest.SeverityInfo, "A pull policy is set that is not the one of the image's tag or of your rules."},
	{NearMiss, manifest.SeverityInfo, "An image has no pull secret, and a Secret for the same or nearly the same registry does not match it; the message says why."},
	{SecretElsewhere, manifest.SeverityWarning, "A Secret that would serve an image is in another namespace; Secrets serve their own only."},
	{SecretNotInPackage, manifest.SeverityInfo, "The config names a pull secret that is not among the manifests, while other docker Secrets are."},
	{AccountHidden, manifest.SeverityInfo, "Pods get a list of pull secrets that hides the list of a ServiceAccount which is not among the manifests."},
	{AccountNotFound, manifest.SeverityWarning, "A pull secret is to go to a ServiceAccount that is not among the manifests, or must not be edited."},
	{SharedByAlias, manifest.SeverityError, "Places that share one text by a YAML alias need different values; write them out."},
	{StaleLatest, manifest.SeverityWarning, "An image with the tag latest is not pulled Always, so that nodes keep old content."},
	{TemplateNotFound, manifest.SeverityWarning, "A workflow runs a template that is not among the manifests, so that its images are not known."},
	{TemplateRefSecrets, manifest.SeverityInfo, "A workflow runs a template of another object by templateRef, and that object's pull secrets are not used for it."},
	{TooLarge, manifest.SeverityError, "YAML aliases make an object too large to be read."},
	{UnknownKind, manifest.SeverityInfo, "An object of a kind that pullable does not know holds what looks like a pod spec; a row in the config teaches it the kind."},
	{UnknownSecret, manifest.SeverityInfo, "A docker Secret is encrypted or a placeholder; it serves the images that its annotation pullable.dev/images names."},
	{UnresolvedImage, manifest.SeverityInfo, "An image has a placeholder where its tag is or may be, so that no policy is decided for it."},
	{WorkflowTemplateRef, manifest.SeverityInfo, "A Workflow that runs a template by workflowTemplateRef gets no pull secrets; the template gets them."},
	{WrongType, manifest.SeverityError, "A field that pullable reads holds a value of another type."},
}

// FindingIDs gives the ids of all findings, sorted.
func FindingIDs() []string {
	ids := make([]string, len(FindingKinds))
	for i, k := range FindingKinds {
		ids[i] = string(k.ID)
	}
	return ids
}
