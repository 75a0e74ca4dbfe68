package imagepull

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/pullpolicy"
	"github.com/pullable/pullable/pkg/yamledit"
)

// policies decides the pull policies of a pod's images.
func (d *decider) policies(f *Facts, pod *podspec.Pod) {
	if d.config.mode == v1alpha1.ModeNone {
		return
	}
	for i := range pod.Images {
		image := &pod.Images[i]
		if image.Field.Policy == "" {
			continue
		}
		if image.Never != "" || image.NoTag {
			d.foreign(Entry{Object: &f.Object}, image)
			continue
		}
		decision := d.config.policies.Decide(image.Reference)
		if decision.Unknown == pullpolicy.Invalid {
			d.finding(InvalidImage, Entry{
				Object: &f.Object, Path: image.ReferencePath(), Old: image.Reference,
				Message: fmt.Sprintf("no pull policy is decided: %s", decision.Reason),
			})
		}
		at := Entry{Object: &f.Object}
		switch {
		case decision.Policy != "" && !decision.ByRule && !slices.Contains(policiesOf(image), string(decision.Policy)):
			d.foreign(at, image) // the kind has no policy for what the tag asks for
		case decision.Policy != "" && !slices.Contains(policiesOf(image), string(decision.Policy)):
			at.Path, at.Old = image.PolicyPath(), image.Policy
			at.Message = fmt.Sprintf("it would be %s (%s), which this kind does not know: exclude the object, or change the rule", decision.Policy, decision.Reason)
			d.finding(InvalidPolicy, at)
		case image.Set == podspec.Nowhere:
			d.unset(at, image, decision)
		case image.Policy != string(decision.Policy):
			d.differs(at, image, decision)
		}
	}
}

// foreign looks at a policy that is not ours to decide.
func (d *decider) foreign(at Entry, image *podspec.Image) {
	if image.Set == podspec.Nowhere || imageref.HasPlaceholder(image.Policy) || slices.Contains(policiesOf(image), image.Policy) {
		return
	}
	at.Path, at.Old = image.PolicyPath(), image.Policy
	at.Message, at.New = noPolicy(image)
	d.finding(InvalidPolicy, at)
}

// policiesOf are the policies that an image's field may hold.
func policiesOf(image *podspec.Image) []string {
	if len(image.Field.Policies) > 0 {
		return image.Field.Policies
	}
	return allPolicies
}

var allPolicies = []string{string(pullpolicy.Always), string(pullpolicy.IfNotPresent), string(pullpolicy.Never)}

// noPolicy says what is wrong with a policy, and which one is meant; "" where
// that is not known.
func noPolicy(image *podspec.Image) (message, meant string) {
	words := policiesOf(image)
	for _, p := range words {
		if strings.EqualFold(image.Policy, p) {
			return fmt.Sprintf("%q is no pull policy; write it %s", image.Policy, p), p
		}
	}
	last := len(words) - 1
	return fmt.Sprintf("%q is no pull policy; it must be %s or %s", image.Policy, strings.Join(words[:last], ", "), words[last]), ""
}

// unset decides about an image without a pull policy.
func (d *decider) unset(at Entry, image *podspec.Image, decision pullpolicy.Decision) {
	if decision.Unknown == pullpolicy.Placeholder {
		at.Path, at.Old = image.ReferencePath(), image.Reference
		at.Message = "no pull policy is decided: " + decision.Reason
		d.finding(UnresolvedImage, at)
	}
	inherits, ok := d.inherits(at.Object.Source, image)
	switch at.New = string(decision.Policy); {
	case at.New == "" && ok:
		at.Path, at.Old, at.New = image.PolicyPath(), "", ""
		at.Message = fmt.Sprintf("the mapping that this merges with << gets %s: %s, and it is not known whether that is right here: write a policy of its own",
			image.Field.Policy, inherits)
		d.finding(SharedByAlias, at)
		return
	case at.New == "", ok && inherits == at.New:
		return // what is written into the mapping that it merges holds for it too
	}
	at.Path = image.PolicyPath()
	at.Message = "set " + image.Field.Policy + " to " + at.New + ": " + decision.Reason
	d.writePolicy(PolicySet, at, image)
}

// differs decides about an image with a pull policy other than the one decided.
func (d *decider) differs(at Entry, image *podspec.Image, decision pullpolicy.Decision) {
	at.Path, at.Old, at.New = image.PolicyPath(), image.Policy, string(decision.Policy)
	placeholder := imageref.HasPlaceholder(image.Policy)
	if d.replaces(image, decision) {
		at.Message = fmt.Sprintf("change %s from %s to %s: %s", image.Field.Policy, at.Old, at.New, decision.Reason)
		d.writePolicy(PolicyChanged, at, image)
		return
	}
	switch {
	case placeholder:
	case !slices.Contains(policiesOf(image), image.Policy):
		message, meant := noPolicy(image)
		if at.Message = message; meant != "" {
			at.New = meant
		} else if at.New != "" {
			at.Message += fmt.Sprintf(", here %s: %s", at.New, decision.Reason)
		}
		d.finding(InvalidPolicy, at)
	case decision.Policy == "":
	case !decision.ByRule && isLatest(image.Reference):
		at.Message = fmt.Sprintf("%s stays %s though %s: nodes that have the image keep its old content", image.Field.Policy, at.Old, decision.Reason)
		d.finding(StaleLatest, at)
	default:
		at.Message = fmt.Sprintf("%s stays %s, it would be %s: %s", image.Field.Policy, at.Old, at.New, decision.Reason)
		d.finding(PolicyDiffersFromTag, at)
	}
}

func isLatest(image string) bool {
	tag, state := imageref.TagOf(image)
	return state == imageref.Untagged || tag == pullpolicy.Latest
}

// replaces says whether a policy that is set and differs is changed. Never and
// placeholders are somebody's intent, which only a rule overrules.
func (d *decider) replaces(image *podspec.Image, decision pullpolicy.Decision) bool {
	if d.config.mode != v1alpha1.ModeEnforce || decision.Policy == "" {
		return false
	}
	return decision.ByRule || image.Policy != string(pullpolicy.Never) && !imageref.HasPlaceholder(image.Policy)
}

// writePolicy plans a policy, or says why it cannot be written.
func (d *decider) writePolicy(id FindingID, at Entry, image *podspec.Image) {
	if image.Refused != nil {
		d.notEditable(at, image.Refused, image.Field.Policy+": "+at.New)
		return
	}
	at.Edits = []yamledit.Edit{{Place: image.Place, Value: yamledit.Text(at.New)}}
	d.change(id, at)
}

// notEditable says that a change must be made by hand, and how.
func (d *decider) notEditable(at Entry, why error, byHand string) {
	var refused *yamledit.EditError
	reason := why.Error()
	if errors.As(why, &refused) {
		at.Line, reason = refused.Line, refused.Reason
	}
	at.Message = fmt.Sprintf("%s cannot be edited as text (%s); write it by hand: %s", at.Path, reason, byHand)
	d.finding(NotEditable, at)
}

// inherits gives the policy that an image without one takes, after the edits,
// from the mappings that it merges.
func (d *decider) inherits(source int, image *podspec.Image) (policy string, ok bool) {
	for _, m := range image.Merged {
		if policy, ok := d.written[textPlace{source, m.Place}]; ok && m.Place.Exists() {
			return policy, true
		}
		if m.Policy != "" {
			return m.Policy, true
		}
	}
	return "", false
}

// inherited finds the policies that are written into mappings that containers
// merge, by place. A container that gets none because it inherits the right one
// counts with what it inherits, so that one round is enough.
func inherited(c *Config, facts []Facts) map[textPlace]string {
	dry := decider{Plan: Plan{config: c}}
	for i := range facts {
		f := &facts[i]
		if f.Kind == nil || !f.Shared || f.Skip.Policy() || !c.edits(f) {
			continue
		}
		for p := range f.Pods {
			if !f.Pods[p].Skip.Policy() {
				dry.policies(f, &f.Pods[p])
			}
		}
	}
	written := map[textPlace]string{}
	for _, e := range dry.Entries {
		for _, edit := range e.Edits {
			written[textPlace{e.Object.Source, edit.Place}] = e.New
		}
	}
	return written
}
