package imagepull

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/podspec"
)

// secrets decides a pod's list of pull secrets.
func (d *decider) secrets(f *Facts, pod *podspec.Pod) {
	list := &pod.Secrets
	if list.Path == "" || list.Broken {
		return
	}
	at := Entry{Object: &f.Object, Path: list.Path}
	edit := secretList{names: list.Names, remove: d.removed(f), same: d.sameIn(d.namespaceOf(f, pod)), form: list.Form}
	var images []*podspec.Image
	// A list that must be made together with what holds it is made for images
	// that are known to need it.
	if !list.Missing || len(pod.Images) > 0 && !pod.Shape.Secrets.Existing {
		images = d.wanted(at, f, pod, &edit)
	}
	if pod.Elsewhere && len(edit.add) > 0 && !d.config.attachReferences {
		at.Message = fmt.Sprintf("gets no pull secrets because it runs a template by %s, which gets them; recent controllers refuse both together (pullSecrets.workflowTemplateRef: Attach adds them all the same)", pod.Shape.Reference)
		d.finding(WorkflowTemplateRef, at)
		edit.add = nil
	}
	if len(edit.add) > 0 && len(pod.Accounts) > 0 && len(list.Names) == 0 {
		if d.config.toAccounts {
			d.toAccounts(f, pod, edit.add)
			edit.add = nil
		} else {
			d.comeAlong(f, pod, &edit)
		}
	}
	wanted := slices.Clone(edit.add)
	final, _ := d.writeList(at, &edit, list, pod.Shape.Secrets.String())
	d.enforced(f, pod, wanted)
	if edit.writes() {
		d.immutable(at, f, pod)
	}
	if d.config.secrets() {
		d.tracked = append(d.tracked, tracked{f, pod, images, final, d.at})
	}
}

// writeList decides one list of pull secrets, and says what it will be and
// whether it is written to.
func (d *decider) writeList(at Entry, edit *secretList, list *podspec.Secrets, field string) (final []string, written bool) {
	edit.resolve()
	d.flaws(at, edit)
	d.noRoom(at, edit)
	if !edit.writes() {
		return list.Names, false
	}
	edits, err := list.Edit(edit.out, edit.addedNames())
	if err != nil {
		d.notEditable(at, err, edit.byHand(field))
		return list.Names, false
	}
	for i, name := range list.Names {
		if !slices.Contains(edit.out, i) {
			final = append(final, name)
		}
	}
	// All names of one list are written by the same edits, which go with the
	// first of its changes.
	for _, i := range edit.out {
		e := at
		e.Old, e.Edits, edits = list.Names[i], edits, nil
		e.Message = fmt.Sprintf("remove pull secret %q: %s", list.Names[i], edit.why(i))
		d.change(SecretRemoved, e)
	}
	for _, name := range edit.add {
		e := at
		e.New, e.Edits, edits = name.name, edits, nil
		e.Message = "add pull secret " + name.name + ": " + name.why
		d.change(SecretAdded, e)
		final = append(final, name.name)
	}
	return final, true
}

// everyNamespace stands for that of pods which may run in any; it holds no
// Secret and no account.
const everyNamespace = "\x00"

// namespaceOf gives the namespace whose Secrets a pod uses.
func (d *decider) namespaceOf(f *Facts, pod *podspec.Pod) string {
	switch {
	case pod.Namespace != "":
		return pod.Namespace
	case pod.Everywhere, f.Kind.Scope == podspec.Cluster:
		return everyNamespace
	}
	return d.config.namespace(f)
}

// sameIn says of names of a namespace whether they mean one Secret.
func (d *decider) sameIn(namespace string) func(a, b string) bool {
	if len(d.byNamespace[namespace]) == 0 {
		return func(a, b string) bool { return a == b }
	}
	return func(a, b string) bool { return d.same(namespace, a, b) }
}

// wanted finds the secrets that a pod gets: those of the config in the config's
// order, then those among the objects by name. It gives the pod's images where
// anybody asks for them.
func (d *decider) wanted(at Entry, f *Facts, pod *podspec.Pod, edit *secretList) []*podspec.Image {
	if len(pod.Images) == 0 && !pod.WithoutImages {
		return nil
	}
	var images []*podspec.Image // gathered when a secret asks for them
	if d.config.fromPackage || len(d.config.requireFor) > 0 {
		images = d.images(f, pod)
	}
	namespace := cmp.Or(pod.Namespace, d.config.namespace(f))
	if pod.Everywhere {
		namespace = pod.Namespace
	}
	for i := range d.config.add {
		s := &d.config.add[i]
		if !s.serves(namespace) {
			continue
		}
		why := s.everyPod
		if len(s.images) > 0 {
			if images == nil {
				images = d.images(f, pod)
			}
			matched := s.match(images)
			if matched == "" {
				continue
			}
			why = matched
		}
		name := f.secretName(s.name)
		if len(name.Either) > 0 {
			at.New = s.name
			at.Message = fmt.Sprintf("pull secret %s is to be added, because %s, but several Secrets had that name and nothing tells which is meant: %s; name one of them in the config, as it is called now, or see to it that the pod and its Secret come from one kustomization",
				s.name, why, strings.Join(name.Either, ", "))
			d.finding(AmbiguousSecret, at)
			continue
		}
		if !slices.ContainsFunc(edit.add, func(a addedSecret) bool { return a.name == name.Now }) {
			edit.add = append(edit.add, addedSecret{name.Now, why, i})
		}
	}
	if d.config.fromPackage {
		d.fromPackage(d.namespaceOf(f, pod), images, edit)
	}
	return images
}

// removed gives the names that the config takes out, as they are and as they are
// called where an object is.
func (d *decider) removed(f *Facts) []string {
	if f.Names == nil {
		return d.config.remove
	}
	names := slices.Clone(d.config.remove)
	for _, name := range d.config.remove {
		if now := f.secretName(name).Now; now != "" && now != name {
			names = append(names, now)
		}
	}
	return names
}

// fromPackage adds the Secrets among the objects that serve a pod's images.
func (d *decider) fromPackage(namespace string, images []*podspec.Image, edit *secretList) {
	from := len(edit.add)
	for _, image := range images {
		for _, by := range d.serving(namespace, image.Reference).by {
			if !slices.ContainsFunc(edit.add, func(a addedSecret) bool { return edit.sameName(a.name, by.Name) }) {
				edit.add = append(edit.add, addedSecret{by.Name, by.why, len(d.config.add)})
			}
		}
	}
	slices.SortStableFunc(edit.add[from:], func(a, b addedSecret) int { return strings.Compare(a.name, b.name) })
}

// match says which pattern of a secret matches which image; "" for none.
func (s *secret) match(images []*podspec.Image) string {
	for _, image := range images {
		for i, p := range s.images {
			if p.MatchesImage(image.Reference) {
				return "pullSecrets.add[" + strconv.Itoa(s.index) + "].images[" + strconv.Itoa(i) + "] " + p.String() + " matches image " + image.Reference
			}
		}
	}
	return ""
}

// A secretList is what becomes of one list of pull secrets.
type secretList struct {
	names  []string // as they stand
	remove []string // names that the config takes out
	add    []addedSecret
	out    []int // indexes of names that are taken out
	// same says whether two names mean one Secret.
	same func(a, b string) bool
	form podspec.SecretsForm
}

type addedSecret struct {
	name, why string
	rank      int // index in pullSecrets.add; those among the objects come after
}

func (l *secretList) sameName(a, b string) bool { return a == b || l.same != nil && l.same(a, b) }

func (l *secretList) removes(name string) bool {
	return slices.Contains(l.remove, name)
}

// resolve leaves of the names to add those that are missing, and finds what is
// taken out: the names that the config removes and, where the list is written
// to, entries without a name and names that stand there already.
func (l *secretList) resolve() {
	l.add = slices.DeleteFunc(l.add, func(a addedSecret) bool {
		return slices.ContainsFunc(l.names, func(name string) bool { return l.sameName(a.name, name) && !l.removes(name) })
	})
	for i, name := range l.names {
		if l.removes(name) {
			l.out = append(l.out, i)
		}
	}
	if !l.writes() {
		return
	}
	l.out = nil
	for i := range l.names {
		if l.removes(l.names[i]) || l.flawed(i) {
			l.out = append(l.out, i)
		}
	}
}

func (l *secretList) writes() bool { return len(l.add)+len(l.out) > 0 }

// flawed says whether an entry has no name, or one that stands before it.
func (l *secretList) flawed(i int) bool {
	return l.names[i] == "" || slices.Contains(l.names[:i], l.names[i])
}

func (l *secretList) why(i int) string {
	switch {
	case l.removes(l.names[i]):
		return "pullSecrets.remove names it"
	case l.names[i] == "":
		return "it has no name"
	}
	return "the list has it already"
}

// flaws reports entries of a list that is not written to.
func (d *decider) flaws(at Entry, l *secretList) {
	for i, name := range l.names {
		if !l.flawed(i) || slices.Contains(l.out, i) {
			continue
		}
		e := at
		e.Path, e.Old = fmt.Sprintf("%s[%d]", at.Path, i), name
		if name == "" {
			e.Message = "the entry has no name: it pulls nothing, hides the ServiceAccount's pull secrets and breaks merges; remove it"
			d.finding(EmptySecretName, e)
		} else {
			e.Message = fmt.Sprintf("%q stands in the list before; server-side apply refuses a list that names a secret twice: remove one", name)
			d.finding(DuplicateSecret, e)
		}
	}
}

// noRoom reports names for which a field that holds one name has no room, and
// leaves them out.
func (d *decider) noRoom(at Entry, l *secretList) {
	room := len(l.add)
	if l.form.Single() {
		room = min(room, 1-(len(l.names)-len(l.out)))
	}
	for _, name := range l.add[room:] {
		e := at
		if len(l.names) > 0 {
			e.Old = l.names[0]
		}
		e.New = name.name
		e.Message = fmt.Sprintf("pull secret %s is not added, though %s: the field has room for one name only, and holds another", name.name, name.why)
		d.finding(NoRoomForSecret, e)
	}
	l.add = l.add[:room]
}

func (l *secretList) addedNames() []string {
	names := make([]string, len(l.add))
	for i, a := range l.add {
		names[i] = a.name
	}
	return names
}

func (l *secretList) byHand(field string) string {
	text := field + " with"
	sep := " "
	for _, a := range l.add {
		name := a.name
		if l.form == podspec.Objects || l.form == podspec.Object {
			name = "{name: " + name + "}"
		}
		text, sep = text+sep+name, ", "
	}
	if len(l.add) == 0 {
		text += "out"
		for _, i := range l.out {
			text, sep = fmt.Sprintf("%s%s%q", text, sep, l.names[i]), ", "
		}
	}
	return text
}

// images gives the images that run in a pod: its own, and those of the parts
// of other objects that it calls.
func (d *decider) images(f *Facts, pod *podspec.Pod) []*podspec.Image {
	images := make([]*podspec.Image, 0, len(pod.Images))
	for i := range pod.Images {
		images = append(images, &pod.Images[i])
	}
	if len(pod.Calls) == 0 {
		return images
	}
	r := reach{decider: d, from: f, seen: map[reached]bool{}}
	for i := range pod.Calls {
		if call := &pod.Calls[i]; call.Object != "" {
			r.other(f, call)
		}
	}
	return append(images, r.images...)
}

// A templateKey names a WorkflowTemplate, or a ClusterWorkflowTemplate, which
// has no namespace.
type templateKey struct {
	cluster         bool
	namespace, name string
}

// index finds the objects whose templates others can run.
func (d *decider) index() {
	d.templates = map[templateKey]*Facts{}
	for i := range d.facts {
		f := &d.facts[i]
		if f.Kind == nil || !f.Kind.Library {
			continue
		}
		d.templates[templateKey{f.Kind.Scope == podspec.Cluster, d.config.namespace(f), f.Object.Name}] = f
	}
}

// reach gathers the images of the templates that a workflow runs from other
// objects.
type reach struct {
	*decider
	from   *Facts
	seen   map[reached]bool
	images []*podspec.Image
}

// reached is a part that was visited, or with no object the name of one that
// was not found.
type reached struct {
	in   *Facts
	part string
}

// other follows a call from one object to a part of another.
func (r *reach) other(caller *Facts, call *podspec.Call) {
	key := templateKey{cluster: call.Cluster, name: call.Object}
	if !call.Cluster {
		key.namespace = r.config.namespace(r.from)
	}
	if target := r.templates[key]; target != nil {
		r.part(target, call.Part)
		return
	}
	if missing := (reached{part: call.Object}); !r.seen[missing] && !imageref.HasPlaceholder(call.Object) {
		r.seen[missing] = true
		r.finding(TemplateNotFound, Entry{
			Object: &caller.Object, Path: call.Path, Old: call.Object,
			Message: fmt.Sprintf("the template %s is not among the manifests: pull secrets for certain images (pullSecrets.add[].images) do not count what it runs", call.Object),
		})
	}
}

// part adds the images of one part and of all that it calls.
func (r *reach) part(f *Facts, part string) {
	if r.seen[reached{f, part}] {
		return
	}
	r.seen[reached{f, part}] = true
	for p := range f.Pods {
		pod := &f.Pods[p]
		for i := range pod.Images {
			if pod.Images[i].Part == part {
				r.images = append(r.images, &pod.Images[i])
			}
		}
		for i := range pod.Calls {
			switch call := &pod.Calls[i]; {
			case call.From != part:
			case call.Object != "":
				r.other(f, call)
			default:
				r.part(f, call.Part)
			}
		}
	}
}
