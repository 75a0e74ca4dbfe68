package v1alpha1

import (
	"cmp"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/yamledit"
)

// Decode reads a functionConfig: an ImagePullConfig, or a ConfigMap with the
// keys of [ConfigMapKeys]. An absent or null one gives the defaults.
//
// Decode is strict. Fields that it does not know or that stand twice, wrong
// types, and all that [ImagePullConfig.Validate] refuses are errors; the error
// is a [Problems], which holds all of them with their lines.
// The ids of findings are checked if knownFindings lists any.
func Decode(n yamledit.Node, knownFindings ...string) (ImagePullConfig, error) {
	c := Default()
	if k := n.Kind(); k == yamledit.Absent || k == yamledit.Null {
		return c, nil
	}
	d := decoder{places: map[string]place{}}
	switch d.kind(n) {
	case Kind:
		d.mapping(n, reflect.ValueOf(&c).Elem(), "")
	case "ConfigMap":
		d.configMap(n, &c)
	default:
		return Default(), d.sorted()
	}
	d.validated(c.problems(knownFindings))
	if len(d.problems) > 0 {
		return Default(), d.sorted()
	}
	return c, nil
}

type decoder struct {
	problems Problems
	places   map[string]place // of each field that was read, by its path
}

// place is where a field stands in the text. Its line is asked for only where
// something is wrong: to count the lines of a long text takes long.
type place struct {
	node  yamledit.Node
	shown string // the path that the user knows, where it is another one
}

func (d *decoder) add(n yamledit.Node, path, format string, args ...any) {
	line, column := n.Pos()
	d.problems = append(d.problems, Problem{Path: path, Line: line, column: column, Message: fmt.Sprintf(format, args...)})
}

// sorted is the error, in the order of the text.
func (d *decoder) sorted() error {
	slices.SortStableFunc(d.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.column, b.column))
	})
	return d.problems.err()
}

// validated adds the problems of the config that was read, with their lines. It
// leaves out those that only follow from what could not be read.
func (d *decoder) validated(more Problems) {
	read := len(d.problems)
	for _, p := range more {
		at, found := d.places[p.Path]
		for up := p.Path; !found && up != ""; {
			up = parent(up)
			at, found = d.places[up]
		}
		p.Line, p.column = at.node.Pos()
		if at.shown != "" {
			p.Path = at.shown
		}
		follows := func(earlier Problem) bool {
			rest, below := strings.CutPrefix(p.Path, earlier.Path)
			return below && (rest == "" || rest[0] == '.' || rest[0] == '[')
		}
		if !slices.ContainsFunc(d.problems[:read], follows) {
			d.problems = append(d.problems, p)
		}
	}
}

// kind reads apiVersion and kind, and is "" where they are not ours.
func (d *decoder) kind(n yamledit.Node) string {
	if n.Kind() != yamledit.Mapping {
		d.add(n, "", "the functionConfig is %s; it must be an object of kind %s (%s) or ConfigMap (v1)", found(n), Kind, APIVersion)
		return ""
	}
	apiVersion, _ := n.Get("apiVersion")
	kind, _ := n.Get("kind")
	group, _, _ := strings.Cut(APIVersion, "/")
	switch k, v := kind.Text(), apiVersion.Text(); {
	case k == Kind && v == APIVersion, k == "ConfigMap" && v == "v1":
		return k
	case k == Kind && strings.HasPrefix(v, group+"/"):
		d.add(apiVersion, "apiVersion", "%s is another version than this pullable reads; write %s, or use the pullable that reads it", quote(v), APIVersion)
	case k == Kind && v != "":
		d.add(apiVersion, "apiVersion", "%s is not the version of an %s; write %s", quote(v), Kind, APIVersion)
	case k == "ConfigMap" && v != "":
		d.add(apiVersion, "apiVersion", "%s is not the version of a ConfigMap; write v1", quote(v))
	case k == "":
		d.add(n, "kind", "it is missing; a functionConfig is of kind %s (apiVersion %s) or ConfigMap (apiVersion v1)", Kind, APIVersion)
	case k == Kind || k == "ConfigMap":
		d.add(n, "apiVersion", "it is missing; write %s", map[string]string{Kind: APIVersion, "ConfigMap": "v1"}[k])
	default:
		d.add(kind, "kind", "%s is no functionConfig of pullable; it must be %s (apiVersion %s) or ConfigMap (apiVersion v1)%s",
			quote(k), Kind, APIVersion, meant(k, []string{Kind, "ConfigMap"}))
	}
	return ""
}

// mapping reads the fields of a struct.
func (d *decoder) mapping(n yamledit.Node, v reflect.Value, path string) {
	fields := fieldsOf(v.Type())
	given := map[string]bool{}
	for key, value := range d.entries(n, path) {
		at := within(path, key)
		given[key] = true
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key })
		if i < 0 {
			names := fieldNames(fields)
			d.add(value, at, "there is no such field%s; %s has the fields %s", elsewhere(key, names), orConfig(path), list(names, "and"))
			continue
		}
		f := fields[i]
		d.value(value, v.Field(f.index), at)
	}
	for _, f := range fields {
		if f.required && !given[f.name] {
			d.add(n, within(path, f.name), "it is missing; %s needs it", orConfig(path))
		}
	}
}

// entries gives the entries of a mapping, each key once, and refuses those that
// stand there twice.
func (d *decoder) entries(n yamledit.Node, path string) iter.Seq2[string, yamledit.Node] {
	return func(yield func(string, yamledit.Node) bool) {
		seen := map[string]bool{}
		for key, value := range n.Fields() {
			switch {
			case seen[key]:
				d.add(value, within(path, key), "it stands here a second time, and readers of YAML disagree on which one holds; remove one")
			case !yield(key, value):
				return
			}
			seen[key] = true
		}
	}
}

func orConfig(path string) string {
	if path == "" {
		return "the config"
	}
	return path
}

// value reads one value into v, whose type says what it must be.
func (d *decoder) value(n yamledit.Node, v reflect.Value, path string) {
	if m, ok := v.Addr().Interface().(*Metadata); ok {
		*m = readMetadata(n)
		return
	}
	d.places[path] = place{node: n}
	kind := n.Kind()
	switch v.Kind() {
	case reflect.Struct:
		if kind == yamledit.Mapping {
			d.mapping(n, v, path)
			return
		}
	case reflect.Slice:
		if kind != yamledit.Sequence {
			break
		}
		// Where an empty list is not the same as none, Validate must see it.
		items := reflect.MakeSlice(v.Type(), n.Len(), n.Len())
		for i, item := range n.Items() {
			d.value(item, items.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
		v.Set(items)
		return
	case reflect.Map:
		if kind != yamledit.Mapping {
			break
		}
		v.Set(reflect.MakeMap(v.Type()))
		for key, value := range d.entries(n, path) {
			item := reflect.New(v.Type().Elem()).Elem()
			d.value(value, item, within(path, key))
			v.SetMapIndex(reflect.ValueOf(key), item)
		}
		return
	case reflect.Bool:
		if kind == yamledit.Bool {
			v.SetBool(strings.EqualFold(n.Text(), "true"))
			return
		}
	case reflect.String:
		if kind == yamledit.String {
			v.SetString(n.Text())
			return
		}
	default:
		panic(fmt.Sprintf("%s: a field of type %s cannot be read", path, v.Type()))
	}
	d.add(n, path, "it is %s; it must be %s%s", found(n), want(v.Type()), wayOut(n, v.Type()))
}

// readMetadata takes what it can use; a host may put anything into metadata.
func readMetadata(n yamledit.Node) (m Metadata) {
	if name, _ := n.Get("name"); name.Kind() == yamledit.String {
		m.Name = name.Text()
	}
	annotations, _ := n.Get("annotations")
	for key, value := range annotations.Fields() {
		if value.Kind() != yamledit.String {
			continue
		}
		if m.Annotations == nil {
			m.Annotations = map[string]string{}
		}
		m.Annotations[key] = value.Text()
	}
	return m
}

// found says what a node holds, in a user's words.
func found(n yamledit.Node) string {
	switch n.Kind() {
	case yamledit.Bool, yamledit.Number, yamledit.String:
		return fmt.Sprintf("%v, %s", n.Kind(), quote(n.Text()))
	case yamledit.Null:
		return "empty"
	}
	return fmt.Sprint(n.Kind())
}

// want says what a value of a type looks like.
func want(t reflect.Type) string {
	if e, ok := reflect.Zero(t).Interface().(Enumeration); ok {
		return list(e.Values(), "or")
	}
	switch t.Kind() {
	case reflect.Struct:
		return "a mapping with the fields " + list(fieldNames(fieldsOf(t)), "and")
	case reflect.Map:
		return "a mapping"
	case reflect.Slice:
		return "a list"
	case reflect.Bool:
		return "true or false"
	}
	return "a string"
}

// wayOut is the advice for a value of the wrong type, or "".
func wayOut(n yamledit.Node, t reflect.Type) string {
	switch kind := n.Kind(); {
	case kind == yamledit.Null:
		return "; or leave the field out"
	case t.Kind() == reflect.String && (kind == yamledit.Number || kind == yamledit.Bool):
		return "; put it in quotes"
	case t.Kind() == reflect.Bool && kind == yamledit.String && (n.Text() == "true" || n.Text() == "false"):
		return " without quotes"
	case t.Kind() == reflect.Slice && kind != yamledit.Mapping:
		return ", with each item on its own line after '- '"
	}
	return ""
}

// within is the path of a mapping's key.
func within(path, key string) string {
	if !plainKey(key) {
		return path + "[" + quote(key) + "]"
	}
	return join(path, key)
}

func plainKey(key string) bool {
	special := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_/", r))
	}
	return key != "" && len(key) < 64 && strings.IndexFunc(key, special) < 0
}

// field is a field of a struct, as its tags describe it.
type field struct {
	reflect.StructField
	index    int
	name     string
	required bool
}

func fieldsOf(t reflect.Type) []field {
	fields := make([]field, t.NumField())
	for i := range fields {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields[i] = field{StructField: f, index: i, name: name, required: options == ""}
	}
	return fields
}

func fieldNames(fields []field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return names
}

// elsewhere suggests the field that was meant: one with a similar name here, or
// the one field of this name in another part of the config.
func elsewhere(key string, here []string) string {
	if s := meant(key, here); s != "" {
		return s
	}
	var paths []string
	var walk func(t reflect.Type, path string)
	walk = func(t reflect.Type, path string) {
		for t.Kind() == reflect.Slice {
			t, path = t.Elem(), path+"[]"
		}
		if t.Kind() != reflect.Struct || t == reflect.TypeFor[Metadata]() {
			return
		}
		for _, f := range fieldsOf(t) {
			if strings.EqualFold(f.name, key) {
				paths = append(paths, join(path, f.name))
			}
			walk(f.Type, join(path, f.name))
		}
	}
	walk(reflect.TypeFor[ImagePullConfig](), "")
	if len(paths) == 1 {
		return "; did you mean " + paths[0] + "?"
	}
	return ""
}
