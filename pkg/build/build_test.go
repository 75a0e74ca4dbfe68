package build_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/build"
	"github.com/pullable/pullable/pkg/imagepull"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/yamledit"
)

// folder makes a folder of files, "name: text", and gives its path.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// run builds, and fails the test where the run fails.
func run(t *testing.T, o build.Options) string {
	t.Helper()
	r, err := build.Run(o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Plan.Failed() {
		t.Fatalf("the run fails: %s", strings.Join(r.Plan.Messages(), "\n"))
	}
	return string(r.Output)
}

// adding is a config that adds pull secrets to every pod.
func adding(names ...string) *v1alpha1.ImagePullConfig {
	c := v1alpha1.Default()
	for _, name := range names {
		c.PullSecrets.Add = append(c.PullSecrets.Add, v1alpha1.PullSecret{Name: name})
	}
	return &c
}

// piped is what `kustomize build DIR | pullable` prints.
func piped(t *testing.T, dir string, c *v1alpha1.ImagePullConfig) string {
	t.Helper()
	o := krusty.MakeDefaultOptions()
	o.Reorder = krusty.ReorderOptionUnspecified
	built, err := krusty.MakeKustomizer(o).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}
	src, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	input, err := manifest.Read(src)
	if err != nil {
		t.Fatal(err)
	}
	ready, err := imagepull.New(*c)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := manifest.Each(input, func(o manifest.Object, n yamledit.Node) imagepull.Facts {
		return imagepull.Gather(ready.Table(), o, n)
	})
	if err != nil {
		t.Fatal(err)
	}
	plan := imagepull.Decide(ready, facts)
	var out bytes.Buffer
	if err := input.Write(&out, plan.Edits(), plan.Adds(), nil); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      securityContext: {runAsUser: 1000680000, fsGroup: 9007199254740993}
      containers:
      - name: web
        image: registry.example.com/web:1
        env:
        - {name: HOST, value: "010"}
      - name: proxy
        image: envoy
`

const workflow = `apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata:
  name: load
spec:
  entrypoint: main
  templates:
  - name: main
    container: {image: registry.example.com/load:2, command: [load]}
`

const secretGenerator = `secretGenerator:
- name: regcred
  type: kubernetes.io/dockerconfigjson
  literals: ['.dockerconfigjson={"auths":{"registry.example.com":{"username":"u","password":"hunter2"}}}']
`

// kustomizations are folders in which kustomize renames no pull secret.
var kustomizations = map[string]map[string]string{
	"a kustomization by itself": {
		"kustomization.yaml": "resources: [web.yaml]\n", "web.yaml": deployment,
	},
	"an overlay over two bases, with prefix, suffix and namespace": {
		"kustomization.yaml":   "resources: [a, b]\nnamePrefix: prod-\nnameSuffix: -v1\nnamespace: team\nlabels: [{pairs: {env: prod}}]\n",
		"a/kustomization.yaml": "resources: [web.yaml]\n", "a/web.yaml": deployment,
		"b/kustomization.yml": "resources: [load.yaml]\nnamePrefix: b-\n", "b/load.yaml": workflow,
	},
	"images, replicas and patches": {
		"kustomization.yaml": `resources: [web.yaml]
images: [{name: envoy, newTag: "1.30"}]
replicas: [{name: web, count: 20000000}]
patches:
- patch: '[{"op": "add", "path": "/metadata/annotations", "value": {"a": "b"}}]'
  target: {kind: Deployment}
`, "web.yaml": deployment,
	},
	"a component with a generator": {
		"kustomization.yaml": "resources: [web.yaml]\ncomponents: [extra]\n", "web.yaml": deployment,
		"extra/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nconfigMapGenerator: [{name: c, literals: [a=b]}]\ngeneratorOptions: {annotations: {x: z}}\n",
	},
	"replacements": {
		"kustomization.yaml": `resources: [web.yaml, load.yaml]
replacements:
- source: {kind: Deployment, fieldPath: spec.template.spec.containers.0.image}
  targets: [{select: {kind: Workflow}, fieldPaths: [spec.templates.0.container.image]}]
`, "web.yaml": deployment, "load.yaml": workflow,
	},
	"build metadata and an order of its own": {
		"kustomization.yaml": `resources: [web.yaml, base]
buildMetadata: [originAnnotations, transformerAnnotations, managedByLabel]
sortOptions: {order: fifo}
namePrefix: p-
`, "web.yaml": deployment,
		"base/kustomization.yaml": "resources: [load.yaml]\nnamespace: x\n", "base/load.yaml": workflow,
	},
	"vars, and empty annotations": {
		"kustomization.yaml": "resources: [pod.yaml]\nnamePrefix: p-\nvars: [{name: NAME, objref: {apiVersion: v1, kind: Pod, name: p}}]\n",
		"pod.yaml":           "apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {}}\nspec:\n  containers: [{name: a, image: nginx, args: [$(NAME)]}]\n",
	},
	"a Secret that keeps its name": {
		"kustomization.yaml": "resources: [web.yaml]\n" + secretGenerator + "generatorOptions: {disableNameSuffixHash: true}\n",
		"web.yaml":           deployment,
	},
	"fields of former days": {
		"kustomization.yaml": `bases: [base]
commonLabels: {app: a}
patchesStrategicMerge:
- |-
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web}
  spec: {replicas: 3}
patchesJson6902:
- target: {group: apps, version: v1, kind: Deployment, name: web}
  patch: '[{"op": "add", "path": "/spec/paused", "value": true}]'
`, "base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": deployment,
	},
	"a component by itself, in JSON": {
		"Kustomization": `{"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component", "resources": ["web.yaml"], "commonAnnotations": {"a": "1"}}`,
		"web.yaml":      deployment,
	},
	"a List, and a file that holds several objects": {
		"kustomization.yaml": "resources: [list.yaml]\n",
		"list.yaml":          "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a}]}}\n- {apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {containers: [{name: b, image: b:1}]}}\n---\n" + deployment,
	},
	"an OpenAPI version and configurations of its own": {
		"kustomization.yaml": "resources: [web.yaml, load.yaml]\nnamePrefix: p-\nopenapi: {version: v1.21.2}\nconfigurations: [names.yaml]\n",
		"web.yaml":           deployment, "load.yaml": workflow,
		"names.yaml": "nameReference:\n- kind: Secret\n  version: v1\n  fieldSpecs:\n  - {kind: Workflow, group: argoproj.io, path: spec/imagePullSecrets/name}\nnamePrefix:\n- {path: metadata/labels/name, create: true}\n",
	},
	"nothing with an image": {
		"kustomization.yaml": "configMapGenerator: [{name: c, literals: [a=b]}]\n",
	},
	"a document in a ConfigMap that starts like one": {
		"kustomization.yaml": "resources: [web.yaml]\nconfigMapGenerator: [{name: c, files: [text]}]\n",
		"web.yaml":           deployment, "text": "---\na: b\n---\n",
	},
}

func TestTheOutputIsThatOfKustomizeAndPullable(t *testing.T) {
	for name, files := range kustomizations {
		for _, c := range []*v1alpha1.ImagePullConfig{adding(), adding("regcred", "other")} {
			t.Run(name, func(t *testing.T) {
				dir := folder(t, files)
				if diff := cmp.Diff(piped(t, dir, c), run(t, build.Options{Dir: dir, Config: c})); diff != "" {
					t.Errorf("(-kustomize build | pullable +pullable build)\n%s", diff)
				}
			})
		}
	}
}
