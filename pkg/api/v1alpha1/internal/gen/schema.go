package main

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/api/v1alpha1/internal/grammar"
)

const home = "https://github.com/pullable/pullable"

// definition is the KRMFunctionDefinition, as KEP-2906 of Kubernetes lays it
// down ("Function Metadata Schema") and kyaml's fn/framework reads it.
func definition(docs comments) ([]byte, error) {
	group, version, _ := strings.Cut(v1alpha1.APIVersion, "/")
	type m = entries
	object := m{
		{"apiVersion", "config.kubernetes.io/v1alpha1"},
		{"kind", "KRMFunctionDefinition"},
		{"metadata", m{
			{"name", "pullable"},
			{"annotations", m{{"config.kubernetes.io/local-config", "true"}}},
		}},
		{"spec", m{
			{"group", group},
			{"names", m{{"kind", v1alpha1.Kind}}},
			{"description", "Makes every image in a set of Kubernetes manifests pullable as declared: an explicit pull policy, and the right pull secrets."},
			{"publisher", "pullable"},
			{"home", home},
			{"tags", []string{"mutator", "validator", "images", "imagePullPolicy", "imagePullSecrets"}},
			{"versions", []m{{
				{"name", version},
				{"idempotent", true},
				{"usage", home + "/blob/main/README.md"},
				{"examples", []string{home + "/blob/main/examples/README.md"}},
				{"license", "Apache 2.0"},
				{"runtime", m{
					{"container", m{{"image", "ghcr.io/pullable/pullable"}}},
					{"exec", m{{"platforms", platforms()}}},
				}},
				{"schema", m{{"openAPIV3Schema", schemaOf(docs)}}},
			}}},
		}},
	}
	var b bytes.Buffer
	b.WriteString("# Generated from types.go by internal/gen; run go generate ./pkg/api/... after a change. A release adds versions, places and digests.\n")
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(object); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}

// platforms are those that a release has an executable for. The release adds where
// it is and its digest.
func platforms() []entries {
	var all []entries
	for _, os := range []string{"linux", "darwin", "windows"} {
		for _, arch := range []string{"amd64", "arm64"} {
			bin := "pullable"
			if os == "windows" {
				bin = "pullable.exe"
			}
			all = append(all, entries{{"bin", bin}, {"os", os}, {"arch", arch}})
		}
	}
	return all
}

func schemaOf(docs comments) entries {
	defaults := reflect.ValueOf(v1alpha1.Default())
	s := structSchema(docs, defaults)
	return append(entries{{"description", docs[defaults.Type().Name()]}}, s...)
}

// structSchema describes a struct; v holds the defaults of its fields.
func structSchema(docs comments, v reflect.Value) entries {
	t := v.Type()
	if t == reflect.TypeFor[v1alpha1.Metadata]() {
		return entries{{"type", "object"}} // a host may put anything there
	}
	var properties entries
	var required []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if options == "" {
			required = append(required, name)
		}
		s := entries{{"description", docs.field(t, f)}}
		properties = append(properties, entry{name, append(s, fieldSchema(docs, f, v.Field(i))...)})
	}
	s := entries{{"type", "object"}, {"additionalProperties", false}}
	switch {
	case required != nil:
		s = append(s, entry{"required", required})
	case t == reflect.TypeFor[v1alpha1.Selector]():
		s = append(s, entry{"minProperties", 1})
	}
	return append(s, entry{"properties", properties})
}

// fieldSchema describes a field by its type, its tags and its default.
func fieldSchema(docs comments, f reflect.StructField, v reflect.Value) entries {
	check := f.Tag.Get("check")
	switch v.Kind() {
	case reflect.Struct:
		return structSchema(docs, v)
	case reflect.Bool:
		return entries{{"type", "boolean"}, {"default", v.Bool()}}
	case reflect.String:
		s := textSchema(v, check)
		v = orTag(f, v)
		if pattern := s.get("pattern"); pattern != nil && strings.Contains(f.Tag.Get("json"), ",omitempty") {
			*pattern = fmt.Sprintf("%v|^$", *pattern) // empty is the same as absent
		}
		switch required := !strings.Contains(f.Tag.Get("json"), ",omitempty"); {
		case v.Len() == 0:
		case required: // apiVersion and kind may have no other value
			s = append(s, entry{"enum", []string{v.String()}})
		default:
			s = append(s, entry{"default", v.String()})
		}
		return s
	case reflect.Map:
		return entries{{"type", "object"}, {"additionalProperties", textSchema(reflect.Zero(v.Type().Elem()), check)}}
	case reflect.Slice:
		s := entries{{"type", "array"}}
		if least := f.Tag.Get("least"); least != "" {
			n, err := strconv.Atoi(least)
			if err != nil {
				panic(fmt.Sprintf("%s: the tag least is no number", f.Name))
			}
			s = append(s, entry{"minItems", n})
		}
		var items entries
		switch item := reflect.Zero(v.Type().Elem()); item.Kind() {
		case reflect.Struct:
			items = structSchema(docs, item)
		case reflect.String:
			items = textSchema(item, check)
		default:
			items = entries{{"type", "object"}}
		}
		return append(s, entry{"items", items})
	}
	panic(fmt.Sprintf("%s: there is no schema for %s", f.Name, f.Type))
}

// orTag gives a field's default: that of its type, or the tag of a field in a
// list's items, which have no defaults that a program could see.
func orTag(f reflect.StructField, v reflect.Value) reflect.Value {
	if d := f.Tag.Get("default"); d != "" {
		return reflect.ValueOf(d)
	}
	return v
}

func textSchema(v reflect.Value, check string) entries {
	s := entries{{"type", "string"}}
	if e, ok := v.Interface().(v1alpha1.Enumeration); ok {
		s = append(s, entry{"enum", e.Values()})
	}
	if check != "" {
		g := grammar.Named(check)
		s = append(s, entry{"pattern", "^(" + g.Pattern + ")$"})
		if g.MaxLength > 0 {
			s = append(s, entry{"maxLength", g.MaxLength})
		}
	}
	return s
}

// entries is a mapping that keeps its order in YAML.
type entries []entry

type entry struct {
	key   string
	value any
}

// get points to a key's value; nil if there is no such key.
func (es entries) get(key string) *any {
	for i := range es {
		if es[i].key == key {
			return &es[i].value
		}
	}
	return nil
}

// MarshalYAML writes the entries in their order.
func (es entries) MarshalYAML() (any, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, e := range es {
		key, value := new(yaml.Node), new(yaml.Node)
		if err := key.Encode(e.key); err != nil {
			return nil, err
		}
		if err := value.Encode(e.value); err != nil {
			return nil, err
		}
		n.Content = append(n.Content, key, value)
	}
	return n, nil
}
