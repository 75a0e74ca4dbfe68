package inventory

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/pullpolicy"
)

// An Image is an image, and everywhere that it is used.
type Image struct {
	Image      string `json:"image"` // as the manifests write it
	Registry   string `json:"registry,omitempty"`
	Repository string `json:"repository,omitempty"`
	Tag        string `json:"tag,omitempty"`
	Digest     string `json:"digest,omitempty"`
	Note       string `json:"note,omitempty"` // why the parts are not known
	Uses       []Use  `json:"uses"`           // in the order of the manifests
}

// A Use is one place that names an image.
type Use struct {
	File   string `json:"file"`
	Object string `json:"object"`
	Field  string `json:"field"` // of the image

	// Policy is the pull policy in force as the manifests stand; "" where it is
	// not known. Due is the one that pullable would write; "" for none.
	Policy string `json:"policy,omitempty"`
	Why    string `json:"why"`
	Due    string `json:"policyDue,omitempty"`

	Secrets  []Secret  `json:"secrets,omitempty"`
	Findings []Finding `json:"findings,omitempty"`
}

// A Secret is a pull secret that a pod gets.
type Secret struct {
	Name string `json:"name"`
	From string `json:"from"`          // "the pod", or the ServiceAccount's name
	Due  bool   `json:"due,omitempty"` // pullable would add it
}

// A Finding is an entry of the plan that concerns a use.
type Finding struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
}

// A Format writes an inventory.
type Format interface {
	Write(w io.Writer, images []Image) error
}

// Of lists the images of facts, sorted, with what the plan says of them. The
// objects' Source is an index into files.
func Of(facts []imagepull.Facts, plan *imagepull.Plan, files []string) []Image {
	v := survey{entries: map[*manifest.Object][]*imagepull.Entry{}, accounts: map[accountKey]*imagepull.Facts{}}
	for i := range plan.Entries {
		e := &plan.Entries[i]
		v.entries[e.Object] = append(v.entries[e.Object], e)
	}
	for i := range facts {
		if f := &facts[i]; f.Account != nil {
			v.accounts[accountKey{f.Object.Namespace, f.Object.Name}] = f
		}
	}
	byImage := map[string]*Image{}
	for i := range facts {
		f := &facts[i]
		for p := range f.Pods {
			pod := &f.Pods[p]
			secrets := v.secrets(f, pod)
			for j := range pod.Images {
				image := &pod.Images[j]
				use := Use{File: files[f.Object.Source], Object: f.Object.String(), Field: image.ReferencePath(), Secrets: secrets}
				v.policy(f, pod, image, &use)
				listed := byImage[image.Reference]
				if listed == nil {
					listed = describe(image.Reference)
					byImage[image.Reference] = listed
				}
				listed.Uses = append(listed.Uses, use)
			}
		}
	}
	images := make([]Image, 0, len(byImage))
	for _, image := range byImage {
		images = append(images, *image)
	}
	slices.SortFunc(images, func(a, b Image) int {
		return cmp.Or(cmp.Compare(a.Registry, b.Registry), cmp.Compare(a.Repository, b.Repository), cmp.Compare(a.Image, b.Image))
	})
	return images
}

func describe(text string) *Image {
	image := &Image{Image: text}
	if imageref.HasPlaceholder(text) {
		image.Note = "it has a placeholder"
		return image
	}
	ref, err := imageref.Parse(text)
	if err != nil {
		image.Note = err.Error()
		return image
	}
	image.Registry, image.Repository, image.Tag, image.Digest = ref.Domain, ref.Path, ref.Tag, ref.Digest
	return image
}

type accountKey struct{ namespace, name string }

type survey struct {
	entries  map[*manifest.Object][]*imagepull.Entry
	accounts map[accountKey]*imagepull.Facts
}

// policy finds the policy in force, what is due, and the findings.
func (v *survey) policy(f *imagepull.Facts, pod *podspec.Pod, image *podspec.Image, use *Use) {
	switch image.Set {
	case podspec.Own:
		use.Policy, use.Why = image.Policy, "it is set"
	case podspec.Merge:
		use.Policy, use.Why = image.Policy, "a mapping that is merged with << sets it"
	case podspec.Defaults:
		use.Policy, use.Why = image.Policy, "the enclosing defaults set it"
	default:
		if image.Never != "" {
			use.Why = "none is set, and pullable writes none: " + image.Never
			break
		}
		if image.NoTag {
			use.Why = "none is set, and the tag is not known"
			break
		}
		decision := pullpolicy.Rules{}.Decide(image.Reference)
		use.Policy, use.Why = string(decision.Policy), "none is set, and "+decision.Reason
	}
	for _, e := range v.entries[&f.Object] {
		ofImage := strings.HasPrefix(e.Path, image.Path+".") || e.Path == image.Path
		if ofImage && e.Change {
			use.Due = e.New
		}
		if ofImage && !e.Change || !e.Change && pod.Secrets.Path != "" && strings.HasPrefix(e.Path, pod.Secrets.Path) {
			use.Findings = append(use.Findings, Finding{string(e.ID), string(e.Severity), e.Message})
		}
	}
}

// secrets gives the pull secrets of a pod: its own list, or where it has none
// that of its ServiceAccount, and what is due to be added.
func (v *survey) secrets(f *imagepull.Facts, pod *podspec.Pod) []Secret {
	var all []Secret
	add := func(of *imagepull.Facts, list *podspec.Secrets, from string) bool {
		before := len(all)
		for _, name := range list.Names {
			if name != "" {
				all = append(all, Secret{Name: name, From: from})
			}
		}
		for _, e := range v.entries[&of.Object] {
			if e.ID == imagepull.SecretAdded && e.Path == list.Path {
				all = append(all, Secret{Name: e.New, From: from, Due: true})
			}
		}
		return len(all) > before
	}
	if pod.Secrets.Path != "" && add(f, &pod.Secrets, "the pod") {
		return all
	}
	for _, name := range pod.Accounts {
		if account := v.accounts[accountKey{cmp.Or(pod.Namespace, f.Object.Namespace), name}]; account != nil {
			add(account, &account.Account.Secrets, account.Object.Kind+" "+name)
		}
	}
	return all
}
