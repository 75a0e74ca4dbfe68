package imageref_test

import (
	"strings"
	"testing"

	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/internal/imagetable"
)

func TestParseReadsEveryImageOfTheTableAsKubernetesDoes(t *testing.T) {
	for _, row := range imagetable.Rows(t) {
		r, err := imageref.Parse(row.Image)
		if row.Err != "" {
			if err == nil {
				t.Errorf("Parse(%q) = %+v, want an error (upstream: %s)", row.Image, r, row.Err)
			}
			if r != (imageref.Reference{}) {
				t.Errorf("Parse(%q) = %+v beside its error, want nothing", row.Image, r)
			}
			continue
		}
		if err != nil {
			t.Errorf("Parse(%q): %v", row.Image, err)
			continue
		}
		tag := r.Tag
		if tag == "" && r.Digest == "" {
			tag = "latest"
		}
		got := imagetable.Row{
			Image: row.Image, Repository: r.Repository(), Tag: tag, Digest: r.Digest,
			Container: row.Container, Volume: row.Volume,
		}
		if got != row {
			t.Errorf("Parse(%q)\n got %+v\nwant %+v", row.Image, got, row)
		}
	}
}

func TestParseSplitsDomainAndPath(t *testing.T) {
	long := strings.Repeat("a", 255)
	for image, want := range map[string]imageref.Reference{
		"nginx":                    {Domain: "docker.io", Path: "library/nginx"},
		"team/app:1":               {Domain: "docker.io", Path: "team/app", Tag: "1"},
		"index.docker.io/app":      {Domain: "docker.io", Path: "library/app"},
		"index.docker.io/a/b":      {Domain: "docker.io", Path: "a/b"},
		"Index.docker.io/app":      {Domain: "Index.docker.io", Path: "app"},
		"docker.io:443/app":        {Domain: "docker.io:443", Path: "app"},
		"localhost/a":              {Domain: "localhost", Path: "a"},
		"LOCALHOST/a":              {Domain: "LOCALHOST", Path: "a"},
		"example.com":              {Domain: "docker.io", Path: "library/example.com"},
		"[::1]:5000/a/b:1":         {Domain: "[::1]:5000", Path: "a/b", Tag: "1"},
		"[AB]/a":                   {Domain: "[AB]", Path: "a"},
		"a--b.io/c---d":            {Domain: "a--b.io", Path: "c---d"},
		"a_b.c/d":                  {Domain: "", Path: "a_b.c/d"}, // upstream's quirk: no domain at all
		"a_b.c/d:1":                {Domain: "", Path: "a_b.c/d", Tag: "1"},
		"reg.io/" + long:           {Domain: "reg.io", Path: long},
		strings.Repeat("a", 247):   {Domain: "docker.io", Path: "library/" + strings.Repeat("a", 247)},
		"aB/":                      {}, // an error
		strings.Repeat("a", 248):   {},
		"reg.io/" + long + "a":     {},
		"[::1/a":                   {},
		"[]/a.b":                   {},
		"[::1]x/a":                 {},
		"a_b:5000/d":               {},
		"a.b:/c":                   {},
		"a.b-/c":                   {},
		"a..b/c":                   {},
		"reg.io/a@sha256":          {},
		"reg.io/a\n":               {},
		"reg.io/a:1\n":             {},
		"reg.io/a@SHA256:" + hex64: {},
	} {
		got, err := imageref.Parse(image)
		if got != want || (err != nil) != (want == imageref.Reference{}) {
			t.Errorf("Parse(%q) = %+v, %v, want %+v", image, got, err, want)
		}
	}
}

const hex64 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestParseErrorsNameTheCause(t *testing.T) {
	for image, want := range map[string]string{
		"":                                      "empty",
		" nginx":                                "white space",
		"nginx:1 ":                              "white space",
		"docker://nginx":                        "scheme",
		"ko://github.com/x/y":                   "scheme",
		"Nginx":                                 "lower-case",
		"reg.io/App:1":                          "lower-case",
		"a//b":                                  "single slashes",
		"a___b":                                 "joined by",
		"nginx:":                                "the tag",
		"nginx:v1.0+build":                      "the tag",
		"nginx@sha256:abc":                      "the digest",
		"nginx@md5:" + hex64:                    "the digest",
		hex64:                                   "image ID",
		"-a.b/c":                                "host name",
		"example.com:abc/a:1":                   "host name",
		"g.io/" + hex64 + hex64 + hex64 + hex64: "255",
	} {
		if _, err := imageref.Parse(image); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): %v, want it to say %q", image, err, want)
		}
	}
}

func TestParseAllocatesOnlyForOfficialImages(t *testing.T) {
	for image, want := range map[string]float64{
		"registry.example.com:5000/team/app:1.2@sha256:" + hex64: 0,
		"team/app":             0,
		"docker.io/team/app:1": 0,
		"Not A Reference":      0,
		"nginx:1.27":           1, // library/nginx stands nowhere in it
	} {
		if got := testing.AllocsPerRun(100, func() { imageref.Parse(image) }); got > want {
			t.Errorf("Parse(%q) allocates %v times, want %v", image, got, want)
		}
	}
}

func TestReferenceStringParsesToItself(t *testing.T) {
	for _, row := range imagetable.Rows(t) {
		r, err := imageref.Parse(row.Image)
		if err != nil {
			continue
		}
		if again, err := imageref.Parse(r.String()); err != nil || again != r {
			t.Errorf("Parse(%q) = %+v, %v, want %+v", r.String(), again, err, r)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for name, image := range map[string]string{
		"official": "nginx:1.27",
		"full":     "registry.example.com:5000/team/app:1.2@sha256:" + hex64,
		"invalid":  "registry.example.com/Team/app:1.2",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				imageref.Parse(image)
			}
		})
	}
	b.Run("template", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			imageref.Scan("{{inputs.parameters.registry}}/app:latest")
		}
	})
}
