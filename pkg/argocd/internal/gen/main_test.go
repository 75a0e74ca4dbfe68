package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pullable/pullable/pkg/internal/readme"
)

func TestTheREADMEOfTheExampleListsEveryParameter(t *testing.T) {
	file, err := os.ReadFile("../../" + readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	updated, err := readme.Insert(string(file), "parameters", table())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(file), updated); diff != "" {
		t.Errorf("run go generate ./pkg/argocd (-have +want)\n%s", diff)
	}
}
