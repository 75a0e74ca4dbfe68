package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
)

// reference is the list of all fields, and that of the keys of a ConfigMap, in Markdown.
func reference(docs comments) string {
	r := referenceWriter{docs: docs, shown: map[reflect.Type]string{}}
	r.WriteString("| field | type | default | meaning |\n|---|---|---|---|\n")
	r.rows(reflect.ValueOf(v1alpha1.Default()), "")
	r.WriteString("\nA `ConfigMap` (`apiVersion: v1`) works too. Its `data` may have these keys, each a string:\n\n")
	r.WriteString("| key | value | sets |\n|---|---|---|\n")
	for _, k := range v1alpha1.ConfigMapKeys() {
		r.row("`"+k.Key+"`", k.Form, "`"+k.Path+"`")
	}
	return r.String()
}

type referenceWriter struct {
	strings.Builder
	docs  comments
	shown map[reflect.Type]string // the path where a type's fields are listed
}

func (r *referenceWriter) row(cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(strings.ReplaceAll(c, "\n\n", " "), "|", `\|`)
	}
	r.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// rows lists the fields of a struct; v holds their defaults.
func (r *referenceWriter) rows(v reflect.Value, prefix string) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		path := prefix + name
		value, meaning := v.Field(i), r.docs.field(t, f)
		item := value
		if value.Kind() == reflect.Slice {
			item = reflect.Zero(f.Type.Elem())
		}
		nested := item.Kind() == reflect.Struct && item.Type() != reflect.TypeFor[v1alpha1.Metadata]()
		if at, again := r.shown[item.Type()]; nested && again {
			meaning += " The fields of an item are those of `" + at + "`."
			nested = false
		}
		r.row("`"+path+"`", typeWords(f.Type), defaultWords(orTag(f, value), options == ""), meaning)
		if nested {
			r.shown[item.Type()] = path
			if value.Kind() == reflect.Slice {
				path += "[]"
			}
			r.rows(item, path+".")
		}
	}
}

func typeWords(t reflect.Type) string {
	if e, ok := reflect.Zero(t).Interface().(v1alpha1.Enumeration); ok {
		return "`" + strings.Join(e.Values(), "`, `") + "`"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "`true`, `false`"
	case reflect.Struct:
		return "mapping"
	case reflect.Map:
		if _, ok := reflect.Zero(t.Elem()).Interface().(v1alpha1.Enumeration); ok {
			return "mapping to " + typeWords(t.Elem())
		}
		return "mapping"
	case reflect.Slice:
		return "list of " + plural(t.Elem())
	}
	return "string"
}

func plural(t reflect.Type) string {
	if slices.Contains([]reflect.Kind{reflect.Struct, reflect.Map}, t.Kind()) {
		return "mappings"
	}
	return "strings"
}

func defaultWords(v reflect.Value, required bool) string {
	switch {
	case v.Kind() == reflect.String && v.Len() > 0:
		if required {
			return "required: `" + v.String() + "`"
		}
		return "`" + v.String() + "`"
	case required:
		return "required"
	case v.Kind() == reflect.Bool:
		return fmt.Sprintf("`%t`", v.Bool())
	}
	return ""
}
