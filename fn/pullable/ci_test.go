//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// decoded reads a YAML file of the repository.
func decoded(t *testing.T, file string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join("../..", file))), into); err != nil {
		t.Fatal(err)
	}
}

// shell runs a script with this test as the program pullable.
func shell(t *testing.T, script string) (string, int) {
	t.Helper()
	bin := t.TempDir()
	if err := os.Symlink(os.Args[0], filepath.Join(bin, "pullable")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-ec", script)
	cmd.Env = append(os.Environ(), "PULLABLE_TEST_AS_PROGRAM=1", "PATH="+bin+":"+os.Getenv("PATH"))
	out, _ := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.ExitCode()
}

// before and after are a package in which something is due, and one in which
// nothing is.
var (
	before = map[string]string{"deploy/web.yaml": deployment("web", "nginx")}
	after  = map[string]string{"deploy/web.yaml": deployment("web", "nginx") + "        imagePullPolicy: Always\n"}
)

func TestTheWorkflowForGitHubFailsWhereSomethingIsDue(t *testing.T) {
	var workflow struct {
		Jobs struct {
			Check struct{ Steps []struct{ Name, Run string } }
		}
	}
	decoded(t, "examples/github-actions/pullable.yaml", &workflow)
	steps := workflow.Jobs.Check.Steps
	last := steps[len(steps)-1]
	if last.Name != "check" {
		t.Fatalf("the last step is %q", last.Name)
	}
	inFolder(t, before)
	if out, code := shell(t, last.Run); code != exitFindings || !strings.HasPrefix(out, "::error file=deploy/web.yaml,line=10") {
		t.Errorf("%d\n%s", code, out)
	}
	inFolder(t, after)
	if out, code := shell(t, last.Run); code != exitDone || out != "" {
		t.Errorf("%d\n%s", code, out)
	}
}

func TestTheJobForGitLabFailsWhereSomethingIsDueAndLeavesAReport(t *testing.T) {
	var jobs struct {
		Pullable struct{ Script []string }
	}
	decoded(t, "examples/gitlab-ci/pullable.gitlab-ci.yml", &jobs)
	script := strings.Join(jobs.Pullable.Script, "\n")
	inFolder(t, before)
	if out, code := shell(t, script); code != exitFindings || !strings.Contains(out, "10:16") {
		t.Errorf("%d\n%s", code, out)
	}
	if report := read(t, "pullable.xml"); !strings.Contains(report, `failures="1"`) {
		t.Errorf("the report:\n%s", report)
	}
	inFolder(t, after)
	if out, code := shell(t, script); code != exitDone || out != "" {
		t.Errorf("%d\n%s", code, out)
	}
}

func TestTheHooksForPreCommitRun(t *testing.T) {
	var hooks []struct {
		ID, Entry, Language string
		PassFilenames       bool `yaml:"pass_filenames"`
	}
	decoded(t, ".pre-commit-hooks.yaml", &hooks)
	var config struct {
		Repos []struct {
			Hooks []struct {
				ID   string
				Args []string
			}
		}
	}
	decoded(t, "examples/pre-commit/.pre-commit-config.yaml", &config)
	used := config.Repos[0].Hooks[0]
	found := false
	for _, hook := range hooks {
		if hook.Language != "golang" || hook.PassFilenames {
			t.Errorf("%+v", hook)
		}
		inFolder(t, before)
		want := exitFindings
		if hook.ID == "pullable-fix" {
			want = exitDone
		}
		if out, code := shell(t, hook.Entry+" "+strings.Join(used.Args, " ")); code != want {
			t.Errorf("%s: %d\n%s", hook.ID, code, out)
		}
		if hook.ID == used.ID {
			found = true
			same(t, hook.ID, after, contents(t))
		}
	}
	if !found || len(hooks) != 2 {
		t.Errorf("the hook %s is not among %+v", used.ID, hooks)
	}
}
