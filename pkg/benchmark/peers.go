package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pullable/pullable/pkg/benchmark/manifests"
)

// The commands.
const (
	naive        = "naive"
	pullable     = "pullable"
	parserForced = "pullable, all by the parser"
	fromPipe     = "pullable, from a pipe"
	onATenth     = "pullable, on a tenth"
	yq           = "yq"
	kustomize    = "kustomize build, no function"
	cat          = "cat"
)

// Work is what a command does to the objects.
type work int

const (
	full     work = iota // policies and secrets, and a result for each change
	editOnly             // policies and secrets
	other                // something else
)

// A peer is a command that is measured. The first of a list is what the others are compared with.
type peer struct {
	name string
	argv []string
	work work
	pipe bool   // its standard input is a pipe, not a file
	file string // what it reads instead of the input
	ours bool
}

// A builder makes the peers, each once.
type builder struct {
	module    string // folder of this module
	dir       string // where to put what is made
	candidate string // the executable to measure as pullable; empty: one is built

	made map[string]string // by name of the executable
}

func (b *builder) measure() (measurer, error) {
	path, err := b.build("measure", b.module, "./measure")
	return measurer(path), err
}

func (b *builder) peer(command string, in input) (peer, error) {
	p := peer{name: command}
	var path string
	var err error
	switch command {
	case naive:
		path, err = b.build("naive", b.module, "./naive")
	case pullable, fromPipe, onATenth:
		p.ours, p.pipe = true, command == fromPipe
		if path = b.candidate; path == "" {
			path, err = b.build("pullable", b.root(), "./fn/pullable")
		}
		if err == nil && command == onATenth {
			p.work = other
			p.file, err = b.tenth()
		}
	case parserForced:
		p.ours = true
		path, err = b.build("pullable-parser", b.root(), "-tags=yamlparser", "./fn/pullable")
	case yq:
		p.work = editOnly
		path, err = b.tool("yq", yqModule)
		p.argv = []string{"--from-file", filepath.Join(b.module, "policy.yq"), "-"}
	case kustomize:
		p.work = other
		path, err = b.tool("kustomize", kustomizeModule)
		var folder string
		if err == nil {
			folder, err = b.kustomization(in)
		}
		p.argv = []string{"build", folder}
	case cat:
		p.work = other
		path, err = exec.LookPath("cat")
	default:
		return peer{}, fmt.Errorf("there is no command called %q", command)
	}
	p.argv = append([]string{path}, p.argv...)
	return p, err
}

func (b *builder) root() string { return filepath.Join(b.module, "..", "..") }

func (b *builder) build(name, module string, args ...string) (string, error) {
	if path, ok := b.made[name]; ok {
		return path, nil
	}
	path := filepath.Join(b.dir, name)
	if _, err := goCommand(append([]string{"build", "-C", module, "-trimpath", "-ldflags", "-s -w", "-o", path}, args...)...); err != nil {
		return "", err
	}
	if b.made == nil {
		b.made = map[string]string{}
	}
	b.made[name] = path
	return path, nil
}

const (
	yqModule        = "github.com/mikefarah/yq/v4"
	kustomizeModule = "sigs.k8s.io/kustomize/kustomize/v5"
	toolsFile       = "-modfile=peers.mod" // so that the tools never show among the dependencies of this module
)

// tool builds a program of another module, at the version of peers.mod, into the repository's cache.
func (b *builder) tool(name, module string) (string, error) {
	path := filepath.Join(b.root(), ".cache", "bin", name)
	_, err := goCommand("build", "-C", b.module, toolsFile, "-trimpath", "-ldflags", "-s -w", "-o", path, module)
	return path, err
}

func toolVersion(module string) (string, error) {
	return goCommand("list", toolsFile, "-m", "-f", "{{.Version}}", module)
}

// kustomization writes the input's objects as a folder that kustomize builds.
func (b *builder) kustomization(in input) (string, error) {
	folder, err := os.MkdirTemp(b.dir, "kustomization")
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	if err := in.stream(&text); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(folder, "objects.yaml"), text.Bytes(), 0o644); err != nil {
		return "", err
	}
	return folder, os.WriteFile(filepath.Join(folder, "kustomization.yaml"), []byte("resources:\n- objects.yaml\n"), 0o644)
}

// tenth writes the 1,000 objects that 10,000 are compared with.
func (b *builder) tenth() (string, error) {
	path := filepath.Join(b.dir, "tenth.yaml")
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	if err := manifests.ResourceList(f, seed, 1000); err != nil {
		return "", err
	}
	return path, f.Close()
}

func goCommand(args ...string) (string, error) {
	c := exec.Command("go", args...)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
