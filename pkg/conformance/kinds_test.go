package conformance

import (
	"cmp"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

// What stands at a path of a kind.
const (
	podSpec      = "pod spec"
	containers   = "containers"
	imageVolumes = "image volumes"
	pullSecrets  = "pull secrets"
)

// A place is a path of a kind at which something of ours stands. [] follows the name of a list, {} that of a map.
type place struct {
	gvk  schema.GroupVersionKind
	path string
	what string
}

func (p place) String() string {
	return fmt.Sprintf("%-18s %-27s %-61s %s", p.gvk.GroupVersion(), p.gvk.Kind, p.path, p.what)
}

// places finds, by reflection over the Go types of a scheme, every pod spec, list of containers, list of volumes that may
// be images, and list of pull secrets, in the kinds that the API serves or once served. The order is that of the apiVersion, the
// kind, and the fields in their Go types.
func places(s *runtime.Scheme) []place {
	var found []place
	for gvk, t := range s.AllKnownTypes() {
		if gvk.Version == runtime.APIVersionInternal {
			continue
		}
		w := walker{gvk: gvk}
		w.walk(t, "", nil)
		found = append(found, w.found...)
	}
	slices.SortStableFunc(found, func(a, b place) int {
		return cmp.Or(strings.Compare(a.gvk.GroupVersion().String(), b.gvk.GroupVersion().String()), strings.Compare(a.gvk.Kind, b.gvk.Kind))
	})
	return found
}

type walker struct {
	gvk   schema.GroupVersionKind
	found []place
}

func (w *walker) walk(t reflect.Type, path string, above []reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer:
		w.walk(t.Elem(), path, above)
		return
	case reflect.Slice, reflect.Array:
		w.walk(t.Elem(), path+"[]", above)
		return
	case reflect.Map:
		w.walk(t.Elem(), path+"{}", above)
		return
	case reflect.Struct:
	default:
		return
	}
	if slices.Contains(above, t) {
		return // a type within itself shows nothing new
	}
	above = append(slices.Clip(above), t)
	add := func(path, what string) { w.found = append(w.found, place{w.gvk, path, what}) }
	switch t {
	case reflect.TypeFor[corev1.PodSpec]():
		add(path, podSpec)
	case reflect.TypeFor[corev1.Container](), reflect.TypeFor[corev1.EphemeralContainer]():
		add(path, containers)
	case reflect.TypeFor[corev1.ImageVolumeSource]():
		add(path, imageVolumes)
	}
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.IsExported() || name == "-" {
			continue
		}
		at := path
		switch {
		case name == "" && !field.Anonymous:
			continue // no field of the JSON
		case name == "":
		case path == "":
			at = name
		default:
			at = path + "." + name
		}
		if name == "imagePullSecrets" {
			add(at, pullSecrets)
		}
		w.walk(field.Type, at, above)
	}
}

// compact is the shape of the golden file: the pod specs alone, and a line for each.
func compact(found []place) string {
	var b strings.Builder
	for _, p := range found {
		if p.what == podSpec {
			fmt.Fprintf(&b, "%-32s %-26s %s\n", p.gvk.GroupVersion(), p.gvk.Kind, p.path)
		}
	}
	return b.String()
}

func TestReflectionFindsThePodSpecsOfCoreKubernetes(t *testing.T) {
	want, err := os.ReadFile("testdata/pod-specs.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := compact(places(scheme.Scheme)); got != string(want) {
		t.Errorf("reflection finds other pod specs than testdata/pod-specs.txt lists:\n%s", diff(string(want), got))
	}
}

func TestEveryPodSpecHasTheSameListsAndOnlyServiceAccountsHaveAnother(t *testing.T) {
	at := map[place]bool{}
	for _, p := range places(scheme.Scheme) {
		at[p] = true
	}
	want := map[place]bool{
		{schema.GroupVersionKind{Version: "v1", Kind: "ServiceAccount"}, "imagePullSecrets", pullSecrets}:             true,
		{schema.GroupVersionKind{Version: "v1", Kind: "ServiceAccountList"}, "items[].imagePullSecrets", pullSecrets}: true,
	}
	for p := range at {
		if p.what != podSpec {
			continue
		}
		want[p] = true
		want[place{p.gvk, p.path + ".volumes[].image", imageVolumes}] = true
		want[place{p.gvk, p.path + ".initContainers[]", containers}] = true
		want[place{p.gvk, p.path + ".containers[]", containers}] = true
		want[place{p.gvk, p.path + ".ephemeralContainers[]", containers}] = true
		want[place{p.gvk, p.path + ".imagePullSecrets", pullSecrets}] = true
	}
	for p := range at {
		if !want[p] {
			t.Errorf("reflection finds more: %s", p)
		}
	}
	for p := range want {
		if !at[p] {
			t.Errorf("reflection does not find: %s", p)
		}
	}
}

func diff(want, got string) string {
	var b strings.Builder
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for _, line := range w {
		if !slices.Contains(g, line) {
			b.WriteString("-" + line + "\n")
		}
	}
	for _, line := range g {
		if !slices.Contains(w, line) {
			b.WriteString("+" + line + "\n")
		}
	}
	if b.Len() == 0 {
		return "the same lines in another order"
	}
	return b.String()
}
