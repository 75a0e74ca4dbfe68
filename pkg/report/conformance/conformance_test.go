// Package conformance reads pullable's reports with the field's own libraries.
// It is a module of its own, so that these are no dependencies of pullable's.
package conformance

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/joshdk/go-junit"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/xeipuuv/gojsonschema"

	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/report"
)

// samples are reports with a finding of every sort, and with none.
func samples() map[string]*report.Report {
	web := &manifest.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "team", Name: "web"}
	rules := []report.Rule{{ID: "policy-set", Severity: manifest.SeverityError, Meaning: "A policy is to be set."}}
	return map[string]*report.Report{
		"nothing was found": {Rules: rules},
		"every sort of finding": {
			Version: "v1", Files: 3, Objects: 4, Rules: rules,
			Findings: []report.Finding{
				{ID: report.Unreadable, Severity: manifest.SeverityError, Fails: true, File: "ü b/<&>,:%.yaml", Line: 3, Message: "100% \"bad\" <x>\n\x1b[31m & more"},
				{ID: report.Unreadable, Severity: manifest.SeverityError, Fails: true, File: "/abs/x.yaml", Message: "gone"},
				{ID: "policy-set", Severity: manifest.SeverityError, Change: true, Fails: true, File: "web.yaml", Line: 10, Column: 16, Object: web, Field: "spec.x", New: "Always", Message: "set it"},
				{ID: "stale-latest", Severity: manifest.SeverityWarning, File: "web.yaml", Line: 12, Object: web, Message: "stale"},
				{ID: "policy-differs-from-tag", Severity: manifest.SeverityInfo, File: "x.yaml", Object: web, Message: "differs"},
			},
		},
	}
}

// schema gives the schema of SARIF 2.1.0, which the library holds as a constant.
// The library's own check would not do: it checks what it makes of a log, not
// the log.
func schema(t *testing.T) *gojsonschema.Schema {
	t.Helper()
	_, err := sarif.FromString("{}") // keeps the library among the dependencies
	if err != nil {
		t.Fatal(err)
	}
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING && len(literal.Value) > len(text) {
			text, err = strconv.Unquote(literal.Value)
		}
		return true
	})
	if err != nil || len(text) < 100_000 {
		t.Fatalf("the schema has %d bytes: %v", len(text), err)
	}
	s, err := gojsonschema.NewSchema(gojsonschema.NewStringLoader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSARIFFollowsItsSchema(t *testing.T) {
	s := schema(t)
	for sentence, r := range samples() {
		t.Run(sentence, func(t *testing.T) {
			var out bytes.Buffer
			if err := (report.SARIF{}).Write(&out, r); err != nil {
				t.Fatal(err)
			}
			result, err := s.Validate(gojsonschema.NewBytesLoader(out.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range result.Errors() {
				t.Error(problem)
			}
			log, err := sarif.FromBytes(out.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			if got := len(log.Runs[0].Results); got != len(r.Findings) {
				t.Errorf("%d results, want %d", got, len(r.Findings))
			}
		})
	}
	t.Run("what is wrong is refused", func(t *testing.T) {
		wrong := `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[{"message":{"text":"m"},"level":"fatal"}]}]}`
		if result, err := s.Validate(gojsonschema.NewStringLoader(wrong)); err != nil || result.Valid() {
			t.Errorf("a level that there is not passes: %v", err)
		}
	})
}

func TestJUnitIsReadByAParser(t *testing.T) {
	for sentence, r := range samples() {
		t.Run(sentence, func(t *testing.T) {
			var out bytes.Buffer
			if err := (report.JUnit{}).Write(&out, r); err != nil {
				t.Fatal(err)
			}
			suites, err := junit.Ingest(out.Bytes())
			if err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			tests, failed := 0, 0
			for _, s := range suites {
				tests += s.Totals.Tests
				failed += s.Totals.Failed
			}
			wantFailed := 0
			for _, f := range r.Findings {
				if f.Fails {
					wantFailed++
				}
			}
			if tests != max(1, len(r.Findings)) || failed != wantFailed {
				t.Errorf("%d tests of which %d failed\n%s", tests, failed, out.String())
			}
		})
	}
}
