package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// files are what an archive holds: path, with slashes, → content and mode.
type files map[string]file

type file struct {
	content []byte
	mode    fs.FileMode
}

func (f files) addFile(name, source string) error {
	content, err := os.ReadFile(source)
	f[name] = file{content, 0o644}
	return err
}

func (f files) add(folder string, others files) {
	for name, o := range others {
		f[folder+name] = o
	}
}

// pack writes an archive of the kind that its name tells. Names are sorted, and nothing in it comes from the machine.
func (r *release) pack(name string, content files) error {
	var b bytes.Buffer
	var err error
	switch path.Ext(name) {
	case ".zip":
		err = r.zip(&b, content)
	case ".tar":
		err = r.tar(&b, content)
	default:
		zipped, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err = r.tar(zipped, content); err == nil {
			err = zipped.Close()
		}
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, name), b.Bytes(), 0o644)
}

func (r *release) tar(w io.Writer, content files) error {
	archive := tar.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(content)) {
		f := content[name]
		h := &tar.Header{Name: name, Mode: int64(f.mode), Size: int64(len(f.content)), ModTime: r.time}
		if err := archive.WriteHeader(h); err != nil {
			return err
		}
		if _, err := archive.Write(f.content); err != nil {
			return err
		}
	}
	return archive.Close()
}

func (r *release) zip(w io.Writer, content files) error {
	archive := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(content)) {
		f := content[name]
		h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: r.time}
		h.SetMode(f.mode)
		entry, err := archive.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := entry.Write(f.content); err != nil {
			return err
		}
	}
	return archive.Close()
}
