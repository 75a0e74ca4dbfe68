package build_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pullable/pullable/pkg/build"
	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/yamledit"
)

// inTree is a config for a list of transformers.
const inTree = `apiVersion: pullable.dev/v1alpha1
kind: ImagePullConfig
metadata:
  name: image-pull
  annotations:
    config.kubernetes.io/local-config: "true"
    config.kubernetes.io/function: |
      exec: {path: ../../bin/pullable}
pullSecrets:
  add: [{name: SECRET}]
`

func config(secret string) string { return strings.ReplaceAll(inTree, "SECRET", secret) }

const configMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: image-pull
  annotations:
    config.kubernetes.io/function: |
      container: {image: "ghcr.io/pullable/pullable:v1"}
data: {pullSecrets: fromconfigmap}
`

const labels = "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: labels}\nlabels: {made: here}\nfieldSpecs: [{path: metadata/labels, create: true}]\n"

func indented(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ") + "\n"
}

func TestPullableAsATransformerIsDoneOnceAtTheEndWithItsConfig(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string // the pull secrets of the Deployment
		label bool   // the other transformer ran
	}{
		"in a file": {files: map[string]string{
			"kustomization.yaml": "resources: [web.yaml]\ntransformers: [pull.yaml]\n", "pull.yaml": config("a"),
		}, want: "a"},
		"in a file of its base": {files: map[string]string{
			"kustomization.yaml":      "resources: [base]\n",
			"base/kustomization.yaml": "resources: [../web]\ntransformers: [pull.yaml]\n", "base/pull.yaml": config("a"),
			"web/kustomization.yaml": "resources: [web.yaml]\n", "web/web.yaml": deployment,
		}, want: "a"},
		"inline": {files: map[string]string{
			"kustomization.yaml": "resources: [web.yaml]\ntransformers:\n- |\n" + indented(config("a")),
		}, want: "a"},
		"inline on one line": {files: map[string]string{
			"kustomization.yaml": "resources: [web.yaml]\ntransformers:\n- '{\"apiVersion\": \"pullable.dev/v1alpha1\", \"kind\": \"ImagePullConfig\", \"metadata\": {\"name\": \"x\"}, \"pullSecrets\": {\"add\": [{\"name\": \"a\"}]}}'\n",
		}, want: "a"},
		"in one file with another transformer": {files: map[string]string{
			"kustomization.yaml": "resources: [web.yaml]\ntransformers: [all.yaml]\n", "all.yaml": labels + "---\n" + config("a"),
		}, want: "a", label: true},
		"inline after another transformer": {files: map[string]string{
			"kustomization.yaml": "resources: [web.yaml]\ntransformers:\n- |\n" + indented(labels+"---\n"+config("a")),
		}, want: "a", label: true},
		"in a folder of transformers": {files: map[string]string{
			"kustomization.yaml":              "resources: [web.yaml]\ntransformers: [transformers]\n",
			"transformers/kustomization.yaml": "resources: [pull.yaml, labels.yaml]\n",
			"transformers/pull.yaml":          config("a"), "transformers/labels.yaml": labels,
		}, want: "a", label: true},
		"in a component": {files: map[string]string{
			"kustomization.yaml":      "resources: [web.yaml]\ncomponents: [pull]\n",
			"pull/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ntransformers: [pull.yaml]\n",
			"pull/pull.yaml":          config("a"),
		}, want: "a"},
		"as a ConfigMap for a container": {files: map[string]string{
			"kustomization.yaml": "resources: [web.yaml]\ntransformers: [pull.yaml]\n", "pull.yaml": configMap,
		}, want: "fromconfigmap"},
		"in two bases that agree": {files: map[string]string{
			"kustomization.yaml":   "resources: [a, b, web.yaml]\n",
			"a/kustomization.yaml": "configMapGenerator: [{name: a}]\ntransformers: [pull.yaml]\n", "a/pull.yaml": config("a"),
			"b/kustomization.yaml": "configMapGenerator: [{name: b}]\ntransformers: [pull.yaml]\n", "b/pull.yaml": config("a"),
		}, want: "a"},
		"the outermost holds": {files: map[string]string{
			"kustomization.yaml":   "resources: [a, web.yaml]\ntransformers: [pull.yaml]\n",
			"pull.yaml":            config("outer"),
			"a/kustomization.yaml": "configMapGenerator: [{name: a}]\ntransformers: [pull.yaml]\n", "a/pull.yaml": config("inner"),
		}, want: "outer"},
		"pullable.yaml beside the kustomization holds over it": {files: map[string]string{
			"kustomization.yaml": "resources: [web.yaml]\ntransformers: [pull.yaml]\n",
			"pull.yaml":          config("a"), "pullable.yaml": config("beside"),
		}, want: "beside"},
		"pullable.yaml may be the transformer": {files: map[string]string{
			"kustomization.yaml": "resources: [web.yaml]\ntransformers: [pullable.yaml]\n", "pullable.yaml": config("a"),
		}, want: "a"},
		"by a symbolic link": {files: map[string]string{
			"kustomization.yaml": "resources: [web.yaml]\ntransformers: [link.yaml]\n", "pull.yaml": config("a"), "link.yaml": "-> pull.yaml",
		}, want: "a"},
		"the kustomization is a link": {files: map[string]string{
			"kustomization.yaml": "-> other.yaml", "other.yaml": "resources: [web.yaml]\ntransformers: [pull.yaml]\n", "pull.yaml": config("a"),
		}, want: "a"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, given := c.files["web/web.yaml"]; !given {
				c.files["web.yaml"] = deployment
			}
			out := run(t, build.Options{Dir: linked(t, c.files)})
			if got := pulling(t, out)["Deployment web"]; got != c.want {
				t.Errorf("the pull secrets are %q, want %q, in\n%s", got, c.want, out)
			}
			if strings.Contains(out, "made: here") != c.label {
				t.Errorf("the other transformer: want %v, in\n%s", c.label, out)
			}
			if strings.Contains(out, "pullable") || strings.Contains(out, "builtin") {
				t.Errorf("something of pullable's stands in the output:\n%s", out)
			}
		})
	}
}

// linked makes a folder of files; a text "-> x" is a symbolic link to x.
func linked(t *testing.T, files map[string]string) string {
	t.Helper()
	files = maps.Clone(files)
	links := map[string]string{}
	for name, text := range files {
		if to, ok := strings.CutPrefix(text, "-> "); ok {
			links[name] = to
			delete(files, name)
		}
	}
	dir := folder(t, files)
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAConfigThatIsGivenHoldsOverTheTransformers(t *testing.T) {
	dir := folder(t, map[string]string{
		"kustomization.yaml": "resources: [web.yaml]\ntransformers: [pull.yaml]\n", "web.yaml": deployment,
		"pull.yaml": config("a"), "pullable.yaml": config("beside"),
	})
	if got := pulling(t, run(t, build.Options{Dir: dir, Config: adding("given")}))["Deployment web"]; got != "given" {
		t.Errorf("the pull secrets are %q", got)
	}
}

func TestWhatCannotBeBuiltIsAnErrorThatSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		o     build.Options
		want  []string
	}{
		"no kustomization": {
			files: map[string]string{"web.yaml": deployment},
			want:  []string{"holds no kustomization.yaml, kustomization.yml or Kustomization"},
		},
		"neither a kustomization nor manifests": {
			files: map[string]string{"values.yaml": "a: b\n"}, o: build.Options{Sources: build.Manifests},
			want: []string{"neither a kustomization nor manifests"},
		},
		"a kustomization below a plain folder": {
			files: map[string]string{"web.yaml": deployment, "b/kustomization.yaml": "resources: [web.yaml]\n"}, o: build.Options{Sources: build.Manifests},
			want: []string{"b/kustomization.yaml", "build that one"},
		},
		"an image where there is no kustomization": {
			files: map[string]string{"web.yaml": deployment}, o: build.Options{Sources: build.Manifests, Images: []string{"a:1"}},
			want: []string{"no kustomization", "a:1"},
		},
		"a file from outside, as kustomize refuses it": {
			files: map[string]string{"a/kustomization.yaml": "resources: [../web.yaml]\n", "web.yaml": deployment},
			o:     build.Options{Dir: "a"},
			want:  []string{"security; file", "is not in or below"},
		},
		"a transformer from outside, as kustomize refuses it": {
			files: map[string]string{
				"a/kustomization.yaml": "resources: [web.yaml]\ntransformers: [../pull.yaml]\n", "a/web.yaml": deployment, "pull.yaml": config("a") + "hunter2: x\n",
			},
			o:    build.Options{Dir: "a"},
			want: []string{"security; file", "is not in or below"},
		},
		"components in a circle, as kustomize refuses them": {
			files: map[string]string{
				"kustomization.yaml": "resources: [web.yaml]\ncomponents: [a]\n", "web.yaml": deployment,
				"a/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncomponents: [../b]\n",
				"b/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncomponents: [../a]\n",
			},
			want: []string{"cycle"},
		},
		"a Secret that is none, without its content": {
			files: map[string]string{
				"kustomization.yaml": "resources: [s.yaml]\nnamePrefix: p-\n",
				"s.yaml":             "apiVersion: v1\nkind: Secret\nmetadata: hunter2\n",
			},
			want: []string{"s.yaml"},
		},
		"a load restrictor that is none": {
			files: map[string]string{"kustomization.yaml": "resources: [web.yaml]\n", "web.yaml": deployment},
			o:     build.Options{Kustomize: build.Kustomize{LoadRestrictor: "None"}},
			want:  []string{"--load-restrictor None", "LoadRestrictionsRootOnly", "LoadRestrictionsNone"},
		},
		"an image that is no such setting": {
			files: map[string]string{"kustomization.yaml": "resources: [web.yaml]\n", "web.yaml": deployment},
			o:     build.Options{Images: []string{"nginx"}},
			want:  []string{"--image nginx", "NAME=NEWNAME:TAG"},
		},
		"another function without a flag": {
			files: map[string]string{
				"kustomization.yaml": "resources: [web.yaml]\ntransformers: [other.yaml]\n", "web.yaml": deployment,
				"other.yaml": strings.ReplaceAll(strings.Replace(configMap, "kind: ConfigMap", "kind: Other", 1), "pullable", "other"),
			},
			want: []string{"external plugins disabled"},
		},
		"Helm without a flag": {
			files: map[string]string{"kustomization.yaml": "helmCharts: [{name: c}]\n"},
			want:  []string{"--enable-helm"},
		},
		"two configs in two bases": {
			files: map[string]string{
				"kustomization.yaml":   "resources: [a, b]\n",
				"a/kustomization.yaml": "resources: [web.yaml]\ntransformers: [pull.yaml]\n", "a/pull.yaml": config("a"), "a/web.yaml": deployment,
				"b/kustomization.yaml": "configMapGenerator: [{name: b}]\ntransformers: [pull.yaml]\n", "b/pull.yaml": config("b"),
			},
			want: []string{"two configs", "a/pull.yaml", "b/pull.yaml", "--config", "pullable.yaml"},
		},
		"a bad config among the transformers": {
			files: map[string]string{
				"kustomization.yaml": "resources: [web.yaml]\ntransformers: [pull.yaml]\n", "web.yaml": deployment,
				"pull.yaml": config("a") + "mode: x\n",
			},
			want: []string{"pull.yaml", "mode"},
		},
		"a bad pullable.yaml": {
			files: map[string]string{"kustomization.yaml": "resources: [web.yaml]\n", "web.yaml": deployment, "pullable.yaml": "a: b\n"},
			want:  []string{"pullable.yaml", "apiVersion"},
		},
		"an empty kustomization": {
			files: map[string]string{"kustomization.yaml": "# nothing\n"},
			want:  []string{"kustomization.yaml is empty"},
		},
		"a field that kustomize does not know": {
			files: map[string]string{"kustomization.yaml": "resource: [web.yaml]\n"},
			want:  []string{`unknown field "resource"`},
		},
		"two kustomization files": {
			files: map[string]string{"kustomization.yaml": "resources: [web.yaml]\n", "kustomization.yml": "resources: [web.yaml]\n", "web.yaml": deployment},
			want:  []string{"multiple kustomization files"},
		},
		"a file": {
			files: map[string]string{"kustomization.yaml": "resources: [web.yaml]\n"}, o: build.Options{Dir: "kustomization.yaml"},
			want: []string{"is a file: name the folder"},
		},
		"a folder that is not there": {o: build.Options{Dir: "nowhere"}, want: []string{"nowhere"}},
		"references that may mean several Secrets, without their content": {
			files: map[string]string{
				"kustomization.yaml":   "resources: [a, b, web.yaml]\n",
				"a/kustomization.yaml": secretGenerator + renamed("one"),
				"b/kustomization.yaml": secretGenerator + renamed("two"),
				"web.yaml":             strings.Replace(deployment, "      containers:", "      imagePullSecrets: [{name: regcred}]\n      containers:", 1),
			},
			want: []string{"found multiple possible referrals", "one", "two"},
		},
		"a patch that is none, without its content": {
			files: map[string]string{"kustomization.yaml": secretGenerator + "patches:\n- patch: 'hunter2: {'\n"},
			want:  []string{"patch"},
		},
		"a generator that is wrong, without its content": {
			files: map[string]string{"kustomization.yaml": "secretGenerator:\n- name: a\n  literals: [hunter2]\n"},
			want:  []string{"literal"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, c.files)
			c.o.Dir = filepath.Join(dir, c.o.Dir)
			_, err := build.Run(c.o)
			if err == nil {
				t.Fatal("there is no error")
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not in the error: %v", part, err)
				}
			}
			for _, secret := range []string{"hunter2", "aHVudGVyM", "eyJhdXRocyI6"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error holds a Secret's content: %v", err)
				}
			}
		})
	}
}

// renamed is the part of a kustomization that gives its Secret another name.
func renamed(name string) string {
	return "patches:\n- target: {kind: Secret}\n  options: {allowNameChange: true}\n  patch: |-\n    - {op: replace, path: /metadata/name, value: " + name + "}\n"
}

func TestImagesAreSetAsKustomizeEditSetsThem(t *testing.T) {
	const digest = "sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3"
	for name, c := range map[string]struct {
		images string // of the kustomization
		set    []string
		want   string // the image envoy
	}{
		"a new tag":                               {set: []string{"envoy:1.30"}, want: "envoy:1.30"},
		"a new tag after an equals sign":          {set: []string{"envoy=:1.30"}, want: "envoy:1.30"},
		"a digest":                                {set: []string{"envoy@" + digest}, want: "envoy@" + digest},
		"a tag and a digest":                      {set: []string{"envoy:1.30@" + digest}, want: "envoy:1.30@" + digest},
		"a new name":                              {set: []string{"envoy=r.example.com/envoy"}, want: "r.example.com/envoy"},
		"a new name and tag":                      {set: []string{"envoy=r.example.com:5000/envoy:2"}, want: "r.example.com:5000/envoy:2"},
		"a new name and digest":                   {set: []string{"envoy=r.example.com/envoy@" + digest}, want: "r.example.com/envoy@" + digest},
		"it stands in place of the file's":        {images: "{name: envoy, newName: x, newTag: t}", set: []string{"envoy:1"}, want: "envoy:1"},
		"a star keeps the file's name":            {images: "{name: envoy, newName: x, newTag: t}", set: []string{"envoy=*:1"}, want: "x:1"},
		"a star keeps the file's tag":             {images: "{name: envoy, newName: x, newTag: t}", set: []string{"envoy=z:*"}, want: "z:t"},
		"a star keeps the file's digest":          {images: "{name: envoy, digest: \"" + digest + "\"}", set: []string{"envoy=z@*"}, want: "z@" + digest},
		"a star where the file has nothing":       {set: []string{"envoy=z:*"}, want: "z"},
		"other images of the file stay":           {images: "{name: envoy, newTag: t}", set: []string{"registry.example.com/web:9"}, want: "envoy:t"},
		"of two settings the last one holds":      {set: []string{"envoy:1", "envoy:2"}, want: "envoy:2"},
		"the name is the one before any new name": {images: "{name: envoy, newName: x}", set: []string{"x:1"}, want: "x:1"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"kustomization.yaml": "resources: [web.yaml]\n", "web.yaml": deployment}
			if c.images != "" {
				files["kustomization.yaml"] += "images: [" + c.images + "]\n"
			}
			out := run(t, build.Options{Dir: folder(t, files), Images: c.set})
			if !strings.Contains(out, "- image: "+c.want+"\n") {
				t.Errorf("no image %s in\n%s", c.want, out)
			}
		})
	}
}

func TestAPolicyFollowsAnImageThatIsSet(t *testing.T) {
	dir := folder(t, map[string]string{"kustomization.yaml": "resources: [web.yaml]\n", "web.yaml": deployment})
	out := run(t, build.Options{Dir: dir, Images: []string{"envoy:1.30", "registry.example.com/web:latest"}})
	for _, want := range []string{"image: envoy:1.30\n        imagePullPolicy: IfNotPresent\n", "image: registry.example.com/web:latest\n        imagePullPolicy: Always\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestNoFileIsWritten(t *testing.T) {
	files := map[string]string{
		"kustomization.yaml": "resources: [base]\nnamePrefix: p-\ntransformers: [pull.yaml]\n", "pull.yaml": config("regcred"),
		"base/kustomization.yaml": "resources: [web.yaml]\n" + secretGenerator, "base/web.yaml": deployment,
	}
	dir := folder(t, files)
	run(t, build.Options{Dir: dir, Images: []string{"envoy:1"}})
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		got[filepath.ToSlash(name)] = string(src)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files, got); diff != "" {
		t.Errorf("(-before +after)\n%s", diff)
	}
}

func TestAFileFromOutsideIsLoadedWhereThatIsAllowed(t *testing.T) {
	dir := folder(t, map[string]string{
		"a/kustomization.yaml": "resources: [../web.yaml]\ntransformers: [../pull.yaml]\n", "web.yaml": deployment, "pull.yaml": config("a"),
	})
	out := run(t, build.Options{Dir: filepath.Join(dir, "a"), Kustomize: build.Kustomize{LoadRestrictor: build.NoRestrictions}})
	if got := pulling(t, out)["Deployment web"]; got != "a" {
		t.Errorf("the pull secrets are %q", got)
	}
}

func TestAnExecutableRunsWithBothFlagsAndOnlyThen(t *testing.T) {
	files := map[string]string{
		"kustomization.yaml": "resources: [web.yaml]\ntransformers: [other.yaml]\n", "web.yaml": deployment,
		"other.yaml": "apiVersion: example.com/v1\nkind: Other\nmetadata:\n  name: other\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./other.sh}\n",
		"other.sh":   "#!/bin/sh\nsed 's/image: envoy/image: envoy:by-function/'\n",
	}
	dir := folder(t, files)
	if err := os.Chmod(filepath.Join(dir, "other.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	// Without --enable-exec kustomize leaves an executable out.
	for exec, want := range map[bool]string{true: "image: envoy:by-function\n", false: "image: envoy\n"} {
		out := run(t, build.Options{Dir: dir, Kustomize: build.Kustomize{EnableAlphaPlugins: true, EnableExec: exec}})
		if !strings.Contains(out, want) {
			t.Errorf("with EnableExec %v there is no %q in\n%s", exec, want, out)
		}
	}
}

func TestAPlainFolderIsOneStream(t *testing.T) {
	dir := folder(t, map[string]string{
		"b.yaml":             deployment,
		"a/z.yml":            "# first\n" + workflow + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}",
		"c.json":             "{\n\t\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"p\"},\n\t\"spec\": {\"containers\": [{\"name\": \"a\", \"image\": \"nginx\"}]}\n}\n{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\"}}",
		"pullable.yaml":      config("regcred"),
		"a/other-config.yml": config("no"),
		"values.yaml":        "image: nginx\n",
		".hidden/x.yaml":     deployment,
	})
	got := run(t, build.Options{Dir: dir, Sources: build.Manifests})
	want := "# first\n" + strings.Replace(workflow, "load:2,", "load:2, imagePullPolicy: IfNotPresent,", 1) +
		"  imagePullSecrets:\n  - name: regcred\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\n"
	if !strings.HasPrefix(got, want) {
		t.Errorf("(-want +got)\n%s", cmp.Diff(want, got))
	}
	docs := strings.Split(got, "---\n")
	kinds := make([]string, len(docs))
	for i, doc := range docs {
		kinds[i] = field(doc, "kind")
	}
	if !slices.Equal(kinds[:3], []string{"Workflow", "ConfigMap", "Deployment"}) || len(docs) != 5 ||
		!strings.Contains(docs[3], `"imagePullPolicy":`) || !strings.HasPrefix(docs[4], `{"apiVersion":"v1","kind":"Secret"`) {
		t.Errorf("the stream is\n%s", got)
	}
}

func TestFilesOfAPlainFolderStandAloneInTheStream(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: nginx, imagePullPolicy: Always}]}\n"
	dir := folder(t, map[string]string{
		"a.yaml": pod, "b.yaml": "\xef\xbb\xbf" + pod, "c.yaml": "%YAML 1.2\n---\n" + pod, "d.yaml": "---\n" + strings.TrimSuffix(pod, "\n"), "e.yaml": "# e\n" + pod,
	})
	got := run(t, build.Options{Dir: dir, Sources: build.Manifests})
	want := pod + "---\n" + pod + "...\n%YAML 1.2\n---\n" + pod + "---\n" + pod + "---\n# e\n" + pod
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	input, err := manifest.Read([]byte(got))
	if err != nil {
		t.Fatal(err)
	}
	objects, err := manifest.Each(input, func(o manifest.Object, _ yamledit.Node) string { return o.Kind })
	if err != nil || len(objects) != 5 {
		t.Errorf("%v %v", objects, err)
	}
}

func TestErrorsInAPlainFolderNameTheFile(t *testing.T) {
	dir := folder(t, map[string]string{"a.yaml": deployment, "b.yaml": "apiVersion: v1\nkind: Pod\n\tx: y\n"})
	if _, err := build.Run(build.Options{Dir: dir, Sources: build.Manifests}); err == nil || !strings.Contains(err.Error(), "b.yaml: ") {
		t.Errorf("the error is %v", err)
	}
	dir = folder(t, map[string]string{"a.yaml": strings.Replace(deployment, "image: envoy", "image: envoy\n        imagePullPolicy: always", 1)})
	r, err := build.Run(build.Options{Dir: dir, Sources: build.Manifests})
	if err != nil || !r.Plan.Failed() || len(r.Output) > 0 || !strings.Contains(strings.Join(r.Plan.Messages(), ""), "a.yaml") {
		t.Errorf("%v %v", err, r)
	}
}
