package crd

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/yamledit"
)

// The bounds of what is read. The largest definitions of real projects have
// some 30,000 fields in 15 levels, and pods in 60 places.
const (
	mostFields = 200_000
	mostPods   = 1000
	deepest    = 60
)

// Why no policy is written.
const (
	ofController = "its controller decides what an absent policy means"
	ofSchema     = "its definition has a default of its own"
)

// pods finds the pods in a schema. It gives up where a bound is reached: half of
// a schema is worse than none.
func pods(schema yamledit.Node) (found []v1alpha1.PodRow, ok bool) {
	var r reader
	r.mapping(field(schema, "properties"), "", 0)
	return r.pods, !r.tooMuch
}

type reader struct {
	pods    []v1alpha1.PodRow
	fields  int
	tooMuch bool
}

// mapping looks at the properties of a mapping at a path; "" is the object itself.
func (r *reader) mapping(properties yamledit.Node, path string, depth int) {
	if depth == deepest {
		r.tooMuch = true
	}
	if r.tooMuch || properties.Kind() != yamledit.Mapping {
		return
	}
	pod := v1alpha1.PodRow{Path: path}
	pair, paired := pairIn(properties)
	if paired && path != "" {
		pair.Image = cmp.Or(pair.Image, "image") // a row without a path names the field
		pod.Images = append(pod.Images, pair)
	}
	type place struct {
		path       string
		properties yamledit.Node
	}
	var below []place
	whole := hasField(field(properties, "spec"))
	for name, schema := range properties.Fields() {
		if r.fields++; r.fields == mostFields {
			r.tooMuch = true
			return
		}
		if path == "" && (name == "metadata" || name == "apiVersion" || name == "kind") ||
			name == "status" && (path == "" || whole) || !simple(name) {
			continue
		}
		at, inner, ok := open(name, schema)
		if !ok {
			continue
		}
		if at == name+"[]" && name == "volumes" && path != "" {
			if image := field(field(inner, "image"), "properties"); isReference(image) {
				v, _ := pairIn(image)
				v.Path = "volumes[].image"
				pod.Images = append(pod.Images, v)
				continue
			}
		}
		if image, leaf := imageOf(name, at, inner); leaf {
			image.Path = at
			if path != "" {
				pod.Images = append(pod.Images, image)
				continue
			}
			// A row has no words for the object itself as a pod.
			image.Path = ""
			image.Image = cmp.Or(image.Image, "image")
			r.add(v1alpha1.PodRow{Path: at, Images: []v1alpha1.ImageRow{image}})
			continue
		}
		below = append(below, place{join(path, at), inner})
	}
	if path != "" {
		r.pod(&pod, properties, paired)
	}
	for _, p := range below {
		r.mapping(p.properties, p.path, depth+1)
	}
}

// firstImages are the paths of images that stand first in a row.
var firstImages = []string{"", "containers[]", "initContainers[]", "ephemeralContainers[]"}

// pod completes what was found at one place.
func (r *reader) pod(pod *v1alpha1.PodRow, properties yamledit.Node, paired bool) {
	r.secrets(pod, properties)
	if len(pod.Images) == 0 {
		return
	}
	// In the order of the table, whatever the order of the schema.
	rank := func(i v1alpha1.ImageRow) int {
		if at := slices.Index(firstImages, i.Path); at >= 0 {
			return at
		}
		return len(firstImages)
	}
	slices.SortStableFunc(pod.Images, func(a, b v1alpha1.ImageRow) int { return cmp.Compare(rank(a), rank(b)) })
	lists := slices.ContainsFunc(pod.Images, func(i v1alpha1.ImageRow) bool { return i.Path == "containers[]" })
	switch {
	case lists && paired:
		// The mapping's own policy is meant for all that have none.
		for i := range pod.Images {
			if image := &pod.Images[i]; image.Path != "" && image.Policy == pod.Images[0].Policy {
				image.Defaults = "."
			}
		}
	case lists && pod.Secrets != "":
		for _, name := range []string{"serviceAccountName", "serviceAccount"} {
			if isString(field(properties, name)) {
				pod.Accounts = append(pod.Accounts, name)
			}
		}
	}
	if isPodSpec(*pod) {
		*pod = v1alpha1.PodRow{Path: pod.Path, Shape: "PodSpec"}
	}
	r.add(*pod)
}

func (r *reader) add(pod v1alpha1.PodRow) {
	if len(r.pods) == mostPods {
		r.tooMuch = true
		return
	}
	// The row outlives the text of the schema.
	pod.Path = strings.Clone(pod.Path)
	for i := range pod.Images {
		pod.Images[i].Path = strings.Clone(pod.Images[i].Path)
	}
	r.pods = append(r.pods, pod)
}

// isPodSpec says whether a row says what the shape PodSpec says.
func isPodSpec(pod v1alpha1.PodRow) bool {
	return equal(pod, v1alpha1.PodRow{
		Path: pod.Path,
		Images: []v1alpha1.ImageRow{
			{Path: "containers[]"}, {Path: "initContainers[]"}, {Path: "ephemeralContainers[]"},
			{Path: "volumes[].image", Image: "reference", Policy: "pullPolicy"},
		},
		Secrets: "imagePullSecrets", Accounts: []string{"serviceAccountName", "serviceAccount"},
	})
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// simple says whether a path of a row can hold a field's name.
func simple(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c|0x20 < 'a' || c|0x20 > 'z' {
			if c != '_' && (c < '0' || c > '9') && (c != '-' || i == 0) {
				return false
			}
		}
	}
	return name != "" && len(name) <= 253
}

// open follows a schema through lists, or into the values of a mapping, to the
// properties of the mappings that stand there. It gives the field with the signs
// of a path behind it.
func open(name string, schema yamledit.Node) (at string, properties yamledit.Node, ok bool) {
	at = name
	for range 4 {
		switch items, values := field(schema, "items"), field(schema, "additionalProperties"); {
		case items.Kind() == yamledit.Mapping && !strings.HasSuffix(at, "{}"):
			at, schema = at+"[]", items
		case values.Kind() == yamledit.Mapping && at == name:
			at, schema = at+"{}", values
		case items.Exists() || values.Kind() == yamledit.Mapping:
			return "", yamledit.Node{}, false
		default:
			properties = field(schema, "properties")
			return at, properties, properties.Kind() == yamledit.Mapping
		}
	}
	return "", yamledit.Node{}, false
}

// The pairs of fields that hold an image and its policy, as projects name them.
var pairs = []struct{ image, policy string }{
	{"image", "imagePullPolicy"},
	{"image", "pullPolicy"},
	{"reference", "pullPolicy"},
	{"repository", "pullPolicy"},
	{"imageName", "imagePullPolicy"},
	{"package", "packagePullPolicy"},
	{"image", "packagePullPolicy"},
}

// pairIn finds an image and its policy among the properties of a mapping.
func pairIn(properties yamledit.Node) (v1alpha1.ImageRow, bool) {
	for _, pair := range pairs {
		policy := field(properties, pair.policy)
		if !isString(policy) || !isString(field(properties, pair.image)) {
			continue
		}
		row := v1alpha1.ImageRow{Image: pair.image, Policy: pair.policy}
		if row.Image == "image" {
			row.Image = ""
		}
		if row.Policy == "imagePullPolicy" {
			row.Policy = ""
		}
		hasTag, hasVersion := isString(field(properties, "tag")), isString(field(properties, "version"))
		switch {
		case pair.image == "repository" && hasTag:
			row.Tag = "tag"
		case pair.image == "repository":
			continue // what the tag is, is not known
		case pair.image == "image" && isString(field(properties, "repository")):
			// The image is a bare name, without what stands in these.
			if !hasVersion {
				continue
			}
			row.Prefix, row.Tag = "repository", "version"
		}
		words, ok := allowed(policy)
		row.Policies = words
		switch {
		case !ok:
			row.Policies, row.Policy = nil, "none" // its words are others than Kubernetes'
		case text(policy, "default") != "":
			row.Never = ofSchema
		case !isContainer(properties) && !isReference(properties):
			row.Never = ofController
		}
		return row, true
	}
	return v1alpha1.ImageRow{}, false
}

// imageOf says whether what stands in a field is one image, or a list of them,
// and nothing else: no mapping with lists of containers or pull secrets of its
// own, which is a pod by itself.
func imageOf(name, at string, properties yamledit.Node) (v1alpha1.ImageRow, bool) {
	row, ok := pairIn(properties)
	if !ok || hasField(field(properties, "containers")) {
		return row, false
	}
	if _, _, secrets := secretsIn(properties); secrets {
		return row, false
	}
	list := slices.Contains(firstImages, at)
	if list && row.Never == ofController {
		row.Never = ""
	}
	if row.Never == ofController && !list && below(properties) {
		return row, false
	}
	return row, true
}

// below says whether mappings stand below a mapping, in which more may be found.
func below(properties yamledit.Node) bool {
	for name, schema := range properties.Fields() {
		if _, _, ok := open(name, schema); ok {
			return true
		}
	}
	return false
}

// isContainer says whether these are the properties of a container of a pod.
func isContainer(properties yamledit.Node) bool {
	for _, name := range []string{"command", "args", "env"} {
		if !field(field(properties, name), "items").Exists() {
			return false
		}
	}
	return true
}

// isReference says whether these are the properties of an image volume.
func isReference(properties yamledit.Node) bool {
	return isString(field(properties, "reference")) && isString(field(properties, "pullPolicy"))
}

func isString(schema yamledit.Node) bool { return text(schema, "type") == "string" }

func hasField(schema yamledit.Node) bool { return schema.Kind() == yamledit.Mapping }

// allowed gives the policies that an enumeration or a pattern allows; nil where
// it allows all those of Kubernetes and no others. It is not ok where it allows
// none of them.
func allowed(policy yamledit.Node) (words []string, ok bool) {
	kubernetes := []string{"Always", "IfNotPresent", "Never"}
	enum, pattern := field(policy, "enum"), text(policy, "pattern")
	switch {
	case enum.Kind() == yamledit.Sequence:
		for _, word := range enum.Items() {
			if simple(word.Text()) {
				words = append(words, strings.Clone(word.Text()))
			}
		}
	case pattern != "":
		p, err := regexp.Compile(pattern)
		if err != nil {
			return nil, false
		}
		words = slices.DeleteFunc(slices.Clone(kubernetes), func(word string) bool { return !p.MatchString(word) })
	default:
		return nil, true
	}
	if slices.Equal(slices.Sorted(slices.Values(words)), kubernetes) {
		return nil, true
	}
	return words, slices.ContainsFunc(words, func(word string) bool { return slices.Contains(kubernetes, word) })
}

// The names of fields that hold pull secrets, as projects name them.
var secretFields = []string{"imagePullSecrets", "imagePullSecret", "pullSecrets", "pullSecret", "packagePullSecrets"}

// secrets finds the pull secrets beside the images of a pod. An image without a
// policy is one where pull secrets stand beside it.
func (r *reader) secrets(pod *v1alpha1.PodRow, properties yamledit.Node) {
	name, form, ok := secretsIn(properties)
	if !ok {
		return
	}
	own := slices.ContainsFunc(pod.Images, func(i v1alpha1.ImageRow) bool { return i.Path == "" })
	if !own && isString(field(properties, "image")) && !hasField(field(properties, "repository")) {
		pod.Images = append(pod.Images, v1alpha1.ImageRow{Image: "image", Policy: "none"})
	}
	if len(pod.Images) > 0 {
		pod.Secrets, pod.SecretsForm = name, form
	}
}

// secretsIn finds a field that names pull secrets, and says how it names them.
func secretsIn(properties yamledit.Node) (name string, form v1alpha1.SecretsForm, ok bool) {
	for _, name := range secretFields {
		schema := field(properties, name)
		if !hasField(schema) {
			continue
		}
		single := strings.HasSuffix(name, "Secret")
		items := field(schema, "items")
		switch {
		case single && isString(schema):
			return name, v1alpha1.SecretsString, true
		case single && namesOne(schema):
			return name, v1alpha1.SecretsObject, true
		case single || text(schema, "type") != "array" || text(schema, "maxItems") == "0":
		case isString(items):
			return name, v1alpha1.SecretsStrings, true
		case namesOne(items) && keyedByName(schema):
			return name, "", true
		}
	}
	return "", "", false
}

// namesOne says whether a mapping names a Secret by its name, and needs no more.
func namesOne(schema yamledit.Node) bool {
	if !isString(field(field(schema, "properties"), "name")) {
		return false
	}
	for _, required := range field(schema, "required").Items() {
		if required.Text() != "name" {
			return false
		}
	}
	return true
}

// keyedByName says whether a list is keyed by the name alone, or by nothing.
func keyedByName(list yamledit.Node) bool {
	for _, key := range field(list, "x-kubernetes-list-map-keys").Items() {
		if key.Text() != "name" {
			return false
		}
	}
	return true
}
