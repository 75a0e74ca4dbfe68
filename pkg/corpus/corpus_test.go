package corpus

import (
	"strings"
	"testing"

	"github.com/pullable/pullable/pkg/internal/modules"
)

func TestTheCorpusIsLargeEnoughToMeanSomething(t *testing.T) {
	var o oracle
	objects := 0
	files := Files(t)
	for _, f := range files {
		documents, err := f.Documents()
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		for _, d := range documents {
			objects++
			o.object(d.(map[string]any))
		}
	}
	t.Logf("%d files, %d objects, %d pod and workflow specs, %d images, of which %d have no policy and %d are no reference",
		len(files), objects, o.pods, o.containers, o.policies, o.unknown)
	if objects < 500 || o.containers < 300 {
		t.Errorf("%d objects and %d containers, want at least 500 and 300", objects, o.containers)
	}
}

func TestNoFileComesTwice(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Files(t) {
		if seen[f.String()] {
			t.Errorf("%s comes twice", f)
		}
		seen[f.String()] = true
	}
}

func TestAModuleWithAnotherSumIsRefused(t *testing.T) {
	module, rest, _ := strings.Cut(modulesSum, " ")
	version, sum, _ := strings.Cut(rest, " ")
	sum, _, _ = strings.Cut(sum, "\n")
	if _, err := modules.Dir(module, version, sum); err != nil {
		t.Fatal(err)
	}
	if _, err := modules.Dir(module, version, sum+"x"); err == nil {
		t.Error("a module is taken whose content is not what modules.sum says")
	}
}
