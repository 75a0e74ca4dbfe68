// Testall runs the tests of several Go modules and tells the outcome of all of them in one place:
// each failed test with its output, each skipped test with its reason, a line per package, and at the
// end one line of totals.
//
//	go run ./.ci/testall [-race] [-run REGEXP] [-skip REGEXP] [-timeout DURATION] MODULE-FOLDER...
//
// It ends with exit code 1 when a test failed, a package did not build or no test ran.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	race := flag.Bool("race", false, "run the tests with the race detector")
	run := flag.String("run", "", "run only the tests that match")
	skip := flag.String("skip", "", "leave out the tests that match")
	timeout := flag.Duration("timeout", 30*time.Minute, "end a package's tests after this time")
	flag.Parse()

	// The nested modules test programs and files outside themselves, of which the test cache knows nothing.
	args := []string{"test", "-json", "-count=1", "-timeout", timeout.String()}
	if *race {
		args = append(args, "-race")
	}
	if *run != "" {
		args = append(args, "-run", *run)
	}
	if *skip != "" {
		args = append(args, "-skip", *skip)
	}
	args = append(args, "./...")

	total := report{out: os.Stdout}
	for _, folder := range flag.Args() {
		if err := total.module(folder, args); err != nil {
			fmt.Fprintf(os.Stderr, "testall: %s: %v\n", folder, err)
			os.Exit(1)
		}
	}
	fmt.Println(total.totals())
	if total.failed > 0 || total.passed == 0 {
		os.Exit(1)
	}
}

// event is a line of `go test -json`, as `go doc test2json` describes it.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
	Elapsed    float64
}

// report counts the tests that have no subtests of their own: a table's function is not one test more.
type report struct {
	out                     io.Writer
	passed, failed, skipped int
}

func (r *report) totals() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", r.passed, r.failed, r.skipped)
}

func (r *report) module(folder string, args []string) error {
	abs, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = abs
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	before := r.failed
	readErr := r.read(stdout)
	waitErr := cmd.Wait()
	if readErr != nil {
		return readErr
	}
	if waitErr != nil && r.failed == before {
		return fmt.Errorf("go test: %w", waitErr)
	}
	return nil
}

// read takes the events of one `go test` run.
func (r *report) read(events io.Reader) error {
	var p packages
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				fmt.Fprintf(r.out, "%s", line)
			} else {
				r.take(&p, e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

type packages map[string]*outcome

// outcome is what is known of a package or a test while it runs.
type outcome struct {
	output   strings.Builder
	children bool
	// Counted for packages only.
	passed, failed, skipped int
}

func (p *packages) get(key string) *outcome {
	if *p == nil {
		*p = packages{}
	}
	o := (*p)[key]
	if o == nil {
		o = &outcome{}
		(*p)[key] = o
	}
	return o
}

func (r *report) take(p *packages, e event) {
	name := e.Package
	if name == "" {
		name = e.ImportPath
	}
	pkg := p.get(name)
	if e.Test == "" {
		r.takePackage(pkg, name, e)
		return
	}
	key := name + " " + e.Test
	test := p.get(key)
	switch e.Action {
	case "run":
		if i := strings.LastIndex(e.Test, "/"); i > 0 {
			p.get(name + " " + e.Test[:i]).children = true
		}
	case "output":
		test.output.WriteString(e.Output)
	case "pass", "fail", "skip":
		if !test.children {
			pkg.count(e.Action)
		}
		if e.Action != "pass" {
			fmt.Fprintf(r.out, "%s", essence(test.output.String()))
		}
		delete(*p, key)
	}
}

func (r *report) takePackage(pkg *outcome, name string, e event) {
	switch e.Action {
	case "output", "build-output":
		pkg.output.WriteString(e.Output)
	case "build-fail":
		// The packages whose tests need this one fail next, and are counted.
		fmt.Fprintf(r.out, "%s", pkg.output.String())
		pkg.output.Reset()
	case "pass", "fail", "skip":
		if e.Action == "fail" {
			// A package can fail without a failed test: it does not build, a test panics, TestMain ends it.
			fmt.Fprintf(r.out, "%s", essence(pkg.output.String()))
			if pkg.failed == 0 {
				pkg.failed++
			}
		}
		if pkg.passed+pkg.failed+pkg.skipped > 0 {
			fmt.Fprintf(r.out, "%-5s%s (%d passed, %d failed, %d skipped) %.1fs\n",
				e.Action, name, pkg.passed, pkg.failed, pkg.skipped, e.Elapsed)
		}
		r.passed += pkg.passed
		r.failed += pkg.failed
		r.skipped += pkg.skipped
	}
}

func (o *outcome) count(action string) {
	switch action {
	case "pass":
		o.passed++
	case "fail":
		o.failed++
	case "skip":
		o.skipped++
	}
}

// essence leaves out the lines that only tell that a test started or went on.
func essence(output string) string {
	lines := strings.SplitAfter(output, "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool {
		for _, noise := range []string{"=== RUN", "=== PAUSE", "=== CONT", "=== NAME"} {
			if strings.HasPrefix(line, noise) {
				return true
			}
		}
		return false
	})
	return strings.Join(lines, "")
}
