// Command gen writes the table of findings into the README, between its
// findings markers. It runs in the folder of pkg/imagepull.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/internal/readme"
)

const readmeFile = "../../README.md"

func main() {
	if err := readme.Update(readmeFile, "findings", table()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func table() string {
	var s strings.Builder
	s.WriteString("| id | severity | meaning |\n|---|---|---|\n")
	for _, kind := range imagepull.FindingKinds {
		fmt.Fprintf(&s, "| `%s` | %s | %s |\n", kind.ID, kind.Severity, kind.Meaning)
	}
	return s.String()
}
