package argocd

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/pullable/pullable/pkg/api/v1alpha1"
)

func withDefaults(change func(*v1alpha1.ImagePullConfig)) v1alpha1.ImagePullConfig {
	c := v1alpha1.Default()
	change(&c)
	return c
}

func TestWhatAnApplicationSaysStandsAboveTheConfig(t *testing.T) {
	inFile := func(c *v1alpha1.ImagePullConfig) {
		c.PullSecrets.Add = []v1alpha1.PullSecret{{Name: "regcred"}, {Name: "limited", Images: []string{"a.example.com"}}}
		c.PullSecrets.FromPackage = true
		c.Findings = map[string]v1alpha1.Severity{"stale-latest": v1alpha1.SeverityIgnore, "empty-name": v1alpha1.SeverityInfo}
	}
	for name, c := range map[string]struct {
		environ []string
		images  []string
		want    func(*v1alpha1.ImagePullConfig)
	}{
		"without parameters the config stays as it is": {
			environ: []string{"HOME=/", "ARGOCD_APP_NAME=web", "PARAM_MODE=Enforce"},
		},
		"Argo CD writes null where an Application has no parameters": {
			environ: []string{"ARGOCD_APP_PARAMETERS=null"},
		},
		"the namespace that is deployed to is the default namespace": {
			environ: []string{"ARGOCD_APP_NAMESPACE=team-a"},
			want:    func(c *v1alpha1.ImagePullConfig) { c.DefaultNamespace = "team-a" },
		},
		"a default namespace of the Application's own wins": {
			environ: []string{"ARGOCD_APP_NAMESPACE=team-a", `ARGOCD_APP_PARAMETERS=[{"name":"default-namespace","string":"team-b"}]`},
			want:    func(c *v1alpha1.ImagePullConfig) { c.DefaultNamespace = "team-b" },
		},
		"pull secrets are added for every pod, once": {
			environ: []string{`ARGOCD_APP_PARAMETERS=[{"name":"pull-secrets","array":["regcred","limited","mirror","mirror"]}]`},
			want: func(c *v1alpha1.ImagePullConfig) {
				c.PullSecrets.Add = []v1alpha1.PullSecret{{Name: "regcred"}, {Name: "limited"}, {Name: "mirror"}}
			},
		},
		"images are for the build": {
			environ: []string{`ARGOCD_APP_PARAMETERS=[{"name":"images","array":["web=registry.example.com/web:2"]}]`},
			images:  []string{"web=registry.example.com/web:2"},
		},
		"every other parameter sets its field": {
			environ: []string{`ARGOCD_APP_PARAMETERS=[{"name":"mode","string":"Enforce"},{"name":"attach-to","string":"ServiceAccounts"},` +
				`{"name":"create-service-accounts","string":"true"},{"name":"from-package","string":"false"},{"name":"require-for","array":["b.example.com"]},` +
				`{"name":"remove-pull-secrets","array":["old"]},{"name":"moving-tags","array":["edge"]},{"name":"findings","map":{"empty-name":"Error"}},` +
				`{"name":"fail-on","string":"Warning"}]`},
			want: func(c *v1alpha1.ImagePullConfig) {
				c.PullPolicy.Mode = v1alpha1.ModeEnforce
				c.PullPolicy.MovingTags = []string{"edge"}
				c.PullSecrets.AttachTo = v1alpha1.AttachToServiceAccounts
				c.PullSecrets.CreateServiceAccounts = true
				c.PullSecrets.FromPackage = false
				c.PullSecrets.RequireFor = []string{"b.example.com"}
				c.PullSecrets.Remove = []string{"old"}
				c.Findings = map[string]v1alpha1.Severity{"stale-latest": v1alpha1.SeverityIgnore, "empty-name": v1alpha1.SeverityError}
				c.FailOn = v1alpha1.FailOnWarning
			},
		},
		"a text that was emptied in the user interface says nothing": {
			environ: []string{`ARGOCD_APP_PARAMETERS=[{"name":"mode","string":""},{"name":"from-package","string":""}]`},
		},
		"variables say the same, lists with commas or blanks": {
			environ: []string{"ARGOCD_ENV_PULL_SECRETS=mirror, other", "ARGOCD_ENV_IMAGES=web:2 api:3", "ARGOCD_ENV_MODE=None", "ARGOCD_ENV_FINDINGS=empty-name=Error"},
			images:  []string{"web:2", "api:3"},
			want: func(c *v1alpha1.ImagePullConfig) {
				c.PullSecrets.Add = append(c.PullSecrets.Add, v1alpha1.PullSecret{Name: "mirror"}, v1alpha1.PullSecret{Name: "other"})
				c.PullPolicy.Mode = v1alpha1.ModeNone
				c.Findings = map[string]v1alpha1.Severity{"stale-latest": v1alpha1.SeverityIgnore, "empty-name": v1alpha1.SeverityError}
			},
		},
		"a parameter wins over the variable, an empty variable says nothing": {
			environ: []string{"ARGOCD_ENV_MODE=None", "ARGOCD_ENV_FAIL_ON=", `ARGOCD_APP_PARAMETERS=[{"name":"mode","string":"Enforce"}]`},
			want:    func(c *v1alpha1.ImagePullConfig) { c.PullPolicy.Mode = v1alpha1.ModeEnforce },
		},
		"of several entries for one variable the last counts, as for any program": {
			environ: []string{"ARGOCD_ENV_MODE=None", "ARGOCD_ENV_MODE=Enforce", "ARGOCD_APP_NAMESPACE=a", "ARGOCD_APP_NAMESPACE=b"},
			want: func(c *v1alpha1.ImagePullConfig) {
				c.PullPolicy.Mode = v1alpha1.ModeEnforce
				c.DefaultNamespace = "b"
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Read(c.environ)
			if err != nil {
				t.Fatal(err)
			}
			got, want := withDefaults(inFile), withDefaults(inFile)
			s.Override(&got)
			if c.want != nil {
				c.want(&want)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(c.images, s.Images); diff != "" {
				t.Errorf("images (-want +got)\n%s", diff)
			}
			if err := got.Validate("stale-latest", "empty-name"); err != nil {
				t.Errorf("the config is not valid: %v", err)
			}
		})
	}
}

func TestADefaultNamespaceOfTheConfigIsKept(t *testing.T) {
	s, err := Read([]string{"ARGOCD_APP_NAMESPACE=team-a"})
	if err != nil {
		t.Fatal(err)
	}
	c := withDefaults(func(c *v1alpha1.ImagePullConfig) { c.DefaultNamespace = "team-b" })
	s.Override(&c)
	if c.DefaultNamespace != "team-b" {
		t.Errorf("default namespace %q", c.DefaultNamespace)
	}
}

func TestAnErrorNamesTheParameterAndTheWayOut(t *testing.T) {
	for name, c := range map[string]struct {
		environ string
		want    []string
	}{
		"what is not JSON":              {"ARGOCD_APP_PARAMETERS=[", []string{"ARGOCD_APP_PARAMETERS", "JSON"}},
		"an unknown parameter":          {`ARGOCD_APP_PARAMETERS=[{"name":"pull-secret","string":"x"}]`, []string{"pull-secret:", "there are", "pull-secrets, remove-pull-secrets"}},
		"an unknown variable":           {"ARGOCD_ENV_PULL_SECRET=x", []string{"PULL_SECRET:", "there are", "PULL_SECRETS"}},
		"a text where a list belongs":   {`ARGOCD_APP_PARAMETERS=[{"name":"pull-secrets","string":"x"}]`, []string{"pull-secrets", "`array`"}},
		"a list where a text belongs":   {`ARGOCD_APP_PARAMETERS=[{"name":"mode","array":["Fill"]}]`, []string{"mode", "`string`"}},
		"a list where a map belongs":    {`ARGOCD_APP_PARAMETERS=[{"name":"findings","array":[]}]`, []string{"findings", "`map`"}},
		"two values":                    {`ARGOCD_APP_PARAMETERS=[{"name":"mode","string":"Fill","array":[]}]`, []string{"mode", "`string`"}},
		"no value":                      {`ARGOCD_APP_PARAMETERS=[{"name":"mode"}]`, []string{"mode", "`string`"}},
		"a parameter that stands twice": {`ARGOCD_APP_PARAMETERS=[{"name":"mode","string":"Fill"},{"name":"mode","string":"None"}]`, []string{"mode", "twice"}},
		"a word that there is not":      {`ARGOCD_APP_PARAMETERS=[{"name":"mode","string":"fill"}]`, []string{`"fill"`, "Fill, Enforce or None"}},
		"a boolean that is none":        {"ARGOCD_ENV_FROM_PACKAGE=yes", []string{"FROM_PACKAGE", `"yes"`, "true or false"}},
		"an empty item":                 {`ARGOCD_APP_PARAMETERS=[{"name":"pull-secrets","array":["a",""]}]`, []string{"pull-secrets", "item 1"}},
		"a pair without a value":        {"ARGOCD_ENV_FINDINGS=stale-latest", []string{"FINDINGS", `"stale-latest"`, "KEY=VALUE"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read([]string{c.environ})
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

func TestWhatIsAnnouncedIsWhatHoldsWithoutAParameter(t *testing.T) {
	c := withDefaults(func(c *v1alpha1.ImagePullConfig) {
		c.PullPolicy.Mode = v1alpha1.ModeEnforce
		c.PullSecrets.Add = []v1alpha1.PullSecret{{Name: "regcred"}}
		c.PullSecrets.FromPackage = true
	})
	got := map[string]string{}
	for _, a := range Announce(c, []string{"ARGOCD_APP_NAMESPACE=team-a"}) {
		got[a.Name+" "+a.CollectionType+" "+a.ItemType] = a.String
		if a.Title == "" || a.Tooltip == "" || len(a.Array) > 0 {
			t.Errorf("%+v", a)
		}
	}
	want := map[string]string{
		"pull-secrets array string": "", "images array string": "", "mode string string": "Enforce", "attach-to string string": "Pods",
		"create-service-accounts string boolean": "false", "from-package string boolean": "true", "require-for array string": "",
		"remove-pull-secrets array string": "", "moving-tags array string": "", "default-namespace string string": "team-a",
		"findings map string": "", "fail-on string string": "Error",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if c.DefaultNamespace != "" {
		t.Error("the config has changed")
	}
}

// Whatever the user interface shows it may send back unchanged, and nothing changes then.
func TestAnAnnouncedValueThatIsSentBackChangesNothing(t *testing.T) {
	c := withDefaults(func(c *v1alpha1.ImagePullConfig) { c.PullSecrets.AttachTo = v1alpha1.AttachToServiceAccounts })
	for _, a := range Announce(c, nil) {
		if a.CollectionType != string(String) {
			continue
		}
		s, err := Read([]string{`ARGOCD_APP_PARAMETERS=[{"name":"` + a.Name + `","string":"` + a.String + `"}]`})
		if err != nil {
			t.Fatal(err)
		}
		got := c
		s.Override(&got)
		if !reflect.DeepEqual(got, c) {
			t.Errorf("%s: %v", a.Name, cmp.Diff(c, got))
		}
	}
}

func TestThePluginFileFindsTheConfigAndRunsTheCommandsOfTheImage(t *testing.T) {
	src, err := os.ReadFile("plugin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var plugin struct {
		Kind string
		Spec struct {
			Discover struct {
				FileName string `yaml:"fileName"`
			}
			Generate   struct{ Command []string }
			Parameters struct{ Dynamic struct{ Command []string } }
		}
	}
	if err := yaml.Unmarshal(src, &plugin); err != nil {
		t.Fatal(err)
	}
	if plugin.Kind != "ConfigManagementPlugin" || plugin.Spec.Discover.FileName != "pullable.yaml" ||
		!slices.Equal(plugin.Spec.Generate.Command, []string{"/pullable", "argocd", "generate"}) ||
		!slices.Equal(plugin.Spec.Parameters.Dynamic.Command, []string{"/pullable", "argocd", "parameters"}) {
		t.Errorf("%+v", plugin)
	}
}
