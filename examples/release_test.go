package examples

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const releaseVersion = "v0.0.0-test"

// makeRelease runs `make release` in a folder that holds the source.
func makeRelease(t *testing.T, source, out string) {
	t.Helper()
	flags, err := buildFlags()
	if err != nil {
		t.Fatal(err)
	}
	cmd := command(podmanEnv, "make", "release", "VERSION="+releaseVersion, "REVISION=0123456789abcdef", "SOURCE_DATE_EPOCH=1700000000",
		"RELEASE="+out, "RELEASE_IMAGE=localhost/pullable:"+filepath.Base(out), "ENGINE=podman", "BUILD_FLAGS="+flags)
	cmd.Dir = source
	mustSucceed(t, cmd)
}

// sourceCopy is a copy of the files that git knows, or would add. Nobody edits it while a release is made.
func sourceCopy(t *testing.T) string {
	t.Helper()
	need(t, "git")
	dir := t.TempDir()
	list := mustSucceed(t, command(nil, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")).stdout
	for name := range strings.SplitSeq(strings.TrimSuffix(list, "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(repo, name))
		if os.IsNotExist(err) {
			continue // removed, and not committed yet
		}
		if err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestARelease(t *testing.T) {
	needBuilderBase(t)
	source, other := sourceCopy(t), filepath.Join(t.TempDir(), "somewhere", "else")
	if err := os.CopyFS(other, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "first")
	makeRelease(t, source, out)
	all := files(t, out)

	t.Run("is the same from another folder", func(t *testing.T) {
		again := filepath.Join(t.TempDir(), "second")
		makeRelease(t, other, again)
		if diff := cmp.Diff(all["SHA256SUMS"], files(t, again)["SHA256SUMS"]); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
	})

	t.Run("has a checksum of every file", func(t *testing.T) {
		var want strings.Builder
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if name != "SHA256SUMS" {
				fmt.Fprintf(&want, "%x  %s\n", sha256.Sum256([]byte(all[name])), name)
			}
		}
		if diff := cmp.Diff(want.String(), all["SHA256SUMS"]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})

	executables := map[string]string{}
	for _, p := range []string{"linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64", "windows_arm64"} {
		t.Run("holds an executable for "+p, func(t *testing.T) {
			system, machine, _ := strings.Cut(p, "_")
			name, content := "pullable", map[string]string(nil)
			if system == "windows" {
				name, content = "pullable.exe", unzip(t, all["pullable_"+p+".zip"])
			} else {
				content = untar(t, ungzip(t, all["pullable_"+p+".tar.gz"]))
			}
			executables[p] = content[name]
			info, err := buildinfo.Read(strings.NewReader(content[name]))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range info.Settings {
				if s.Key == "GOOS" || s.Key == "GOARCH" || s.Key == "CGO_ENABLED" {
					got = append(got, s.Value)
				}
			}
			if want := []string{"0", machine, system}; !slices.Equal(got, want) {
				t.Errorf("built for %v, want %v", got, want)
			}
			for _, wanted := range []string{"LICENSE", "README.md", "completions/pullable.bash", "completions/_pullable", "completions/pullable.fish", "completions/pullable.ps1"} {
				if content[wanted] == "" {
					t.Errorf("there is no %s", wanted)
				}
			}
			var bill struct {
				BomFormat  string
				Metadata   struct{ Timestamp string }
				Components []struct {
					Name, Version string
					Evidence      struct{ Licenses []any }
				}
			}
			decode(t, []byte(all["pullable_"+p+".cdx.json"]), &bill)
			if bill.BomFormat != "CycloneDX" || bill.Metadata.Timestamp != "2023-11-14T22:13:20Z" {
				t.Errorf("the SBOM is of the format %q and the time %q", bill.BomFormat, bill.Metadata.Timestamp)
			}
			listed := map[string]string{}
			for _, c := range bill.Components {
				listed[c.Name] = c.Version
				if len(c.Evidence.Licenses) == 0 {
					t.Errorf("the SBOM knows no licence of %s", c.Name)
				}
			}
			for _, d := range info.Deps {
				if !anyBelow(bytesOf(content), "licenses/"+d.Path+"/") {
					t.Errorf("there is no licence of %s", d.Path)
				}
				if listed[d.Path] != d.Version {
					t.Errorf("the SBOM has %s %q, the executable %s", d.Path, listed[d.Path], d.Version)
				}
			}
		})
	}

	t.Run("holds the executable of this machine, which runs", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "pullable")
		if err := os.WriteFile(file, []byte(executables[runtime.GOOS+"_"+runtime.GOARCH]), 0o755); err != nil {
			t.Fatal(err)
		}
		if got := mustSucceed(t, command(nil, file, "--version")).stdout; got != "pullable "+releaseVersion+"\n" {
			t.Errorf("%q", got)
		}
	})

	var digest string
	t.Run("holds the image for both platforms, with the executables of the archives", func(t *testing.T) {
		layout := filepath.Join(t.TempDir(), "layout")
		for name, content := range untar(t, all["pullable-image.oci.tar"]) {
			target := filepath.Join(layout, name)
			if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(target, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		content, err := os.ReadFile(filepath.Join(layout, "index.json"))
		if err != nil {
			t.Fatal(err)
		}
		var outer, index ociIndex
		decode(t, content, &outer)
		digest = outer.Manifests[0].Digest
		if sum := fmt.Sprintf("sha256:%x", sha256.Sum256(readBlob(t, layout, digest))); sum != digest {
			t.Errorf("the index is named %s, and its digest is %s", digest, sum)
		}
		decode(t, readBlob(t, layout, digest), &index)
		var platforms []string
		for _, m := range index.Manifests {
			platforms = append(platforms, m.Platform.OS+"/"+m.Platform.Architecture)
		}
		if want := []string{"linux/amd64", "linux/arm64"}; !slices.Equal(platforms, want) {
			t.Errorf("platforms %v, want %v", platforms, want)
		}
		for _, m := range index.Manifests {
			var manifest ociManifest
			decode(t, readBlob(t, layout, m.Digest), &manifest)
			if !bytes.Equal(layerFiles(t, layout, manifest.Layers)["pullable"], []byte(executables["linux_"+m.Platform.Architecture])) {
				t.Errorf("the executable for %s is another one than in the archive", m.Platform.Architecture)
			}
		}
	})

	t.Run("names in function.yaml where everything is, with the digests", func(t *testing.T) {
		var definition struct {
			Spec struct {
				Versions []struct {
					Runtime struct {
						Container struct{ Image, Sha256 string }
						Exec      struct {
							Platforms []struct{ Bin, OS, Arch, URI, Sha256 string }
						}
					}
				}
			}
		}
		if err := yaml.Unmarshal([]byte(all["function.yaml"]), &definition); err != nil {
			t.Fatal(err)
		}
		got := definition.Spec.Versions[0].Runtime
		if got.Container.Image != "ghcr.io/pullable/pullable:"+releaseVersion || "sha256:"+got.Container.Sha256 != digest {
			t.Errorf("the image is %+v, its digest %s", got.Container, digest)
		}
		for _, p := range got.Exec.Platforms {
			name := filepath.Base(p.URI)
			if want := fmt.Sprintf("%x", sha256.Sum256([]byte(all[name]))); p.Sha256 != want || !strings.Contains(name, p.OS+"_"+p.Arch+".") {
				t.Errorf("%+v: the digest of %s is %s", p, name, want)
			}
		}
		if len(got.Exec.Platforms) != len(executables) {
			t.Errorf("%d platforms, %d executables", len(got.Exec.Platforms), len(executables))
		}
	})

	t.Run("holds a plugin that Helm 4 installs and runs", func(t *testing.T) {
		env := helmEnv(t, "helm4")
		// Signing takes a key that only the maintainers have.
		mustSucceed(t, helm(env, "plugin", "install", "--verify=false", filepath.Join(out, "pullable-"+strings.TrimPrefix(releaseVersion, "v")+".tgz")))
		got := mustSucceed(t, helm(env, helmTemplate("pullable")...))
		if want, err := os.ReadFile("helm4/expected.yaml"); err != nil || got.stdout != string(want) {
			t.Errorf("%v\n%s", err, got.stdout)
		}
		if list := mustSucceed(t, helm(env, "plugin", "list")).stdout; !strings.Contains(list, strings.TrimPrefix(releaseVersion, "v")) {
			t.Errorf("Helm lists the plugin as\n%s", list)
		}
	})
}

func bytesOf(content map[string]string) map[string][]byte {
	all := map[string][]byte{}
	for name, c := range content {
		all[name] = []byte(c)
	}
	return all
}

func ungzip(t *testing.T, content string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	unzipped, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(unzipped)
}

func untar(t *testing.T, content string) map[string]string {
	t.Helper()
	all := map[string]string{}
	archive := tar.NewReader(strings.NewReader(content))
	for {
		h, err := archive.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		file, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		all[h.Name] = string(file)
	}
}

func unzip(t *testing.T, content string) map[string]string {
	t.Helper()
	archive, err := zip.NewReader(strings.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		file, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(file)
	}
	return all
}
