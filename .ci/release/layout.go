package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sortPlatforms sorts the platforms of the one image in an OCI layout, and returns the image's digest without its
// algorithm. podman and buildah build the platforms at once, and list first what is ready first.
func sortPlatforms(layout string) (digest string, err error) {
	outerName := filepath.Join(layout, "index.json")
	outer, err := readIndex(outerName)
	if err != nil {
		return "", err
	}
	if len(outer.images) != 1 {
		return "", fmt.Errorf("%d images instead of one", len(outer.images))
	}
	image := outer.images[0]
	old, _ := image["digest"].(string)
	old, ok := strings.CutPrefix(old, "sha256:")
	if !ok {
		return "", fmt.Errorf("%s: the image's digest is %v, and no SHA-256", outerName, image["digest"])
	}
	blobs := filepath.Join(layout, "blobs", "sha256")
	index, err := readIndex(filepath.Join(blobs, old))
	if err != nil {
		return "", err
	}
	slices.SortFunc(index.images, func(a, b map[string]any) int { return strings.Compare(platformOf(a), platformOf(b)) })
	content, err := index.marshal()
	if err != nil {
		return "", err
	}
	if err := os.Remove(filepath.Join(blobs, old)); err != nil {
		return "", err
	}
	digest = fmt.Sprintf("%x", sha256.Sum256(content))
	if err := os.WriteFile(filepath.Join(blobs, digest), content, 0o644); err != nil {
		return "", err
	}
	image["digest"], image["size"] = "sha256:"+digest, len(content)
	if content, err = outer.marshal(); err != nil {
		return "", err
	}
	return digest, os.WriteFile(outerName, content, 0o644)
}

// index is an OCI image index (https://github.com/opencontainers/image-spec/blob/main/image-index.md).
type index struct {
	rest   map[string]any
	images []map[string]any
}

func readIndex(name string) (*index, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	// Sizes are whole numbers, and stay as they are written.
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	var i index
	if err := d.Decode(&i.rest); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	list, _ := i.rest["manifests"].([]any)
	for _, e := range list {
		image, ok := e.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s: a manifest is no object", name)
		}
		i.images = append(i.images, image)
	}
	return &i, nil
}

func (i *index) marshal() ([]byte, error) {
	all := maps.Clone(i.rest)
	all["manifests"] = i.images
	return json.Marshal(all)
}

func platformOf(image map[string]any) string {
	p, _ := image["platform"].(map[string]any)
	return fmt.Sprint(p["os"], "/", p["architecture"], "/", p["variant"])
}
