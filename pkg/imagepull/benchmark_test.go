package imagepull_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pullable/pullable/pkg/imagepull"
)

// deployments are 1,000 objects with a pod that lacks both policies and pull
// secrets.
func deployments(b *testing.B) []imagepull.Facts {
	b.Helper()
	var s strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&s, "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-%d\n  namespace: team\nspec:\n  template:\n    spec:\n"+
			"      initContainers:\n      - image: busybox\n      containers:\n      - image: ghcr.io/acme/web-%d:1.2\n---\n", i, i)
	}
	facts := gather(b, s.String())
	if len(facts) != 1000 {
		b.Fatalf("%d objects, want 1000", len(facts))
	}
	return facts
}

const addSecret = "pullSecrets:\n  add:\n  - name: regcred\n"

func BenchmarkDecideOver1000Objects(b *testing.B) {
	facts, c := deployments(b), config(b, addSecret)
	b.ReportAllocs()
	for b.Loop() {
		if plan := imagepull.Decide(c, facts); len(plan.Entries) < 3000 {
			b.Fatalf("%d entries, want 3000 or more", len(plan.Entries))
		}
	}
}

func BenchmarkResultsOf1000Objects(b *testing.B) {
	plan := imagepull.Decide(config(b, addSecret), deployments(b))
	b.ReportAllocs()
	for b.Loop() {
		if results := plan.Results(); len(results) < 3000 {
			b.Fatalf("%d results, want 3000 or more", len(results))
		}
	}
}

func BenchmarkEditsOf1000Objects(b *testing.B) {
	plan := imagepull.Decide(config(b, addSecret), deployments(b))
	b.ReportAllocs()
	for b.Loop() {
		if edits := plan.Edits(); len(edits) < 3000 {
			b.Fatalf("%d edits, want 3000", len(edits))
		}
	}
}
