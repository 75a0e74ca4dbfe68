package main

import (
	"path/filepath"
	"testing"

	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/yamledit"
)

// TestEveryRowOfTheTableHasAGoldenCase looks for an object that each built-in
// row is for, in one of its versions, among the inputs of the golden cases.
func TestEveryRowOfTheTableHasAGoldenCase(t *testing.T) {
	inputs, err := filepath.Glob("testdata/cases/*/input.*")
	if err != nil {
		t.Fatal(err)
	}
	table := podspec.Builtin().Embedded()
	shown := map[*podspec.Kind]bool{}
	for _, file := range inputs {
		input, err := manifest.Read([]byte(read(t, file)))
		if err != nil {
			continue // a case of bad input
		}
		rows, err := manifest.Each(input, func(o manifest.Object, _ yamledit.Node) *podspec.Kind {
			return table.Lookup(o.Group(), o.Version(), o.Kind)
		})
		if err != nil {
			continue
		}
		for _, k := range rows {
			shown[k] = true
		}
	}
	if len(shown) < 100 {
		t.Fatalf("the cases show %d rows; are they found at all?", len(shown))
	}
	for _, k := range table.Kinds() {
		if !shown[k] {
			t.Errorf("no case has a %s of %q in %v", k.Kind, k.Group, k.Versions)
		}
	}
}
