package crds

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
)

// server does to objects of one kind what the API server does.
type server struct {
	structural *structuralschema.Structural
	validator  validation.SchemaValidator
}

func newServer(d Definition) (*server, error) {
	text, err := json.Marshal(d.Schema)
	if err != nil {
		return nil, err
	}
	var v1 apiextensionsv1.JSONSchemaProps
	if err := json.Unmarshal(text, &v1); err != nil {
		return nil, err
	}
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&v1, &internal, nil); err != nil {
		return nil, err
	}
	s := &server{}
	if s.structural, err = structuralschema.NewStructural(&internal); err != nil {
		return nil, err
	}
	s.validator, _, err = validation.NewSchemaValidator(&internal)
	return s, err
}

// complaints are the fields that the API server would prune, and what it says of the others.
func (s *server) complaints(object map[string]any) (all []string) {
	for _, err := range validation.ValidateCustomResource(nil, object, s.validator) {
		all = append(all, "refuses "+err.Error())
	}
	pruned := pruning.PruneWithOptions(object, s.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range pruned {
		all = append(all, "prunes "+path)
	}
	return all
}

func objectsOf(file string) ([]map[string]any, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []map[string]any
	for dec := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var object map[string]any
		err := dec.Decode(&object)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		// The API server reads JSON: its numbers and lists are those of encoding/json.
		var asJSON map[string]any
		data, err := json.Marshal(object)
		if err == nil {
			err = json.Unmarshal(data, &asJSON)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, asJSON)
	}
}

// The golden cases are short, so that the API server has something to say about many of them as they come in. It must say
// nothing more about what pullable makes of them.
func TestTheAPIServerAcceptsAndKeepsWhatPullableWrites(t *testing.T) {
	servers := map[string]*server{}
	for _, d := range all(t) {
		s, err := newServer(d)
		if err != nil {
			t.Fatalf("%s (%s): %v", d, d.Module, err)
		}
		servers[d.String()] = s
	}
	folders, err := filepath.Glob("../../../fn/pullable/testdata/cases/kind*")
	if err != nil {
		t.Fatal(err)
	}
	checked := map[string]bool{}
	for _, folder := range folders {
		after, err := objectsOf(folder + "/expected.yaml")
		if errors.Is(err, os.ErrNotExist) {
			continue // the case is about a failure
		}
		if err != nil {
			t.Fatalf("%s: %v", folder, err)
		}
		before, err := objectsOf(folder + "/input.yaml")
		if err != nil || len(before) != len(after) {
			t.Fatalf("%s: %d objects became %d: %v", folder, len(before), len(after), err)
		}
		for i := range after {
			name := fmt.Sprint(after[i]["apiVersion"], " ", after[i]["kind"])
			s := servers[name]
			if s == nil {
				continue
			}
			checked[name] = true
			said := s.complaints(before[i])
			for _, complaint := range s.complaints(after[i]) {
				if !slices.Contains(said, complaint) {
					t.Errorf("%s: %s: the API server %s", filepath.Base(folder), name, complaint)
				}
			}
		}
	}
	t.Logf("%d kinds", len(checked))
	if len(checked) < 50 {
		t.Errorf("the objects of %d kinds were checked, want at least 50", len(checked))
	}
}

func TestAFieldThatADefinitionLacksIsPrunedAndAWrongValueRefused(t *testing.T) {
	for _, d := range all(t) {
		if d.String() != "argoproj.io/v1alpha1 Rollout" {
			continue
		}
		s, err := newServer(d)
		if err != nil {
			t.Fatal(err)
		}
		got := s.complaints(map[string]any{
			"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": map[string]any{"name": "a"},
			"spec": map[string]any{"template": map[string]any{"spec": map[string]any{
				"containers":       []any{map[string]any{"name": "a", "pullPolicy": "Always"}},
				"imagePullSecrets": "a",
			}}},
		})
		if len(got) != 2 {
			t.Errorf("the API server says %q", got)
		}
	}
}
