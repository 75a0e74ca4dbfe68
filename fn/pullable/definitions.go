package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/pullable/pullable/pkg/files"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/podspec/crd"
)

// definitions are the options that say where CustomResourceDefinitions are, in
// addition to those among the manifests.
type definitions struct {
	paths []string
}

func (d *definitions) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&d.paths, "crds", nil,
		"`file` or folder with CustomResourceDefinitions, which teach where objects of kinds that pullable does not know hold pods; may be repeated")
}

// library reads the definitions; nil where there are no options.
func (d *definitions) library() (*crd.Library, error) {
	if slices.Contains(d.paths, stdinName) {
		return nil, errors.New("--crds -: standard input is for manifests; the definitions among them teach without this option")
	}
	return d.libraryWith(nil)
}

// libraryWith is library for a command that reads no manifests, so that the
// definitions may come in on standard input.
func (d *definitions) libraryWith(stdin io.Reader) (*crd.Library, error) {
	if len(d.paths) == 0 {
		return nil, nil
	}
	library := &crd.Library{}
	for _, path := range d.paths {
		add := func() error { return addDefinitions(library, path) }
		if path == stdinName {
			add = func() error { return addInput(library, stdin) }
		}
		if err := add(); err != nil {
			return nil, fmt.Errorf("--crds: %w", err)
		}
	}
	return library, nil
}

const noDefinition = "%s holds no CustomResourceDefinition; give the file that installs the kind, or the output of kubectl get crds -o yaml"

func addInput(library *crd.Library, stdin io.Reader) error {
	if isTerminal(stdin) {
		return errors.New("nothing comes in on standard input")
	}
	src, err := readAll(stdin)
	if err != nil {
		return err
	}
	n, err := library.Add(src)
	if err == nil && n == 0 {
		err = fmt.Errorf(noDefinition, "standard input")
	}
	return err
}

// addDefinitions puts the definitions of a file or a folder into a library.
func addDefinitions(library *crd.Library, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	found := []files.File{{Path: path, Real: path}} // of any sort: <(kubectl get crds -o yaml) is a pipe
	if info.IsDir() {
		if found, err = files.Find([]string{path}, files.Options{Extensions: manifestExtensions, Hidden: true, Ignored: true}); err != nil {
			return err
		}
	}
	total := 0
	for _, f := range found {
		src, err := os.ReadFile(f.Real)
		if err != nil {
			return err
		}
		if info.IsDir() && !(bytes.Contains(src, []byte("CustomResourceDefinition")) && manifest.LooksLikeObjects(src)) {
			continue // a folder may hold other things
		}
		n, err := library.Add(src)
		if err != nil && !errors.Is(err, manifest.ErrEmpty) {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
		total += n
	}
	if total == 0 {
		return fmt.Errorf(noDefinition, path)
	}
	return nil
}
