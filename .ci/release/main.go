// Release writes what a release of pullable consists of: archives of the executable for each platform, each with an
// SBOM, the plugin for Helm 4, the image, the metadata of catalogues, and the checksums of all of it. The same source
// gives the same bytes, in whatever folder it lies.
//
//	go run ./.ci/release -version VERSION -epoch SECONDS -sbom CYCLONEDX-GOMOD -out FOLDER
//
// The folder holds the image already, as an OCI layout named image; make release puts it there. Nothing is pushed.
package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

const download = "https://github.com/pullable/pullable/releases/download/"

type platform struct{ os, arch string }

var platforms = []platform{
	{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"},
}

func (p platform) executable() string {
	if p.os == "windows" {
		return "pullable.exe"
	}
	return "pullable"
}

// archive is the file's name. It holds no version, so that a link to the newest release stays the same.
func (p platform) archive() string {
	if p.os == "windows" {
		return "pullable_" + p.os + "_" + p.arch + ".zip"
	}
	return "pullable_" + p.os + "_" + p.arch + ".tar.gz"
}

type release struct {
	version string
	time    time.Time
	sbom    string // program
	out     string
	scratch string
}

func main() {
	var r release
	var epoch int64
	flag.StringVar(&r.version, "version", "", "the release's `version`, such as v1.2.3")
	flag.Int64Var(&epoch, "epoch", 0, "the `second` since 1970 that every file is dated with")
	flag.StringVar(&r.sbom, "sbom", "", "cyclonedx-gomod, the `program` that writes SBOMs")
	flag.StringVar(&r.out, "out", "", "the `folder` to write to")
	flag.Parse()
	r.time = time.Unix(epoch, 0).UTC()
	if r.version == "" || epoch == 0 || r.sbom == "" || r.out == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := r.write(); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func (r *release) write() error {
	var err error
	if r.scratch, err = os.MkdirTemp("", "pullable-release"); err != nil {
		return err
	}
	defer os.RemoveAll(r.scratch)

	image, err := r.image()
	if err != nil {
		return err
	}
	executables := map[platform][]byte{}
	for _, p := range platforms {
		if executables[p], err = r.build(p); err != nil {
			return err
		}
	}
	common, err := r.completions()
	if err != nil {
		return err
	}
	for _, name := range []string{"LICENSE", "README.md"} {
		if err := common.addFile(name, name); err != nil {
			return err
		}
	}
	plugin := files{}
	for _, p := range platforms {
		licences, err := r.licences(p)
		if err != nil {
			return err
		}
		archive := files{p.executable(): {executables[p], 0o755}}
		archive.add("", common)
		archive.add("licenses/", licences)
		if err := r.pack(p.archive(), archive); err != nil {
			return err
		}
		if err := r.billOfMaterials(p); err != nil {
			return err
		}
		plugin[p.os+"-"+p.arch+"/"+p.executable()] = file{executables[p], 0o755}
		plugin.add("licenses/", licences)
	}
	if err := r.plugin(plugin); err != nil {
		return err
	}
	if err := r.catalogues(image); err != nil {
		return err
	}
	return r.checksums()
}

// binary is where the executable of a platform is built.
func (r *release) binary(p platform) string {
	return filepath.Join(r.scratch, p.os+"-"+p.arch, p.executable())
}

// build compiles as the Dockerfile does.
func (r *release) build(p platform) ([]byte, error) {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version="+r.version,
		"-o", r.binary(p), "./fn/pullable")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.os, "GOARCH="+p.arch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build for %s/%s: %w\n%s", p.os, p.arch, err, out)
	}
	return os.ReadFile(r.binary(p))
}

// completions are the shells' completion scripts, as this machine's executable prints them.
func (r *release) completions() (files, error) {
	here := platform{runtime.GOOS, runtime.GOARCH}
	if !slices.Contains(platforms, here) {
		return nil, fmt.Errorf("a release is made on one of its own platforms, %v, because it runs what it builds; this is %v", platforms, here)
	}
	scripts := files{}
	for shell, name := range map[string]string{"bash": "pullable.bash", "zsh": "_pullable", "fish": "pullable.fish", "powershell": "pullable.ps1"} {
		script, err := exec.Command(r.binary(here), "completion", shell).Output()
		if err != nil {
			return nil, fmt.Errorf("pullable completion %s: %w", shell, err)
		}
		scripts["completions/"+name] = file{script, 0o644}
	}
	return scripts, nil
}

var licenceName = regexp.MustCompile(`^(LICENSE|LICENCE|COPYING|NOTICE)`)

// licences are those of all modules whose code is in a platform's executable, and Go's own.
func (r *release) licences(p platform) (files, error) {
	info, err := buildinfo.ReadFile(r.binary(p))
	if err != nil {
		return nil, err
	}
	args := []string{"list", "-m", "-f", "{{.Path}}\t{{.Dir}}"}
	for _, d := range info.Deps {
		args = append(args, d.Path)
	}
	list, err := exec.Command("go", args...).Output()
	if err != nil {
		return nil, fmt.Errorf("go list -m: %w", err)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	all := files{}
	for line := range strings.Lines("go\t" + string(root) + string(list)) {
		module, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", module, err)
		}
		found := false
		for _, e := range entries {
			if e.Type().IsRegular() && licenceName.MatchString(e.Name()) {
				found = true
				if err := all.addFile(module+"/"+e.Name(), filepath.Join(dir, e.Name())); err != nil {
					return nil, err
				}
			}
		}
		if !found {
			return nil, fmt.Errorf("%s: no licence file in %s", module, dir)
		}
	}
	return all, nil
}

var timestamp = regexp.MustCompile(`"timestamp": "[^"]*"`)

// billOfMaterials writes the SBOM of a platform's executable, dated as everything else.
func (r *release) billOfMaterials(p platform) error {
	name := filepath.Join(r.out, "pullable_"+p.os+"_"+p.arch+".cdx.json")
	// A relative name, because the SBOM holds it.
	cmd := exec.Command(r.sbom, "bin", "-json", "-licenses", "-noserial", "-version", r.version, "-output", name, p.executable())
	cmd.Dir = filepath.Dir(r.binary(p))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(r.sbom), err, out)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if len(timestamp.FindAll(content, -1)) != 1 {
		return fmt.Errorf("%s does not hold one time", name)
	}
	content = timestamp.ReplaceAll(content, []byte(`"timestamp": "`+r.time.Format(time.RFC3339)+`"`))
	return os.WriteFile(name, content, 0o644)
}

var (
	semver        = regexp.MustCompile(`^v?(\d+\.\d+\.\d+(?:[-+][-+.0-9A-Za-z]+)?)$`)
	notIdentifier = regexp.MustCompile(`[^-0-9A-Za-z]`)
)

// pluginVersion is the version as Helm demands it; that of an unreleased commit becomes an early one.
func pluginVersion(version string) string {
	if m := semver.FindStringSubmatch(version); m != nil {
		return m[1]
	}
	return "0.0.0-g" + notIdentifier.ReplaceAllString(version, "-")
}

// plugin writes the archive that `helm plugin install` of Helm 4 takes: it must be named as `helm plugin package` names
// it, and hold one folder with the plugin's name.
func (r *release) plugin(content files) error {
	if err := content.addFile("LICENSE", "LICENSE"); err != nil {
		return err
	}
	manifest, err := replaceOnce("fn/pullable/helm/plugin.yaml", "\nversion: 0.0.0\n", "\nversion: "+pluginVersion(r.version)+"\n")
	if err != nil {
		return err
	}
	content["plugin.yaml"] = file{manifest, 0o644}
	folder := files{}
	folder.add("pullable/", content)
	return r.pack("pullable-"+pluginVersion(r.version)+".tgz", folder)
}

// image packs the OCI layout into one file, and returns the digest that the image has in every registry.
func (r *release) image() (digest string, err error) {
	layout := filepath.Join(r.out, "image")
	digest, err = sortPlatforms(layout)
	if err != nil {
		return "", fmt.Errorf("%s: %w", layout, err)
	}
	all := files{}
	err = filepath.WalkDir(layout, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		below, err := filepath.Rel(layout, name)
		if err != nil {
			return err
		}
		return all.addFile(filepath.ToSlash(below), name)
	})
	if err != nil {
		return "", err
	}
	if err := r.pack("pullable-image.oci.tar", all); err != nil {
		return "", err
	}
	return digest, os.RemoveAll(layout)
}

// catalogues writes the metadata for catalogues of functions, with the places and digests of this release.
func (r *release) catalogues(image string) error {
	const name = "pkg/api/v1alpha1/function.yaml"
	const imageIndent, platformIndent = "\n          ", "\n              "
	edits := []string{
		"image: ghcr.io/pullable/pullable\n",
		"image: ghcr.io/pullable/pullable:" + r.version + imageIndent + "sha256: " + image + "\n",
	}
	for _, p := range platforms {
		content, err := os.ReadFile(filepath.Join(r.out, p.archive()))
		if err != nil {
			return err
		}
		text := "os: " + p.os + platformIndent + "arch: " + p.arch
		edits = append(edits, text+"\n", text+platformIndent+"uri: "+download+r.version+"/"+p.archive()+
			platformIndent+fmt.Sprintf("sha256: %x\n", sha256.Sum256(content)))
	}
	function, err := replaceOnce(name, edits...)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.out, path.Base(name)), function, 0o644); err != nil {
		return err
	}
	metadata, err := replaceOnce("fn/pullable/metadata.yaml", edits[0], "image: ghcr.io/pullable/pullable:"+r.version+"\n")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, "metadata.yaml"), metadata, 0o644)
}

// replaceOnce reads a file and replaces texts that stand in it exactly once: old, new, old, new …
func replaceOnce(name string, oldnew ...string) ([]byte, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(oldnew); i += 2 {
		if n := bytes.Count(content, []byte(oldnew[i])); n != 1 {
			return nil, fmt.Errorf("%s holds %q %d times instead of once", name, oldnew[i], n)
		}
	}
	return []byte(strings.NewReplacer(oldnew...).Replace(string(content))), nil
}

// checksums writes those of all files, as sha256sum --check reads them.
func (r *release) checksums() error {
	entries, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(r.out, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(content), e.Name())
	}
	fmt.Print(sums.String())
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(sums.String()), 0o644)
}
