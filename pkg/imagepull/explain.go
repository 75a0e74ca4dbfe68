package imagepull

import (
	"slices"

	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/pullpolicy"
)

// An Explanation says how an image is read, which pull policy it gets, and which
// pull secrets serve it.
type Explanation struct {
	Image     string
	Reference imageref.Reference // what is literal text, where there are placeholders
	State     imageref.State
	Policy    pullpolicy.Decision
	// Configured are the secrets that the config gives to a pod with this image.
	Configured []Reason
	Namespaces []NamespaceSecrets // sorted
	// Learnt are the objects that name the image and whose kinds were learnt, and
	// from what.
	Learnt []Reason
}

// A Reason is a pull secret and why it is given, or another name and what
// explains it.
type Reason struct{ Name, Why string }

// NamespaceSecrets says what the Secrets of one namespace do for an image.
type NamespaceSecrets struct {
	Namespace string // "" where the Secrets name none
	// Tried are the credentials that a kubelet tries, in its order: a Secret may
	// hold several.
	Tried []Reason
	// Annotated are Secrets that are said to serve the image, and whose content
	// is not known.
	Annotated []Reason
	// Near are Secrets that come close, and why they do not serve the image.
	Near []Reason
}

// Explain says what becomes of an image.
func Explain(c Config, facts []Facts, image string) Explanation {
	e := Explanation{Image: image, Policy: c.policies.Decide(image)}
	e.Reference, e.State = imageref.Scan(image)
	for i := range c.add {
		s := &c.add[i]
		for _, p := range s.images {
			if p.MatchesImage(image) {
				e.Configured = append(e.Configured, Reason{s.name, p.String() + " matches the image"})
				break
			}
		}
		if len(s.images) == 0 {
			e.Configured = append(e.Configured, Reason{s.name, s.everyPod})
		}
	}
	s := newStore(&c, facts)
	for _, namespace := range s.namespaces() {
		in := NamespaceSecrets{Namespace: namespace}
		keyring, readable := s.keyring(namespace)
		for _, m := range keyring.Lookup(image) {
			in.Tried = append(in.Tried, Reason{readable[m.Config].Name, "its registry " + m.Entry.Name})
		}
		for _, candidate := range s.byNamespace[namespace] {
			if why := candidate.annotated(image); why != "" {
				in.Annotated = append(in.Annotated, Reason{candidate.Name, why})
			}
			switch {
			case candidate.Content == Broken:
				in.Near = append(in.Near, Reason{candidate.Name, "no kubelet can read it: " + candidate.Problem})
			case candidate.Content == Unknown && len(candidate.Images) == 0:
				in.Near = append(in.Near, Reason{candidate.Name, "its content is encrypted or a placeholder, and no annotation " + ImagesAnnotation + " says what it serves"})
			default:
				for _, why := range candidate.explain(image, in.Tried) {
					in.Near = append(in.Near, Reason{candidate.Name, why})
				}
			}
		}
		if len(in.Tried)+len(in.Annotated)+len(in.Near) > 0 {
			e.Namespaces = append(e.Namespaces, in)
		}
	}
	for i := range facts {
		f := &facts[i]
		if f.Kind != nil && f.Kind.By == podspec.Schema && f.names(image) {
			e.Learnt = append(e.Learnt, Reason{f.Object.String(), "where its kind holds pods was learnt from the " + f.Kind.Source})
		}
	}
	return e
}

// names says whether the object names an image.
func (f *Facts) names(image string) bool {
	return slices.ContainsFunc(f.Pods, func(pod podspec.Pod) bool {
		return slices.ContainsFunc(pod.Images, func(i podspec.Image) bool { return i.Reference == image })
	})
}

// explain says of each entry that comes close why it is not tried.
func (c *candidate) explain(image string, tried []Reason) []string {
	if c.withdrawn || c.Content == Ignored {
		if why := c.miss(image); why != "" {
			return []string{why}
		}
		return nil
	}
	var all []string
	for i := range c.Config.Entries {
		e := &c.Config.Entries[i]
		why := e.Miss(image)
		if why == "" && e.LastResort(image) && !slices.Contains(tried, Reason{c.Name, "its registry " + e.Name}) {
			why = "it is tried only where no other matches"
		}
		if why != "" {
			all = append(all, "its registry "+e.Name+": "+why)
		}
	}
	return all
}

// Images gives the images that pods name, each once, sorted.
func Images(facts []Facts) []string {
	var all []string
	for i := range facts {
		for p := range facts[i].Pods {
			for _, image := range facts[i].Pods[p].Images {
				all = append(all, image.Reference)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
