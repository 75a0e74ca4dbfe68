// Package crds holds the table of kinds against the CustomResourceDefinitions that projects ship inside their Go modules, and
// against the Go types of some whose definitions say nothing.
//
// The modules are pinned in modules.txt: path, version and sum as in go.sum, and the folder with the definitions. They are not
// requirements of go.mod: nothing of them is compiled, and they ask for versions of each other that do not fit together.
package crds

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/pullable/pullable/pkg/internal/modules"
)

//go:embed modules.txt
var list string

// A Definition is one version of a kind.
type Definition struct {
	Group, Version, Kind string
	Module               string         // path and version
	File                 string         // that holds it
	Schema               map[string]any // openAPIV3Schema
}

func (d Definition) String() string { return d.Group + "/" + d.Version + " " + d.Kind }

// Definitions reads the definitions of all modules. The go command downloads what its module cache lacks.
func Definitions() ([]Definition, error) {
	var all []Definition
	for line := range strings.Lines(list) {
		f := strings.Fields(line)
		if len(f) != 4 {
			return nil, fmt.Errorf("modules.txt: %q is not a module, its version, its sum and a folder", line)
		}
		dir, err := modules.Dir(f[0], f[1], f[2])
		if err != nil {
			return nil, err
		}
		files, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(f[3]), "*.yaml"))
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("%s has no definitions in %s: %v", f[0], f[3], err)
		}
		for _, file := range files {
			found, err := read(file)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			for _, d := range found {
				d.Module, d.File = f[0]+"@"+f[1], file
				all = append(all, d)
			}
		}
	}
	return all, nil
}

type definition struct {
	Kind string
	Spec struct {
		Group    string
		Names    struct{ Kind string }
		Versions []struct {
			Name   string
			Schema struct {
				OpenAPIV3Schema map[string]any `yaml:"openAPIV3Schema"`
			}
		}
	}
}

func read(file string) ([]Definition, error) {
	text, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(text, []byte("kind: CustomResourceDefinition")) {
		return nil, err
	}
	var all []Definition
	for dec := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var d definition
		switch err := dec.Decode(&d); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		}
		for _, v := range d.Spec.Versions {
			if d.Kind == "CustomResourceDefinition" && v.Schema.OpenAPIV3Schema != nil {
				all = append(all, Definition{Group: d.Spec.Group, Version: v.Name, Kind: d.Spec.Names.Kind, Schema: v.Schema.OpenAPIV3Schema})
			}
		}
	}
}
