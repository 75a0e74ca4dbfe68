package main

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what pullable does into the golden cases")

// output is what a run of the program leaves behind.
type output struct {
	stdout, stderr string
	code           int
}

func pullable(input string, args ...string) output {
	var stdout, stderr bytes.Buffer
	code := run(args, strings.NewReader(input), &stdout, &stderr)
	return output{stdout.String(), stderr.String(), code}
}

// TestCases runs each folder below testdata/cases: input.yaml or input.json,
// through pullable with config.yaml and crds.yaml, gives expected.yaml or expected.json on
// standard output and expected.txt, with the exit code, on standard error.
func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/cases/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) { testCase(t, folder) })
	}
}

func testCase(t *testing.T, folder string) {
	inputs, _ := filepath.Glob(folder + "/input.*")
	if len(inputs) != 1 {
		t.Fatalf("%d inputs, want one", len(inputs))
	}
	input := read(t, inputs[0])
	var args []string
	if _, err := os.Stat(folder + "/config.yaml"); err == nil {
		args = []string{"--config", folder + "/config.yaml"}
	}
	if _, err := os.Stat(folder + "/crds.yaml"); err == nil {
		args = append(args, "--crds", folder+"/crds.yaml")
	}
	got := pullable(input, args...)
	got.stderr = strings.ReplaceAll(got.stderr, folder+"/", "")
	messages := fmt.Sprintf("exit code %d\n%s", got.code, got.stderr)
	if got.code == exitDone && got.stderr == "" {
		messages = ""
	}

	keepsSecrets(t, input, got)

	expected := folder + "/expected" + filepath.Ext(inputs[0])
	if *update {
		write(t, expected, got.stdout)
		write(t, folder+"/expected.txt", messages)
		return
	}
	if diff := cmp.Diff(readIfThere(t, expected), got.stdout); diff != "" {
		t.Errorf("standard output (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(readIfThere(t, folder+"/expected.txt"), messages); diff != "" {
		t.Errorf("standard error (-want +got)\n%s", diff)
	}
	if got.code != exitDone || strings.Contains(input, "ResourceList") {
		return
	}
	again := pullable(got.stdout, args...)
	if diff := cmp.Diff(got.stdout, again.stdout); diff != "" {
		t.Errorf("a second run changes something (-first +second)\n%s", diff)
	}
}

// password is what the fixtures hold for one.
const password = "s3cret-of-the-fixtures"

// keepsSecrets sees to it that a run says nothing of the passwords in its input:
// not in plain text, not in base64 and not on standard error. What the items
// themselves hold comes out again.
func keepsSecrets(t *testing.T, input string, got output) {
	t.Helper()
	for i := range 3 { // base64 of a text depends on where in the whole it stands
		encoded := base64.StdEncoding.EncodeToString([]byte("   "[:i] + password))[4:]
		for _, text := range []string{password, encoded[:len(encoded)-6]} {
			if strings.Contains(got.stderr, text) {
				t.Errorf("standard error holds a password:\n%s", got.stderr)
			}
			if strings.Count(got.stdout, text) > strings.Count(input, text) {
				t.Errorf("standard output holds a password more often than the input:\n%s", got.stdout)
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// readIfThere reads a file that is left out where it would be empty.
func readIfThere(t *testing.T, file string) string {
	t.Helper()
	if _, err := os.Stat(file); os.IsNotExist(err) {
		return ""
	}
	return read(t, file)
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if content == "" {
		os.Remove(file)
		return
	}
	if err := writeFile(file, content); err != nil {
		t.Fatal(err)
	}
}

func writeFile(file, content string) error {
	return os.WriteFile(file, []byte(content), 0o644)
}
