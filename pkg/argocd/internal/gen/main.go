// Command gen writes the table of parameters into the README of the example,
// between its parameters markers. It runs in the folder of pkg/argocd.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/pullable/pullable/pkg/argocd"
	"github.com/pullable/pullable/pkg/internal/readme"
)

const readmeFile = "../../examples/argocd/README.md"

func main() {
	if err := readme.Update(readmeFile, "parameters", table()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func table() string {
	var s strings.Builder
	s.WriteString("| parameter | value | variable | meaning |\n|---|---|---|---|\n")
	for _, p := range argocd.Parameters() {
		fmt.Fprintf(&s, "| `%s` | %s | `%s` | %s |\n", p.Name, p.Form, p.Variable(), p.Tooltip)
	}
	return s.String()
}
