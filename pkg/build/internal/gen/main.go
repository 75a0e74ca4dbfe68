// Command gen writes the kustomize configuration of the example component that
// tells where kinds name their pull secrets. It runs in the folder of pkg/build.
package main

import (
	"fmt"
	"os"

	"github.com/pullable/pullable/pkg/build"
	"github.com/pullable/pullable/pkg/podspec"
)

const (
	file = "../../examples/argo-name-reference/name-reference.yaml"
	head = "# Written by go generate from pkg/podspec/kinds.yaml.\n"
)

func main() {
	if err := os.WriteFile(file, append([]byte(head), build.NameReferences(podspec.Builtin())...), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
