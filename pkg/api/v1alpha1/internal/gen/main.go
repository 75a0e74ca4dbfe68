// Command gen writes what is generated from the type of the functionConfig:
// function.yaml with the OpenAPI schema, and the reference in the README,
// between its two config markers. It runs in the folder of types.go.
package main

import (
	"fmt"
	"os"

	"github.com/pullable/pullable/pkg/internal/readme"
)

const (
	definitionFile = "function.yaml"
	readmeFile     = "../../../README.md"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	docs, err := readComments("types.go")
	if err != nil {
		return err
	}
	text, err := definition(docs)
	if err != nil {
		return err
	}
	if err := os.WriteFile(definitionFile, text, 0o644); err != nil {
		return err
	}
	return readme.Update(readmeFile, "config", reference(docs))
}
