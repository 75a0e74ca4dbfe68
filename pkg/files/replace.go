package files

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrReadOnly says that a file may not be written.
var ErrReadOnly = errors.New("the file is read-only")

// Replace puts content in the place of a file's, at once or not at all: it
// writes a temporary file in the same folder and gives it the file's name. Mode
// and owner stay; other names of the file (hard links) keep the old content.
// The path must be that of the file itself, not of a link to it.
func Replace(path string, content []byte) error {
	temporary, err := prepare(path, content)
	if err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		os.Remove(temporary)
		return err
	}
	return nil
}

// prepare writes the temporary file, whole and on the disk. Where it fails it
// leaves nothing behind.
func prepare(path string, content []byte) (temporary string, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s: it is no regular file", path)
	}
	if err := writable(path, info); err != nil {
		return "", err
	}
	// A name with a dot in front is left alone by every tool that looks for
	// manifests, should the process be killed before it is renamed.
	f, err := os.CreateTemp(filepath.Dir(path), ".pullable-*.tmp")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := keepOwner(f, info); err != nil {
		return "", fmt.Errorf("%s: its owner cannot be kept: %w", path, err)
	}
	if err := f.Chmod(info.Mode()); err != nil {
		return "", err
	}
	if _, err := f.Write(content); err != nil {
		return "", err
	}
	if err := f.Sync(); err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// writable says why a file may not be written. Renaming asks for no permission
// on the file that is replaced, and root needs none: so the mode counts too.
func writable(path string, info os.FileInfo) error {
	if info.Mode().Perm()&0o222 == 0 {
		return &os.PathError{Op: "write", Path: path, Err: ErrReadOnly}
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}
