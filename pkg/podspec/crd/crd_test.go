package crd

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
	"github.com/pullable/pullable/pkg/podspec"
	"github.com/pullable/pullable/pkg/yamledit"
)

func everything(Name) bool { return true }

// definition is a CustomResourceDefinition whose spec has these properties.
func definition(properties string) string {
	return `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget}
  versions:
  - name: v1
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {` + properties + `}}}}}
`
}

func rows(t *testing.T, text string) []v1alpha1.KindRow {
	t.Helper()
	doc, err := yamledit.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return Rows(doc.Root(), everything)
}

const (
	str       = `{type: string}`
	pair      = `image: ` + str + `, imagePullPolicy: ` + str
	list      = `{type: array, items: {type: object, properties: {name: ` + str + `, ` + pair + `}}}`
	secrets   = `imagePullSecrets: {type: array, items: {type: object, properties: {name: ` + str + `}}}`
	container = pair + `, command: {type: array, items: ` + str + `}, args: {type: array, items: ` + str + `}, env: {type: array, items: {type: object}}`
	reference = `{type: object, properties: {reference: ` + str + `, pullPolicy: ` + str + `}}`
	volumes   = `volumes: {type: array, items: {type: object, properties: {name: ` + str + `, image: ` + reference + `}}}`
)

func TestASchemaTeachesWhatItSays(t *testing.T) {
	for sentence, c := range map[string]struct{ properties, want string }{
		"a whole pod spec has the shape of one": {
			`template: {type: object, properties: {spec: {type: object, properties: {` + volumes + `, ephemeralContainers: ` + list + `, initContainers: ` + list +
				`, containers: ` + list + `, serviceAccountName: ` + str + `, serviceAccount: ` + str + `, ` + secrets + `}}}}`,
			`[{path: spec.template.spec, shape: PodSpec}]`,
		},
		"a pod spec without image volumes has the lists that it has, in the table's order": {
			`initContainers: ` + list + `, containers: ` + list + `, ` + secrets + `, serviceAccountName: ` + str,
			`[{path: spec, images: [{path: "containers[]"}, {path: "initContainers[]"}], secrets: imagePullSecrets, accounts: [serviceAccountName]}]`,
		},
		"containers without pull secrets get policies only": {
			`containers: ` + list,
			`[{path: spec, images: [{path: "containers[]"}]}]`,
		},
		"pull secrets belong to a container beside them, and accounts to a pod spec only": {
			`main: {type: object, properties: {` + container + `}}, ` + secrets + `, serviceAccountName: ` + str,
			`[{path: spec, images: [{path: main}], secrets: imagePullSecrets}]`,
		},
		"what an absent policy means where a controller makes the container is not known": {
			pair + `, ` + secrets,
			`[{path: spec, images: [{image: image, never: its controller decides what an absent policy means}], secrets: imagePullSecrets}]`,
		},
		"a policy beside containers is meant for those that have none": {
			pair + `, containers: ` + list,
			`[{path: spec, images: [{image: image, never: its controller decides what an absent policy means}, {path: "containers[]", defaults: .}]}]`,
		},
		"a default of the schema is the answer to an absent policy": {
			`containers: {type: array, items: {type: object, properties: {image: ` + str + `, imagePullPolicy: {type: string, default: Always}}}}`,
			`[{path: spec, images: [{path: "containers[]", never: its definition has a default of its own}]}]`,
		},
		"an enumeration says which policies there are": {
			`containers: {type: array, items: {type: object, properties: {image: ` + str + `, imagePullPolicy: {type: string, enum: ["", Never, Always]}}}}`,
			`[{path: spec, images: [{path: "containers[]", policies: [Never, Always]}]}]`,
		},
		"an enumeration of all policies says nothing new": {
			`containers: {type: array, items: {type: object, properties: {image: ` + str + `, imagePullPolicy: {type: string, enum: [Never, Always, IfNotPresent, ""]}}}}`,
			`[{path: spec, images: [{path: "containers[]"}]}]`,
		},
		"a policy with words of its own is none of Kubernetes": {
			`containers: {type: array, items: {type: object, properties: {image: ` + str + `, imagePullPolicy: {type: string, enum: [always, never]}}}}`,
			`[{path: spec, images: [{path: "containers[]", policy: none}]}]`,
		},
		"an image volume is one by its two fields, wherever it stands": {
			`volumes: {type: array, items: {type: object, properties: {image: ` + reference + `}}}, extensions: {type: array, items: {type: object, properties: {image: ` + reference + `}}}`,
			`[{path: spec, images: [{path: "volumes[].image", image: reference, policy: pullPolicy}]}, {path: "spec.extensions[]", images: [{path: image, image: reference, policy: pullPolicy}]}]`,
		},
		"an image in parts is put together": {
			`a: {type: object, properties: {image: {type: object, properties: {repository: ` + str + `, tag: ` + str + `, pullPolicy: ` + str + `}}}}, b: {type: object, properties: {repository: ` + str + `, version: ` + str + `, ` + pair + `}}`,
			`[{path: spec, images: [{path: b, prefix: repository, tag: version, never: its controller decides what an absent policy means}]},
			 {path: spec.a, images: [{path: image, image: repository, tag: tag, policy: pullPolicy, never: its controller decides what an absent policy means}]}]`,
		},
		"an image whose tag stands nowhere is not known": {`a: {type: object, properties: {repository: ` + str + `, pullPolicy: ` + str + `}}`, `[]`},
		"the values of a mapping, and lists of lists": {
			`roles: {type: object, additionalProperties: {type: object, properties: {containers: ` + list + `}}}, steps: {type: array, items: {type: array, items: {type: object, properties: {` + container + `}}}}`,
			`[{path: spec, images: [{path: "steps[][]"}]}, {path: "spec.roles{}", images: [{path: "containers[]"}]}]`,
		},
		"a mapping in a list in a mapping has no path, nor has a name with a dot": {
			`a: {type: array, items: {type: object, additionalProperties: {type: object, properties: {containers: ` + list + `}}}}, b.c: {type: object, properties: {containers: ` + list + `}},
			 d: {type: object, additionalProperties: {type: array, items: {type: object, properties: {containers: ` + list + `}}}}`,
			`[]`,
		},
		"a pod with a status is one by its spec": {
			`pod: {type: object, properties: {spec: {type: object, properties: {containers: ` + list + `}}, status: {type: object, properties: {containers: ` + list + `}}}}`,
			`[{path: spec.pod.spec, images: [{path: "containers[]"}]}]`,
		},
		"a field that takes any content teaches nothing": {
			`template: {type: object, x-kubernetes-preserve-unknown-fields: true}, containers: {type: array, items: {type: object, x-kubernetes-preserve-unknown-fields: true}}, ` + secrets,
			`[]`,
		},
		"an image without a policy counts beside pull secrets only": {
			`a: {type: object, properties: {image: ` + str + `}}, b: {type: object, properties: {image: ` + str + `, ` + secrets + `}}`,
			`[{path: spec.b, images: [{image: image, policy: none}], secrets: imagePullSecrets}]`,
		},
		"a pull secret by name, or in a mapping": {
			`a: {type: object, properties: {` + pair + `, imagePullSecret: ` + str + `}}, b: {type: object, properties: {image: ` + str + `, pullSecret: {type: object, properties: {name: ` + str + `}}}}`,
			`[{path: spec.a, images: [{image: image, never: its controller decides what an absent policy means}], secrets: imagePullSecret, secretsForm: String},
			 {path: spec.b, images: [{image: image, policy: none}], secrets: pullSecret, secretsForm: Object}]`,
		},
		"what needs more than a name is no place for a name": {
			`containers: ` + list + `, imagePullSecrets: {type: array, items: {type: object, required: [namespace], properties: {name: ` + str + `, namespace: ` + str + `}}}`,
			`[{path: spec, images: [{path: "containers[]"}]}]`,
		},
		"strings where mappings must stand are none":        {`image: {type: object}, imagePullPolicy: ` + str + `, ` + secrets, `[]`},
		"a policy that is no string is none":                {`a: {type: object, properties: {image: ` + str + `, imagePullPolicy: {type: object}}}`, `[]`},
		"a shorthand of lists in place of a list is none":   {`containers: [a, b], ` + secrets, `[]`},
		"what only looks like a schema is none":             {`properties: {type: object, properties: {properties: ` + str + `}}`, `[]`},
		"a mapping whose fields are named as a schema's is": {`items: {type: object, properties: {containers: ` + list + `}}`, `[{path: spec.items, images: [{path: "containers[]"}]}]`},
	} {
		t.Run(sentence, func(t *testing.T) {
			var want, got []v1alpha1.PodRow
			if err := yaml.Unmarshal([]byte(strings.ReplaceAll(c.want, "\t", " ")), &want); err != nil {
				t.Fatal(err)
			}
			learnt := rows(t, definition(strings.ReplaceAll(c.properties, "\t", " ")))
			for _, row := range learnt {
				got = append(got, row.Pods...)
			}
			if diff := cmp.Diff(want, got, cmp.Transformer("empty", func(p []v1alpha1.PodRow) []v1alpha1.PodRow { return append([]v1alpha1.PodRow{}, p...) })); diff != "" && len(want)+len(got) > 0 {
				t.Errorf("(-want +got)\n%s", diff)
			}
			// What is learnt can be pasted into a config.
			config := v1alpha1.Default()
			config.Kinds = learnt
			if err := config.Validate(); err != nil {
				t.Error(err)
			}
			if _, err := podspec.Builtin().Learn(learnt); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestVersionsThatTeachTheSameShareARowAndOnlyThoseThatAreWantedAreRead(t *testing.T) {
	version := func(name, properties string) string {
		return `
  - name: ` + name + `
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {` + properties + `}}}}}`
	}
	text := `
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {kind: Widget}
  versions:` + version("v1", "containers: "+list) + version("v1beta1", "pod: {properties: {containers: "+list+"}}") + version("v2", "containers: "+list) + version("v3", "containers: "+list)
	doc, err := yamledit.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got := Rows(doc.Root(), func(n Name) bool { return n.Version != "v3" })
	row := v1alpha1.KindRow{Group: "example.com", Kind: "Widget", Scope: v1alpha1.ScopeCluster, Source: "CustomResourceDefinition widgets.example.com"}
	first, second := row, row
	first.Versions, first.Pods = []string{"v1", "v2"}, []v1alpha1.PodRow{{Path: "spec", Images: []v1alpha1.ImageRow{{Path: "containers[]"}}}}
	second.Versions, second.Pods = []string{"v1beta1"}, []v1alpha1.PodRow{{Path: "spec.pod", Images: []v1alpha1.ImageRow{{Path: "containers[]"}}}}
	if diff := cmp.Diff([]v1alpha1.KindRow{first, second}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTheOlderFormOfDefinitions(t *testing.T) {
	for name, versions := range map[string]string{
		"one version":                "version: v1",
		"versions without schemas":   "versions: [{name: v1, served: true}]",
		"a version of its own first": "version: v1, versions: [{name: v1}]",
	} {
		got := rows(t, `{metadata: {name: widgets.example.com}, spec: {group: example.com, names: {kind: Widget}, `+versions+
			`, validation: {openAPIV3Schema: {properties: {spec: {properties: {containers: `+list+`}}}}}}}`)
		if len(got) != 1 || !cmp.Equal(got[0].Versions, []string{"v1"}) || got[0].Pods[0].Path != "spec" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A definition comes from anywhere. What is malformed, or larger than any real
// one, teaches nothing, and takes no time to speak of.
func TestAHostileDefinitionTeachesNothing(t *testing.T) {
	var wide, deep, bomb strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&wide, "a%d: {type: object, properties: {containers: %s}}, ", i, list)
	}
	const levels = 200
	for range levels {
		deep.WriteString("a: {type: object, properties: {")
	}
	deep.WriteString("containers: " + list + strings.Repeat("}}", levels))
	bomb.WriteString("a0: &a0 {type: object, properties: {x: {type: string}, y: {type: string}}}")
	for i := 1; i < 30; i++ {
		fmt.Fprintf(&bomb, ", a%d: &a%d {type: object, properties: {x: *a%d, y: *a%d}}", i, i, i-1, i-1)
	}
	bomb.WriteString(", containers: " + list)
	for name, text := range map[string]string{
		"wide":                        definition(wide.String()),
		"deep":                        definition(deep.String()),
		"multiplied by aliases":       definition(bomb.String()),
		"an alias within itself":      definition(`a: &a {type: object, properties: {b: *a, containers: ` + list + `}}`),
		"no mapping":                  "- a\n",
		"empty":                       "{}\n",
		"a spec that is none":         "spec: [a]\n",
		"versions that are none":      "spec: {group: example.com, names: {kind: W}, versions: {a: b}}\n",
		"names that are none":         "spec: {group: example.com, names: W, versions: [{name: v1}]}\n",
		"a schema that is none":       "spec: {group: example.com, names: {kind: W}, versions: [{name: v1, schema: {openAPIV3Schema: 1}}]}\n",
		"properties that are none":    "spec: {group: example.com, names: {kind: W}, versions: [{name: v1, schema: {openAPIV3Schema: {properties: [a]}}}]}\n",
		"a kind that is no string":    strings.Replace(definition("containers: "+list), "kind: Widget", "kind: 3", 1),
		"a version that is no string": strings.Replace(definition("containers: "+list), "name: v1\n", "name: [v1]\n", 1),
	} {
		start := time.Now()
		doc, err := yamledit.Parse([]byte(text))
		if err != nil {
			continue // it is refused before it comes here
		}
		if got := Rows(doc.Root(), everything); len(got) > 0 {
			t.Errorf("%s: it teaches %v", name, got[0].Pods[:1])
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: it takes %v", name, took)
		} else {
			t.Logf("%s: %v", name, took)
		}
	}
}
