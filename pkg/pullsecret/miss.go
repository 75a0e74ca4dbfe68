package pullsecret

import (
	"fmt"
	"strings"

	"github.com/pullable/pullable/pkg/imageref"
)

// hubHosts are Docker Hub's names that are no names of images: the kubelet looks
// its images up as docker.io.
var hubHosts = [...]string{"registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com", "*.docker.io"}

// Never says why no image will ever use the entry, or none of those that were
// meant, and what to write instead; "" where it may serve some. It does not
// speak of credentials.
func (e *Entry) Never() string {
	p := &e.pattern
	path := strings.TrimPrefix(p.path, "/")
	first, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(e.Name, "https://"), "http://"), "/")
	switch {
	case e.unknown:
		return ""
	case strings.ContainsAny(e.Name, "?#"):
		return "the kubelet cuts it at its ? or #: write * for what differs, or the whole name"
	case strings.Contains(first, ":*"):
		return "a port cannot be a *: write an entry for each port"
	case !e.parses:
		return "it is no host with a path: the kubelet passes over it"
	case p.host == "":
		return "it names no host"
	case path == "v1" || path == "v2":
		return fmt.Sprintf("without a slash at its end /%s is taken for a path of images: write %s", path, e.without(p.path))
	case isHub(p.host):
		return "images of Docker Hub are looked up as docker.io: write https://index.docker.io/v1/"
	case p.host == hubHost && e.key != hubHost:
		return "it serves Docker Hub without a path only: write docker.io" + p.path
	case strings.ContainsAny(path, "*["):
		return "a path is plain text, and what stands in it must be the start of the image's: take the * out"
	case strings.ContainsAny(path, ":@"):
		return "images are looked up without tag and digest: take these out"
	case path != strings.ToLower(path):
		return "the paths of images are lower-case"
	case p.path == "//" || strings.Contains(path, "//"):
		return "the paths of images have no //"
	case len(p.labels) == 1 && p.port == "" && p.host == strings.ToLower(p.host) && !strings.ContainsAny(p.host, "*[") && p.host != "localhost" && !strings.Contains(p.host, ":"):
		return "a host without dot and port is no registry: such an image is one of Docker Hub"
	}
	return ""
}

func isHub(host string) bool {
	for _, h := range hubHosts {
		if host == h {
			return true
		}
	}
	return false
}

// without gives the entry's name without the path at its end.
func (e *Entry) without(path string) string {
	name := strings.TrimSuffix(e.Name, path)
	if strings.HasSuffix(name, "//"+hubHost) || name == hubHost {
		return "https://index.docker.io/v1/"
	}
	return name
}

// Miss says why an entry does not serve an image that it comes close to: one of
// the same host, or nearly so. It is "" where the entry serves the image or has
// nothing to do with it.
func (e *Entry) Miss(image string) string {
	repository, ok := repositoryOf(image)
	if !ok || e.unknown {
		return ""
	}
	t, ok := parseTarget(repository)
	if !ok {
		return ""
	}
	p := &e.pattern
	sameHost := e.parses && len(p.labels) == len(t.labels) && e.matchesLabels(t)
	hub := t.host == "docker.io" && e.parses && (p.host == hubHost || isHub(p.host))
	switch {
	case e.serves(t, repository):
		if e.Credentials {
			return ""
		}
		return e.empty()
	case hub, sameHost && e.Never() != "":
		return e.Never()
	case !e.parses:
		if why := e.Never(); why != "" && strings.Contains(e.Name, t.host) {
			return why
		}
	case sameHost && p.port != t.port:
		return fmt.Sprintf("it is for %s, the image comes from %s", portOf(p), portOf(&t))
	case sameHost && placeholder(image) && strings.HasPrefix(p.path, t.path):
		return fmt.Sprintf("it is for the path %s, and the image's is not known yet", strings.TrimPrefix(p.path, "/"))
	case sameHost:
		return fmt.Sprintf("it is for the path %s, which the image's path %s does not start with", strings.TrimPrefix(p.path, "/"), strings.TrimPrefix(t.path, "/"))
	case strings.EqualFold(p.host, t.host) && p.host != "":
		return fmt.Sprintf("hosts are compared with case, and the image comes from %s", t.host)
	case p.host == "" || len(p.labels) < 2:
	case strings.HasSuffix(t.host, "."+strings.TrimPrefix(p.host, "*.")) && strings.HasPrefix(p.host, "*."):
		return fmt.Sprintf("a * stands for one label of a host, and %s has %d where the entry has %d", t.host, len(t.labels), len(p.labels))
	case strings.HasSuffix(t.host, "."+p.host):
		return fmt.Sprintf("a host does not stand for those below it, and the image comes from %s", t.host)
	case "*."+t.host == p.host:
		return fmt.Sprintf("a * stands for one label of a host, and %s has none there", t.host)
	}
	return ""
}

// serves says whether the kubelet could use the entry's key for a repository.
func (e *Entry) serves(t target, repository string) bool {
	return e.matches(t) || e.parses && e.key == hubHost && usesHub(repository)
}

func (e *Entry) empty() string {
	if e.Token {
		return "it has no user and password, and a kubelet uses no tokens"
	}
	return "it has no user and password"
}

func portOf(t *target) string {
	if t.port == "" {
		return t.host + " without a port"
	}
	return "port " + t.port
}

func placeholder(image string) bool { return imageref.HasPlaceholder(image) }
