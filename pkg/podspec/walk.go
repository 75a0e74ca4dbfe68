package podspec

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/yamledit"
)

// most is how many nodes a walk of one object visits. A file of a megabyte does
// not come near it unless aliases multiply what it holds.
const most = 1_000_000

// Walk gathers the facts of an object of a kind of this table. The node is the
// object's.
func (t *Table) Walk(k *Kind, object yamledit.Node) Facts {
	w := walker{table: t}
	w.facts.Shared = object.Shared()
	w.object(k, object, "")
	return w.facts
}

// object walks an object, which may stand inside another.
func (w *walker) object(k *Kind, object yamledit.Node, path string) {
	for i := range k.Pods {
		part := &k.Pods[i]
		if part.Path.Text() && !w.table.embedded || !part.When.holds(object) {
			continue
		}
		w.each(object, path, part.Path, func(spec, parent yamledit.Node, path string) {
			w.pod(part, spec, parent, path)
		})
	}
	for i := range k.Objects {
		holder := &k.Objects[i]
		if w.closed(holder) || !holder.When.holds(object) {
			continue
		}
		w.each(object, path, holder.Path, func(m, _ yamledit.Node, path string) { w.inside(holder, m, path) })
	}
}

// deepest is how many objects may stand inside each other.
const deepest = 8

// closed says whether a holder's object stands in a string that is not opened.
func (w *walker) closed(holder *Holder) bool {
	return !w.table.embedded && (holder.Path.Text() || holder.Object.Text())
}

// holds says whether an object meets the condition.
func (c *Condition) holds(object yamledit.Node) bool {
	if c.Path == nil {
		return true
	}
	for i := range c.Path {
		object, _ = object.Get(c.Path[i].Field)
	}
	return object.Text() == c.Text
}

// inside walks the object in a holder.
func (w *walker) inside(holder *Holder, m yamledit.Node, path string) {
	if holder.Operation != "" {
		operation, _ := m.Get(holder.Operation)
		switch operation.Text() {
		case "patch", "update", "delete", "get":
			return
		}
		if imageref.HasPlaceholder(operation.Text()) {
			path = join(path, holder.Operation)
			w.problem(NotPlain, operation, path, "%s is a placeholder, so that it is not known whether the object is a whole one; it is left alone", path)
			return
		}
	}
	w.held(holder, m, m, path, holder.Object)
}

// held follows the rest of a holder's path to its object.
func (w *walker) held(holder *Holder, m, n yamledit.Node, path string, rest Path) {
	for i, step := range rest {
		if step.Text && !w.table.embedded {
			return
		}
		n, _ = w.get(n, path, step.Field)
		if path = join(path, step.Field); step.Text {
			w.text(n, path, func(n yamledit.Node, path string) { w.held(holder, m, n, path, rest[i+1:]) })
			return
		}
	}
	w.inner(holder, m, n, path)
}

// inner walks an object inside another, or the objects of a list.
func (w *walker) inner(holder *Holder, m, object yamledit.Node, path string) {
	if object.Kind() != yamledit.Mapping {
		return
	}
	if w.depth == deepest {
		w.problem(TooDeep, object, path, "more than %d objects stand inside each other here; what is further inside is left alone", deepest)
		return
	}
	apiVersion, _ := object.Get("apiVersion")
	kind, _ := object.Get("kind")
	group, version, grouped := strings.Cut(apiVersion.Text(), "/")
	if !grouped {
		group, version = "", group
	}
	k := w.table.Lookup(group, version, kind.Text())
	if k == nil {
		if apiVersion.Text() == "v1" && kind.Text() == "List" {
			items, _ := w.get(object, path, "items")
			w.depth++
			w.items(items, join(path, "items"), 1, func(n yamledit.Node, path string) { w.inner(holder, m, n, path) })
			w.depth--
			return
		}
		if name := (Name{group, version, kind.Text()}); Defined(group) && !slices.Contains(w.facts.Lacks, name) {
			w.facts.Lacks = append(w.facts.Lacks, name)
		}
		return
	}
	if k.By == Schema && !slices.Contains(w.facts.Learnt, k) {
		w.facts.Learnt = append(w.facts.Learnt, k)
	}
	first := len(w.facts.Pods)
	w.depth++
	w.object(k, object, path)
	w.depth--
	metadata, _ := object.Get("metadata")
	namespace, _ := metadata.Get("namespace")
	skip := skipOf(object)
	replaced := destinations(holder, m)
	for i := range w.facts.Pods[first:] {
		pod := &w.facts.Pods[first+i]
		if pod.Namespace == "" && k.Scope != Cluster {
			pod.Namespace = namespace.Text()
		}
		if pod.Skip == SkipNothing {
			pod.Skip = skip
		}
		for j := range pod.Images {
			image := &pod.Images[j]
			if slices.Contains(replaced, inDots(image.ReferencePath(), path)) {
				image.Never = "a parameter replaces the image"
			}
		}
	}
}

// destinations are the paths at which a holder's parameters write into its
// object, as in spec.containers.0.image.
func destinations(holder *Holder, m yamledit.Node) (paths []string) {
	if holder.Parameters == "" {
		return nil
	}
	parameters, _ := m.Get(holder.Parameters)
	for _, p := range parameters.Items() {
		dest, _ := p.Get("dest")
		paths = append(paths, dest.Text())
	}
	return paths
}

// inDots writes a path inside an object with dots around indexes.
func inDots(path, object string) string {
	path = strings.TrimLeft(strings.TrimPrefix(path, object), ". ")
	return strings.ReplaceAll(strings.ReplaceAll(path, "[", "."), "]", "")
}

type walker struct {
	table   *Table
	facts   Facts
	visited int
	depth   int // objects around the one that is being walked
	// open are the mappings between a pod and the part that is being walked; an
	// alias to one of them goes in a circle.
	open []yamledit.Node

	texts int      // strings around what is being walked
	later []func() // objects inside the pod at hand, which are walked after it
	names []string // of the containers of the pod at hand, beside its images
	patch string   // see [Part.Patches]; "": this is no patch
	said  map[said]bool
}

func (w *walker) problem(kind ProblemKind, n yamledit.Node, path, format string, args ...any) {
	line, _ := n.Pos()
	w.say(Problem{kind, path, line, fmt.Sprintf(format, args...)})
}

// A said problem is not said again.
type said struct {
	kind ProblemKind
	path string
}

// say adds a problem. Where strings are opened, several places of a row may lead
// to one string.
func (w *walker) say(p Problem) {
	if w.table != nil && w.table.embedded {
		if w.said == nil {
			w.said = map[said]bool{}
		}
		if w.said[said{p.Kind, p.Path}] {
			return
		}
		w.said[said{p.Kind, p.Path}] = true
	}
	w.facts.Problems = append(w.facts.Problems, p)
}

func (w *walker) wrongType(n yamledit.Node, path, want string) {
	if w.texts > 0 && n.Kind() == yamledit.String && imageref.HasPlaceholder(n.Text()) {
		w.problem(NotPlain, n, path, "%s is a placeholder, where %s must stand once it is filled in; what is below it is left alone", path, want)
		return
	}
	w.problem(WrongType, n, path, "%s is %s; it must be %s", path, n.Kind(), want)
}

// enter counts a visit. It is false where aliases multiply what the object
// holds beyond all measure.
func (w *walker) enter(n yamledit.Node, path string) bool {
	w.visited++
	if w.visited == most {
		w.problem(TooMany, n, path, "aliases make the object larger than %d values; write it out, or take it out of the input", most)
	}
	return w.visited < most
}

// get reads a field, and sees to it that it is there once only.
func (w *walker) get(n yamledit.Node, path, key string) (v yamledit.Node, own bool) {
	if !w.enter(n, path) {
		return yamledit.Node{}, false
	}
	v, own = n.Get(key)
	if own && n.Repeats(key) {
		path = join(path, key)
		w.problem(DuplicateKey, v, path, "%s is given twice; readers disagree about which one holds: remove one", path)
		return yamledit.Node{}, false
	}
	return v, own
}

// join writes the path of a field. In front of a text that a string holds stands
// a colon, as in spec.resource.manifest: spec.containers[0].
func join(path, key string) string {
	switch {
	case path == "":
		return key
	case path[len(path)-1] == ':':
		return path + " " + key
	}
	return path + "." + key
}

// text opens the YAML or JSON in a string and calls f for each of its documents
// that is a mapping. Text that cannot be read is none of our business: it may be
// YAML once its placeholders are filled in.
func (w *walker) text(n yamledit.Node, path string, f func(root yamledit.Node, path string)) {
	switch n.Kind() {
	case yamledit.Absent, yamledit.Null:
		return
	case yamledit.String:
	default:
		w.wrongType(n, path, "a string")
		return
	}
	docs, err := n.Embedded()
	if err != nil {
		// What the parser says may quote the text, which may hold a Secret.
		var bad *yamledit.SyntaxError
		line := 0
		if errors.As(err, &bad) {
			line = bad.Line
		}
		w.say(Problem{NotPlain, path, line,
			path + " holds a text that is not plain YAML, and is left alone; if that is because of placeholders without quotes, put them in quotes"})
		return
	}
	for i, doc := range docs {
		root := doc.Root()
		if root.Kind() != yamledit.Mapping || !w.enter(root, path) {
			continue
		}
		at := path + ":"
		if len(docs) > 1 {
			at = path + " (document " + strconv.Itoa(i+1) + "):"
		}
		w.facts.Shared = w.facts.Shared || root.Shared()
		w.texts++
		f(root, at)
		w.texts--
	}
}

// each follows a path from a mapping and calls f for every mapping that it leads
// to, with the mapping that holds the path's last field. Nothing, and null, is not
// followed; other types than the path's are problems.
func (w *walker) each(n yamledit.Node, path string, steps Path, f func(n, parent yamledit.Node, path string)) {
	if len(steps) == 0 {
		f(n, yamledit.Node{}, path)
		return
	}
	step := steps[0]
	if step.Text && !w.table.embedded {
		return
	}
	v, _ := w.get(n, path, step.Field)
	w.items(v, join(path, step.Field), step.Depth, func(m yamledit.Node, path string) {
		if step.Text && !step.Values {
			w.text(m, path, func(root yamledit.Node, path string) { w.next(root, n, path, steps, f) })
			return
		}
		if m.Kind() == yamledit.Null || !m.Exists() {
			return
		}
		if m.Kind() != yamledit.Mapping {
			w.wrongType(m, path, "a mapping")
			return
		}
		if !step.Values {
			w.next(m, n, path, steps, f)
			return
		}
		for key, v := range m.Fields() {
			switch {
			case step.Text && v.Kind() == yamledit.String:
				w.text(v, join(path, key), func(root yamledit.Node, path string) { w.next(root, n, path, steps, f) })
			case !step.Text && v.Kind() == yamledit.Mapping:
				w.next(v, n, join(path, key), steps, f)
			}
		}
	})
}

// next goes on with what the first step of a path led to from n.
func (w *walker) next(m, n yamledit.Node, path string, steps Path, f func(n, parent yamledit.Node, path string)) {
	if len(steps) > 1 {
		w.each(m, path, steps[1:], f)
	} else {
		f(m, n, path)
	}
}

// items opens so many levels of lists.
func (w *walker) items(v yamledit.Node, path string, depth int, f func(n yamledit.Node, path string)) {
	if depth == 0 {
		f(v, path)
		return
	}
	switch v.Kind() {
	case yamledit.Absent, yamledit.Null:
	case yamledit.Sequence:
		for i, item := range v.Items() {
			if !w.enter(item, path) {
				return
			}
			w.items(item, path+"["+strconv.Itoa(i)+"]", depth-1, f)
		}
	default:
		w.wrongType(v, path, "a list")
	}
}

func (w *walker) pod(part *Part, spec, parent yamledit.Node, path string) {
	shape := part.Shape
	w.names = w.names[:0]
	pod := Pod{Path: strings.TrimSuffix(path, ":"), Shape: shape, Everywhere: part.Everywhere, WithoutImages: part.WithoutImages || shape.WithoutImages}
	if len(part.Path) > 1 && part.Path[len(part.Path)-1].Field == "spec" {
		pod.Skip = skipOf(parent)
		pod.Named = len(part.Path) > 1 && named(parent)
	}
	if shape.Reference != "" {
		v, _ := w.get(spec, path, shape.Reference)
		pod.Elsewhere = v.Kind() == yamledit.Mapping
	}
	var defaults yamledit.Node
	if shape.Defaults != "" {
		defaults, _ = w.get(spec, path, shape.Defaults)
	}
	if len(shape.Accounts) > 0 {
		pod.Accounts = []string{cmp.Or(account(shape, spec), "default")}
		pod.Account = pod.Accounts[0]
		if other := account(shape, defaults); other != "" {
			pod.addAccount(other)
			pod.Account = other
		}
	}
	w.shape(&pod, shape, spec, path, "", defaults)
	w.patched(&pod)
	if part.Never != "" {
		for i := range pod.Images {
			pod.Images[i].Never = part.Never
		}
	}
	if len(shape.Secrets.Path) > 0 {
		pod.Secrets = w.secrets(&shape.Secrets, spec, path)
	}
	w.facts.Pods = append(w.facts.Pods, pod)
	later := w.later
	w.later = nil
	for _, walk := range later {
		walk()
	}
}

// patched gives containers that a patch changes the policies of those that they
// change: the merge keeps them. A policy that is written into the patch would
// take their place.
func (w *walker) patched(pod *Pod) {
	if !slices.ContainsFunc(pod.Images, func(i Image) bool { return i.patches }) {
		return
	}
	type container struct{ field, name, part string }
	policies := map[container]string{}
	for i := range pod.Images {
		if base := &pod.Images[i]; !base.patches && base.Set != Nowhere {
			policies[container{base.Field.Policy, w.names[i], base.Part}] = base.Policy
			policies[container{base.Field.Policy, w.names[i], ""}] = base.Policy // a patch outside of all parts is one of each
		}
	}
	for i := range pod.Images {
		patch := &pod.Images[i]
		if !patch.patches || patch.Set != Nowhere || w.names[i] == "" {
			continue
		}
		if policy, ok := policies[container{patch.Field.Policy, w.names[i], patch.Part}]; ok {
			patch.Policy, patch.Set = policy, Defaults
		}
	}
}

// skipOf reads the annotation of a pod template, which stands in the metadata
// beside its spec.
func skipOf(template yamledit.Node) Skip {
	metadata, _ := template.Get("metadata")
	annotations, _ := metadata.Get("annotations")
	v, _ := annotations.Get(SkipAnnotation)
	return Skip(v.Text())
}

// named says whether a pod template has a name of its own.
func named(template yamledit.Node) bool {
	metadata, _ := template.Get("metadata")
	name, _ := metadata.Get("name")
	return name.Text() != ""
}

// account reads the fields that name the ServiceAccount, as
// Convert_v1_PodSpec_To_core_PodSpec of k8s.io/kubernetes pkg/apis/core/v1 does.
func account(shape *Shape, n yamledit.Node) string {
	for _, field := range shape.Accounts {
		if v, _ := n.Get(field); v.Kind() == yamledit.String && v.Text() != "" {
			return v.Text()
		}
	}
	return ""
}

func (p *Pod) addAccount(name string) {
	if !slices.Contains(p.Accounts, name) {
		p.Accounts = append(p.Accounts, name)
	}
}

// shape walks a shape and its parts. defaults is the block of defaults of the
// enclosing pod; it holds for parts only.
func (w *walker) shape(pod *Pod, shape *Shape, n yamledit.Node, path, part string, defaults yamledit.Node) {
	if slices.Contains(w.open, n.Resolved()) {
		return
	}
	w.open = append(w.open, n.Resolved())
	defer func() { w.open = w.open[:len(w.open)-1] }()

	inPart, runsAs := len(w.open) > 1, ""
	if inPart {
		if runsAs = account(shape, n); runsAs != "" {
			pod.addAccount(runsAs)
		}
	}
	for i := range shape.Images {
		field := &shape.Images[i]
		w.each(n, path, field.Path, func(m, parent yamledit.Node, path string) {
			first := len(pod.Images)
			w.images(pod, field, m, path)
			for j := range pod.Images[first:] {
				image := &pod.Images[first+j]
				image.Part, image.Account = part, runsAs
				if w.table.embedded {
					image.patches = w.patch != ""
					w.names = append(w.names, w.nameOf(field, m, parent))
				}
				if field.Lookup != "" {
					v, _ := m.Get(field.Lookup)
					image.LookedUp = v.Len() == 0
				}
				if image.Set != Nowhere {
					continue
				}
				if policy := w.defaults(field, n, m, parent, inPart, defaults); policy != "" {
					image.Policy, image.Set = policy, Defaults
				}
			}
		})
	}
	for _, collectors := range shape.Collectors {
		w.each(n, path, collectors, func(m, _ yamledit.Node, path string) {
			if v, _ := m.Get("strategy"); pod.Collector == "" && v.Text() != "" && v.Text() != "Never" {
				pod.Collector = path
			}
		})
	}
	for _, calls := range shape.Calls {
		w.each(n, path, calls, func(m, _ yamledit.Node, path string) { w.call(pod, m, path, part) })
	}
	for i := range shape.Parts {
		p := &shape.Parts[i]
		w.each(n, path, p.Path, func(m, _ yamledit.Node, path string) {
			part := part
			if p.Name != "" {
				name, _ := m.Get(p.Name)
				part = name.Text()
			}
			if p.Patches != "" {
				first := len(pod.Images)
				w.patch = p.Patches
				w.shape(pod, p.Shape, m, path, part, yamledit.Node{})
				w.patch = ""
				for j := range pod.Images[first:] {
					pod.Images[first+j].Account = runsAs
				}
				return
			}
			w.shape(pod, p.Shape, m, path, part, defaults)
		})
	}
	for i := range shape.Objects {
		holder := &shape.Objects[i]
		if w.closed(holder) {
			continue
		}
		texts := w.texts
		w.each(n, path, holder.Path, func(m, _ yamledit.Node, path string) {
			w.later = append(w.later, func() {
				around := w.texts
				w.texts = texts
				w.inside(holder, m, path)
				w.texts = around
			})
		})
	}
}

// alone stands for the name of a container that stands alone.
const alone = "\x00"

// nameOf gives the name by which a patch finds a container or a volume.
func (w *walker) nameOf(field *ImageField, m, parent yamledit.Node) string {
	named := m
	if last := len(field.Path) - 1; last >= 0 && field.Path[last].Depth == 0 {
		if named = parent; last == 0 {
			return alone
		}
	}
	name, _ := named.Get("name")
	if w.patch != "" && name.Text() == w.patch {
		return alone
	}
	return name.Text()
}

func (w *walker) call(pod *Pod, m yamledit.Node, path, part string) {
	if ref, _ := m.Get("templateRef"); ref.Kind() == yamledit.Mapping {
		name, _ := ref.Get("name")
		template, _ := ref.Get("template")
		scope, _ := ref.Get("clusterScope")
		pod.Calls = append(pod.Calls, Call{
			From: part, Part: template.Text(), Object: name.Text(),
			Cluster: scope.Text() == "true", Path: path + ".templateRef",
		})
		return
	}
	if template, _ := m.Get("template"); template.Text() != "" {
		pod.Calls = append(pod.Calls, Call{From: part, Part: template.Text(), Path: path + ".template"})
	}
}

// defaults finds the policy that holds for an image without one of its own: that
// of the shape's block for this field, or of the enclosing pod's.
func (w *walker) defaults(field *ImageField, shape, m, parent yamledit.Node, inPart bool, defaults yamledit.Node) string {
	if len(field.Defaults) > 0 {
		n := shape
		for _, key := range field.Defaults {
			if key != "" {
				n, _ = n.Get(key)
			}
		}
		policy, _ := n.Get(field.Policy)
		return policy.Text()
	}
	if !inPart || defaults.Kind() != yamledit.Mapping || len(field.Path) == 0 {
		return ""
	}
	named := m
	if field.Path[len(field.Path)-1].Depth == 0 {
		named = parent // volumes[].image: the volume has the name
	}
	name, _ := named.Get("name")
	return defaultPolicy(defaults, field, name.Text())
}

// images reads a mapping that may name images.
func (w *walker) images(pod *Pod, field *ImageField, m yamledit.Node, path string) {
	v, _ := w.get(m, path, field.Image)
	at := join(path, field.Image)
	if !field.List {
		if image, ok := w.image(field, m, v, path, at); ok {
			pod.Images = append(pod.Images, image)
		}
		return
	}
	w.items(v, at, 1, func(item yamledit.Node, at string) {
		if image, ok := w.image(field, m, item, path, at); ok {
			pod.Images = append(pod.Images, image)
		}
	})
}

// image reads one image v that a mapping names, and its policy.
func (w *walker) image(field *ImageField, m, v yamledit.Node, path, at string) (Image, bool) {
	switch v.Kind() {
	case yamledit.Absent, yamledit.Null:
		return Image{}, false
	case yamledit.String:
	case yamledit.Mapping:
		w.problem(WrongType, v, at, "%s is a mapping; it must be a string: if it is a template's placeholder, put it in quotes", at)
		return Image{}, false
	default:
		w.problem(WrongType, v, at, "%s is %s; it must be a string: put it in quotes", at, v.Kind())
		return Image{}, false
	}
	if strings.TrimSpace(v.Text()) == "" {
		return Image{}, false
	}
	image := Image{Path: path, Field: field, Reference: v.Text(), Never: field.Never}
	if field.Scheme != "" || field.Prefix != "" || field.Tag != "" {
		if !w.compose(&image, m, path) {
			return Image{}, false
		}
	}
	if field.Policy == "" {
		return image, true
	}

	policy, own := w.get(m, path, field.Policy)
	switch policy.Kind() {
	case yamledit.Absent:
		if m.Repeats(field.Policy) {
			return Image{}, false // get has said so
		}
	case yamledit.Mapping, yamledit.Sequence:
		w.wrongType(policy, join(path, field.Policy), "Always, IfNotPresent or Never")
		return Image{}, false
	}
	image.Policy = policy.Text()
	if policy.Kind() == yamledit.Null {
		image.Policy = "" // the text of a null may be null or ~
	}
	switch {
	case own:
		image.Place, image.Refused = policy.Replace()
	default:
		image.Place, image.Refused = m.After(field.Policy, field.Image)
	}
	if image.Policy != "" {
		image.Set = Own
		if !own {
			image.Set = Merge
		}
	}
	if !own {
		for _, source := range m.Merged() {
			image.Merged = append(image.Merged, mergedPolicy(field, source))
		}
	}
	return image, true
}

// compose makes the reference of an image whose parts stand in several fields,
// or behind a scheme.
func (w *walker) compose(image *Image, m yamledit.Node, path string) bool {
	field := image.Field
	if scheme, rest, ok := strings.Cut(image.Reference, "://"); ok && field.Scheme != "" {
		if scheme+"://" != field.Scheme {
			return false
		}
		image.Reference = rest
	}
	if field.Prefix != "" {
		prefix, _ := w.get(m, path, field.Prefix)
		if prefix.Text() == "" {
			return false
		}
		image.Reference = prefix.Text() + "/" + image.Reference
	}
	if field.Tag != "" {
		tag, _ := w.get(m, path, field.Tag)
		switch text := tag.Text(); {
		case tag.Kind() == yamledit.Null || text == "":
			image.NoTag = true
		case strings.HasPrefix(text, "sha256:"):
			image.Reference += "@" + text
		default:
			image.Reference += ":" + text
		}
	}
	return true
}

func mergedPolicy(field *ImageField, m yamledit.Node) Merged {
	policy, own := m.Get(field.Policy)
	if own {
		place, _ := policy.Replace()
		return Merged{place, policy.Text()}
	}
	place, _ := m.After(field.Policy, field.Image)
	return Merged{Place: place}
}

// defaultPolicy finds the policy that a block of defaults has for an image: at
// the same path, and in lists under the same name. The source of the rule is
// mergedTemplateDefaultsInto in argo-workflows workflow/controller/operator.go,
// a strategic merge.
func defaultPolicy(defaults yamledit.Node, field *ImageField, name string) string {
	n := defaults
	for _, step := range field.Path {
		n, _ = n.Get(step.Field)
		if step.Depth == 0 {
			continue
		}
		var found yamledit.Node
		for _, item := range n.Items() {
			if v, _ := item.Get("name"); name != "" && v.Text() == name {
				found = item
			}
		}
		n = found
	}
	policy, _ := n.Get(field.Policy)
	return policy.Text()
}

// secrets reads the field that names pull secrets.
func (w *walker) secrets(field *SecretsField, spec yamledit.Node, path string) Secrets {
	s := Secrets{Form: field.Form, Own: true}
	holder, last := spec, len(field.Path)-1
	for i, key := range field.Path[:last] {
		v, _ := w.get(holder, path, key)
		if v.Kind() == yamledit.Mapping {
			holder, path = v, join(path, key)
			continue
		}
		s.Path = join(path, strings.Join(field.Path[i:], "."))
		switch {
		case v.Exists() && v.Kind() != yamledit.Null, holder.Repeats(key):
			s.Broken = true
			w.wrongType(v, join(path, key), "a mapping")
		default:
			// What is null is replaced; what is absent is made.
			s.Missing = true
			s.around = field.Path[i+1:]
			if v.Exists() {
				s.place, s.Refused = v.Replace()
			} else {
				s.place, s.Refused = holder.After(key, "")
			}
		}
		return s
	}
	key := field.Path[last]
	s.Path = join(path, key)
	v, own := w.get(holder, path, key)
	s.Own = own
	switch {
	case !v.Exists() && holder.Repeats(key):
		s.Broken = true // get has said so
	case !v.Exists() || v.Kind() == yamledit.Null:
	case field.Form.Single():
		w.singleSecret(&s, v)
	default:
		w.secretList(&s, v)
	}
	s.Missing = field.Existing && !v.Exists()
	switch {
	case s.Broken:
	case !field.Form.Single():
		s.list, s.Refused = holder.List(key, "")
	case s.text:
		if !own {
			s.Refused = &yamledit.EditError{Reason: "it is merged with <<"}
		}
	case own:
		s.place, s.Refused = v.Replace()
		s.remove, s.keeps = holder.Remove(key)
	default:
		s.place, s.Refused = holder.After(key, "")
	}
	if s.text {
		s.remove, s.keeps = holder.Remove(key)
	}
	return s
}

// singleSecret reads a field that names one pull secret.
func (w *walker) singleSecret(s *Secrets, v yamledit.Node) {
	name := v
	if s.Form == Object {
		if v.Kind() != yamledit.Mapping {
			s.Broken = true
			w.wrongType(v, s.Path, "a mapping with a name: {name: …}")
			return
		}
		s.text = true
		if name, _ = v.Get("name"); name.Exists() {
			s.place, s.Refused = name.Replace()
		} else {
			s.place, s.Refused = v.After("name", "")
		}
	}
	switch name.Kind() {
	case yamledit.Mapping, yamledit.Sequence:
		s.Broken = true
		w.wrongType(name, s.Path, "a pull secret's name")
	case yamledit.Absent, yamledit.Null:
	default:
		if name.Text() != "" {
			s.Names = append(s.Names, name.Text())
		}
	}
}

// secretList reads a list of pull secrets: names, or mappings with a name.
func (w *walker) secretList(s *Secrets, v yamledit.Node) {
	want, wantList := "a mapping with a name: {name: …}", "a list of mappings with a name: [{name: …}]"
	if s.Form == Strings {
		want, wantList = "a pull secret's name", "a list of names"
	}
	if v.Kind() != yamledit.Sequence {
		s.Broken = true
		w.wrongType(v, s.Path, wantList)
		return
	}
	for i, item := range v.Items() {
		name := item
		switch kind := item.Kind(); {
		case kind == yamledit.Null:
		case kind == yamledit.Mapping && s.Form == Objects:
			name, _ = item.Get("name")
		case kind == yamledit.Mapping, kind == yamledit.Sequence, s.Form == Objects:
			s.Broken = true
			w.wrongType(item, s.Path+"["+strconv.Itoa(i)+"]", want)
			return
		}
		switch name.Kind() {
		case yamledit.Mapping, yamledit.Sequence:
			s.Broken = true
			w.wrongType(name, s.Path+"["+strconv.Itoa(i)+"].name", "a string")
			return
		case yamledit.Null:
			s.Names = append(s.Names, "")
		default:
			s.Names = append(s.Names, name.Text())
		}
	}
}
