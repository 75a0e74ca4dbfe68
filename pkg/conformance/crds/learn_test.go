package crds

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/podspec/crd"
)

// learnt gives what the definitions of all modules teach, by Definition.String. A kind that several modules define is the
// first one's.
var learnt = sync.OnceValues(func() (map[string]*podspec.Kind, error) {
	found, err := definitions()
	if err != nil {
		return nil, err
	}
	taught := map[string]*podspec.Kind{}
	read := map[string]bool{}
	for _, d := range found {
		if read[d.File] {
			continue
		}
		read[d.File] = true
		text, err := os.ReadFile(d.File)
		if err != nil {
			return nil, err
		}
		var library crd.Library
		if _, err := library.Add(text); err != nil {
			return nil, err
		}
		everything := crd.Wanted{Kind: func(string, string) bool { return true }, Version: func(crd.Name) bool { return true }}
		rows, err := library.Rows(everything)
		if err != nil {
			return nil, err
		}
		// Kinds() gives pointers into the table, the built-in rows among them.
		table, err := podspec.Builtin().Learn(rows)
		if err != nil {
			return nil, err
		}
		for _, k := range table.Kinds() {
			if k.By != podspec.Schema {
				continue
			}
			for _, version := range k.Versions {
				name := Definition{Group: k.Group, Version: version, Kind: k.Kind}.String()
				if taught[name] == nil {
					taught[name] = k
				}
			}
		}
	}
	return taught, nil
})

// statements are what a row says: which policies are written, which images have a policy that is left alone, and where names
// of pull secrets are added.
func statements(k *podspec.Kind) map[string]bool {
	said := map[string]bool{}
	if k == nil {
		return said
	}
	for _, p := range k.Pods {
		stated(p.Shape, p.Path.String(), p.Never != "", said, 0)
	}
	return said
}

func stated(s *podspec.Shape, path string, never bool, said map[string]bool, depth int) {
	for _, f := range s.Images {
		at := path
		if len(f.Path) > 0 {
			at += "." + f.Path.String()
		}
		switch {
		case f.Policy == "":
			said["names "+at+"."+f.Image] = true
		case never || f.Never != "":
			said["leaves "+at+"."+f.Policy] = true
		default:
			said["writes "+at+"."+f.Policy] = true
		}
	}
	if len(s.Secrets.Path) > 0 {
		form := [...]string{"objects", "strings", "a string", "an object"}[s.Secrets.Form]
		said["adds to "+path+"."+s.Secrets.String()+" as "+form] = true
	}
	for _, p := range s.Parts {
		if depth < 2 {
			stated(p.Shape, path+"."+p.Path.String(), never || p.Never != "", said, depth+1)
		}
	}
}

// has says whether a schema has a field, as its own and not because anything may stand there.
func has(schema map[string]any, path []string) bool {
	if len(path) == 0 {
		return true
	}
	name, values := strings.CutSuffix(path[0], "{}")
	depth := 0
	for strings.HasSuffix(name, "[]") {
		name, depth = strings.TrimSuffix(name, "[]"), depth+1
	}
	properties, _ := schema["properties"].(map[string]any)
	inner, _ := properties[name].(map[string]any)
	for range depth {
		inner, _ = inner["items"].(map[string]any)
	}
	if !values {
		return inner != nil && has(inner, path[1:])
	}
	if next, ok := inner["additionalProperties"].(map[string]any); ok {
		return has(next, path[1:])
	}
	// A row may take every field of a mapping for a value.
	fields, _ := inner["properties"].(map[string]any)
	for _, v := range fields {
		if m, ok := v.(map[string]any); ok && has(m, path[1:]) {
			return true
		}
	}
	return false
}

// field is the path that a statement is about.
func field(statement string) []string {
	words := strings.Fields(strings.Replace(statement, "adds to", "adds", 1))
	return strings.Split(words[1], ".")
}

// notLearnt are the differences between the rows of the table and what the definitions teach, each with the reason. What a
// definition teaches beyond the table begins with "also".
var notLearnt = []struct{ kind, path, reason string }{
	{"(acme.)?cert-manager.io .*", "adds to .*", "no image stands beside them: only the documentation says that the solver's image belongs there"},
	{"apps.kruise.io SidecarSet", "adds to .*", "its containers take any content, so that nothing says that they hold images"},
	{"apps.kruise.io ImageListPullJob", ".*", "it is a list of images without policies, which by its schema is a list of texts"},
	{"extensions.istio.io WasmPlugin", ".*", "its image is called url, which mostly is none"},
	{"operators.coreos.com CatalogSource", ".*", "its pull secrets are called secrets, which may be any, and no policy stands beside its image"},
	{"monitoring.coreos.com Prometheus", `names spec\.thanos\.image`, "an image without a policy and pull secrets beside it may be any text"},
	{"opentelemetry.io OpenTelemetryCollector", `names spec\.targetAllocator\.image`, "an image without a policy and pull secrets beside it may be any text"},
	{"sparkoperator.k8s.io .*", `names spec\..*`, "an image without a policy and pull secrets beside it may be any text"},
	{"opentelemetry.io .*", `(writes|also leaves) spec\.imagePullPolicy`, "the operator hands an absent policy on to the pod, which only its code says"},
	{"tekton.dev (TaskRun|PipelineRun)", "adds to .*", "no image stands beside them: only the documentation says that the run's images belong there"},
	{"tekton.dev Task", `also writes spec\.stepTemplate\.imagePullPolicy`, "it is a container; only the table knows that it is a block of defaults"},
	{"jenkins.io Jenkins", `(leaves|also writes) spec\.master\.containers\[\]\.imagePullPolicy`, "the operator pulls Always, which only its code says"},
	{"actions.summerwind.dev .*", `leaves .*\.imagePullPolicy`, "a repository, here of source code, stands beside the image, so that it may be a part of one"},
	{"serving.knative.dev .*", "(leaves|also writes) .*", "its containers are those of pods; only the table knows that Knative resolves tags to digests"},
	{"serving.kserve.io .*", "(leaves|also writes) .*", "its containers are those of pods; only the table knows that Knative may resolve tags to digests"},
}

// says tells whether one of the statements of a definition is that of the table, which may be about every field of a mapping.
func says(table, schema string) bool {
	if table == schema {
		return true
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(table), `\{\}`, `(\{\}|\.[^.]+)`)
	return strings.Contains(table, "{}") && regexp.MustCompile("^"+pattern+"$").MatchString(schema)
}

func TestWhatADefinitionTeachesIsWhatTheTableSays(t *testing.T) {
	taught, err := learnt()
	if err != nil {
		t.Fatal(err)
	}
	used := map[int]bool{}
	same, raw := 0, 0
	for _, d := range all(t) {
		k := podspec.Builtin().Lookup(d.Group, d.Version, d.Kind)
		if k == nil || k.Never != "" {
			continue // there is nothing to compare, or the row says why pullable leaves the kind alone
		}
		table := slices.Sorted(maps.Keys(statements(k)))
		schema := slices.Sorted(maps.Keys(statements(taught[d.String()])))
		for _, s := range table {
			switch {
			case slices.ContainsFunc(schema, func(other string) bool { return says(s, other) }):
				same++
			case !has(d.Schema, field(s)):
				raw++ // it is not in the definition, or anything may stand there: there is nothing to learn
			case !excepted(notLearnt, d, s, used):
				t.Errorf("%s: the definition does not teach that pullable %s", d, s)
			}
		}
		for _, s := range schema {
			if !slices.ContainsFunc(table, func(other string) bool { return says(other, s) }) && !excepted(notLearnt, d, "also "+s, used) {
				t.Errorf("%s: the definition teaches that pullable also %s", d, s)
			}
		}
	}
	unused(t, notLearnt, used)
	t.Logf("%d statements are the same, %d are of fields that the definitions do not have", same, raw)
	if same < 390 {
		t.Errorf("only %d statements were compared", same)
	}
}
