package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

const (
	tableBegin = "<!-- bench:begin -->"
	tableEnd   = "<!-- bench:end -->"
)

// markdown is the table of the README: one line for each input and peer.
func markdown(rows []row) string {
	var b strings.Builder
	b.WriteString("| input | command | runs | wall time | of naive (min … max) | peak memory | of naive |\n|---|---|---:|---:|---:|---:|---:|\n")
	for _, r := range rows {
		for i, p := range r.peers {
			times, memory := "1", "1"
			if i > 0 {
				t := r.ratio(i, wallTime)
				times = fmt.Sprintf("**%.3f** (%.3f … %.3f)", t.median, t.min, t.max)
				memory = fmt.Sprintf("**%.3f**", r.ratio(i, peakMemory).median)
			}
			fmt.Fprintf(&b, "| %s, %s | %s | %d | %s | %s | %s | %s |\n", r.input.name, size(float64(r.bytes)), p.name, len(r.runs[i]),
				duration(r.spread(i, wallTime).median), times, size(r.spread(i, peakMemory).median), memory)
		}
	}
	fmt.Fprintf(&b, "\nMedians of whole processes, run in turn, input from a file; ratios pair by pair; %s, %s/%s, %d cores.\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	return b.String()
}

func duration(nanoseconds float64) string {
	d := time.Duration(nanoseconds)
	if d >= time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
}

func size(bytes float64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%.1f KiB", bytes/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", bytes/(1<<20))
}

// rewrite puts the table between the markers of a file.
func rewrite(file, table string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, begun := strings.Cut(string(text), tableBegin)
	_, after, ended := strings.Cut(rest, tableEnd)
	if !begun || !ended {
		return fmt.Errorf("%s has no %s with a %s after it: write both on lines of their own", file, tableBegin, tableEnd)
	}
	return os.WriteFile(file, []byte(before+tableBegin+"\n"+table+tableEnd+after), 0o644)
}
