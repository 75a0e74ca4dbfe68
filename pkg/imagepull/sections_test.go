package imagepull_test

import (
	"os"
	"strings"
	"testing"

	"github.com/pullable/pullable/pkg/imagepull"
)

func TestEveryFindingAboutPullSecretsHasASection(t *testing.T) {
	text, err := os.ReadFile("../../examples/findings.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "### `"); ok {
			sections[strings.TrimSuffix(id, "`")] = true
		}
	}
	for _, kind := range imagepull.FindingKinds {
		about := kind.ID != imagepull.InvalidSkip && strings.Contains(kind.Meaning, "ecret") || strings.Contains(kind.Meaning, "ServiceAccount")
		if about && !sections[string(kind.ID)] {
			t.Errorf("examples/findings.md has no section about %s", kind.ID)
		}
		delete(sections, string(kind.ID))
	}
	delete(sections, string(imagepull.TemplateNotFound))
	for id := range sections {
		t.Errorf("examples/findings.md has a section about %s, which is no finding", id)
	}
}
