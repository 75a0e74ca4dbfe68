package pullsecret

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// auths makes a config.json with a login for each registry.
func auths(t *testing.T, registries ...string) Config {
	t.Helper()
	entries := map[string]any{}
	for _, r := range registries {
		entries[r] = map[string]string{"username": "u", "password": "p"}
	}
	text, err := json.Marshal(map[string]any{"auths": entries})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse(ConfigJSON, text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryRowOfTheTableIsWhatTheKeyringAnswers(t *testing.T) {
	table, err := os.ReadFile("testdata/keyring.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(table)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		rows++
		got := len(NewKeyring([]Config{auths(t, c[0])}).Lookup(c[1])) > 0
		if want := c[2] == "MATCH"; got != want {
			t.Errorf("%q for %q: %v, want %v", c[0], c[1], got, want)
		}
	}
	if rows < 110 {
		t.Errorf("only %d rows", rows)
	}
}

func TestCredentialsAreTriedInTheKubeletsOrder(t *testing.T) {
	for name, c := range map[string]struct {
		configs []Config
		image   string
		want    string
	}{
		"a longer path comes first":             {[]Config{auths(t, "ghcr.io", "ghcr.io/org")}, "ghcr.io/org/app:1", "0:ghcr.io/org 0:ghcr.io"},
		"a path comes first from a later one":   {[]Config{auths(t, "ghcr.io"), auths(t, "ghcr.io/org")}, "ghcr.io/org/app:1", "1:ghcr.io/org 0:ghcr.io"},
		"the same host in the pod's order":      {[]Config{auths(t, "https://ghcr.io/v1/"), auths(t, "ghcr.io")}, "ghcr.io/a:1", "0:https://ghcr.io/v1/ 1:ghcr.io"},
		"docker.io hides index.docker.io":       {[]Config{auths(t, "https://index.docker.io/v1/"), auths(t, "docker.io")}, "nginx", "1:docker.io"},
		"index.docker.io serves where all else": {[]Config{auths(t, "ghcr.io"), auths(t, "https://index.docker.io/v1/")}, "nginx", "1:https://index.docker.io/v1/"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, m := range NewKeyring(c.configs).Lookup(c.image) {
				got = append(got, fmt.Sprintf("%d:%s", m.Config, m.Entry.Name))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatIsReadOutOfASecret(t *testing.T) {
	auth := base64.StdEncoding.EncodeToString([]byte("u:hunter2"))
	for name, c := range map[string]struct {
		format  Format
		text    string
		entries string // name, and ! where there are no credentials
		ignored string
		problem string
	}{
		"a user and a password":                   {ConfigJSON, `{"auths":{"a":{"username":"u","password":"hunter2"}}}`, "a", "", ""},
		"an auth alone":                           {ConfigJSON, `{"auths":{"a":{"auth":"` + auth + `"}}}`, "a", "", ""},
		"an auth without padding":                 {ConfigJSON, `{"auths":{"a":{"auth":"` + strings.TrimRight(auth, "=") + `"}}}`, "a", "", ""},
		"keys in another case, as Go reads them":  {ConfigJSON, `{"Auths":{"a":{"USERNAME":"u"}}}`, "a", "", ""},
		"the older form":                          {Dockercfg, `{"a":{"auth":"` + auth + `"}}`, "a", "", ""},
		"an entry without credentials":            {ConfigJSON, `{"auths":{"a":{},"b":{"email":"x"},"c":null}}`, "a! b! c!", "", ""},
		"a token, which kubelets ignore":          {ConfigJSON, `{"auths":{"a":{"identitytoken":"hunter2"}}}`, "a!", "", ""},
		"helpers and stores, which they ignore":   {ConfigJSON, `{"credHelpers":{"a":"ecr-login"},"credsStore":"osxkeychain"}`, "", "credHelpers credsStore", ""},
		"helpers that are empty":                  {ConfigJSON, `{"credHelpers":{},"credsStore":"","auths":{}}`, "", "", ""},
		"a user in the registry's name":           {ConfigJSON, `{"auths":{"https://u:hunter2@a/x":{"username":"u"}}}`, "https://a/x", "", ""},
		"a user in a name without a scheme":       {ConfigJSON, `{"auths":{"u:hunter2@a":{"username":"u"}}}`, "a", "", ""},
		"a user in a name that is no URL":         {ConfigJSON, `{"auths":{"u:hunter2@a:*":{"username":"u"}}}`, "a:*", "", ""},
		"text that is no JSON":                    {ConfigJSON, `{hunter2}`, "", "", "the content is no JSON (at byte 2)"},
		"JSON of another type":                    {ConfigJSON, `{"auths":"hunter2"}`, "", "", "the content is JSON, but no docker config: it has a value of a wrong type (at byte 18)"},
		"a number for a password":                 {ConfigJSON, `{"auths":{"a":{"password":4711}}}`, "", "", "the content is JSON, but no docker config: it has a value of a wrong type (at byte 16)"},
		"an auth that is not base64":              {ConfigJSON, `{"auths":{"a":{"auth":"hunter2!"}}}`, "", "", "the auth of an entry is not the base64 of user:password"},
		"an auth without a colon":                 {ConfigJSON, `{"auths":{"a":{"auth":"aHVudGVyMg=="}}}`, "", "", "the auth of an entry is not the base64 of user:password"},
		"a broken auth under a name that repeats": {ConfigJSON, `{"auths":{"a":{"auth":"hunter2!"},"a":{"username":"u"}}}`, "", "", "the auth of an entry is not the base64 of user:password"},
		"SOPS":                         {ConfigJSON, `ENC[AES256_GCM,data:hunter2,tag:x,type:str]`, "", "", "the content is encrypted or a placeholder"},
		"a variable":                   {ConfigJSON, `${DOCKER_CONFIG}`, "", "", "the content is encrypted or a placeholder"},
		"a vault plugin's placeholder": {ConfigJSON, `<path:secret/data/x#hunter2>`, "", "", "the content is encrypted or a placeholder"},
		"a placeholder for one auth":   {ConfigJSON, `{"auths":{"a":{"auth":"${AUTH}"}}}`, "", "", "the content is encrypted or a placeholder"},
		"nothing":                      {ConfigJSON, ``, "", "", "there is no content"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := FromText(c.format, c.text)
			encoded, encodedErr := FromData(c.format, base64.StdEncoding.EncodeToString([]byte(c.text)))
			if fmt.Sprint(got, err) != fmt.Sprint(encoded, encodedErr) {
				t.Errorf("as data it is %v, %v", encoded, encodedErr)
			}
			if problem := fmt.Sprint(err); err == nil && c.problem != "" || err != nil && problem != c.problem {
				t.Errorf("error %q, want %q", problem, c.problem)
			}
			var entries []string
			for _, e := range got.Entries {
				name := e.Name
				if !e.Credentials {
					name += "!"
				}
				entries = append(entries, name)
			}
			if strings.Join(entries, " ") != c.entries || strings.Join(got.Ignored, " ") != c.ignored {
				t.Errorf("entries %q, ignored %q", entries, got.Ignored)
			}
			if all := fmt.Sprintf("%+v %#v %v", got, got, err); strings.Contains(all, "hunter2") || strings.Contains(all, "aHVudGVyMg") {
				t.Errorf("the password leaves the package: %s", all)
			}
		})
	}
}

func TestDataThatIsNoBase64(t *testing.T) {
	for text, want := range map[string]error{
		"ENC[AES256_GCM,data:abc,type:str]": ErrUnknown,
		"<path:secret/data/regcred#config>": ErrUnknown,
		"$REGCRED":                          ErrUnknown,
		"%REGCRED%":                         ErrUnknown,
	} {
		if _, err := FromData(ConfigJSON, text); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
	if _, err := FromData(ConfigJSON, `{"auths":{}}`); err == nil || errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "stringData") {
		t.Errorf("plain text under data: %v", err)
	}
}

func TestAKeyWithAPlaceholderServesNothingThatIsKnown(t *testing.T) {
	c := auths(t, "${REGISTRY}", "ghcr.io")
	if !c.Unknown {
		t.Error("the config does not say so")
	}
	if n := len(NewKeyring([]Config{c}).Lookup("ghcr.io/a")); n != 1 {
		t.Errorf("%d matches for the other key, want 1", n)
	}
}

func TestImagesWithPlaceholdersMatchByTheirLiteralText(t *testing.T) {
	for image, want := range map[string]int{
		"ghcr.io/org/{{ app }}:1":        1,
		"ghcr.io/org/app:{{ tag }}":      1,
		"ghcr.io/{{ org }}/app:1":        0,
		"{{ registry }}/org/app:1":       0,
		"quay.io/org/{{ app }}":          0,
		"ghcr.io/organisation/{{ app }}": 1, // a kubelet's paths are plain prefixes
	} {
		if got := len(NewKeyring([]Config{auths(t, "ghcr.io/org")}).Lookup(image)); got != want {
			t.Errorf("%s: %d matches, want %d", image, got, want)
		}
	}
}

func TestKeysThatNeverMatchSayWhatToWrite(t *testing.T) {
	for key, want := range map[string]string{
		"https://index.docker.io/v1":  "write https://index.docker.io/v1/",
		"https://ghcr.io/v2":          "write https://ghcr.io",
		"*.docker.io":                 "write https://index.docker.io/v1/",
		"registry-1.docker.io":        "looked up as docker.io",
		"hub.docker.com":              "looked up as docker.io",
		"index.docker.io/library":     "write docker.io/library",
		"*.example.com:*":             "a port cannot be a *",
		"*.example.com/te*":           "a path is plain text",
		"[a-c].example.com":           "no host with a path",
		"?.example.com":               "cuts it",
		"ghcr.io/org/app:1":           "without tag",
		"ghcr.io/ORG":                 "lower-case",
		"foo":                         "no registry",
		"https://":                    "no host",
		"":                            "no host",
		"ghcr.io":                     "",
		"https://index.docker.io/v1/": "",
		"localhost":                   "",
		"registry:5000":               "",
		"*":                           "",
		"[::1]:5000":                  "",
		"ghcr.io/v2ray":               "",
	} {
		e := newEntry(key)
		if got := e.Never(); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", key, got, want)
		}
	}
}

func TestNearMissesAreExplained(t *testing.T) {
	for _, c := range []struct{ key, image, want string }{
		{"ghcr.io:443", "ghcr.io/org/app:1", "it is for port 443, the image comes from ghcr.io without a port"},
		{"ghcr.io", "ghcr.io:443/org/app:1", "it is for ghcr.io without a port, the image comes from port 443"},
		{"ghcr.io/team", "ghcr.io/org/app:1", "it is for the path team, which the image's path org/app does not start with"},
		{"ghcr.io/org/app", "ghcr.io/org/{{ app }}:1", "the image's is not known yet"},
		{"GHCR.IO", "ghcr.io/org/app:1", "hosts are compared with case"},
		{"*.com", "a.b.com/app:1", "a * stands for one label of a host, and a.b.com has 3 where the entry has 2"},
		{"*.b.com", "b.com/app:1", "has none there"},
		{"gcr.io", "eu.gcr.io/p/a:1", "a host does not stand for those below it"},
		{"hub.docker.com", "nginx", "write https://index.docker.io/v1/"},
		{"https://index.docker.io/v1", "nginx", "without a slash at its end"},
		{"*.example.com:*", "a.example.com/x", ""},
		{"ghcr.io", "ghcr.io/org/app:1", ""},
		{"quay.io", "ghcr.io/org/app:1", ""},
		{"https://index.docker.io/v1/", "ghcr.io/org/app:1", ""},
	} {
		e := newEntry(c.key)
		e.Credentials = true
		if got := e.Miss(c.image); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%q for %s: %q, want %q", c.key, c.image, got, c.want)
		}
	}
	e := newEntry("ghcr.io")
	if got := e.Miss("ghcr.io/a"); got != "it has no user and password" {
		t.Errorf("an entry without credentials: %q", got)
	}
}
