//go:build unix

package files

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder makes a folder with files; a name that ends with a slash is a folder,
// and content that starts with "-> " is a symbolic link.
func folder(t *testing.T, content map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range content {
		at := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if target, ok := strings.CutPrefix(text, "-> "); ok {
			err = os.Symlink(target, at)
		} else {
			err = os.WriteFile(at, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestFind(t *testing.T) {
	outside := folder(t, map[string]string{"out.yaml": "x"})
	content := map[string]string{
		"b.yaml": "", "a.yml": "", "c.json": "", "d.txt": "", "sub/e.YAML": "",
		".hidden.yaml": "", ".hidden/f.yaml": "",
		".gitignore": "ignored*\n/build/\n", "ignored.yaml": "", "build/g.yaml": "", "sub/build/h.yaml": "",
		"chart/Chart.yaml": "", "chart/templates/i.yaml": "", "chart/values.yaml": "", "templates/j.yaml": "",
		"link.yaml": "-> sub/e.YAML", "out.yaml": "-> " + outside + "/out.yaml", "dangling.yaml": "-> nowhere.yaml",
		"circle": "-> .", "data": "-> build/g.yaml",
	}
	plain := []string{"a.yml", "b.yaml", "c.json", "chart/Chart.yaml", "chart/values.yaml", "sub/build/h.yaml", "sub/e.YAML", "templates/j.yaml"}
	for sentence, c := range map[string]struct {
		options Options
		more    []string
	}{
		"files of the extensions are found, each once": {},
		"hidden ones on demand":                        {Options{Hidden: true}, []string{".hidden.yaml", ".hidden/f.yaml"}},
		"ignored ones on demand":                       {Options{Ignored: true}, []string{"build/g.yaml", "ignored.yaml"}},
		"templates of charts on demand":                {Options{Charts: true}, []string{"chart/templates/i.yaml"}},
		"what links lead to outside on demand":         {Options{Outside: true}, []string{"out.yaml"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			root := folder(t, content)
			t.Chdir(root)
			c.options.Extensions = []string{".yaml", ".yml", ".json"}
			found, err := Find([]string{"."}, c.options)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range found {
				got = append(got, filepath.ToSlash(f.Path))
			}
			slices.Sort(got)
			want := append(slices.Clone(plain), c.more...)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestFilesThatAreNamedAreFound(t *testing.T) {
	root := folder(t, map[string]string{".gitignore": "*\n", ".x.txt": "", "link": "-> .x.txt", "sub/y.yaml": ""})
	found, err := Find([]string{filepath.Join(root, "link"), filepath.Join(root, ".x.txt")}, Options{})
	want := []File{{filepath.Join(root, "link"), filepath.Join(root, ".x.txt")}}
	if diff := cmp.Diff(want, found); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if found, err := Find([]string{root, filepath.Join(root, "nowhere")}, Options{}); err == nil || found != nil {
		t.Errorf("a path that is not there gives %v, %v", found, err)
	}
}

func TestExclude(t *testing.T) {
	root := folder(t, map[string]string{"a.yaml": "", "b/c.yaml": "", "b/d.yaml": "", "e/f.yaml": ""})
	found, err := Find([]string{root}, Options{Extensions: []string{".yaml"}, Exclude: ParsePatterns("/b/*\n!/b/d.yaml\ne/")})
	if err != nil || len(found) != 2 || filepath.Base(found[0].Path) != "a.yaml" || filepath.Base(found[1].Path) != "d.yaml" {
		t.Errorf("%v, %v", found, err)
	}
}

// TestIgnoredAsGitDoes holds the patterns against git itself.
func TestIgnoredAsGitDoes(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not there")
	}
	names := []string{
		"a.yaml", "b.yaml", "ab.yaml", "x y.yaml", "[z].yaml", "!n.yaml", "#h.yaml", "dir/a.yaml", "dir/sub/a.yaml", "dir/sub/deep/b.yaml",
		"build/a.yaml", "dir/build/a.yaml", "keep/a.yaml", "keep/b.yaml", "foo/bar/baz/a.yaml", "foo/a.yaml", "trail .yaml",
	}
	for _, text := range []string{
		"*.yaml\n!a.yaml\n", "/a.yaml\n", "a.yaml\n", "build/\n", "/build\n", "dir/*\n", "dir/**\n", "**/sub/\n", "dir/**/b.yaml\n", "foo/**/a.yaml\n",
		"keep/*\n!keep/b.yaml\n", "[ab].yaml\n", "[!a].yaml\n", "?.yaml\n", "\\#h.yaml\n", "#h.yaml\n", "\\!n.yaml\n", "!n.yaml\n", "x\\ y.yaml\n",
		"a.yaml   \n", "\\[z\\].yaml\n", "a*\r\n", "**\n!**/\n!b.yaml\n", "sub\n", "dir/sub\n", "/**/a.yaml\n", "foo/*/a.yaml\n", "*\n!*/\n!/dir/**\n", "\n\n# x\nb.yaml", "**/\n", "/\n",
		"[a-\n", "a.yaml/\n", "***.yaml\n", "d*r/\n",
	} {
		t.Run(fmt.Sprintf("%q", text), func(t *testing.T) {
			content := map[string]string{".gitignore": text, "keep/.gitignore": "!a.yaml\n", "foo/.gitignore": "/bar/\n"}
			for _, name := range names {
				content[name] = ""
			}
			root := folder(t, content)
			git := func(args ...string) string {
				cmd := exec.Command("git", args...)
				cmd.Dir = root
				cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "XDG_CONFIG_HOME="+root+"/none")
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("git %v: %v", args, err)
				}
				return string(out)
			}
			git("init", "-q")
			var want []string
			for _, name := range strings.Split(git("ls-files", "-z", "--others", "--exclude-standard"), "\x00") {
				if strings.HasSuffix(name, ".yaml") {
					want = append(want, name)
				}
			}
			t.Chdir(root)
			found, err := Find([]string{"."}, Options{Extensions: []string{".yaml"}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range found {
				got = append(got, f.Path)
			}
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-git +ours)\n%s", diff)
			}
		})
	}
}

func TestReplaceKeepsModeAndOwner(t *testing.T) {
	root := folder(t, map[string]string{"x": "old"})
	file := filepath.Join(root, "x")
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	owner := os.Getuid()
	if owner == 0 {
		owner = 1234
		if err := os.Chown(file, owner, owner); err != nil {
			t.Fatal(err)
		}
	}
	if err := Replace(file, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode(); got != 0o640 {
		t.Errorf("the mode is %v", got)
	}
	if got := int(info.Sys().(*syscall.Stat_t).Uid); got != owner {
		t.Errorf("the owner is %d, want %d", got, owner)
	}
	if got, _ := os.ReadFile(file); string(got) != "new" {
		t.Errorf("the content is %q", got)
	}
	only(t, root, "x")
}

// only sees to it that a folder holds nothing but some files.
func only(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the folder holds (-want +got)\n%s", diff)
	}
}

func TestReadOnlyFilesAreLeftAlone(t *testing.T) {
	root := folder(t, map[string]string{"x": "old"})
	file := filepath.Join(root, "x")
	if err := os.Chmod(file, 0o444); err != nil {
		t.Fatal(err)
	}
	if err := Replace(file, []byte("new")); !errors.Is(err, ErrReadOnly) {
		t.Errorf("the error is %v", err)
	}
	if got, _ := os.ReadFile(file); string(got) != "old" {
		t.Errorf("the content is %q", got)
	}
	only(t, root, "x")
}

// TestAKillBeforeTheRenameLosesNothing runs this test again as a process of its
// own, which is killed when the temporary file is written.
func TestAKillBeforeTheRenameLosesNothing(t *testing.T) {
	if file := os.Getenv("PULLABLE_KILL_BEFORE_RENAME"); file != "" {
		if _, err := prepare(file, []byte("new")); err != nil {
			os.Exit(3)
		}
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	root := folder(t, map[string]string{"x.yaml": "old"})
	file := filepath.Join(root, "x.yaml")
	cmd := exec.Command(os.Args[0], "-test.run=^TestAKillBeforeTheRenameLosesNothing$")
	cmd.Env = append(os.Environ(), "PULLABLE_KILL_BEFORE_RENAME="+file)
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the process ended with %v", err)
	}
	if got, _ := os.ReadFile(file); string(got) != "old" {
		t.Errorf("the content is %q", got)
	}
	left, _ := filepath.Glob(filepath.Join(root, ".pullable-*"))
	if len(left) != 1 {
		t.Fatalf("the temporary files are %v", left)
	}
	found, err := Find([]string{root}, Options{Extensions: []string{".yaml"}})
	if err != nil || len(found) != 1 {
		t.Errorf("found %v, %v", found, err)
	}
	if err := Replace(file, []byte("new")); err != nil {
		t.Error(err)
	}
}
