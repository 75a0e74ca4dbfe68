package imageref_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/internal/imagetable"
)

func TestPatternsMatchWhatTheyName(t *testing.T) {
	for _, tc := range []struct {
		because string
		pattern string
		match   []string
		differ  []string
	}{
		{
			because: "a host alone is everything of that registry, and of no other",
			pattern: "reg.example.com",
			match:   []string{"reg.example.com/a", "reg.example.com/a/b:1", "reg.example.com/a@sha256:" + hex64},
			differ:  []string{"reg.example.com.evil.io/a", "a.reg.example.com/a", "example.com/a", "nginx", "reg.example.com", "reg/example.com"},
		},
		{
			because: "ports are equal or absent on both sides",
			pattern: "reg.example.com:5000/a",
			match:   []string{"reg.example.com:5000/a"},
			differ:  []string{"reg.example.com/a", "reg.example.com:5001/a", "reg.example.com:500/a"},
		},
		{
			because: "an absent port is not the default one",
			pattern: "reg.example.com",
			differ:  []string{"reg.example.com:443/a", "reg.example.com:80/a"},
		},
		{
			because: "a path is a prefix that ends at a slash",
			pattern: "reg.example.com/cache",
			match:   []string{"reg.example.com/cache", "reg.example.com/cache:1", "reg.example.com/cache/x", "reg.example.com/cache/x/y:1"},
			differ:  []string{"reg.example.com/cache-busting", "reg.example.com/cachex/y", "reg.example.com/a/cache", "reg.example.com/ca"},
		},
		{
			because: "a slash at the end says nothing",
			pattern: "reg.example.com/cache/",
			match:   []string{"reg.example.com/cache", "reg.example.com/cache/x"},
			differ:  []string{"reg.example.com/cache-busting"},
		},
		{
			because: "a * in a label does not reach over a dot",
			pattern: "*.example.com/team",
			match:   []string{"reg.example.com/team/app", "REG.example.com/team"},
			differ:  []string{"example.com/team", "a.b.example.com/team", "reg.example.org/team", "reg.example.com/teams"},
		},
		{
			because: "a * may be a part of a label",
			pattern: "*-docker.pkg.dev/p",
			match:   []string{"europe-docker.pkg.dev/p/a", "us-east1-docker.pkg.dev/p"},
			differ:  []string{"docker.pkg.dev/p/a", "europe-docker.x.pkg.dev/p/a"},
		},
		{
			because: "each * has its own label",
			pattern: "*.dkr.ecr.*.amazonaws.com",
			match:   []string{"123456789012.dkr.ecr.eu-west-1.amazonaws.com/a"},
			differ:  []string{"dkr.ecr.eu-west-1.amazonaws.com/a", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a"},
		},
		{
			because: "the host has no case, the path has",
			pattern: "GHCR.io/org",
			match:   []string{"ghcr.io/org/a", "Ghcr.IO/org"},
			differ:  []string{"ghcr.io/Org/a"}, // which is no reference
		},
		{
			because: "Docker Hub is one registry under its names",
			pattern: "docker.io",
			match:   []string{"nginx", "team/app", "docker.io/nginx", "index.docker.io/team/app:1", "registry-1.docker.io/library/nginx", "registry.hub.docker.com/library/nginx", "Docker.io/a/b"},
			differ:  []string{"quay.io/nginx", "docker.io:443/nginx", "docker.com/a", "localhost/nginx"},
		},
		{
			because: "Docker Hub may be named by any of its names",
			pattern: "registry-1.docker.io/library",
			match:   []string{"nginx", "index.docker.io/nginx", "docker.io/library/nginx"},
			differ:  []string{"team/app"},
		},
		{
			because: "a glob that matches one name of Docker Hub matches Docker Hub",
			pattern: "*.docker.io/team",
			match:   []string{"team/app", "mirror.docker.io/team/app"},
			differ:  []string{"nginx"},
		},
		{
			because: "docker.io/nginx is what an image of that name is, and what is below it",
			pattern: "docker.io/nginx",
			match:   []string{"nginx", "docker.io/nginx:1", "library/nginx", "nginx/unit"},
			differ:  []string{"nginxinc/nginx", "nginx-extras", "library/nginx/x", "quay.io/library/nginx"},
		},
		{
			because: "localhost is a host, with a port or without",
			pattern: "localhost",
			match:   []string{"localhost/a"},
			differ:  []string{"localhost:5000/a", "localhost"},
		},
		{
			because: "with a port, one label is a host",
			pattern: "registry:5000",
			match:   []string{"registry:5000/a"},
			differ:  []string{"registry/a", "registry:5000"},
		},
		{
			because: "with a port, one * is every host of one label",
			pattern: "*:5000",
			match:   []string{"registry:5000/a", "localhost:5000/a"},
			differ:  []string{"reg.io:5000/a", "registry:5001/a"},
		},
		{
			because: "an IPv6 address is a host",
			pattern: "[::1]:5000/a",
			match:   []string{"[::1]:5000/a/b"},
			differ:  []string{"[::1]/a/b", "[::2]:5000/a/b"},
		},
		{
			because: "with placeholders, host and path must be literal as far as the pattern goes",
			pattern: "reg.example.com/team",
			match:   []string{"reg.example.com/team/{{app}}", "reg.example.com/team/{{app}}:1", "reg.example.com/team:{{tag}}", "reg.example.com/team/a/b@{{digest}}"},
			differ: []string{"reg.example.com/{{team}}/app", "reg.example.com/team{{x}}/app", "{{reg}}/team/app", "{{image}}",
				"reg.example.com{{port}}/team/app", "reg.example.com:{{port}}/team/app", "reg.example.com/team/{{app}}:1 "},
		},
		{
			because: "with placeholders in the path, a host is enough for a host",
			pattern: "*.example.com",
			match:   []string{"reg.example.com/{{image}}", "reg.example.com/${A}/b:1"},
			differ:  []string{"$REG.example.com/a", "reg.{{domain}}/a"},
		},
		{
			because: "an image without a registry is Docker Hub's, with placeholders too",
			pattern: "docker.io/library",
			match:   []string{"nginx:{{tag}}", "library/{{app}}:1"},
			differ:  []string{"docker.io/{{app}}", "{{app}}", "nginx{{x}}"},
		},
		{
			because: "what is no reference matches nothing",
			pattern: "reg.example.com",
			differ:  []string{"", "docker://reg.example.com/a", "reg.example.com/App", "reg.example.com/{{x}}/App", "reg.example.com/"},
		},
		{
			because: "a first part that is no host name is no host",
			pattern: "a*b.c",
			match:   []string{"axb.c/d"},
			differ:  []string{"a_b.c/d", "a_b.c/{{d}}"},
		},
	} {
		t.Run(tc.because, func(t *testing.T) {
			p, err := imageref.ParsePattern(tc.pattern)
			if err != nil {
				t.Fatal(err)
			}
			if p.String() != tc.pattern {
				t.Errorf("String() = %q, want %q", p, tc.pattern)
			}
			for _, image := range tc.match {
				if !p.MatchesImage(image) {
					t.Errorf("%s does not match %s", p, image)
				}
			}
			for _, image := range tc.differ {
				if p.MatchesImage(image) {
					t.Errorf("%s matches %s", p, image)
				}
			}
		})
	}
}

func TestTheZeroPatternMatchesNothing(t *testing.T) {
	for _, row := range imagetable.Rows(t) {
		if (imageref.Pattern{}).MatchesImage(row.Image) {
			t.Errorf("it matches %q", row.Image)
		}
	}
}

func TestParsePatternRefusesWhatCanNeverMatchAndSaysTheWayOut(t *testing.T) {
	for pattern, want := range map[string]string{
		"":                                 "leave the list out",
		"a.io, b.io":                       "each pattern as an item of its own",
		" a.io":                            "white space",
		"https://a.io/x":                   `write "a.io/x"`,
		"oci://a.io":                       `write "a.io"`,
		"a.io/x@sha256:" + hex64:           `write "a.io/x"`,
		"a.io/x:1":                         `write "a.io/x"`,
		"a.io/x:*":                         `write "a.io"`,
		"a.io/team/*":                      `write "a.io/team"`,
		"a.io/*":                           `write "a.io"`,
		"a.io/team/ap?":                    `write "a.io/team"`,
		"a.io:*/x":                         "one pattern for each port",
		"a.io:/x":                          "no number",
		"a.io:http/x":                      "no number",
		"nginx:latest":                     `write "docker.io/library/nginx"`,
		"nginx":                            `write "docker.io/library/nginx"`,
		"team/app":                         `write "docker.io/team/app"`,
		"team/app:1":                       `write "docker.io/team/app"`,
		"*":                                "leave the list out",
		"*/team":                           "*.example.com",
		"a?.io":                            "only *",
		".example.com":                     `write "*.example.com"`,
		"a..io":                            "labels",
		"a.io.":                            "labels",
		"-a.io":                            "labels",
		"a_b.io":                           "labels",
		"mün.chen":                         "labels",
		"a.io/App":                         `write "a.io/app"`,
		"a.io//x":                          "single slashes",
		"a.io/x//":                         "single slashes",
		"a.io/a___b":                       "joined by",
		"/x":                               "no host",
		":5000/x":                          "no host",
		"[::g]/x":                          "IPv6",
		"[::1/x":                           "IPv6",
		"{{reg}}/x":                        "placeholder",
		"a.io/$TEAM":                       "placeholder",
		"index.docker.io/v1/":              `write "index.docker.io"`,
		"a.io/" + strings.Repeat("a", 256): "255",
	} {
		p, err := imageref.ParsePattern(pattern)
		if err == nil {
			t.Errorf("ParsePattern(%q) is accepted", pattern)
			continue
		}
		if p != (imageref.Pattern{}) {
			t.Errorf("ParsePattern(%q) = %+v beside its error", pattern, p)
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("ParsePattern(%q): %v\nwant it to say %q", pattern, err, want)
		}
		if pattern != "" && !strings.Contains(err.Error(), fmt.Sprintf("%q", pattern)) {
			t.Errorf("ParsePattern(%q) does not name the pattern: %v", pattern, err)
		}
	}
}

func TestTheWayOutOfAPatternErrorIsAPattern(t *testing.T) {
	for _, pattern := range []string{"https://a.io/x", "a.io/x:1", "a.io/team/*", "nginx:latest", "nginx", "team/app:1", ".example.com", "a.io/App", "index.docker.io/v1/"} {
		_, err := imageref.ParsePattern(pattern)
		if err == nil {
			t.Fatalf("ParsePattern(%q) is accepted", pattern)
		}
		_, rest, found := strings.Cut(err.Error(), `write "`)
		advice, _, _ := strings.Cut(rest, `"`)
		if _, err := imageref.ParsePattern(advice); !found || err != nil {
			t.Errorf("ParsePattern(%q) says to write %q, but: %v", pattern, advice, err)
		}
	}
}

func TestEveryPatternMadeOfAnImageMatchesIt(t *testing.T) {
	for _, row := range imagetable.Rows(t) {
		r, err := imageref.Parse(row.Image)
		if err != nil {
			continue
		}
		p, err := imageref.ParsePattern(r.Repository())
		if err != nil {
			t.Errorf("ParsePattern(%q): %v", r.Repository(), err)
			continue
		}
		if !p.Matches(r) || !p.MatchesImage(row.Image) {
			t.Errorf("%s does not match %s", p, row.Image)
		}
	}
}

func TestAPatternThatMatchesATemplateMatchesWhatItBecomes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	of := func(list []string) string { return list[r.IntN(len(list))] }
	patterns := []imageref.Pattern{}
	for _, s := range []string{"reg.io", "reg.io/team", "reg.io/team/app", "*.io/team", "reg.io:5000/team", "docker.io", "docker.io/team", "docker.io/library"} {
		p, err := imageref.ParsePattern(s)
		if err != nil {
			t.Fatal(err)
		}
		patterns = append(patterns, p)
	}
	// X stands for a placeholder.
	hosts := []string{"reg.io/", "reg.io:5000/", "reg.io:X/", "X.io/", "reg.ioX/", "X/", "docker.io/", "index.docker.io/", "team/", ""}
	paths := []string{"team/", "teamX/", "team/X/", "X/", "Xteam/", "library/", ""}
	ends := []string{"app", "X", "appX", "app:1", "app:X", "app@X", "X:1", "team:X"}
	fillings := []string{"", "a", "team", "team/app", "reg", "reg.io", "5000", ":5000", "/team", "-x", "1", "sha256:" + hex64, ":1", "/"}
	held := 0
	for range 200_000 {
		template := of(hosts) + of(paths) + of(ends)
		image := template
		for strings.Contains(image, "X") {
			image = strings.Replace(image, "X", of(fillings), 1)
		}
		if !strings.Contains(template, "/") && strings.Contains(image, "/") {
			continue // what looks like a tag was a port: app:X became app:5000/x, which we take nobody to mean
		}
		if _, err := imageref.Parse(image); err != nil {
			continue
		}
		for _, p := range patterns {
			if p.MatchesImage(strings.ReplaceAll(template, "X", "{{x}}")) {
				if !p.MatchesImage(image) {
					t.Fatalf("%s matches the template %s, but not %s", p, template, image)
				}
				held++
			}
		}
	}
	if held < 1000 {
		t.Errorf("only %d templates were compared", held)
	}
}

func TestGlob(t *testing.T) {
	for _, tc := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "", false}, {"*", "", true}, {"*", "abc", true}, {"?", "", false},
		{"latest", "latest", true}, {"latest", "Latest", false}, {"latest", "latest-1", false},
		{"*-snapshot", "1.0-snapshot", true}, {"*-snapshot", "-snapshot", true}, {"*-snapshot", "1.0-snapshot-2", false},
		{"1.?", "1.2", true}, {"1.?", "1.22", false}, {"1.*", "1.", true}, {"1.*", "12", false},
		{"*a*b*", "xxaxxbxx", true}, {"*a*b*", "xxbxxaxx", false}, {"a*a", "a", false}, {"a*a", "aa", true},
		{"a**b", "ab", true}, {"*aab", "aaaab", true}, {"*?", "", false}, {"*?", "a", true}, {"?*?", "ab", true}, {"?*?", "a", false},
		{"[ab]", "a", false}, {"[ab]", "[ab]", true}, {`\*`, `\x`, true}, {"m?nchen", "münchen", true},
	} {
		if got := imageref.Glob(tc.pattern, tc.s); got != tc.want {
			t.Errorf("Glob(%q, %q) = %v, want %v", tc.pattern, tc.s, got, tc.want)
		}
	}
}

func TestGlobTakesNoExponentialTime(t *testing.T) {
	if imageref.Glob(strings.Repeat("*a", 1000)+"b", strings.Repeat("a", 10000)) {
		t.Error("it matches")
	}
}

func BenchmarkMatches(b *testing.B) {
	p, err := imageref.ParsePattern("*.example.com/team")
	if err != nil {
		b.Fatal(err)
	}
	r, err := imageref.Parse("registry.example.com/team/app:1.2")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if !p.Matches(r) {
			b.Fatal("no match")
		}
	}
}
