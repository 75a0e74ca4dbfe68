package report

import (
	"encoding/hex"
	"hash/fnv"
	"io"
	"net/url"
	"path/filepath"

	"github.com/pullable/pullable/pkg/manifest"
)

// SARIF is the Static Analysis Results Interchange Format 2.1.0
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), as code
// scanning services read it. The few fields that are needed are written here;
// the conformance tests hold them against the format's schema.
type SARIF struct{}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	InformationURI string      `json:"informationUri"`
	Version        string      `json:"version,omitempty"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID                   string    `json:"id"`
	ShortDescription     sarifText `json:"shortDescription"`
	DefaultConfiguration struct {
		Level string `json:"level"`
	} `json:"defaultConfiguration"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID              string            `json:"ruleId"`
	RuleIndex           int               `json:"ruleIndex"`
	Level               string            `json:"level"`
	Message             sarifText         `json:"message"`
	Locations           []sarifLocation   `json:"locations"`
	PartialFingerprints map[string]string `json:"partialFingerprints"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	} `json:"physicalLocation"`
	Logical []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
}

type sarifLogical struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
}

// Write implements [Format]. Changes that were made are left out: there is
// nothing left to see.
func (SARIF) Write(w io.Writer, r *Report) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{
		Name: "pullable", InformationURI: "https://github.com/pullable/pullable", Version: r.Version, Rules: []sarifRule{},
	}
	index := map[string]int{}
	for i, rule := range r.Rules {
		index[rule.ID] = i
		s := sarifRule{ID: rule.ID, ShortDescription: sarifText{rule.Meaning}}
		s.DefaultConfiguration.Level = sarifLevel(rule.Severity)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, s)
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; !f.Made {
			run.Results = append(run.Results, sarifOf(f, index))
		}
	}
	return writeJSON(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifOf(f *Finding, index map[string]int) sarifResult {
	var at sarifLocation
	at.Physical.Artifact.URI = fileURI(f.File)
	if f.Line > 0 {
		at.Physical.Region = &sarifRegion{f.Line, f.Column}
	}
	name := ""
	if f.Object != nil {
		name = f.Object.String()
		if f.Field != "" {
			name += " " + f.Field
		}
		at.Logical = []sarifLogical{{name}}
	}
	sum := fnv.New128a()
	io.WriteString(sum, f.ID+"\x00"+name+"\x00"+f.File) // a hash never fails
	ruleIndex, known := index[f.ID]
	if !known {
		ruleIndex = -1
	}
	return sarifResult{
		RuleID: f.ID, RuleIndex: ruleIndex, Level: sarifLevel(f.Severity), Message: sarifText{f.Message},
		Locations:           []sarifLocation{at},
		PartialFingerprints: map[string]string{"pullable/v1": hex.EncodeToString(sum.Sum(nil))},
	}
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
