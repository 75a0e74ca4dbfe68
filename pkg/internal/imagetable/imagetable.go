// Package imagetable holds images and what Kubernetes makes of each. Tests of
// the parser, of the policies and of the conformance module go by it.
package imagetable

import (
	_ "embed"
	"strconv"
	"strings"
	"testing"
)

//go:embed images.tsv
var table string

// Row is a row of the table.
type Row struct {
	Image, Repository, Tag, Digest string
	// Container and Volume are the policies that the API server fills in.
	Container, Volume string
	// Err is upstream's error; empty where the image parses.
	Err string
}

// Rows reads the table.
func Rows(t testing.TB) []Row {
	t.Helper()
	var rows []Row
	for line := range strings.Lines(table) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(line, "\t")
		if len(c) != 7 {
			t.Fatalf("%q has %d columns, want 7", line, len(c))
		}
		image, err := strconv.Unquote(c[0])
		if err != nil {
			t.Fatalf("%s: %v", c[0], err)
		}
		rows = append(rows, Row{image, c[1], c[2], c[3], c[4], c[5], c[6]})
	}
	if len(rows) < 99 {
		t.Fatalf("the table has %d rows, want at least 99", len(rows))
	}
	return rows
}
