package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestLaws holds what is true of every input: over generated manifests in many
// styles and configs of every mode.
func TestLaws(t *testing.T) {
	rounds := 2000
	if testing.Short() {
		rounds = 200
	}
	config := t.TempDir() + "/config.yaml"
	for seed := range rounds {
		g := generator{rand.New(rand.NewPCG(uint64(seed), 7))}
		input := g.stream()
		write(t, config, g.config())
		if problem := checkLaws(input, config); problem != "" {
			t.Fatalf("seed %d: %s\n--- config\n%s\n--- input\n%s", seed, problem, read(t, config), input)
		}
	}
}

func checkLaws(input, config string) string {
	first := pullable(input, "--config", config)
	if first.code != exitDone {
		return fmt.Sprintf("exit code %d: %s", first.code, first.stderr)
	}
	if again := pullable(input, "--config", config); again != first {
		return "two runs over one input differ"
	}
	second := pullable(first.stdout, "--config", config)
	if second.stdout != first.stdout {
		return "a second run changes something:\n" + second.stdout
	}
	if problem := onlyWholeLines(input, first.stdout); problem != "" {
		return problem
	}
	return sameObjects(input, first.stdout)
}

// onlyWholeLines proves that the lines of the input on which no edit can be due
// (no flow collection, no policy, no name of a pull secret) are in the output,
// in their order and to the byte.
func onlyWholeLines(input, output string) string {
	out := strings.SplitAfter(output, "\n")
	at := 0
	for _, line := range strings.SplitAfter(input, "\n") {
		if strings.ContainsAny(line, "{[") || strings.Contains(line, "Policy") || strings.Contains(line, "imagePullSecrets") || strings.Contains(line, "- name: ") {
			continue
		}
		for at < len(out) && strings.TrimRight(out[at], "\r\n") != strings.TrimRight(line, "\r\n") {
			at++
		}
		if at == len(out) {
			return fmt.Sprintf("the line %q is not in the output:\n%s", line, output)
		}
		at++
	}
	return ""
}

// sameObjects proves that the output holds the objects of the input in their
// order, with every image and its policy decided at most once and no pull secret
// twice.
func sameObjects(input, output string) string {
	before, after := decodeAll(input), decodeAll(output)
	if len(before) != len(after) {
		return fmt.Sprintf("%d objects became %d", len(before), len(after))
	}
	for i := range before {
		if a, b := withoutOurFields(before[i]), withoutOurFields(after[i]); a != b {
			return fmt.Sprintf("object %d: other fields changed:\n%s\n%s", i, a, b)
		}
	}
	return ""
}

func decodeAll(text string) []any {
	dec := yaml.NewDecoder(strings.NewReader(text))
	var all []any
	for {
		var v any
		if err := dec.Decode(&v); err != nil {
			return all
		}
		all = append(all, v)
	}
}

// withoutOurFields prints data without the fields that pullable writes. A pull
// secret that stands twice in a list is printed.
func withoutOurFields(v any) string {
	switch v := v.(type) {
	case map[string]any:
		rest := map[string]string{}
		for key, value := range v {
			switch key {
			case "imagePullPolicy", "pullPolicy":
			case "imagePullSecrets":
				seen := map[string]bool{}
				list, _ := value.([]any)
				for _, item := range list {
					name := fmt.Sprint(item)
					if seen[name] && !strings.Contains(name, "twice") {
						rest[key] += "duplicate " + name
					}
					seen[name] = true
				}
			default:
				rest[key] = withoutOurFields(value)
			}
		}
		return fmt.Sprint(rest)
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, withoutOurFields(item))
		}
		return fmt.Sprint(items)
	}
	return fmt.Sprint(v)
}

// A generator makes manifests and configs in many styles.
type generator struct{ *rand.Rand }

func (g generator) oneOf(choices ...string) string { return choices[g.IntN(len(choices))] }
func (g generator) maybe() bool                    { return g.IntN(2) == 0 }

func (g generator) image() string {
	return g.oneOf("nginx", "nginx:latest", "nginx:1.27", "registry.example.com/team/app", "registry.example.com:5000/app:1", "a.example.com/x@sha256:"+strings.Repeat("a", 64), "\"{{ .image }}\"", "'app:{{ tag }}'", "\"{{reg}}/app:latest\"", "Not:Valid:Image")
}

func (g generator) config() string {
	return fmt.Sprintf(`apiVersion: pullable.dev/v1alpha1
kind: ImagePullConfig
pullPolicy:
  mode: %s
  movingTags: [%s]
pullSecrets:
  add:
  - name: regcred
    images: [%s]
  - name: all
  remove: [%s]
`, g.oneOf("Fill", "Enforce", "None"), g.oneOf("", "main", "\"1.*\""), g.oneOf("registry.example.com", "docker.io", "\"*.example.com\""), g.oneOf("", "old", "old, mine"))
}

func (g generator) stream() string {
	var s strings.Builder
	for range 1 + g.IntN(4) {
		s.WriteString(g.object())
		s.WriteString(g.oneOf("---\n", "---\n# between\n", "\n---\n", "...\n---\n"))
	}
	text := s.String()
	if g.maybe() {
		text = strings.TrimSuffix(text, "---\n")
	}
	switch g.IntN(6) {
	case 0:
		text = strings.ReplaceAll(text, "\n", "\r\n")
	case 1:
		text = strings.TrimRight(text, "\n-.")
	}
	return text
}

func (g generator) object() string {
	pod := func(apiVersion, kind, path string) string {
		return fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: x}\n", apiVersion, kind) + g.podSpec(path)
	}
	switch g.IntN(6) {
	case 0:
		return pod("v1", "Pod", "spec")
	case 1:
		return pod("batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec")
	case 2:
		return g.workflow()
	case 3:
		return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: |\n    image: nginx\n\n    - b\n  c: \"d\n    e\"\n"
	}
	return pod("apps/v1", "Deployment", "spec.template.spec")
}

// podSpec writes a pod spec below a path, with an indentation and list style of
// its own.
func (g generator) podSpec(path string) string {
	step := g.oneOf("  ", "    ", " ")
	var s strings.Builder
	indent := ""
	for field := range strings.SplitSeq(path, ".") {
		s.WriteString(indent + field + ":" + g.oneOf("", "  # why", "") + "\n")
		indent += step
	}
	dash := indent + g.oneOf("", "  ")
	before := g.maybe()
	if before {
		s.WriteString(g.secrets(indent, dash))
	}
	for _, list := range []string{"initContainers", "containers"} {
		if list == "initContainers" && g.maybe() {
			continue
		}
		s.WriteString(indent + list + ":\n")
		for range 1 + g.IntN(3) {
			s.WriteString(g.container(dash))
		}
	}
	if !before {
		s.WriteString(g.secrets(indent, dash))
	}
	if g.maybe() {
		s.WriteString(indent + "restartPolicy: Never\n")
	}
	return s.String()
}

func (g generator) secrets(indent, dash string) string {
	switch g.IntN(8) {
	case 0:
		return indent + "imagePullSecrets: [{name: mine}, {name: old}]\n"
	case 1:
		return indent + "imagePullSecrets:\n" + dash + "- name: old\n" + dash + "- name: mine # keep\n"
	case 2:
		return indent + "imagePullSecrets: []\n"
	case 3:
		return indent + "imagePullSecrets:" + g.oneOf("", " ~", " # none") + "\n"
	case 4:
		return indent + "imagePullSecrets:\n" + dash + "- name: twice\n" + dash + "- name: \"\"\n" + dash + "- name: twice\n"
	}
	return ""
}

func (g generator) container(dash string) string {
	policy := g.oneOf("", "", "", "Always", "Never", "\"IfNotPresent\"", "''", "'{{ .p }}'")
	switch g.IntN(5) {
	case 0:
		if policy != "" {
			policy = ", imagePullPolicy: " + policy
		}
		return fmt.Sprintf("%s- {name: c, image: %s%s}\n", dash, quoted(g.image()), policy)
	case 1:
		return dash + "- # the one\n" + dash + "  image: " + g.image() + "\n" + dash + "  name: c\n"
	}
	s := dash + "- image: " + g.image() + g.oneOf("", " # why") + "\n"
	if g.maybe() {
		s = dash + "- name: c\n" + dash + "  image: " + g.image() + "\n"
	}
	if policy != "" {
		s += dash + "  imagePullPolicy: " + policy + "\n"
	}
	if g.maybe() {
		s += dash + "  args:\n" + dash + "  - |\n" + dash + "    echo image: x\n" + g.oneOf("", "\n") + dash + "    exit\n"
	}
	if g.IntN(4) == 0 {
		s += dash + "  # below\n"
	}
	return s
}

// quoted puts an image into quotes, which it needs inside of braces.
func quoted(image string) string {
	if strings.HasPrefix(image, "\"") || strings.HasPrefix(image, "'") {
		return image
	}
	return "\"" + image + "\""
}

func (g generator) workflow() string {
	s := "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata:\n  generateName: w-\nspec:\n" + g.secrets("  ", "  ") + "  templates:\n"
	for range 1 + g.IntN(3) {
		switch g.IntN(3) {
		case 0:
			s += "  - name: t\n    container:\n      image: " + g.image() + "\n"
		case 1:
			s += "  - name: t\n    script: {image: " + quoted(g.image()) + ", source: x}\n"
		case 2:
			s += "  - name: t\n    steps:\n    - - name: s\n        inline:\n          container:\n            image: " + g.image() + "\n"
		}
	}
	return s
}
