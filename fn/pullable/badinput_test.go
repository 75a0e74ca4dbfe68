package main

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

const resourceList = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"

// podWith is a pod with lines of its own in its spec.
func podWith(lines ...string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  " + strings.Join(lines, "\n  ") + "\n"
}

var badInputs = map[string]struct {
	input string
	code  int
	says  []string // in the one message that matters
}{
	"an empty input is taken for a broken pipe":    {"", exitBadInput, []string{"empty", "--allow-empty"}},
	"text that is not YAML":                        {"a: b: c\n", exitBadInput, []string{"line 1"}},
	"the line of an error is the input's":          {"apiVersion: v1\nkind: Pod\n---\na: [\n", exitBadInput, []string{"document 2", "line 4"}},
	"a scalar is no object":                        {"hello\n", exitBadInput, []string{"mapping with apiVersion and kind", "a string"}},
	"a list is no object":                          {"- a\n", exitBadInput, []string{"mapping with apiVersion and kind", "a list"}},
	"an object without a kind":                     {"apiVersion: v1\nmetadata: {name: a}\n", exitBadInput, []string{"no kind"}},
	"an object without an apiVersion":              {"kind: Pod\n", exitBadInput, []string{"no apiVersion"}},
	"a kind that is a number":                      {"apiVersion: v1\nkind: 1\n", exitBadInput, []string{"kind must be a string"}},
	"a kind that is given twice":                   {"apiVersion: v1\nkind: Pod\nkind: Job\n", exitBadInput, []string{`"kind" is given twice`}},
	"a ResourceList without items":                 {resourceList, exitBadInput, []string{"items: []"}},
	"a ResourceList with null items":               {resourceList + "items:\n", exitBadInput, []string{"items: []"}},
	"a ResourceList with items that are a mapping": {resourceList + "items: {a: b}\n", exitBadInput, []string{"items", "list"}},
	"a ResourceList with an item that is a string": {resourceList + "items:\n- a\n", exitBadInput, []string{"items[0]", "mapping"}},
	"a ResourceList of an unknown version":         {"apiVersion: config.kubernetes.io/v2\nkind: ResourceList\nitems: []\n", exitBadInput, []string{"config.kubernetes.io/v1"}},
	"a ResourceList beside another document":       {resourceList + "items: []\n---\n" + podWith(), exitBadInput, []string{"only document"}},
	"a functionConfig with an unknown field": {
		resourceList + "items: []\nfunctionConfig:\n  apiVersion: pullable.dev/v1alpha1\n  kind: ImagePullConfig\n  pullPolicy: {modus: Fill}\n",
		exitBadInput, []string{"functionConfig", "pullPolicy.modus", "mode"},
	},
	"a functionConfig with a wrong type": {
		resourceList + "items: []\nfunctionConfig:\n  apiVersion: pullable.dev/v1alpha1\n  kind: ImagePullConfig\n  pullSecrets: {add: regcred}\n",
		exitBadInput, []string{"functionConfig", "pullSecrets.add", "list"},
	},
	"a functionConfig of another kind": {
		resourceList + "items: []\nfunctionConfig:\n  apiVersion: example.com/v1\n  kind: Other\n",
		exitBadInput, []string{"functionConfig", "ImagePullConfig", "ConfigMap"},
	},
	"a ConfigMap with an unknown key": {
		resourceList + "items: []\nfunctionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  data: {pullSecret: regcred}\n",
		exitBadInput, []string{"pullSecret", "pullSecrets"},
	},
	"an image that is a mapping":                    {podWith("containers: [{image: {a: b}}]"), exitFindings, []string{"v1 Pod web: spec.containers[0].image is a mapping", "wrong-type"}},
	"an image that is a number":                     {podWith("containers: [{image: 1.5}]"), exitFindings, []string{"spec.containers[0].image is a number", "quotes"}},
	"containers that are a mapping":                 {podWith("containers: {image: a}"), exitFindings, []string{"spec.containers is a mapping", "list"}},
	"a container that is a string":                  {podWith("containers: [nginx]"), exitFindings, []string{"spec.containers[0] is a string", "mapping"}},
	"a spec that is a list":                         {"apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: []\n", exitFindings, []string{"spec is a list", "mapping"}},
	"a policy that is a list":                       {podWith("containers: [{image: a, imagePullPolicy: []}]"), exitFindings, []string{"spec.containers[0].imagePullPolicy is a list", "Always"}},
	"pull secrets that are a mapping":               {podWith("imagePullSecrets: {name: a}"), exitFindings, []string{"spec.imagePullSecrets is a mapping", "{name: …}"}},
	"pull secrets that are a string":                {podWith("imagePullSecrets: regcred"), exitFindings, []string{"spec.imagePullSecrets is a string", "{name: …}"}},
	"pull secrets that are strings":                 {podWith("imagePullSecrets: [regcred]"), exitFindings, []string{"spec.imagePullSecrets[0] is a string", "{name: …}"}},
	"a pull secret whose name is a list":            {podWith("imagePullSecrets: [{name: []}]"), exitFindings, []string{"spec.imagePullSecrets[0].name is a list"}},
	"a duplicate key on a path that is read":        {podWith("containers: []", "containers: [{image: a}]"), exitFindings, []string{"spec.containers is given twice", "duplicate-key"}},
	"a policy that is given twice":                  {podWith("containers:", "- image: a", "  imagePullPolicy: Always", "  imagePullPolicy: Never"), exitFindings, []string{"spec.containers[0].imagePullPolicy is given twice"}},
	"pull secrets that are given twice":             {podWith("imagePullSecrets: []", "imagePullSecrets: [{name: a}]"), exitFindings, []string{"spec.imagePullSecrets is given twice"}},
	"a tab for indentation":                         {podWith("containers:", "\t- image: a"), exitBadInput, []string{"line 7"}},
	"bytes that are not UTF-8":                      {podWith("containers:", "- image: \xff"), exitBadInput, []string{"UTF-8", "line 7"}},
	"UTF-16":                                        {"\xff\xfea\x00:\x00", exitBadInput, []string{"UTF-16"}},
	"an input that is cut off in a string":          {strings.TrimSuffix(podWith("containers:", "- image: \"ngin"), "\n"), exitBadInput, []string{"line"}},
	"an input that is cut off in JSON":              {`{"apiVersion": "v1", "kind": "Pod", "spec": {"cont`, exitBadInput, []string{"line 1"}},
	"an input that is cut off in braces":            {podWith("containers: [{image: a}, {ima"), exitBadInput, []string{"line"}},
	"an alias without an anchor":                    {podWith("containers: [*nothing]"), exitBadInput, []string{"anchor"}},
	"nesting that is 20,000 deep":                   {podWith("a: " + strings.Repeat("[", 20000) + strings.Repeat("]", 20000)), exitBadInput, []string{"depth"}},
	"block nesting that is 20,000 deep":             {podWith("a: ", "  "+strings.Repeat("- ", 20000)+"a"), exitBadInput, []string{"depth"}},
	"aliases that multiply the steps of a workflow": {bomb(), exitFindings, []string{"spec", "aliases", "too-large"}},
	"a control character":                           {podWith("containers:", "- image: \"a\x01\""), exitBadInput, []string{"control"}},
}

// bomb is a workflow whose steps are nine times nine times … the same steps.
func bomb() string {
	s := "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: bomb}\nspec:\n  templates:\n  - container: {image: a}\n"
	nine := func(of string) string { return strings.TrimSuffix(strings.Repeat(of+", ", 9), ", ") }
	for i := range 12 {
		inline := "{container: {image: a}}"
		if i > 0 {
			inline = fmt.Sprintf("{steps: [[%s]]}", nine(fmt.Sprintf("{inline: *a%d}", i-1)))
		}
		s += fmt.Sprintf("  - steps: [[{inline: &a%d %s}]]\n", i, inline)
	}
	return s
}

func TestBadInputGetsOneClearErrorAndNoOutput(t *testing.T) {
	for name, test := range badInputs {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			got := pullable(test.input)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if got.code != test.code {
				t.Errorf("exit code %d, want %d", got.code, test.code)
			}
			if got.stdout != "" {
				t.Errorf("standard output: %.200q", got.stdout)
			}
			if lines := strings.Count(got.stderr, "\n"); lines != 1 {
				t.Errorf("%d lines on standard error, want 1:\n%s", lines, got.stderr)
			}
			if len(got.stderr) > 600 {
				t.Errorf("a message of %d bytes", len(got.stderr))
			}
			for _, word := range test.says {
				if !strings.Contains(got.stderr, word) {
					t.Errorf("the message does not say %q:\n%s", word, got.stderr)
				}
			}
		})
	}
}

func TestInputsThatLookBadAndAreNot(t *testing.T) {
	for name, input := range map[string]string{
		"a byte-order mark": "\ufeff" + podWith("containers:", "- image: a:1", "  imagePullPolicy: Always"),
		"comments alone":    "# nothing\n",
		"separators alone":  "---\n---\n",
		"items: []":         resourceList + "items: []\n",
		"a null document":   "---\nnull\n---\n",
		"a duplicate key on a path that nobody reads": podWith("nodeSelector: {a: b, a: c}"),
		"an alias in a circle":                        podWith("a: &a [*a]"),
		"nesting that is 5,000 deep":                  podWith("a: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000)),
		"a billion laughs that nobody reads":          laughs(),
		"a Secret that is not base64":                 "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: '%%%'}\n",
	} {
		t.Run(name, func(t *testing.T) {
			got := pullable(input)
			if got.code != exitDone || got.stderr != "" {
				t.Errorf("exit code %d: %s", got.code, got.stderr)
			}
			if got.stdout != input {
				t.Errorf("the output is not the input: %.200q", got.stdout)
			}
		})
	}
}

func laughs() string {
	s := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a0: &a0 lol\n"
	for i := 1; i < 30; i++ {
		s += fmt.Sprintf("  a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 8), i-1)
	}
	return s
}

func TestAnEmptyInputPassesWhenItIsMeant(t *testing.T) {
	if got := pullable("", "--allow-empty"); got != (output{}) {
		t.Errorf("%+v", got)
	}
}

func TestAnItemOfAHundredMegabytesWorks(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while and half a gigabyte of memory")
	}
	line := "    " + strings.Repeat("x", 96) + "\n"
	input := podWith("containers:", "- image: a") + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata:\n  big: |\n" +
		strings.Repeat(line, 100<<20/len(line)) + "---\n" + podWith("containers:", "- image: b:1")
	var out bytes.Buffer
	if code := run(nil, strings.NewReader(input), &out, io.Discard); code != exitDone {
		t.Fatalf("exit code %d", code)
	}
	if grown := out.Len() - len(input); grown != len("    imagePullPolicy: Always\n")+len("    imagePullPolicy: IfNotPresent\n") {
		t.Errorf("the output has %d bytes more than the input", grown)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("memory from the system: %d MB", m.Sys>>20)
}

func TestFlagsAndFiles(t *testing.T) {
	file := t.TempDir() + "/config.yaml"
	write(t, file, "kind: [\n")
	for name, test := range map[string]struct {
		input string
		args  []string
		code  int
		says  string
	}{
		"an unknown flag":             {podWith(), []string{"--colour"}, exitBadInput, "unknown flag"},
		"an argument":                 {podWith(), []string{"deploy.yaml"}, exitBadInput, "deploy.yaml"},
		"a config that is not there":  {podWith(), []string{"--config", "nothing.yaml"}, exitBadInput, "nothing.yaml"},
		"a config that is not YAML":   {podWith(), []string{"--config", file}, exitBadInput, "config.yaml: line"},
		"a config beside the input's": {resourceList + "items: []\nfunctionConfig: {apiVersion: v1, kind: ConfigMap}\n", []string{"--config", file}, exitBadInput, "remove one"},
		"the version":                 {"", []string{"--version"}, exitDone, ""},
		"the help":                    {"", []string{"--help"}, exitDone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := pullable(test.input, test.args...)
			if got.code != test.code || !strings.Contains(got.stderr, test.says) {
				t.Errorf("exit code %d, want %d; message %q, want %q", got.code, test.code, got.stderr, test.says)
			}
			if (got.code == exitDone) != (got.stdout != "") {
				t.Errorf("standard output: %q", got.stdout)
			}
		})
	}
}

func TestTheHelpSaysWhatANewcomerNeeds(t *testing.T) {
	help := pullable("", "--help").stdout
	for _, word := range []string{"standard input", "--config", "--allow-empty", "Exit codes", "ImagePullConfig", "KRM function"} {
		if !strings.Contains(help, word) {
			t.Errorf("the help does not say %q:\n%s", word, help)
		}
	}
}
