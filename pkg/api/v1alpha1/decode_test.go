package v1alpha1_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/yamledit"
)

const head = "apiVersion: pullable.dev/v1alpha1\nkind: ImagePullConfig\n"

var findings = []string{"stale-latest", "not-editable"}

func decode(t testing.TB, text string) (v1alpha1.ImagePullConfig, error) {
	t.Helper()
	doc, err := yamledit.Parse([]byte(text))
	if err != nil {
		t.Fatalf("the test's own text is not YAML: %v", err)
	}
	return v1alpha1.Decode(doc.Root(), findings...)
}

// accepted are configs and what they change about the defaults.
var accepted = map[string]struct {
	text string
	want func(*v1alpha1.ImagePullConfig)
}{
	"no config means the defaults": {"", func(*v1alpha1.ImagePullConfig) {}},
	"a null config means the defaults": {"null", func(*v1alpha1.ImagePullConfig) {
	}},
	"a config without settings means the defaults": {head, func(*v1alpha1.ImagePullConfig) {}},
	"every field that is alive is read": {head + `
metadata:
  name: image-pull
  annotations: {config.kubernetes.io/local-config: "true"}
pullPolicy:
  mode: Enforce
  movingTags: [edge, "*-snapshot"]
  rules:
  - images: ["registry.example.com/cache"]
    tags: ["*-snapshot"]
    policy: Always
  - policy: Never
pullSecrets:
  add:
  - name: regcred
    images: ["your.registry.io", "*.example.com/team"]
    namespaces: ["team-*"]
  - name: other
  remove: [old, Never_Valid]
  workflowTemplateRef: Attach
defaultNamespace: team-a
include:
- {group: apps, version: v1, kind: Deployment|StatefulSet, name: web.*, namespace: team-.*}
exclude:
- labelSelector: app=web,tier notin (test)
  annotationSelector: "!example.com/keep"
findings: {stale-latest: Ignore, not-editable: Warning}
check: true
failOn: Warning
`, func(c *v1alpha1.ImagePullConfig) {
		c.Metadata = v1alpha1.Metadata{Name: "image-pull", Annotations: map[string]string{"config.kubernetes.io/local-config": "true"}}
		c.PullPolicy = v1alpha1.PullPolicy{
			Mode: v1alpha1.ModeEnforce, MovingTags: []string{"edge", "*-snapshot"},
			Rules: []v1alpha1.PolicyRule{
				{Images: []string{"registry.example.com/cache"}, Tags: []string{"*-snapshot"}, Policy: v1alpha1.PolicyAlways},
				{Policy: v1alpha1.PolicyNever},
			},
		}
		c.PullSecrets.Add = []v1alpha1.PullSecret{
			{Name: "regcred", Images: []string{"your.registry.io", "*.example.com/team"}, Namespaces: []string{"team-*"}},
			{Name: "other"},
		}
		c.PullSecrets.Remove = []string{"old", "Never_Valid"}
		c.PullSecrets.WorkflowTemplateRef = v1alpha1.WorkflowTemplateRefAttach
		c.DefaultNamespace = "team-a"
		c.Include = []v1alpha1.Selector{{Group: "apps", Version: "v1", Kind: "Deployment|StatefulSet", Name: "web.*", Namespace: "team-.*"}}
		c.Exclude = []v1alpha1.Selector{{LabelSelector: "app=web,tier notin (test)", AnnotationSelector: "!example.com/keep"}}
		c.Findings = map[string]v1alpha1.Severity{"stale-latest": v1alpha1.SeverityIgnore, "not-editable": v1alpha1.SeverityWarning}
		c.Check = true
		c.FailOn = v1alpha1.FailOnWarning
	}},
	"fields may hold their defaults": {head + `
pullSecrets: {add: [], remove: [], fromPackage: false, attachTo: Pods, createServiceAccounts: false, mountable: false, requireFor: []}
defaultNamespace: ""
include: []
exclude: []
kinds: []
embedded: false
findings: {}
`, func(*v1alpha1.ImagePullConfig) {}},
	"rows of kinds are read": {head + `
kinds:
- group: example.com
  versions: [v1, v1beta1]
  kind: Widget
  scope: Cluster
  pods:
  - {path: "spec.roles{}.template.spec", shape: PodSpec, never: "the operator decides", withoutImages: true}
  - path: spec
    images:
    - {path: "workers[]", image: imageName, policy: none, prefix: repository, tag: version, scheme: "oci://", defaults: ., policies: [Always, Sometimes], never: "no"}
    - {image: "images[]"}
    secrets: pod.pullSecrets
    secretsForm: Strings
    secretsExisting: true
  source: their docs
`, func(c *v1alpha1.ImagePullConfig) {
		c.Kinds = []v1alpha1.KindRow{{
			Group: "example.com", Versions: []string{"v1", "v1beta1"}, Kind: "Widget", Scope: v1alpha1.ScopeCluster, Source: "their docs",
			Pods: []v1alpha1.PodRow{
				{Path: "spec.roles{}.template.spec", Shape: "PodSpec", Never: "the operator decides", WithoutImages: true},
				{Path: "spec", Images: []v1alpha1.ImageRow{
					{Path: "workers[]", Image: "imageName", Policy: "none", Prefix: "repository", Tag: "version", Scheme: "oci://", Defaults: ".", Policies: []string{"Always", "Sometimes"}, Never: "no"},
					{Image: "images[]"},
				}, Secrets: "pod.pullSecrets", SecretsForm: v1alpha1.SecretsStrings, SecretsExisting: true},
			},
		}}
	}},
	"JSON is YAML": {`{"apiVersion": "pullable.dev/v1alpha1", "kind": "ImagePullConfig", "check": true}`,
		func(c *v1alpha1.ImagePullConfig) { c.Check = true }},
	"aliases and merge keys are followed": {head + `
pullSecrets:
  add:
  - &first {name: a, images: [a.io]}
  - <<: *first
    name: b
`, func(c *v1alpha1.ImagePullConfig) {
		c.PullSecrets.Add = []v1alpha1.PullSecret{{Name: "a", Images: []string{"a.io"}}, {Name: "b", Images: []string{"a.io"}}}
	}},
	"metadata is free": {head + "metadata: {name: 5, generation: {x: [1]}, annotations: {a: b, c: 1}}",
		func(c *v1alpha1.ImagePullConfig) { c.Metadata.Annotations = map[string]string{"a": "b"} }},
	"every key of a ConfigMap is read": {`
apiVersion: v1
kind: ConfigMap
metadata: {name: function-input}
data:
  pullSecrets: "regcred, other"
  mode: None
  attachTo: Pods
  movingTags: edge,nightly-*
  fromPackage: "false"
  check: "true"
  failOn: Warning
`, func(c *v1alpha1.ImagePullConfig) {
		c.Metadata.Name = "function-input"
		c.PullSecrets.Add = []v1alpha1.PullSecret{{Name: "regcred"}, {Name: "other"}}
		c.PullPolicy = v1alpha1.PullPolicy{Mode: v1alpha1.ModeNone, MovingTags: []string{"edge", "nightly-*"}}
		c.Check = true
		c.FailOn = v1alpha1.FailOnWarning
	}},
	"a ConfigMap needs no data": {"apiVersion: v1\nkind: ConfigMap\ndata:\n", func(*v1alpha1.ImagePullConfig) {}},
}

func TestDecodeReads(t *testing.T) {
	for name, test := range accepted {
		t.Run(name, func(t *testing.T) {
			want := v1alpha1.Default()
			test.want(&want)
			got, err := decode(t, test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, equateEmpty); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// refused are configs and the lines of their errors. The first two lines of a
// text that does not begin with apiVersion are head.
var refused = map[string]struct {
	text string
	want string
}{
	"a list is no config":   {"- a\n", "line 1: the functionConfig is a list; it must be an object of kind ImagePullConfig (pullable.dev/v1alpha1) or ConfigMap (v1)"},
	"a string is no config": {"a", `line 1: the functionConfig is a string, "a"; it must be an object of kind ImagePullConfig (pullable.dev/v1alpha1) or ConfigMap (v1)`},
	"an empty mapping has no kind": {"{}",
		"line 1: kind: it is missing; a functionConfig is of kind ImagePullConfig (apiVersion pullable.dev/v1alpha1) or ConfigMap (apiVersion v1)"},
	"another kind is not read": {"apiVersion: v1\nkind: Secret\n",
		`line 2: kind: "Secret" is no functionConfig of pullable; it must be ImagePullConfig (apiVersion pullable.dev/v1alpha1) or ConfigMap (apiVersion v1)`},
	"a misspelt kind is suggested": {"apiVersion: pullable.dev/v1alpha1\nkind: ImagePullCfg\n",
		`line 2: kind: "ImagePullCfg" is no functionConfig of pullable; it must be ImagePullConfig (apiVersion pullable.dev/v1alpha1) or ConfigMap (apiVersion v1); did you mean ImagePullConfig?`},
	"a later version is not read": {"apiVersion: pullable.dev/v1\nkind: ImagePullConfig\n",
		`line 1: apiVersion: "pullable.dev/v1" is another version than this pullable reads; write pullable.dev/v1alpha1, or use the pullable that reads it`},
	"a version of something else is not read": {"apiVersion: v1\nkind: ImagePullConfig\n",
		`line 1: apiVersion: "v1" is not the version of an ImagePullConfig; write pullable.dev/v1alpha1`},
	"a missing version is named": {"kind: ImagePullConfig\n",
		"line 1: apiVersion: it is missing; write pullable.dev/v1alpha1"},
	"an unknown field is named, with those that exist": {"spec: {}\n",
		"line 3: spec: there is no such field; the config has the fields apiVersion, kind, metadata, pullPolicy, pullSecrets, defaultNamespace, include, exclude, kinds, embedded, findings, check and failOn"},
	"a misspelt field is suggested": {"pullSecrets:\n  add:\n  - name: a\n    iamges: [a.io]\n",
		"line 6: pullSecrets.add[0].iamges: there is no such field; did you mean images?; pullSecrets.add[0] has the fields name, images and namespaces"},
	"a field in the wrong place is sent to the right one": {"mode: Fill\n",
		"line 3: mode: there is no such field; did you mean pullPolicy.mode?; the config has the fields apiVersion, kind, metadata, pullPolicy, pullSecrets, defaultNamespace, include, exclude, kinds, embedded, findings, check and failOn"},
	"a field that stands twice is refused": {"check: true\ncheck: false\n",
		"line 4: check: it stands here a second time, and readers of YAML disagree on which one holds; remove one"},
	"a finding that stands twice is refused": {"findings:\n  stale-latest: Info\n  stale-latest: Error\n",
		"line 5: findings.stale-latest: it stands here a second time, and readers of YAML disagree on which one holds; remove one"},
	"a list where a mapping belongs": {"pullPolicy: [Fill]\n",
		"line 3: pullPolicy: it is a list; it must be a mapping with the fields mode, movingTags and rules"},
	"a string where a list belongs": {"pullSecrets:\n  add: regcred\n",
		`line 4: pullSecrets.add: it is a string, "regcred"; it must be a list, with each item on its own line after '- '`},
	"a string where a mapping belongs": {"pullSecrets:\n  add: [regcred]\n",
		`line 4: pullSecrets.add[0]: it is a string, "regcred"; it must be a mapping with the fields name, images and namespaces`},
	"a mapping where a list belongs": {"include: {kind: Pod}\n",
		"line 3: include: it is a mapping; it must be a list"},
	"a number where a string belongs": {"pullPolicy:\n  movingTags: [1.20]\n",
		`line 4: pullPolicy.movingTags[0]: it is a number, "1.20"; it must be a string; put it in quotes`},
	"a boolean where a word belongs": {"pullPolicy:\n  mode: true\n",
		`line 4: pullPolicy.mode: it is a boolean, "true"; it must be Fill, Enforce or None; put it in quotes`},
	"a string where a boolean belongs": {"check: \"true\"\n",
		`line 3: check: it is a string, "true"; it must be true or false without quotes`},
	"yes is no boolean": {"check: yes\n",
		`line 3: check: it is a string, "yes"; it must be true or false`},
	"a null is no list": {"pullSecrets:\n  add:\n",
		"line 4: pullSecrets.add: it is empty; it must be a list; or leave the field out"},
	"a word in the wrong case is corrected": {"pullPolicy:\n  mode: fill\n",
		`line 4: pullPolicy.mode: it is "fill"; it must be Fill, Enforce or None; did you mean Fill?`},
	"an unknown word is refused": {"failOn: Info\n",
		`line 3: failOn: it is "Info"; it must be Error or Warning`},
	"an empty word is refused": {"failOn: ''\n",
		`line 3: failOn: it is ""; it must be Error or Warning`},
	"a rule needs a policy": {"pullPolicy:\n  rules:\n  - tags: [edge]\n",
		"line 5: pullPolicy.rules[0].policy: it is missing; pullPolicy.rules[0] needs it"},
	"an unknown policy is refused": {"pullPolicy:\n  rules:\n  - {policy: always}\n",
		`line 5: pullPolicy.rules[0].policy: it is "always"; it must be Always, IfNotPresent or Never; did you mean Always?`},
	"a pull secret needs a name": {"pullSecrets:\n  add:\n  - images: [a.io]\n",
		"line 5: pullSecrets.add[0].name: it is missing; pullSecrets.add[0] needs it"},
	"an empty name is refused": {"pullSecrets:\n  add:\n  - name: ''\n",
		"line 5: pullSecrets.add[0].name: it is empty; it must be a Secret's name: at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at both ends"},
	"a name that no Secret can have is refused": {"pullSecrets:\n  add:\n  - name: Reg_Cred\n",
		`line 5: pullSecrets.add[0].name: it is "Reg_Cred"; it must be a Secret's name: at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at both ends`},
	"two names in one are refused": {"pullSecrets:\n  add:\n  - name: a, b\n",
		`line 5: pullSecrets.add[0].name: "a, b" holds a comma or white space; it must be a Secret's name: at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at both ends; make each entry an item of its own`},
	"a placeholder for a name is refused": {"pullSecrets:\n  add:\n  - name: ${SECRET}\n",
		`line 5: pullSecrets.add[0].name: "${SECRET}" holds a placeholder; a config is taken as it stands, so fill it in before pullable reads it`},
	"the same name twice is refused": {"pullSecrets:\n  add:\n  - name: a\n    images: [a.io]\n  - name: a\n",
		`line 7: pullSecrets.add[1].name: "a" is the name of pullSecrets.add[0] too; give a name once, with the images and namespaces of both`},
	"a name to add and to remove is refused": {"pullSecrets:\n  add: [{name: a}]\n  remove: [b, a]\n",
		`line 4: pullSecrets.add[0].name: "a" stands under pullSecrets.remove[1] too; take it out of one of them`},
	"an empty name to remove is refused": {"pullSecrets:\n  remove: ['']\n",
		"line 4: pullSecrets.remove[0]: it is empty; it must be a name without white space"},
	"an empty list of images is refused, for absent means all": {"pullSecrets:\n  add:\n  - name: a\n    images: []\n",
		"line 6: pullSecrets.add[0].images: it is an empty list; leave the field out to mean all of them, or list at least 1"},
	"a glob that can match no namespace is refused": {"pullSecrets:\n  add:\n  - name: a\n    namespaces: [Team-*]\n",
		`line 6: pullSecrets.add[0].namespaces[0]: it is "Team-*"; it must be a pattern that can match a namespace: lower-case letters, digits, '-', '*' for any text and '?' for one character`},
	"an empty glob is refused": {"pullPolicy:\n  movingTags: ['']\n",
		"line 4: pullPolicy.movingTags[0]: it is empty; it must be a pattern that can match a tag: letters, digits, '_', '.', '-', '*' for any text and '?' for one character"},
	"a namespace must be one": {"defaultNamespace: team_a\n",
		`line 3: defaultNamespace: it is "team_a"; it must be a namespace: at most 63 lower-case letters, digits and '-', with a letter or digit at both ends`},
	"a selector needs a condition": {"exclude: [{}]\n",
		"line 3: exclude[0]: it has no condition and would match every object; give it one of group, version, kind, name, namespace, labelSelector or annotationSelector"},
	"a broken regular expression is refused": {"include:\n- name: web(\n",
		`line 4: include[0].name: "web(" is no regular expression (missing closing )); write it in the syntax of Go's package regexp`},
	"a broken label selector is refused": {"include:\n- labelSelector: app in web\n",
		`line 4: include[0].labelSelector: "app in web" is no label selector: it has "web" where '(' should be; write it as for kubectl -l, such as app=web,tier notin (test)`},
	"an image pattern without a host is refused": {"pullSecrets:\n  add:\n  - name: a\n    images: [/team]\n",
		`line 6: pullSecrets.add[0].images[0]: image pattern "/team" has no host: write host[:port][/path], such as docker.io/library`},
	"a placeholder for a registry in a pattern is refused": {"pullPolicy:\n  rules:\n  - {images: ['${REGISTRY}/team'], policy: Always}\n",
		`line 5: pullPolicy.rules[0].images[0]: image pattern "${REGISTRY}/team" holds a placeholder: fill it in before pullable reads its config`},
	"an unknown finding is refused": {"findings: {stale-latset: Info}\n",
		"line 3: findings.stale-latset: there is no finding with this id; did you mean stale-latest?; the ids are not-editable and stale-latest"},
	"an unknown severity is refused": {"findings: {stale-latest: error}\n",
		`line 3: findings.stale-latest: it is "error"; it must be Error, Warning, Info or Ignore; did you mean Error?`},
	"a key that is no word is shown in quotes": {"findings:\n  \"a b\\nc\": Info\n",
		`line 4: findings["a b\nc"]: there is no finding with this id; the ids are not-editable and stale-latest`},
	"a path into a string needs embedded": {`kinds:
- {kind: A, versions: [v1], pods: [{path: "data.pod|.spec", shape: PodSpec}]}
- {kind: B, versions: [v1], objects: [{path: "data{}|"}, {path: spec, object: manifest|}]}
- {kind: C, versions: [v1]}
`, `line 4: kinds[0].pods[0].path: it opens a string with |, and embedded is false; set embedded: true, or take the path out
line 5: kinds[1].objects[0].path: it opens a string with |, and embedded is false; set embedded: true, or take the path out
line 5: kinds[1].objects[1].object: it opens a string with |, and embedded is false; set embedded: true, or take the path out
line 6: kinds[2]: it needs pods or objects`},
	"what is about ServiceAccounts needs them": {`pullSecrets:
  createServiceAccounts: true
  mountable: true
`, `line 4: pullSecrets.createServiceAccounts: it is about ServiceAccounts, and pullSecrets.attachTo is "Pods"; write attachTo: ServiceAccounts, or leave it out
line 5: pullSecrets.mountable: it is about ServiceAccounts, and pullSecrets.attachTo is "Pods"; write attachTo: ServiceAccounts, or leave it out`},
	"a broken row of kinds is refused": {`kinds:
- kind: Job Set
  versions: []
  pods:
  - {path: "spec.[]", shape: PodSpec}
  - {path: spec, images: [{path: "a..b", image: "x[][]", defaults: "a[]"}], secrets: "list[]", secretsForm: Names}
- {kind: A, versions: [v1], scope: Global, pod: spec}
- 5
`, `line 4: kinds[0].kind: "Job Set" holds a comma or white space; it must be one word of letters, digits, '-' and '_'; make each entry an item of its own
line 5: kinds[0].versions: it is an empty list; list at least 1
line 7: kinds[0].pods[0].path: it is "spec.[]"; it must be a path such as spec.template.spec, containers[], replicaSpecs{}.template.spec or data["a.b"]|
line 8: kinds[0].pods[1].images[0].path: it is "a..b"; it must be a path such as spec.template.spec, containers[], replicaSpecs{}.template.spec or data["a.b"]|
line 8: kinds[0].pods[1].images[0].image: it is "x[][]"; it must be the name of a field, with [] behind it if it is a list
line 8: kinds[0].pods[1].images[0].defaults: it is "a[]"; it must be names of fields with dots between them, or one dot
line 8: kinds[0].pods[1].secrets: it is "list[]"; it must be names of fields with dots between them, such as spec.imagePullSecrets
line 8: kinds[0].pods[1].secretsForm: it is "Names"; it must be Objects, Strings, String or Object
line 9: kinds[1]: it needs pods or objects
line 9: kinds[1].scope: it is "Global"; it must be Namespaced or Cluster
line 9: kinds[1].pod: there is no such field; did you mean pods?; kinds[1] has the fields group, versions, kind, scope, pods, objects and source
line 10: kinds[2]: it is a number, "5"; it must be a mapping with the fields group, versions, kind, scope, pods, objects and source`},
	"all that is wrong is said at once, in the order of the text": {`failOn: Eror
pullSecrets:
  add:
  - name: A
  - nmae: b
check: maybe
pullPolicy: {mode: enforce}
`, `line 3: failOn: it is "Eror"; it must be Error or Warning; did you mean Error?
line 6: pullSecrets.add[0].name: it is "A"; it must be a Secret's name: at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at both ends
line 7: pullSecrets.add[1].name: it is missing; pullSecrets.add[1] needs it
line 7: pullSecrets.add[1].nmae: there is no such field; did you mean name?; pullSecrets.add[1] has the fields name, images and namespaces
line 8: check: it is a string, "maybe"; it must be true or false
line 9: pullPolicy.mode: it is "enforce"; it must be Fill, Enforce or None; did you mean Enforce?`},
	"what follows from a wrong type is not said": {"pullSecrets:\n  add:\n  - name: 5\n  - name: [a]\n",
		`line 5: pullSecrets.add[0].name: it is a number, "5"; it must be a string; put it in quotes
line 6: pullSecrets.add[1].name: it is a list; it must be a string`},
	"an unknown key of a ConfigMap is refused": {"apiVersion: v1\nkind: ConfigMap\ndata: {pullsecrets: a}\n",
		"line 3: data.pullsecrets: there is no such key; did you mean pullSecrets?; a ConfigMap may have the keys pullSecrets, mode, attachTo, movingTags, fromPackage, check and failOn; for more settings use a config of kind ImagePullConfig"},
	"a key of a ConfigMap that stands twice is refused": {"apiVersion: v1\nkind: ConfigMap\ndata:\n  mode: Fill\n  mode: None\n",
		"line 5: data.mode: it stands here a second time, and readers of YAML disagree on which one holds; remove one"},
	"a value of a ConfigMap is a string": {"apiVersion: v1\nkind: ConfigMap\ndata: {check: true}\n",
		`line 3: data.check: it is a boolean, "true"; the values of a ConfigMap are strings; put it in quotes`},
	"a boolean of a ConfigMap is spelt true or false": {"apiVersion: v1\nkind: ConfigMap\ndata: {check: 'yes'}\n",
		`line 3: data.check: it is "yes"; it must be "true" or "false"`},
	"a problem with a value of a ConfigMap names its key": {"apiVersion: v1\nkind: ConfigMap\ndata:\n  pullSecrets: a,,b\n  mode: fill\n",
		`line 4: data.pullSecrets: it is empty; it must be a Secret's name: at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at both ends
line 5: data.mode: it is "fill"; it must be Fill, Enforce or None; did you mean Fill?`},
	"binaryData is refused": {"apiVersion: v1\nkind: ConfigMap\nbinaryData: {a: YQ==}\n",
		"line 3: binaryData: it is not read; put the settings under data, as text"},
	"a setting beside data is sent there": {"apiVersion: v1\nkind: ConfigMap\nmode: Fill\n",
		"line 3: mode: there is no such field in a ConfigMap; settings stand under data"},
	"data that is no mapping is refused": {"apiVersion: v1\nkind: ConfigMap\ndata: [a]\n",
		"line 3: data: it is a list; it must be a mapping of strings"},
}

// full is the text of an entry of refused.
func full(text string) string {
	if strings.Contains(text, "kind: ") && !strings.Contains(text, "kinds:") && !strings.Contains(text, "{kind:") || strings.HasPrefix(text, "apiVersion") || text == "{}" || text == "a" || strings.HasPrefix(text, "- ") {
		return text
	}
	return head + text
}

func TestDecodeRefuses(t *testing.T) {
	for name, test := range refused {
		t.Run(name, func(t *testing.T) {
			got, err := decode(t, full(test.text))
			if err == nil {
				t.Fatalf("accepted as %+v", got)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var problems v1alpha1.Problems
			if !errors.As(err, &problems) || len(problems) != strings.Count(test.want, "\n")+1 {
				t.Errorf("the error does not hold its problems one by one: %#v", err)
			}
			if diff := cmp.Diff(v1alpha1.Default(), got); diff != "" {
				t.Errorf("a config came with the error:\n%s", diff)
			}
		})
	}
}

func TestTheTextOfAnErrorIsBounded(t *testing.T) {
	_, err := decode(t, head+"findings:\n"+strings.Repeat("  x: Info\n", 5000))
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 21 || lines[20] != "and 4979 more" {
		t.Errorf("got %d lines, the last is %q", len(lines), lines[len(lines)-1])
	}
	_, err = decode(t, head+"failOn: "+strings.Repeat("x", 1e6)+"\n"+strings.Repeat("y", 1e3)+": 1\n")
	if n := len(err.Error()); n > 1000 {
		t.Errorf("got %d bytes: %.1000s", n, err)
	}
}

func TestNoFindingIsUnknownWhereNoneAreListed(t *testing.T) {
	doc, err := yamledit.Parse([]byte(head + "findings: {whatever: Info}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v1alpha1.Decode(doc.Root()); err != nil {
		t.Error(err)
	}
}

// checkRoundTrip holds that a config is written as a text that means the same.
func checkRoundTrip(t *testing.T, c v1alpha1.ImagePullConfig) {
	t.Helper()
	text, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := yamledit.Parse(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	again, err := v1alpha1.Decode(doc.Root())
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if diff := cmp.Diff(c, again, equateEmpty); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

func TestAConfigThatIsWrittenIsReadAgain(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(accepted)) {
		t.Run(name, func(t *testing.T) {
			c, err := decode(t, accepted[name].text)
			if err != nil {
				t.Fatal(err)
			}
			checkRoundTrip(t, c)
		})
	}
}

func FuzzDecodeNeverPanicsAndWhatItReadsIsReadAgain(f *testing.F) {
	for _, test := range accepted {
		f.Add(test.text)
	}
	for _, test := range refused {
		f.Add(full(test.text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := yamledit.Parse([]byte(text))
		if err != nil {
			return
		}
		c, err := v1alpha1.Decode(doc.Root())
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a word")
			}
			return
		}
		if err := c.Validate(); err != nil {
			t.Errorf("decoded, but not valid: %v", err)
		}
		checkRoundTrip(t, c)
	})
}

func TestDecodeGoesOnWithoutPositions(t *testing.T) {
	var n yaml.Node
	if err := n.Encode(map[string]any{"apiVersion": "pullable.dev/v1alpha1", "kind": "ImagePullConfig", "check": "x"}); err != nil {
		t.Fatal(err)
	}
	_, err := v1alpha1.Decode(yamledit.FromYAML(&n).Root())
	if want := `check: it is a string, "x"; it must be true or false`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
