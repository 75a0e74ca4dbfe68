// Package pullpolicy decides the pull policy of an image, and says why.
//
// Without rules the answer is the API server's own (SetDefaults_Container in k8s.io/kubernetes/pkg/apis/core/v1/defaults.go):
// no tag and no digest, or the tag latest with or without a digest, is Always; anything else is IfNotPresent. Writing it
// out changes nothing in a cluster. Two kinds of images are left alone where the API server would say IfNotPresent: a
// template whose tag is not known yet, and what is no reference at all.
package pullpolicy

import (
	"strconv"

	"github.com/pullable/pullable/pkg/imageref"
)

// Policy is the value of an imagePullPolicy; empty stands for none.
type Policy string

// The policies of Kubernetes; it knows no others, and no other spelling.
const (
	Always       Policy = "Always"
	IfNotPresent Policy = "IfNotPresent"
	Never        Policy = "Never"
)

// Valid reports whether the API server accepts a value for a pull policy. It does not trim or fold case.
func Valid(s string) bool {
	switch Policy(s) {
	case Always, IfNotPresent, Never:
		return true
	}
	return false
}

// Rule gives a policy to the images that match one of Images and have a tag that matches one of Tags. An empty list
// matches everything.
type Rule struct {
	Images []imageref.Pattern
	// Tags are globs (imageref.Glob). An image without tag and digest has the tag latest here; one with a digest only has
	// none, which no glob matches.
	Tags   []string
	Policy Policy
}

// Rules is what a user may say about policies. The zero value decides as the API server does.
type Rules struct {
	// MovingTags are globs: a tag that matches means Always, as latest does, but not where a digest is given.
	MovingTags []string
	// Rules go ahead of the tag; the first one that matches decides.
	Rules []Rule
}

// Unknown says why an image can not be decided.
type Unknown string

const (
	// Known is a decided image.
	Known Unknown = ""
	// Placeholder is an image whose tag, and with it the answer, depends on a placeholder.
	Placeholder Unknown = "placeholder"
	// Invalid is an image that is no reference.
	Invalid Unknown = "invalid"
)

// Decision is the answer for one image.
type Decision struct {
	// Policy is empty where the image is left alone; Unknown then says why.
	Policy Policy
	// Reason is a clause that goes after "because": "image has no tag, which means latest".
	Reason  string
	Unknown Unknown
	// ByRule says that an item of Rules.Rules decided, so that the answer may differ from the API server's.
	ByRule bool
}

// Latest is the tag that the cluster reads where neither tag nor digest is written, and the only one that means Always to it.
const Latest = "latest"

// Decide returns the policy of an image as it stands in a manifest, placeholders and all.
//
// A rule with tags can not decide about a tag that is not known. It may match once the placeholder is filled in, so that
// the rules behind it decide only if they say the same. Likewise a pattern matches an image with placeholders only if
// the host, and as much of the path as the pattern needs, is literal.
func (r Rules) Decide(image string) Decision {
	ref, state := imageref.Scan(image)
	if state == imageref.Invalid {
		return Decision{Reason: invalidReason(image), Unknown: Invalid}
	}
	tag := ref.Tag
	if state == imageref.Untagged {
		tag = Latest
	}
	var open Policy // of the rules that may match, by their tags
	for i, rule := range r.Rules {
		if !rule.matchesImage(ref) {
			continue
		}
		switch {
		case len(rule.Tags) == 0:
		case state == imageref.Unknown:
			if open != "" && open != rule.Policy {
				return ruleIsOpen
			}
			open = rule.Policy
			continue
		case state == imageref.Pinned || !matchesAny(rule.Tags, tag):
			continue
		}
		if open != "" && open != rule.Policy {
			return ruleIsOpen
		}
		return Decision{Policy: rule.Policy, Reason: "pullPolicy.rules[" + strconv.Itoa(i) + "] matches image", ByRule: true}
	}
	return r.byTag(tag, state)
}

var ruleIsOpen = Decision{
	Reason:  "image has a placeholder where its tag is or may be, and a rule in pullPolicy.rules goes by the tag",
	Unknown: Placeholder,
}

func (r Rules) byTag(tag string, state imageref.State) Decision {
	switch state {
	case imageref.Unknown:
		return Decision{Reason: "image has a placeholder where its tag is or may be", Unknown: Placeholder}
	case imageref.Untagged:
		return Decision{Policy: Always, Reason: "image has no tag, which means latest"}
	case imageref.Pinned:
		return Decision{Policy: IfNotPresent, Reason: "image is pinned by a digest"}
	}
	switch {
	case tag == Latest && state == imageref.TaggedAndPinned:
		return Decision{Policy: Always, Reason: "image has the tag latest, by which the API server goes even beside a digest"}
	case tag == Latest:
		return Decision{Policy: Always, Reason: "image has the tag latest"}
	case state == imageref.TaggedAndPinned:
		return Decision{Policy: IfNotPresent, Reason: "image is pinned by a digest and its tag is not latest"}
	}
	for _, glob := range r.MovingTags {
		if imageref.Glob(glob, tag) {
			return Decision{Policy: Always, Reason: "image has the tag " + tag + ", which pullPolicy.movingTags lists as " + strconv.Quote(glob)}
		}
	}
	return Decision{Policy: IfNotPresent, Reason: "image has a tag other than latest"}
}

func (r Rule) matchesImage(ref imageref.Reference) bool {
	for _, p := range r.Images {
		if p.Matches(ref) {
			return true
		}
	}
	return len(r.Images) == 0
}

func matchesAny(globs []string, tag string) bool {
	for _, glob := range globs {
		if imageref.Glob(glob, tag) {
			return true
		}
	}
	return false
}

func invalidReason(image string) string {
	if _, err := imageref.Parse(image); err != nil && !imageref.HasPlaceholder(image) {
		return "image is not a valid reference: " + err.Error()
	}
	return "image is not a valid reference, nor will it be one with its placeholders filled in"
}
