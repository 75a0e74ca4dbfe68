package report

import (
	"io"

	"github.com/pullable/pullable/pkg/manifest"
)

// A Report is what one run over files has to say.
type Report struct {
	Version  string // of pullable
	Fix      bool   // changes were to be made, not only listed
	Files    int    // files that look like manifests
	Objects  int
	Rules    []Rule // every id that findings may have
	Findings []Finding
}

// A Rule is what an id of a finding means.
type Rule struct {
	ID       string
	Severity manifest.Severity
	Meaning  string // one sentence
}

// A Finding is a change, or something that pullable does not change by itself.
type Finding struct {
	ID       string
	Severity manifest.Severity
	Change   bool // it is a change: due, or made
	Made     bool // it was made
	Fails    bool // it makes the run fail

	File         string           // as people wrote it
	Line, Column int              // from 1, the column in characters; 0 where not known
	Object       *manifest.Object // nil where it is about the file
	Field        string           // "" where it is about the object
	Old, New     string
	Message      string
}

// Unreadable is the id of a file that looks like manifests and cannot be read,
// or cannot be written.
const Unreadable = "unreadable"

// A Format writes a report.
type Format interface {
	Write(w io.Writer, r *Report) error
}

// Formats are the formats by the names that people give them.
var Formats = map[string]Format{
	"text":   Text{},
	"json":   JSON{},
	"sarif":  SARIF{},
	"junit":  JUnit{},
	"github": GitHub{},
}

// Counts are the numbers of a report.
type Counts struct {
	Errors   int `json:"errors"` // without changes
	Warnings int `json:"warnings"`
	Infos    int `json:"infos"`
	Due      int `json:"changesDue"`
	Made     int `json:"changesMade"`
	Files    int `json:"filesWithFindings"`
}

// Count counts the findings.
func (r *Report) Count() Counts {
	var c Counts
	files := map[string]bool{}
	for i := range r.Findings {
		f := &r.Findings[i]
		files[f.File] = true
		switch {
		case f.Made:
			c.Made++
		case f.Change:
			c.Due++
		case f.Severity == manifest.SeverityError:
			c.Errors++
		case f.Severity == manifest.SeverityWarning:
			c.Warnings++
		default:
			c.Infos++
		}
	}
	c.Files = len(files)
	return c
}
