package build_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/build"
)

// pulling gives, of each object by kind and name, the pull secrets that it ends
// with, in a stream of kustomize's form.
func pulling(t *testing.T, stream string) map[string]string {
	t.Helper()
	list := regexp.MustCompile(`(?m)^ *imagePullSecrets:\n((?: *- .*\n)+)`)
	got := map[string]string{}
	for doc := range strings.SplitSeq(stream, "---\n") {
		match := list.FindStringSubmatch(doc)
		if match == nil {
			continue
		}
		var names []string
		for line := range strings.Lines(match[1]) {
			names = append(names, strings.TrimPrefix(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "- ")), "name: "))
		}
		got[field(doc, "kind")+" "+field(doc, "  name")] = strings.Join(names, " ")
	}
	return got
}

func field(doc, name string) string {
	_, rest, _ := strings.Cut("\n"+doc, "\n"+name+": ")
	value, _, _ := strings.Cut(rest, "\n")
	return value
}

const serviceAccount = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default}\n"

func TestPullSecretsAreFoundByTheNamesThatTheyHadInTheirFiles(t *testing.T) {
	for name, c := range map[string]struct {
		files  map[string]string
		config *v1alpha1.ImagePullConfig
		want   map[string]string // "H" stands for any hash
	}{
		"a generated Secret's hash reaches pods and workflows": {
			files: map[string]string{
				"kustomization.yaml": "resources: [web.yaml, load.yaml]\n" + secretGenerator, "web.yaml": deployment, "load.yaml": workflow,
			},
			want: map[string]string{"Deployment web": "regcred-H", "Workflow load": "regcred-H"},
		},
		"prefix, suffix and hash, from an overlay": {
			files: map[string]string{
				"kustomization.yaml":      "resources: [base]\nnamePrefix: prod-\nnameSuffix: -v1\nnamespace: team\n",
				"base/kustomization.yaml": "resources: [web.yaml, load.yaml]\n" + secretGenerator, "base/web.yaml": deployment, "base/load.yaml": workflow,
			},
			want: map[string]string{"Deployment prod-web-v1": "prod-regcred-v1-H", "Workflow prod-load-v1": "prod-regcred-v1-H"},
		},
		"a name that the workflow has already follows its Secret": {
			files: map[string]string{
				"kustomization.yaml": "resources: [load.yaml]\nnamePrefix: p-\n" + secretGenerator,
				"load.yaml":          strings.Replace(workflow, "spec:\n", "spec:\n  imagePullSecrets: [{name: regcred}]\n", 1),
			},
			want: map[string]string{"Workflow p-load": "p-regcred-H"},
		},
		"each base's pods get their own base's Secret": {
			files: map[string]string{
				"kustomization.yaml":   "resources: [a, b]\nnamespace: team\n",
				"a/kustomization.yaml": "resources: [web.yaml]\nnamePrefix: a-\n" + secretGenerator, "a/web.yaml": deployment,
				"b/kustomization.yaml": "resources: [web.yaml]\nnamePrefix: b-\n" + secretGenerator, "b/web.yaml": deployment,
			},
			want: map[string]string{"Deployment a-web": "a-regcred-H", "Deployment b-web": "b-regcred-H"},
		},
		"each namespace has a Secret of its own": {
			files: map[string]string{
				"kustomization.yaml":   "resources: [a, b]\n",
				"a/kustomization.yaml": "resources: [web.yaml]\nnamespace: a\nnamePrefix: one-\n" + secretGenerator, "a/web.yaml": deployment,
				"b/kustomization.yaml": "resources: [web.yaml]\nnamespace: b\n" + secretGenerator, "b/web.yaml": deployment,
			},
			want: map[string]string{"Deployment one-web": "one-regcred-H", "Deployment web": "regcred-H"},
		},
		"a pod in a namespace without the Secret gets the name as it is configured": {
			files: map[string]string{
				"kustomization.yaml":   "resources: [a, b]\n",
				"a/kustomization.yaml": "namespace: a\n" + secretGenerator,
				"b/kustomization.yaml": "resources: [web.yaml]\nnamespace: b\n", "b/web.yaml": deployment,
			},
			want: map[string]string{"Deployment web": "regcred"},
		},
		"a Secret from a file, with a prefix": {
			files: map[string]string{
				"kustomization.yaml": "resources: [web.yaml, secret.yaml]\nnamePrefix: p-\n", "web.yaml": deployment,
				"secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: regcred}\ntype: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: '{}'}\n",
			},
			want: map[string]string{"Deployment p-web": "p-regcred"},
		},
		"the Secret that an ExternalSecret makes has the ExternalSecret's name": {
			files: map[string]string{
				"kustomization.yaml": "resources: [web.yaml, secret.yaml]\nnamePrefix: p-\n", "web.yaml": deployment,
				"secret.yaml": "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: regcred}\nspec: {refreshInterval: 1h}\n",
			},
			want: map[string]string{"Deployment p-web": "p-regcred"},
		},
		"an ExternalSecret's target keeps its name": {
			files: map[string]string{
				"kustomization.yaml": "resources: [web.yaml, secret.yaml]\nnamePrefix: p-\n", "web.yaml": deployment,
				"secret.yaml": "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: regcred}\nspec: {target: {name: regcred}}\n",
			},
			want: map[string]string{"Deployment p-web": "regcred"},
		},
		"a name that the config removes is found by its first name": {
			files: map[string]string{
				"kustomization.yaml": "resources: [web.yaml]\n" + secretGenerator,
				"web.yaml":           strings.Replace(deployment, "      containers:", "      imagePullSecrets: [{name: regcred}, {name: old}]\n      containers:", 1),
			},
			config: func() *v1alpha1.ImagePullConfig {
				c := adding("new")
				c.PullSecrets.Remove = []string{"regcred"}
				return c
			}(),
			want: map[string]string{"Deployment web": "old new"},
		},
		"ServiceAccounts get the name too": {
			files: map[string]string{
				"kustomization.yaml": "resources: [web.yaml, account.yaml]\nnamePrefix: p-\n" + secretGenerator,
				"web.yaml":           deployment, "account.yaml": serviceAccount,
			},
			config: func() *v1alpha1.ImagePullConfig {
				c := adding("regcred")
				c.PullSecrets.AttachTo = v1alpha1.AttachToServiceAccounts
				return c
			}(),
			want: map[string]string{"ServiceAccount p-default": "p-regcred-H"},
		},
		"an object without a namespace finds the Secret in any": {
			files: map[string]string{
				"kustomization.yaml":   "resources: [a, shared.yaml]\n",
				"a/kustomization.yaml": "namespace: a\n" + secretGenerator,
				"shared.yaml":          strings.Replace(workflow, "kind: Workflow", "kind: ClusterWorkflowTemplate", 1),
			},
			want: map[string]string{"ClusterWorkflowTemplate load": "regcred-H"},
		},
		"a Secret whose name a patch changes": {
			files: map[string]string{
				"kustomization.yaml": "resources: [web.yaml]\n" + secretGenerator + renamed("other"), "web.yaml": deployment,
			},
			want: map[string]string{"Deployment web": "other-H"},
		},
		"a name where kustomize cannot follow it gets the right one beside it": {
			files: map[string]string{
				"kustomization.yaml": "resources: [job.yaml]\n" + secretGenerator,
				"job.yaml":           "apiVersion: kubeflow.org/v1\nkind: TFJob\nmetadata: {name: j}\nspec:\n  tfReplicaSpecs:\n    Worker:\n      template:\n        spec:\n          imagePullSecrets: [{name: regcred}]\n          containers: [{name: a, image: a:1}]\n",
			},
			want: map[string]string{"TFJob j": "regcred regcred-H"},
		},
		"a kind of the config's own": {
			files: map[string]string{
				"kustomization.yaml": "resources: [batch.yaml]\n" + secretGenerator,
				"batch.yaml":         "apiVersion: example.com/v1\nkind: Batch\nmetadata: {name: b}\nspec:\n  pod:\n    imagePullSecrets: [{name: regcred}]\n    containers: [{name: a, image: a:1}]\n",
			},
			config: func() *v1alpha1.ImagePullConfig {
				c := adding("regcred")
				c.Kinds = []v1alpha1.KindRow{{Group: "example.com", Versions: []string{"v1"}, Kind: "Batch", Pods: []v1alpha1.PodRow{{Path: "spec.pod", Shape: "PodSpec"}}}}
				return c
			}(),
			want: map[string]string{"Batch b": "regcred-H"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.config == nil {
				c.config = adding("regcred")
			}
			got := pulling(t, run(t, build.Options{Dir: folder(t, c.files), Config: c.config}))
			anyHash := regexp.MustCompile(`-[bcdfghkmt2456789]{10}\b`)
			for object, names := range got {
				got[object] = anyHash.ReplaceAllString(names, "-H")
			}
			if len(got) != len(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			for object, want := range c.want {
				if got[object] != want {
					t.Errorf("%s pulls with %q, want %q", object, got[object], want)
				}
			}
		})
	}
}

func TestAPodOfNeitherBaseDoesNotGetOneOfTwoSecretsByChance(t *testing.T) {
	dir := folder(t, map[string]string{
		"kustomization.yaml":   "resources: [a, b, web.yaml]\nnamespace: team\n",
		"a/kustomization.yaml": "namePrefix: a-\n" + secretGenerator,
		"b/kustomization.yaml": "namePrefix: b-\n" + secretGenerator,
		"web.yaml":             deployment,
	})
	r, err := build.Run(build.Options{Dir: dir, Config: adding("regcred")})
	if err != nil {
		t.Fatal(err)
	}
	messages := strings.Join(r.Plan.Messages(), "\n")
	for _, part := range []string{"error: apps/v1 Deployment team/web", "spec.template.spec.imagePullSecrets", "a-regcred-", "b-regcred-", "[ambiguous-secret]"} {
		if !strings.Contains(messages, part) {
			t.Errorf("%q is not in the messages:\n%s", part, messages)
		}
	}
	if !r.Plan.Failed() || len(r.Output) > 0 {
		t.Errorf("the run does not fail, or writes something:\n%s", r.Output)
	}
	// Named as it is called, the Secret is the one that is meant.
	_, rest, _ := strings.Cut(messages, "meant: ")
	name, _, _ := strings.Cut(rest, ",")
	got := pulling(t, run(t, build.Options{Dir: dir, Config: adding(name)}))
	if got["Deployment web"] != name {
		t.Errorf("got %v, want %s", got, name)
	}
}
