// Package reference_test holds our reference parser against upstream's. It is a package of its own so that fuzzing it does
// not build Kubernetes with instruments: go test -fuzz=. ./reference
package reference_test

import (
	_ "crypto/sha256" // what Kubernetes links, so that upstream knows these algorithms
	_ "crypto/sha512"
	"testing"

	"github.com/distribution/reference"

	"github.com/pullable/pullable/pkg/conformance/internal/images"
	"github.com/pullable/pullable/pkg/imageref"
)

// checkParse holds our parser against upstream's, and reports whether they accept the image.
func checkParse(t *testing.T, image string) bool {
	t.Helper()
	got, err := imageref.Parse(image)
	named, upstreamErr := reference.ParseNormalizedNamed(image)
	if upstreamErr != nil {
		if err == nil {
			t.Errorf("Parse(%q) = %+v, upstream says: %v", image, got, upstreamErr)
		}
		return false
	}
	want := imageref.Reference{Domain: reference.Domain(named), Path: reference.Path(named)}
	if tagged, ok := named.(reference.Tagged); ok {
		want.Tag = tagged.Tag()
	}
	if digested, ok := named.(reference.Digested); ok {
		want.Digest = digested.Digest().String()
	}
	if err != nil || got != want {
		t.Errorf("Parse(%q)\n     got %+v, %v\nupstream %+v", image, got, err, want)
		return true
	}
	if got.Repository() != named.Name() || got.String() != named.String() {
		t.Errorf("Parse(%q) is %s of %s, upstream %s of %s", image, got, got.Repository(), named, named.Name())
	}
	return true
}

func FuzzParseEqualsDistributionReference(f *testing.F) {
	for _, image := range images.Corpus(f) {
		f.Add(image)
	}
	f.Fuzz(func(t *testing.T, image string) { checkParse(t, image) })
}

func TestParseEqualsDistributionReferenceOnGeneratedImages(t *testing.T) {
	g := images.NewGenerator(t, 1)
	const n = 200_000
	accepted := 0
	for range n / 2 {
		for _, image := range []string{g.ByGrammar(), g.Mutant()} {
			if checkParse(t, image) {
				accepted++
			}
			if t.Failed() {
				return // one difference is enough to read
			}
		}
	}
	if accepted < n/5 || accepted > n*4/5 {
		t.Errorf("upstream accepts %d of %d images: the generator is too kind or too wild", accepted, n)
	}
	t.Logf("upstream accepts %d of %d images", accepted, n)
}
