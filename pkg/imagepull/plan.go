package imagepull

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/yamledit"
)

// A Plan is everything that there is to do and to say, in the order of the
// input.
type Plan struct {
	Entries []Entry
	config  *Config
	at      int // index of the object that is being decided about
}

// An Entry is a change or a finding.
type Entry struct {
	ID       FindingID // of a finding, or one of the ids of changes
	Severity manifest.Severity
	Change   bool
	Object   *manifest.Object
	Path     string // of the field; "" where the finding is about the object
	Line     int    // in the input; 0 where it is not known

	// Old is the value that is there, New the one that is or should be: "" for
	// none.
	Old, New string
	Message  string // what, and why
	Edits    []yamledit.Edit
	Adds     *yamledit.Value // an object to add; nil for none

	order int // index of the object in the input
}

// The ids of changes.
const (
	PolicySet     FindingID = "policy-set"
	PolicyChanged FindingID = "policy-changed"
	SecretAdded   FindingID = "secret-added"
	SecretRemoved FindingID = "secret-removed"
	// AccountCreated is a ServiceAccount that is added to the objects.
	AccountCreated FindingID = "service-account-created"
)

// Failed says whether the run fails: an error, or a warning where the config
// says so. Then nothing may be changed.
func (p *Plan) Failed() bool {
	for i := range p.Entries {
		if p.Fails(&p.Entries[i]) {
			return true
		}
	}
	return false
}

// Fails says whether an entry fails the run.
func (p *Plan) Fails(e *Entry) bool {
	return e.Severity == manifest.SeverityError || p.config.failOnWarning && e.Severity == manifest.SeverityWarning
}

// Edits gives the edits that make the plan's changes; none where the run fails
// or only checks.
func (p *Plan) Edits() []yamledit.Edit {
	if p.config.check || p.Failed() {
		return nil
	}
	n := 0
	for i := range p.Entries {
		n += len(p.Entries[i].Edits)
	}
	edits := make([]yamledit.Edit, 0, n)
	for i := range p.Entries {
		edits = append(edits, p.Entries[i].Edits...)
	}
	return edits
}

// Adds gives the objects that the plan adds at the end; none where the run fails
// or only checks.
func (p *Plan) Adds() []yamledit.Value {
	if p.config.check || p.Failed() {
		return nil
	}
	var adds []yamledit.Value
	for i := range p.Entries {
		if p.Entries[i].ID == AccountCreated {
			adds = append(adds, *p.Entries[i].Adds)
		}
	}
	return adds
}

// Results gives the plan as the results of a ResourceList. Where the run fails
// and is no check, changes are left out: they are not made.
func (p *Plan) Results() []manifest.Result {
	failed := p.Failed() && !p.config.check
	results := make([]manifest.Result, 0, len(p.Entries))
	tags := make([]manifest.Tag, len(p.Entries)) // of all results
	for i := range p.Entries {
		e := &p.Entries[i]
		if failed && e.Change {
			continue
		}
		tags[i] = manifest.Tag{Key: "id", Value: string(e.ID)}
		results = append(results, manifest.Result{
			Message:  e.Message,
			Severity: e.Severity,
			Object:   e.Object,
			Field: manifest.Field{
				Path:    e.Path,
				Current: e.Old, HasCurrent: e.Old != "",
				Proposed: e.New, HasProposed: e.New != "",
			},
			Tags: tags[i : i+1 : i+1],
		})
	}
	return results
}

// Messages gives a line for each error and warning, errors first, for people
// who read standard error.
func (p *Plan) Messages() []string {
	var loud []*Entry
	for i := range p.Entries {
		if e := &p.Entries[i]; e.Severity != manifest.SeverityInfo {
			loud = append(loud, e)
		}
	}
	rank := map[manifest.Severity]int{manifest.SeverityError: 0, manifest.SeverityWarning: 1}
	slices.SortStableFunc(loud, func(a, b *Entry) int { return cmp.Compare(rank[a.Severity], rank[b.Severity]) })
	lines := make([]string, len(loud))
	for i, e := range loud {
		lines[i] = e.line()
	}
	return lines
}

// line writes an entry for people: "error: apps/v1 Deployment team/web:
// spec…imagePullPolicy: message [invalid-policy] (web.yaml, line 7)".
func (e *Entry) line() string {
	var s strings.Builder
	s.WriteString(string(e.Severity) + ": " + e.Object.String() + ": ")
	if e.Path != "" && !strings.HasPrefix(e.Message, e.Path) {
		s.WriteString(e.Path + ": ")
	}
	s.WriteString(e.Message + " [" + string(e.ID) + "]")
	switch {
	case e.Object.File != "":
		s.WriteString(" (" + e.Object.File + ")")
	case e.Line > 0:
		s.WriteString(" (line " + strconv.Itoa(e.Line) + ")")
	case e.Object.Line > 0:
		s.WriteString(" (object at line " + strconv.Itoa(e.Object.Line) + ")")
	}
	return s.String()
}

// finding adds a finding with the severity that the config gives it.
func (p *Plan) finding(id FindingID, e Entry) {
	e.ID, e.order = id, p.at
	for _, kind := range FindingKinds {
		if kind.ID == id {
			e.Severity = kind.Severity
		}
	}
	switch p.config.severities[id] {
	case v1alpha1.SeverityError:
		e.Severity = manifest.SeverityError
	case v1alpha1.SeverityWarning:
		e.Severity = manifest.SeverityWarning
	case v1alpha1.SeverityInfo:
		e.Severity = manifest.SeverityInfo
	case v1alpha1.SeverityIgnore:
		return
	}
	p.Entries = append(p.Entries, e)
}

// change adds a change. A run that only checks reports it as an error.
func (p *Plan) change(id FindingID, e Entry) {
	e.ID, e.Change, e.Severity, e.order = id, true, manifest.SeverityInfo, p.at
	if p.config.check {
		e.Severity = manifest.SeverityError
	}
	p.Entries = append(p.Entries, e)
}
