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
			if diff := cmp.Diff(c.want, string(Diff("x", []byte(c.before), c.changes))); diff != "" {
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
		diff := Diff(name, []byte(before), changes)
		if (len(diff) == 0) != (before == after) {
			t.Fatalf("the diff of %q with %+v is %q", before, changes, diff)
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
