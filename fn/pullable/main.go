// Command pullable makes every image in a set of Kubernetes manifests pullable
// as declared. Without arguments it is a KRM function, and a filter for plain
// manifests.
package main

import (
	"bytes"
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

// limitMemory lets the collector run only when memory becomes a multiple of the
// input, which few runs need. The room that readAll leaves behind an input of
// unknown size counts for the collector, but is no memory. Such an input gets
// less, so that with the program itself the peak stays below three times
// the input and 10 MiB where the input is large; a small one has enough.
func limitMemory(input []byte) {
	size, room := int64(len(input)), int64(cap(input)-len(input))
	limit := size*7/2 + 12<<20
	if room > bytes.MinRead {
		limit = max(3*size-9<<20, 20<<20) + room
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(limit)
}
