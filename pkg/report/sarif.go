package report

import (
	"encoding/hex"
	"hash/fnv"
	"io"
	"net/url"
	"path/filepath"

	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/pullable/pullable/pkg/manifest"
)

// SARIF is the Static Analysis Results Interchange Format 2.1.0
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), as code
// scanning services read it.
type SARIF struct{}

// Write implements [Format]. Changes that were made are left out: there is
// nothing left to see.
func (SARIF) Write(w io.Writer, r *Report) error {
	log, err := sarif.New(sarif.Version210)
	if err != nil {
		return err
	}
	run := sarif.NewRunWithInformationURI("pullable", "https://github.com/pullable/pullable")
	run.ColumnKind = "unicodeCodePoints"
	if r.Version != "" {
		run.Tool.Driver.Version = &r.Version
	}
	index := map[string]int{}
	for i, rule := range r.Rules {
		index[rule.ID] = i
		run.AddRule(rule.ID).WithDescription(rule.Meaning).
			WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(sarifLevel(rule.Severity)))
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; !f.Made {
			run.Results = append(run.Results, sarifOf(f, index))
		}
	}
	log.AddRun(run)
	return log.PrettyWrite(w)
}

func sarifOf(f *Finding, index map[string]int) *sarif.Result {
	place := sarif.NewPhysicalLocation().WithArtifactLocation(sarif.NewArtifactLocation().WithUri(fileURI(f.File)))
	if f.Line > 0 {
		place.Region = sarif.NewRegion().WithStartLine(f.Line)
		if f.Column > 0 {
			place.Region.WithStartColumn(f.Column)
		}
	}
	location := sarif.NewLocationWithPhysicalLocation(place)
	name := ""
	if f.Object != nil {
		name = f.Object.String()
		if f.Field != "" {
			name += " " + f.Field
		}
		location.LogicalLocations = []*sarif.LogicalLocation{sarif.NewLogicalLocation().WithFullyQualifiedName(name)}
	}
	sum := fnv.New128a()
	io.WriteString(sum, f.ID+"\x00"+name+"\x00"+f.File) // a hash never fails
	result := sarif.NewRuleResult(f.ID).WithLevel(sarifLevel(f.Severity)).WithMessage(sarif.NewTextMessage(f.Message))
	if i, known := index[f.ID]; known {
		result.WithRuleIndex(i)
	}
	result.AddLocation(location)
	result.PartialFingerprints = map[string]any{"pullable/v1": hex.EncodeToString(sum.Sum(nil))}
	return result
}

func sarifLevel(s manifest.Severity) string {
	switch s {
	case manifest.SeverityError, manifest.SeverityWarning:
		return string(s)
	}
	return "note"
}

// fileURI gives a relative reference for a relative path, which services read
// as below the repository's root.
func fileURI(path string) string {
	u := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		u.Scheme = "file"
	}
	return u.String()
}
