// Package corpus yields real Kubernetes manifests: those that well-known projects ship inside their Go modules. Tests run
// over them because no one who writes a test thinks of what people really write.
//
// The modules are pinned in modules.sum, in the form of go.sum. They are not requirements of go.mod: nothing of them is
// compiled, they ask for versions of each other that do not fit together, and k8s.io/kubernetes can be required only with a
// replacement for each of its parts.
package corpus

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/pullable/pullable/pkg/internal/modules"
)

//go:embed modules.sum
var modulesSum string

// A File is one file that holds nothing but Kubernetes objects.
type File struct {
	Module string // path and version, "k8s.io/kubernetes@v1.36.3"
	Path   string // below the module's root, with slashes
	Bytes  []byte // as it is; do not change it
}

func (f File) String() string { return f.Module + "/" + f.Path }

// JSON says that the file is JSON by its name.
func (f File) JSON() bool { return strings.HasSuffix(f.Path, ".json") }

// Documents decodes the file to plain data, anew at each call. Documents without content are left out.
func (f File) Documents() ([]any, error) { return Documents(f.Bytes, f.JSON()) }

// Files returns every manifest of the pinned modules, ordered by module and path. The go command downloads what its module
// cache lacks. A file that is not YAML (a template, say), or that holds something else than objects, is no manifest.
func Files(t testing.TB) []File {
	t.Helper()
	files, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Load is Files for what is no test.
func Load() ([]File, error) { return load() }

var load = sync.OnceValues(func() ([]File, error) {
	var all []File
	for line := range strings.Lines(modulesSum) {
		field := strings.Fields(line)
		if len(field) != 3 {
			return nil, fmt.Errorf("modules.sum: %q is not a module, its version and its sum", line)
		}
		dir, err := modules.Dir(field[0], field[1], field[2])
		if err != nil {
			return nil, err
		}
		files, err := candidates(dir, field[0]+"@"+field[1])
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return onlyManifests(all), nil
})

// candidates are the files that may be manifests by their name and by two words that every object holds.
func candidates(dir, module string) ([]File, error) {
	var files []File
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path)) {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if bytes.Contains(text, []byte("apiVersion")) && bytes.Contains(text, []byte("kind")) {
			relative, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			files = append(files, File{Module: module, Path: filepath.ToSlash(relative), Bytes: text})
		}
		return nil
	})
	return files, err
}

// onlyManifests keeps the files that hold objects and nothing else, in order.
func onlyManifests(files []File) []File {
	keep := make([]bool, len(files))
	var group sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := range next {
				documents, err := files[i].Documents()
				keep[i] = err == nil && len(documents) > 0 && !slices.ContainsFunc(documents, func(d any) bool { return !isObject(d) })
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	group.Wait()
	var kept []File
	for i, f := range files {
		if keep[i] {
			kept = append(kept, f)
		}
	}
	return kept
}

func isObject(document any) bool {
	m, _ := document.(map[string]any)
	apiVersion, _ := m["apiVersion"].(string)
	kind, _ := m["kind"].(string)
	return apiVersion != "" && kind != ""
}

// Documents decodes a YAML stream, or a sequence of JSON values, to plain data.
func Documents(text []byte, isJSON bool) ([]any, error) {
	decode := yaml.NewDecoder(bytes.NewReader(text)).Decode
	if isJSON {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		decode = d.Decode
	}
	var all []any
	for {
		var document any
		err := decode(&document)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if document != nil {
			all = append(all, document)
		}
	}
}
