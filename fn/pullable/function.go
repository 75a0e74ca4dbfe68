package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/build"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/manifest"
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
	sized(src)
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

// sized is told of the input, to make room for it in memory. The program sets it;
// a test's process has memory of its own.
var sized = func(input []byte) {}

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
	config, err := build.ParseConfig(src, file)
	if err != nil {
		return v1alpha1.ImagePullConfig{}, err
	}
	return *config, nil
}

// readAll reads everything: a regular file into memory of its size, anything
// else into memory with much room. What is not filled of it is never touched, so
// that the operating system never gives it.
func readAll(r io.Reader) ([]byte, error) {
	room := 64 << 10
	if file, ok := r.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			room = int(info.Size()) + bytes.MinRead
		}
	}
	all := make([]byte, 0, room)
	for {
		n, err := r.Read(all[len(all):cap(all)])
		all = all[:len(all)+n]
		switch {
		case err == io.EOF:
			return all, nil
		case err != nil:
			return nil, err
		case len(all) == cap(all):
			all = append(make([]byte, 0, max(4*len(all), largeRoom)), all...)
			if len(all) >= largeRoom {
				debug.FreeOSMemory() // of the copy
			}
		}
	}
}

// largeRoom is room for nearly every input.
const largeRoom = 64 << 20

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
