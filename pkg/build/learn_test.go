package build_test

import (
	"strings"
	"testing"

	"github.com/pullable/pullable/pkg/build"
	"github.com/pullable/pullable/pkg/podspec/crd"
)

const widgets = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.com
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        properties:
          spec:
            properties:
              containers: {type: array, items: {type: object, properties: {image: {type: string}, imagePullPolicy: {type: string}}}}
              imagePullSecrets: {type: array, items: {type: object, properties: {name: {type: string}}}}
`

const widget = `apiVersion: example.com/v1
kind: Widget
metadata: {name: w}
spec:
  containers: [{image: nginx}]
  imagePullSecrets: [{name: mine}]
`

func TestADefinitionOfTheBuildOrOfALibraryTeaches(t *testing.T) {
	files := map[string]string{
		"kustomization.yaml": "namePrefix: pre-\nresources: [w.yaml, s.yaml, crd.yaml]\n", "w.yaml": widget, "crd.yaml": widgets,
		"s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: mine}\n",
	}
	done := func(out string) bool {
		return strings.Contains(out, "  - image: nginx\n    imagePullPolicy: Always\n  imagePullSecrets:\n") && strings.Contains(out, "  - name: regcred\n")
	}
	if out := run(t, build.Options{Dir: folder(t, files), Config: adding("regcred")}); !done(out) {
		t.Errorf("a definition of the build does not teach:\n%s", out)
	}
	files["kustomization.yaml"] = strings.Replace(files["kustomization.yaml"], ", crd.yaml", "", 1)
	if out := run(t, build.Options{Dir: folder(t, files), Config: adding("regcred")}); done(out) {
		t.Errorf("without a definition the kind is known:\n%s", out)
	}
	library := &crd.Library{}
	if _, err := library.Add([]byte(widgets)); err != nil {
		t.Fatal(err)
	}
	// Before the build it is known as well where the kind names Secrets.
	if out := run(t, build.Options{Dir: folder(t, files), Config: adding("regcred"), Definitions: library}); !done(out) || !strings.Contains(out, "  - name: pre-mine\n") {
		t.Errorf("a definition of the library does not teach:\n%s", out)
	}
	plain := folder(t, map[string]string{"w.yaml": widget, "z.yaml": widgets})
	out := run(t, build.Options{Dir: plain, Config: adding("regcred"), Sources: build.Manifests})
	if !strings.Contains(out, "imagePullPolicy: Always") || !strings.Contains(out, "name: regcred") {
		t.Errorf("a definition in another file does not teach:\n%s", out)
	}
}
