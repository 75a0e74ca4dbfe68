package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pullable/pullable/pkg/manifest"
)

// sample has a finding of every sort, with characters that formats must escape.
func sample() *Report {
	web := &manifest.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "team", Name: "web"}
	return &Report{
		Version: "v1", Files: 3, Objects: 4,
		Rules: []Rule{{"policy-set", manifest.SeverityError, "A policy is to be set."}, {Unreadable, manifest.SeverityError, "Not read."}},
		Findings: []Finding{
			{ID: Unreadable, Severity: manifest.SeverityError, Fails: true, File: "a b/<&>,:%.yaml", Line: 3, Message: "100% \"bad\" <x>\n\x1b[31m & more"},
			{ID: "policy-set", Severity: manifest.SeverityError, Change: true, Fails: true, File: "web.yaml", Line: 10, Column: 16, Object: web,
				Field: "spec.x", New: "Always", Message: "set it"},
			{ID: "stale-latest", Severity: manifest.SeverityWarning, File: "web.yaml", Line: 12, Column: 1, Object: web, Old: "Never", Message: "stale"},
			{ID: "policy-changed", Severity: manifest.SeverityInfo, Change: true, Made: true, File: "web.yaml", Object: web, Message: "changed"},
			{ID: "policy-differs-from-tag", Severity: manifest.SeverityInfo, File: "x.yaml", Object: web, Message: "differs"},
		},
	}
}

func written(t *testing.T, f Format, r *Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := f.Write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestText(t *testing.T) {
	want := `a b/<&>,:%.yaml
    3        error   100% "bad" <x>�[31m & more [unreadable]

web.yaml
  apps/v1 Deployment team/web
    10:16    due     set it [policy-set]
    12:1     warning stale [stale-latest]
             fixed   changed [policy-changed]

x.yaml
  apps/v1 Deployment team/web
             info    differs [policy-differs-from-tag]

1 change made, 1 change due, 1 error, 1 warning, 1 info in 3 of 3 files with 4 objects; pullable fix makes the changes
`
	want = strings.Replace(want, "<x>�", "<x>��", 1)
	if diff := cmp.Diff(want, written(t, Text{}, sample())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := written(t, Text{Color: true}, sample()); strings.Contains(got, "\x1b[31m & more") || !strings.Contains(got, "\x1b[31merror") {
		t.Errorf("in colour:\n%q", got)
	}
	want = "a b/<&>,:%.yaml\n    3        error   100% \"bad\" <x>��[31m & more [unreadable]\n\nweb.yaml\n  apps/v1 Deployment team/web\n    10:16    due     set it [policy-set]\n"
	if diff := cmp.Diff(want, written(t, Text{Quiet: true}, sample())); diff != "" {
		t.Errorf("quiet (-want +got)\n%s", diff)
	}
	if got := written(t, Text{}, &Report{Files: 1, Objects: 2}); got != "nothing to do in 1 file with 2 objects\n" {
		t.Errorf("nothing to do:\n%s", got)
	}
}

func TestTextBreaksLongMessagesBetweenWords(t *testing.T) {
	r := &Report{Files: 1, Objects: 1, Findings: []Finding{{
		ID: "stale-latest", Severity: manifest.SeverityWarning, File: "x.yaml", Line: 7, Column: 1, Message: "an ümläut and averyveryverylongword end",
	}}}
	for width, want := range map[int]string{
		0:  "    7:1      warning an ümläut and averyveryverylongword end [stale-latest]\n",
		40: "    7:1      warning an ümläut and averyveryverylongword end [stale-latest]\n",
		44: "    7:1      warning an ümläut and\n                     averyveryverylongword\n                     end [stale-latest]\n",
		53: "    7:1      warning an ümläut and\n                     averyveryverylongword end\n                     [stale-latest]\n",
	} {
		got := written(t, Text{Width: width}, r)
		if diff := cmp.Diff("x.yaml\n"+want+"\n1 warning in 1 of 1 file with 1 object\n", got); diff != "" {
			t.Errorf("%d characters (-want +got)\n%s", width, diff)
		}
	}
	if got := written(t, Text{Width: 44, Color: true}, r); !strings.HasSuffix(strings.SplitAfter(got, "\n")[3], "end \x1b[2m[stale-latest]\x1b[0m\n") {
		t.Errorf("in colour\n%q", got)
	}
}

func TestGitHubEscapesWhatWouldEndAProperty(t *testing.T) {
	want := `::error file=a b/<&>%2C%3A%25.yaml,line=3,title=pullable unreadable::100%25 "bad" <x>%0A` + "\x1b" + `[31m & more
::error file=web.yaml,line=10,col=16,title=pullable policy-set::apps/v1 Deployment team/web: set it
::warning file=web.yaml,line=12,col=1,title=pullable stale-latest::apps/v1 Deployment team/web: stale
::notice file=x.yaml,title=pullable policy-differs-from-tag::apps/v1 Deployment team/web: differs
`
	if diff := cmp.Diff(want, written(t, GitHub{}, sample())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestJUnitIsReadBackAsItWasMeant(t *testing.T) {
	type suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Tests int    `xml:"tests,attr"`
			Cases []struct {
				Name    string `xml:"name,attr"`
				Line    int    `xml:"line,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
				Out string `xml:"system-out"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	var got suites
	if err := xml.Unmarshal([]byte(written(t, JUnit{}, sample())), &got); err != nil {
		t.Fatal(err)
	}
	if got.Tests != 5 || got.Failures != 2 || len(got.Suites) != 3 || got.Suites[1].Tests != 3 {
		t.Errorf("%+v", got)
	}
	first := got.Suites[0]
	if first.Name != "a b/<&>,:%.yaml" || first.Cases[0].Failure.Message != "100% \"bad\" <x>\n�[31m & more" || first.Cases[0].Line != 3 {
		t.Errorf("%+v", first)
	}
	if second := got.Suites[1].Cases[1]; second.Failure != nil || second.Out != "warning: web.yaml:12:1: stale" || second.Name != "apps/v1 Deployment team/web: stale-latest" {
		t.Errorf("%+v", second)
	}
	var none suites
	if err := xml.Unmarshal([]byte(written(t, JUnit{}, &Report{})), &none); err != nil || none.Tests != 1 || len(none.Suites[0].Cases) != 1 {
		t.Errorf("%v %+v", err, none)
	}
}

func TestSARIFNamesFilesLinesAndRules(t *testing.T) {
	var log struct {
		Runs []struct {
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(written(t, SARIF{}, sample())), &log); err != nil {
		t.Fatal(err)
	}
	results := log.Runs[0].Results
	if len(results) != 4 {
		t.Fatalf("%d results; one that was made is no result", len(results))
	}
	at := results[0].Locations[0].PhysicalLocation
	if at.ArtifactLocation.URI != "a%20b/%3C&%3E,:%25.yaml" || at.Region.StartLine != 3 || results[0].RuleIndex != 1 {
		t.Errorf("%+v", results[0])
	}
	if results[1].Level != "error" || results[1].RuleIndex != 0 || results[1].Locations[0].PhysicalLocation.Region.StartColumn != 16 || results[3].Level != "note" {
		t.Errorf("%+v", results)
	}
}
