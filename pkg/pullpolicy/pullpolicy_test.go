package pullpolicy_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pullable/pullable/pkg/imageref"
	"github.com/pullable/pullable/pkg/internal/imagetable"
	"github.com/pullable/pullable/pkg/pullpolicy"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestWithoutRulesEveryImageOfTheTableGetsTheAPIServersPolicy(t *testing.T) {
	decided := 0
	for _, row := range imagetable.Rows(t) {
		image := row.Image
		got := pullpolicy.Rules{}.Decide(image)
		if got.Reason == "" || got.ByRule {
			t.Errorf("Decide(%q) = %+v, want a reason and no rule", image, got)
		}
		if row.Err == "" {
			decided++
			if got.Policy != pullpolicy.Policy(row.Container) || got.Unknown != pullpolicy.Known || row.Container != row.Volume {
				t.Errorf("Decide(%q) = %+v, the API server says %s and for image volumes %s", image, got, row.Container, row.Volume)
			}
		} else if !imageref.HasPlaceholder(image) && (got.Policy != "" || got.Unknown != pullpolicy.Invalid) {
			t.Errorf("Decide(%q) = %+v, want it left alone as invalid", image, got)
		}
	}
	if decided < 47 {
		t.Errorf("only %d images of the table were decided, want at least 47", decided)
	}
}

func TestDecisionsSayWhy(t *testing.T) {
	moving := pullpolicy.Rules{MovingTags: []string{"*-snapshot", "nightly"}}
	for name, tc := range map[string]struct {
		rules pullpolicy.Rules
		image string
		want  pullpolicy.Decision
	}{
		"no tag means latest": {
			image: "nginx",
			want:  pullpolicy.Decision{Policy: "Always", Reason: "image has no tag, which means latest"},
		},
		"the tag latest is Always": {
			image: "nginx:latest",
			want:  pullpolicy.Decision{Policy: "Always", Reason: "image has the tag latest"},
		},
		"the tag latest is Always beside a digest": {
			image: "nginx:latest@" + digest,
			want:  pullpolicy.Decision{Policy: "Always", Reason: "image has the tag latest, by which the API server goes even beside a digest"},
		},
		"another tag is IfNotPresent": {
			image: "nginx:1.27",
			want:  pullpolicy.Decision{Policy: "IfNotPresent", Reason: "image has a tag other than latest"},
		},
		"a digest is IfNotPresent": {
			image: "nginx@" + digest,
			want:  pullpolicy.Decision{Policy: "IfNotPresent", Reason: "image is pinned by a digest"},
		},
		"another tag beside a digest is IfNotPresent": {
			image: "nginx:1.27@" + digest,
			want:  pullpolicy.Decision{Policy: "IfNotPresent", Reason: "image is pinned by a digest and its tag is not latest"},
		},
		"a moving tag is Always": {
			rules: moving, image: "app:1.0-snapshot",
			want: pullpolicy.Decision{Policy: "Always", Reason: `image has the tag 1.0-snapshot, which pullPolicy.movingTags lists as "*-snapshot"`},
		},
		"a moving tag does not move where a digest is given": {
			rules: moving, image: "app:nightly@" + digest,
			want: pullpolicy.Decision{Policy: "IfNotPresent", Reason: "image is pinned by a digest and its tag is not latest"},
		},
		"moving tags come in addition to latest": {
			rules: moving, image: "app",
			want: pullpolicy.Decision{Policy: "Always", Reason: "image has no tag, which means latest"},
		},
		"a literal moving tag behind a placeholder is Always": {
			rules: moving, image: "{{image}}:nightly",
			want: pullpolicy.Decision{Policy: "Always", Reason: `image has the tag nightly, which pullPolicy.movingTags lists as "nightly"`},
		},
		"a literal tag behind a placeholder decides": {
			image: "{{reg}}/app:1.2",
			want:  pullpolicy.Decision{Policy: "IfNotPresent", Reason: "image has a tag other than latest"},
		},
		"a literal missing tag behind a placeholder decides": {
			image: "{{reg}}/app",
			want:  pullpolicy.Decision{Policy: "Always", Reason: "image has no tag, which means latest"},
		},
		"a tag from a placeholder is left alone": {
			rules: moving, image: "app:{{tag}}",
			want: pullpolicy.Decision{Unknown: "placeholder", Reason: "image has a placeholder where its tag is or may be"},
		},
		"what does not parse is left alone, and the reason says what is wrong": {
			image: "Nginx",
			want:  pullpolicy.Decision{Unknown: "invalid", Reason: "image is not a valid reference: the repository must be lower-case"},
		},
		"a template that can not become a reference is left alone": {
			image: "docker://{{image}}",
			want:  pullpolicy.Decision{Unknown: "invalid", Reason: "image is not a valid reference, nor will it be one with its placeholders filled in"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.rules.Decide(tc.image); got != tc.want {
				t.Errorf("Decide(%q)\n got %+v\nwant %+v", tc.image, got, tc.want)
			}
		})
	}
}

func TestTheFirstRuleThatMatchesDecidesAheadOfTheTag(t *testing.T) {
	cache := patterns(t, "registry.example.com/cache", "*.mirror.example.com")
	for name, tc := range map[string]struct {
		rules []pullpolicy.Rule
		want  map[string]pullpolicy.Policy // empty: left alone
	}{
		"no lists match everything that is a reference": {
			rules: []pullpolicy.Rule{{Policy: "Never"}},
			want: map[string]pullpolicy.Policy{
				"nginx": "Never", "nginx:1": "Never", "nginx@" + digest: "Never", "app:{{tag}}": "Never", "{{image}}": "Never",
				"Nginx": "", "docker://nginx": "", "": "",
			},
		},
		"one of the images has to match": {
			rules: []pullpolicy.Rule{{Images: cache, Policy: "Never"}},
			want: map[string]pullpolicy.Policy{
				"registry.example.com/cache/app": "Never", "a.mirror.example.com/app:1": "Never",
				"registry.example.com/app": "Always", "registry.example.com/cache-busting:1": "IfNotPresent",
			},
		},
		"one of the tags has to match, and a missing one is latest": {
			rules: []pullpolicy.Rule{{Tags: []string{"lat*", "?"}, Policy: "Never"}},
			want: map[string]pullpolicy.Policy{
				"nginx": "Never", "nginx:latest": "Never", "nginx:1": "Never", "nginx:1@" + digest: "Never", "{{reg}}/app": "Never",
				"nginx:12": "IfNotPresent",
			},
		},
		"a digest without a tag matches no tag": {
			rules: []pullpolicy.Rule{{Tags: []string{"*"}, Policy: "Never"}},
			want: map[string]pullpolicy.Policy{
				"nginx@" + digest: "IfNotPresent", "nginx:x": "Never", "app@{{digest}}": "IfNotPresent",
			},
		},
		"images and tags both have to match": {
			rules: []pullpolicy.Rule{{Images: cache, Tags: []string{"*-snapshot"}, Policy: "Always"}},
			want: map[string]pullpolicy.Policy{
				"registry.example.com/cache/app:1-snapshot": "Always", "registry.example.com/cache/app:1": "IfNotPresent",
				"registry.example.com/app:1-snapshot": "IfNotPresent",
			},
		},
		"the first rule wins": {
			rules: []pullpolicy.Rule{
				{Tags: []string{"1"}, Policy: "Never"},
				{Tags: []string{"1", "2"}, Policy: "Always"},
			},
			want: map[string]pullpolicy.Policy{"app:1": "Never", "app:2": "Always", "app:3": "IfNotPresent"},
		},
		"a rule without tags decides about a tag that is not known": {
			rules: []pullpolicy.Rule{{Images: cache, Policy: "Always"}},
			want: map[string]pullpolicy.Policy{
				"registry.example.com/cache/app:{{tag}}": "Always", "registry.example.com/cache/{{app}}": "Always",
				"registry.example.com/{{app}}:{{tag}}": "", "{{image}}": "",
			},
		},
		"a rule with tags does not": {
			rules: []pullpolicy.Rule{{Images: cache, Tags: []string{"*"}, Policy: "Always"}},
			want:  map[string]pullpolicy.Policy{"registry.example.com/cache/app:{{tag}}": ""},
		},
		"nor does a rule behind one that may come to match and says something else": {
			rules: []pullpolicy.Rule{
				{Images: cache, Tags: []string{"*-snapshot"}, Policy: "Always"},
				{Policy: "IfNotPresent"},
			},
			want: map[string]pullpolicy.Policy{
				"registry.example.com/cache/app:{{tag}}": "", "registry.example.com/app:{{tag}}": "IfNotPresent",
			},
		},
		"rules that may come to match and say the same as the one behind them do not matter": {
			rules: []pullpolicy.Rule{
				{Tags: []string{"*-snapshot"}, Policy: "Always"},
				{Tags: []string{"nightly"}, Policy: "Always"},
				{Images: cache, Policy: "Always"},
				{Policy: "Never"},
			},
			want: map[string]pullpolicy.Policy{
				"registry.example.com/cache/app:{{tag}}": "Always", "app:{{tag}}": "",
			},
		},
		"two rules that may come to match and differ leave the image alone": {
			rules: []pullpolicy.Rule{
				{Tags: []string{"a"}, Policy: "Always"},
				{Tags: []string{"b"}, Policy: "Never"},
				{Policy: "Always"},
			},
			want: map[string]pullpolicy.Policy{"app:{{tag}}": "", "app:c": "Always"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			rules := pullpolicy.Rules{Rules: tc.rules}
			for image, want := range tc.want {
				got := rules.Decide(image)
				if got.Policy != want || (got.Unknown == pullpolicy.Known) != (want != "") || got.Reason == "" {
					t.Errorf("Decide(%q) = %+v, want %q", image, got, want)
				}
			}
		})
	}
}

// templates and fillings are the parts of generated images; X stands for a placeholder.
var (
	templateParts = []string{"", "X/", "reg.io/", "reg.io:X/", "X:5000/", "team/X/", "reg.io/aX/"}
	templateNames = []string{"app", "X", "appX", "Xapp", "X-X"}
	templateTags  = []string{"", ":latest", ":1", ":1-snapshot", ":X", ":1-X", ":Xlatest", ":X-snapshot"}
	templateEnds  = []string{"", "", "@" + digest, "@X", "@sha256:X"}
	fillings      = []string{"", "a", "app", "team/app", "reg.io", "reg.io:80", "reg.io/", "5000", "latest", "1-snapshot", "snapshot", ":latest", "app:1",
		"@" + digest, digest, digest[len("sha256:"):], ":5000/a", "/a", "-a"}
)

func TestWhatIsDecidedHoldsHoweverThePlaceholdersAreFilled(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	of := func(list []string) string { return list[r.IntN(len(list))] }
	for _, rules := range []pullpolicy.Rules{
		{},
		{MovingTags: []string{"*-snapshot"}},
		{Rules: []pullpolicy.Rule{{Tags: []string{"*-snapshot"}, Policy: "Never"}, {Tags: []string{"1*"}, Policy: "Always"}}},
		{Rules: []pullpolicy.Rule{{Tags: []string{"*-snapshot"}, Policy: "Always"}, {Policy: "Never"}}},
		{Rules: []pullpolicy.Rule{{Tags: []string{"*-snapshot"}, Policy: "Never"}, {Policy: "Never"}}},
	} {
		held := 0
		for range 40_000 {
			template := of(templateParts) + of(templateNames) + of(templateTags) + of(templateEnds)
			decided := rules.Decide(strings.ReplaceAll(template, "X", "{{x}}"))
			if decided.Policy == "" {
				continue
			}
			image := template
			for strings.Contains(image, "X") {
				image = strings.Replace(image, "X", of(fillings), 1)
			}
			if _, err := imageref.Parse(image); err != nil {
				continue
			}
			if got := rules.Decide(image); got.Policy != decided.Policy {
				t.Fatalf("rules %+v: the template %s is %+v, but it may become %s, which is %+v", rules, template, decided, image, got)
			}
			held++
		}
		if held < 1000 {
			t.Errorf("rules %+v: only %d templates were compared", rules, held)
		}
	}
}

func TestADecisionByRuleNamesTheRule(t *testing.T) {
	rules := pullpolicy.Rules{
		MovingTags: []string{"nightly"},
		Rules: []pullpolicy.Rule{
			{Tags: []string{"1"}, Policy: "Always"},
			{Tags: []string{"nightly"}, Policy: "Never"},
		},
	}
	want := pullpolicy.Decision{Policy: "Never", Reason: "pullPolicy.rules[1] matches image", ByRule: true}
	if got := rules.Decide("app:nightly"); got != want {
		t.Errorf("Decide = %+v, want %+v", got, want)
	}
}

func TestOnlyTheThreePoliciesAreValid(t *testing.T) {
	for s, want := range map[string]bool{
		"Always": true, "IfNotPresent": true, "Never": true,
		"": false, "always": false, "IfNotpresent": false, " Always": false, "Never ": false, "Sometimes": false, "{{policy}}": false,
	} {
		if got := pullpolicy.Valid(s); got != want {
			t.Errorf("Valid(%q) = %v", s, got)
		}
	}
}

func TestDecideAllocatesNothingForAPlainImage(t *testing.T) {
	for _, image := range []string{"registry.example.com/team/app:1.2", "team/app", "{{image}}"} {
		allowed := 0.0
		if imageref.HasPlaceholder(image) {
			allowed = 2 // the model that it is checked by
		}
		if got := testing.AllocsPerRun(100, func() { pullpolicy.Rules{}.Decide(image) }); got > allowed {
			t.Errorf("Decide(%q) allocates %v times", image, got)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	rules := pullpolicy.Rules{Rules: []pullpolicy.Rule{
		{Images: patterns(b, "registry.example.com/cache", "*.mirror.example.com"), Tags: []string{"*-snapshot"}, Policy: "Always"},
	}}
	b.ReportAllocs()
	for b.Loop() {
		rules.Decide("registry.example.com/team/app:1.2")
	}
}

func patterns(t testing.TB, texts ...string) []imageref.Pattern {
	t.Helper()
	var list []imageref.Pattern
	for _, text := range texts {
		p, err := imageref.ParsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}
