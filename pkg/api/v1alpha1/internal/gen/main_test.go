package main

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/internal/readme"
)

func typeComments(t *testing.T) comments {
	t.Helper()
	docs, err := readComments("../../types.go")
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

func TestTheShippedDefinitionIsUpToDate(t *testing.T) {
	want, err := definition(typeComments(t))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../" + definitionFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run go generate ./pkg/api/... (-want +got):\n%s", diff)
	}
}

func TestTheReadmesReferenceIsUpToDate(t *testing.T) {
	file, err := os.ReadFile("../../" + readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	want, err := readme.Insert(string(file), "config", reference(typeComments(t)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(file)); diff != "" {
		t.Errorf("run go generate ./pkg/api/... (-want +got):\n%s", diff)
	}
}

func TestTheReferenceListsEveryField(t *testing.T) {
	text := reference(typeComments(t))
	var walk func(reflect.Type, string)
	walk = func(typ reflect.Type, prefix string) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			path, item := prefix+name, f.Type
			if item.Kind() == reflect.Slice {
				item = item.Elem()
			}
			if !strings.Contains(text, "\n| `"+path+"` | ") {
				t.Errorf("%s is missing", path)
			}
			if item.Kind() == reflect.Struct && path != "metadata" && path != "exclude" {
				walk(item, strings.TrimSuffix(path+strings.Repeat("[]", strings.Count(f.Type.String(), "[]")), ".")+".")
			}
		}
	}
	walk(reflect.TypeFor[v1alpha1.ImagePullConfig](), "")
	for _, row := range []string{
		"| `pullSecrets.add[].name` | string | required | The name of the Secret, which must exist in the pods' namespace when they run. |",
		"| `exclude` | list of mappings |  | The objects to leave as they are, even where `include` matches them. The fields of an item are those of `include`. |",
		"| `embedded` | `true`, `false` | `false` | Also edit the YAML and JSON that other objects hold in strings, such as the `manifest` and `podSpecPatch` of an Argo template, inside the string. A string that is not plain YAML because of its placeholders is left alone. |",
		"| `failOn` | `Error`, `Warning` | `Error` | The severity of a finding that makes the run fail: `Error`, or `Warning` to fail on warnings as well. |",
		"| `movingTags` | patterns, parted by commas | `pullPolicy.movingTags` |",
	} {
		if !strings.Contains(text, row+"\n") {
			t.Errorf("the row is missing:\n%s", row)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"); strings.HasPrefix(line, "|") && cells != 5 && cells != 4 {
			t.Errorf("a row has %d bars: %s", cells, line)
		}
	}
}
