package pullsecret

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Login is what a tool's auth file says about one registry.
type Login struct {
	Entry
	// Helper is the program that keeps the credentials instead of the file, such
	// as docker-credential-pass; "" where the file has them, or nobody.
	Helper string
}

// Logins reads the auth file of docker, podman or another tool of containers:
// ~/.docker/config.json or auth.json. Registries are sorted by name; those whose
// credentials a helper keeps are among them. Errors hold nothing of the content.
func Logins(content []byte) ([]Login, error) {
	c, err := Parse(ConfigJSON, content)
	if err != nil {
		return nil, err
	}
	var helpers struct {
		CredHelpers map[string]string `json:"credHelpers"`
		CredsStore  string            `json:"credsStore"`
	}
	if err := json.Unmarshal(content, &helpers); err != nil {
		return nil, redacted(err)
	}
	var all []Login
	seen := map[string]bool{}
	for _, e := range c.Entries {
		l := Login{Entry: e}
		helper := helpers.CredHelpers[e.Name]
		if helper == "" && !e.Credentials {
			helper = helpers.CredsStore
		}
		if helper != "" {
			l.Helper = "docker-credential-" + helper
		}
		all, seen[e.Name] = append(all, l), true
	}
	for name, helper := range helpers.CredHelpers {
		if !seen[name] {
			all = append(all, Login{newEntry(name), "docker-credential-" + helper})
		}
	}
	slices.SortFunc(all, func(a, b Login) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Select makes the docker config of a Secret out of an auth file: the registries
// that keep asks for, each with the base64 of user and password and nothing else.
func Select(content []byte, keep func(Entry) bool) ([]byte, error) {
	if _, err := Parse(ConfigJSON, content); err != nil {
		return nil, err
	}
	var file struct {
		Auths map[string]struct{ Username, Password, Auth string }
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, redacted(err)
	}
	type auth struct {
		Auth string `json:"auth"`
	}
	out := struct {
		Auths map[string]auth `json:"auths"`
	}{map[string]auth{}}
	for name, l := range file.Auths {
		e := newEntry(name)
		user, password := l.Username, l.Password
		if l.Auth != "" {
			user, password, _ = decodeAuth(l.Auth)
		}
		e.Credentials = user != "" || password != ""
		if !keep(e) {
			continue
		}
		if !e.Credentials {
			return nil, fmt.Errorf("registry %s has no user and password", e.Name)
		}
		out.Auths[e.Name] = auth{base64.StdEncoding.EncodeToString([]byte(user + ":" + password))}
	}
	if len(out.Auths) == 0 {
		return nil, errors.New("none of its registries is asked for")
	}
	return json.Marshal(out)
}
