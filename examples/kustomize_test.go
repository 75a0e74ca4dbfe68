package examples

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
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

func TestVerifyTellsThatKustomizeLeftTheFunctionOut(t *testing.T) {
	needKustomize(t)
	verify := func(t *testing.T, built string, code int, want ...string) {
		t.Helper()
		cmd := command(nil, "bin/pullable", "verify", "--config", "examples/kustomize-exec/image-pull.yaml")
		cmd.Stdin = strings.NewReader(built)
		got := start(t, cmd)
		if got.code != code {
			t.Errorf("exit code %d, want %d\n%s%s", got.code, code, got.stdout, got.stderr)
		}
		for _, part := range want {
			if !strings.Contains(got.stdout, part) {
				t.Errorf("no %q in\n%s", part, got.stdout)
			}
		}
	}
	said := []string{
		"apps/v1 Deployment shop/api: no pull policy at spec.template.spec.containers[0].imagePullPolicy, spec.template.spec.initContainers[0].imagePullPolicy; no pull secret regcred (line ",
		"batch/v1 CronJob shop/backup: ", "It looks as if pullable did not run", "--enable-exec",
	}
	build := []string{"build", "--enable-alpha-plugins", "examples/kustomize-exec"}
	t.Run("kustomize", func(t *testing.T) {
		verify(t, mustSucceed(t, command(nil, "kustomize", build...)).stdout, 1, said...)
		verify(t, mustSucceed(t, command(nil, "kustomize", append(build, "--enable-exec")...)).stdout, 0, "nothing is left to do: 4 images in 2 objects")
	})
	t.Run("krusty", func(t *testing.T) {
		for _, exec := range []bool{false, true} {
			o := krusty.MakeDefaultOptions()
			o.PluginConfig = types.EnabledPluginConfig(types.BploUseStaticallyLinked)
			o.PluginConfig.FnpLoadingOptions.EnableExec = exec
			built, err := krusty.MakeKustomizer(o).Run(filesys.MakeFsOnDisk(), "kustomize-exec")
			if err != nil {
				t.Fatal(err)
			}
			src, err := built.AsYaml()
			if err != nil {
				t.Fatal(err)
			}
			if exec {
				verify(t, string(src), 0)
			} else {
				verify(t, string(src), 1, said...)
			}
		}
	})
	t.Run("kubectl", func(t *testing.T) {
		need(t, "kubectl")
		verify(t, mustSucceed(t, command(nil, "kubectl", "kustomize", "--enable-alpha-plugins", "examples/kustomize-exec")).stdout, 1, said...)
	})
	t.Run("pullable build", func(t *testing.T) {
		verify(t, mustSucceed(t, command(nil, "bin/pullable", "build", "examples/kustomize-exec")).stdout, 0)
	})
}

func TestVerifyKnowsTheNamesThatKustomizeGives(t *testing.T) {
	for folder, config := range map[string]string{
		"kustomize-generated-secret": "kustomize-generated-secret/image-pull.yaml",
		"build":                      "build/production/pullable.yaml",
	} {
		mustSucceed(t, command(nil, "bin/pullable", "verify", "--config", "examples/"+config, "examples/"+folder+"/expected.yaml"))
	}
}

// alone is a copy of an example whose kustomization does not list pullable.
func alone(t *testing.T, folder string) string {
	copied := workingCopy(t, folder)
	replaceIn(t, filepath.Join(copied, "kustomization.yaml"), "transformers:\n- image-pull.yaml\n", "")
	return copied
}

func TestBuildPrintsWhatKustomizeAndAPipePrint(t *testing.T) {
	needKustomize(t)
	need(t, "bash")
	for _, folder := range []string{"kustomize-exec", "kustomize-container", "secrets-in-the-package"} {
		piped := mustSucceed(t, command(nil, "bash", "-euo", "pipefail", "-c",
			`kustomize build "$0" | bin/pullable --config "$0/image-pull.yaml"`, alone(t, folder)))
		built := mustSucceed(t, command(nil, "bin/pullable", "build", "examples/"+folder))
		if diff := cmp.Diff(piped.stdout, built.stdout); diff != "" {
			t.Errorf("%s (-kustomize build | pullable +pullable build)\n%s", folder, diff)
		}
	}
}

func TestBuildNeedsNoComponentForTheNamesInWorkflows(t *testing.T) {
	copied := workingCopy(t, "kustomize-generated-secret")
	replaceIn(t, filepath.Join(copied, "kustomization.yaml"), "components:\n- ../argo-name-reference\n", "")
	with := mustSucceed(t, command(nil, "bin/pullable", "build", "examples/kustomize-generated-secret")).stdout
	without := mustSucceed(t, command(nil, "bin/pullable", "build", copied)).stdout
	if diff := cmp.Diff(with, without); diff != "" || strings.Count(without, "- name: prod-regcred-") != 5 {
		t.Errorf("(-with the component +without)\n%s\n%s", diff, without)
	}
}

func TestImagesAreSetAsKustomizeEditSetsThem(t *testing.T) {
	needKustomize(t)
	const digest = "sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3"
	for _, images := range [][]string{
		{"busybox:1.36"},
		{"busybox=:1.36"},
		{"registry.example.com/shop/api="},
		{"busybox=registry.example.com:5000/busybox"},
		{"busybox=registry.example.com:5000/busybox:1.36@" + digest, "registry.example.com/tools/backup@" + digest},
		{"registry.example.com/shop/api=other/api:*"},
		{"registry.example.com/shop/api=*:3"},
		{"registry.example.com/shop/api=other/api@*"},
		{"registry.example.com/shop/api=x:1", "registry.example.com/shop/api:2"},
	} {
		edited := alone(t, "kustomize-exec")
		edit := command(nil, "kustomize", append([]string{"edit", "set", "image"}, images...)...)
		edit.Dir = edited
		mustSucceed(t, edit)
		args := []string{"build", "examples/kustomize-exec"}
		for _, image := range images {
			args = append(args, "--image", image)
		}
		config := []string{"--config", "examples/kustomize-exec/image-pull.yaml"}
		want := mustSucceed(t, command(nil, "bin/pullable", append([]string{"build", edited}, config...)...)).stdout
		if diff := cmp.Diff(want, mustSucceed(t, command(nil, "bin/pullable", args...)).stdout); diff != "" {
			t.Errorf("%v (-edited +--image)\n%s", images, diff)
		}
	}
	refused := start(t, command(nil, "bin/pullable", "build", "--image", "busybox", "examples/kustomize-exec"))
	if refused.code != 2 || refused.stdout != "" {
		t.Errorf("%+v", refused)
	}
}

// transformed runs the real kustomize over the example with another functionConfig.
func transformed(t *testing.T, config string) run {
	t.Helper()
	copied := workingCopy(t, "kustomize-exec")
	writeFile(t, filepath.Join(copied, "image-pull.yaml"), config+`metadata:
  name: image-pull
  annotations:
    config.kubernetes.io/local-config: "true"
    config.kubernetes.io/function: |
      exec:
        path: `+filepath.Join(repo, "bin/pullable")+"\n")
	return start(t, command(nil, "kustomize", "build", "--enable-alpha-plugins", "--enable-exec", copied))
}

func TestKustomizeHandsOverEveryFormOfConfig(t *testing.T) {
	needKustomize(t)
	for name, c := range map[string]struct {
		config  string
		secrets int
		want    string
	}{
		"typed":     {"apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\npullSecrets: {add: [{name: a}]}\n", 2, "- name: a\n"},
		"ConfigMap": {"apiVersion: v1\nkind: ConfigMap\ndata: {pullSecrets: a, mode: Fill}\n", 2, "- name: a\n"},
		"include":   {"apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\ninclude: [{kind: CronJob}]\npullSecrets: {add: [{name: a}]}\n", 1, "imagePullPolicy: Always\n            name: backup\n          imagePullSecrets:\n"},
		"exclude":   {"apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\nexclude: [{kind: Deployment, name: api}]\npullSecrets: {add: [{name: a}]}\n", 1, "imagePullPolicy: Always\n            name: backup\n          imagePullSecrets:\n"},
	} {
		got := transformed(t, c.config)
		if got.code != 0 || strings.Count(got.stdout, "imagePullSecrets:") != c.secrets || !strings.Contains(got.stdout, c.want) {
			t.Errorf("%s: exit code %d\n%s%s", name, got.code, got.stdout, got.stderr)
		}
	}
}

func TestCheckModeAsATransformerEndsKustomizeWhereChangesAreDue(t *testing.T) {
	needKustomize(t)
	const check = "apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\ncheck: true\n"
	got := transformed(t, check)
	for _, want := range []string{"Deployment", "api", "set imagePullPolicy to Always", "[policy-set]"} {
		if got.code == 0 || got.stdout != "" || !strings.Contains(got.stderr, want) {
			t.Errorf("no %q: exit code %d\n%s%s", want, got.code, got.stdout, got.stderr)
		}
	}
	if got := transformed(t, check+"pullPolicy: {mode: None}\n"); got.code != 0 || !strings.Contains(got.stdout, "kind: CronJob") {
		t.Errorf("nothing is due: exit code %d\n%s", got.code, got.stderr)
	}
}

// This holds no promise of ours: it shows why the README says transformers, and fails on the day kustomize mends it.
func TestAFunctionAmongKustomizesValidatorsFailsThoughNothingIsDue(t *testing.T) {
	needKustomize(t)
	copied := workingCopy(t, "kustomize-exec")
	replaceIn(t, filepath.Join(copied, "kustomization.yaml"), "transformers:", "validators:")
	replaceIn(t, filepath.Join(copied, "image-pull.yaml"), "../../bin/pullable", filepath.Join(repo, "bin/pullable"))
	replaceIn(t, filepath.Join(copied, "image-pull.yaml"), "pullSecrets:", "check: true\npullPolicy: {mode: None}\nexclude: [{name: .*}]\npullSecrets:")
	got := start(t, command(nil, "kustomize", "build", "--enable-alpha-plugins", "--enable-exec", copied))
	if got.code == 0 || !strings.Contains(got.stderr, "validator") {
		t.Errorf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
}
