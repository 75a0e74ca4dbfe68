package manifest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pullable/pullable/pkg/yamledit"
)

// An Object says which object a node is. It holds no reference to the node.
type Object struct {
	APIVersion, Kind string
	Name, Namespace  string // "" where there is none

	// File and FileIndex tell where the host read the object: the annotations
	// config.kubernetes.io/path and index, or those of
	// internal.config.kubernetes.io. Without them they are "" and -1.
	File      string
	FileIndex int

	Labels, Annotations StringMap // nil where there are none

	Line int // 1-based line of the input where the object starts; 0 where it is not known

	// Source tells several inputs apart where a caller looks at their objects
	// together; this package leaves it 0.
	Source int
}

// Group gives the API group, "" for the core group.
func (o Object) Group() string {
	group, _, ok := strings.Cut(o.APIVersion, "/")
	if !ok {
		return ""
	}
	return group
}

// Version gives the API version without its group.
func (o Object) Version() string {
	return o.APIVersion[strings.IndexByte(o.APIVersion, '/')+1:]
}

// String names the object for people: "apps/v1 Deployment team/web".
func (o Object) String() string {
	name := o.Name
	if name != "" && o.Namespace != "" {
		name = o.Namespace + "/" + name
	}
	words := make([]string, 0, 3)
	for _, word := range [...]string{o.APIVersion, o.Kind, name} {
		if word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// LocalConfig says whether the object is configuration for tools that no host
// applies: it has the annotation config.kubernetes.io/local-config, and not as
// "false".
func (o Object) LocalConfig() bool {
	v, ok := o.Annotations.Lookup("config.kubernetes.io/local-config")
	return ok && v != "false"
}

// A StringMap holds the entries of a mapping of strings, in the order of the
// text. Few are ever looked into, and a map takes ten times as long to make.
type StringMap []StringEntry

// A StringEntry is one entry of a [StringMap], whose keys are all different.
type StringEntry struct{ Key, Value string }

// Get gives the value of a key, "" where there is none.
func (m StringMap) Get(key string) string {
	value, _ := m.Lookup(key)
	return value
}

// Lookup gives the value of a key, and whether there is one.
func (m StringMap) Lookup(key string) (value string, ok bool) {
	for i := range m {
		if m[i].Key == key {
			return m[i].Value, true
		}
	}
	return "", false
}

// With gives the entries with the value of one key set. It leaves m as it is.
func (m StringMap) With(key, value string) StringMap {
	all := make(StringMap, 0, len(m)+1)
	for _, e := range m {
		if e.Key != key {
			all = append(all, e)
		}
	}
	return append(all, StringEntry{key, value})
}

// Map gives the entries as a map, nil where there are none.
func (m StringMap) Map() map[string]string {
	if len(m) == 0 {
		return nil
	}
	all := make(map[string]string, len(m))
	for _, e := range m {
		all[e.Key] = e.Value
	}
	return all
}

// zero says whether the object names nothing at all.
func (o Object) zero() bool {
	return o.APIVersion == "" && o.Kind == "" && o.Name == "" && o.Namespace == ""
}

// Describe reads apiVersion, kind and metadata of an object. Errors are
// [*InputError]: the node is no mapping, apiVersion or kind are missing or no
// strings, or a key that is read here is given twice. Other wrong types in
// metadata are read as far as they go: labels that are no strings as their
// text.
func Describe(n yamledit.Node) (Object, error) {
	if n.Kind() != yamledit.Mapping {
		return Object{}, notMapping(n)
	}
	h := headerOf(n)
	o, problem := h.describe(heritage{})
	if problem != nil {
		return o, problem
	}
	o.Line, _ = n.Pos()
	return o, nil
}

// heritage is what the items of a list take from it: those of a PodList their
// apiVersion and kind, those of any list the file that it was read from.
type heritage struct {
	apiVersion, kind string
	file             string
	fileIndex        int
}

// A header is what this package reads of an object's top level.
type header struct {
	apiVersion, kind, metadata, items yamledit.Node
	repeated                          string // apiVersion or kind
	metadataTwice, itemsTwice         bool
}

func headerOf(n yamledit.Node) header {
	var h header
	for key, v := range n.Fields() {
		var field *yamledit.Node
		switch key {
		case "apiVersion":
			field = &h.apiVersion
		case "kind":
			field = &h.kind
		case "metadata":
			field = &h.metadata
		case "items":
			field = &h.items
		default:
			continue
		}
		switch {
		case !field.Exists():
			*field = v
		case key == "items":
			h.itemsTwice = true
		case key == "metadata":
			h.metadataTwice = true
		case h.repeated == "":
			h.repeated = key
		}
	}
	return h
}

func repeats(key string) *InputError {
	return &InputError{Problem: fmt.Sprintf("the key %q is given twice", key)}
}

func notMapping(n yamledit.Node) *InputError {
	return &InputError{Problem: fmt.Sprintf("a Kubernetes object is a mapping with apiVersion and kind, this is %s", n.Kind())}
}

// identity reads apiVersion and kind.
func (h *header) identity(from heritage) (apiVersion, kind string, problem *InputError) {
	if h.repeated != "" {
		return "", "", repeats(h.repeated)
	}
	if apiVersion, problem = required("apiVersion", h.apiVersion, from.apiVersion); problem != nil {
		return "", "", problem
	}
	kind, problem = required("kind", h.kind, from.kind)
	return apiVersion, kind, problem
}

func required(key string, n yamledit.Node, inherited string) (string, *InputError) {
	switch n.Kind() {
	case yamledit.Absent, yamledit.Null:
		if inherited == "" {
			return "", &InputError{Problem: fmt.Sprintf("the object has no %s; every Kubernetes object needs one", key)}
		}
		return inherited, nil
	case yamledit.String:
		if n.Text() == "" {
			return "", &InputError{Problem: fmt.Sprintf("%s is empty; every Kubernetes object needs one", key)}
		}
		return n.Text(), nil
	}
	return "", &InputError{Problem: fmt.Sprintf("%s must be a string, not %s", key, n.Kind())}
}

func (h *header) describe(from heritage) (Object, *InputError) {
	o := Object{FileIndex: -1}
	var problem *InputError
	if o.APIVersion, o.Kind, problem = h.identity(from); problem != nil {
		o.APIVersion, o.Kind = scalarText(h.apiVersion), scalarText(h.kind)
	} else if h.metadataTwice {
		problem = repeats("metadata")
	}
	var name, namespace, labels, annotations yamledit.Node
	for key, v := range h.metadata.Fields() {
		var field *yamledit.Node
		switch key {
		case "name":
			field = &name
		case "namespace":
			field = &namespace
		case "labels":
			field = &labels
		case "annotations":
			field = &annotations
		default:
			continue
		}
		if !field.Exists() {
			*field = v
		} else if problem == nil {
			problem = repeats("metadata." + key)
		}
	}
	o.Name, o.Namespace = scalarText(name), scalarText(namespace)
	if problem == nil {
		o.Labels, problem = stringMap("metadata.labels", labels)
	}
	if problem == nil {
		o.Annotations, problem = stringMap("metadata.annotations", annotations)
	}
	if problem != nil {
		problem.Object = shorten(o.String())
		return o, problem
	}
	if o.Annotations != nil {
		o.File, o.FileIndex = origin(o.Annotations)
	}
	if o.File == "" && from.file != "" {
		o.File, o.FileIndex = from.file, from.fileIndex
	}
	return o, nil
}

func scalarText(n yamledit.Node) string {
	switch n.Kind() {
	case yamledit.String, yamledit.Number, yamledit.Bool:
		return n.Text()
	}
	return ""
}

func stringMap(path string, n yamledit.Node) (StringMap, *InputError) {
	if n.Kind() != yamledit.Mapping {
		return nil, nil
	}
	m := make(StringMap, 0, n.Len())
	for key, v := range n.Fields() {
		if v.Kind() == yamledit.Mapping || v.Kind() == yamledit.Sequence {
			continue
		}
		m = append(m, StringEntry{key, scalarText(v)})
	}
	if m.repeats() {
		return nil, &InputError{Problem: fmt.Sprintf("a key of %s is given twice", path)}
	}
	if len(m) == 0 {
		return nil, nil
	}
	return m, nil
}

// repeats says whether a key is there twice.
func (m StringMap) repeats() bool {
	const few = 32 // so many are compared with each other sooner than put into a map
	if len(m) > few {
		return len(m.Map()) < len(m)
	}
	for i := range m {
		if _, ok := m[:i].Lookup(m[i].Key); ok {
			return true
		}
	}
	return false
}

// origin reads the annotations of kyaml/kio/kioutil that say where an object was read.
func origin(annotations StringMap) (file string, index int) {
	index = -1
	for _, prefix := range [...]string{"config.kubernetes.io/", "internal.config.kubernetes.io/"} {
		path := annotations.Get(prefix + "path")
		if path == "" {
			continue
		}
		if i, err := strconv.Atoi(annotations.Get(prefix + "index")); err == nil && i >= 0 {
			index = i
		}
		return path, index
	}
	return "", -1
}
