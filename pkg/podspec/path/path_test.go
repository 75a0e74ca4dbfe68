package path

import (
	"slices"
	"testing"
)

func TestAPathIsReadAsItIsWritten(t *testing.T) {
	for text, want := range map[string]Path{
		"spec":                                {{Field: "spec"}},
		"spec.containers[]":                   {{Field: "spec"}, {Field: "containers", Depth: 1}},
		"steps[][].hooks{}":                   {{Field: "steps", Depth: 2}, {Field: "hooks", Values: true}},
		"templates[].resource.manifest|":      {{Field: "templates", Depth: 1}, {Field: "resource"}, {Field: "manifest", Text: true}},
		`data["sidecar.container"]|`:          {{Field: "data"}, {Field: "sidecar.container", Text: true}},
		"data.config|.workflowDefaults.spec":  {{Field: "data"}, {Field: "config", Text: true}, {Field: "workflowDefaults"}, {Field: "spec"}},
		"data{}|.items[]":                     {{Field: "data", Values: true, Text: true}, {Field: "items", Depth: 1}},
		`metadata.labels["a.b/c"]["d"].e`:     {{Field: "metadata"}, {Field: "labels"}, {Field: "a.b/c"}, {Field: "d"}, {Field: "e"}},
		"patches[]|.spec":                     {{Field: "patches", Depth: 1, Text: true}, {Field: "spec"}},
		"imagePullSecrets":                    {{Field: "imagePullSecrets"}},
		`["a.b"].c`:                           {{Field: "a.b"}, {Field: "c"}},
		"spec.jobTemplate.spec.template.spec": {{Field: "spec"}, {Field: "jobTemplate"}, {Field: "spec"}, {Field: "template"}, {Field: "spec"}},
	} {
		got, err := Parse(text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		again, err := Parse(got.String())
		if err != nil || !slices.Equal(again, want) {
			t.Errorf("%s is written %s", text, got)
		}
	}
}

func TestWhatIsNoPathIsAnError(t *testing.T) {
	for _, text := range []string{"", ".", "a.", ".a", "a..b", "a[", "a]", "a[]{}", "a{}{}", "a||", "a|[]", "a|b", `a["b]`, `a[""]`, "a{}[]", "a[0]"} {
		if p, err := Parse(text); err == nil {
			t.Errorf("%q is read as %v", text, p)
		}
	}
}
