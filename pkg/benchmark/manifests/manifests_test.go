package manifests_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/pullable/pullable/pkg/benchmark/manifests"
)

const n = 1000

func stream(t *testing.T, seed uint64) string {
	t.Helper()
	var b bytes.Buffer
	if err := manifests.Stream(&b, seed, n); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func objects(t *testing.T, text string) []map[string]any {
	t.Helper()
	var all []map[string]any
	d := yaml.NewDecoder(strings.NewReader(text))
	for {
		var o map[string]any
		err := d.Decode(&o)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("object %d: %v", len(all), err)
		}
		all = append(all, o)
	}
}

func TestTheSameSeedGivesTheSameBytesAndAnotherSeedOthers(t *testing.T) {
	first, again := stream(t, 1), stream(t, 1)
	if first != again {
		t.Error("two runs with one seed differ")
	}
	if first == stream(t, 2) {
		t.Error("two seeds give the same text")
	}
}

func TestTheMixIsThatOfARealPackage(t *testing.T) {
	text := stream(t, 1)
	all := objects(t, text)
	if len(all) != n {
		t.Fatalf("%d objects, want %d", len(all), n)
	}
	kinds := map[string]int{}
	for _, o := range all {
		kinds[fmt.Sprint(o["kind"])]++
	}
	for kind, percent := range map[string]int{"Deployment": 30, "StatefulSet": 7, "CronJob": 7, "Service": 20, "ConfigMap": 16, "WorkflowTemplate": 5} {
		if got := kinds[kind] * 100 / n; got < percent-3 || got > percent+3 {
			t.Errorf("%s: %d %%, want about %d %%", kind, got, percent)
		}
	}
	if size := len(text) / n; size < 1500 || size > 2500 {
		t.Errorf("%d bytes for an object, want about 2000", size)
	}
}

func TestTheResourceListHoldsTheObjectsOfTheStreamAndWhatKptAdds(t *testing.T) {
	var b bytes.Buffer
	if err := manifests.ResourceList(&b, 1, n); err != nil {
		t.Fatal(err)
	}
	var list struct {
		Kind           string
		Items          []map[string]any
		FunctionConfig map[string]any `yaml:"functionConfig"`
	}
	if err := yaml.Unmarshal(b.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	if list.Kind != "ResourceList" || list.FunctionConfig["kind"] != "ImagePullConfig" || len(list.Items) != n {
		t.Fatalf("kind %q, functionConfig %v, %d items", list.Kind, list.FunctionConfig, len(list.Items))
	}
	for _, item := range list.Items {
		annotations := item["metadata"].(map[string]any)["annotations"].(map[string]any)
		for _, key := range []string{"index", "path"} {
			for _, prefix := range []string{"config.kubernetes.io/", "internal.config.kubernetes.io/"} {
				if annotations[prefix+key] == nil {
					t.Fatalf("%v has no annotation %s%s", item["metadata"], prefix, key)
				}
				delete(annotations, prefix+key)
			}
		}
		delete(annotations, "internal.config.kubernetes.io/seqindent")
	}
	for i, want := range objects(t, stream(t, 1)) {
		if diff := cmp.Diff(want, list.Items[i]); diff != "" {
			t.Fatalf("object %d (-stream +list)\n%s", i, diff)
		}
	}
}
