//go:build unix

package main

import (
	"strings"
	"testing"
)

const regcred = `apiVersion: pullable.dev/v1alpha1
kind: ImagePullConfig
pullSecrets:
  add:
  - name: regcred
    images: [registry.example.com]
`

// pulling gives a deployment that was done with a pull secret.
func pulling(secret string) string {
	return deployment("web", "registry.example.com/web:1") + "        imagePullPolicy: IfNotPresent\n      imagePullSecrets:\n      - name: " + secret + "\n"
}

func dockerSecret(name string) string {
	return "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: " + name + "\ntype: kubernetes.io/dockerconfigjson\nstringData:\n  .dockerconfigjson: '{\"auths\":{}}'\n"
}

func TestVerifySaysWhatAHostLeftOut(t *testing.T) {
	enforced := strings.Replace(regcred, "pullSecrets:", "pullPolicy: {mode: Enforce}\npullSecrets:", 1)
	for name, c := range map[string]struct {
		input, config string
		code          int
		want          []string // parts of what is printed
	}{
		"all is done":                                    {deployment("web", "nginx") + "        imagePullPolicy: Always\n", "", exitDone, []string{"nothing is left to do: 1 image in 1 object"}},
		"what pullable printed passes":                   {pulling("regcred"), regcred, exitDone, nil},
		"nothing with an image passes":                   {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n", regcred, exitDone, []string{"0 images in 0 objects"}},
		"a policy that is set otherwise is the author's": {deployment("web", "nginx:1") + "        imagePullPolicy: Always\n", "", exitDone, nil},
		"unless the config enforces": {
			deployment("web", "nginx:1") + "        imagePullPolicy: Always\n", enforced, exitFindings,
			[]string{"another pull policy than is due at spec.template.spec.containers[0].imagePullPolicy"},
		},
		"no object is done: pullable did not run": {
			deployment("web", "registry.example.com/web:1") + "---\n" + deployment("b", "nginx"), regcred, exitFindings,
			[]string{
				"apps/v1 Deployment web: no pull policy at spec.template.spec.containers[0].imagePullPolicy; no pull secret regcred (line 1)\n",
				"apps/v1 Deployment b: no pull policy at spec.template.spec.containers[0].imagePullPolicy (line 12)\n",
				"2 objects missed; 2 with images looked at.\nIt looks as if pullable did not run: kustomize runs an executable with both",
				"--enable-exec", "kubectl kustomize",
			},
		},
		"one object is not done": {
			pulling("regcred") + "---\n" + deployment("late", "nginx"), regcred, exitFindings,
			[]string{"Deployment late: ", "1 object missed; 2 with images looked at.\nThey came in or changed after pullable ran"},
		},
		"the hash of a generated Secret":                        {pulling("regcred-4hm77tm27h"), regcred, exitDone, nil},
		"prefix, suffix and hash, with the Secret":              {pulling("prod-regcred-v1-4hm77tm27h") + dockerSecret("prod-regcred-v1-4hm77tm27h"), regcred, exitDone, nil},
		"a prefix without the Secret may be any other name":     {pulling("prod-regcred"), regcred, exitFindings, []string{"no pull secret regcred"}},
		"a Secret whose name only begins so":                    {pulling("regcredentials") + dockerSecret("regcredentials"), regcred, exitFindings, []string{"no pull secret regcred"}},
		"the Secret's present name is said where it is missing": {deployment("web", "registry.example.com/web:1") + dockerSecret("p-regcred"), regcred, exitFindings, []string{"no pull secret p-regcred"}},
		"a ServiceAccount has it by its present name": {
			deployment("web", "registry.example.com/web:1") + "        imagePullPolicy: IfNotPresent\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default}\nimagePullSecrets: [{name: p-regcred}]\n" + dockerSecret("p-regcred"),
			regcred + "  attachTo: ServiceAccounts\n", exitDone, nil,
		},
		"a name that was to be taken out": {
			pulling("old-4hm77tm27h"), strings.Replace(regcred, "  add:\n  - name: regcred\n    images: [registry.example.com]\n", "  remove: [old]\n", 1), exitFindings,
			[]string{"still with pull secret old-4hm77tm27h"},
		},
		"an error finding fails it too": {deployment("web", "nginx") + "        imagePullPolicy: always\n", "", exitFindings, []string{"invalid-policy"}},
		"an object that opts out":       {strings.Replace(deployment("web", "nginx"), "  name: web\n", "  name: web\n  annotations: {pullable.dev/skip: all}\n", 1), regcred, exitDone, nil},
		"what is no YAML":               {"apiVersion: v1\nkind: Pod\n\tx\n", "", exitBadInput, []string{"error: -: "}},
		"an empty input":                {"", "", exitBadInput, []string{"broken pipe"}},
		"more than three places of one kind": {
			podWith("containers:", "- {name: a, image: a}", "- {name: b, image: b}", "- {name: c, image: c}", "- {name: d, image: d}", "- {name: e, image: e}"), "", exitFindings,
			[]string{"spec.containers[2].imagePullPolicy and 2 more"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{".git/HEAD": ""}
			if c.config != "" {
				files["pullable.yaml"] = c.config
			}
			inFolder(t, files)
			got := exits(t, c.code, pullable(c.input, "verify"))
			for _, part := range c.want {
				if !strings.Contains(got.stdout+got.stderr, part) {
					t.Errorf("%q is not in\n%s%s", part, got.stdout, got.stderr)
				}
			}
			if quiet := pullable(c.input, "verify", "--quiet"); c.code == exitDone && quiet.stdout+quiet.stderr != "" {
				t.Errorf("--quiet prints %s%s", quiet.stdout, quiet.stderr)
			}
		})
	}
}

func TestVerifyTakesFilesAndFolders(t *testing.T) {
	inFolder(t, map[string]string{"out/a.yaml": pulling("regcred"), "out/b.yaml": "# b\n" + deployment("b", "nginx")})
	got := exits(t, exitFindings, pullable("", "verify", "out"))
	if !strings.Contains(got.stdout, "Deployment b: ") || !strings.Contains(got.stdout, "(out/b.yaml, line 2)") || strings.Contains(got.stdout, "a.yaml") {
		t.Errorf("%s", got.stdout)
	}
}
