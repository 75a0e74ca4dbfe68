package examples

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// inNamespace is the same cluster, with another default namespace for kubectl.
func (c *cluster) inNamespace(t *testing.T, namespace string) *cluster {
	t.Helper()
	c.needNamespaces(t, namespace)
	content, err := os.ReadFile(c.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "kubeconfig")
	writeFile(t, file, strings.Replace(string(content), "context: {", "context: {namespace: "+namespace+", ", 1))
	return &cluster{kubeconfig: file, url: c.url, client: c.client}
}

// forTheCluster is a stream of manifests without what the hosts keep for themselves, as a list for kubectl. Namespaces get
// a prefix, because examples have some in common.
func forTheCluster(t *testing.T, manifests []byte, prefix string) (list string, namespaces []string) {
	t.Helper()
	all, err := objects(manifests, false)
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(o object) bool {
		return o.text("metadata", "annotations", "config.kubernetes.io/local-config") == "true" || o.kind() == "Kptfile"
	})
	for _, o := range all {
		if ns := o.text("metadata", "namespace"); ns != "" {
			o["metadata"].(map[string]any)["namespace"] = prefix + ns
			namespaces = append(namespaces, prefix+ns)
		}
	}
	text, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": all})
	if err != nil {
		t.Fatal(err)
	}
	return string(text), namespaces
}

func TestKubectlAppliesTheOutputOfEveryExample(t *testing.T) {
	c := needCluster(t)
	_, definitions := realFiles(t)
	c.needDefinitions(t, definitions)
	for _, e := range allExamples(t) {
		t.Run(e.folder, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join(e.folder, "expected.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			prefix := "applied-" + e.folder + "-"
			list, namespaces := forTheCluster(t, content, prefix)
			c.needNamespaces(t, namespaces...)
			got := mustSucceed(t, c.inNamespace(t, prefix+"default").kubectl(list, "apply", "--server-side", "--force-conflicts", "-f", "-"))
			if !strings.Contains(got.stdout, "serverside-applied") {
				t.Errorf("nothing was applied: %s", got.stdout)
			}
		})
	}
}

// addedName is a line of a diff that pull secrets for pods bring. The example service-accounts has an account with the name
// mirror, which its pods take along when they get a list of their own. A changed object also has a new generation.
var addedName = regexp.MustCompile(`^(\+ *imagePullSecrets:|\+ *- name: (regcred-of-this-test|mirror)|[-+]  generation: [0-9]+)$`)

func TestKubectlDiffShowsNothingOfPoliciesAndNothingButTheNamesOfSecrets(t *testing.T) {
	c := needCluster(t)
	inputs, err := filepath.Glob("*/input.yaml")
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no inputs: %v", err)
	}
	config := filepath.Join(t.TempDir(), "config.yaml")
	writeFile(t, config, addRegcred)
	for _, file := range inputs {
		t.Run(filepath.Dir(file), func(t *testing.T) {
			input, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			prefix := "diff-" + filepath.Dir(file) + "-"
			list, namespaces := forTheCluster(t, input, prefix)
			c.needNamespaces(t, namespaces...)
			here := c.inNamespace(t, prefix+"default")
			mustSucceed(t, here.kubectl(list, "apply", "--server-side", "--force-conflicts", "-f", "-"))
			through := func(args ...string) run {
				t.Helper()
				out, err := pullableOutput(input, args...)
				if err != nil {
					t.Fatal(err)
				}
				list, _ := forTheCluster(t, out, prefix)
				return start(t, here.kubectl(list, "diff", "--server-side", "--force-conflicts", "-f", "-"))
			}

			if got := through(); got.code != 0 || got.stdout != "" {
				t.Errorf("policies: exit code %d\n%s%s", got.code, got.stdout, got.stderr)
			}
			// kubectl diff ends with 1 where there are differences.
			got := through("--config", config)
			if got.code != 1 {
				t.Fatalf("secrets: exit code %d\n%s%s", got.code, got.stdout, got.stderr)
			}
			added := 0
			for line := range strings.Lines(got.stdout) {
				line = strings.TrimRight(line, "\n")
				if !strings.HasPrefix(line, "+") && !strings.HasPrefix(line, "-") || strings.HasPrefix(line, "+++ ") || strings.HasPrefix(line, "--- ") {
					continue
				}
				if !addedName.MatchString(line) {
					t.Errorf("secrets: %q", line)
				}
				if strings.HasSuffix(line, "- name: regcred-of-this-test") {
					added++
				}
			}
			if added == 0 {
				t.Errorf("no name was added:\n%s", got.stdout)
			}
		})
	}
}
