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
	sized = limitMemory
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// limitMemory lets the collector run only when memory comes near two and a half
// times the input's size, which few runs do.
func limitMemory(input int) {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(int64(input)*5/2 + 12<<20)
}
