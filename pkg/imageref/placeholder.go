package imageref

import "strings"

// State says what an image's text tells of its tag.
type State uint8

const (
	// Invalid is no reference, nor would it become one with plain words in the place of its placeholders. The API server
	// takes it for a tag other than latest.
	Invalid State = iota
	// Unknown is an image whose tag is, or may come out of, a placeholder.
	Unknown
	// Untagged has neither tag nor digest, which the cluster reads as the tag latest.
	Untagged
	// Tagged has a tag in literal text, and no digest.
	Tagged
	// Pinned has a digest and no tag.
	Pinned
	// TaggedAndPinned has both; the API server goes by the tag.
	TaggedAndPinned
)

func (s State) String() string {
	switch s {
	case Invalid:
		return "Invalid"
	case Unknown:
		return "Unknown"
	case Untagged:
		return "Untagged"
	case Tagged:
		return "Tagged"
	case Pinned:
		return "Pinned"
	case TaggedAndPinned:
		return "TaggedAndPinned"
	}
	return "State(?)"
}

// HasPlaceholder reports whether a template engine has yet to fill in a part of the image. No image that [Parse] accepts
// holds a placeholder.
//
// Placeholders are {…} and {{…}} (Argo, Helm, Jinja), ${…} and $NAME (shells, OpenShift, Flux), $(…) (Tekton, kustomize
// vars), $[…] and #{…}# (GitLab, Azure), <…> (Argo CD vault plugin, prose), %…% and @…@ (Maven and others). Brackets nest, and
// brackets in quotes do not count: {{=sprig.trim("}}")}} is one placeholder.
func HasPlaceholder(image string) bool {
	return nextPlaceholder(image, 0).end > 0
}

// TagOf returns the tag, if it is literal text, and the state that says how to read an empty one.
func TagOf(image string) (tag string, state State) {
	r, state := Scan(image)
	return r.Tag, state
}

// Scan reads an image that may hold placeholders, and returns what is literal text in it: the domain only if all of it
// is, the path up to the first part that is not (it then ends with "/", or is empty), the tag and the digest if they are.
//
// A placeholder counts as opaque text of its own place: one in the last part of the path may bring a tag (reg/{{app}} is
// [Unknown]), one before it can not ({{reg}}/app is [Untagged]), nor can one after the @. Where a tag follows the last
// part, that is the tag ({{image}}:latest).
func Scan(image string) (Reference, State) {
	r, err := parse(image)
	if err == nil {
		return r, stateOf(r.Tag != "", r.Digest != "")
	}
	first := nextPlaceholder(image, 0)
	if first.end == 0 {
		return Reference{}, Invalid
	}
	return scanTemplate(image, first)
}

func stateOf(tag, digest bool) State {
	switch {
	case tag && digest:
		return TaggedAndPinned
	case tag:
		return Tagged
	case digest:
		return Pinned
	}
	return Untagged
}

// scanTemplate finds the parts of the image by the separators that stand outside its placeholders.
func scanTemplate(image string, first span) (Reference, State) {
	var (
		firstSlash = -1         // the end of the first part
		lastStart  = 0          // the start of the last part of the path
		colon      = -1         // of the tag: the first one in the last part
		at         = len(image) // of the digest
		inLast     = false      // a placeholder in the last part, before its colon
		inTag      = false
		inDigest   = false
		filled     strings.Builder
	)
	next := first
	for i := 0; i < len(image); i++ {
		if i == next.start && next.end > 0 {
			switch {
			case at < len(image):
				inDigest = true
			case colon >= 0:
				inTag = true
			default:
				inLast = true
			}
			// A digit is right in every place: host, port, repository, tag.
			filled.WriteByte('0')
			i = next.end - 1
			next = nextPlaceholder(image, next.end)
			continue
		}
		c := image[i]
		filled.WriteByte(c)
		if at < len(image) {
			continue
		}
		switch c {
		case '/':
			if firstSlash < 0 {
				firstSlash = i
			}
			lastStart, colon, inLast, inTag = i+1, -1, false, false
		case ':':
			if colon < 0 {
				colon = i
			}
		case '@':
			at = i
		}
	}

	// What can not be a reference with something harmless in the place of the placeholders is taken for none at all.
	model := filled.String()
	if inDigest {
		model = model[:strings.IndexByte(model, '@')]
	}
	if _, err := parse(model); err != nil && err != errIdentifier && err != errLong {
		return Reference{}, Invalid
	}

	var r Reference
	r.Domain, r.Path = literalRepository(image, first.start, firstSlash, lastStart, colon, at)
	hasTag := colon >= 0
	hasDigest := at < len(image)
	if hasDigest && !inDigest {
		r.Digest = image[at+1:]
	}
	if inTag || inLast && !hasTag {
		return r, Unknown
	}
	if hasTag {
		r.Tag = image[colon+1 : at]
	}
	return r, stateOf(hasTag, hasDigest)
}

// literalRepository returns the domain, and as many parts of the path as are literal, of an image whose first placeholder
// starts at the given offset.
func literalRepository(image string, placeholder, firstSlash, lastStart, colon, at int) (domain, path string) {
	end := at // of the repository
	if colon >= 0 {
		end = colon
	}
	if placeholder > end {
		// Only the tag or the digest is open. Any tag will do in its place; without one, a name of 64 hexadecimal
		// digits would not parse.
		r, err := parse(image[:end] + ":0")
		if err != nil {
			return "", ""
		}
		return r.Domain, r.Path
	}
	if firstSlash < 0 || placeholder < firstSlash {
		return "", ""
	}
	known := image[:strings.LastIndexByte(image[:placeholder], '/')+1]
	domain, path = splitDomain(known)
	switch {
	case domain == "", domain == legacyDockerHub:
		return dockerHub, path
	case !validDomain(domain):
		return "", known
	}
	return domain, path
}

// span is a placeholder's place; the zero span is none.
type span struct{ start, end int }

// nextPlaceholder finds the first placeholder at or after the offset.
func nextPlaceholder(s string, from int) span {
	for i := from; i < len(s); i++ {
		var end int
		switch s[i] {
		case '{':
			end = bracketed(s, i, '{', '}')
		case '<':
			if strings.HasPrefix(s[i:], "<%") {
				end = after(s, i+2, "%>")
			} else {
				end = bracketed(s, i, '<', '>')
			}
		case '$':
			end = dollar(s, i)
		case '#':
			if strings.HasPrefix(s[i:], "#{") {
				end = bracketed(s, i+1, '{', '}')
				if end > 0 && end < len(s) && s[end] == '#' {
					end++
				}
			}
		case '%', '@':
			end = delimited(s, i)
		}
		if end > 0 {
			return span{i, end}
		}
	}
	return span{}
}

// dollar reads what follows one dollar or more: $${NAME} is an escape of one engine and a placeholder of the next.
func dollar(s string, i int) int {
	for i+1 < len(s) && s[i+1] == '$' {
		i++
	}
	if i+1 == len(s) {
		return 0
	}
	switch s[i+1] {
	case '{':
		return bracketed(s, i+1, '{', '}')
	case '(':
		return bracketed(s, i+1, '(', ')')
	case '[':
		return bracketed(s, i+1, '[', ']')
	}
	j := i + 1
	for j < len(s) && (isAlnum(s[j]) || s[j] == '_') {
		j++
	}
	if j == i+1 {
		return 0
	}
	return j
}

// bracketed returns the offset behind the bracket that closes the one at i, or 0. Where quotes or nesting do not work out
// ({{ it's }}), the first run of closing brackets as long as the opening one is taken.
func bracketed(s string, i int, open, closing byte) int {
	depth := 0
	for j := i; j < len(s); j++ {
		switch c := s[j]; c {
		case open:
			depth++
		case closing:
			if depth--; depth == 0 {
				return j + 1
			}
		case '"', '\'', '`':
			end := quoted(s, j)
			if end == 0 {
				return unquoted(s, i, open, closing)
			}
			j = end - 1
		}
	}
	return unquoted(s, i, open, closing)
}

func unquoted(s string, i int, open, closing byte) int {
	n := 1
	if i+1 < len(s) && s[i+1] == open {
		n = 2
	}
	return after(s, i+n, strings.Repeat(string(closing), n))
}

// quoted returns the offset behind the quote that closes the one at i, or 0.
func quoted(s string, i int) int {
	for j := i + 1; j < len(s); j++ {
		switch {
		case s[j] == s[i]:
			return j + 1
		case s[j] == '\\' && s[i] != '`':
			j++
		}
	}
	return 0
}

// after returns the offset behind the first occurrence of a text, or 0.
func after(s string, from int, text string) int {
	if i := strings.Index(s[from:], text); i >= 0 {
		return from + i + len(text)
	}
	return 0
}

// delimited returns the offset behind a name between two of the characters at i, or 0. Digits alone are no name, and a
// single @ starts a digest.
func delimited(s string, i int) int {
	letters := false
	for j := i + 1; j < len(s); j++ {
		c := s[j]
		switch {
		case c == s[i]:
			if letters {
				return j + 1
			}
			return 0
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_':
			letters = true
		case isAlnum(c), c == '.', c == '-':
		default:
			return 0
		}
	}
	return 0
}
