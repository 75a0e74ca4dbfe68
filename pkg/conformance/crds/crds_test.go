package crds

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pullable/pullable/pkg/podspec"
)

var definitions = sync.OnceValues(Definitions)

func all(t *testing.T) []Definition {
	t.Helper()
	found, err := definitions()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// policyFields and secretFields are the names that fields of ours have in any project.
var (
	policyFields = []string{"imagePullPolicy", "pullPolicy", "packagePullPolicy"}
	imageFields  = []string{"image", "imageName", "reference", "package", "url", "repository"}
	secretFields = []string{"imagePullSecrets", "imagePullSecret", "pullSecrets", "pullSecret", "packagePullSecrets"}
)

// inSchema finds, by names and types alone, the policies that stand beside an image, and the pull secrets.
func inSchema(schema map[string]any, path string, found map[string]bool) {
	properties, _ := schema["properties"].(map[string]any)
	for name, v := range properties {
		inner, _ := v.(map[string]any)
		at := strings.TrimPrefix(path+"."+name, ".")
		switch {
		case at == "status":
			continue
		case slices.Contains(policyFields, name) && inner["type"] == "string" && hasAny(properties, imageFields):
			found[at] = true
		case slices.Contains(secretFields, name):
			found[at] = true
		}
		inSchema(inner, at, found)
	}
	if items, ok := schema["items"].(map[string]any); ok {
		inSchema(items, path+"[]", found)
	}
	if values, ok := schema["additionalProperties"].(map[string]any); ok {
		inSchema(values, path+"{}", found)
	}
}

func hasAny(properties map[string]any, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return properties[name] != nil })
}

// inTable lists the fields that the rows of a kind name.
func inTable(k *podspec.Kind) map[string]bool {
	found := map[string]bool{}
	for _, p := range k.Pods {
		if p.Path.Text() {
			continue // no definition says what a string holds
		}
		inShape(p.Shape, p.Path.String(), found, 0)
	}
	return found
}

func inShape(s *podspec.Shape, path string, found map[string]bool, depth int) {
	for _, f := range s.Images {
		at := path
		if len(f.Path) > 0 {
			at += "." + f.Path.String()
		}
		if f.Policy != "" {
			found[at+"."+f.Policy] = true
		} else if !f.List {
			found[at+"."+f.Image] = true
		}
	}
	if len(s.Secrets.Path) > 0 {
		found[path+"."+s.Secrets.String()] = true
	}
	for _, p := range s.Parts {
		if depth < 2 && !p.Path.Text() {
			inShape(p.Shape, path+"."+p.Path.String(), found, depth+1)
		}
	}
}

// covered says that the table has a path. What it says of every value of a mapping holds for every field as well.
func covered(known map[string]bool, path string) bool {
	if known[path] {
		return true
	}
	for k := range known {
		if pattern := strings.ReplaceAll(regexp.QuoteMeta(k), `\{\}`, `(\{\}|\.[^.]+)`); strings.Contains(k, "{}") && regexp.MustCompile("^"+pattern+"$").MatchString(path) {
			return true
		}
	}
	return false
}

// notInTable are fields of the definitions that the table leaves out, each with the reason.
var notInTable = []struct{ kind, path, reason string }{
	{"tekton.dev Task", `spec\.stepTemplate\.imagePullPolicy`, "nothing is written into a block of defaults"},
}

// notInSchema are fields of the table that a definition lacks, each with the reason.
var notInSchema = []struct{ kind, path, reason string }{
	{
		"(kubeflow.org|actions.github.com|actions.summerwind.dev) .*", `.*volumes\[\]\.image\.pullPolicy`,
		"the definitions were made before Kubernetes had image volumes",
	},
	{"monitoring.coreos.com (Alertmanager|PrometheusAgent|ThanosRuler)", `spec\.thanos\.image`, "their shape is that of Prometheus, which alone runs Thanos"},
	{"serving.knative.dev .*", `.*ephemeralContainers\[\]\.imagePullPolicy`, "Knative has no ephemeral containers, and the table takes the whole pod spec"},
	{"serving.kserve.io ((Cluster)?ServingRuntime|InferenceService)", `.*(ephemeral|init)Containers\[\]\.imagePullPolicy`, "KServe leaves them out, and the table takes the whole pod spec"},
	{"serving.kserve.io InferenceService", `spec\.canary.*`, "later versions have it"},
}

func excepted(list []struct{ kind, path, reason string }, d Definition, path string, used map[int]bool) bool {
	for i, e := range list {
		if regexp.MustCompile("^("+e.kind+")$").MatchString(d.Group+" "+d.Kind) && regexp.MustCompile("^("+e.path+")$").MatchString(path) {
			used[i] = true
			return true
		}
	}
	return false
}

func unused(t *testing.T, list []struct{ kind, path, reason string }, used map[int]bool) {
	t.Helper()
	for i, e := range list {
		if !used[i] {
			t.Errorf("no definition needs the exception for %s %s", e.kind, e.path)
		}
	}
}

func TestEveryPolicyAndPullSecretOfTheDefinitionsIsInTheTable(t *testing.T) {
	used := map[int]bool{}
	fields := 0
	for _, d := range all(t) {
		found := map[string]bool{}
		inSchema(d.Schema, "", found)
		k := podspec.Builtin().Lookup(d.Group, d.Version, d.Kind)
		if k != nil && k.Never != "" {
			continue // the row says why
		}
		known := map[string]bool{}
		if k != nil {
			known = inTable(k)
		}
		for path := range found {
			fields++
			if !covered(known, path) && !excepted(notInTable, d, path, used) {
				t.Errorf("%s (%s): the table lacks %s", d, d.Module, path)
			}
		}
	}
	unused(t, notInTable, used)
	t.Logf("%d fields of %d definitions", fields, len(all(t)))
	if fields < 480 {
		t.Errorf("only %d fields were compared", fields)
	}
}

func TestTheTableNamesNoFieldThatTheDefinitionsLack(t *testing.T) {
	used := map[int]bool{}
	compared := 0
	for _, d := range all(t) {
		k := podspec.Builtin().Lookup(d.Group, d.Version, d.Kind)
		if k == nil {
			continue
		}
		for path := range inTable(k) {
			compared++
			if !stands(d.Schema, strings.Split(path, ".")) && !excepted(notInSchema, d, path, used) {
				t.Errorf("%s (%s): the definition lacks %s", d, d.Module, path)
			}
		}
	}
	unused(t, notInSchema, used)
	if compared < 450 {
		t.Errorf("only %d fields were compared", compared)
	}
}

// stands follows a path in a schema. Below a value of which the schema says nothing, anything may stand.
func stands(schema map[string]any, path []string) bool {
	if len(path) == 0 {
		return true
	}
	properties, _ := schema["properties"].(map[string]any)
	if schema["x-kubernetes-preserve-unknown-fields"] == true || schema["type"] == nil && properties == nil {
		return true
	}
	name, values := strings.CutSuffix(path[0], "{}")
	depth := 0
	for strings.HasSuffix(name, "[]") {
		name, depth = strings.TrimSuffix(name, "[]"), depth+1
	}
	inner, ok := properties[name].(map[string]any)
	if !ok {
		return false
	}
	for range depth {
		items, ok := inner["items"].(map[string]any)
		if !ok {
			return inner["x-kubernetes-preserve-unknown-fields"] == true
		}
		inner = items
	}
	if values {
		next, ok := inner["additionalProperties"].(map[string]any)
		if !ok {
			// A row may take every field of a mapping for a value.
			fields, _ := inner["properties"].(map[string]any)
			for _, v := range fields {
				if m, ok := v.(map[string]any); ok && stands(m, path[1:]) {
					return true
				}
			}
			return false
		}
		inner = next
	}
	return stands(inner, path[1:])
}
