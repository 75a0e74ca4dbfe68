// Benchmark times pullable against other programs that do the same job, as whole processes, and prints ratios.
//
//	go run -C pkg/benchmark .                        the table
//	go run -C pkg/benchmark . -smoke                 fewer runs; fails when pullable misses one of its bars
//	go run -C pkg/benchmark . -readme ../../README.md   puts the table between the README's markers
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
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pullable/pullable/pkg/benchmark/manifests"
)

// seed makes the manifests the same in every run, so that figures of two days can be compared.
const seed = 1

// An input is one file that every peer reads, and how often.
type input struct {
	name          string
	objects       int
	rounds, smoke int // how many runs of each command, in full and with -smoke
}

var inputs = []input{
	{"1 object", 1, 41, 31},
	{"100 objects", 100, 21, 0},
	{"1,000 objects", 1000, 11, 9},
	{"10,000 objects", 10_000, 5, 1},
}

// A bar is what pullable promises: the most it may take, as a share of what the naive function takes.
type bar struct {
	objects int
	what    string // "wall time" or "peak memory"
	most    float64
}

var bars = []bar{
	{1, wallTime, 0.95},
	{1000, wallTime, 1.0 / 6},
	{10_000, peakMemory, 1.0 / 20},
}

const (
	wallTime   = "wall time"
	peakMemory = "peak memory"
)

func main() {
	smoke := flag.Bool("smoke", false, "run few rounds and fail when a bar is missed")
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
	m, peers, err := build(dir, candidate)
	if err != nil {
		return err
	}
	var rows []row
	for _, in := range inputs {
		rounds := in.rounds
		if smoke {
			rounds = in.smoke
		}
		if rounds == 0 {
			continue
		}
		var list bytes.Buffer
		if err := manifests.ResourceList(&list, seed, in.objects); err != nil {
			return err
		}
		file := filepath.Join(dir, "input.yaml")
		if err := os.WriteFile(file, list.Bytes(), 0o644); err != nil {
			return err
		}
		if err := sameWork(peers, list.Bytes()); err != nil {
			return fmt.Errorf("%s: %w", in.name, err)
		}
		runs, err := m.inTurn(peers, file, rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", in.name, err)
		}
		rows = append(rows, row{input: in, bytes: list.Len(), peers: peers, runs: runs})
	}
	table := markdown(rows)
	if _, err := io.WriteString(w, table); err != nil {
		return err
	}
	if readme != "" {
		if err := rewrite(readme, table); err != nil {
			return err
		}
	}
	if smoke {
		return missed(rows)
	}
	return nil
}

// missed is an error that names every bar which the rows do not clear.
func missed(rows []row) error {
	var all []error
	for _, b := range bars {
		for _, r := range rows {
			if r.input.objects != b.objects {
				continue
			}
			if got := r.ratio(len(r.peers)-1, b.what).median; got > b.most {
				all = append(all, fmt.Errorf("%s: %s is %.3f of the naive function's, more than %.3f", r.input.name, b.what, got, b.most))
			}
		}
	}
	return errors.Join(all...)
}

// A peer is a program that is measured. The first of a list is what the others are compared with, the last is pullable.
type peer struct {
	name string
	argv []string
}

// build makes the peers and the program that measures them.
func build(dir, candidate string) (measurer, []peer, error) {
	here, err := goCommand("list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return "", nil, fmt.Errorf("run this in its own module (go run -C pkg/benchmark .): %w", err)
	}
	made := func(module, pkg string) (string, error) {
		out := filepath.Join(dir, filepath.Base(pkg))
		_, err := goCommand("build", "-C", module, "-trimpath", "-ldflags", "-s -w", "-o", out, pkg)
		return out, err
	}
	measure, err := made(here, "./measure")
	if err != nil {
		return "", nil, err
	}
	naive, err := made(here, "./naive")
	if err != nil {
		return "", nil, err
	}
	if candidate == "" {
		if candidate, err = made(filepath.Join(here, "..", ".."), "./fn/pullable"); err != nil {
			return "", nil, err
		}
	}
	return measurer(measure), []peer{{"naive", []string{naive}}, {"pullable", []string{candidate}}}, nil
}

func goCommand(args ...string) (string, error) {
	c := exec.Command("go", args...)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
