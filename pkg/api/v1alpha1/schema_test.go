package v1alpha1_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/resid"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
)

// anyConfig is a functionConfig that kyaml validates with the shipped schema,
// as it does for functions that are made with its framework.
type anyConfig map[string]any

// Schema reads the schema from the shipped file.
func (*anyConfig) Schema() (*spec.Schema, error) {
	text, err := os.ReadFile("function.yaml")
	if err != nil {
		return nil, err
	}
	return framework.SchemaFromFunctionDefinition(resid.NewGvk("pullable.dev", "v1alpha1", "ImagePullConfig"), string(text))
}

// bySchema validates a text by the shipped schema.
func bySchema(text string) error {
	node, err := kyaml.Parse(text)
	if err != nil {
		return err
	}
	return framework.LoadFunctionConfig(node, new(anyConfig))
}

func TestTheShippedSchemaIsReadByKyaml(t *testing.T) {
	s, err := new(anyConfig).Schema()
	if err != nil {
		t.Fatal(err)
	}
	if s.Properties["pullSecrets"].Properties["add"].Items.Schema.Properties["name"].Description == "" {
		t.Error("pullSecrets.add[].name has no description")
	}
}

func TestTheShippedSchemaAcceptsWhatDecodeAccepts(t *testing.T) {
	for name, test := range accepted {
		if !strings.Contains(test.text, v1alpha1.Kind) {
			continue // the schema is that of an ImagePullConfig
		}
		t.Run(name, func(t *testing.T) {
			if err := bySchema(test.text); err != nil {
				t.Error(err)
			}
		})
	}
}

// beyondSchema are configs that Decode refuses and a schema cannot.
var beyondSchema = []string{
	"an unknown finding is refused",                        // the ids are not in the schema
	"a key that is no word is shown in quotes",             // likewise
	"the same name twice is refused",                       // two fields that contradict each other
	"a name to add and to remove is refused",               // likewise
	"what is about ServiceAccounts needs them",             // likewise
	"a path into a string needs embedded",                  // likewise
	"a broken regular expression is refused",               // texts with a syntax of their own
	"a broken label selector is refused",                   // likewise
	"an image pattern without a host is refused",           // likewise
	"a placeholder for a registry in a pattern is refused", // likewise
}

func TestTheShippedSchemaRefusesWhatDecodeRefuses(t *testing.T) {
	for name, test := range refused {
		text := full(test.text)
		if strings.Contains(text, "ConfigMap") {
			continue // the schema is that of an ImagePullConfig
		}
		if yaml.Unmarshal([]byte(text), new(map[string]any)) != nil {
			continue // no mapping, or keys that repeat: kyaml panics before it asks the schema
		}
		t.Run(name, func(t *testing.T) {
			err := bySchema(text)
			if beyond := slices.Contains(beyondSchema, name); beyond != (err == nil) {
				t.Errorf("got %v in\n%s", err, text)
			}
		})
	}
	for _, name := range beyondSchema {
		if _, ok := refused[name]; !ok {
			t.Errorf("no config of the table is named %q", name)
		}
	}
}
