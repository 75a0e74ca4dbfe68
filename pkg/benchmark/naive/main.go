// Naive is the KRM function that a good engineer writes in an afternoon: kyaml's framework reads the ResourceList, two
// hundred lines walk the objects and edit them, the framework writes them again. It is what pullable is measured against,
// so it does the same job: an explicit pull policy for every container of the core kinds and of the Argo Workflow family,
// the pull secrets that the functionConfig names, and one result for each change.
package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/distribution/reference"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/fn/framework/command"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

type config struct {
	PullSecrets struct {
		Add []struct {
			Name string `yaml:"name"`
		} `yaml:"add"`
	} `yaml:"pullSecrets"`
}

// podSpecs says where each kind of the core API keeps its pod spec.
var podSpecs = map[string][]string{
	"Pod":                   {"spec"},
	"PodTemplate":           {"template", "spec"},
	"ReplicationController": {"spec", "template", "spec"},
	"Deployment":            {"spec", "template", "spec"},
	"ReplicaSet":            {"spec", "template", "spec"},
	"StatefulSet":           {"spec", "template", "spec"},
	"DaemonSet":             {"spec", "template", "spec"},
	"Job":                   {"spec", "template", "spec"},
	"CronJob":               {"spec", "jobTemplate", "spec", "template", "spec"},
}

// workflowSpecs says where each kind of the Argo Workflow family keeps its workflow spec.
var workflowSpecs = map[string][]string{
	"Workflow":                {"spec"},
	"WorkflowTemplate":        {"spec"},
	"ClusterWorkflowTemplate": {"spec"},
	"CronWorkflow":            {"spec", "workflowSpec"},
}

func main() {
	process := func(rl *framework.ResourceList) error {
		var c config
		if err := framework.LoadFunctionConfig(rl.FunctionConfig, &c); err != nil {
			return err
		}
		for _, item := range rl.Items {
			if err := (editor{config: c, item: item, results: &rl.Results}).edit(); err != nil {
				return err
			}
		}
		return nil
	}
	if err := command.Build(framework.ResourceListProcessorFunc(process), command.StandaloneDisabled, false).Execute(); err != nil {
		os.Exit(1)
	}
}

type editor struct {
	config  config
	item    *yaml.RNode
	meta    yaml.ResourceMeta
	results *framework.Results

	defaults *yaml.RNode // a workflow's templateDefaults
}

func (e editor) edit() error {
	kind := e.item.GetKind()
	if strings.HasSuffix(kind, "List") {
		return e.each(e.item, "", "items", func(item *yaml.RNode, _ string) error {
			return editor{config: e.config, item: item, results: e.results}.edit()
		})
	}
	group, _, _ := strings.Cut(e.item.GetApiVersion(), "/")
	if !slices.Contains([]string{"v1", "apps", "batch", "extensions", "argoproj.io"}, group) {
		return nil // a kind of another group may only have the same name
	}
	path, visit := podSpecs[kind], e.pod
	if path == nil {
		path, visit = workflowSpecs[kind], e.workflow
	}
	if path == nil {
		return nil
	}
	if local, ok := e.item.GetAnnotations()["config.kubernetes.io/local-config"]; ok && local != "false" {
		return nil
	}
	var err error
	if e.meta, err = e.item.GetMeta(); err != nil {
		return err
	}
	return e.at(e.item, "", path, visit)
}

func (e editor) pod(spec *yaml.RNode, path string) error {
	for _, list := range []string{"initContainers", "containers", "ephemeralContainers"} {
		if err := e.each(spec, path, list, e.container); err != nil {
			return err
		}
	}
	if err := e.each(spec, path, "volumes", e.volume); err != nil {
		return err
	}
	if !namesAnImage(spec) {
		return nil // a patch of some pod, not a pod
	}
	return e.secrets(spec, path)
}

func namesAnImage(spec *yaml.RNode) bool {
	for _, list := range []string{"initContainers", "containers", "ephemeralContainers"} {
		if f := spec.Field(list); f != nil {
			elements, _ := f.Value.Elements() // what is no list has none
			for _, c := range elements {
				if image := c.Field("image"); !image.IsNilOrEmpty() {
					return true
				}
			}
		}
	}
	return false
}

func (e editor) workflow(spec *yaml.RNode, path string) error {
	if f := spec.Field("templateDefaults"); f != nil {
		e.defaults = f.Value
	}
	if err := e.each(spec, path, "templates", e.template); err != nil {
		return err
	}
	if err := e.each(spec, path, "volumes", e.volume); err != nil {
		return err
	}
	if spec.Field("workflowTemplateRef") != nil {
		return nil // recent controllers reject such a Workflow when it has pull secrets of its own
	}
	return e.secrets(spec, path)
}

func (e editor) template(t *yaml.RNode, path string) error {
	for _, single := range []string{"container", "script"} {
		if policy, err := e.defaults.Pipe(yaml.Lookup(single, "imagePullPolicy")); err != nil || policy != nil {
			continue
		}
		if err := e.at(t, path, []string{single}, e.container); err != nil {
			return err
		}
	}
	if err := e.at(t, path, []string{"containerSet"}, func(set *yaml.RNode, path string) error {
		return e.each(set, path, "containers", e.container)
	}); err != nil {
		return err
	}
	for _, list := range []string{"initContainers", "sidecars"} {
		if err := e.each(t, path, list, e.container); err != nil {
			return err
		}
	}
	if err := e.each(t, path, "volumes", e.volume); err != nil {
		return err
	}
	inline := func(step *yaml.RNode, path string) error { return e.at(step, path, []string{"inline"}, e.template) }
	if err := e.each(t, path, "steps", func(group *yaml.RNode, path string) error {
		return e.elements(group, path, inline)
	}); err != nil {
		return err
	}
	return e.at(t, path, []string{"dag"}, func(dag *yaml.RNode, path string) error {
		return e.each(dag, path, "tasks", inline)
	})
}

func (e editor) container(c *yaml.RNode, path string) error {
	return e.policy(c, path, "image", "imagePullPolicy")
}

func (e editor) volume(v *yaml.RNode, path string) error {
	return e.at(v, path, []string{"image"}, func(image *yaml.RNode, path string) error {
		return e.policy(image, path, "reference", "pullPolicy")
	})
}

// policy writes what the API server would decide, where nothing is written yet.
func (e editor) policy(n *yaml.RNode, path, imageField, policyField string) error {
	image := n.Field(imageField)
	if image.IsNilOrEmpty() || n.Field(policyField) != nil {
		return nil
	}
	ref, err := reference.ParseNormalizedNamed(image.Value.YNode().Value)
	if err != nil {
		return nil // a placeholder: nobody knows yet
	}
	policy, why := "IfNotPresent", "image has a tag or a digest"
	if tagged, ok := reference.TagNameOnly(ref).(reference.Tagged); ok && tagged.Tag() == "latest" {
		policy, why = "Always", "image has the tag latest, or none"
	}
	if err := n.PipeE(yaml.SetField(policyField, yaml.NewStringRNode(policy))); err != nil {
		return err
	}
	e.result(path+"."+policyField, policy, why)
	return nil
}

func (e editor) secrets(spec *yaml.RNode, path string) error {
	if len(e.config.PullSecrets.Add) == 0 {
		return nil
	}
	list, err := spec.Pipe(yaml.LookupCreate(yaml.SequenceNode, "imagePullSecrets"))
	if err != nil {
		return err
	}
	for _, secret := range e.config.PullSecrets.Add {
		found, err := list.Pipe(yaml.MatchElement("name", secret.Name))
		if err != nil {
			return err
		}
		if found != nil {
			continue
		}
		element := yaml.NewMapRNode(&map[string]string{"name": secret.Name})
		if err := list.PipeE(yaml.Append(element.YNode())); err != nil {
			return err
		}
		e.result(path+".imagePullSecrets", secret.Name, "the functionConfig asks for it")
	}
	return nil
}

func (e editor) result(path, proposed, why string) {
	path = strings.TrimPrefix(path, ".")
	r := &framework.Result{
		Message:     fmt.Sprintf("%s set to %s: %s", path, proposed, why),
		Severity:    framework.Info,
		ResourceRef: new(e.meta.GetIdentifier()),
		Field:       &framework.Field{Path: path, ProposedValue: proposed},
	}
	if file := e.meta.Annotations["config.kubernetes.io/path"]; file != "" {
		index, _ := strconv.Atoi(e.meta.Annotations["config.kubernetes.io/index"]) // absent: the file's first object
		r.File = &framework.File{Path: file, Index: index}
	}
	*e.results = append(*e.results, r)
}

// at calls f with the mapping below n, if there is one.
func (e editor) at(n *yaml.RNode, path string, fields []string, f func(*yaml.RNode, string) error) error {
	for _, field := range fields {
		child := n.Field(field)
		if child == nil || child.Value.YNode().Kind != yaml.MappingNode {
			return nil
		}
		n, path = child.Value, path+"."+field
	}
	return f(n, path)
}

// each calls f with every element of a list field of n, if there is one.
func (e editor) each(n *yaml.RNode, path, field string, f func(*yaml.RNode, string) error) error {
	list := n.Field(field)
	if list == nil || list.Value.YNode().Kind != yaml.SequenceNode {
		return nil
	}
	return e.elements(list.Value, path+"."+field, f)
}

func (e editor) elements(list *yaml.RNode, path string, f func(*yaml.RNode, string) error) error {
	elements, err := list.Elements()
	if err != nil {
		return err
	}
	for i, element := range elements {
		if err := f(element, fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	return nil
}
