package crds

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	events "github.com/argoproj/argo-events/pkg/apis/events/v1alpha1"
	workflow "github.com/argoproj/argo-workflows/v3/pkg/apis/workflow/v1alpha1"
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
	{"batch.volcano.sh", "v1alpha1", "Job", reflect.TypeFor[volcano.Job]()},
	{"kubevirt.io", "v1", "KubeVirt", reflect.TypeFor[kubevirt.KubeVirt]()},
	{"kubevirt.io", "v1", "VirtualMachine", reflect.TypeFor[kubevirt.VirtualMachine]()},
	{"kubevirt.io", "v1", "VirtualMachineInstance", reflect.TypeFor[kubevirt.VirtualMachineInstance]()},
	{"kubevirt.io", "v1", "VirtualMachineInstanceReplicaSet", reflect.TypeFor[kubevirt.VirtualMachineInstanceReplicaSet]()},
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
			case slices.Contains(policyFields, name) && slices.ContainsFunc(imageFields, func(image string) bool { return names[image] != nil && names[image].Kind() == reflect.String }):
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
	if fields < 50 {
		t.Errorf("only %d fields were compared", fields)
	}
}
