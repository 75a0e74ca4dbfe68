package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const unfinished = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: nginx # moves
`

// TestPreCommitStopsACommitUntilTheManifestsAreDone installs the example's hook, with this repository as it is now in
// the place of the published one.
func TestPreCommitStopsACommitUntilTheManifestsAreDone(t *testing.T) {
	need(t, "pre-commit", "git")
	published := publish(t)
	for _, c := range []struct {
		hook  string
		fixes bool
	}{{"pullable-fix", true}, {"pullable-check", false}} {
		t.Run(c.hook, func(t *testing.T) {
			work := t.TempDir()
			in := func(name string, args ...string) *exec.Cmd {
				cmd := command(preCommitEnv(t, published), name, args...)
				cmd.Dir = work
				return cmd
			}
			config := readFile(t, filepath.Join(repo, "examples/pre-commit/.pre-commit-config.yaml"))
			for old, new := range map[string]string{"https://github.com/pullable/pullable": published, "rev: main": "rev: v0.0.1", "pullable-fix": c.hook} {
				if !strings.Contains(config, old) {
					t.Fatalf("the example's config has no %q", old)
				}
				config = strings.ReplaceAll(config, old, new)
			}
			writeFile(t, filepath.Join(work, ".pre-commit-config.yaml"), config)
			writeFile(t, filepath.Join(work, "deploy/pod.yaml"), unfinished)
			writeFile(t, filepath.Join(work, "notes.yaml"), unfinished) // not in the folder that the hook looks at
			mustSucceed(t, in("git", "init", "-q"))
			mustSucceed(t, in("pre-commit", "install"))
			mustSucceed(t, in("git", "add", "."))

			refused := start(t, in("git", "commit", "-q", "-m", "first"))
			if refused.code == 0 || !strings.Contains(refused.stderr, "set imagePullPolicy to Always") {
				t.Fatalf("exit code %d\n%s%s", refused.code, refused.stdout, refused.stderr)
			}
			want := unfinished
			if c.fixes {
				want = strings.Replace(want, "# moves\n", "# moves\n    imagePullPolicy: Always\n", 1)
			}
			if got := readFile(t, filepath.Join(work, "deploy/pod.yaml")); got != want {
				t.Fatalf("the file is\n%s", got)
			}
			if got := readFile(t, filepath.Join(work, "notes.yaml")); got != unfinished {
				t.Errorf("the file outside the folder is\n%s", got)
			}
			if !c.fixes {
				return
			}
			mustSucceed(t, in("git", "add", "."))
			mustSucceed(t, in("git", "commit", "-q", "-m", "first"))
		})
	}
}

// publish makes a repository of the files that git knows here, as they are now.
func publish(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pullable")
	for _, name := range strings.Split(mustSucceed(t, command(nil, "git", "ls-files", "-z", "-co", "--exclude-standard")).stdout, "\x00") {
		content, err := os.ReadFile(filepath.Join(repo, name))
		if name == "" || os.IsNotExist(err) {
			continue // the end of the list, or a file that was just taken out
		}
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), string(content))
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"commit", "-q", "-m", "as it is"}, {"tag", "v0.0.1"}} {
		cmd := command(preCommitEnv(t, dir), "git", args...)
		cmd.Dir = dir
		mustSucceed(t, cmd)
	}
	return dir
}

// preCommitEnv keeps what pre-commit builds beside the published repository, so that it is built once and goes away with
// it. Modules come from the cache that is there.
func preCommitEnv(t *testing.T, published string) []string {
	t.Helper()
	modules := strings.TrimSpace(mustSucceed(t, command(nil, "go", "env", "GOMODCACHE")).stdout)
	builds := strings.TrimSpace(mustSucceed(t, command(nil, "go", "env", "GOCACHE")).stdout)
	return []string{
		"PRE_COMMIT_HOME=" + published + "-builds", "GOMODCACHE=" + modules, "GOCACHE=" + builds,
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
	}
}
