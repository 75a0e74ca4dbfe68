package crds

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	events "github.com/argoproj/argo-events/pkg/apis/events/v1alpha1"
	workflow "github.com/argoproj/argo-workflows/v3/pkg/apis/workflow/v1alpha1"
	kruise "github.com/openkruise/kruise-api/apps/v1alpha1"
	kruisebeta "github.com/openkruise/kruise-api/apps/v1beta1"
	openshift "github.com/openshift/api/apps/v1"
	builds "github.com/openshift/api/build/v1"
	sinks "knative.dev/eventing/pkg/apis/sinks/v1alpha1"
	sources "knative.dev/eventing/pkg/apis/sources/v1"
	sourcesalpha "knative.dev/eventing/pkg/apis/sources/v1alpha1"
	kubevirt "kubevirt.io/api/core/v1"
	volcano "volcano.sh/apis/pkg/apis/batch/v1alpha1"

	"github.com/pullable/pullable/pkg/podspec"
)

// types are Go types of kinds whose definitions say nothing of what they hold, or do not come in a module.
var types = []struct {
	group, version, kind string
	of                   reflect.Type
}{
	{"argoproj.io", "v1alpha1", "EventBus", reflect.TypeFor[events.EventBus]()},
	{"argoproj.io", "v1alpha1", "EventSource", reflect.TypeFor[events.EventSource]()},
	{"argoproj.io", "v1alpha1", "Sensor", reflect.TypeFor[events.Sensor]()},
	{"argoproj.io", "v1alpha1", "Workflow", reflect.TypeFor[workflow.Workflow]()},
	{"argoproj.io", "v1alpha1", "WorkflowTemplate", reflect.TypeFor[workflow.WorkflowTemplate]()},
	{"argoproj.io", "v1alpha1", "ClusterWorkflowTemplate", reflect.TypeFor[workflow.ClusterWorkflowTemplate]()},
	{"argoproj.io", "v1alpha1", "CronWorkflow", reflect.TypeFor[workflow.CronWorkflow]()},
	{"apps.kruise.io", "v1alpha1", "AdvancedCronJob", reflect.TypeFor[kruise.AdvancedCronJob]()},
	{"apps.kruise.io", "v1alpha1", "BroadcastJob", reflect.TypeFor[kruise.BroadcastJob]()},
	{"apps.kruise.io", "v1alpha1", "CloneSet", reflect.TypeFor[kruise.CloneSet]()},
	{"apps.kruise.io", "v1alpha1", "DaemonSet", reflect.TypeFor[kruise.DaemonSet]()},
	{"apps.kruise.io", "v1alpha1", "EphemeralJob", reflect.TypeFor[kruise.EphemeralJob]()},
	{"apps.kruise.io", "v1alpha1", "ImageListPullJob", reflect.TypeFor[kruise.ImageListPullJob]()},
	{"apps.kruise.io", "v1alpha1", "ImagePullJob", reflect.TypeFor[kruise.ImagePullJob]()},
	{"apps.kruise.io", "v1alpha1", "SidecarSet", reflect.TypeFor[kruise.SidecarSet]()},
	{"apps.kruise.io", "v1alpha1", "StatefulSet", reflect.TypeFor[kruise.StatefulSet]()},
	{"apps.kruise.io", "v1beta1", "StatefulSet", reflect.TypeFor[kruisebeta.StatefulSet]()},
	{"apps.kruise.io", "v1alpha1", "UnitedDeployment", reflect.TypeFor[kruise.UnitedDeployment]()},
	{"apps.openshift.io", "v1", "DeploymentConfig", reflect.TypeFor[openshift.DeploymentConfig]()},
	{"batch.volcano.sh", "v1alpha1", "Job", reflect.TypeFor[volcano.Job]()},
	{"build.openshift.io", "v1", "Build", reflect.TypeFor[builds.Build]()},
	{"build.openshift.io", "v1", "BuildConfig", reflect.TypeFor[builds.BuildConfig]()},
	{"kubevirt.io", "v1", "KubeVirt", reflect.TypeFor[kubevirt.KubeVirt]()},
	{"kubevirt.io", "v1", "VirtualMachine", reflect.TypeFor[kubevirt.VirtualMachine]()},
	{"kubevirt.io", "v1", "VirtualMachineInstance", reflect.TypeFor[kubevirt.VirtualMachineInstance]()},
	{"kubevirt.io", "v1", "VirtualMachineInstanceReplicaSet", reflect.TypeFor[kubevirt.VirtualMachineInstanceReplicaSet]()},
	{"sinks.knative.dev", "v1alpha1", "JobSink", reflect.TypeFor[sinks.JobSink]()},
	{"sources.knative.dev", "v1", "ContainerSource", reflect.TypeFor[sources.ContainerSource]()},
	{"sources.knative.dev", "v1alpha1", "IntegrationSource", reflect.TypeFor[sourcesalpha.IntegrationSource]()},
}

// notInTableOfTypes are fields of the types that the table leaves out, each with the reason.
var notInTableOfTypes = []struct{ kind, path, reason string }{
	{"argoproj.io .*", `.*\.templateDefaults\..*`, "nothing is written into a block of defaults"},
}

// inType finds what inSchema finds, in a Go type.
func inType(t reflect.Type, path string, above []reflect.Type, found map[string]bool) {
	switch t.Kind() {
	case reflect.Pointer:
		inType(t.Elem(), path, above, found)
	case reflect.Slice, reflect.Array:
		inType(t.Elem(), path+"[]", above, found)
	case reflect.Map:
		inType(t.Elem(), path+"{}", above, found)
	case reflect.Struct:
		if slices.Contains(above, t) {
			return // a type within itself shows nothing new
		}
		above = append(slices.Clip(above), t)
		names := jsonFields(t)
		for name, field := range names {
			at := strings.TrimPrefix(path+"."+name, ".")
			switch {
			case at == "status":
				continue
			case slices.Contains(policyFields, name) && field.Kind() == reflect.String && slices.ContainsFunc(imageFields, func(image string) bool { return names[image] != nil && names[image].Kind() == reflect.String }):
				found[at] = true
			case slices.Contains(secretFields, name):
				found[at] = true
			}
			inType(field, at, above, found)
		}
	}
}

// jsonFields gives the fields of a struct by their names in JSON, with those of embedded structs.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" && f.IsExported() {
			fields[name] = f.Type
		}
	}
	return fields
}

func TestEveryPolicyAndPullSecretOfTheTypesIsInTheTable(t *testing.T) {
	used := map[int]bool{}
	fields := 0
	for _, kind := range types {
		k := podspec.Builtin().Lookup(kind.group, kind.version, kind.kind)
		if k == nil {
			t.Fatalf("the table has no %s", kind.kind)
		}
		found, known := map[string]bool{}, inTable(k)
		inType(kind.of, "", nil, found)
		d := Definition{Group: kind.group, Version: kind.version, Kind: kind.kind}
		for path := range found {
			fields++
			if !covered(known, path) && !excepted(notInTableOfTypes, d, path, used) {
				t.Errorf("%s: the table lacks %s", d, path)
			}
		}
	}
	unused(t, notInTableOfTypes, used)
	t.Logf("%d fields", fields)
	if fields < 160 {
		t.Errorf("only %d fields were compared", fields)
	}
}

// notInTypes are fields of the table that the types lack, each with the reason.
var notInTypes = []struct{ kind, path, reason string }{
	{"argoproj.io .*", `.*steps\[\]\[\]\.inline\..*`, "the type of the outer list's items hides the inner list, which its JSON has"},
	{"argoproj.io .*", `.*executorPlugins\[\].*`, "Argo Workflows has them since v4.1.0; the types are of v3.7.2"},
}

func TestTheTableNamesNoFieldThatTheTypesLack(t *testing.T) {
	used := map[int]bool{}
	compared := 0
	for _, kind := range types {
		k := podspec.Builtin().Lookup(kind.group, kind.version, kind.kind)
		d := Definition{Group: kind.group, Version: kind.version, Kind: kind.kind}
		for path := range inTable(k) {
			compared++
			if !typeHas(kind.of, strings.Split(path, ".")) && !excepted(notInTypes, d, path, used) {
				t.Errorf("%s: the type lacks %s", d, path)
			}
		}
	}
	unused(t, notInTypes, used)
	t.Logf("%d fields", compared)
	if compared < 160 {
		t.Errorf("only %d fields were compared", compared)
	}
}

// typeHas follows a path in a Go type.
func typeHas(t reflect.Type, path []string) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if len(path) == 0 {
		return true
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	name, values := strings.CutSuffix(path[0], "{}")
	depth := 0
	for strings.HasSuffix(name, "[]") {
		name, depth = strings.TrimSuffix(name, "[]"), depth+1
	}
	inner := jsonFields(t)[name]
	for ; depth > 0 || values; depth-- {
		for inner != nil && inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		want := reflect.Slice
		if depth == 0 {
			want, values = reflect.Map, false
		}
		if inner == nil || inner.Kind() != want {
			return false
		}
		inner = inner.Elem()
	}
	return inner != nil && typeHas(inner, path[1:])
}
