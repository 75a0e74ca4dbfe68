package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pullable/pullable/pkg/internal/readme"
)

func TestTheREADMEListsEveryFinding(t *testing.T) {
	file, err := os.ReadFile("../../" + readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	updated, err := readme.Insert(string(file), "findings", table())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(file), updated); diff != "" {
		t.Errorf("run go generate ./pkg/imagepull (-have +want)\n%s", diff)
	}
}
