package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExplainSaysHowAnImageIsReadAndWhatPullsIt(t *testing.T) {
	config := t.TempDir() + "/config.yaml"
	write(t, config, `apiVersion: pullable.dev/v1alpha1
kind: ImagePullConfig
pullPolicy:
  rules: [{images: [ghcr.io/org], policy: Always}]
pullSecrets:
  add:
  - name: configured
    images: [ghcr.io]
  - name: of-another-registry
    images: [quay.io]
`)
	login := func(registry string) string {
		return `'{"auths":{"` + registry + `":{"username":"u","password":"` + password + `"}}}'`
	}
	input := ""
	for _, s := range [][3]string{{"wide", "team", login("ghcr.io")}, {"narrow", "team", login("ghcr.io/org")}, {"port", "team", login("ghcr.io:443")}, {"else", "other", login("quay.io")}, {"sops", "team", "ENC[x]"}} {
		input += "apiVersion: v1\nkind: Secret\nmetadata: {name: " + s[0] + ", namespace: " + s[1] + "}\ntype: kubernetes.io/dockerconfigjson\nstringData:\n  .dockerconfigjson: " + s[2] + "\n---\n"
	}
	got := pullable(input, "explain", "ghcr.io/org/app:1.2", "--config", config)
	want := `image       ghcr.io/org/app:1.2
registry    ghcr.io
repository  org/app
tag         1.2
digest      none
policy      Always: pullPolicy.rules[0] matches image

Pull secrets that the config gives:
  - configured: ghcr.io matches the image

Secrets of namespace team, in the order in which a kubelet tries them:
  1. narrow: its registry ghcr.io/org
  2. wide: its registry ghcr.io

Secrets of namespace team that do not serve it:
  - port: its registry ghcr.io:443: it is for port 443, the image comes from ghcr.io without a port
  - sops: its content is encrypted or a placeholder, and no annotation pullable.dev/images says what it serves
`
	if got.code != exitDone || got.stderr != "" {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got.stdout, "\n")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	keepsSecrets(t, "", got)
}

func TestExplainNeedsNoManifests(t *testing.T) {
	for image, want := range map[string]string{
		"nginx":                     "policy      Always: image has no tag, which means latest",
		"reg.example.com/{{ app }}": "tag         not known",
	} {
		if got := pullable("", "explain", image); got.code != exitDone || !strings.Contains(got.stdout, want) {
			t.Errorf("%s: exit code %d\n%s%s", image, got.code, got.stdout, got.stderr)
		}
	}
}

func TestExplainRefusesWhatIsNoImage(t *testing.T) {
	if got := pullable("", "explain", "Nginx"); got.code != exitBadInput || got.stdout != "" || !strings.Contains(got.stderr, "Nginx is no image: the repository must be lower-case") {
		t.Errorf("%+v", got)
	}
	if got := pullable("", "explain"); got.code != exitBadInput {
		t.Errorf("no image: %+v", got)
	}
}
