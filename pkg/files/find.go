package files

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Options say which files of a folder are left out. Paths that are named
// themselves are always found.
type Options struct {
	Extensions []string // of the files that are looked for: ".yaml"
	Hidden     bool     // also files and folders whose name starts with a dot
	Ignored    bool     // also what .gitignore leaves out
	Charts     bool     // also the folder templates beside a Chart.yaml
	Outside    bool     // also what symbolic links outside of the paths lead to
	Exclude    Patterns // leaves out more, by the path below the one that was given
}

// A File is a file that was found.
type File struct {
	Path string // as the caller writes it: below the path that was given
	Real string // absolute, symbolic links followed
}

// Find finds the files of some paths, each file once, in the order of the paths
// and of the names below them. Symbolic links are followed to what lies within
// the paths. What cannot be read is an error that names it; all of them are
// returned together, with the files that were found all the same.
func Find(paths []string, o Options) ([]File, error) {
	f := finder{Options: o, seen: map[string]bool{}}
	for _, p := range paths {
		real, err := realPath(p)
		if err != nil {
			f.fail(err)
			continue
		}
		f.roots = append(f.roots, real)
	}
	if len(f.errors) > 0 {
		return nil, errors.Join(f.errors...)
	}
	for i, p := range paths {
		info, err := os.Stat(f.roots[i])
		switch {
		case err != nil:
			f.fail(err)
		case info.IsDir():
			f.base = filepath.Clean(p)
			var g *ignores
			if !o.Ignored {
				g = above(f.roots[i])
			}
			f.folder(f.base, f.roots[i], g)
		case !info.Mode().IsRegular():
			f.fail(fmt.Errorf("%s: it is no regular file", p))
		default:
			f.file(filepath.Clean(p), f.roots[i])
		}
	}
	return f.found, errors.Join(f.errors...)
}

type finder struct {
	Options
	base   string
	roots  []string
	seen   map[string]bool // real paths
	found  []File
	errors []error
}

func (f *finder) fail(err error) { f.errors = append(f.errors, err) }

func realPath(p string) (string, error) {
	absolute, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

func (f *finder) file(shown, real string) {
	if !f.seen[real] {
		f.seen[real] = true
		f.found = append(f.found, File{shown, real})
	}
}

// folder goes through a folder. The files that it holds itself come before
// those that links lead to, so that a file is shown by its own name where it
// has one among the paths.
func (f *finder) folder(shown, real string, g *ignores) {
	if f.seen[real] {
		return
	}
	f.seen[real] = true
	entries, err := os.ReadDir(real)
	if err != nil {
		f.fail(err)
		return
	}
	if !f.Ignored {
		g = g.in(real)
	}
	links := func(e fs.DirEntry) int { return int(e.Type() & fs.ModeSymlink) }
	slices.SortStableFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(links(a), links(b)) })
	chart := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == "Chart.yaml" })
	for _, e := range entries {
		f.entry(e, filepath.Join(shown, e.Name()), filepath.Join(real, e.Name()), g, chart && !f.Charts)
	}
}

func (f *finder) entry(e fs.DirEntry, shown, at string, g *ignores, chart bool) {
	name := e.Name()
	if name == ".git" || !f.Hidden && strings.HasPrefix(name, ".") {
		return
	}
	folder, real, mode := e.IsDir(), at, e.Type()
	if mode&fs.ModeSymlink != 0 {
		target, err := filepath.EvalSymlinks(at)
		if err != nil {
			return // it leads nowhere
		}
		info, err := os.Stat(target)
		if err != nil || !f.Outside && !f.within(target) {
			return
		}
		real, folder, mode = target, info.IsDir(), info.Mode().Type()
	}
	if g.match(at, folder) || f.excluded(shown, folder) {
		return
	}
	switch {
	case folder && chart && name == "templates":
	case folder:
		f.folder(shown, real, g)
	case mode.IsRegular() && slices.Contains(f.Extensions, strings.ToLower(filepath.Ext(name))):
		f.file(shown, real)
	}
}

// within says whether a real path lies in one of the paths that were given.
func (f *finder) within(real string) bool {
	return slices.ContainsFunc(f.roots, func(root string) bool {
		below, err := filepath.Rel(root, real)
		return err == nil && filepath.IsLocal(below)
	})
}

func (f *finder) excluded(shown string, folder bool) bool {
	below, err := filepath.Rel(f.base, shown)
	if err != nil {
		return false
	}
	ignored, _ := f.Exclude.match(filepath.ToSlash(below), folder)
	return ignored
}
