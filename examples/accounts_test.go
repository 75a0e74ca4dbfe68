package examples

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

const accountsConfig = `apiVersion: pullable.dev/v1alpha1
kind: ImagePullConfig
metadata:
  name: image-pull
  annotations:
    config.kubernetes.io/local-config: "true"
    config.kubernetes.io/function: |
      exec:
        path: BIN
pullSecrets:
  add:
  - name: regcred
  attachTo: ServiceAccounts
  createServiceAccounts: true
`

const accountsPod = `apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: team
spec:
  containers:
  - name: web
    image: nginx:1.27
`

// account is the ServiceAccount that is made for the pod.
const account = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: default
  namespace: team
imagePullSecrets:
- name: regcred
`

func TestKustomizeTakesAServiceAccountThatIsMade(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "kustomization.yaml"), "resources: [pod.yaml]\ntransformers: [image-pull.yaml]\n")
	writeFile(t, filepath.Join(dir, "pod.yaml"), accountsPod)
	writeFile(t, filepath.Join(dir, "image-pull.yaml"), strings.ReplaceAll(accountsConfig, "BIN", filepath.Join(repo, "bin/pullable")))
	o := krusty.MakeDefaultOptions()
	o.PluginConfig = types.EnabledPluginConfig(types.BploUseStaticallyLinked)
	o.PluginConfig.FnpLoadingOptions.EnableExec = true
	built, err := krusty.MakeKustomizer(o).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	// kustomize sorts keys.
	want := strings.Replace(accountsPod, "  - name: web\n    image: nginx:1.27\n", "  - image: nginx:1.27\n    imagePullPolicy: IfNotPresent\n    name: web\n", 1) +
		"---\napiVersion: v1\nimagePullSecrets:\n- name: regcred\nkind: ServiceAccount\nmetadata:\n  name: default\n  namespace: team\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestKptWritesAServiceAccountThatIsMadeIntoAFileOfItsOwn(t *testing.T) {
	need(t, "kpt")
	dir := t.TempDir()
	pkg, config := filepath.Join(dir, "pkg"), filepath.Join(dir, "image-pull.yaml")
	mustSucceed(t, command(nil, "mkdir", "-p", filepath.Join(pkg, "web")))
	writeFile(t, filepath.Join(pkg, "web/pod.yaml"), accountsPod)
	writeFile(t, config, accountsConfig)
	eval := []string{"fn", "eval", pkg, "--exec", filepath.Join(repo, "bin/pullable"), "--fn-config", config}
	mustSucceed(t, command(nil, "kpt", eval...))
	want := map[string]string{
		"web/pod.yaml":                         strings.Replace(accountsPod, "nginx:1.27\n", "nginx:1.27\n    imagePullPolicy: IfNotPresent\n", 1),
		"web/team_serviceaccount_default.yaml": account,
	}
	if diff := cmp.Diff(want, files(t, pkg)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	mustSucceed(t, command(nil, "kpt", eval...))
	if diff := cmp.Diff(want, files(t, pkg)); diff != "" {
		t.Errorf("a second run changes something (-want +got)\n%s", diff)
	}
}
