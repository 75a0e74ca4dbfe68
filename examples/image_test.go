package examples

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"debug/elf"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// maxImageSize is the most that the image's layers may take together, compressed as they are sent, in bytes.
const maxImageSize = 15 << 20

// testVersion is what the image is told to be.
const testVersion = "v0.0.0-test"

// needImage builds the image once, for both platforms, from the Dockerfile as it is.
func needImage(t *testing.T) {
	t.Helper()
	needBuilderBase(t)
	if err := imageOnce(); err != nil {
		t.Fatal(err)
	}
}

// needBuilderBase makes podman ready to build images from the Dockerfile.
func needBuilderBase(t *testing.T) {
	t.Helper()
	need(t, "podman")
	if _, err := staticBusybox(); err != nil {
		unavailable(t, err.Error())
	}
	if err := builderBaseOnce(); err != nil {
		t.Fatal(err)
	}
}

var builderBaseOnce = sync.OnceValue(builderBase)

var imageOnce = sync.OnceValue(func() error {
	return makeImage("podman", image, "linux/amd64,linux/arm64")
})

// builderBase puts a stand-in for the Dockerfile's golang image into the run's storage: a static shell, the certificates
// that the Go command needs to download modules, and a mount point for the Go toolchain. No registry is asked.
func builderBase() error {
	goEnv, err := goVariables("GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY")
	if err != nil {
		return err
	}
	settings := "ENV PATH=/usr/local/go/bin:/bin HOME=/root GOPATH=/go GOTOOLCHAIN=local\n"
	for _, name := range []string{"GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY"} {
		settings += fmt.Sprintf("ENV %s=%q\n", name, goEnv[name])
	}
	return standIn("docker.io/library/golang:1.26", settings, func(dir string) error {
		certificates, err := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
		if err != nil {
			return err
		}
		for _, d := range []string{"tmp", "etc/ssl/certs", "usr/local/go"} {
			if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
				return err
			}
		}
		return os.WriteFile(filepath.Join(dir, "etc/ssl/certs/ca-certificates.crt"), certificates, 0o644)
	})
}

// standIn puts an image into the run's storage, under the name of one that a Dockerfile starts from: a static shell, what
// fill puts into its folder, and more lines of a Dockerfile.
func standIn(name, settings string, fill func(dir string) error) error {
	busybox, err := staticBusybox()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "pullable-base")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o755); err != nil {
		return err
	}
	content, err := os.ReadFile(busybox)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "bin/busybox"), content, 0o755); err != nil {
		return err
	}
	for _, applet := range []string{"sh", "cp", "mkdir", "chmod"} {
		if err := os.Symlink("busybox", filepath.Join(dir, "bin", applet)); err != nil {
			return err
		}
	}
	if err := fill(dir); err != nil {
		return err
	}
	file := dir + ".Dockerfile"
	if err := os.WriteFile(file, []byte("FROM scratch\nCOPY . /\n"+settings), 0o644); err != nil {
		return err
	}
	defer os.Remove(file)
	out, err := command(podmanEnv, "podman", "build", "--quiet", "--file", file, "--tag", name, dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("build the stand-in for %s: %w\n%s", name, err, out)
	}
	return nil
}

func staticBusybox() (string, error) {
	for _, path := range []string{"/bin/busybox", "/usr/bin/busybox"} {
		f, err := elf.Open(path)
		if err != nil {
			continue
		}
		static := !slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
		f.Close()
		if static {
			return path, nil
		}
	}
	return "", fmt.Errorf("no static busybox (it comes with the Debian package busybox-static)")
}

func goVariables(names ...string) (map[string]string, error) {
	out, err := command(nil, "go", append([]string{"env", "-json"}, names...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	values := map[string]string{}
	return values, json.Unmarshal(out, &values)
}

// buildFlags mount this machine's toolchain and Go caches where a RUN step looks for them.
func buildFlags() (string, error) {
	values, err := goVariables("GOROOT", "GOMODCACHE", "GOCACHE")
	return fmt.Sprintf("--volume %s:/usr/local/go:ro --volume %s:/go/pkg/mod --volume %s:/root/.cache/go-build",
		values["GOROOT"], values["GOMODCACHE"], values["GOCACHE"]), err
}

// makeImage runs `make image`, with more flags for the build.
func makeImage(engine, name, platforms string, more ...string) error {
	flags, err := buildFlags()
	if err != nil {
		return err
	}
	flags = strings.Join(append([]string{flags}, more...), " ")
	cmd := command(podmanEnv, "make", "image", "VERSION="+testVersion, "ENGINE="+engine, "IMAGE="+name, "PLATFORMS="+platforms, "BUILD_FLAGS="+flags)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make image with %s: %w\n%s", engine, err, out)
	}
	return nil
}

// ociDescriptor, ociIndex, ociManifest and ociConfig are the parts of the OCI image layout that the tests read.
type ociDescriptor struct {
	MediaType string
	Digest    string
	Platform  struct{ OS, Architecture string }
}

type ociIndex struct{ Manifests []ociDescriptor }

type ociManifest struct {
	Config ociDescriptor
	Layers []ociDescriptor
}

type ociConfig struct {
	OS, Architecture string
	Config           struct {
		User       string
		Entrypoint []string
		Labels     map[string]string
	}
}

func readBlob(t *testing.T, layout, digest string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(layout, "blobs", strings.Replace(digest, ":", "/", 1)))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func decode(t *testing.T, content []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(content, into); err != nil {
		t.Fatal(err)
	}
}

// layerFiles returns the regular files of all layers, by path; anything but files and folders fails the test.
func layerFiles(t *testing.T, layout string, layers []ociDescriptor) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, layer := range layers {
		var r io.Reader = bytes.NewReader(readBlob(t, layout, layer.Digest))
		if strings.HasSuffix(layer.MediaType, "gzip") {
			unzipped, err := gzip.NewReader(r)
			if err != nil {
				t.Fatal(err)
			}
			r = unzipped
		}
		archive := tar.NewReader(r)
		for {
			h, err := archive.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			switch h.Typeflag {
			case tar.TypeDir:
			case tar.TypeReg:
				content, err := io.ReadAll(archive)
				if err != nil {
					t.Fatal(err)
				}
				all[strings.Trim(h.Name, "./")] = content
			default:
				t.Errorf("%s is neither a file nor a folder", h.Name)
			}
		}
	}
	return all
}

func TestTheImageHoldsTheBinaryTheUserAndTheLicencesAndNothingElse(t *testing.T) {
	needImage(t)
	layout := filepath.Join(t.TempDir(), "layout")
	mustSucceed(t, command(podmanEnv, "podman", "manifest", "push", "--all", image, "oci:"+layout))
	content, err := os.ReadFile(filepath.Join(layout, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var outer, index ociIndex
	decode(t, content, &outer)
	decode(t, readBlob(t, layout, outer.Manifests[0].Digest), &index)

	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}
	var platforms []string
	for _, d := range index.Manifests {
		platforms = append(platforms, d.Platform.OS+"/"+d.Platform.Architecture)
		t.Run(d.Platform.Architecture, func(t *testing.T) {
			var manifest ociManifest
			decode(t, readBlob(t, layout, d.Digest), &manifest)
			var config ociConfig
			decode(t, readBlob(t, layout, manifest.Config.Digest), &config)
			if config.Architecture != d.Platform.Architecture || config.Config.User != "65534:65534" ||
				!slices.Equal(config.Config.Entrypoint, []string{"/pullable"}) {
				t.Errorf("config %+v", config)
			}
			labels := config.Config.Labels
			for _, label := range []string{"title", "description", "source", "licenses", "revision"} {
				if labels["org.opencontainers.image."+label] == "" {
					t.Errorf("no label %s", label)
				}
			}
			if got := labels["org.opencontainers.image.version"]; got != testVersion {
				t.Errorf("labelled as version %q, want %q", got, testVersion)
			}

			files := layerFiles(t, layout, manifest.Layers)
			size := 0
			for _, layer := range manifest.Layers {
				size += len(readBlob(t, layout, layer.Digest))
			}
			for name, content := range files {
				licence := strings.HasPrefix(name, "licenses/") && len(content) > 0
				if !licence && !slices.Contains([]string{"pullable", "etc/passwd", "etc/group", "home/argocd/cmp-server/config/plugin.yaml"}, name) {
					t.Errorf("%s has no place in the image", name)
				}
			}
			if size > maxImageSize {
				t.Errorf("%d bytes, more than %d", size, maxImageSize)
			}
			for _, name := range append(linkedModules(t), "github.com/pullable/pullable", "go") {
				if !anyBelow(files, "licenses/"+name+"/") {
					t.Errorf("no licence of %s", name)
				}
			}
			binary, err := elf.NewFile(bytes.NewReader(files["pullable"]))
			if err != nil {
				t.Fatal(err)
			}
			if binary.Machine != machines[d.Platform.Architecture] {
				t.Errorf("the binary is for %s", binary.Machine)
			}
			if slices.ContainsFunc(binary.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
				t.Error("the binary is not static")
			}
			t.Logf("%d files, %d bytes, the binary %d", len(files), size, len(files["pullable"]))
		})
	}
	slices.Sort(platforms)
	if !slices.Equal(platforms, []string{"linux/amd64", "linux/arm64"}) {
		t.Errorf("platforms %v", platforms)
	}
}

func anyBelow(files map[string][]byte, folder string) bool {
	for name := range files {
		if strings.HasPrefix(name, folder) {
			return true
		}
	}
	return false
}

// linkedModules are the modules whose code is in the executable, as the executable itself tells.
func linkedModules(t *testing.T) []string {
	t.Helper()
	out := mustSucceed(t, command(nil, "go", "version", "-m", "bin/pullable")).stdout
	var modules []string
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "dep" {
			modules = append(modules, f[1])
		}
	}
	return modules
}

// locked are the restrictions of a careful host: more than kpt and kustomize put on a function.
var locked = []string{"run", "--rm", "--interactive", "--network", "none", "--read-only",
	"--security-opt", "no-new-privileges", "--cap-drop", "ALL", "--user", "nobody"}

func TestTheImageRunsAsNobodyWithoutNetworkPrivilegesOrAFileToWrite(t *testing.T) {
	needImage(t)
	input, err := os.ReadFile("pipe/input.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := command(nil, "bin/pullable")
	want.Stdin = bytes.NewReader(input)
	got := command(podmanEnv, "podman", append(locked, image)...)
	got.Stdin = bytes.NewReader(input)
	a, b := mustSucceed(t, want), mustSucceed(t, got)
	if a.stdout != b.stdout || !strings.Contains(b.stdout, "imagePullPolicy: IfNotPresent") {
		t.Errorf("the container prints\n%s\nthe executable\n%s", b.stdout, a.stdout)
	}
}

func TestTheImageTellsItsVersion(t *testing.T) {
	needImage(t)
	got := mustSucceed(t, command(podmanEnv, "podman", append(locked, image, "--version")...))
	if want := "pullable " + testVersion + "\n"; got.stdout != want {
		t.Errorf("%q, want %q", got.stdout, want)
	}
}

func TestBuildahBuildsTheImageAsWell(t *testing.T) {
	needImage(t)
	need(t, "buildah")
	name := "localhost/pullable:buildah"
	if err := makeImage("buildah", name, "linux/"+runtime.GOARCH); err != nil {
		t.Fatal(err)
	}
	mustSucceed(t, command(podmanEnv, "podman", append(locked, name, "--version")...))
}

func TestANameMayStandForOnePlatformFirstAndForSeveralAfterwards(t *testing.T) {
	needImage(t)
	name := "localhost/pullable:again"
	for _, platforms := range []string{"linux/" + runtime.GOARCH, "linux/amd64,linux/arm64", "linux/amd64,linux/arm64"} {
		if err := makeImage("podman", name, platforms); err != nil {
			t.Fatal(err)
		}
		mustSucceed(t, command(podmanEnv, "podman", append(locked, name, "--version")...))
	}
}

// apk is what the stand-in for Alpine has in place of its package manager: it puts this machine's git where it belongs.
const apk = `#!/bin/sh
if [ "$*" != "add --no-cache git openssh-client ca-certificates" ]; then
  echo "apk $*: not what the stand-in knows" >&2
  exit 1
fi
cp -a /packages/. /
`

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// gitPackage puts git and the libraries that it needs into a folder.
func gitPackage(dir string) error {
	program, err := exec.LookPath("git")
	if err != nil {
		return err
	}
	libraries, err := command(nil, "ldd", program).Output()
	if err != nil {
		return fmt.Errorf("ldd git: %w", err)
	}
	folder, err := command(nil, "git", "--exec-path").Output()
	if err != nil {
		return fmt.Errorf("git --exec-path: %w", err)
	}
	paths := []string{program}
	// kustomize looks for submodules, which are the work of a script.
	for _, name := range []string{"git-submodule", "git-sh-setup", "git-sh-i18n", "git-sh-i18n--envsubst"} {
		if file := filepath.Join(strings.TrimSpace(string(folder)), name); fileExists(file) {
			paths = append(paths, file)
		}
	}
	for _, f := range strings.Fields(string(libraries)) {
		if strings.HasPrefix(f, "/") {
			paths = append(paths, f)
		}
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, "packages", path)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, content, 0o755); err != nil {
			return err
		}
	}
	for _, applet := range []string{"basename", "cut", "grep", "sed", "tr", "uname"} {
		if err := os.Symlink("busybox", filepath.Join(dir, "bin", applet)); err != nil {
			return err
		}
	}
	if err := os.Symlink("git", filepath.Join(dir, "packages", filepath.Dir(program), "git-upload-pack")); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, "etc"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "etc/passwd"), []byte("nobody:x:65534:65534:nobody:/:/sbin/nologin\n"), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "bin/apk"), []byte(apk), 0o755)
}

func TestTheImageWithGitRendersABaseOfAnotherRepository(t *testing.T) {
	needImage(t)
	need(t, "git")
	if err := standIn("docker.io/library/alpine:3.22", "ENV PATH=/bin:/usr/bin\n", gitPackage); err != nil {
		t.Fatal(err)
	}
	name := "localhost/pullable:with-git"
	if err := makeImage("podman", name, "linux/"+runtime.GOARCH, "--target with-git"); err != nil {
		t.Fatal(err)
	}
	dir := socketFolder(t)
	base, app := filepath.Join(dir, "base"), filepath.Join(dir, "app")
	if err := os.CopyFS(base, os.DirFS("argocd/apps/web")); err != nil {
		t.Fatal(err)
	}
	git := func(args ...string) {
		t.Helper()
		mustSucceed(t, command(nil, "git", append([]string{"-C", base, "-c", "user.name=test", "-c", "user.email=test@example.com"}, args...)...))
	}
	git("init", "--quiet", "--initial-branch", "main")
	git("add", ".")
	git("commit", "--quiet", "--message", "base")
	if err := os.Mkdir(app, 0o755); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{
		"kustomization.yaml": "resources: [\"file:///base//.?ref=main\"]\n",
		"pullable.yaml":      "apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\npullSecrets: {add: [{name: regcred}]}\n",
	} {
		if err := os.WriteFile(filepath.Join(app, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// git looks at who owns a repository on disk, and here the owner is whoever runs the test.
	if err := os.WriteFile(filepath.Join(dir, "gitconfig"), []byte("[safe]\ndirectory = *\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	args := slices.Concat(locked[:len(locked)-1], []string{"999", "--volume", dir + "/base:/base:ro", "--volume", dir + "/app:/app:ro",
		"--volume", dir + "/gitconfig:/etc/gitconfig:ro"})
	got := mustSucceed(t, podman(slices.Concat(args, []string{name, "argocd", "generate", "/app"})...))
	if strings.Count(got.stdout, "- name: shop-regcred-") != 1 {
		t.Errorf("the base's Deployment has no pull secret:\n%s", got.stdout)
	}
	// The image without git says what it lacks.
	without := start(t, podman(slices.Concat(args, []string{image, "argocd", "generate", "/app"})...))
	if without.code != 2 || without.stdout != "" || !strings.Contains(without.stderr, "git") {
		t.Errorf("exit code %d\n%s%s", without.code, without.stdout, without.stderr)
	}
}
