// Command gen writes the kinds of the table into the README, between its kinds
// markers. It runs in the folder of pkg/podspec.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/pullable/pullable/pkg/internal/readme"
	"github.com/pullable/pullable/pkg/podspec"
)

const readmeFile = "../../README.md"

func main() {
	if err := readme.Update(readmeFile, "kinds", table()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// table has a line for each group. Kinds in which nothing is edited are left
// out; those that get no policy have a star.
func table() string {
	var groups []string
	kinds := map[string][]string{}
	for _, k := range podspec.Builtin().Kinds() {
		if k.Never != "" {
			continue
		}
		name := k.Kind
		if k.InText {
			name += " (with `embedded: true`)"
		}
		if !writesPolicies(k) {
			name += "*"
		}
		if !slices.Contains(groups, k.Group) {
			groups = append(groups, k.Group)
		}
		if !slices.Contains(kinds[k.Group], name) {
			kinds[k.Group] = append(kinds[k.Group], name)
		}
	}
	var s strings.Builder
	s.WriteString("| group | kinds |\n|---|---|\n")
	for _, group := range groups {
		shown := "`" + group + "`"
		if group == "" {
			shown = "(core)"
		}
		fmt.Fprintf(&s, "| %s | %s |\n", shown, strings.Join(kinds[group], ", "))
	}
	return s.String()
}

func writesPolicies(k *podspec.Kind) bool {
	return len(k.Objects) > 0 || slices.ContainsFunc(k.Pods, func(p podspec.Part) bool {
		return p.Never == "" && p.Shape.WritesPolicies()
	})
}
