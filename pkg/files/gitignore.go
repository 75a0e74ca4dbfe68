package files

import (
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Patterns are the lines of one ignore file, in the language of gitignore
// (https://git-scm.com/docs/gitignore). The last one that matches decides.
type Patterns []pattern

// pattern is one line of an ignore file.
type pattern struct {
	segments []string // between the slashes; "**" stands for any number of folders
	negated  bool     // it takes back what an earlier one ignores
	folder   bool     // it matches folders only
}

// ParsePatterns reads the text of an ignore file. There are no errors: as for
// git, what makes no sense matches nothing.
func ParsePatterns(text string) Patterns {
	var all Patterns
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
			line = line[:len(line)-1]
		}
		if line == "" || line[0] == '#' {
			continue
		}
		var p pattern
		if line[0] == '!' {
			p.negated, line = true, line[1:]
		}
		if strings.HasSuffix(line, "/") {
			p.folder, line = true, line[:len(line)-1]
		}
		anchored := strings.Contains(line, "/")
		line = strings.TrimPrefix(line, "/")
		if line == "" {
			continue
		}
		if !anchored {
			p.segments = append(p.segments, "**")
		}
		p.segments = append(p.segments, strings.Split(line, "/")...)
		all = append(all, p)
	}
	return all
}

// match says whether the patterns speak of a path, which is relative to the
// folder of the ignore file and has slashes, and what they say.
func (ps Patterns) match(name string, folder bool) (ignored, matched bool) {
	segments := strings.Split(name, "/")
	for i := len(ps) - 1; i >= 0; i-- {
		if p := &ps[i]; (folder || !p.folder) && matchSegments(p.segments, segments) {
			return !p.negated, true
		}
	}
	return false, false
}

func matchSegments(patterns, segments []string) bool {
	for len(patterns) > 0 {
		if patterns[0] == "**" {
			if len(patterns) == 1 {
				return len(segments) > 0
			}
			for i := range segments {
				if matchSegments(patterns[1:], segments[i:]) {
					return true
				}
			}
			return false
		}
		if len(segments) == 0 || !matchSegment(patterns[0], segments[0]) {
			return false
		}
		patterns, segments = patterns[1:], segments[1:]
	}
	return len(segments) == 0
}

// matchSegment is path.Match with git's way of negating a class of characters,
// and with its many stars in a row.
func matchSegment(pattern, segment string) bool {
	matched, err := path.Match(strings.ReplaceAll(pattern, "[!", "[^"), segment)
	return err == nil && matched
}

// ignores are the ignore files that hold in a folder, the outermost first.
type ignores struct {
	folder   string // absolute
	patterns Patterns
	outer    *ignores
}

// in gives what holds in a folder below.
func (g *ignores) in(folder string) *ignores {
	text, err := os.ReadFile(filepath.Join(folder, ".gitignore"))
	if err != nil {
		return g
	}
	return &ignores{folder, ParsePatterns(string(text)), g}
}

// match says whether a path is ignored; the innermost file that speaks of it
// decides.
func (g *ignores) match(file string, folder bool) bool {
	for ; g != nil; g = g.outer {
		name, err := filepath.Rel(g.folder, file)
		if err != nil {
			continue
		}
		if ignored, matched := g.patterns.match(filepath.ToSlash(name), folder); matched {
			return ignored
		}
	}
	return false
}

// above gives the ignore files of the folders above one, up to the root of the
// git repository that holds it; none where there is no repository.
func above(folder string) *ignores {
	var folders []string // the innermost first
	for at := folder; ; {
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			folders = append(folders, at)
			break
		}
		up := filepath.Dir(at)
		if up == at {
			return nil
		}
		folders = append(folders, at)
		at = up
	}
	root := folders[len(folders)-1]
	var g *ignores
	if text, err := os.ReadFile(filepath.Join(root, ".git", "info", "exclude")); err == nil {
		g = &ignores{root, ParsePatterns(string(text)), nil}
	}
	for i := len(folders) - 1; i > 0; i-- { // the folder's own is read when it is entered
		g = g.in(folders[i])
		if g.match(folders[i-1], true) {
			// As git has it, nothing below an ignored folder can be taken back; but a
			// folder that somebody names is meant.
			return nil
		}
	}
	return g
}
