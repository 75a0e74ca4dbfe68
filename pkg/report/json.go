package report

import (
	"encoding/json"
	"io"
)

// JSON is for programs.
type JSON struct{}

type jsonReport struct {
	Version  string        `json:"version"`
	Files    int           `json:"files"`
	Objects  int           `json:"objects"`
	Counts   Counts        `json:"counts"`
	Findings []jsonFinding `json:"findings"`
}

type jsonFinding struct {
	ID       string      `json:"id"`
	Severity string      `json:"severity"`
	Change   bool        `json:"change"`
	Made     bool        `json:"made"`
	Fails    bool        `json:"fails"`
	File     string      `json:"file"`
	Line     int         `json:"line,omitempty"`
	Column   int         `json:"column,omitempty"`
	Object   *jsonObject `json:"object,omitempty"`
	Field    string      `json:"field,omitempty"`
	Current  string      `json:"currentValue,omitempty"`
	Proposed string      `json:"proposedValue,omitempty"`
	Message  string      `json:"message"`
}

type jsonObject struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name,omitempty"`
}

// Write implements [Format].
func (JSON) Write(w io.Writer, r *Report) error {
	out := jsonReport{r.Version, r.Files, r.Objects, r.Count(), make([]jsonFinding, len(r.Findings))}
	for i := range r.Findings {
		f := &r.Findings[i]
		out.Findings[i] = jsonFinding{
			ID: f.ID, Severity: string(f.Severity), Change: f.Change, Made: f.Made, Fails: f.Fails,
			File: f.File, Line: f.Line, Column: f.Column,
			Field: f.Field, Current: f.Old, Proposed: f.New, Message: f.Message,
		}
		if o := f.Object; o != nil {
			out.Findings[i].Object = &jsonObject{o.APIVersion, o.Kind, o.Namespace, o.Name}
		}
	}
	return writeJSON(w, out)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
