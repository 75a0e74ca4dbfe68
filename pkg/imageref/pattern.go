package imageref

import (
	"fmt"
	"strings"
)

// Pattern names images by where they are pulled from: host[:port][/path].
//
//   - The host is compared without regard to case, as DNS does. A label of it may hold *, which stands for any run of
//     characters but a dot: *.example.com is reg.example.com, not example.com nor a.b.example.com.
//   - The port is equal, or absent on both sides.
//   - The path is a prefix that ends at a slash or at the end: reg.io/cache is reg.io/cache:1 and reg.io/cache/app, not
//     reg.io/cache-busting. A slash at the end of a pattern says nothing.
//   - docker.io, index.docker.io, registry-1.docker.io and registry.hub.docker.com are one registry, Docker Hub, and
//     docker.io/nginx is the official image (docker.io/library/nginx) as well as what is below the namespace nginx.
//
// The zero Pattern matches nothing. Make one with [ParsePattern].
type Pattern struct {
	text string
	host string // lower-case
	port string
	path string // without a slash at either end
	star bool   // the host holds *
	hub  bool   // one of Docker Hub's names matches the host
}

// hubNames are the names under which clients reach Docker Hub; reference parsing knows the first two only.
var hubNames = [...]string{dockerHub, legacyDockerHub, "registry-1.docker.io", "registry.hub.docker.com"}

// ParsePattern reads a pattern. It refuses what no image can ever match, and its error says what to write instead.
func ParsePattern(s string) (Pattern, error) {
	if err := checkPatternText(s); err != nil {
		return Pattern{}, err
	}
	text := strings.TrimSuffix(s, "/")
	address, path, hasPath := strings.Cut(text, "/")
	host, port, hasPort := splitPort(address)
	if err := checkPatternHost(s, host, port, hasPort, path); err != nil {
		return Pattern{}, err
	}
	if hasPath {
		if err := checkPatternPath(s, address, path); err != nil {
			return Pattern{}, err
		}
	}
	p := Pattern{
		text: s,
		host: strings.ToLower(host),
		port: port,
		path: path,
		star: strings.Contains(host, "*"),
	}
	for _, name := range hubNames {
		p.hub = p.hub || matchHost(p.host, name)
	}
	// Such a path is the API's, copied from a docker config. A namespace of Docker Hub has four characters at least.
	if p.hub && (path == "v1" || path == "v2") {
		return Pattern{}, fmt.Errorf("image pattern %q can match nothing: /%s is the path of Docker Hub's API, not of images; write %q", s, path, address)
	}
	return p, nil
}

// String is the pattern as it was written.
func (p Pattern) String() string { return p.text }

// MatchesImage reports whether the pattern matches the image. One with placeholders matches if its host, and as much of
// its path as the pattern needs, is literal text. One that is no reference matches nothing.
func (p Pattern) MatchesImage(image string) bool {
	r, _ := Scan(image)
	return p.Matches(r)
}

// Matches reports whether the pattern matches a reference of [Parse] or [Scan].
func (p Pattern) Matches(r Reference) bool {
	if p.host == "" || r.Domain == "" {
		return false
	}
	host, port, _ := splitPort(r.Domain)
	if port != p.port {
		return false
	}
	host = strings.ToLower(host)
	isHub := hub(host)
	switch {
	case isHub && p.hub, host == p.host:
	case !p.star || !matchHost(p.host, host):
		return false
	}
	return p.path == "" || below(r.Path, p.path) ||
		isHub && len(r.Path) > len(officialPrefix) && r.Path[:len(officialPrefix)] == officialPrefix && r.Path[len(officialPrefix):] == p.path
}

func below(path, prefix string) bool {
	return strings.HasPrefix(path, prefix) && (len(path) == len(prefix) || path[len(prefix)] == '/')
}

func hub(host string) bool {
	for _, name := range hubNames {
		if host == name {
			return true
		}
	}
	return false
}

// matchHost compares label by label, so that a * does not reach over a dot. Both sides are lower-case.
func matchHost(pattern, host string) bool {
	for {
		p, patternRest, patternMore := strings.Cut(pattern, ".")
		h, hostRest, hostMore := strings.Cut(host, ".")
		if patternMore != hostMore || !Glob(p, h) {
			return false
		}
		if !patternMore {
			return true
		}
		pattern, host = patternRest, hostRest
	}
}

func checkPatternText(s string) error {
	switch {
	case s == "":
		return fmt.Errorf("an image pattern is empty: write host[:port][/path], or leave the list out to match every image")
	case strings.ContainsAny(s, " \t\r\n"):
		return fmt.Errorf("image pattern %q holds white space: take it out, and write each pattern as an item of its own", s)
	case strings.Contains(s, "://"):
		_, rest, _ := strings.Cut(s, "://")
		return fmt.Errorf("image pattern %q starts with a scheme, which no image does: write %q", s, rest)
	case HasPlaceholder(s):
		return fmt.Errorf("image pattern %q holds a placeholder: fill it in before pullable reads its config", s)
	case strings.Contains(s, "@"):
		name, _, _ := strings.Cut(s, "@")
		return fmt.Errorf("image pattern %q holds a digest, but patterns name repositories: write %q", s, name)
	}
	return nil
}

func checkPatternHost(s, host, port string, hasPort bool, path string) error {
	switch {
	case host == "":
		return fmt.Errorf("image pattern %q has no host: write host[:port][/path], such as docker.io/library", s)
	case hasPort && strings.ContainsAny(port, "*?"):
		return fmt.Errorf("image pattern %q has a glob for a port: write one pattern for each port", s)
	case hasPort && !isDigits(port):
		if path == "" {
			return fmt.Errorf("image pattern %q has %q where a port stands; patterns have no tags, and begin with the host: write %q", s, port, "docker.io/library/"+host)
		}
		return fmt.Errorf("image pattern %q has the port %q, which is no number", s, port)
	case strings.HasPrefix(host, "["):
		if !validBracketed(host) {
			return fmt.Errorf("image pattern %q has a host that is no IPv6 address in square brackets", s)
		}
		return nil
	case strings.Contains(host, "?"):
		return fmt.Errorf("image pattern %q holds a ? in its host, where only * is a glob", s)
	case strings.HasPrefix(host, "."):
		return fmt.Errorf("image pattern %q starts with a dot: write %q", s, "*"+s)
	}
	// A * stands for letters, as far as the grammar of a host goes.
	if !validDomain(strings.ReplaceAll(host, "*", "a")) {
		return fmt.Errorf("image pattern %q has the host %q: host names are labels of letters, digits and inner dashes with dots between them (* may stand in a label)", s, host)
	}
	if hasPort || looksLikeDomain(host) || host == "localhost" {
		return nil
	}
	if strings.Contains(host, "*") {
		return fmt.Errorf("image pattern %q has a host of one label, and a * does not reach over a dot: write one label for each (*.example.com, *.*.example.com), or leave the list out to match every image", s)
	}
	hubPath := "library/" + host
	if path != "" {
		path, _, _ = strings.Cut(path, ":")
		hubPath = host + "/" + path
	}
	return fmt.Errorf("image pattern %q begins with %q, which an image reads as a part of Docker Hub's path, not as a host: write %q, or the registry's host", s, host, "docker.io/"+hubPath)
}

func checkPatternPath(s, address, path string) error {
	if i := strings.IndexAny(path, "*?"); i >= 0 {
		prefix := address
		if j := strings.LastIndexByte(path[:i], '/'); j >= 0 {
			prefix += "/" + path[:j]
		}
		return fmt.Errorf("image pattern %q has a glob in its path, which is a prefix already: write %q", s, prefix)
	}
	if i := strings.IndexByte(path, ':'); i >= 0 {
		return fmt.Errorf("image pattern %q holds a tag, but patterns name repositories: write %q (a rule of pullPolicy has tags of its own)", s, address+"/"+path[:i])
	}
	if len(path) > maxPath {
		return fmt.Errorf("image pattern %q can match nothing: its path is longer than the 255 characters of a repository", s)
	}
	switch checkPath(path) {
	case nil:
		return nil
	case errUpper:
		return fmt.Errorf("image pattern %q can match nothing: repositories are lower-case; write %q", s, address+"/"+strings.ToLower(path))
	}
	return fmt.Errorf("image pattern %q can match nothing: its path must be lower-case letters and digits, joined by one of . _ __ or dashes, in parts between single slashes", s)
}
