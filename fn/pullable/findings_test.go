package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// What Helm's plugin says, at each way that a run can end.
func TestTheFindingsFileGetsAllThatGoesToStandardError(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(config, []byte("apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	warned := podWith("containers: [{image: nginx, imagePullPolicy: Never}]")
	failing := podWith("containers: [{image: nginx, imagePullPolicy: always}]")
	for name, test := range map[string]struct {
		args     []string
		variable string // the file's name in the environment
		input    string
		code     int
		says     string
	}{
		"a warning, while the manifests go through":  {[]string{"--findings-file", "{file}"}, "", warned, exitDone, "stale-latest"},
		"the flag with an equals sign":               {[]string{"--findings-file={file}"}, "", warned, exitDone, "stale-latest"},
		"the variable, without arguments":            {nil, "{file}", warned, exitDone, "stale-latest"},
		"the flag wins over the variable":            {[]string{"--findings-file={file}"}, "other", warned, exitDone, "stale-latest"},
		"the last flag wins":                         {[]string{"--findings-file=other", "--findings-file={file}"}, "", warned, exitDone, "stale-latest"},
		"a finding that fails the run":               {[]string{"--config", config}, "{file}", failing, exitFindings, `"always"`},
		"as a function":                              {nil, "{file}", resourceList + "items:\n- " + strings.ReplaceAll(failing, "\n", "\n  "), exitFindings, `"always"`},
		"an input that is no YAML":                   {nil, "{file}", "a: b: c\n", exitBadInput, "line 1"},
		"an empty input":                             {nil, "{file}", "", exitBadInput, "--allow-empty"},
		"a config that is not there":                 {[]string{"--config", config + "x", "--findings-file={file}"}, "", warned, exitBadInput, "config.yamlx"},
		"an unknown flag ahead of it":                {[]string{"--confg", "--findings-file={file}"}, "", warned, exitBadInput, "--confg"},
		"a command that reads files":                 {[]string{"check", "--mode", "Sometimes", "--findings-file={file}", config}, "", "", exitBadInput, "Sometimes"},
		"nothing to say: an empty file says as much": {nil, "{file}", podWith("containers: [{image: a:1, imagePullPolicy: IfNotPresent}]"), exitDone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "findings")
			var args []string
			for _, a := range test.args {
				args = append(args, strings.Replace(a, "{file}", file, 1))
			}
			if test.variable != "" {
				t.Setenv(findingsVariable, strings.Replace(test.variable, "{file}", file, 1))
			}
			var stdout, stderr bytes.Buffer
			if code := run(args, strings.NewReader(test.input), &stdout, &stderr); code != test.code {
				t.Fatalf("exit code %d\n%s", code, stderr.String())
			}
			got := read(t, file)
			if got != stderr.String() {
				t.Errorf("the file holds\n%sstandard error\n%s", got, stderr.String())
			}
			if !strings.Contains(got, test.says) || (got == "") != (test.says == "") {
				t.Errorf("%q is not in\n%s", test.says, got)
			}
		})
	}
}

func TestFindingsOfSeveralRunsStandOneAfterTheOther(t *testing.T) {
	t.Setenv(findingsVariable, filepath.Join(t.TempDir(), "findings"))
	for _, policy := range []string{"always", "sometimes"} {
		input := podWith("containers: [{image: nginx, imagePullPolicy: " + policy + "}]")
		if code := run(nil, strings.NewReader(input), new(bytes.Buffer), new(bytes.Buffer)); code != exitFindings {
			t.Fatalf("exit code %d", code)
		}
	}
	got := read(t, os.Getenv(findingsVariable))
	if first, second := strings.Index(got, "always"), strings.Index(got, "sometimes"); first < 0 || second < first {
		t.Errorf("the file holds\n%s", got)
	}
}

func TestAFindingsFileThatCannotBeWrittenEndsTheRunWithoutOutput(t *testing.T) {
	files := map[string]string{"in a folder that is not there": filepath.Join(t.TempDir(), "no", "findings")}
	if runtime.GOOS == "linux" {
		files["on a full disk"] = "/dev/full"
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run([]string{"--findings-file", file}, strings.NewReader(podWith("containers: [{image: nginx, imagePullPolicy: Never}]")), &stdout, &stderr)
			if code != exitBadInput || stdout.Len() > 0 || !strings.Contains(stderr.String(), file) {
				t.Errorf("exit code %d, standard output:\n%sstandard error:\n%s", code, stdout.String(), stderr.String())
			}
		})
	}
}
