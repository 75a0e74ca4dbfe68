package report

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/pullable/pullable/pkg/manifest"
)

// GitHub is GitHub's workflow commands, which show findings beside the lines of
// a pull request
// (https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions).
type GitHub struct{}

// The escapes are those of @actions/core, src/command.ts.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// Write implements [Format]. Changes that were made are left out.
func (GitHub) Write(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Made {
			continue
		}
		command := "notice"
		switch f.Severity {
		case manifest.SeverityError, manifest.SeverityWarning:
			command = string(f.Severity)
		}
		fmt.Fprintf(out, "::%s file=%s", command, githubProperty.Replace(filepath.ToSlash(f.File)))
		if f.Line > 0 {
			fmt.Fprintf(out, ",line=%d", f.Line)
		}
		if f.Column > 0 {
			fmt.Fprintf(out, ",col=%d", f.Column)
		}
		message := f.Message
		if f.Object != nil {
			message = f.Object.String() + ": " + message
		}
		fmt.Fprintf(out, ",title=%s::%s\n", githubProperty.Replace("pullable "+f.ID), githubData.Replace(message))
	}
	return out.Flush()
}
