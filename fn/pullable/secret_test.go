package main

import (
	"encoding/base64"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// authFile writes an auth file, and sees to it that no other is found.
func authFile(t *testing.T, content string) string {
	t.Helper()
	dir := t.TempDir()
	for _, variable := range []string{"HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DOCKER_CONFIG"} {
		t.Setenv(variable, dir+"/"+variable)
	}
	t.Setenv("REGISTRY_AUTH_FILE", dir+"/auth.json")
	write(t, dir+"/auth.json", content)
	return dir + "/auth.json"
}

var threeLogins = `{"auths":{"ghcr.io":{"auth":"` + base64.StdEncoding.EncodeToString([]byte("u:"+password)) + `","email":"a@b.c"},
"https://index.docker.io/v1/":{"username":"u","password":"` + password + `"},
"reg.example.com:5000/team":{"auth":"` + base64.StdEncoding.EncodeToString([]byte("u:"+password)) + `"}}}`

// contentOf gives the docker config of a Secret.
func contentOf(t *testing.T, secret string) string {
	t.Helper()
	var s struct {
		Kind, Type string
		Metadata   struct{ Name, Namespace string }
		Data       map[string]string
	}
	if err := yaml.Unmarshal([]byte(secret), &s); err != nil {
		t.Fatal(err)
	}
	if s.Kind != "Secret" || s.Type != "kubernetes.io/dockerconfigjson" || s.Metadata.Name != "regcred" || s.Metadata.Namespace != "team" {
		t.Errorf("%+v", s)
	}
	content, err := base64.StdEncoding.DecodeString(s.Data[".dockerconfigjson"])
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestASecretHoldsTheRegistriesThatAreAskedFor(t *testing.T) {
	auth := `{"auth":"` + base64.StdEncoding.EncodeToString([]byte("u:"+password)) + `"}`
	manifests := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{image: 'reg.example.com:5000/team/app:1'}, {image: registry.k8s.io/pause}]}\n"
	for name, c := range map[string]struct {
		args  []string
		input string
		want  string
	}{
		"all of them":              {nil, "", `{"auths":{"ghcr.io":` + auth + `,"https://index.docker.io/v1/":` + auth + `,"reg.example.com:5000/team":` + auth + `}}`},
		"one by its host":          {[]string{"--registry", "ghcr.io"}, "", `{"auths":{"ghcr.io":` + auth + `}}`},
		"one by a path in it":      {[]string{"--registry", "ghcr.io/org"}, "", `{"auths":{"ghcr.io":` + auth + `}}`},
		"Docker Hub by any name":   {[]string{"--registry", "docker.io"}, "", `{"auths":{"https://index.docker.io/v1/":` + auth + `}}`},
		"two by patterns":          {[]string{"--registry", "*.io", "--registry", "*.example.com:5000"}, "", `{"auths":{"ghcr.io":` + auth + `,"https://index.docker.io/v1/":` + auth + `,"reg.example.com:5000/team":` + auth + `}}`},
		"what the manifests need":  {[]string{"--for", "-"}, manifests, `{"auths":{"reg.example.com:5000/team":` + auth + `}}`},
		"manifests and a registry": {[]string{"--for", "-", "--registry", "ghcr.io"}, manifests, `{"auths":{"ghcr.io":` + auth + `,"reg.example.com:5000/team":` + auth + `}}`},
	} {
		t.Run(name, func(t *testing.T) {
			authFile(t, threeLogins)
			got := pullable(c.input, append([]string{"secret", "regcred", "--namespace", "team"}, c.args...)...)
			if got.code != exitDone || got.stderr != "" {
				t.Fatalf("exit code %d: %s", got.code, got.stderr)
			}
			if content := contentOf(t, got.stdout); content != c.want {
				t.Errorf("\n got %s\nwant %s", content, c.want)
			}
		})
	}
}

func TestASecretThatCannotBeMadeSaysWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		args []string
		want string
	}{
		"a store keeps the credentials":  {`{"auths":{"ghcr.io":{}},"credsStore":"osxkeychain"}`, []string{"regcred"}, "the credentials of ghcr.io are with docker-credential-osxkeychain, not in the file: log in with a file of its own"},
		"a helper keeps the credentials": {`{"credHelpers":{"1.dkr.ecr.eu-west-1.amazonaws.com":"ecr-login"}}`, []string{"regcred"}, "are with docker-credential-ecr-login"},
		"a token alone":                  {`{"auths":{"ghcr.io":{"identitytoken":"` + password + `"}}}`, []string{"regcred"}, "kubelets do not use tokens"},
		"no credentials":                 {`{"auths":{"ghcr.io":{}}}`, []string{"regcred"}, "ghcr.io has no user and password"},
		"another registry":               {threeLogins, []string{"regcred", "--registry", "quay.io"}, "has no login for quay.io: log in to it, or name another file with --from"},
		"a pattern that is none":         {threeLogins, []string{"regcred", "--registry", "https://quay.io"}, "--registry: image pattern"},
		"a file that is no JSON":         {`{` + password, []string{"regcred"}, "auth.json: the content is no JSON"},
		"a name that is none":            {threeLogins, []string{"Reg_Cred"}, `it is "Reg_Cred"; it must be a Secret's name`},
		"a namespace that is none":       {threeLogins, []string{"regcred", "--namespace", "A B"}, "namespace"},
		"no name":                        {threeLogins, nil, "accepts 1 arg(s), received 0"},
		"manifests without images":       {threeLogins, []string{"regcred", "--for", "-"}, "the input is empty"},
		"a file that is not there":       {threeLogins, []string{"regcred", "--from", "nowhere.json"}, "--from: open nowhere.json"},
	} {
		t.Run(name, func(t *testing.T) {
			authFile(t, c.file)
			got := pullable("", append([]string{"secret"}, c.args...)...)
			if got.code != exitBadInput || got.stdout != "" || !strings.Contains(got.stderr, c.want) {
				t.Errorf("exit code %d\n%s%s\nwant %s", got.code, got.stdout, got.stderr, c.want)
			}
			keepsSecrets(t, "", got)
		})
	}
}

func TestASecretFromNoFileNamesThePlaces(t *testing.T) {
	authFile(t, "")
	t.Setenv("REGISTRY_AUTH_FILE", "")
	if got := pullable("", "secret", "regcred"); got.code != exitBadInput || !strings.Contains(got.stderr, "DOCKER_CONFIG/config.json") || !strings.Contains(got.stderr, "containers/auth.json") {
		t.Errorf("%+v", got)
	}
}

func TestAnExcessiveLoginIsLeftOut(t *testing.T) {
	authFile(t, strings.Replace(threeLogins, `"ghcr.io"`, `"u:`+password+`@ghcr.io"`, 1))
	got := pullable("", "secret", "regcred", "--namespace", "team", "--registry", "ghcr.io")
	if content := contentOf(t, got.stdout); !strings.HasPrefix(content, `{"auths":{"ghcr.io":`) || strings.Contains(content, password) {
		t.Errorf("the name of the registry holds the password: %s", content)
	}
}
