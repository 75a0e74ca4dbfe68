package yamledit

import (
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestMentionsLooksAtTheNodesOwnText(t *testing.T) {
	doc, err := Parse([]byte("a:\n  imagePullPolicy: x\nb: {c: [d]} # imagePullPolicy\ne: |\n  PullSecret\n"))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]bool{"a": true, "b": false, "e": true} {
		v, _ := doc.Root().Get(key)
		if got := v.Mentions("ullPolicy", "ullSecret"); got != want {
			t.Errorf("%s: %v", key, got)
		}
	}
	if doc.Root().Mentions("ullpolicy") || !doc.Root().Mentions("ullSecret") {
		t.Error("the whole text")
	}
	var tree yaml.Node
	if err := yaml.Unmarshal([]byte("a: b\n"), &tree); err != nil {
		t.Fatal(err)
	}
	if !FromYAML(&tree).Root().Mentions("c") {
		t.Error("a tree without a text may mention anything")
	}
}
