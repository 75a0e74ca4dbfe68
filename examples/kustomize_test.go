package examples

import (
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// badPolicy gives the example's init container a policy that no API server takes.
func badPolicy(t *testing.T, folder string) {
	t.Helper()
	replaceIn(t, filepath.Join(folder, "deployment.yaml"), "- name: wait-for-db\n", "- name: wait-for-db\n        imagePullPolicy: always\n")
}

func TestAnErrorFindingEndsKustomizeWithoutOutputAndWithItsReason(t *testing.T) {
	needKustomize(t)
	copied := workingCopy(t, "kustomize-exec")
	badPolicy(t, copied)
	replaceIn(t, filepath.Join(copied, "image-pull.yaml"), "../../bin/pullable", filepath.Join(repo, "bin/pullable"))
	got := start(t, command(nil, "kustomize", "build", "--enable-alpha-plugins", "--enable-exec", copied))
	if got.code == 0 || got.stdout != "" {
		t.Errorf("exit code %d, standard output:\n%s", got.code, got.stdout)
	}
	for _, want := range []string{"Deployment", "api", "initContainers[0].imagePullPolicy", "always"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("standard error does not name %q:\n%s", want, got.stderr)
		}
	}
}

// This holds no promise of ours: it shows the trap that the README warns of, and fails on the day kustomize mends it.
func TestKustomizeWithoutEnableExecSkipsAnExecFunctionWithoutAWord(t *testing.T) {
	needKustomize(t)
	got := mustSucceed(t, command(nil, "kustomize", "build", "--enable-alpha-plugins", "examples/kustomize-exec"))
	if strings.Contains(got.stdout, "IfNotPresent") || strings.Contains(got.stdout, "imagePullSecrets") || got.stderr != "" {
		t.Errorf("the function ran, or kustomize says that it did not:\n%s%s", got.stdout, got.stderr)
	}
}

func TestEveryInjectedNameIsTheNameThatTheGeneratedSecretEndsUpWith(t *testing.T) {
	needKustomize(t)
	got := mustSucceed(t, command(nil, "kustomize", "build", "--enable-alpha-plugins", "--enable-exec", "examples/kustomize-generated-secret"))
	var secret string
	injected := map[string]string{}
	for _, document := range strings.Split(got.stdout, "\n---\n") {
		object := yaml.MustParse(document)
		if object.GetKind() == "Secret" {
			secret = object.GetName()
			continue
		}
		for _, path := range [][]string{{"spec"}, {"spec", "template", "spec"}, {"spec", "workflowSpec"}} {
			list, err := object.Pipe(yaml.Lookup(append(path, "imagePullSecrets")...))
			if err != nil {
				t.Fatal(err)
			}
			if list == nil {
				continue
			}
			names, err := list.ElementValues("name")
			if err != nil {
				t.Fatal(err)
			}
			injected[object.GetKind()] = strings.Join(names, " ")
		}
	}
	if !strings.HasPrefix(secret, "prod-regcred-") {
		t.Fatalf("the Secret is named %q, without the prefix or the hash", secret)
	}
	for _, kind := range []string{"Deployment", "Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow"} {
		if injected[kind] != secret {
			t.Errorf("%s names the pull secrets %q, the Secret is %q", kind, injected[kind], secret)
		}
	}
}
