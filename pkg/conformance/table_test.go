package conformance

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/pullable/pullable/pkg/podspec"
)

// withdrawn are kinds that the API served once and whose types have left k8s.io/api, each with one of the same shape.
var withdrawn = map[schema.GroupVersionKind]schema.GroupVersionKind{
	// Kubernetes 1.1 to 1.5.
	{Group: "extensions", Version: "v1beta1", Kind: "Job"}: {Group: "batch", Version: "v1", Kind: "Job"},
	// Kubernetes 1.4 and a few that followed; a ScheduledJob is a CronJob by its first name.
	{Group: "batch", Version: "v2alpha1", Kind: "Job"}:          {Group: "batch", Version: "v1", Kind: "Job"},
	{Group: "batch", Version: "v2alpha1", Kind: "ScheduledJob"}: {Group: "batch", Version: "v1beta1", Kind: "CronJob"},
	// Kubernetes 1.5 to 1.20.
	{Group: "batch", Version: "v2alpha1", Kind: "CronJob"}: {Group: "batch", Version: "v1beta1", Kind: "CronJob"},
}

func TestTheTableOfKindsCoversWhatReflectionFindsAndNothingElse(t *testing.T) {
	want := map[place]bool{}
	groups := map[string]bool{}
	for gvk := range scheme.Scheme.AllKnownTypes() {
		groups[gvk.Group] = true
	}
	for _, p := range places(scheme.Scheme) {
		// Lists are taken apart before the table is asked, and pull secrets of ServiceAccounts are no pod's.
		if strings.HasPrefix(p.path, "items[].") && strings.HasSuffix(p.gvk.Kind, "List") || p.gvk.Kind == "ServiceAccount" {
			continue
		}
		want[p] = true
		for old, same := range withdrawn {
			if p.gvk == same {
				want[place{old, p.path, p.what}] = true
			}
		}
	}
	got := map[place]bool{}
	for _, kind := range podspec.Builtin().Kinds() {
		if !groups[kind.Group] {
			continue // another project's
		}
		for _, version := range kind.Versions {
			gvk := schema.GroupVersionKind{Group: kind.Group, Version: version, Kind: kind.Kind}
			for _, pod := range kind.Pods {
				if pod.Path.Text() {
					continue // no type says what a string holds
				}
				for _, p := range tablePlaces(t, gvk, pod) {
					got[p] = true
				}
			}
		}
	}
	for p := range want {
		if !got[p] {
			t.Errorf("the table lacks %s", p)
		}
	}
	for p := range got {
		if !want[p] {
			t.Errorf("reflection does not find %s", p)
		}
	}
	// 19 kinds and versions of today, each with a pod spec and its five lists.
	if n := (19 + len(withdrawn)) * 6; len(want) != n {
		t.Errorf("%d places were compared, want %d", len(want), n)
	}
}

// tablePlaces turns a row's pod spec into what reflection would find for it.
func tablePlaces(t *testing.T, gvk schema.GroupVersionKind, pod podspec.Part) []place {
	t.Helper()
	at := pod.Path.String()
	list := []place{{gvk, at, podSpec}}
	if len(pod.Shape.Parts) > 0 {
		t.Errorf("%s: the shape %s has parts, a PodSpec has none", gvk, pod.Shape.Name)
	}
	if len(pod.Shape.Secrets.Path) > 0 {
		list = append(list, place{gvk, at + "." + pod.Shape.Secrets.String(), pullSecrets})
	}
	for _, image := range pod.Shape.Images {
		p := place{gvk, at + "." + image.Path.String(), containers}
		if image.Image == "reference" {
			p.what = imageVolumes
		}
		for _, of := range fieldsOf[p.what] {
			if !hasJSONField(of, image.Image, reflect.TypeFor[string]()) || !hasJSONField(of, image.Policy, reflect.TypeFor[corev1.PullPolicy]()) {
				t.Errorf("%s: %s has no image in %q with a policy in %q", p, of, image.Image, image.Policy)
			}
		}
		list = append(list, p)
	}
	return list
}

// fieldsOf are the types in which the fields of an image stand.
var fieldsOf = map[string][]reflect.Type{
	containers:   {reflect.TypeFor[corev1.Container](), reflect.TypeFor[corev1.EphemeralContainerCommon]()},
	imageVolumes: {reflect.TypeFor[corev1.ImageVolumeSource]()},
}

func hasJSONField(t reflect.Type, name string, of reflect.Type) bool {
	return slices.ContainsFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return tag == name && f.Type == of
	})
}
