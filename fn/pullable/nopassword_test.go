package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoCommandSaysAPassword runs each command, in each of its formats, over
// every golden case whose input holds one, and the function over inputs that end
// in the middle or are broken.
func TestNoCommandSaysAPassword(t *testing.T) {
	inputs, err := filepath.Glob("testdata/cases/*/input.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, file := range inputs {
		input := read(t, file)
		if !strings.Contains(input, "kind: Secret") || strings.Contains(input, "ResourceList") {
			continue
		}
		tried++
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			var config []string
			if c := filepath.Dir(file) + "/config.yaml"; fileExists(c) {
				config = []string{"--config", c}
			}
			var runs [][]string
			for _, format := range []string{"text", "github", "json", "junit", "sarif"} {
				runs = append(runs, []string{"check", "--output", format, file})
			}
			runs = append(runs, []string{"check", "--diff", file})
			for _, format := range []string{"table", "json", "csv", "html"} {
				runs = append(runs, []string{"images", "--output", format, file})
			}
			for _, args := range runs {
				got := pullable("", append(args, config...)...)
				if got.stdout == "" && got.stderr == "" {
					t.Errorf("%q says nothing", args)
				}
				keepsSecrets(t, "", got)
			}
			keepsSecrets(t, "", pullable(input, append([]string{"explain", "ghcr.io/org/app:1"}, config...)...))
			for at := 0; at < len(input); at += 61 {
				for _, broken := range []string{input[:at], input[:at] + ": {[" + input[at:], input[:at] + "\t" + input[at:]} {
					keepsSecrets(t, broken, pullable(broken, config...))
				}
			}
		})
	}
	if tried < 10 {
		t.Errorf("only %d cases hold a Secret", tried)
	}
}

func fileExists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
