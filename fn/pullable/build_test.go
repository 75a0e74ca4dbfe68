//go:build unix

package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

const kustomization = "resources: [web.yaml]\n"

// built is what build makes of the kustomization over a deployment.
const built = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - image: nginx
        imagePullPolicy: Always
        name: main
`

func TestBuildPrintsTheKustomizationWithItsImagesDone(t *testing.T) {
	inFolder(t, map[string]string{"app/kustomization.yaml": kustomization, "app/web.yaml": deployment("web", "nginx")})
	for _, args := range [][]string{{"build", "app"}, {"build", "--plain", "app"}} {
		got := exits(t, exitDone, pullable("", args...))
		if diff := cmp.Diff(built, got.stdout); diff != "" || got.stderr != "" {
			t.Errorf("(-want +got)\n%s\n%s", diff, got.stderr)
		}
	}
	t.Chdir("app")
	if got := exits(t, exitDone, pullable("", "build")); got.stdout != built {
		t.Errorf("the current folder:\n%s", got.stdout)
	}
}

func TestBuildTakesItsConfigFromTheFlagThenFromBesideTheKustomization(t *testing.T) {
	inFolder(t, map[string]string{
		"app/kustomization.yaml": kustomization, "app/web.yaml": deployment("web", "registry.example.com/web:1"),
		"app/pullable.yaml": regcred, "other.yaml": strings.ReplaceAll(regcred, "regcred", "other"),
	})
	for args, want := range map[string]string{
		"build app":                                    "- name: regcred\n",
		"build app --config other.yaml":                "- name: other\n",
		"build app --pull-secret more":                 "- name: regcred\n      - name: more\n",
		"build app --mode None":                        "        name: main\n",
		"build app --image registry.example.com/web=x": "image: x:1\n",
	} {
		got := exits(t, exitDone, pullable("", strings.Fields(args)...))
		if !strings.Contains(got.stdout, want) {
			t.Errorf("%s: no %q in\n%s", args, want, got.stdout)
		}
	}
}

func TestAFindingThatFailsTheBuildLeavesNothingOnStandardOutput(t *testing.T) {
	inFolder(t, map[string]string{"kustomization.yaml": kustomization, "web.yaml": deployment("web", "nginx") + "        imagePullPolicy: always\n"})
	got := exits(t, exitFindings, pullable("", "build"))
	if got.stdout != "" || !strings.Contains(got.stderr, "error: apps/v1 Deployment web: ") || !strings.Contains(got.stderr, "[invalid-policy]") {
		t.Errorf("%s%s", got.stdout, got.stderr)
	}
	inFolder(t, map[string]string{"kustomization.yaml": kustomization, "web.yaml": deployment("web", "nginx"), "pullable.yaml": "apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\ncheck: true\n"})
	if got := exits(t, exitFindings, pullable("", "build")); got.stdout != "" || !strings.Contains(got.stderr, "[policy-set]") {
		t.Errorf("check: true: %s%s", got.stdout, got.stderr)
	}
}

func TestBuildSaysWhatToDoWhereThereIsNoKustomization(t *testing.T) {
	inFolder(t, map[string]string{"web.yaml": deployment("web", "nginx")})
	got := exits(t, exitBadInput, pullable("", "build"))
	for _, part := range []string{"holds no kustomization.yaml", "pullable build --plain .", "pullable fix"} {
		if got.stdout != "" || !strings.Contains(got.stderr, part) {
			t.Errorf("no %q in %s", part, got.stderr)
		}
	}
	got = exits(t, exitDone, pullable("", "build", "--plain"))
	if want := deployment("web", "nginx") + "        imagePullPolicy: Always\n"; got.stdout != want {
		t.Errorf("(-want +got)\n%s", cmp.Diff(want, got.stdout))
	}
	exits(t, exitBadInput, pullable("", "build", "a", "b"))
	exits(t, exitBadInput, pullable("", "build", "--load-restrictor", "none"))
}

func TestTheExamplesOfBuildAndVerifyRun(t *testing.T) {
	ran := 0
	for _, c := range []*cobra.Command{newBuildCommand(), newVerifyCommand()} {
		if !strings.Contains(c.Long, "Use it") {
			t.Errorf("%s: the help does not say when to use it", c.Name())
		}
		for line := range strings.Lines(c.Example) {
			command, ok := strings.CutPrefix(strings.TrimSpace(line), "pullable ")
			if !ok {
				continue
			}
			inFolder(t, map[string]string{
				"overlays/production/kustomization.yaml": kustomization, "overlays/production/web.yaml": deployment("web", "nginx"),
				"deploy/web.yaml": deployment("web", "nginx"), "image-pull.yaml": regcred, "built.yaml": built,
			})
			command, _, _ = strings.Cut(command, " |")
			command, from, piped := strings.Cut(command, " < ")
			input := ""
			if piped {
				input = read(t, from)
			}
			if got := exits(t, exitDone, pullable(input, strings.Fields(command)...)); got.stdout == "" {
				t.Errorf("%s prints nothing", line)
			}
			ran++
		}
	}
	if ran < 4 {
		t.Errorf("%d examples ran", ran)
	}
}
