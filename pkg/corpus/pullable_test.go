package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// The tests of this file know pullable by its executable alone.

const config = `apiVersion: pullable.dev/v1alpha1
kind: ImagePullConfig
metadata:
  name: image-pull
pullSecrets:
  add:
  - name: regcred
`

// refused are the files that pullable refuses for a good reason: what it says, and why it is right.
var refused = map[string]string{}

var (
	given      = flag.String("pullable", "", "test this `executable` instead of one built from the repository")
	executable string
	configFile string
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := prepared(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func prepared(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "corpus")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	configFile = filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(configFile, []byte(config), 0o644); err != nil {
		return 0, err
	}
	if executable = *given; executable == "" {
		executable = filepath.Join(dir, "pullable")
		if out, err := exec.Command("go", "build", "-C", filepath.Join("..", ".."), "-o", executable, "./fn/pullable").CombinedOutput(); err != nil {
			return 0, fmt.Errorf("go build ./fn/pullable: %w\n%s", err, out)
		}
	}
	return m.Run(), nil
}

// An outcome is what a run of pullable left behind.
type outcome struct {
	stdout []byte
	stderr string
	code   int
}

func pullable(t *testing.T, input []byte, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := exec.Command(executable, args...)
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(input), &stdout, &stderr
	var exit *exec.ExitError
	if err := c.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{stdout.Bytes(), stderr.String(), c.ProcessState.ExitCode()}
}

func TestEachFileGetsTheExpectedChangesAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		secret string
	}{
		"policies":             {},
		"policies and secrets": {[]string{"--config", configFile}, "regcred"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range Files(t) {
				t.Run(f.String(), func(t *testing.T) {
					t.Parallel()
					got := pullable(t, f.Bytes, c.args...)
					if why, ok := refused[f.String()]; ok {
						if got.code == 0 || len(got.stdout) > 0 || !strings.Contains(got.stderr, why) {
							t.Errorf("exit code %d, %d bytes of output, standard error %q; want a refusal that says %q", got.code, len(got.stdout), got.stderr, why)
						}
						return
					}
					if got.code != 0 {
						t.Fatalf("exit code %d\n%s", got.code, got.stderr)
					}
					o := oracle{secret: c.secret}
					compare(t, f.Documents, func() ([]any, error) { return Documents(got.stdout, f.JSON()) }, &o)
					if o.policies+o.secrets == 0 {
						if !bytes.Equal(f.Bytes, got.stdout) {
							t.Error("nothing was to change, but the bytes differ")
						}
						return
					}
					onlyInsertions(t, f.Bytes, got.stdout, o.policies+o.secrets)
					if again := pullable(t, got.stdout, c.args...); again.code != 0 || !bytes.Equal(again.stdout, got.stdout) {
						t.Errorf("a second run changes the output (exit code %d)\n%s", again.code, again.stderr)
					}
				})
			}
		})
	}
}

// compare holds the objects after a run against those before it, as the oracle would change them.
func compare(t *testing.T, before, after func() ([]any, error), o *oracle) {
	t.Helper()
	want, err := before()
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range want {
		o.object(object.(map[string]any))
	}
	got, err := after()
	if err != nil {
		t.Fatalf("the output does not decode: %v", err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d objects in the output, want %d", len(got), len(want))
	}
	for i := range want {
		if diff := cmp.Diff(want[i], got[i]); diff != "" {
			t.Errorf("object %d, %s (-want +got)\n%s", i, identity(want[i]), diff)
		}
	}
}

func identity(object any) string {
	m, _ := object.(map[string]any)
	return fmt.Sprint(m["apiVersion"], " ", m["kind"], " ", at(m, "metadata")["name"])
}

// onlyInsertions says that every line of the input is in the output, unchanged and in order, and that each line between
// them is one of ours. A line that holds a flow collection may have grown, as JSON must: its own bytes are all there, in order.
func onlyInsertions(t *testing.T, input, output []byte, changes int) {
	t.Helper()
	out := bytes.Split(output, []byte("\n"))
	inserted := 0
	for n, line := range bytes.Split(input, []byte("\n")) {
		for len(out) > 0 && !bytes.Equal(line, out[0]) && isOurs(out[0]) {
			inserted, out = inserted+1, out[1:]
		}
		switch {
		case len(out) == 0:
			t.Fatalf("line %d of the input is not in the output: %q", n+1, line)
		case bytes.Equal(line, out[0]):
		case bytes.ContainsAny(line, "{[\"") && isSubsequence(line, out[0]):
			inserted++
		default:
			t.Fatalf("line %d of the input has become another one:\n-%s\n+%s", n+1, line, out[0])
		}
		out = out[1:]
	}
	for _, line := range out {
		if !isOurs(line) && len(bytes.TrimSpace(line)) > 0 {
			t.Fatalf("the output has a line of its own at its end: %q", line)
		}
		inserted++
	}
	if inserted == 0 && changes > 0 {
		t.Errorf("%d changes, but no line was inserted", changes)
	}
}

// isOurs says that pullable may have inserted the line.
func isOurs(line []byte) bool {
	words := strings.FieldsFunc(string(line), func(r rune) bool { return strings.ContainsRune(" \t\r\",:[]{}-", r) })
	return !slices.ContainsFunc(words, func(w string) bool {
		return !slices.Contains([]string{"imagePullPolicy", "pullPolicy", "Always", "IfNotPresent", "imagePullSecrets", "name", "regcred"}, w)
	})
}

func isSubsequence(short, long []byte) bool {
	for _, b := range long {
		if len(short) > 0 && b == short[0] {
			short = short[1:]
		}
	}
	return len(short) == 0
}

// A list is what a ResourceList decodes to.
type list struct {
	Items   []any
	Results []struct {
		Message  string
		Severity string
		Field    struct {
			Path          string
			ProposedValue any `yaml:"proposedValue" json:"proposedValue"`
		}
		File struct {
			Path  string
			Index int
		}
	}
}

func TestTheFilesOfAModuleInOneResourceListGetTheSameChanges(t *testing.T) {
	for module, files := range byModule(t) {
		t.Run(module, func(t *testing.T) {
			var text bytes.Buffer
			text.WriteString("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n")
			text.Write(indented([]byte(config), "  ", "  "))
			text.WriteString("items:\n")
			wrapped, left := 0, 0
			for _, f := range files {
				for _, document := range split(f.Bytes) {
					item := indented(document, "- ", "  ")
					if !sameData(document, item) {
						left++
						continue
					}
					wrapped++
					text.Write(item)
				}
			}
			if left > wrapped/50 {
				t.Errorf("%d of %d objects cannot be wrapped as text: mend the wrapping", left, left+wrapped)
			}
			checkList(t, text.Bytes(), yaml.Unmarshal)
		})
	}
}

func TestTheObjectsOfAModuleAsAJSONResourceListGetTheSameChangesAndTheResultsNameTheFiles(t *testing.T) {
	for module, files := range byModule(t) {
		t.Run(module, func(t *testing.T) {
			var items []any
			for _, f := range files {
				documents, err := f.Documents()
				if err != nil {
					t.Fatal(err)
				}
				for i, d := range documents {
					if _, err := json.Marshal(d); err != nil {
						continue // YAML that has no JSON form: a mapping with keys that are no strings
					}
					object := d.(map[string]any)
					metadata, ok := object["metadata"].(map[string]any)
					if !ok {
						metadata = map[string]any{}
						object["metadata"] = metadata
					}
					annotations, ok := metadata["annotations"].(map[string]any)
					if !ok {
						annotations = map[string]any{}
						metadata["annotations"] = annotations
					}
					annotations["config.kubernetes.io/path"] = f.Path
					annotations["config.kubernetes.io/index"] = fmt.Sprint(i)
					items = append(items, object)
				}
			}
			var functionConfig any
			if err := yaml.Unmarshal([]byte(config), &functionConfig); err != nil {
				t.Fatal(err)
			}
			text, err := json.MarshalIndent(map[string]any{
				"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": items, "functionConfig": functionConfig,
			}, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			known := map[string]bool{}
			for _, f := range files {
				known[f.Path] = true
			}
			for _, r := range checkList(t, text, json.Unmarshal).Results {
				if !known[r.File.Path] {
					t.Errorf("the result %q is of the file %q, which is none of the input", r.Message, r.File.Path)
				}
			}
		})
	}
}

// checkList runs pullable over a ResourceList, twice, and holds its items against the oracle's.
func checkList(t *testing.T, text []byte, unmarshal func([]byte, any) error) list {
	t.Helper()
	got := pullable(t, text)
	if got.code != 0 {
		t.Fatalf("exit code %d\n%s", got.code, got.stderr)
	}
	o := oracle{secret: "regcred"}
	var after list
	compare(t, func() ([]any, error) {
		var before list
		err := unmarshal(text, &before)
		return before.Items, err
	}, func() ([]any, error) {
		err := unmarshal(got.stdout, &after)
		return after.Items, err
	}, &o)
	changes := 0
	for _, r := range after.Results {
		if r.Severity == "info" && r.Field.ProposedValue != nil {
			changes++
		}
	}
	if want := o.policies + o.secrets; changes < want {
		t.Errorf("%d results propose a value, want one for each of the %d changes", changes, want)
	}
	again := pullable(t, got.stdout)
	var twice list
	if err := unmarshal(again.stdout, &twice); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(after.Items, twice.Items); diff != "" {
		t.Errorf("a second run changes the items (-first +second)\n%s", diff)
	}
	if third := pullable(t, again.stdout); !bytes.Equal(third.stdout, again.stdout) {
		t.Error("a third run changes the bytes that a second one wrote")
	}
	return after
}

// byModule are the files that pullable does not refuse.
func byModule(t *testing.T) map[string][]File {
	t.Helper()
	modules := map[string][]File{}
	for _, f := range Files(t) {
		if _, ok := refused[f.String()]; !ok {
			modules[f.Module] = append(modules[f.Module], f)
		}
	}
	return modules
}

// split cuts a stream at its document markers and drops the documents without content.
func split(text []byte) [][]byte {
	var documents [][]byte
	var current []byte
	flush := func() {
		var content any
		if err := yaml.Unmarshal(current, &content); err != nil || content != nil {
			documents = append(documents, current)
		}
		current = nil
	}
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("---")) || bytes.HasPrefix(line, []byte("...")) {
			flush()
			continue
		}
		current = append(current, line...)
	}
	flush()
	return documents
}

// indented puts first before the first line and rest before every other one that is not empty; the last line ends.
func indented(text []byte, first, rest string) []byte {
	var b bytes.Buffer
	prefix := first
	for line := range bytes.Lines(text) {
		if len(bytes.TrimSpace(line)) > 0 || prefix == first {
			b.WriteString(prefix)
		}
		b.Write(line)
		prefix = rest
	}
	if !bytes.HasSuffix(text, []byte("\n")) {
		b.WriteString("\n")
	}
	return b.Bytes()
}

func sameData(document, item []byte) bool {
	var alone any
	var within []any
	return yaml.Unmarshal(document, &alone) == nil && yaml.Unmarshal(item, &within) == nil && len(within) == 1 && cmp.Equal(alone, within[0])
}
