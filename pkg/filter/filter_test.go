package filter_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	goyaml "go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/filter"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/podspec/crd"
	"github.com/pullable/pullable/pkg/yamledit"
)

// TestTheFilterMeansWhatTheExecutableWrites runs the executable's golden cases
// through the filter: grafted trees and spliced text are the same data.
func TestTheFilterMeansWhatTheExecutableWrites(t *testing.T) {
	folders, _ := filepath.Glob("../../fn/pullable/testdata/cases/*")
	compared := 0
	for _, folder := range folders {
		input, err := os.ReadFile(folder + "/input.yaml")
		if err != nil || bytes.Contains(input, []byte("kind: ResourceList")) {
			continue // JSON, and the envelope of hosts, are not what a filter sees
		}
		config := readConfig(t, folder+"/config.yaml")
		if config == nil {
			continue // the case is about a config that is refused
		}
		compared++
		t.Run(filepath.Base(folder), func(t *testing.T) {
			messages, _ := os.ReadFile(folder + "/expected.txt")
			fails := bytes.HasPrefix(messages, []byte("exit code")) && !bytes.HasPrefix(messages, []byte("exit code 0"))
			nodes := documents(t, input)
			before := dataOf(t, nodes)
			out, err := filter.Filter{Config: *config, Definitions: library(t, folder+"/crds.yaml")}.Filter(nodes)
			if fails {
				if err == nil {
					t.Fatal("the executable fails, the filter does not")
				}
				if diff := cmp.Diff(before, dataOf(t, nodes)); diff != "" {
					t.Errorf("a filter that fails changes nodes (-before +after)\n%s", diff)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			expected, err := os.ReadFile(folder + "/expected.yaml")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(dataOf(t, documents(t, expected)), dataOf(t, out)); diff != "" {
				t.Errorf("(-executable +filter)\n%s", diff)
			}
		})
	}
	if compared < 25 {
		t.Errorf("only %d cases were compared", compared)
	}
}

// library reads a case's definitions; nil where it has none.
func library(t *testing.T, file string) *crd.Library {
	t.Helper()
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	l := &crd.Library{}
	if n, err := l.Add(text); err != nil || n == 0 {
		t.Fatalf("%s: %d definitions, %v", file, n, err)
	}
	return l
}

func readConfig(t *testing.T, file string) *v1alpha1.ImagePullConfig {
	t.Helper()
	config := v1alpha1.Default()
	src, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return &config
	}
	doc, err := yamledit.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	config, err = v1alpha1.Decode(doc.Root(), imagepull.FindingIDs()...)
	if err != nil {
		return nil
	}
	return &config
}

func documents(t *testing.T, src []byte) (nodes []*yaml.RNode) {
	t.Helper()
	src = bytes.ReplaceAll(src, []byte("%YAML 1.2"), []byte("%YAML 1.1")) // the library refuses 1.2
	dec := goyaml.NewDecoder(bytes.NewReader(src))
	for {
		var n goyaml.Node
		switch err := dec.Decode(&n); {
		case errors.Is(err, io.EOF):
			return nodes
		case err != nil:
			t.Fatal(err)
		case n.Content[0].Kind == goyaml.MappingNode:
			nodes = append(nodes, yaml.NewRNode(n.Content[0]))
		}
	}
}

// dataOf decodes nodes; what cannot be decoded (a key that is given twice) is
// the error's text.
func dataOf(t *testing.T, nodes []*yaml.RNode) (all []any) {
	t.Helper()
	for _, n := range nodes {
		var v any
		if err := n.YNode().Decode(&v); err != nil {
			v = err.Error()
		}
		all = append(all, v)
	}
	return all
}

func TestAFilterThatFailsNamesTheFirstFindingAndCountsTheOthers(t *testing.T) {
	nodes := documents(t, []byte(`
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {image: a, imagePullPolicy: always}
  - {image: b, imagePullPolicy: never}
`))
	_, err := filter.Filter{Config: v1alpha1.Default()}.Filter(nodes)
	if err == nil || !strings.Contains(err.Error(), `v1 Pod web: spec.containers[0].imagePullPolicy: "always" is no pull policy`) || !strings.Contains(err.Error(), "and 1 more") {
		t.Errorf("error %v", err)
	}
}

func TestTheReportIsThePlan(t *testing.T) {
	nodes := documents(t, []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{image: a}]}\n"))
	var ids []imagepull.FindingID
	f := filter.Filter{Config: v1alpha1.Default(), Report: func(p *imagepull.Plan) {
		for _, e := range p.Entries {
			ids = append(ids, e.ID)
		}
	}}
	if _, err := f.Filter(nodes); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]imagepull.FindingID{imagepull.PolicySet}, ids); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAConfigThatIsNotValidIsAnError(t *testing.T) {
	config := v1alpha1.Default()
	config.PullSecrets.Add = []v1alpha1.PullSecret{{Name: "Not A Name"}}
	if _, err := (filter.Filter{Config: config}).Filter(nil); err == nil {
		t.Error("no error")
	}
}
