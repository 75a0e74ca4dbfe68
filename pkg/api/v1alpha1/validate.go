package v1alpha1

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/api/v1alpha1/internal/grammar"
)

// Validate says what is wrong with a config: words that are not allowed, names
// and patterns that are malformed, and settings that contradict each other. The error is a [Problems];
// nil if nothing is wrong. The ids of findings are checked if knownFindings
// lists any. A config made in Go needs [ImagePullConfig.SetDefaults] first.
func (c ImagePullConfig) Validate(knownFindings ...string) error {
	return c.problems(knownFindings).err()
}

func (c ImagePullConfig) problems(knownFindings []string) (ps Problems) {
	if c.APIVersion != APIVersion {
		ps.add("apiVersion", "%s is not the version of an %s; write %s", quote(c.APIVersion), Kind, APIVersion)
	}
	if c.Kind != Kind {
		ps.add("kind", "%s is not the kind of this config; write %s", quote(c.Kind), Kind)
	}
	ps.fields(reflect.ValueOf(c), "")
	ps.pullSecrets(c.PullSecrets)
	ps.kinds(c.Kinds, c.Embedded)
	ps.selectors("include", c.Include)
	ps.selectors("exclude", c.Exclude)
	if len(knownFindings) > 0 {
		for _, id := range slices.Sorted(maps.Keys(c.Findings)) {
			if !slices.Contains(knownFindings, id) {
				ps.add(within("findings", id), "there is no finding with this id%s; the ids are %s",
					meant(id, knownFindings), list(slices.Sorted(slices.Values(knownFindings)), "and"))
			}
		}
	}
	return ps
}

// fields checks each field of a struct by its type and its tags.
func (ps *Problems) fields(v reflect.Value, path string) {
	for _, f := range fieldsOf(v.Type()) {
		at, value := join(path, f.name), v.Field(f.index)
		if least := f.Tag.Get("least"); least != "" && !value.IsNil() && value.Len() == 0 {
			if f.required {
				ps.add(at, "it is an empty list; list at least %s", least)
			} else {
				ps.add(at, "it is an empty list; leave the field out to mean all of them, or list at least %s", least)
			}
			continue
		}
		if f.Type.Kind() == reflect.String && value.Len() == 0 && !f.required && (!isEnumeration(value) || f.Tag.Get("default") != "") {
			continue
		}
		ps.value(value, f, at)
	}
}

func isEnumeration(v reflect.Value) bool {
	_, ok := v.Interface().(Enumeration)
	return ok
}

// value checks one value; the items of a list share the tags of its field.
func (ps *Problems) value(v reflect.Value, f field, path string) {
	switch v.Kind() {
	case reflect.Struct:
		ps.fields(v, path)
	case reflect.Slice:
		for i := range v.Len() {
			ps.value(v.Index(i), f, fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			ps.value(v.MapIndex(key), f, within(path, key.String()))
		}
	case reflect.String:
		if e, ok := v.Interface().(Enumeration); ok {
			if words := e.Values(); !slices.Contains(words, v.String()) {
				ps.add(path, "it is %s; it must be %s%s", quote(v.String()), list(words, "or"), meant(v.String(), words))
			}
		}
		if check := f.Tag.Get("check"); check != "" {
			if err := grammar.Named(check).Check(v.String()); err != nil {
				ps.add(path, "%v", err)
			}
		}
	}
}

// pullSecrets refuses what contradicts itself.
func (ps *Problems) pullSecrets(s PullSecrets) {
	for _, f := range []struct {
		name string
		set  bool
	}{{"createServiceAccounts", s.CreateServiceAccounts}, {"mountable", s.Mountable}} {
		if f.set && s.AttachTo != AttachToServiceAccounts {
			ps.add("pullSecrets."+f.name, "it is about ServiceAccounts, and pullSecrets.attachTo is %s; write attachTo: %s, or leave it out", quote(string(s.AttachTo)), AttachToServiceAccounts)
		}
	}
	first := map[string]int{}
	for i, secret := range s.Add {
		at := fmt.Sprintf("pullSecrets.add[%d].name", i)
		if secret.Name == "" {
			continue // reported as a malformed name
		}
		if j, twice := first[secret.Name]; twice {
			ps.add(at, "%s is the name of pullSecrets.add[%d] too; give a name once, with the images and namespaces of both", quote(secret.Name), j)
			continue
		}
		first[secret.Name] = i
		if j := slices.Index(s.Remove, secret.Name); j >= 0 {
			ps.add(at, "%s stands under pullSecrets.remove[%d] too; take it out of one of them", quote(secret.Name), j)
		}
	}
}

// kinds refuses rows that lead nowhere.
func (ps *Problems) kinds(rows []KindRow, embedded bool) {
	for i, row := range rows {
		at := fmt.Sprintf("kinds[%d]", i)
		if row.Pods == nil && row.Objects == nil {
			ps.add(at, "it needs pods or objects")
		}
		if embedded {
			continue
		}
		const why = "it opens a string with |, and embedded is false; set embedded: true, or take the path out"
		for j, pod := range row.Pods {
			if strings.Contains(pod.Path, "|") {
				ps.add(fmt.Sprintf("%s.pods[%d].path", at, j), why)
			}
		}
		for j, object := range row.Objects {
			switch {
			case strings.Contains(object.Path, "|"):
				ps.add(fmt.Sprintf("%s.objects[%d].path", at, j), why)
			case strings.Contains(object.Object, "|"):
				ps.add(fmt.Sprintf("%s.objects[%d].object", at, j), why)
			}
		}
	}
}

func (ps *Problems) selectors(path string, selectors []Selector) {
	for i, s := range selectors {
		at := fmt.Sprintf("%s[%d]", path, i)
		if s == (Selector{}) {
			ps.add(at, "it has no condition and would match every object; give it one of %s", list(fieldNames(fieldsOf(reflect.TypeFor[Selector]())), "or"))
		}
		_, err := s.Compile()
		if problems, ok := err.(Problems); ok {
			for _, p := range problems {
				ps.add(join(at, p.Path), "%s", p.Message)
			}
		}
	}
}
