package manifest

import "testing"

func TestLooksLikeObjects(t *testing.T) {
	for sentence, c := range map[string]struct {
		text string
		want bool
	}{
		"an object does":                                 {"apiVersion: v1\nkind: Pod\n", true},
		"an object after other documents does":           {"a: b\n---\n# x\napiVersion: v1\nkind: Pod\n", true},
		"an object with Windows line ends does":          {"apiVersion: v1\r\nkind: Pod\r\n", true},
		"an object behind a byte-order mark does":        {"\xef\xbb\xbfapiVersion: v1\nkind: Pod\n", true},
		"an object that is indented as a whole does":     {"  kind: Pod\n  apiVersion: v1\n", true},
		"quoted keys do":                                 {"\"apiVersion\": v1\n'kind' : Pod\n", true},
		"an object in braces does":                       {"{apiVersion: v1, kind: Pod}", true},
		"JSON does":                                      {"{\n  \"kind\": \"Pod\",\n  \"apiVersion\": \"v1\"\n}\n", true},
		"JSON on one line does":                          {`{"metadata":{"x":"}"},"kind":"Pod","apiVersion":"v1"}`, true},
		"the second value of a JSON stream does":         {`{"a":1} {"kind":"Pod","apiVersion":"v1"}`, true},
		"an object with an error in it does":             {"apiVersion: v1\nkind: Pod\nmetadata: {{ .Values.x\n", true},
		"a chart's own file does not, it has no kind":    {"apiVersion: v2\nname: web\n", false},
		"values that hold an object deeper down do not":  {"extra:\n  apiVersion: v1\n  kind: Pod\n", false},
		"a schema does not":                              {`{"properties":{"apiVersion":{"type":"string"},"kind":{"type":"string"}}}`, false},
		"the two fields in different documents do not":   {"apiVersion: v1\n---\nkind: Pod\n", false},
		"words in text do not":                           {"text: |\n  apiVersion: v1\n  kind: Pod\n", false},
		"keys that only begin like them do not":          {"apiVersions: v1\nkinds: Pod\n", false},
		"nothing does not":                               {"", false},
		"a template in front of the fields does":         {"{{- if .x }}\napiVersion: v1\nkind: Pod\n{{- end }}\n", true},
		"a list of patches in another language does not": {"- op: add\n  path: /kind\n  apiVersion: x\n", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			if got := LooksLikeObjects([]byte(c.text)); got != c.want {
				t.Errorf("got %v, want %v, for %q", got, c.want, c.text)
			}
		})
	}
}
