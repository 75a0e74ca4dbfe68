package main

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestLawsOfSecrets holds what is true of every package with Secrets and
// ServiceAccounts, with every option on and off.
func TestLawsOfSecrets(t *testing.T) {
	rounds := 1000
	if testing.Short() {
		rounds = 300
	}
	config := t.TempDir() + "/config.yaml"
	done, made := 0, 0
	for seed := range rounds {
		g := packageGenerator{generator{rand.New(rand.NewPCG(uint64(seed), 11))}}
		input, settings := g.stream(), g.config()
		write(t, config, settings)
		first := pullable(input, "--config", config)
		keepsSecrets(t, input, first)
		problem := ""
		switch first.code {
		case exitDone:
			done++
			problem = checkPackage(input, config, first)
			if strings.Count(first.stdout, "kind: ServiceAccount") > strings.Count(input, "kind: ServiceAccount") {
				made++
			}
		case exitFindings:
			if first.stdout != "" {
				problem = "a run that fails writes something"
			}
		default:
			problem = fmt.Sprintf("exit code %d: %s", first.code, first.stderr)
		}
		if problem != "" || t.Failed() {
			t.Fatalf("seed %d: %s\n--- config\n%s\n--- input\n%s", seed, problem, settings, input)
		}
	}
	if done < rounds/3 || made < rounds/50 {
		t.Errorf("of %d runs %d were done, %d made accounts", rounds, done, made)
	}
}

func checkPackage(input, config string, first output) string {
	if again := pullable(input, "--config", config); again != first {
		return "two runs over one input differ"
	}
	second := pullable(first.stdout, "--config", config)
	if second.code != exitDone || second.stdout != first.stdout {
		return fmt.Sprintf("a second run ends with %d and changes something:\n%s\n--- to\n%s", second.code, first.stdout, second.stdout)
	}
	before, after := decodeAll(input), decodeAll(first.stdout)
	if len(after) < len(before) {
		return "objects are lost"
	}
	for i := range before {
		if a, b := withoutLists(before[i]), withoutLists(after[i]); a != b {
			return fmt.Sprintf("object %d: other fields changed:\n%s\n%s", i, a, b)
		}
	}
	seen := map[string]bool{}
	for i, object := range after {
		metadata := object.(map[string]any)["metadata"].(map[string]any)
		key := fmt.Sprint(object.(map[string]any)["kind"], metadata["namespace"], metadata["name"])
		if i >= len(before) && (object.(map[string]any)["kind"] != "ServiceAccount" || seen[key]) {
			return "an object is added that is no new ServiceAccount: " + key
		}
		seen[key] = true
	}
	return ""
}

// withoutLists prints an object without what pullable writes.
func withoutLists(v any) string {
	object := v.(map[string]any)
	rest := map[string]any{}
	for key, value := range object {
		if object["kind"] != "ServiceAccount" || key != "secrets" {
			rest[key] = value
		}
	}
	return withoutOurFields(rest)
}

// A packageGenerator makes packages of Secrets, ServiceAccounts and pods.
type packageGenerator struct{ generator }

func (g packageGenerator) truth() string { return g.oneOf("true", "false") }

func (g packageGenerator) config() string {
	accounts := ""
	if g.maybe() {
		accounts = fmt.Sprintf("  attachTo: ServiceAccounts\n  createServiceAccounts: %s\n  mountable: %s\n", g.truth(), g.truth())
	}
	return fmt.Sprintf(`apiVersion: pullable.dev/v1alpha1
kind: ImagePullConfig
pullSecrets:
  add:%s
  remove: [%s]
  fromPackage: %s
  requireFor: [%s]
%sdefaultNamespace: %s
exclude: [%s]
`, g.oneOf(" []", "\n  - name: extra", "\n  - name: extra\n    images: [ghcr.io]\n  - name: ghcr", "\n  - name: earlier"), g.oneOf("", "old", "old, hub"), g.truth(),
		g.oneOf("", "", "", "ghcr.io/org"), accounts, g.oneOf("\"\"", "one"), g.oneOf("", "", "{kind: ServiceAccount}"))
}

func (g packageGenerator) stream() string {
	var objects []string
	names := map[string]bool{}
	add := func(kind, name string, body func(header string) string) {
		namespace := g.oneOf("", "one", "two")
		if key := kind + namespace + "/" + name; names[key] {
			return
		} else {
			names[key] = true
		}
		header := "kind: " + kind + "\nmetadata:\n  name: " + name + "\n"
		if namespace != "" {
			header += "  namespace: " + namespace + "\n"
		}
		objects = append(objects, body(header))
	}
	for range g.IntN(4) {
		add("Secret", g.oneOf("ghcr", "hub", "pre-earlier", "broken"), g.secret)
	}
	for range g.IntN(3) {
		add("ServiceAccount", g.oneOf("default", "builder"), g.account)
	}
	for i := range 1 + g.IntN(3) {
		add("Deployment", fmt.Sprint("web", i), g.deployment)
	}
	g.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
	text := strings.Join(objects, "---\n")
	if g.IntN(6) == 0 {
		text = strings.TrimSuffix(text, "\n")
	}
	return text
}

func (g packageGenerator) secret(header string) string {
	registry := g.oneOf("ghcr.io", "ghcr.io/org", "https://index.docker.io/v1/", "ghcr.io:443", "https://ghcr.io/v2", "*.example.com")
	content := g.oneOf(
		`{"auths":{"`+registry+`":{"username":"u","password":"`+password+`"}}}`,
		`{"auths":{"`+registry+`":{"username":"u","password":"`+password+`"}}}`,
		`{"auths":{"`+registry+`":{"auth":"`+base64.StdEncoding.EncodeToString([]byte("u:"+password))+`"}}}`,
		`{"auths":{"`+registry+`":{"auth":"`+password+`!"}}}`,
		`{"auths":{"u:`+password+`@ghcr.io":{"auth":"`+password+`!"},"x":`+password+`}}`,
		`ENC[AES256_GCM,data:`+password+`]`,
	)
	annotations := g.oneOf("", "", "  annotations: {pullable.dev/images: ghcr.io}\n", "  annotations: {internal.config.kubernetes.io/previousNames: earlier}\n")
	kind := "apiVersion: v1\n" + header + annotations + "type: " + g.oneOf("kubernetes.io/dockerconfigjson", "kubernetes.io/dockerconfigjson", "Opaque") + "\n"
	if g.maybe() {
		return kind + "stringData:\n  .dockerconfigjson: '" + content + "'\n"
	}
	return kind + "data:\n  .dockerconfigjson: " + base64.StdEncoding.EncodeToString([]byte(content)) + "\n"
}

func (g packageGenerator) account(header string) string {
	annotations := g.oneOf("", "  annotations: {kubernetes.io/enforce-mountable-secrets: \"true\"}\n", "  annotations: {pullable.dev/skip: secrets}\n")
	return "apiVersion: v1\n" + header + annotations + g.oneOf("", "imagePullSecrets: []\n", "imagePullSecrets:\n- name: old\n- name: mine\n", "imagePullSecrets: [{name: ghcr}]\n", "imagePullSecrets:\n- name: old\n") +
		g.oneOf("", "secrets:\n- name: token\n")
}

func (g packageGenerator) deployment(header string) string {
	account := g.oneOf("", "      serviceAccountName: builder\n", "      serviceAccount: other\n")
	return "apiVersion: apps/v1\n" + header + "spec:\n  template:\n    spec:\n" + account + g.secrets("      ", "      ") + "      containers:\n      - name: c\n        image: " +
		g.oneOf("ghcr.io/org/app:1", "ghcr.io/a:1", "nginx:1", "ghcr.io:443/a:1", "a.example.com/x:1") + "\n"
}
