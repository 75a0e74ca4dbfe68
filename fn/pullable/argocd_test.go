package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// inArgoCD runs the program in a folder of these files, with the environment that Argo CD gives it.
func inArgoCD(t *testing.T, files map[string]string, environ map[string]string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	for name, value := range environ {
		t.Setenv(name, value)
	}
	var out, messages bytes.Buffer
	code = run(append([]string{"argocd"}, args...), strings.NewReader(""), &out, &messages)
	return out.String(), messages.String(), code
}

const (
	argocdPod    = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: registry.example.com/web:1\n"
	argocdConfig = "apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\npullSecrets: {add: [{name: regcred, namespaces: [shop]}]}\n"
)

func TestArgoCDGetsAFolderOfManifestsWithWhatTheApplicationSays(t *testing.T) {
	stdout, stderr, code := inArgoCD(t, map[string]string{"pod.yaml": argocdPod, "pullable.yaml": argocdConfig},
		map[string]string{"ARGOCD_APP_NAMESPACE": "shop", "ARGOCD_ENV_PULL_SECRETS": "mirror"}, "generate")
	want := argocdPod + "    imagePullPolicy: IfNotPresent\n  imagePullSecrets:\n  - name: regcred\n  - name: mirror\n"
	if code != exitDone || stdout != want || stderr != "" {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

func TestArgoCDGetsNothingButTheReasonOfAFailure(t *testing.T) {
	for name, c := range map[string]struct {
		files   map[string]string
		environ map[string]string
		code    int
		want    string
	}{
		"a finding fails the run": {
			files: map[string]string{"pod.yaml": strings.Replace(argocdPod, "web:1\n", "web:1\n    imagePullPolicy: always\n", 1)},
			code:  exitFindings, want: "always",
		},
		"a parameter is wrong": {
			files:   map[string]string{"pod.yaml": argocdPod},
			environ: map[string]string{"ARGOCD_APP_PARAMETERS": `[{"name":"mode","string":"all"}]`},
			code:    exitBadInput, want: "Fill, Enforce or None",
		},
		"a value is wrong in a way that only the config knows": {
			files:   map[string]string{"pod.yaml": argocdPod},
			environ: map[string]string{"ARGOCD_APP_PARAMETERS": `[{"name":"pull-secrets","array":["Not A Name"]}]`},
			code:    exitBadInput, want: "Not A Name",
		},
		"an image is set where there is no kustomization": {
			files:   map[string]string{"pod.yaml": argocdPod},
			environ: map[string]string{"ARGOCD_APP_PARAMETERS": `[{"name":"images","array":["a:2"]}]`},
			code:    exitBadInput, want: "no kustomization",
		},
		"the kustomization is broken": {
			files: map[string]string{"kustomization.yaml": "resources: [missing.yaml]\n"},
			code:  exitBadInput, want: "missing.yaml",
		},
		"the kustomization builds nothing": {
			files: map[string]string{"kustomization.yaml": "resources: [local.yaml]\n",
				"local.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations: {config.kubernetes.io/local-config: \"true\"}\n"},
			code: exitBadInput, want: "no manifests",
		},
		"there is nothing but the config": {
			files: map[string]string{"pullable.yaml": argocdConfig},
			code:  exitBadInput, want: "manifests",
		},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code := inArgoCD(t, c.files, c.environ, "generate")
			if code != c.code || stdout != "" || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d, want %d with %q\n%s%s", code, c.code, c.want, stdout, stderr)
			}
		})
	}
}

func TestArgoCDLearnsOfTheParametersAndOfTheFoldersValues(t *testing.T) {
	stdout, stderr, code := inArgoCD(t, map[string]string{"pullable.yaml": argocdConfig + "pullPolicy: {mode: None}\n"}, nil, "parameters")
	var announced []struct{ Name, String string }
	if err := json.Unmarshal([]byte(stdout), &announced); err != nil || code != exitDone || stderr != "" {
		t.Fatalf("exit code %d: %v\n%s%s", code, err, stdout, stderr)
	}
	for _, a := range announced {
		if a.Name == "mode" && a.String == "None" {
			return
		}
	}
	t.Errorf("the mode is not announced as the config has it:\n%s", stdout)
}

func TestABrokenConfigIsAnErrorForArgoCD(t *testing.T) {
	stdout, stderr, code := inArgoCD(t, map[string]string{"pullable.yaml": argocdConfig + "pullPolicy: {mode: fill}\n"}, nil, "parameters")
	if code != exitBadInput || stdout != "" || !strings.Contains(stderr, "pullPolicy.mode") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}
