package examples

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pullable/pullable/pkg/corpus"
)

// object is one manifest as plain data.
type object map[string]any

func (o object) text(path ...string) string {
	s, _ := o.at(path...).(string)
	return s
}

func (o object) at(path ...string) any {
	var at any = map[string]any(o)
	for _, key := range path {
		m, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = m[key]
	}
	return at
}

func (o object) kind() string { return o.text("kind") }
func (o object) name() string { return o.text("metadata", "name") }

// String names the object as `pullable images` does.
func (o object) String() string {
	name := o.name()
	if ns := o.text("metadata", "namespace"); ns != "" {
		name = ns + "/" + name
	}
	return o.text("apiVersion") + " " + o.kind() + " " + name
}

// objects decodes a stream; the objects of lists stand for themselves.
func objects(text []byte, isJSON bool) ([]object, error) {
	documents, err := corpus.Documents(text, isJSON)
	if err != nil {
		return nil, err
	}
	var all []object
	for _, d := range documents {
		m, ok := d.(map[string]any)
		if !ok {
			continue
		}
		items, ok := m["items"].([]any)
		if !ok || !strings.HasSuffix(object(m).kind(), "List") {
			all = append(all, m)
			continue
		}
		for _, item := range items {
			if m, ok := item.(map[string]any); ok {
				all = append(all, m)
			}
		}
	}
	return all, nil
}

// podTemplate gives the metadata and spec of the pods that an object makes, nil where the API server knows of none.
func (o object) podTemplate() map[string]any {
	path, ok := map[string][]string{
		"v1 Pod":                       {},
		"v1 PodTemplate":               {"template"},
		"v1 ReplicationController":     {"spec", "template"},
		"apps/v1 Deployment":           {"spec", "template"},
		"apps/v1 ReplicaSet":           {"spec", "template"},
		"apps/v1 StatefulSet":          {"spec", "template"},
		"apps/v1 DaemonSet":            {"spec", "template"},
		"batch/v1 Job":                 {"spec", "template"},
		"batch/v1 CronJob":             {"spec", "jobTemplate", "spec", "template"},
		"argoproj.io/v1alpha1 Rollout": {"spec", "template"},
	}[o.text("apiVersion")+" "+o.kind()]
	if !ok {
		return nil
	}
	template, _ := o.at(path...).(map[string]any)
	return template
}

// defaulted says whether the API server writes pull policies into the object's pods itself.
func (o object) defaulted() bool {
	return o.podTemplate() != nil && o.kind() != "Rollout"
}

// concerns says whether the object holds images in a kind that the test's API server knows.
func (o object) concerns() bool {
	version := o.text("apiVersion")
	return o.podTemplate() != nil || strings.HasPrefix(version, "argoproj.io/") || strings.HasPrefix(version, "jobset.x-k8s.io/")
}

// withoutNew takes the fields of a name out of b that a does not have.
func withoutNew(a, b any, name string) any {
	switch b := b.(type) {
	case map[string]any:
		old, _ := a.(map[string]any)
		for key, value := range b {
			if _, had := old[key]; key == name && !had {
				delete(b, key)
				continue
			}
			b[key] = withoutNew(old[key], value, name)
		}
	case []any:
		old, _ := a.([]any)
		for i, value := range b {
			var before any
			if i < len(old) {
				before = old[i]
			}
			b[i] = withoutNew(before, value, name)
		}
	}
	return b
}

// A resource is what the API server calls a kind.
type resource struct {
	Name       string
	Kind       string
	Namespaced bool
}

// discovery remembers the resources of each apiVersion.
type discovery struct {
	mutex sync.Mutex
	known map[string][]resource
}

func apiPath(apiVersion string) string {
	if strings.Contains(apiVersion, "/") {
		return "/apis/" + apiVersion
	}
	return "/api/" + apiVersion
}

// resource finds the resource of a kind; false where the server has none.
func (c *cluster) resource(o object) (resource, bool, error) {
	c.discovery.mutex.Lock()
	defer c.discovery.mutex.Unlock()
	version := o.text("apiVersion")
	all, ok := c.discovery.known[version]
	if !ok {
		status, answer, err := c.request(http.MethodGet, apiPath(version), "", nil)
		if err != nil {
			return resource{}, false, err
		}
		if status == http.StatusOK {
			var list struct{ Resources []resource }
			if err := json.Unmarshal(answer, &list); err != nil {
				return resource{}, false, err
			}
			all = list.Resources
		}
		if c.discovery.known == nil {
			c.discovery.known = map[string][]resource{}
		}
		c.discovery.known[version] = all
	}
	i := slices.IndexFunc(all, func(r resource) bool { return r.Kind == o.kind() && !strings.Contains(r.Name, "/") })
	if i < 0 {
		return resource{}, false, nil
	}
	return all[i], true, nil
}

// errRefused is the API server's own no.
var errRefused = errors.New("refused")

// apply is a server-side apply. The answer is the object as the server has it then, or with "dryRun=All" in the query
// as it would have it.
func (c *cluster) apply(o object, query string) (object, error) {
	r, ok, err := c.resource(o)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%w: no kind %s in %s", errRefused, o.kind(), o.text("apiVersion"))
	}
	path := apiPath(o.text("apiVersion")) + "/"
	if r.Namespaced {
		path += "namespaces/" + o.text("metadata", "namespace") + "/"
	}
	path += r.Name + "/" + o.name() + "?fieldManager=test&force=true&fieldValidation=Strict&" + query
	body, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	status, answer, err := c.request(http.MethodPatch, path, "application/apply-patch+yaml", body)
	if err != nil {
		return nil, err
	}
	return decodeAnswer(o, status, answer)
}

func decodeAnswer(o object, status int, answer []byte) (object, error) {
	if status != http.StatusOK && status != http.StatusCreated {
		return nil, fmt.Errorf("%w: %s: %s", errRefused, o, answer)
	}
	var got object
	err := json.Unmarshal(answer, &got)
	return got, err
}

// serverFields are those of metadata that the API server writes; some authors leave them in.
var serverFields = []string{"managedFields", "resourceVersion", "generation", "uid", "selfLink", "creationTimestamp"}

// random are the parts of an object that the API server makes up: two dry runs never agree on them.
var random = regexp.MustCompile(`kube-api-access-[a-z0-9]{5}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z`)

// stable is the object without what says nothing of its content, as kubectl diff shows it.
func stable(t *testing.T, o object) map[string]any {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(random.ReplaceAll(text, []byte("random")), &m); err != nil {
		t.Fatal(err)
	}
	if metadata, ok := m["metadata"].(map[string]any); ok {
		for _, key := range serverFields {
			delete(metadata, key)
		}
		if annotations, ok := metadata["annotations"].(map[string]any); ok {
			delete(annotations, "deprecated.daemonset.template.generation")
		}
	}
	return m
}

// without takes a pull secret's name out of every list, and lists that are empty then.
func without(name string, at any) any {
	switch at := at.(type) {
	case map[string]any:
		for key, value := range at {
			list, ok := value.([]any)
			if !ok || key != "imagePullSecrets" {
				at[key] = without(name, value)
				continue
			}
			list = slices.DeleteFunc(list, func(e any) bool {
				m, ok := e.(map[string]any)
				return ok && len(m) == 1 && m["name"] == name
			})
			if at[key] = list; len(list) == 0 {
				delete(at, key)
			}
		}
	case []any:
		for i := range at {
			at[i] = without(name, at[i])
		}
	}
	return at
}

// promises runs `pullable images`: object → the names that its pods get.
func promises(file string) (map[string][]string, error) {
	out, err := pullableOutput(nil, "images", "--hidden", "--outside", "-o", "json", file)
	if err != nil {
		return nil, err
	}
	var list struct {
		Images []struct {
			Uses []struct {
				Object  string
				Secrets []struct{ Name string }
			}
		}
	}
	if err := json.Unmarshal(out, &list); err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for _, i := range list.Images {
		for _, u := range i.Uses {
			var names []string
			for _, s := range u.Secrets {
				names = append(names, s.Name)
			}
			all[u.Object] = names
		}
	}
	return all, nil
}

func pullableOutput(stdin []byte, args ...string) ([]byte, error) {
	cmd := command(nil, filepath.Join(repo, "bin/pullable"), args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &stdout, &stderr
	var exit *exec.ExitError
	err := cmd.Run()
	if errors.As(err, &exit) {
		err = fmt.Errorf("pullable %s: exit code %d\n%s", strings.Join(args, " "), exit.ExitCode(), stderr.String())
	}
	return stdout.Bytes(), err
}

// admitted is the list of pull secrets of a pod that the API server takes, made of a template as a controller makes it.
func (c *cluster) admitted(namespace string, template map[string]any) ([]string, error) {
	metadata := map[string]any{"generateName": "made-"}
	if m, ok := template["metadata"].(map[string]any); ok {
		for _, key := range []string{"labels", "annotations"} {
			if m[key] != nil {
				metadata[key] = m[key]
			}
		}
	}
	pod := object{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
	body, err := json.Marshal(pod)
	if err != nil {
		return nil, err
	}
	status, answer, err := c.request(http.MethodPost, "/api/v1/namespaces/"+namespace+"/pods?dryRun=All", "application/json", body)
	if err != nil {
		return nil, err
	}
	got, err := decodeAnswer(pod, status, answer)
	if err != nil {
		return nil, err
	}
	list, _ := got.at("spec", "imagePullSecrets").([]any)
	var names []string
	for _, e := range list {
		m, _ := e.(map[string]any)
		names = append(names, object(m).text("name"))
	}
	return names, nil
}
