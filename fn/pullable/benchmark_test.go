package main

import (
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// BenchmarkRun is the whole program over a stream of about 1,000 objects.
func BenchmarkRun(b *testing.B) {
	g := generator{rand.New(rand.NewPCG(1, 7))}
	var s strings.Builder
	for range 1000 {
		s.WriteString(g.object())
		s.WriteString("---\n")
	}
	input := s.String()
	config := b.TempDir() + "/config.yaml"
	if err := writeFile(config, g.config()); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	for b.Loop() {
		if code := run([]string{"--config", config}, strings.NewReader(input), io.Discard, io.Discard); code != exitDone {
			b.Fatalf("exit code %d", code)
		}
	}
}
