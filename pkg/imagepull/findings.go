package imagepull

import "github.com/pullable/pullable/pkg/manifest"

// FindingID names a finding. Ids are stable: configs and other tools refer to
// them.
type FindingID string

// The findings.
const (
	DuplicateKey         FindingID = "duplicate-key"
	DuplicateSecret      FindingID = "duplicate-secret"
	EmptySecretName      FindingID = "empty-secret-name"
	InvalidImage         FindingID = "invalid-image"
	InvalidPolicy        FindingID = "invalid-policy"
	InvalidSkip          FindingID = "invalid-skip"
	NotEditable          FindingID = "not-editable"
	PolicyDiffersFromTag FindingID = "policy-differs-from-tag"
	SharedByAlias        FindingID = "shared-by-alias"
	StaleLatest          FindingID = "stale-latest"
	TemplateNotFound     FindingID = "template-not-found"
	TooLarge             FindingID = "too-large"
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
	{DuplicateKey, manifest.SeverityError, "A key that pullable reads is given twice, and readers disagree about which one holds."},
	{DuplicateSecret, manifest.SeverityWarning, "A list of pull secrets names one twice; server-side apply refuses that. It is mended where pullable writes."},
	{EmptySecretName, manifest.SeverityWarning, "A list of pull secrets has an entry without a name, which hides the ServiceAccount's and breaks merges. It is mended where pullable writes."},
	{InvalidImage, manifest.SeverityWarning, "An image is no valid reference, so that no policy is decided for it."},
	{InvalidPolicy, manifest.SeverityError, "A pull policy is none of Always, IfNotPresent and Never; the API server refuses it."},
	{InvalidSkip, manifest.SeverityError, "The annotation pullable.dev/skip has a value other than policy, secrets and all."},
	{NotEditable, manifest.SeverityError, "A change is due at a place that cannot be edited as text; make it by hand."},
	{PolicyDiffersFromTag, manifest.SeverityInfo, "A pull policy is set that is not the one of the image's tag or of your rules."},
	{SharedByAlias, manifest.SeverityError, "Places that share one text by a YAML alias need different values; write them out."},
	{StaleLatest, manifest.SeverityWarning, "An image with the tag latest is not pulled Always, so that nodes keep old content."},
	{TemplateNotFound, manifest.SeverityWarning, "A workflow runs a template that is not among the manifests, so that its images are not known."},
	{TooLarge, manifest.SeverityError, "YAML aliases make an object too large to be read."},
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
