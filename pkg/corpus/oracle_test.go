package corpus

import (
	"slices"
	"strings"

	"github.com/distribution/reference"
)

// oracle says what pullable ought to make of an object, from the object's data alone: written apart from pullable's own
// table, walk and reference parser, so that the two can disagree. It edits the object in place.
type oracle struct {
	secret  string // the pull secret that the config asks for; empty: none
	enforce bool   // mode: Enforce

	pods       int              // pod specs and workflow specs seen
	containers int              // containers with an image, image volumes with a reference
	policies   int              // policies that are to be written or replaced
	secrets    int              // lists that are to get the secret
	accounts   map[string][]any // the pull secrets of the ServiceAccounts seen so far, by name: a new list hides them

	unknown int // images that are no reference as they stand (`ko://…`, `{{…}}`), which are left alone
}

var podSpecs = map[string][]string{
	"v1 Pod": {"spec"}, "v1 PodTemplate": {"template", "spec"}, "v1 ReplicationController": {"spec", "template", "spec"},
	"apps Deployment": {"spec", "template", "spec"}, "apps ReplicaSet": {"spec", "template", "spec"},
	"apps StatefulSet": {"spec", "template", "spec"}, "apps DaemonSet": {"spec", "template", "spec"},
	"extensions Deployment": {"spec", "template", "spec"}, "extensions ReplicaSet": {"spec", "template", "spec"},
	"extensions DaemonSet": {"spec", "template", "spec"}, "batch Job": {"spec", "template", "spec"},
	"batch CronJob": {"spec", "jobTemplate", "spec", "template", "spec"},
}

var workflowSpecs = map[string][]string{
	"argoproj.io Workflow": {"spec"}, "argoproj.io WorkflowTemplate": {"spec"}, "argoproj.io ClusterWorkflowTemplate": {"spec"},
	"argoproj.io CronWorkflow": {"spec", "workflowSpec"},
}

func (o *oracle) object(m map[string]any) {
	apiVersion, _ := m["apiVersion"].(string)
	kind, _ := m["kind"].(string)
	if items, ok := m["items"].([]any); ok && strings.HasSuffix(kind, "List") {
		for item := range mappings(items) {
			o.object(item)
		}
		return
	}
	metadata, _ := m["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	if local, ok := annotations["config.kubernetes.io/local-config"]; ok && local != "false" {
		return
	}
	group, _, _ := strings.Cut(apiVersion, "/")
	if kind == "ServiceAccount" && o.accounts == nil {
		o.accounts = map[string][]any{}
	}
	if list, ok := m["imagePullSecrets"].([]any); ok && kind == "ServiceAccount" {
		name, _ := metadata["name"].(string)
		o.accounts[name] = list
	}
	if path, ok := podSpecs[group+" "+kind]; ok {
		o.pod(at(m, path...))
	}
	if path, ok := workflowSpecs[group+" "+kind]; ok {
		o.workflow(at(m, path...))
	}
	o.foreign(group, kind, m)
}

func (o *oracle) pod(spec map[string]any) {
	if spec == nil {
		return
	}
	o.pods++
	before := o.containers
	for _, list := range []string{"initContainers", "containers", "ephemeralContainers"} {
		for c := range mappings(spec[list]) {
			o.policy(c, "image", "imagePullPolicy")
		}
	}
	o.volumes(spec)
	if o.containers > before { // a pod spec without an image is a patch of some pod, not a pod
		o.pullSecret(spec)
	}
}

func (o *oracle) workflow(spec map[string]any) {
	if spec == nil {
		return
	}
	o.pods++
	defaults := at(spec, "templateDefaults")
	for t := range mappings(spec["templates"]) {
		o.template(t, defaults)
	}
	o.volumes(spec)
	for p := range mappings(spec["executorPlugins"]) {
		if c := at(p, "spec", "sidecar", "container"); c != nil {
			o.policy(c, "image", "imagePullPolicy")
		}
	}
	if _, borrowed := spec["workflowTemplateRef"]; !borrowed {
		o.pullSecret(spec)
	}
}

func (o *oracle) template(t, defaults map[string]any) {
	for _, single := range []string{"container", "script"} {
		if c := at(t, single); c != nil && at(defaults, single)["imagePullPolicy"] == nil {
			o.policy(c, "image", "imagePullPolicy")
		}
	}
	for c := range mappings(at(t, "containerSet")["containers"]) {
		o.policy(c, "image", "imagePullPolicy")
	}
	for _, list := range []string{"initContainers", "sidecars"} {
		for c := range mappings(t[list]) {
			o.policy(c, "image", "imagePullPolicy")
		}
	}
	o.volumes(t)
	steps, _ := t["steps"].([]any)
	for _, group := range steps {
		for step := range mappings(group) {
			o.template(at(step, "inline"), defaults)
		}
	}
	for task := range mappings(at(t, "dag")["tasks"]) {
		o.template(at(task, "inline"), defaults)
	}
}

func (o *oracle) volumes(in map[string]any) {
	for v := range mappings(in["volumes"]) {
		if image := at(v, "image"); image != nil {
			o.policy(image, "reference", "pullPolicy")
		}
	}
}

func (o *oracle) policy(m map[string]any, imageField, policyField string) {
	image, _ := m[imageField].(string)
	if image == "" {
		return
	}
	o.containers++
	set, _ := m[policyField].(string)
	if set != "" && !o.enforce || set == "Never" {
		return
	}
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		o.unknown++
		return
	}
	policy := "IfNotPresent"
	if tagged, ok := reference.TagNameOnly(named).(reference.Tagged); ok && tagged.Tag() == "latest" {
		policy = "Always"
	}
	if policy != set {
		o.policies++
		m[policyField] = policy
	}
}

func (o *oracle) pullSecret(spec map[string]any) {
	list, _ := spec["imagePullSecrets"].([]any)
	present := slices.ContainsFunc(list, func(e any) bool { return at(map[string]any{"": e}, "")["name"] == o.secret })
	if o.secret != "" && !present {
		o.secrets++
		spec["imagePullSecrets"] = append(slices.Clip(list), map[string]any{"name": o.secret})
	}
}

// at is the mapping at the end of a path of mappings; nil: there is none.
func at(m map[string]any, path ...string) map[string]any {
	for _, field := range path {
		m, _ = m[field].(map[string]any)
	}
	return m
}

// mappings are the elements of a list that are mappings.
func mappings(list any) func(yield func(map[string]any) bool) {
	return func(yield func(map[string]any) bool) {
		elements, _ := list.([]any)
		for _, e := range elements {
			if m, ok := e.(map[string]any); ok && !yield(m) {
				return
			}
		}
	}
}
