package build_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"github.com/pullable/pullable/pkg/build"
	"github.com/pullable/pullable/pkg/podspec"
)

const component = "../../examples/argo-name-reference"

func TestTheComponentIsWhatTheTableOfKindsSays(t *testing.T) {
	got, err := os.ReadFile(filepath.Join(component, "name-reference.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := bytes.Cut(got, []byte("\n"))
	if !bytes.Equal(text, build.NameReferences(podspec.Builtin())) {
		t.Error("it is not: run make generate")
	}
}

// beyond are the kinds with a field below keys that are not known beforehand,
// for which kustomize has no paths.
var beyond = []string{"JAXJob", "MPIJob", "MXJob", "PaddleJob", "PyTorchJob", "TFJob", "XGBoostJob", "ClusterPolicy"}

func TestKustomizeFollowsTheNamesInEveryKindOfTheTable(t *testing.T) {
	files := map[string]string{
		"kustomization.yaml": "namePrefix: p-\ncomponents: [component]\nresources: [all.yaml]\n" + secretGenerator,
	}
	for _, name := range []string{"kustomization.yaml", "name-reference.yaml"} {
		src, err := os.ReadFile(filepath.Join(component, name))
		if err != nil {
			t.Fatal(err)
		}
		files["component/"+name] = string(src)
	}
	var all bytes.Buffer
	fields, unknown := 0, map[string]bool{}
	for i, k := range podspec.Builtin().Kinds() {
		for j, pod := range k.Pods {
			for p, at := range secretFields(pod.Path, pod.Shape, nil) {
				if slices.ContainsFunc(at, func(s podspec.Step) bool { return s.Text }) {
					continue // kustomize sees a string only
				}
				if slices.ContainsFunc(at, func(s podspec.Step) bool { return s.Values }) {
					unknown[k.Kind] = true
					continue
				}
				group := k.Group
				if group != "" {
					group += "/"
				}
				object := map[string]any{"apiVersion": group + k.Versions[0], "kind": k.Kind, "metadata": map[string]any{"name": strings.ToLower(k.Kind) + "-" + string(rune('a'+i%26)) + string(rune('a'+i/26)) + string(rune('a'+j)) + string(rune('a'+p))}}
				put(object, at, named(pod, at))
				src, err := yaml.Marshal(object)
				if err != nil {
					t.Fatal(err)
				}
				all.WriteString("---\n")
				all.Write(src)
				fields++
			}
		}
	}
	for _, kind := range beyond {
		if !unknown[kind] {
			t.Errorf("%s is not one that kustomize has no path for", kind)
		}
		delete(unknown, kind)
	}
	for kind := range unknown {
		t.Errorf("kustomize has no path for a field of %s: name it in the example's README, and here", kind)
	}
	if fields < 100 {
		t.Fatalf("there are only %d fields", fields)
	}
	files["all.yaml"] = all.String()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder(t, files))
	if err != nil {
		t.Fatal(err)
	}
	followed := 0
	for _, r := range built.Resources() {
		text := r.MustYaml()
		if strings.Contains(text, "p-regcred-") && r.GetKind() != "Secret" {
			followed++
		} else if r.GetKind() != "Secret" {
			t.Errorf("the name is not followed in\n%s", text)
		}
	}
	if followed != fields {
		t.Errorf("%d of %d fields are followed", followed, fields)
	}
}

// secretFields gives the paths of the fields of a shape, and of the shapes in
// it, that name pull secrets.
func secretFields(at podspec.Path, s *podspec.Shape, above []*podspec.Shape) []podspec.Path {
	if slices.Contains(above, s) {
		return nil
	}
	var all []podspec.Path
	if len(s.Secrets.Path) > 0 {
		p := slices.Clone(at)
		for _, field := range s.Secrets.Path {
			p = append(p, podspec.Step{Field: field})
		}
		all = append(all, p)
	}
	for _, part := range s.Parts {
		all = append(all, secretFields(append(slices.Clip(at), part.Path...), part.Shape, append(slices.Clip(above), s))...)
	}
	return all
}

// named gives what stands in a field that names the pull secret regcred.
func named(pod podspec.Part, at podspec.Path) any {
	form := pod.Shape.Secrets.Form
	for _, part := range pod.Shape.Parts {
		if len(part.Shape.Secrets.Path) > 0 && len(at) > len(pod.Path)+len(pod.Shape.Secrets.Path) {
			form = part.Shape.Secrets.Form
		}
	}
	switch form {
	case podspec.Strings:
		return []any{"regcred"}
	case podspec.String:
		return "regcred"
	case podspec.Object:
		return map[string]any{"name": "regcred"}
	}
	return []any{map[string]any{"name": "regcred"}}
}

// put puts a value at a path of an object.
func put(object map[string]any, at podspec.Path, value any) {
	for len(at) > 0 && at[0].Field == "" {
		at = at[1:]
	}
	step := at[0]
	if len(at) > 1 {
		inner, ok := object[step.Field].(map[string]any)
		if !ok {
			inner = map[string]any{}
		}
		put(inner, at[1:], value)
		value = inner
	}
	for range step.Depth {
		value = []any{value}
	}
	object[step.Field] = value
}
