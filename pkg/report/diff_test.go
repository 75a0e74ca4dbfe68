package report

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pullable/pullable/pkg/yamledit"
)

func apply(before string, changes []yamledit.Change) string {
	var out strings.Builder
	at := 0
	for _, c := range changes {
		out.WriteString(before[at:c.Start])
		out.Write(c.Text)
		at = c.End
	}
	return out.String() + before[at:]
}

func TestDiff(t *testing.T) {
	for sentence, c := range map[string]struct {
		before  string
		changes []yamledit.Change
		want    string
	}{
		"a line that is put in stands between its neighbours": {
			"a\nb\nc\nd\ne\nf\ng\nh\n",
			[]yamledit.Change{{Start: 8, End: 8, Text: []byte("new\n")}},
			"--- a/x\n+++ b/x\n@@ -2,6 +2,7 @@\n b\n c\n d\n+new\n e\n f\n g\n",
		},
		"a word that changes changes its line": {
			"a: b # c\n", []yamledit.Change{{Start: 3, End: 4, Text: []byte("d")}},
			"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a: b # c\n+a: d # c\n",
		},
		"a last line without a line feed gets one": {
			"a: b", []yamledit.Change{{Start: 4, End: 4, Text: []byte("\nc: d")}},
			"--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a: b\n\\ No newline at end of file\n+a: b\n+c: d\n\\ No newline at end of file\n",
		},
		"a line that is taken out is gone": {
			"a\nb\n", []yamledit.Change{{Start: 0, End: 2}},
			"--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n-a\n b\n",
		},
		"an edit that changes nothing is no change": {
			"a\n", []yamledit.Change{{Start: 0, End: 1, Text: []byte("a")}}, "",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := Diff("x", []byte(c.before), c.changes, nil)
			if diff := cmp.Diff(c.want, string(got)); diff != "" || err != nil {
				t.Errorf("%v (-want +got)\n%s", err, diff)
			}
		})
	}
}

func TestADiffKeepsHiddenLinesToItself(t *testing.T) {
	const text = "a\nb\nsecret 1\nc\nd\ne\nsecret 2\nf\ng\nsecret 3"
	span := func(s string) yamledit.Span {
		start := strings.Index(text, s)
		return yamledit.Span{Start: start + 3, End: start + len(s)}
	}
	hidden := []yamledit.Span{span("secret 3"), span("secret 1"), span("secret 2")}
	at := func(s string) yamledit.Change {
		i := strings.Index(text, s)
		return yamledit.Change{Start: i, End: i, Text: []byte("new\n")}
	}
	for sentence, c := range map[string]struct {
		changes []yamledit.Change
		want    string
	}{
		"the context ends in front of it": {
			[]yamledit.Change{at("b\n")}, "@@ -1,2 +1,3 @@\n a\n+new\n b\n",
		},
		"the context begins behind it": {
			[]yamledit.Change{at("c\n")}, "@@ -4,3 +4,4 @@\n+new\n c\n d\n e\n",
		},
		"two changes with one between them are two hunks": {
			[]yamledit.Change{at("e\n"), at("g\n")}, "@@ -4,3 +4,4 @@\n c\n d\n+new\n e\n@@ -8,2 +9,3 @@\n f\n+new\n g\n",
		},
		"a last line that gets a line feed changes": {
			[]yamledit.Change{{Start: len(text), End: len(text), Text: []byte("\nnew")}}, "",
		},
		"a change in it is not shown": {
			[]yamledit.Change{{Start: span("secret 2").Start, End: span("secret 2").End, Text: []byte("x")}}, "",
		},
		"a change right in front of it has no line that git could find it by": {
			[]yamledit.Change{at("secret 1")}, "",
		},
		"of several changes none is shown where one cannot be": {
			[]yamledit.Change{at("b\n"), at("secret 2")}, "",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := Diff("x", []byte(text), c.changes, hidden)
			if strings.Contains(string(got), "secret") || (err == nil) != (c.want != "") {
				t.Errorf("%v\n%s", err, got)
			}
			if c.want != "" {
				c.want = "--- a/x\n+++ b/x\n" + c.want
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestGitAppliesTheDiff holds the law of Diff over changes of all sorts: git
// apply makes of the text before what the changes make of it.
func TestGitAppliesTheDiff(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not there")
	}
	r := rand.New(rand.NewPCG(1, 2))
	folder := t.TempDir()
	var patch bytes.Buffer
	want := map[string]string{}
	pieces := []string{"", "x", "\n", "x\n", "\nx", "x\r\n", "x\ny\n", "x\ny"}
	for i := range 600 {
		var before string
		for range r.IntN(12) {
			before += pieces[r.IntN(len(pieces))] + []string{"\n", "\r\n", "a\n"}[r.IntN(3)]
		}
		if r.IntN(2) == 0 {
			before += "z"
		}
		var changes []yamledit.Change
		for at := 0; ; {
			at += r.IntN(8)
			if at > len(before) {
				break
			}
			c := yamledit.Change{Start: at, End: min(len(before), at+r.IntN(4)), Text: []byte(pieces[r.IntN(len(pieces))])}
			changes = append(changes, c)
			at = c.End
		}
		name := fmt.Sprintf("file %d ü", i)
		if i%2 == 0 {
			name = fmt.Sprintf("file%d", i)
		}
		after := apply(before, changes)
		diff, err := Diff(name, []byte(before), changes, nil)
		if err != nil || (len(diff) == 0) != (before == after) {
			t.Fatalf("the diff of %q with %+v is %q: %v", before, changes, diff, err)
		}
		if before == "" || after == "" {
			continue // git takes these for a new file and one that is gone
		}
		patch.Write(diff)
		want[name] = after
		if err := os.WriteFile(filepath.Join(folder, name), []byte(before), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git := exec.Command("git", "apply", "--whitespace=nowarn", "--unidiff-zero")
	git.Dir, git.Stdin = folder, &patch
	git.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(folder), "GIT_CONFIG_GLOBAL=/dev/null")
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || string(got) != text {
			t.Errorf("%s is %q, want %q: %v", name, got, text, err)
		}
	}
}
