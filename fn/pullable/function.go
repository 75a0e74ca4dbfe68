package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/yamledit"
)

// function is the KRM function, and the filter for plain manifests.
type function struct {
	config      string // file
	allowEmpty  bool
	definitions definitions
}

func (f function) run(stdin io.Reader, stdout, stderr io.Writer) error {
	if isTerminal(stdin) && !f.allowEmpty {
		return errors.New("nothing comes in on standard input: pipe manifests in, or see pullable --help")
	}
	src, err := readAll(stdin)
	if err != nil {
		return fmt.Errorf("reading standard input: %w", err)
	}
	if len(src) == 0 && f.allowEmpty {
		return nil
	}
	sized(len(src))
	input, err := manifest.Read(src)
	if errors.Is(err, manifest.ErrEmpty) {
		return errors.New("the input is empty, as after a broken pipe; if that is meant, use --allow-empty")
	}
	if err != nil {
		return err
	}
	config, err := f.readConfig(input)
	if err != nil {
		return err
	}
	library, err := f.definitions.library()
	if err != nil {
		return err
	}
	facts, err := gather(config.Table(), library, input)
	if err != nil {
		return err
	}
	plan := imagepull.Decide(config, facts)
	for _, line := range plan.Messages() {
		fmt.Fprintln(stderr, line)
	}
	if both, ok := stderr.(*twoErrors); ok && both.failed != nil {
		return fmt.Errorf("writing the findings: %w", both.failed)
	}
	failed := plan.Failed()
	var results []manifest.Result
	if input.ResourceList() {
		results = plan.Results()
	}
	if !failed || input.ResourceList() {
		if err := input.Write(stdout, plan.Edits(), plan.Adds(), results); err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
	}
	if failed {
		return errFindings
	}
	return nil
}

// sized is told the size of the input, to make room for it in memory. The
// program sets it; a test's process has memory of its own.
var sized = func(input int) {}

// readConfig reads the config: the input's functionConfig, or the file; the
// defaults where there is neither.
func (f function) readConfig(input *manifest.Input) (imagepull.Config, error) {
	node, given := input.FunctionConfig()
	if f.config != "" {
		if given {
			return imagepull.Config{}, fmt.Errorf("the input has a functionConfig, and --config names %s: remove one of them", f.config)
		}
		config, err := readConfigFile(f.config)
		if err != nil {
			return imagepull.Config{}, err
		}
		ready, err := imagepull.New(config)
		if err != nil {
			return imagepull.Config{}, fmt.Errorf("%s: %w", f.config, err)
		}
		return ready, nil
	}
	config, err := v1alpha1.Decode(node, imagepull.FindingIDs()...)
	if err != nil {
		return imagepull.Config{}, fmt.Errorf("functionConfig: %w", err)
	}
	ready, err := imagepull.New(config)
	if err != nil {
		return imagepull.Config{}, fmt.Errorf("functionConfig: %w", err)
	}
	return ready, nil
}

// readConfigFile reads a config from a file of its own.
func readConfigFile(file string) (v1alpha1.ImagePullConfig, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return v1alpha1.ImagePullConfig{}, fmt.Errorf("--config: %w", err)
	}
	doc, err := yamledit.Parse(src)
	if err != nil {
		return v1alpha1.ImagePullConfig{}, fmt.Errorf("%s: %w", file, err)
	}
	if !doc.Root().Exists() {
		return v1alpha1.ImagePullConfig{}, fmt.Errorf("%s: the file holds no config; it must hold an ImagePullConfig or a ConfigMap", file)
	}
	config, err := v1alpha1.Decode(doc.Root(), imagepull.FindingIDs()...)
	if err != nil {
		return config, fmt.Errorf("%s: %w", file, err)
	}
	return config, nil
}

// readAll reads everything. A regular file is read in one piece; a pipe into
// pieces that are put together once, so that memory holds the input twice at
// most.
func readAll(r io.Reader) ([]byte, error) {
	if file, ok := r.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			return readInto(make([]byte, 0, info.Size()+bytes.MinRead), file)
		}
	}
	var pieces [][]byte
	for size := 64 << 10; ; size = min(2*size, 4<<20) {
		piece := make([]byte, size)
		n, err := io.ReadFull(r, piece)
		pieces = append(pieces, piece[:n])
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			if len(pieces) == 1 {
				return pieces[0], nil
			}
			return bytes.Join(pieces, nil), nil
		case err != nil:
			return nil, err
		}
	}
}

// readInto reads everything into a buffer, and a larger one where that is too
// small. Unlike bytes.Buffer it does not clear the buffer first.
func readInto(all []byte, r io.Reader) ([]byte, error) {
	for {
		n, err := r.Read(all[len(all):cap(all)])
		all = all[:len(all)+n]
		switch {
		case err == io.EOF:
			return all, nil
		case err != nil:
			return nil, err
		case len(all) == cap(all):
			all = append(all, 0)[:len(all)]
		}
	}
}

// isTerminal says whether nothing can come in: the input is a terminal, or the
// null device.
func isTerminal(r io.Reader) bool {
	file, ok := r.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
