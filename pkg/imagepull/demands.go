package imagepull

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/podspec"
)

// A tracked pod is looked at again when all lists are decided.
type tracked struct {
	facts  *Facts
	pod    *podspec.Pod
	images []*podspec.Image
	final  []string // its own list
	order  int
}

// afterwards finds what is left to say when all lists are known.
func (d *decider) afterwards() {
	finals := map[*podspec.Pod][]string{}
	for i := range d.tracked {
		finals[d.tracked[i].pod] = d.tracked[i].final
	}
	said := map[string]bool{}
	for i := range d.tracked {
		t := &d.tracked[i]
		d.at = t.order
		names := d.names(t)
		d.broken(t, names)
		d.demands(t, names)
		d.notInPackage(t, names, said)
		d.argo(t, finals)
	}
}

// names gives the names that pods pull with: their own, or those of the accounts
// that they run as.
func (d *decider) names(t *tracked) []string {
	if len(t.final) > 0 {
		return t.final
	}
	var names []string
	for _, account := range t.pod.Accounts {
		names = append(names, d.namesOf(t, account)...)
	}
	return names
}

// namesOf gives the names of one account of a pod.
func (d *decider) namesOf(t *tracked, account string) []string {
	if a := d.account(t.facts, t.pod, account); a != nil {
		return d.lists[a]
	}
	return nil
}

// broken reports Secrets that no kubelet can read and that a pod gets.
func (d *decider) broken(t *tracked, names []string) {
	if !d.config.fromPackage {
		return
	}
	for _, name := range names {
		if c := d.find(d.namespaceOf(t.facts, t.pod), name); c != nil && c.Content == Broken {
			d.finding(InvalidSecret, Entry{
				Object: &t.facts.Object, Path: t.pod.Secrets.Path, Old: name,
				Message: fmt.Sprintf("every pull of the pod fails, because kubelets cannot read Secret %s: %s", name, c.Problem),
			})
		}
	}
}

// demands reports images that end without a credential: those that must have
// one, and those for which a Secret comes close.
func (d *decider) demands(t *tracked, names []string) {
	if !d.config.fromPackage && len(d.config.requireFor) == 0 {
		return
	}
	var said []string
	as := ""
	for i, image := range t.images {
		if len(t.final) == 0 && len(t.pod.Accounts) > 1 {
			// The parts of the pod run as several accounts; each has the list of its own.
			account := cmp.Or(image.Account, t.pod.Account)
			names, as = d.namesOf(t, account), " where it runs as ServiceAccount "+account
		}
		if slices.Contains(said, image.Reference) || d.credentialed(t, names, image.Reference) {
			continue
		}
		said = append(said, image.Reference)
		at := Entry{Object: &t.facts.Object, Path: t.pod.Path, Old: image.Reference}
		if i < len(t.pod.Images) {
			at.Path = image.ReferencePath()
		}
		service := d.misses(d.namespaceOf(t.facts, t.pod), image.Reference)
		near, elsewhere := service.near, d.elsewhere(t, service)
		if p := d.demanded(image.Reference); p != "" {
			at.Message = fmt.Sprintf("image %s has no pull secret%s, and pullSecrets.requireFor demands one for %s; %s", image.Reference, as, p, d.came(t, image.Reference, near, elsewhere))
			d.finding(ImageWithoutSecret, at)
			continue
		}
		if !d.config.fromPackage {
			continue
		}
		if elsewhere != "" {
			at.Message = fmt.Sprintf("image %s has no pull secret%s; %s", image.Reference, as, elsewhere)
			d.finding(SecretElsewhere, at)
		}
		if len(near) > 0 {
			at.Message = fmt.Sprintf("image %s has no pull secret%s, though some come close: %s", image.Reference, as, strings.Join(near, "; "))
			d.finding(NearMiss, at)
		}
	}
}

// demanded gives the pattern of requireFor that an image matches.
func (d *decider) demanded(image string) string {
	for _, p := range d.config.requireFor {
		if p.MatchesImage(image) {
			return p.String()
		}
	}
	return ""
}

// credentialed says whether one of the names may serve an image. A Secret that
// is not among the objects may hold anything, unless the config says which
// images it is for.
func (d *decider) credentialed(t *tracked, names []string, image string) bool {
	namespace := d.namespaceOf(t.facts, t.pod)
	serves := d.serving(namespace, image).by
	for _, name := range names {
		if name == "" {
			continue
		}
		if i := slices.IndexFunc(d.config.add, func(s secret) bool { return d.same(namespace, t.facts.secretName(s.name).Now, name) }); i >= 0 && len(d.config.add[i].images) > 0 {
			if slices.ContainsFunc(d.config.add[i].images, func(p imageref.Pattern) bool { return p.MatchesImage(image) }) {
				return true
			}
			continue
		}
		c := d.find(namespace, name)
		switch {
		case c == nil,
			c.Content == Unknown && len(c.Images) == 0,
			slices.ContainsFunc(serves, func(s served) bool { return s.candidate == c }):
			return true
		}
	}
	return false
}

// elsewhere names the Secrets of other namespaces that would serve an image.
func (d *decider) elsewhere(t *tracked, s *service) string {
	if len(s.elsewhere) == 0 {
		return ""
	}
	var names []string
	for _, c := range s.elsewhere {
		names = append(names, named("Secret", c.namespace, c.Name))
	}
	text := strings.Join(names, " and ") + " would serve it, but "
	here := "the pod's"
	switch namespace := d.namespaceOf(t.facts, t.pod); {
	case namespace == everyNamespace:
		return text + "an object without a namespace gets the names of the config only: add the name to pullSecrets.add"
	case namespace != "":
		here = "namespace " + namespace
	case d.config.defaultNamespace == "":
		text += "the object names no namespace (defaultNamespace can say which one is meant) and "
	}
	return text + "a Secret serves its own namespace only: have a copy in " + here + " (External Secrets, Reflector and kubernetes-replicator make and renew copies)"
}

// came says what comes close to an image.
func (d *decider) came(t *tracked, image string, near []string, elsewhere string) string {
	near = slices.Clone(near)
	for _, c := range d.byNamespace[d.namespaceOf(t.facts, t.pod)] {
		switch {
		case c.Content == Unknown && len(c.Images) == 0:
			near = append(near, fmt.Sprintf("Secret %s: its content is not known here: if it serves the image, say so with the annotation %s", c.Name, ImagesAnnotation))
		case c.Content == Broken:
			near = append(near, fmt.Sprintf("Secret %s: it cannot be read: %s", c.Name, c.Problem))
		}
	}
	if elsewhere != "" {
		near = append(near, elsewhere)
	}
	if !d.config.fromPackage {
		for _, by := range d.serving(d.namespaceOf(t.facts, t.pod), image).by {
			near = append(near, fmt.Sprintf("Secret %s: it would serve it; pullSecrets.fromPackage adds such Secrets", by.Name))
		}
	}
	if len(near) == 0 {
		return "no Secret among the manifests comes close"
	}
	return "what comes close: " + strings.Join(near, "; ")
}

// notInPackage reports names of the config that are nowhere among the objects,
// once each.
func (d *decider) notInPackage(t *tracked, names []string, said map[string]bool) {
	if d.docker == 0 {
		return
	}
	for i := range d.config.add {
		name := d.config.add[i].name
		if said[name] || !slices.Contains(names, name) {
			continue
		}
		found := false
		for _, namespace := range d.namespaces() {
			found = found || d.find(namespace, name) != nil
		}
		if said[name] = true; !found {
			d.finding(SecretNotInPackage, Entry{
				Object: &t.facts.Object, Path: t.pod.Secrets.Path, Old: name,
				Message: fmt.Sprintf("Secret %s of pullSecrets.add[%d] is not among the manifests, while other docker Secrets are: see that it exists in each namespace, or that its name is right", name, i),
			})
		}
	}
}

// immutable tells of objects whose pods cannot change once they live.
func (d *decider) immutable(at Entry, f *Facts, pod *podspec.Pod) {
	why := ""
	switch {
	case f.Kind.Immutable == podspec.ImmutableObject && f.Object.Name != "":
		why = "the pull secrets of a " + f.Object.Kind + " that lives already cannot change, and an apply of this one fails: delete it first, or give it a new name"
	case f.Kind.Immutable == podspec.ImmutableTemplate && pod.Named:
		why = "the pod template has a name of its own, and what has that name already cannot change: give it a new one"
	default:
		return
	}
	at.Message = why
	d.finding(ImmutableWhenLive, at)
}

// argo tells of pods and controllers that do not use a workflow's pull secrets,
// or must be able to. The sources are argo-workflows v4.1.2 workflow/controller,
// artifact_gc.go, operator.go (executeTemplate) and
// entrypoint/container_registry_index.go.
func (d *decider) argo(t *tracked, finals map[*podspec.Pod][]string) {
	if t.pod.Collector != "" && len(t.final) > 0 {
		d.finding(ArtifactGC, Entry{
			Object: &t.facts.Object, Path: t.pod.Collector,
			Message: "the pods that collect artifacts do not get these pull secrets: if Argo's own image comes from a private registry, give them to the ServiceAccount of artifactGC",
		})
	}
	if len(t.final) > 0 && t.pod.Shape.Collectors != nil {
		for i := range t.pod.Images {
			if image := &t.pod.Images[i]; image.LookedUp {
				d.finding(EntrypointLookup, Entry{
					Object: &t.facts.Object, Path: image.Path + "." + image.Field.Lookup,
					Message: fmt.Sprintf("without it Argo's controller reads the command of image %s from the registry: write it out, or allow the controller to get the Secrets %s", image.Reference, strings.Join(t.final, ", ")),
				})
				break
			}
		}
	}
	var said []*Facts
	for i := range t.pod.Calls {
		call := &t.pod.Calls[i]
		key := templateKey{cluster: call.Cluster, name: call.Object}
		if !call.Cluster {
			key.namespace = d.config.namespace(t.facts)
		}
		target := d.templates[key]
		if call.Object == "" || target == nil || slices.Contains(said, target) {
			continue
		}
		said = append(said, target)
		var lost []string
		for p := range target.Pods {
			names, decided := finals[&target.Pods[p]]
			if !decided {
				names = target.Pods[p].Secrets.Names
			}
			for _, name := range names {
				if name != "" && !slices.Contains(t.final, name) && !slices.Contains(lost, name) {
					lost = append(lost, name)
				}
			}
		}
		if len(lost) > 0 {
			d.finding(TemplateRefSecrets, Entry{
				Object: &t.facts.Object, Path: call.Path, Old: call.Object,
				Message: fmt.Sprintf("a template that is run by templateRef is pulled with the pull secrets of the workflow that runs it; those of %s are not used here: %s", target.Object.String(), strings.Join(lost, ", ")),
			})
		}
	}
}

// secretItself reports what kubelets ignore of a docker Secret, and what is not
// known of it.
func (d *decider) secretItself(f *Facts) {
	if !d.config.fromPackage || d.skip(f, f.Skip, "metadata.annotations").Secrets() {
		return
	}
	s := f.Secret
	at := Entry{Object: &f.Object, Path: s.Path}
	say := func(id FindingID, format string, args ...any) {
		at.Message = fmt.Sprintf(format, args...)
		d.finding(id, at)
	}
	if s.Wrong != "" {
		at.Path = "metadata.annotations"
		say(InvalidImages, "the annotation %s must be image patterns, parted by commas: %s", ImagesAnnotation, s.Wrong)
		at.Path = s.Path
	}
	switch s.Content {
	case Ignored:
		say(IgnoredSecret, "pulls nothing: %s", s.Problem)
		return
	case Broken:
		say(IgnoredSecret, "pulls nothing, and a pod that names it can pull nothing: %s", s.Problem)
		return
	case Unknown:
		if !s.Made {
			say(UnknownSecret, "its content is encrypted or a placeholder: %s", d.serves(s))
		}
		return
	}
	if s.Content == Readable && !s.Config.Unknown && len(s.Images) > 0 {
		at.Path = "metadata.annotations"
		say(ImagesUnused, "the annotation %s is not used: the content can be read, and says itself what the Secret serves, as it does to kubelets", ImagesAnnotation)
		at.Path = s.Path
	}
	if s.Config.Unknown {
		say(UnknownSecret, "the name of a registry is a placeholder: %s", d.serves(s))
	}
	for _, field := range s.Config.Ignored {
		say(CredentialHelper, "kubelets ignore %s: only what stands under auths is used", field)
	}
	for i := range s.Config.Entries {
		e := &s.Config.Entries[i]
		switch why := e.Never(); {
		case why != "":
			say(KeyNeverMatches, "registry %q: %s", e.Name, why)
		case !e.Credentials && e.Token:
			say(EntryEmpty, "registry %q has a token, which kubelets do not use, and no user and password", e.Name)
		case !e.Credentials:
			say(EntryEmpty, "registry %q has no user and password", e.Name)
		}
	}
}

// serves says which images a Secret serves by its annotation.
func (d *decider) serves(s *Secret) string {
	if len(s.Images) == 0 {
		return "no pod gets it; name its images in the annotation " + ImagesAnnotation
	}
	var names []string
	for _, p := range s.Images {
		names = append(names, p.String())
	}
	return "it serves what its annotation " + ImagesAnnotation + " names: " + strings.Join(names, ", ")
}
