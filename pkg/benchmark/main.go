// Benchmark times pullable against other programs that do the same job, as whole processes, and prints ratios.
//
//	go run -C pkg/benchmark .                           the table
//	go run -C pkg/benchmark . -readme ../../README.md   puts the table between the README's markers
//	go run -C pkg/benchmark . -smoke                    fewer runs and commands; fails when a ratio is much worse than the
//	                                                    README says, or much worse than its bar
//
// Every command reads the same file in turn (A B A B …), so that whatever else the machine does hits all of them alike,
// and ratios are taken pair by pair. Times of one machine say little; ratios travel. Before anything is timed, the outputs
// are compared as data: a benchmark of different work is none. It runs on Linux, whose peak memory of a process it reads.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

func main() {
	smoke := flag.Bool("smoke", false, "run few rounds, and fail when a figure is more than twice the README's or its bar")
	readme := flag.String("readme", "", "rewrite the table in this `FILE`, between "+tableBegin+" and "+tableEnd)
	candidate := flag.String("pullable", "", "measure this `EXECUTABLE` instead of one built from this repository")
	flag.Parse()
	if err := run(os.Stdout, *smoke, *readme, *candidate); err != nil {
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, smoke bool, readme, candidate string) error {
	if runtime.GOOS != "linux" {
		return errors.New("peak memory is read the way Linux counts it; run this on Linux")
	}
	dir, err := os.MkdirTemp("", "benchmark")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := builder{dir: dir, candidate: candidate}
	if b.module, err = goCommand("list", "-m", "-f", "{{.Dir}}"); err != nil {
		return fmt.Errorf("run this in its own module (go run -C pkg/benchmark .): %w", err)
	}
	var rows []row
	for _, in := range inputs {
		plan := in.full
		if smoke {
			plan = in.smoke
		}
		if plan.rounds == 0 {
			continue
		}
		r, err := measured(&b, in, plan)
		if err != nil {
			return fmt.Errorf("%s: %w", in.name, err)
		}
		rows = append(rows, r)
	}
	table := markdown(rows)
	if !smoke {
		text, err := notes()
		if err != nil {
			return err
		}
		table += text
	}
	if _, err := io.WriteString(w, table); err != nil {
		return err
	}
	if smoke {
		said, err := published(filepath.Join(b.module, "..", "..", "README.md"))
		return errors.Join(err, missed(rows, lenient), worse(rows, said))
	}
	if readme != "" {
		if err := rewrite(readme, table); err != nil {
			return err
		}
	}
	return missed(rows, exact)
}

// measured writes the input, compares what the commands make of it, and times them.
func measured(b *builder, in input, p plan) (row, error) {
	m, err := b.measure()
	if err != nil {
		return row{}, err
	}
	var text bytes.Buffer
	objects, err := in.write(&text)
	if err != nil {
		return row{}, err
	}
	file := filepath.Join(b.dir, "input.yaml")
	if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
		return row{}, err
	}
	var peers []peer
	for _, command := range p.commands {
		peer, err := b.peer(command, in)
		if err != nil {
			return row{}, err
		}
		peers = append(peers, peer)
	}
	if !p.compared {
		if err := sameWork(peers, text.Bytes()); err != nil {
			return row{}, err
		}
	}
	runs, err := m.inTurn(peers, file, p.rounds)
	if err != nil {
		return row{}, err
	}
	return row{input: in, objects: objects, bytes: text.Len(), peers: peers, runs: runs}, nil
}
