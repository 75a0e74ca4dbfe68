package conformance

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	appsv1 "k8s.io/kubernetes/pkg/apis/apps/v1"
	appsv1beta1 "k8s.io/kubernetes/pkg/apis/apps/v1beta1"
	appsv1beta2 "k8s.io/kubernetes/pkg/apis/apps/v1beta2"
	batchv1 "k8s.io/kubernetes/pkg/apis/batch/v1"
	batchv1beta1 "k8s.io/kubernetes/pkg/apis/batch/v1beta1"
	defaults "k8s.io/kubernetes/pkg/apis/core/v1"
	extensionsv1beta1 "k8s.io/kubernetes/pkg/apis/extensions/v1beta1"
	"k8s.io/kubernetes/pkg/util/parsers"

	"github.com/pullable/pullable/pkg/conformance/internal/images"
	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/pullpolicy"
)

// defaultingScheme runs SetObjectDefaults_Pod, SetObjectDefaults_Deployment and so on for every version that had them.
func defaultingScheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		defaults.AddToScheme, appsv1.AddToScheme, appsv1beta1.AddToScheme, appsv1beta2.AddToScheme,
		batchv1.AddToScheme, batchv1beta1.AddToScheme, extensionsv1beta1.AddToScheme,
	} {
		if err := add(s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestTheAPIServerDefaultsEveryKindWithAPodSpec(t *testing.T) {
	var kinds []string
	for _, gvk := range podKinds(defaultingScheme(t)) {
		kinds = append(kinds, gvk.GroupVersion().String()+" "+gvk.Kind)
	}
	var want []string
	for _, gv := range []struct {
		version string
		kinds   []string
	}{
		{"apps/v1", []string{"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"}},
		{"apps/v1beta1", []string{"Deployment", "StatefulSet"}},
		{"apps/v1beta2", []string{"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"}},
		{"batch/v1", []string{"CronJob", "Job"}},
		{"batch/v1beta1", []string{"CronJob"}},
		{"extensions/v1beta1", []string{"DaemonSet", "Deployment", "ReplicaSet"}},
		{"v1", []string{"Pod", "PodTemplate", "ReplicationController"}},
	} {
		for _, kind := range gv.kinds {
			want = append(want, gv.version+" "+kind, gv.version+" "+kind+"List")
		}
	}
	if !slices.Equal(kinds, want) {
		t.Errorf("\n got %q\nwant %q", kinds, want)
	}
}

// podKinds are the kinds of a scheme that hold pod specs, in order.
func podKinds(s *runtime.Scheme) []schema.GroupVersionKind {
	var kinds []schema.GroupVersionKind
	for _, p := range places(s) {
		if p.what == podSpec && (len(kinds) == 0 || kinds[len(kinds)-1] != p.gvk) {
			kinds = append(kinds, p.gvk)
		}
	}
	return kinds
}

func TestThePolicyOfEveryImageIsTheAPIServersInEveryKind(t *testing.T) {
	s := defaultingScheme(t)
	for _, gvk := range podKinds(s) {
		t.Run(gvk.GroupVersion().String()+" "+gvk.Kind, func(t *testing.T) {
			t.Parallel()
			object, err := s.New(gvk)
			if err != nil {
				t.Fatal(err)
			}
			specs := growPodSpecs(reflect.ValueOf(object).Elem())
			if len(specs) != 1 {
				t.Fatalf("it has %d pod specs, want 1", len(specs))
			}
			list := imagesFor(t, gvk)
			fill(specs[0], list)
			s.Default(object)
			checkPolicies(t, specs[0], list)
		})
	}
}

// imagesFor returns the images of the table and 1,500 generated ones, which are others for each kind.
func imagesFor(t *testing.T, gvk schema.GroupVersionKind) []string {
	seed := fnv.New64()
	fmt.Fprint(seed, gvk)
	g := images.NewGenerator(t, seed.Sum64())
	list := slices.Clone(g.Seeds)
	for range 1000 {
		list = append(list, g.ByGrammar())
	}
	for range 500 {
		list = append(list, g.Mutant())
	}
	return list
}

// growPodSpecs gives every pointer on the way to a pod spec something to point to, every list an item, and returns the
// pod specs.
func growPodSpecs(v reflect.Value) []*corev1.PodSpec {
	if spec, ok := v.Addr().Interface().(*corev1.PodSpec); ok {
		return []*corev1.PodSpec{spec}
	}
	var specs []*corev1.PodSpec
	switch v.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		if specs = growPodSpecs(fresh.Elem()); specs != nil {
			v.Set(fresh)
		}
	case reflect.Slice:
		fresh := reflect.MakeSlice(v.Type(), 1, 1)
		if specs = growPodSpecs(fresh.Index(0)); specs != nil {
			v.Set(fresh)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				specs = append(specs, growPodSpecs(v.Field(i))...)
			}
		}
	}
	return specs
}

func fill(spec *corev1.PodSpec, list []string) {
	for _, image := range list {
		spec.Containers = append(spec.Containers, corev1.Container{Image: image})
		spec.InitContainers = append(spec.InitContainers, corev1.Container{Image: image})
		spec.EphemeralContainers = append(spec.EphemeralContainers, corev1.EphemeralContainer{
			EphemeralContainerCommon: corev1.EphemeralContainerCommon{Image: image},
		})
		spec.Volumes = append(spec.Volumes, corev1.Volume{
			VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: image}},
		})
	}
}

func checkPolicies(t *testing.T, spec *corev1.PodSpec, list []string) {
	t.Helper()
	decided := 0
	for i, image := range list {
		d := pullpolicy.Rules{}.Decide(image)
		_, _, _, err := parsers.ParseImageName(image)
		for where, upstream := range map[string]corev1.PullPolicy{
			"containers":          spec.Containers[i].ImagePullPolicy,
			"initContainers":      spec.InitContainers[i].ImagePullPolicy,
			"ephemeralContainers": spec.EphemeralContainers[i].ImagePullPolicy,
			"volumes":             spec.Volumes[i].Image.PullPolicy,
		} {
			switch {
			case err == nil && string(d.Policy) != string(upstream):
				t.Errorf("%s: %q is %s for the API server, Decide says %+v", where, image, upstream, d)
			case err != nil && upstream != corev1.PullIfNotPresent:
				t.Errorf("%s: %q is no reference and %s for the API server", where, image, upstream)
			}
		}
		switch {
		case err == nil:
			decided++
		case imageref.HasPlaceholder(image):
		case d.Policy != "" || d.Unknown != pullpolicy.Invalid:
			t.Errorf("%q is no reference (%v), but Decide says %+v", image, err, d)
		}
	}
	if decided < len(list)/3 {
		t.Errorf("only %d of %d images are references", decided, len(list))
	}
}
