// Package images makes the images with which the tests of this module compare pullable to upstream.
package images

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pullable/pullable/pkg/internal/imagetable"
)

// A Generator makes images: some by the grammar, some off it by a little. Equal seeds make equal images.
type Generator struct {
	*rand.Rand
	// Seeds are the images of the table.
	Seeds []string
}

// NewGenerator returns a generator.
func NewGenerator(t testing.TB, seed uint64) *Generator {
	g := &Generator{Rand: rand.New(rand.NewPCG(seed, 0))}
	for _, row := range imagetable.Rows(t) {
		g.Seeds = append(g.Seeds, row.Image)
	}
	return g
}

const hex64 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

var (
	domains = []string{"", "", "", "docker.io/", "index.docker.io/", "registry-1.docker.io/", "Docker.io/", "localhost/", "localhost:5000/",
		"LOCALHOST/", "REG/", "reg/", "reg:5000/", "reg.example.com/", "reg.example.com:443/", "a-b.c--d/", "10.0.0.1:5000/", "[::1]/", "[::1]:5000/",
		"[2001:DB8::1]:80/", "[ABC]/", "[abc]/", "a_b.c/", "a__b.c/", "a.-b/", "-a.b/", "a.b-/", "a..b/", ".a/", "a./", "a.b:/", "a.b:x/", "a.b:1:2/", "é.io/"}
	parts      = []string{"a", "app", "library", "nginx", "0", "a.b", "a_b", "a__b", "a-b", "a---b", "a1.b2_c3__d4-e5", hex64}
	wrongParts = []string{"", "A", "App", "a..b", "a___b", "a_-b", "-a", "a-", "_a", "a_", ".a", "a.", "a b", "é", "a+b", "a~b"}
	tags       = []string{"", "", ":latest", ":latest", ":1", ":1.27", ":LATEST", ":_", ":a.b-c_d", ":v1", ":5000"}
	wrongTags  = []string{":", ":.a", ":-a", ":a+b", ":a:b", ":a/b", ":é", ":a ", ":" + hex64 + hex64 + "a"}
	digests    = []string{"", "", "", "@sha256:" + hex64, "@sha384:" + hex64 + hex64[:32], "@sha512:" + hex64 + hex64}
	wrongs     = []string{"@", "@sha256", "@sha256:", "@sha256:abc", "@sha256:" + hex64 + "a", "@sha256:" + hex64[:63], "@sha512:" + hex64,
		"@SHA256:" + hex64, "@sha256:" + hex64[:63] + "A", "@md5:" + hex64[:32], "@sha256+b64:" + hex64, "@sha1:" + hex64[:40], "@sha256:" + hex64 + "@sha256:" + hex64, "@x.y-z:" + hex64}
	pieces = []string{"/", ":", "@", ".", "-", "_", "__", "--", "A", "Z", "a", "0", " ", "\n", "\t", "[", "]", "{{x}}", "$X", "é", "\xff", "\x00",
		"docker.io/", "index.docker.io/", "library/", "localhost/", ":latest", ":5000", "@sha256:", "@sha256:" + hex64, hex64, strings.Repeat("a", 250), "İ"}
)

func (g *Generator) of(list []string) string { return list[g.IntN(len(list))] }

// ByGrammar makes a reference that mostly parses.
func (g *Generator) ByGrammar() string {
	s := g.of(domains)
	for n := 1 + g.IntN(3); n > 0; n-- {
		part := g.of(parts)
		switch g.IntN(40) {
		case 0:
			part = g.of(wrongParts)
		case 1:
			part = strings.Repeat(part, 1+g.IntN(260/len(part)))
		}
		s += part
		if n > 1 {
			s += "/"
		}
	}
	if g.IntN(40) == 0 {
		s += g.of(wrongTags)
	} else {
		s += g.of(tags)
	}
	if g.IntN(40) == 0 {
		return s + g.of(wrongs)
	}
	return s + g.of(digests)
}

// Mutant changes a seed, or a reference of the grammar, in a few places.
func (g *Generator) Mutant() string {
	s := g.of(g.Seeds)
	if g.IntN(2) == 0 {
		s = g.ByGrammar()
	}
	for n := 1 + g.IntN(3); n > 0; n-- {
		i := g.IntN(len(s) + 1)
		j := min(len(s), i+g.IntN(4))
		switch g.IntN(5) {
		case 0: // cut
			s = s[:i] + s[j:]
		case 1, 2: // put in
			s = s[:i] + g.of(pieces) + s[i:]
		case 3: // put in the place of something
			s = s[:i] + g.of(pieces) + s[j:]
		case 4: // cross
			other := g.of(g.Seeds)
			s = s[:i] + other[g.IntN(len(other)+1):]
		}
	}
	return s
}

// Corpus returns the images of the table and the parts of the grammar, right and wrong, in a few surroundings.
func Corpus(t testing.TB) []string {
	var corpus []string
	for _, row := range imagetable.Rows(t) {
		corpus = append(corpus, row.Image)
	}
	for _, list := range [][]string{domains, parts, wrongParts, tags, wrongTags, digests, wrongs, pieces} {
		for _, s := range list {
			corpus = append(corpus, s, "a/"+s, "reg.io/a"+s, s+"a:1")
		}
	}
	return corpus
}
