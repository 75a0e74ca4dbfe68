// Command pullable makes every image in a set of Kubernetes manifests pullable
// as declared. Without arguments it is a KRM function, and a filter for plain
// manifests.
package main

import (
	"os"
	"runtime/debug"
)

func main() {
	// Parsing makes much short-lived garbage, and a run is short: the collector
	// can wait.
	debug.SetGCPercent(400)
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
