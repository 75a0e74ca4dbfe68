package examples

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// image is the name that `make image` gives by default and that the examples use.
const image = "localhost/pullable:dev"

// example is a folder whose README starts with a command and whose expected.yaml is what that command prints.
type example struct {
	folder, command string
	container       bool
}

func allExamples(t *testing.T) []example {
	t.Helper()
	found, err := filepath.Glob("*/expected.yaml")
	if err != nil || len(found) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	var all []example
	for _, f := range found {
		folder := filepath.Dir(f)
		readme, err := os.ReadFile(filepath.Join(folder, "README.md"))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, ok := strings.Cut(string(readme), "\n```sh\n")
		if !ok {
			t.Fatalf("%s/README.md holds no command", folder)
		}
		command, _, _ := strings.Cut(rest, "```\n")
		all = append(all, example{folder, command, strings.HasSuffix(folder, "-container")})
	}
	return all
}

func TestTheCommandOfEachReadmePrintsTheExpectedOutput(t *testing.T) {
	for _, e := range allExamples(t) {
		t.Run(e.folder, func(t *testing.T) {
			need(t, "bash")
			if strings.Contains(e.command, "kpt ") {
				need(t, "kpt")
			}
			if strings.Contains(e.command, "kustomize ") {
				needKustomize(t)
			}
			var env []string
			if e.container {
				needImage(t)
				env = containerEnv()
			}
			switch e.folder {
			case "helm3":
				env = helmEnv(t, "helm3")
			case "helm4":
				env = helm4Env(t)
			}
			got := mustSucceed(t, command(env, "bash", "-euo", "pipefail", "-c", e.command))
			golden(t, filepath.Join(e.folder, "expected.yaml"), got.stdout)
		})
	}
}

func TestKrustyMakesTheSameOutOfEachKustomization(t *testing.T) {
	for _, e := range allExamples(t) {
		if _, err := os.Stat(filepath.Join(e.folder, "kustomization.yaml")); err != nil {
			continue
		}
		t.Run(e.folder, func(t *testing.T) {
			if e.container {
				needImage(t)
				for _, v := range containerEnv() {
					name, value, _ := strings.Cut(v, "=")
					t.Setenv(name, value)
				}
			}
			o := krusty.MakeDefaultOptions()
			// The order that the command line gives by default.
			o.Reorder = krusty.ReorderOptionLegacy
			o.PluginConfig = types.EnabledPluginConfig(types.BploUseStaticallyLinked)
			o.PluginConfig.FnpLoadingOptions.EnableExec = true
			built, err := krusty.MakeKustomizer(o).Run(filesys.MakeFsOnDisk(), e.folder)
			if err != nil {
				t.Fatal(err)
			}
			got, err := built.AsYaml()
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join(e.folder, "expected.yaml"), string(got))
		})
	}
}

// golden compares with a file, or writes it when the flag -update is given.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is not what came out (-want +got):\n%s", file, diff)
	}
}

// files reads a whole folder: path below it → content.
func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		all[filepath.ToSlash(name)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// workingCopy is a folder that the test may change: a copy of another.
func workingCopy(t *testing.T, folder string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), filepath.Base(folder))
	if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// replaceIn changes the one place of a file where old stands.
func replaceIn(t *testing.T, file, old, new string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(content), old) != 1 {
		t.Fatalf("%s does not hold %q exactly once", file, old)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(content), old, new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}
