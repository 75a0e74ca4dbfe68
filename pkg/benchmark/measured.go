package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// A measurer is the path of the built ./measure.
type measurer string

const (
	wallTime   = "wall time"
	cpuTime    = "processor time"
	peakMemory = "peak memory"
)

// A cost is what one process took.
type cost struct {
	wall time.Duration
	cpu  time.Duration // of all cores, the kernel's work for it included
	peak int64         // bytes of resident memory at the highest
}

// inTurn runs every peer rounds times, one after the other within each round: costs[peer][round].
func (m measurer) inTurn(peers []peer, file string, rounds int) ([][]cost, error) {
	costs := make([][]cost, len(peers))
	for range rounds {
		for i, p := range peers {
			c, err := m.once(p, file)
			if err != nil {
				return nil, err
			}
			costs[i] = append(costs[i], c)
		}
	}
	return costs, nil
}

func (m measurer) once(p peer, file string) (cost, error) {
	var args []string
	if p.pipe {
		args = append(args, "-pipe")
	}
	if p.file != "" {
		file = p.file
	}
	c := exec.Command(string(m), append(append(args, file), p.argv...)...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w", p.name, err)
	}
	var got cost
	if _, err := fmt.Sscan(string(out), &got.wall, &got.cpu, &got.peak); err != nil {
		return cost{}, fmt.Errorf("%s: measure said %q: %w", p.name, out, err)
	}
	return got, nil
}

// sameWork is an error unless all peers that are said to do the job turn the input into equal items, and into other items
// than they were, and report no fewer results than the first one. The edges of the text are not compared: a peer may drop
// the functionConfig.
func sameWork(peers []peer, input []byte) error {
	before, err := decode("the generator", input)
	if err != nil {
		return err
	}
	var first output
	compared := 0
	for _, p := range peers {
		if p.work == other {
			continue
		}
		c := exec.Command(p.argv[0], p.argv[1:]...)
		c.Stdin = bytes.NewReader(input)
		var stderr bytes.Buffer
		c.Stderr = &stderr
		out, err := c.Output()
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", p.name, err, stderr.Bytes())
		}
		l, err := decode(p.name, out)
		if err != nil {
			return err
		}
		if compared++; compared == 1 {
			if first = l; reflect.DeepEqual(before.Items, l.Items) {
				return errors.New(p.name + " changed nothing")
			}
			continue
		}
		if p.work == full && len(l.Results) < len(first.Results) {
			return fmt.Errorf("%s reports %d results and %s %d: it does less", p.name, len(l.Results), peers[0].name, len(first.Results))
		}
		if len(l.Items) != len(first.Items) {
			return fmt.Errorf("%s wrote %d items and %s %d", p.name, len(l.Items), peers[0].name, len(first.Items))
		}
		for n := range l.Items {
			if !reflect.DeepEqual(first.Items[n], l.Items[n]) {
				return fmt.Errorf("%s and %s differ in item %d, %v", peers[0].name, p.name, n, name(l.Items[n]))
			}
		}
	}
	return nil
}

type output struct {
	Items   []any
	Results []any
}

func decode(name string, text []byte) (output, error) {
	var l output
	if err := yaml.Unmarshal(text, &l); err != nil {
		return l, fmt.Errorf("the output of %s: %w", name, err)
	}
	return l, nil
}

func name(item any) any {
	if m, ok := item.(map[string]any); ok {
		if meta, ok := m["metadata"].(map[string]any); ok {
			return fmt.Sprint(m["kind"], " ", meta["name"])
		}
	}
	return "which is no object"
}

// A spread is the least, the middle and the greatest of some figures.
type spread struct{ min, median, max float64 }

func spreadOf(figures []float64) spread {
	s := slices.Sorted(slices.Values(figures))
	return spread{s[0], s[len(s)/2], s[len(s)-1]}
}

// A row is what all peers took on one input.
type row struct {
	input   input
	objects int
	bytes   int
	peers   []peer
	runs    [][]cost // by peer, then by round
}

// index is that of a command among the row's peers; -1: it was not run.
func (r row) index(command string) int {
	return slices.IndexFunc(r.peers, func(p peer) bool { return p.name == command })
}

func (c cost) figure(what string) float64 {
	switch what {
	case peakMemory:
		return float64(c.peak)
	case cpuTime:
		return float64(c.cpu)
	}
	return float64(c.wall)
}

func (r row) spread(peer int, what string) spread {
	var all []float64
	for _, c := range r.runs[peer] {
		all = append(all, c.figure(what))
	}
	return spreadOf(all)
}

// calm is the ratio without what other programs on the machine do to it: they prolong wall time, which hits short runs
// harder, and hardly change how long the processors work. Of both ratios the lesser counts, because a process that works on
// several cores at once needs less wall time than processor time.
func (r row) calm(peer, over int, what string) float64 {
	got := r.ratio(peer, over, what).median
	if what == wallTime {
		got = min(got, r.ratio(peer, over, cpuTime).median)
	}
	return got
}

// ratio is a peer's figure over another one's, round by round.
func (r row) ratio(peer, over int, what string) spread {
	var all []float64
	for round, c := range r.runs[peer] {
		all = append(all, c.figure(what)/r.runs[over][round].figure(what))
	}
	return spreadOf(all)
}
