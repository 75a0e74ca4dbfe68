package pullsecret

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Format is one of the two forms of a docker config.
type Format uint8

const (
	// ConfigJSON is ~/.docker/config.json: registries stand under "auths". A
	// Secret of type kubernetes.io/dockerconfigjson holds it.
	ConfigJSON Format = iota
	// Dockercfg is the older ~/.dockercfg, which holds registries only. A Secret
	// of type kubernetes.io/dockercfg holds it.
	Dockercfg
)

// SecretType is the type of the Secrets that hold this format.
func (f Format) SecretType() string {
	if f == Dockercfg {
		return "kubernetes.io/dockercfg"
	}
	return "kubernetes.io/dockerconfigjson"
}

// Key is the key of a Secret's data under which the kubelet looks.
func (f Format) Key() string {
	if f == Dockercfg {
		return ".dockercfg"
	}
	return ".dockerconfigjson"
}

// A Config is what a docker config says about registries. It holds no
// credentials.
type Config struct {
	Entries []Entry  // sorted by name
	Ignored []string // fields that the kubelet ignores: credHelpers, credsStore
	// Unknown says that a registry's name has a placeholder, so that not all
	// registries are known.
	Unknown bool
}

// Parse reads a docker config and refuses what the kubelet refuses. Errors hold
// nothing of the content but names of registries.
func Parse(format Format, content []byte) (Config, error) {
	var file struct {
		Auths       map[string]*login
		HTTPHeaders map[string]string `json:"HttpHeaders"`
		CredHelpers json.RawMessage   `json:"credHelpers"`
		CredsStore  json.RawMessage   `json:"credsStore"`
	}
	var err error
	if format == Dockercfg {
		err = json.Unmarshal(content, &file.Auths)
	} else {
		err = json.Unmarshal(content, &file)
	}
	if err != nil {
		return Config{}, redacted(err)
	}
	var c Config
	for name, l := range file.Auths {
		if l == nil {
			l = new(login) // null is an entry without credentials
		}
		e := newEntry(name)
		e.Credentials, e.Token = l.user || l.password, l.token
		c.Unknown = c.Unknown || e.unknown
		c.Entries = append(c.Entries, e)
	}
	slices.SortFunc(c.Entries, func(a, b Entry) int { return strings.Compare(a.Name+"\x00"+a.key, b.Name+"\x00"+b.key) })
	for _, f := range []struct {
		name  string
		value json.RawMessage
	}{{"credHelpers", file.CredHelpers}, {"credsStore", file.CredsStore}} {
		if text := string(f.value); text != "" && text != "null" && text != `""` && text != "{}" {
			c.Ignored = append(c.Ignored, f.name)
		}
	}
	return c, nil
}

// redacted says what is wrong with JSON without a word of it; the errors of
// encoding/json quote what they meet.
func redacted(err error) error {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, errAuth):
		return errAuth
	case errors.As(err, &syntax):
		return fmt.Errorf("the content is no JSON (at byte %d)", syntax.Offset)
	case errors.As(err, &wrong):
		return fmt.Errorf("the content is JSON, but no docker config: it has a value of a wrong type (at byte %d)", wrong.Offset)
	}
	return errors.New("the content is no docker config")
}

var errAuth = errors.New("the auth of an entry is not the base64 of user:password")

// login is what is kept of an entry while a config is read.
type login struct{ user, password, token bool }

// UnmarshalJSON reads an entry as DockerConfigEntry.UnmarshalJSON of the
// kubelet does.
func (l *login) UnmarshalJSON(data []byte) error {
	var fields struct {
		Username, Password, Email, Auth string
		IdentityToken, RegistryToken    json.RawMessage
	}
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	*l = login{user: fields.Username != "", password: fields.Password != ""}
	l.token = len(fields.IdentityToken) > len(`""`) || len(fields.RegistryToken) > len(`""`)
	if fields.Auth != "" {
		user, password, ok := decodeAuth(fields.Auth)
		if !ok {
			return errAuth
		}
		l.user, l.password = user != "", password != ""
	}
	return nil
}

// decodeAuth is decodeDockerConfigFieldAuth of the kubelet.
func decodeAuth(auth string) (user, password string, ok bool) {
	encoding := base64.RawStdEncoding
	if strings.HasSuffix(strings.TrimSpace(auth), "=") {
		encoding = base64.StdEncoding
	}
	decoded, err := encoding.DecodeString(auth)
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(decoded), ":")
}
