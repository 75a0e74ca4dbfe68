package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pullable/pullable/pkg/internal/readme"
)

func TestTheREADMEListsEveryKind(t *testing.T) {
	file, err := os.ReadFile("../../" + readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	updated, err := readme.Insert(string(file), "kinds", table())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(file), updated); diff != "" {
		t.Errorf("run go generate ./pkg/podspec (-have +want)\n%s", diff)
	}
}
