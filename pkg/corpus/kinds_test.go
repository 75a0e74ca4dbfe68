package corpus

import (
	"slices"
	"strings"
)

// The kinds of other projects whose objects the modules hold, as their projects document them.

// templates are kinds with a pod spec at a path: [] is every element of a list.
var templates = map[string]string{
	"argoproj.io Rollout": "spec.template.spec", "argoproj.io Experiment": "spec.templates[].template.spec",
	"argoproj.io AnalysisTemplate":        "spec.metrics[].provider.job.spec.template.spec",
	"argoproj.io ClusterAnalysisTemplate": "spec.metrics[].provider.job.spec.template.spec",
	"argoproj.io AnalysisRun":             "spec.metrics[].provider.job.spec.template.spec",
	"apps.kruise.io CloneSet":             "spec.template.spec", "apps.kruise.io StatefulSet": "spec.template.spec",
	"apps.kruise.io DaemonSet": "spec.template.spec", "apps.kruise.io BroadcastJob": "spec.template.spec",
	"apps.openshift.io DeploymentConfig": "spec.template.spec",
	"jobset.x-k8s.io JobSet":             "spec.replicatedJobs[].template.spec.template.spec",
	"keda.sh ScaledJob":                  "spec.jobTargetRef.template.spec",
}

// operated are kinds whose pods an operator makes, with images of its own where the object names none: where a list of pull
// secrets goes.
var operated = map[string][]string{
	"argoproj.io EventBus": {"spec.nats.native", "spec.jetstream"},
	"cert-manager.io Issuer": {
		"spec.acme.solvers[].http01.ingress.podTemplate.spec", "spec.acme.solvers[].http01.gatewayHTTPRoute.podTemplate.spec",
	},
	"cert-manager.io ClusterIssuer": {
		"spec.acme.solvers[].http01.ingress.podTemplate.spec", "spec.acme.solvers[].http01.gatewayHTTPRoute.podTemplate.spec",
	},
	"postgresql.cnpg.io Cluster": {"spec"},
}

// withContainers are kinds whose containers the object lists beside those of an operator, and that take pull secrets.
var withContainers = map[string][]string{
	"monitoring.coreos.com Prometheus": {"spec"}, "monitoring.coreos.com Alertmanager": {"spec"},
	"monitoring.coreos.com ThanosRuler": {"spec"}, "monitoring.coreos.com PrometheusAgent": {"spec"},
	"rabbitmq.com RabbitmqCluster":               {"spec"},
	"elasticsearch.k8s.elastic.co Elasticsearch": {"spec.nodeSets[].podTemplate.spec"},
	"logstash.k8s.elastic.co Logstash":           {"spec.podTemplate.spec"},
	"beat.k8s.elastic.co Beat":                   {"spec.daemonSet.podTemplate.spec", "spec.deployment.podTemplate.spec"},
	"argoproj.io EventSource":                    {"spec.template"}, "argoproj.io Sensor": {"spec.template"},
	"numaflow.numaproj.io MonoVertex": {"spec"},
}

// foreign does the objects of other projects.
func (o *oracle) foreign(group, kind string, m map[string]any) {
	spec := at(m, "spec")
	name := group + " " + kind
	for s := range follow(m, templates[name]) {
		o.pod(s)
	}
	for _, path := range operated[name] {
		for s := range follow(m, path) {
			o.pullSecret(s)
		}
	}
	for _, path := range withContainers[name] {
		for s := range follow(m, path) {
			o.podContainers(s)
			o.pullSecret(s)
		}
	}
	switch name {
	case "argoproj.io Sensor":
		o.sensor(spec)
	case "serving.knative.dev Service", "serving.knative.dev Configuration":
		// Knative resolves tags to digests, so that no policy is the tag's own.
		if s := at(m, "spec", "template", "spec"); named(s["containers"]) || named(s["initContainers"]) {
			o.pullSecret(s)
		}
	case "serving.kserve.io InferenceService":
		for _, component := range []string{"predictor", "transformer", "explainer"} {
			if s := at(spec, component); s != nil {
				o.pullSecret(s)
			}
			if s := at(spec, component, "workerSpec"); s != nil {
				o.pullSecret(s)
			}
		}
	case "apps.kruise.io AdvancedCronJob":
		o.pod(at(m, "spec", "template", "jobTemplate", "spec", "template", "spec"))
		o.pod(at(m, "spec", "template", "broadcastJobTemplate", "spec", "template", "spec"))
	case "kubevirt.io VirtualMachine", "kubevirt.io VirtualMachineInstance":
		if kind == "VirtualMachine" {
			spec = at(spec, "template", "spec")
		}
		for v := range mappings(spec["volumes"]) {
			if disk := at(v, "containerDisk"); disk != nil {
				o.policy(disk, "image", "imagePullPolicy")
				if set, _ := disk["imagePullSecret"].(string); set == "" && o.secret != "" {
					o.secrets++
					disk["imagePullSecret"] = o.secret
				}
			}
		}
	case "opentelemetry.io OpenTelemetryCollector":
		o.policy(spec, "image", "imagePullPolicy")
		o.podContainers(spec)
	case "acid.zalan.do postgresql":
		o.podContainers(map[string]any{"initContainers": spec["initContainers"]})
	case "sparkoperator.k8s.io SparkApplication":
		if spec["image"] != nil && o.secret != "" {
			list, _ := spec["imagePullSecrets"].([]any)
			if !slices.Contains(list, any(o.secret)) {
				o.secrets++
				spec["imagePullSecrets"] = append(slices.Clip(list), any(o.secret))
			}
		}
	case "numaflow.numaproj.io Pipeline":
		o.numaflow(spec)
	case "pkg.crossplane.io ConfigurationRevision":
		list, _ := spec["packagePullSecrets"].([]any)
		if o.secret != "" && spec["image"] != nil && len(list) == 0 {
			o.secrets++
			spec["packagePullSecrets"] = []any{map[string]any{"name": o.secret}}
		}
	case "tekton.dev Task":
		o.task(spec)
	case "tekton.dev Pipeline":
		o.pipeline(spec)
	case "tekton.dev TaskRun":
		before := o.containers
		o.task(at(spec, "taskSpec"))
		o.runSecret(spec, o.containers > before, "podTemplate")
	case "tekton.dev PipelineRun":
		before := o.containers
		o.pipeline(at(spec, "pipelineSpec"))
		if m["apiVersion"] == "tekton.dev/v1" {
			o.runSecret(spec, o.containers > before, "taskRunTemplate", "podTemplate")
		} else {
			o.runSecret(spec, o.containers > before, "podTemplate")
		}
		for run := range mappings(spec["taskRunSpecs"]) {
			for _, field := range []string{"podTemplate", "taskPodTemplate"} {
				if t := at(run, field); t["imagePullSecrets"] != nil {
					o.pullSecret(t)
				}
			}
		}
	}
}

// task is a Tekton Task's spec. A step that refers to a StepAction names no image.
func (o *oracle) task(spec map[string]any) {
	inherited, _ := at(spec, "stepTemplate")["imagePullPolicy"].(string)
	for step := range mappings(spec["steps"]) {
		if own, _ := step["imagePullPolicy"].(string); own == "" && inherited != "" {
			if image, _ := step["image"].(string); image != "" {
				o.containers++
			}
			continue
		}
		o.policy(step, "image", "imagePullPolicy")
	}
	for sidecar := range mappings(spec["sidecars"]) {
		o.policy(sidecar, "image", "imagePullPolicy")
	}
	o.volumes(spec)
}

func (o *oracle) pipeline(spec map[string]any) {
	for _, list := range []string{"tasks", "finally"} {
		for task := range mappings(spec[list]) {
			o.task(at(task, "taskSpec"))
			if inner := at(task, "pipelineSpec"); inner != nil {
				o.pipeline(inner)
			}
		}
	}
}

// runSecret gives a run its pull secret: in the pod template that stands there, or in one that is made where the run itself
// names images.
func (o *oracle) runSecret(spec map[string]any, images bool, path ...string) {
	if o.secret == "" {
		return
	}
	account, _ := spec["serviceAccountName"].(string)
	for _, field := range path {
		inner := at(spec, field)
		if inner == nil {
			if !images {
				return
			}
			inner = map[string]any{}
			spec[field] = inner
		}
		spec = inner
	}
	if spec["imagePullSecrets"] == nil && len(o.accounts[account]) > 0 {
		spec["imagePullSecrets"] = slices.Clone(o.accounts[account])
	}
	o.pullSecret(spec)
}

// sensor is the spec of an Argo Sensor: what its triggers create is done as if it stood alone.
func (o *oracle) sensor(spec map[string]any) {
	for trigger := range mappings(spec["triggers"]) {
		for _, t := range []map[string]any{trigger, at(trigger, "dlqTrigger")} {
			for _, kind := range []string{"k8s", "argoWorkflow"} {
				source := at(t, "template", kind)
				operation, _ := source["operation"].(string)
				resource := at(source, "source", "resource")
				if resource == nil || kind == "k8s" && slices.Contains([]string{"patch", "update", "delete"}, operation) {
					continue
				}
				o.object(resource)
			}
		}
	}
}

func (o *oracle) numaflow(spec map[string]any) {
	images := false
	for vertex := range mappings(spec["vertices"]) {
		before := o.containers
		o.podContainers(map[string]any{"initContainers": vertex["initContainers"], "containers": vertex["sidecars"]})
		images = images || o.containers > before
		for _, path := range []string{"udf.container", "source.udsource.container", "source.transformer.container", "sink.udsink.container", "sink.fallback.udsink.container"} {
			for c := range follow(vertex, path) {
				images = images || c["image"] != nil
			}
		}
		if vertex["imagePullSecrets"] != nil {
			o.pullSecret(vertex)
		}
	}
	o.runSecret(spec, images, "templates", "vertex")
	sides := false
	for side := range mappings(spec["sideInputs"]) {
		sides = sides || at(side, "container")["image"] != nil
	}
	o.runSecret(spec, sides, "templates", "sideInputsManager")
	for _, template := range []string{"daemon", "job"} {
		if t := at(spec, "templates", template); t != nil {
			o.pullSecret(t)
		}
	}
}

// podContainers does the lists of a pod spec without its pull secrets. A policy beside the lists is the operator's for all.
func (o *oracle) podContainers(spec map[string]any) {
	for _, list := range []string{"initContainers", "containers", "ephemeralContainers", "additionalContainers", "sidecars"} {
		for c := range mappings(spec[list]) {
			o.policy(c, "image", "imagePullPolicy")
		}
	}
	o.volumes(spec)
}

// named says that an element of a list names an image.
func named(list any) bool {
	for c := range mappings(list) {
		if image, _ := c["image"].(string); image != "" {
			return true
		}
	}
	return false
}

// follow gives the mappings at the end of a path.
func follow(m map[string]any, path string) func(yield func(map[string]any) bool) {
	return func(yield func(map[string]any) bool) {
		if path == "" || m == nil {
			return
		}
		field, rest, more := strings.Cut(path, ".")
		inner := func(n map[string]any) bool {
			if !more {
				return yield(n)
			}
			for found := range follow(n, rest) {
				if !yield(found) {
					return false
				}
			}
			return true
		}
		if list, ok := strings.CutSuffix(field, "[]"); ok {
			for n := range mappings(m[list]) {
				if !inner(n) {
					return
				}
			}
		} else if n := at(m, field); n != nil {
			inner(n)
		}
	}
}
