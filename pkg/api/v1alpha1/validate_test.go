package v1alpha1_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
)

// An empty list and none are the same in every field that Validate lets be empty.
var equateEmpty = cmpopts.EquateEmpty()

func TestTheDefaultsAreValid(t *testing.T) {
	if err := v1alpha1.Default().Validate(); err != nil {
		t.Error(err)
	}
}

func TestSetDefaultsKeepsWhatIsSet(t *testing.T) {
	c := v1alpha1.ImagePullConfig{
		PullPolicy: v1alpha1.PullPolicy{Mode: v1alpha1.ModeNone},
		FailOn:     v1alpha1.FailOnWarning,
	}
	c.SetDefaults()
	want := v1alpha1.Default()
	want.PullPolicy.Mode = v1alpha1.ModeNone
	want.FailOn = v1alpha1.FailOnWarning
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestValidateRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*v1alpha1.ImagePullConfig)
		want   string
	}{
		"a config without its defaults": {func(c *v1alpha1.ImagePullConfig) { *c = v1alpha1.ImagePullConfig{} },
			`apiVersion: "" is not the version of an ImagePullConfig; write pullable.dev/v1alpha1
kind: "" is not the kind of this config; write ImagePullConfig
pullPolicy.mode: it is ""; it must be Fill, Enforce or None
pullSecrets.attachTo: it is ""; it must be Pods or ServiceAccounts
pullSecrets.workflowTemplateRef: it is ""; it must be Skip or Attach
failOn: it is ""; it must be Error or Warning`},
		"a finding's severity, by the order of the ids": {func(c *v1alpha1.ImagePullConfig) {
			c.Findings = map[string]v1alpha1.Severity{"b": "", "a": "x"}
		}, `findings.a: it is "x"; it must be Error, Warning, Info or Ignore
findings.b: it is ""; it must be Error, Warning, Info or Ignore`},
		"an image pattern with a scheme": {func(c *v1alpha1.ImagePullConfig) {
			c.PullSecrets.Add = []v1alpha1.PullSecret{{Name: "a", Images: []string{"https://reg.io"}}}
		}, `pullSecrets.add[0].images[0]: image pattern "https://reg.io" starts with a scheme, which no image does: write "reg.io"`},
	} {
		t.Run(name, func(t *testing.T) {
			c := v1alpha1.Default()
			test.change(&c)
			err := c.Validate()
			if err == nil {
				t.Fatal("accepted")
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
