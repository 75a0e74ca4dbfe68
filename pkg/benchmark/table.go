package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

const (
	tableBegin = "<!-- bench:begin -->"
	tableEnd   = "<!-- bench:end -->"
)

// markdown is the table of the README, one line for each input and command, and what one must know to read it.
func markdown(rows []row) string {
	var b strings.Builder
	b.WriteString("| input | command | runs | wall time | of naive (min … max) | peak memory | of naive |\n|---|---|---:|---:|---:|---:|---:|\n")
	for _, r := range rows {
		if r.input.name == growth {
			continue
		}
		for i, p := range r.peers {
			times, memory := "1", "1"
			if i > 0 {
				t := r.ratio(i, 0, wallTime)
				times = fmt.Sprintf("**%.3f** (%.3f … %.3f)", t.median, t.min, t.max)
				memory = fmt.Sprintf("**%.3f**", r.ratio(i, 0, peakMemory).median)
			}
			fmt.Fprintf(&b, "| %s | %s | %d | %s | %s | %s | %s |\n", r.describe(), p.name, len(r.runs[i]),
				duration(r.spread(i, wallTime).median), times, size(r.spread(i, peakMemory).median), memory)
		}
	}
	fmt.Fprintf(&b, "\nMedians of whole processes, run in turn, input from a file; ratios pair by pair; %s, %s/%s, %d cores.\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, r := range rows {
		if r.input.name == growth {
			t := r.ratio(r.index(pullable), r.index(onATenth), wallTime)
			fmt.Fprintf(&b, "Ten times the objects take pullable %.1f (%.1f … %.1f) times the time.\n", t.median, t.min, t.max)
		}
	}
	return b.String()
}

// describe is the name of the input and its extent. The name ends at the first parenthesis.
func (r row) describe() string {
	extent := size(float64(r.bytes))
	if !strings.HasPrefix(r.input.name, thousands(r.objects)+" ") {
		extent = thousands(r.objects) + ", " + extent
	}
	return r.input.name + " (" + extent + ")"
}

func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// notes say what the commands are.
func notes() (string, error) {
	yqVersion, err := toolVersion(yqModule)
	if err != nil {
		return "", err
	}
	kustomizeVersion, err := toolVersion(kustomizeModule)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`
- naive: the function that one would write with kyaml, `+"`pkg/benchmark/naive`"+`. Before the runs its output and that of each
  pullable and of yq are compared as data.
- yq: %s with `+"`pkg/benchmark/policy.yq`"+`, which edits the same and writes no results.
- kustomize: %s builds the same objects and does nothing with them. cat copies them.
- kpt's set-image is not here: no Go module proxy serves its module.
- Real objects: the YAML manifests in the modules of `+"`pkg/corpus/modules.sum`"+`, as kpt pipes them to a function, without
  exact copies and without kinds that naive does not know.
`, yqVersion, kustomizeVersion), nil
}

// A cell is a figure of the published table: the ratio to the naive function.
type cell struct{ input, command, what string }

// published reads the ratios back from the table of a file. It is empty where nothing is published yet.
func published(file string) (map[cell]float64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	_, rest, _ := strings.Cut(string(text), tableBegin)
	table, _, _ := strings.Cut(rest, tableEnd)
	said := map[cell]float64{}
	for line := range strings.Lines(table) {
		fields := strings.Split(line, "|")
		if len(fields) != 9 {
			continue
		}
		input, _, _ := strings.Cut(strings.TrimSpace(fields[1]), " (")
		for i, what := range map[int]string{5: wallTime, 7: peakMemory} {
			_, rest, ok := strings.Cut(fields[i], "**")
			if !ok {
				continue // the naive function itself
			}
			figure, _, _ := strings.Cut(rest, "**")
			ratio, err := strconv.ParseFloat(figure, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: the table of the benchmark: %q: %w", file, strings.TrimSpace(line), err)
			}
			said[cell{input, strings.TrimSpace(fields[2]), what}] = ratio
		}
	}
	return said, nil
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
