package inventory

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
)

// JSON is for programs.
type JSON struct{}

// Write implements [Format].
func (JSON) Write(w io.Writer, images []Image) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Images []Image `json:"images"`
	}{images})
}

// CSV is for spreadsheets: a line for each use.
type CSV struct{}

// Write implements [Format].
func (CSV) Write(w io.Writer, images []Image) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"image", "registry", "repository", "tag", "digest", "policy", "why", "policy due", "secrets", "secrets due", "findings", "file", "object", "field"}}
	for i := range images {
		image := &images[i]
		for _, u := range image.Uses {
			var findings []string
			for _, f := range u.Findings {
				findings = append(findings, f.ID)
			}
			now, due := names(u.Secrets)
			rows = append(rows, []string{
				image.Image, image.Registry, image.Repository, image.Tag, image.Digest, u.Policy, u.Why, u.Due,
				strings.Join(now, " "), strings.Join(due, " "), strings.Join(findings, " "), u.File, u.Object, u.Field,
			})
		}
	}
	for _, row := range rows {
		for i := range row {
			row[i] = inert(row[i])
		}
	}
	return out.WriteAll(rows)
}

// inert keeps a spreadsheet from taking a text from a manifest for a formula
// (https://owasp.org/www-community/attacks/CSV_Injection).
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// names gives the names of secrets that are there, and of those that are due.
func names(secrets []Secret) (now, due []string) {
	for _, s := range secrets {
		if s.Due {
			due = append(due, s.Name)
		} else {
			now = append(now, s.Name)
		}
	}
	return now, due
}
