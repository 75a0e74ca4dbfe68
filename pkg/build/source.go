package build

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/yamledit"
)

// referencesName is the name under which kustomize reads the name references, in
// the folder of the kustomization that is built. No such file is ever there.
const referencesName = ".pullable-name-references.yaml"

func hasKustomization(dir string) bool {
	fs := filesys.MakeFsOnDisk()
	return slices.ContainsFunc(konfig.RecognizedKustomizationFileNames(), func(name string) bool {
		file := filepath.Join(dir, name)
		return fs.Exists(file) && !fs.IsDir(file)
	})
}

// A source is what kustomize reads: the disk, with changes that are made on the
// way. The kustomization that is built gets its images and the name references;
// configs of pullable among transformers are noted and left out, because pullable
// does everything at the end.
type source struct {
	filesys.FileSystem
	images []string
	table  func() (*podspec.Table, error) // of the config, as far as it is known

	root         string            // the folder of the kustomization that is built
	anywhere     bool              // kustomizations may load files from outside their folder
	looked       map[string]bool   // folders of components that were looked at
	links        map[string]string // real path → the kustomization file that is a link to it
	transformers map[string]bool   // files that hold transformers
	configs      []foundConfig
	own          bool  // the kustomization that is built is at hand
	left         int   // how many transformers were left out
	err          error // what ended the reading, and kustomize may hide
}

// foundConfig is a config that a kustomization hands to pullable.
type foundConfig struct {
	file   string
	own    bool // listed by the kustomization that is built
	config v1alpha1.ImagePullConfig
}

func (s *source) references() string { return filepath.Join(s.root, referencesName) }

func (s *source) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	if s.root != "" && path == s.references() {
		dir, _, err := s.FileSystem.CleanedAbs(s.root)
		return dir, referencesName, err
	}
	dir, file, err := s.FileSystem.CleanedAbs(path)
	if real := dir.Join(file); err == nil && real != path && isKustomization(path) {
		s.links[real] = path
	}
	return dir, file, err
}

func isKustomization(path string) bool {
	return slices.Contains(konfig.RecognizedKustomizationFileNames(), filepath.Base(path))
}

func (s *source) ReadFile(path string) ([]byte, error) {
	if s.root != "" && path == s.references() {
		table, err := s.table()
		if err != nil {
			return nil, s.fail(err)
		}
		return NameReferences(table), nil
	}
	src, err := s.FileSystem.ReadFile(path)
	link, linked := s.links[path]
	switch {
	case err != nil:
		return nil, err
	case isKustomization(path):
		return s.kustomization(path, src)
	case linked:
		return s.kustomization(link, src)
	case s.transformers[path]:
		own, _, err := s.leaveOut(path, src)
		return own, err
	}
	return src, nil
}

func (s *source) fail(err error) error {
	if s.err == nil {
		s.err = err
	}
	return err
}

// kustomization changes a kustomization. What kustomize itself would refuse is
// left to it.
func (s *source) kustomization(path string, src []byte) ([]byte, error) {
	dir := filepath.Dir(path)
	built := s.root == "" || s.root == dir
	if s.root == "" {
		s.root = dir
	}
	var k types.Kustomization
	if err := k.Unmarshal(src); err != nil {
		return src, nil
	}
	if fixed := k; built {
		fixed.FixKustomization()
		if len(s.images) == 0 && fixed.CheckEmpty() != nil {
			return src, nil
		}
	}
	changed := false
	s.own = built
	for i, entry := range k.Transformers {
		if without, left, err := s.transformer(dir, entry); err != nil {
			return nil, s.fail(err)
		} else if left {
			k.Transformers[i], changed = without, true
		}
	}
	s.own = false
	for _, component := range k.Components {
		// A component's transformers run before the kustomization's own, but
		// kustomize reads it after the name references, which depend on the config.
		s.look(dir, component)
	}
	if built {
		if len(s.images) > 0 {
			images, err := setImages(k.Images, s.images)
			if err != nil {
				return nil, s.fail(err)
			}
			k.Images = images
		}
		k.Configurations = append(k.Configurations, referencesName)
		changed = true
	}
	if !changed {
		return src, nil
	}
	out, err := sigsyaml.Marshal(k)
	if err != nil {
		return nil, s.fail(fmt.Errorf("%s: %w", path, err))
	}
	return out, nil
}

// look reads the kustomization of a folder, for what it says about transformers.
// What is wrong with it kustomize will say.
func (s *source) look(dir, below string) {
	folder := filepath.Join(dir, below)
	if s.looked[folder] || !s.FileSystem.IsDir(folder) {
		return
	}
	s.looked[folder] = true
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		if file := filepath.Join(folder, name); s.FileSystem.Exists(file) {
			_, _ = s.ReadFile(file)
		}
	}
}

// transformer looks at an entry of a list of transformers: a text, a file, or a
// folder with a kustomization. Of a text it gives what is left.
func (s *source) transformer(dir, entry string) (without string, left bool, err error) {
	if strings.ContainsAny(entry, "\n{") {
		out, left, err := s.leaveOut(filepath.Join(dir, "kustomization.yaml"), []byte(entry))
		return string(out), left, err
	}
	return "", false, s.mark(dir, entry, 0)
}

// mark notes which files hold transformers, and reads those that do. Files that
// the kustomization in dir must not load are left to kustomize's refusal.
func (s *source) mark(dir, entry string, depth int) error {
	const tooDeep = 100 // kustomize says what is wrong with a circle
	path := filepath.Join(dir, entry)
	if depth > tooDeep || s.transformers[path] {
		return nil
	}
	if clean, file, err := s.FileSystem.CleanedAbs(path); err == nil && file != "" {
		if root, _, err := s.FileSystem.CleanedAbs(dir); err != nil || !s.anywhere && !clean.HasPrefix(root) {
			return nil
		}
		// kustomize reads a file where it is, symbolic links followed.
		s.transformers[path] = true
		path = clean.Join(file)
		s.transformers[path] = true
		src, err := s.FileSystem.ReadFile(path)
		if err != nil {
			return nil
		}
		_, _, err = s.leaveOut(path, src)
		return err
	}
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		src, err := s.FileSystem.ReadFile(filepath.Join(path, name))
		if err != nil {
			continue
		}
		var k types.Kustomization
		if k.Unmarshal(src) != nil {
			return nil
		}
		for _, below := range k.Resources {
			if err := s.mark(path, below, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// leaveOut takes pullable's configs out of a text with transformers. In place of
// each it puts a transformer that does nothing, because the file must hold one.
func (s *source) leaveOut(file string, src []byte) (out []byte, left bool, err error) {
	if !bytes.Contains(src, []byte("pullable")) {
		return src, false, nil
	}
	for _, text := range documents(src) {
		doc, err := yamledit.Parse(text)
		if err != nil || !forPullable(doc.Root()) {
			out = append(out, text...)
			continue
		}
		c, err := ParseConfig(text, file)
		if err != nil {
			return nil, false, s.fail(err)
		}
		s.found(file, *c)
		left = true
		s.left++
		out = fmt.Appendf(out, "---\napiVersion: builtin\nkind: AnnotationsTransformer\nmetadata:\n  name: pullable-runs-at-the-end-%d\n", s.left)
	}
	return out, left, nil
}

func (s *source) found(file string, c v1alpha1.ImagePullConfig) {
	if slices.ContainsFunc(s.configs, func(f foundConfig) bool { return f.file == file && sameConfig(f.config, c) }) {
		return
	}
	s.configs = append(s.configs, foundConfig{file: file, own: s.own, config: c})
}

func sameConfig(a, b v1alpha1.ImagePullConfig) bool {
	a.Metadata, b.Metadata = v1alpha1.Metadata{}, v1alpha1.Metadata{}
	return reflect.DeepEqual(a, b)
}

// documents parts a text at the lines that start a document. Each keeps the
// line that starts it.
func documents(src []byte) [][]byte {
	var all [][]byte
	start := 0
	for at := 0; at < len(src); {
		line := src[at:]
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line = line[:end+1]
		}
		if at > start && bytes.HasPrefix(line, []byte("---")) && (len(line) == 3 || strings.IndexByte(" \t\r\n", line[3]) >= 0) {
			all = append(all, src[start:at])
			start = at
		}
		at += len(line)
	}
	return append(all, src[start:])
}

// forPullable says whether an object is a config for pullable: an
// ImagePullConfig, or a ConfigMap for a function of this name.
func forPullable(n yamledit.Node) bool {
	apiVersion, _ := n.Get("apiVersion")
	kind, _ := n.Get("kind")
	if strings.HasPrefix(apiVersion.Text(), "pullable.dev/") && kind.Text() == v1alpha1.Kind {
		return true
	}
	if kind.Text() != "ConfigMap" {
		return false
	}
	metadata, _ := n.Get("metadata")
	annotations, _ := metadata.Get("annotations")
	for _, key := range [...]string{"config.kubernetes.io/function", "config.k8s.io/function"} {
		if function, _ := annotations.Get(key); runsPullable(function.Text()) {
			return true
		}
	}
	return false
}

// runsPullable reads the annotation that says which function a host runs.
func runsPullable(annotation string) bool {
	var function struct {
		Container struct{ Image string }
		Exec      struct{ Path string }
	}
	if yaml.Unmarshal([]byte(annotation), &function) != nil {
		return false
	}
	image := function.Container.Image
	image = image[strings.LastIndexByte(image, '/')+1:]
	if end := strings.IndexAny(image, ":@"); end >= 0 {
		image = image[:end]
	}
	program := filepath.Base(filepath.ToSlash(function.Exec.Path))
	return image == "pullable" || program == "pullable" || program == "pullable.exe"
}

// inTree gives the config that the kustomization hands to pullable, nil where
// there is none. What the kustomization that is built lists itself wins.
func (s *source) inTree() (*v1alpha1.ImagePullConfig, string, error) {
	candidates := slices.DeleteFunc(slices.Clone(s.configs), func(f foundConfig) bool { return !f.own })
	if len(candidates) == 0 {
		candidates = s.configs
	}
	if len(candidates) == 0 {
		return nil, "", nil
	}
	for _, other := range candidates[1:] {
		if !sameConfig(other.config, candidates[0].config) {
			return nil, "", fmt.Errorf("the kustomization hands two configs to pullable, %s and %s, and it is done once for the whole build: say which one holds with --config, or put a %s beside the kustomization",
				shown(candidates[0].file), shown(other.file), ConfigName)
		}
	}
	return &candidates[0].config, shown(candidates[0].file), nil
}

// shown writes a path from the folder that people are in, where it lies in it.
func shown(file string) string {
	here, err := os.Getwd()
	if err != nil {
		return file
	}
	if below, err := filepath.Rel(here, file); err == nil && filepath.IsLocal(below) {
		return below
	}
	return file
}
