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
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// The tests of this file know pullable by its executable alone.

// secretsConfig leaves the policies at their defaults (Fill) and adds a secret to every pod.
const secretsConfig = `apiVersion: pullable.dev/v1alpha1
kind: ImagePullConfig
metadata:
  name: image-pull
pullSecrets:
  add:
  - name: regcred
`

const enforceConfig = `apiVersion: pullable.dev/v1alpha1
kind: ImagePullConfig
metadata:
  name: image-pull
pullPolicy:
  mode: Enforce
`

// refused are the files that pullable refuses for a good reason: what it says, and why it is right.
var refused = map[string]string{
	// A mapping with containers stands where their list belongs.
	"github.com/argoproj/argo-cd/v3@v3.2.12/resource_customizations/apps.kruise.io/DaemonSet/testdata/no-update-strategy-partition.yaml": "spec.template.spec.containers is a mapping; it must be a list",
}

var (
	given      = flag.String("pullable", "", "test this `executable` instead of one built from the repository")
	only       = flag.String("file", "", "check only files whose module and path hold this `text`")
	executable string
	configDir  string // holds a file for each config: secrets.yaml, enforce.yaml, check.yaml
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
	configDir = dir
	for name, text := range map[string]string{
		"secrets.yaml": secretsConfig,
		"enforce.yaml": enforceConfig,
		"check.yaml":   secretsConfig + "check: true\n",
	} {
		if err := os.WriteFile(configFile(name), []byte(text), 0o644); err != nil {
			return 0, err
		}
	}
	if executable = *given; executable == "" {
		executable = filepath.Join(dir, "pullable")
		if out, err := exec.Command("go", "build", "-C", filepath.Join("..", ".."), "-o", executable, "./fn/pullable").CombinedOutput(); err != nil {
			return 0, fmt.Errorf("go build ./fn/pullable: %w\n%s", err, out)
		}
	}
	return m.Run(), nil
}

func configFile(name string) string { return filepath.Join(configDir, name) }

// An outcome is what a run of pullable left behind.
type outcome struct {
	stdout []byte
	stderr string
	code   int
}

func pullable(input []byte, args ...string) (outcome, error) {
	var stdout, stderr bytes.Buffer
	c := exec.Command(executable, args...)
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(input), &stdout, &stderr
	var exit *exec.ExitError
	if err := c.Run(); err != nil && !errors.As(err, &exit) {
		return outcome{}, err
	}
	return outcome{stdout.Bytes(), stderr.String(), c.ProcessState.ExitCode()}, nil
}

// done is a run that must end with exit code 0, and its output.
func done(input []byte, args ...string) ([]byte, error) {
	got, err := pullable(input, args...)
	if err == nil && got.code != 0 {
		err = fmt.Errorf("exit code %d\n%s", got.code, got.stderr)
	}
	return got.stdout, err
}

func TestEachFileGetsTheExpectedChangesAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		oracle oracle
	}{
		"policies without a config":     {nil, oracle{}},
		"policies and a secret":         {[]string{"--config", configFile("secrets.yaml")}, oracle{secret: "regcred"}},
		"policies where others are set": {[]string{"--config", configFile("enforce.yaml")}, oracle{enforce: true}},
	} {
		t.Run(name, func(t *testing.T) {
			withEach(t, accepted(t), func(f File) error {
				output, err := done(f.Bytes, c.args...)
				if err != nil {
					return err
				}
				if !c.oracle.changes(t, f) {
					if !bytes.Equal(f.Bytes, output) {
						return errors.New("nothing was to change, but the bytes differ: " + firstDifference(f.Bytes, output))
					}
					return nil
				}
				o := c.oracle
				if err := compare(f.Documents, func() ([]any, error) { return Documents(output, f.JSON()) }, &o); err != nil {
					return err
				}
				if err := onlyExpectedLines(f.Bytes, output); err != nil {
					return err
				}
				again, err := done(output, c.args...)
				if err == nil && !bytes.Equal(again, output) {
					err = errors.New(firstDifference(output, again))
				}
				if err != nil {
					return fmt.Errorf("a second run over the output: %w", err)
				}
				return nil
			})
		})
	}
}

func TestWhatIsRefusedIsRefusedForTheKnownReason(t *testing.T) {
	for _, f := range Files(t) {
		why, ok := refused[f.String()]
		if !ok {
			continue
		}
		t.Run(f.String(), func(t *testing.T) {
			got, err := pullable(f.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			if got.code == 0 || len(got.stdout) > 0 || !strings.Contains(got.stderr, why) {
				t.Errorf("exit code %d, %d bytes of output, standard error %q; want a refusal that says %q", got.code, len(got.stdout), got.stderr, why)
			}
		})
	}
}

func TestACheckFailsBeforeARunAndPassesAfterIt(t *testing.T) {
	withEach(t, changed(t), func(f File) error {
		before, err := pullable(f.Bytes, "--config", configFile("check.yaml"))
		if err != nil {
			return err
		}
		if before.code != 1 || len(before.stdout) > 0 || before.stderr == "" {
			return fmt.Errorf("before: exit code %d, %d bytes of output, standard error %q; want 1, none and the changes", before.code, len(before.stdout), before.stderr)
		}
		output, err := done(f.Bytes, "--config", configFile("secrets.yaml"))
		if err != nil {
			return err
		}
		if after, err := done(output, "--config", configFile("check.yaml")); err != nil || !bytes.Equal(after, output) {
			return fmt.Errorf("after: %v, %s", err, firstDifference(output, after))
		}
		return nil
	})
}

func TestLineEndsAndAByteOrderMarkAreKept(t *testing.T) {
	forms := map[string]func([]byte) []byte{
		"CRLF":              func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")) },
		"a byte-order mark": func(text []byte) []byte { return append([]byte("\ufeff"), text...) },
	}
	withEach(t, changed(t), func(f File) error {
		if bytes.Contains(f.Bytes, []byte("\r")) || bytes.HasPrefix(f.Bytes, []byte("\ufeff")) {
			return nil // it has them already
		}
		plain, err := done(f.Bytes, "--config", configFile("secrets.yaml"))
		if err != nil {
			return err
		}
		for name, form := range forms {
			got, err := done(form(f.Bytes), "--config", configFile("secrets.yaml"))
			if err != nil {
				return fmt.Errorf("with %s: %w", name, err)
			}
			if want := form(plain); !bytes.Equal(got, want) {
				return fmt.Errorf("the output is not that of the plain file with %s: %s", name, firstDifference(want, got))
			}
		}
		return nil
	})
}

func TestAFileWithoutAFinalNewlineGetsTheSameChanges(t *testing.T) {
	withEach(t, changed(t), func(f File) error {
		cut := bytes.TrimRight(f.Bytes, "\r\n")
		output, err := done(cut, "--config", configFile("secrets.yaml"))
		if err != nil {
			return err
		}
		if bytes.HasSuffix(output, []byte("\n")) {
			return errors.New("the output has a final newline, the input has none")
		}
		decode := func(text []byte) func() ([]any, error) {
			return func() ([]any, error) { return Documents(text, f.JSON()) }
		}
		if err := compare(decode(cut), decode(output), &oracle{secret: "regcred"}); err != nil {
			return err
		}
		return onlyExpectedLines(cut, output)
	})
}

// accepted are the files that pullable does not refuse, less those that the flag -file leaves out.
func accepted(t *testing.T) []File {
	t.Helper()
	return slices.DeleteFunc(slices.Clone(Files(t)), func(f File) bool {
		_, ok := refused[f.String()]
		return ok || !strings.Contains(f.String(), *only)
	})
}

// changed are the accepted files that the config with a secret changes.
func changed(t *testing.T) []File {
	t.Helper()
	return slices.DeleteFunc(accepted(t), func(f File) bool { return !(oracle{secret: "regcred"}).changes(t, f) })
}

// changes says that a run changes the file. It is a copy of the oracle that counts.
func (o oracle) changes(t *testing.T, f File) bool {
	documents, err := f.Documents()
	if err != nil {
		t.Errorf("%s: %v", f, err)
	}
	for _, d := range documents {
		o.object(d.(map[string]any))
	}
	return o.policies+o.secrets > 0
}

// withEach runs a check on each file, on every core, and says which files fail. A file is no test of its own: thousands of
// them would drown the count of those that people wrote.
func withEach(t *testing.T, files []File, check func(File) error) {
	t.Helper()
	if len(files) == 0 {
		t.Fatal("no file is left to check")
	}
	failures := make([]error, len(files))
	next := make(chan int)
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := range next {
				failures[i] = check(files[i])
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	group.Wait()
	failed := 0
	for i, err := range failures {
		if err == nil {
			continue
		}
		if failed++; failed <= 20 {
			t.Errorf("%s: %v", files[i], err)
		}
	}
	t.Logf("%d of %d files pass", len(files)-failed, len(files))
}

func firstDifference(want, got []byte) string {
	w, g := bytes.SplitAfter(want, []byte("\n")), bytes.SplitAfter(got, []byte("\n"))
	for i := range min(len(w), len(g)) {
		if !bytes.Equal(w[i], g[i]) {
			return fmt.Sprintf("line %d: want %q, got %q", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// compare holds the objects after a run against those before it, as the oracle would change them.
func compare(before, after func() ([]any, error), o *oracle) error {
	want, err := before()
	if err != nil {
		return err
	}
	for _, object := range want {
		o.object(object.(map[string]any))
	}
	got, err := after()
	if err != nil {
		return fmt.Errorf("the output does not decode: %w", err)
	}
	if len(got) != len(want) {
		return fmt.Errorf("%d objects in the output, want %d", len(got), len(want))
	}
	for i := range want {
		if diff := cmp.Diff(want[i], got[i]); diff != "" {
			return fmt.Errorf("object %d, %s (-want +got)\n%s", i, identity(want[i]), diff)
		}
	}
	return nil
}

func identity(object any) string {
	m, _ := object.(map[string]any)
	return fmt.Sprint(m["apiVersion"], " ", m["kind"], " ", at(m, "metadata")["name"])
}

// onlyExpectedLines says that every line of the input is in the output, unchanged and in order, and that each line between
// them is one of ours. Two kinds of lines may be others: a policy that was replaced, and a line of a flow collection or of
// JSON, which may have grown (by a comma at its end, if by nothing else); its own bytes are all there, in order.
func onlyExpectedLines(input, output []byte) error {
	out := bytes.Split(output, []byte("\n"))
	for n, line := range bytes.Split(input, []byte("\n")) {
		for len(out) > 0 && !bytes.Equal(line, out[0]) && !isWithComma(line, out[0]) && isOurs(out[0]) && !(isPolicy(line) && isPolicy(out[0])) {
			out = out[1:]
		}
		switch {
		case len(out) == 0:
			return fmt.Errorf("line %d of the input is not in the output: %q", n+1, line)
		case bytes.Equal(line, out[0]):
		case isPolicy(line) && isPolicy(out[0]):
		case bytes.ContainsAny(line, "{[]}\"") && isSubsequence(line, out[0]):
		default:
			return fmt.Errorf("line %d of the input has become another one:\n-%s\n+%s", n+1, line, out[0])
		}
		out = out[1:]
	}
	for _, line := range out {
		if !isOurs(line) {
			return fmt.Errorf("the output has a line of its own at its end: %q", line)
		}
	}
	return nil
}

func isPolicy(line []byte) bool { return bytes.Contains(line, []byte("ullPolicy")) }

func isWithComma(line, out []byte) bool {
	return len(out) == len(line)+1 && bytes.HasPrefix(out, bytes.TrimSuffix(line, []byte("\r"))) && bytes.Contains(out[len(line)-1:], []byte(","))
}

// isOurs says that pullable may have inserted the line.
func isOurs(line []byte) bool {
	words := strings.FieldsFunc(string(line), func(r rune) bool { return strings.ContainsRune(" \t\r\",:[]{}-", r) })
	return len(bytes.TrimSpace(line)) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(ours, w) })
}

var ours = []string{
	"imagePullPolicy", "pullPolicy", "Always", "IfNotPresent", "imagePullSecrets", "name", "regcred",
	"imagePullSecret", "packagePullSecrets", "taskRunTemplate", "podTemplate", "templates", "vertex",
	"docker", "basic", "test", "readonly", "credentials", // names of pull secrets that ServiceAccounts have
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
			text.Write(indented([]byte(secretsConfig), "  ", "  "))
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
			// Left are JSON streams, and files that end in a block scalar without a newline, which wrapping would add.
			if left > max(1, wrapped/10) {
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
			if err := yaml.Unmarshal([]byte(secretsConfig), &functionConfig); err != nil {
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
	output, err := done(text)
	if err != nil {
		t.Fatal(err)
	}
	items := func(text []byte, into *list) func() ([]any, error) {
		return func() ([]any, error) {
			err := unmarshal(text, into)
			return into.Items, err
		}
	}
	o := oracle{secret: "regcred"}
	var after list
	if err := compare(items(text, new(list)), items(output, &after), &o); err != nil {
		t.Fatal(err)
	}
	changes := 0
	for _, r := range after.Results {
		if r.Severity == "info" && r.Field.ProposedValue != nil {
			changes++
		}
	}
	if want := o.policies + o.secrets; changes < want {
		t.Errorf("%d results propose a value, want one for each of the %d changes", changes, want)
	}
	again, err := done(output)
	if err != nil {
		t.Fatalf("a second run: %v", err)
	}
	if err := compare(items(output, new(list)), items(again, new(list)), &oracle{secret: "regcred"}); err != nil {
		t.Errorf("a second run changes the items: %v", err)
	}
	if third, err := done(again); err != nil || !bytes.Equal(third, again) {
		t.Errorf("a third run changes the bytes that a second one wrote: %v, %s", err, firstDifference(again, third))
	}
	return after
}

func byModule(t *testing.T) map[string][]File {
	t.Helper()
	modules := map[string][]File{}
	for _, f := range accepted(t) {
		modules[f.Module] = append(modules[f.Module], f)
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
