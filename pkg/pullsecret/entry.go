package pullsecret

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/pullable/pullable/pkg/imageref"
)

// An Entry is one registry of a docker config.
type Entry struct {
	// Name is the registry as it is written, without user and password where it
	// holds these as well (user@reg.example.com).
	Name string
	// Credentials says whether there is a user or a password.
	Credentials bool
	// Token says that there is an identity or registry token, which the kubelet
	// ignores.
	Token bool

	key     string // host and path, as the kubelet's index holds it
	pattern target
	parses  bool // the kubelet can read the key
	unknown bool // the name has a placeholder
}

// Key is the host and the path by which the kubelet knows the entry; it tries
// the greater key first. It is "" where the kubelet cannot read the name.
func (e *Entry) Key() string { return e.key }

// A target is what is compared: an image's repository, or a key that may match
// it.
type target struct {
	labels []string
	host   string
	port   string
	path   string
}

// newEntry reads the name of a registry as BasicDockerKeyring.Add does.
func newEntry(name string) Entry {
	e := Entry{Name: withoutUser(name), unknown: imageref.HasPlaceholder(name)}
	value := name
	if !strings.HasPrefix(value, "https://") && !strings.HasPrefix(value, "http://") {
		value = "https://" + value
	}
	parsed, err := url.Parse(value)
	if err != nil {
		return e
	}
	path := parsed.Path
	if strings.HasPrefix(path, "/v2/") || strings.HasPrefix(path, "/v1/") {
		path = path[len("/v2"):]
	}
	e.key = parsed.Host
	if path != "/" {
		e.key += path
	}
	e.pattern, e.parses = parseTarget(e.key)
	return e
}

// withoutUser takes user and password out of a registry's name. Between the
// scheme and the last @ may stand nothing else.
func withoutUser(name string) string {
	at := strings.LastIndexByte(name, '@')
	if at < 0 {
		return name
	}
	scheme, _, ok := strings.Cut(name, "://")
	if !ok || len(scheme) > at {
		return name[at+1:]
	}
	return scheme + "://" + name[at+1:]
}

// parseTarget is ParseSchemelessURL and SplitURL of the kubelet.
func parseTarget(s string) (target, bool) {
	parsed, err := url.Parse("https://" + s)
	if err != nil {
		return target{}, false
	}
	host, port := splitHostPort(parsed.Host)
	return target{strings.Split(host, "."), host, port, parsed.Path}, true
}

// splitHostPort does what net.SplitHostPort does; where that fails, all of it is
// the host. Package net would make every start of the program slower.
func splitHostPort(s string) (host, port string) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, ""
	}
	host, port = s[:i], s[i+1:]
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 || end+1 != i {
			return s, ""
		}
		host = s[1:end]
		if strings.ContainsAny(host, "[") || strings.ContainsAny(s[end+1:], "[]") {
			return s, ""
		}
		return host, port
	}
	if strings.ContainsAny(host, ":[]") || strings.ContainsAny(port, "[]") {
		return s, ""
	}
	return host, port
}

// matches is URLsMatch of the kubelet: equal ports, as many labels, each of them
// a glob, and a path that is a plain prefix.
func (e *Entry) matches(t target) bool {
	p := &e.pattern
	return e.parses && p.port == t.port && len(p.labels) == len(t.labels) &&
		strings.HasPrefix(t.path, p.path) && e.matchesLabels(t)
}

func (e *Entry) matchesLabels(t target) bool {
	for i, glob := range e.pattern.labels {
		if ok, err := filepath.Match(glob, t.labels[i]); err != nil || !ok {
			return false
		}
	}
	return true
}

// hubHost is the key that is tried for images of Docker Hub, and of hosts that
// look like none, where no other matches.
const hubHost = "index.docker.io"

// usesHub is isDefaultRegistryMatch of the kubelet.
func usesHub(repository string) bool {
	first, _, more := strings.Cut(repository, "/")
	switch {
	case first == "":
		return false
	case !more, first == "docker.io", first == hubHost:
		return true
	}
	return !strings.ContainsAny(first, ".:")
}
