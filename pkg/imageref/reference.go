package imageref

import (
	"errors"
	"strings"
)

// Reference is an image as the cluster reads it: "nginx" is docker.io, library/nginx.
// Values are comparable.
type Reference struct {
	// Domain is the registry with its port, as it was written, but docker.io for index.docker.io and where none was
	// written. It is empty for the few names that upstream accepts whose first part is no host name (a_b.c/app).
	Domain string
	// Path is the repository in the registry. Out of [Scan] it ends with "/" (or is empty) where only a placeholder
	// knows how it goes on.
	Path string
	// Tag is empty where none was written; see [State] for what that means.
	Tag string
	// Digest holds its algorithm: sha256:….
	Digest string
}

// Repository is the domain and the path, without tag and digest: docker.io/library/nginx.
func (r Reference) Repository() string {
	if r.Domain == "" {
		return r.Path
	}
	return r.Domain + "/" + r.Path
}

// String is the normalised reference, with the tag and digest that were written: docker.io/library/nginx:1.27.
func (r Reference) String() string {
	s := r.Repository()
	if r.Tag != "" {
		s += ":" + r.Tag
	}
	if r.Digest != "" {
		s += "@" + r.Digest
	}
	return s
}

const (
	dockerHub       = "docker.io"
	legacyDockerHub = "index.docker.io"
	officialPrefix  = "library/"
	maxPath         = 255
	maxTag          = 128
)

// The errors are values, so that reading an image that is no reference costs nothing either. They speak of the image as
// "it": the caller knows which field of which object holds it.
var (
	errEmpty      = errors.New("it is empty")
	errSpace      = errors.New("it holds white space")
	errScheme     = errors.New("it starts with a scheme (such as docker://), which is no part of an image")
	errIdentifier = errors.New("64 hexadecimal digits are an image ID, which no registry can serve")
	errDomain     = errors.New("the registry before the first / is no host name with an optional port")
	errPath       = errors.New("the repository must be lower-case letters and digits, joined by one of . _ __ or dashes, in parts between single slashes")
	errUpper      = errors.New("the repository must be lower-case")
	errLong       = errors.New("the repository is longer than 255 characters")
	errTag        = errors.New("the tag must be 1 to 128 letters, digits, _ . and -, and must not start with . or -")
	errDigest     = errors.New("the digest must be sha256, sha384 or sha512, a colon, and 64, 96 or 128 lower-case hexadecimal digits")
)

// Parse reads an image as reference.ParseNormalizedNamed of github.com/distribution/reference does. The error says what
// is wrong with the image, and does not repeat it.
func Parse(image string) (Reference, error) {
	r, err := parse(image)
	if err != nil {
		return Reference{}, explain(image, err)
	}
	return r, nil
}

func parse(image string) (Reference, error) {
	if len(image) == 64 && isHex(image) {
		return Reference{}, errIdentifier
	}
	domain, rest := splitDomain(image)
	name, tag, digest, err := splitRest(rest)
	if err != nil {
		return Reference{}, err
	}
	if err := checkPath(name); err != nil {
		return Reference{}, err
	}
	r := Reference{Domain: domain, Path: name, Tag: tag, Digest: digest}
	switch {
	case domain == "":
		r.Domain = dockerHub
		fallthrough
	case domain == dockerHub, domain == legacyDockerHub:
		r.Domain = dockerHub
		if strings.IndexByte(name, '/') < 0 {
			r.Path = officialPrefix + name
		}
	case !validDomain(domain):
		// Upstream puts the two halves together again and matches the whole, whose domain is optional: what is no
		// host name may still be the first part of a repository without one.
		if checkPath(domain) != nil {
			return Reference{}, errDomain
		}
		r.Domain, r.Path = "", image[:len(domain)+1+len(name)]
	}
	if len(r.Path) > maxPath {
		return Reference{}, errLong
	}
	return r, nil
}

// splitDomain is splitDockerDomain of distribution/reference's normalize.go; an empty domain means that none was written.
func splitDomain(image string) (domain, rest string) {
	i := strings.IndexByte(image, '/')
	if i < 0 || !looksLikeDomain(image[:i]) {
		return "", image
	}
	return image[:i], image[i+1:]
}

// looksLikeDomain reports whether the text before the first slash is a registry, right or wrong, and no part of the
// repository: a namespace has neither dots nor colons nor capitals.
func looksLikeDomain(s string) bool {
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '.' || c == ':' || 'A' <= c && c <= 'Z' {
			return true
		}
	}
	return s == "localhost"
}

// splitRest splits what follows the domain: name[:tag][@digest]. It checks the tag and the digest.
func splitRest(rest string) (name, tag, digest string, err error) {
	end := strings.IndexAny(rest, ":@")
	if end < 0 {
		return rest, "", "", nil
	}
	name, rest = rest[:end], rest[end:]
	if rest[0] == ':' {
		tag = rest[1:]
		at := strings.IndexByte(tag, '@')
		if at >= 0 {
			tag, rest = tag[:at], tag[at:]
		} else {
			rest = ""
		}
		if !validTag(tag) {
			return "", "", "", errTag
		}
	}
	if rest != "" {
		digest = rest[1:]
		if !validDigest(digest) {
			return "", "", "", errDigest
		}
	}
	return name, tag, digest, nil
}

// checkPath accepts part{/part}, where a part is [a-z0-9]+ joined by ".", "_", "__" or any number of "-".
func checkPath(s string) error {
	for i := 0; ; {
		start := i
		for i < len(s) && isLowerAlnum(s[i]) {
			i++
		}
		switch {
		case i == start:
			if i < len(s) && 'A' <= s[i] && s[i] <= 'Z' {
				return errUpper
			}
			return errPath
		case i == len(s):
			return nil
		}
		switch s[i] {
		case '/', '.':
			i++
		case '_':
			i++
			if i < len(s) && s[i] == '_' {
				i++
			}
		case '-':
			for i < len(s) && s[i] == '-' {
				i++
			}
		default:
			if 'A' <= s[i] && s[i] <= 'Z' {
				return errUpper
			}
			return errPath
		}
	}
}

// validDomain accepts host[:port], where host is a DNS name, an IPv4 address or anything of hexadecimal digits and colons
// between square brackets.
func validDomain(s string) bool {
	host, port, hasPort := splitPort(s)
	if hasPort && !isDigits(port) {
		return false
	}
	if strings.HasPrefix(host, "[") {
		return validBracketed(host)
	}
	for {
		label, rest, more := strings.Cut(host, ".")
		if !validLabel(label) {
			return false
		}
		if !more {
			return true
		}
		host = rest
	}
}

// splitPort splits at the colon that follows the host, which may be in brackets.
func splitPort(s string) (host, port string, ok bool) {
	from := 0
	if strings.HasPrefix(s, "[") {
		if from = strings.IndexByte(s, ']'); from < 0 {
			return s, "", false
		}
	}
	if i := strings.IndexByte(s[from:], ':'); i >= 0 {
		return s[:from+i], s[from+i+1:], true
	}
	return s, "", false
}

func validBracketed(host string) bool {
	if len(host) < 3 || host[len(host)-1] != ']' {
		return false
	}
	for i := 1; i < len(host)-1; i++ {
		c := host[i]
		if c != ':' && !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
			return false
		}
	}
	return true
}

func validLabel(s string) bool {
	if s == "" || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] != '-' && !isAlnum(s[i]) {
			return false
		}
	}
	return true
}

func validTag(s string) bool {
	if s == "" || len(s) > maxTag || s[0] == '.' || s[0] == '-' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '_' && c != '.' && c != '-' && !isAlnum(c) {
			return false
		}
	}
	return true
}

// validDigest knows the algorithms that opencontainers/go-digest registers and Kubernetes links
// (k8s.io/kubernetes/pkg/util/parsers).
func validDigest(s string) bool {
	algorithm, hex, _ := strings.Cut(s, ":")
	switch algorithm {
	case "sha256":
		return len(hex) == 64 && isHex(hex)
	case "sha384":
		return len(hex) == 96 && isHex(hex)
	case "sha512":
		return len(hex) == 128 && isHex(hex)
	}
	return false
}

// explain prefers the cause that a person would name to the rule that was the first to break.
func explain(image string, err error) error {
	switch {
	case image == "":
		return errEmpty
	case strings.ContainsAny(image, " \t\r\n"):
		return errSpace
	case strings.Contains(image, "://"):
		return errScheme
	}
	return err
}

func isLowerAlnum(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

func isAlnum(c byte) bool { return isLowerAlnum(c) || 'A' <= c && c <= 'Z' }

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func isHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return true
}
