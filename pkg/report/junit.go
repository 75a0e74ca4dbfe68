package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// JUnit is the XML that CI services show as tests: a suite for each file, a
// case for each finding. Only findings that fail the run are failures. It is
// written without encoding/xml, which every run of the function would pay for.
type JUnit struct{}

// Write implements [Format].
func (JUnit) Write(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	tests, failures := countTests(r.Findings)
	fmt.Fprintln(out, `<?xml version="1.0" encoding="UTF-8"?>`)
	fmt.Fprintf(out, "<testsuites name=\"pullable\" tests=\"%d\" failures=\"%d\">\n", max(tests, 1), failures)
	if tests == 0 {
		// A report without a case is taken for a run that did not happen.
		fmt.Fprintln(out, `  <testsuite name="pullable" tests="1" failures="0">`)
		fmt.Fprintln(out, `    <testcase name="nothing to do" classname="pullable"></testcase>`)
		fmt.Fprintln(out, `  </testsuite>`)
	}
	for rest := r.Findings; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].File == rest[0].File {
			n++
		}
		tests, failures := countTests(rest[:n])
		fmt.Fprintf(out, "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\">\n", inXML(rest[0].File), tests, failures)
		for i := range rest[:n] {
			junitCase(out, &rest[i])
		}
		fmt.Fprintln(out, "  </testsuite>")
		rest = rest[n:]
	}
	fmt.Fprintln(out, "</testsuites>")
	return out.Flush()
}

func countTests(findings []Finding) (tests, failures int) {
	for i := range findings {
		if findings[i].Fails {
			failures++
		}
	}
	return len(findings), failures
}

func junitCase(out io.Writer, f *Finding) {
	name := f.ID
	if f.Object != nil {
		name = f.Object.String() + ": " + f.ID
	}
	if f.Field != "" {
		name += " " + f.Field
	}
	fmt.Fprintf(out, "    <testcase name=\"%s\" classname=\"%s\" file=\"%[2]s\" line=\"%[3]d\">\n", inXML(name), inXML(f.File), f.Line)
	text := inXML(fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message))
	if f.Fails {
		fmt.Fprintf(out, "      <failure message=\"%s\" type=\"%s\">%s</failure>\n", inXML(f.Message), inXML(f.ID), text)
	} else {
		fmt.Fprintf(out, "      <system-out>%s: %s</system-out>\n", f.Severity, text)
	}
	fmt.Fprintln(out, "    </testcase>")
}

// inXML escapes a text, and takes out characters that XML 1.0 does not have.
func inXML(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&#34;")
		case r == '\t', r == '\n', r == '\r':
			fmt.Fprintf(&b, "&#%d;", r)
		case r < ' ', r == 0xfffe, r == 0xffff:
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
