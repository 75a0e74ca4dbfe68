package main

import (
	"errors"
	"fmt"
)

// A bar is what pullable promises: the most that one command may take on an input, as a share of what another one takes there.
type bar struct {
	input, command, over string
	what                 string // wallTime or peakMemory
	most                 float64
}

var bars = []bar{
	{"1 object", pullable, naive, wallTime, 0.85},
	{"100 objects", pullable, naive, wallTime, 0.10},
	{"1,000 objects", pullable, naive, wallTime, 0.03},
	{"1,000 objects", pullable, yq, wallTime, 1.0 / 25},
	{"real objects without CRDs", pullable, naive, wallTime, 0.03},
	{"real objects", pullable, naive, wallTime, 0.03},
	{"10,000 objects", pullable, naive, wallTime, 0.02},
	{"10,000 objects", pullable, naive, peakMemory, 1.0 / 25},
	{"10,000 objects", parserForced, naive, wallTime, 0.30},
	{"10,000 objects", parserForced, naive, peakMemory, 1.0 / 10},
	{growth, pullable, onATenth, wallTime, 10.5},
}

// The peak of pullable behind a pipe, whose size it cannot know: at most pipedTimes the input's bytes and pipedPlus.
const (
	pipedTimes = 3
	pipedPlus  = 10 << 20
)

// noise is the factor by which a figure of few runs on a busy machine may exceed what many runs gave.
const noise = 2

// A judge says what a command's ratio to another one is.
type judge func(r row, command, over int, what string) float64

// exact takes the figures as they are.
func exact(r row, command, over int, what string) float64 {
	return r.ratio(command, over, what).median
}

// lenient is for few runs on a machine that does other things as well.
func lenient(r row, command, over int, what string) float64 {
	return r.calm(command, over, what) / noise
}

// missed is an error that names every bar which the rows do not clear. A bar over a command that was not run says nothing.
func missed(rows []row, ratio judge) error {
	var all []error
	for _, b := range bars {
		for _, r := range rows {
			command, over := r.index(b.command), r.index(b.over)
			if r.input.name != b.input || command < 0 || over < 0 {
				continue
			}
			if ratio(r, command, over, b.what) > b.most {
				got := r.ratio(command, over, b.what)
				all = append(all, fmt.Errorf("%s: %s of %s is %.3f (%.3f … %.3f) of that of %s; the bar is %.3f",
					b.input, b.what, b.command, got.median, got.min, got.max, b.over, b.most))
			}
		}
	}
	for _, r := range rows {
		piped := r.index(fromPipe)
		if piped < 0 {
			continue
		}
		most := pipedTimes*float64(r.bytes) + pipedPlus
		if got := r.spread(piped, peakMemory).median; got > most {
			all = append(all, fmt.Errorf("%s: peak memory of %s is %s, more than %s", r.input.name, fromPipe, size(got), size(most)))
		}
	}
	return errors.Join(all...)
}

// worse is an error that names every command whose ratio to the naive function is more than noise times what the README's
// table says.
func worse(rows []row, said map[cell]float64) error {
	var all []error
	for _, r := range rows {
		for i, p := range r.peers {
			if !p.ours || r.peers[0].name != naive {
				continue
			}
			for _, what := range []string{wallTime, peakMemory} {
				was, ok := said[cell{r.input.name, p.name, what}]
				if ok && lenient(r, i, 0, what) > was {
					all = append(all, fmt.Errorf("%s: %s of %s is %.3f of that of %s; the README says %.3f",
						r.input.name, what, p.name, r.ratio(i, 0, what).median, r.peers[0].name, was))
				}
			}
		}
	}
	return errors.Join(all...)
}
