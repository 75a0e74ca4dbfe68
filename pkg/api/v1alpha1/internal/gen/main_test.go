package main

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
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
	readme, err := os.ReadFile("../../" + readmeFile)
	if os.IsNotExist(err) || err == nil && !strings.Contains(string(readme), "config:begin") {
		t.Skip("README.md has no place for the reference: " + beginMarker + " " + endMarker)
	} else if err != nil {
		t.Fatal(err)
	}
	want, err := insertReference(string(readme), reference(typeComments(t)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(readme)); diff != "" {
		t.Errorf("run go generate ./pkg/api/... (-want +got):\n%s", diff)
	}
}

func TestTheReferenceGoesBetweenTheMarkers(t *testing.T) {
	for name, test := range map[string]struct{ readme, want, err string }{
		"what stood there is replaced":         {"a\n" + beginMarker + "\nold\n" + endMarker + "\nb\n", "a\n" + beginMarker + "\nnew\n" + endMarker + "\nb\n", ""},
		"nothing stood there":                  {beginMarker + endMarker, beginMarker + "\nnew\n" + endMarker, ""},
		"without markers the text stays":       {"a\n", "a\n", ""},
		"a place without an end is an error":   {"a" + beginMarker, "", "README.md: it needs both " + beginMarker + " and, after it, " + endMarker},
		"a place without a start is an error":  {endMarker, "", "README.md: it needs both " + beginMarker + " and, after it, " + endMarker},
		"an end before the start is an error":  {endMarker + beginMarker, "", "README.md: it needs both " + beginMarker + " and, after it, " + endMarker},
		"only the first place is the one used": {beginMarker + endMarker + beginMarker + endMarker, beginMarker + "\nnew\n" + endMarker + beginMarker + endMarker, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := insertReference(test.readme, "new\n")
			if message := ""; err != nil {
				message = err.Error()
				if message != test.err {
					t.Errorf("got error %q, want %q", message, test.err)
				}
			} else if test.err != "" {
				t.Errorf("got no error, want %q", test.err)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
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
		"| `embedded` | `true`, `false` | `false` | Also edit the manifests that other objects hold as text, such as those in a ConfigMap. (`true` is not supported yet.) |",
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
