package crds

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/podspec/crd"
	"github.com/pullable/pullable/pkg/yamledit"
)

// unknownGroup is a group that the table has no row for, so that every kind is learnt.
const unknownGroup = "learnt.example.com"

// asUnknown writes the definition of a kind anew, in the group that the table does not know.
func asUnknown(d Definition) ([]byte, error) {
	return yaml.Marshal(map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": "things." + unknownGroup},
		"spec": map[string]any{
			"group": unknownGroup, "names": map[string]any{"kind": d.Kind},
			"versions": []any{map[string]any{"name": d.Version, "schema": map[string]any{"openAPIV3Schema": d.Schema}}},
		},
	})
}

// put makes the mappings and lists of a path in an object, and gives the mapping at its end.
func put(in map[string]any, path podspec.Path) map[string]any {
	inner := func(in map[string]any, key string, depth int) map[string]any {
		v := in[key]
		for range depth {
			list, ok := v.([]any)
			if !ok {
				break
			}
			v = list[0]
		}
		if m, ok := v.(map[string]any); ok {
			return m
		}
		m := map[string]any{}
		v = m
		for range depth {
			v = []any{v}
		}
		in[key] = v
		return m
	}
	for _, step := range path {
		in = inner(in, step.Field, step.Depth)
		if step.Values {
			in = inner(in, "any", 0)
		}
	}
	return in
}

// sample is an object of a kind that names an image wherever a row says that one may stand.
func sample(k *podspec.Kind) map[string]any {
	object := map[string]any{"apiVersion": k.Group + "/" + k.Versions[0], "kind": k.Kind, "metadata": map[string]any{"name": "a"}}
	for i := range k.Pods {
		spec := put(object, k.Pods[i].Path)
		for _, f := range k.Pods[i].Shape.Images {
			m := put(spec, f.Path)
			m[f.Image] = "registry.example.com/team/app"
			for _, part := range []string{f.Prefix, f.Tag} {
				if part != "" {
					m[part] = "latest"
				}
			}
		}
	}
	return object
}

func TestTheAPIServerAcceptsAndKeepsWhatPullableWritesIntoLearntKinds(t *testing.T) {
	config := v1alpha1.Default()
	config.PullSecrets.Add = []v1alpha1.PullSecret{{Name: "regcred"}}
	ready, err := imagepull.New(config)
	if err != nil {
		t.Fatal(err)
	}
	kinds, changes := 0, 0
	for _, d := range all(t) {
		text, err := asUnknown(d)
		if err != nil {
			t.Fatal(err)
		}
		var library crd.Library
		if _, err := library.Add(text); err != nil {
			t.Fatalf("%s: %v", d, err)
		}
		table, err := library.Teach(podspec.Builtin())
		if err != nil {
			t.Fatalf("%s: %v", d, err)
		}
		k := table.Lookup(unknownGroup, d.Version, d.Kind)
		if k == nil {
			continue
		}
		kinds++
		before := sample(k)
		src, err := yaml.Marshal(before)
		if err != nil {
			t.Fatal(err)
		}
		input, err := manifest.Read(src)
		if err != nil {
			t.Fatal(err)
		}
		facts, err := manifest.Each(input, func(o manifest.Object, n yamledit.Node) imagepull.Facts {
			return imagepull.Gather(podspec.Builtin(), o, n)
		})
		if err == nil {
			err = imagepull.Learn(podspec.Builtin(), &library, facts, imagepull.AgainFrom(input, facts))
		}
		if err != nil {
			t.Fatalf("%s: %v", d, err)
		}
		plan := imagepull.Decide(ready, facts)
		if plan.Failed() {
			t.Fatalf("%s: %s", d, strings.Join(plan.Messages(), "\n"))
		}
		changes += len(plan.Edits())
		var out bytes.Buffer
		if err := input.Write(&out, plan.Edits(), nil, nil); err != nil {
			t.Fatal(err)
		}
		var after map[string]any
		if err := yaml.Unmarshal(out.Bytes(), &after); err != nil {
			t.Fatal(err)
		}
		s, err := newServer(d)
		if err != nil {
			t.Fatalf("%s: %v", d, err)
		}
		said := s.complaints(asJSON(t, before))
		for _, complaint := range s.complaints(asJSON(t, after)) {
			if !slices.Contains(said, complaint) {
				t.Errorf("%s (%s): the API server %s", d, d.Module, complaint)
			}
		}
		for _, complaint := range said {
			if strings.HasPrefix(complaint, "prunes ") {
				t.Errorf("%s (%s): what was learnt is not in the schema: the API server %s", d, d.Module, complaint)
			}
		}
	}
	t.Logf("%d changes in objects of %d learnt kinds", changes, kinds)
	if kinds < 80 || changes < 400 {
		t.Errorf("only %d changes in objects of %d kinds", changes, kinds)
	}
}

// asJSON gives an object as the API server reads it.
func asJSON(t *testing.T, object map[string]any) map[string]any {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
