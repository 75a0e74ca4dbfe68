package main

import (
	"encoding/json"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/pullable/pullable/pkg/podspec"
)

func TestTheTableOfKindsHasEveryRow(t *testing.T) {
	got := pullable("", "kinds")
	if got.code != exitDone || got.stderr != "" {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	lines := strings.Split(strings.TrimSpace(got.stdout), "\n")[1:]
	for _, k := range podspec.Builtin().Kinds() {
		found := false
		for _, line := range lines {
			words := strings.Fields(line)
			found = found || words[1] == k.Kind && (words[0] == k.Group || k.Group == "" && words[0] == "v1") && strings.HasSuffix(line, k.Source)
		}
		if !found {
			t.Errorf("%s/%s is missing", k.Group, k.Kind)
		}
	}
}

func TestTheRowsOfTheConfigAreMarkedAndGoFirst(t *testing.T) {
	config := t.TempDir() + "/config.yaml"
	write(t, config, `apiVersion: pullable.dev/v1alpha1
kind: ImagePullConfig
kinds:
- {group: example.com, versions: [v1], kind: Widget, pods: [{path: spec, shape: PodSpec}], source: mine}
- {group: apps, versions: [v1], kind: Deployment, pods: [{path: spec.pods, shape: PodSpec}]}
`)
	got := pullable("", "kinds", "Widget", "-o", "json", "--config", config)
	want := `{
  "kinds": [
    {
      "group": "example.com",
      "versions": [
        "v1"
      ],
      "kind": "Widget",
      "pods": [
        {
          "path": "spec",
          "shape": "PodSpec"
        }
      ],
      "source": "mine",
      "by": "config"
    }
  ]
}
`
	if got.code != exitDone || got.stdout != want {
		t.Errorf("exit code %d %s\n%s", got.code, got.stderr, got.stdout)
	}
	got = pullable("", "kinds", "apps/v1 Deployment", "-o", "yaml", "--config", config)
	if first, second := strings.Index(got.stdout, "spec.pods"), strings.Index(got.stdout, "spec.template.spec"); first < 0 || second < first {
		t.Errorf("the config's row does not stand first:\n%s", got.stdout)
	}
}

// A row that is printed is one that a config takes, and the example of each kind
// is an object that pullable has done.
func TestEveryKindPrintsARowForAConfigAndAnExample(t *testing.T) {
	config := t.TempDir() + "/config.yaml"
	for _, k := range podspec.Builtin().Kinds() {
		name := strings.TrimPrefix(k.Group+"/"+k.Versions[0]+" "+k.Kind, "/")
		got := pullable("", "kinds", name)
		if got.code != exitDone {
			t.Fatalf("%s: %s", name, got.stderr)
		}
		if k.Never != "" {
			continue
		}
		rows, examples, _ := strings.Cut(got.stdout, "---\n")
		write(t, config, "apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\nembedded: true\n"+rows)
		if again := pullable("", "kinds", "-o", "json", "--config", config); again.code != exitDone {
			t.Errorf("%s: its row is no row of a config: %s", name, again.stderr)
		}
		if len(k.Pods) == 0 {
			continue
		}
		var object map[string]any
		if err := yaml.Unmarshal([]byte(examples), &object); err != nil || object["kind"] != k.Kind {
			t.Errorf("%s: %v in the example\n%s", name, err, examples)
		}
		if !strings.Contains(examples, "regcred") && strings.Contains(rows, "ecrets: ") {
			t.Errorf("%s: the example has no pull secret\n%s", name, got.stdout)
		}
		if again := pullable(examples); again.code != exitDone || again.stdout != examples {
			t.Errorf("%s: the example is not done\n%s", name, again.stdout)
		}
	}
}

func TestTheKindsForAProgramAreTheTable(t *testing.T) {
	var printed struct{ Kinds []map[string]any }
	if err := json.Unmarshal([]byte(pullable("", "kinds", "-o", "json").stdout), &printed); err != nil {
		t.Fatal(err)
	}
	if len(printed.Kinds) != len(podspec.Builtin().Kinds()) {
		t.Errorf("%d rows, want %d", len(printed.Kinds), len(podspec.Builtin().Kinds()))
	}
}

func TestAKindThatIsNotThereOrAWrongOutputIsAnError(t *testing.T) {
	for args, want := range map[string]string{
		"kinds Nothing":    "pullable: the table has no kind Nothing; a row of the config (kinds) would teach it, or its CustomResourceDefinition if that says where pods stand (--crds): see pullable kinds Deployment for a row's form\n",
		"kinds -o toml":    "pullable: --output is \"toml\"; it must be one of table, yaml, json\n",
		"kinds Pod Deploy": "pullable: accepts at most 1 arg(s), received 2\n",
	} {
		got := pullable("", strings.Split(args, " ")...)
		if got.code != exitBadInput || got.stderr != want || got.stdout != "" {
			t.Errorf("%s: exit code %d, %q", args, got.code, got.stderr)
		}
	}
}
