package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pullable/pullable/pkg/benchmark/manifests"
)

func list(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := manifests.ResourceList(&b, seed, n); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// built makes the naive function and the measuring program.
func built(t *testing.T) (measurer, peer) {
	t.Helper()
	m, peers, err := build(t.TempDir(), "not measured here")
	if err != nil {
		t.Fatal(err)
	}
	return m, peers[0]
}

func TestPeersThatDoDifferentWorkAreNotCompared(t *testing.T) {
	_, naive := built(t)
	script := func(text string) peer {
		return peer{"other", []string{"/bin/sh", "-c", text}}
	}
	for name, c := range map[string]struct {
		peers []peer
		want  string // part of the error; empty: none
	}{
		"a peer that does the same passes":            {[]peer{naive, naive}, ""},
		"a first peer that changes nothing":           {[]peer{script("cat")}, "other changed nothing"},
		"a peer that changes nothing":                 {[]peer{naive, script("cat")}, "it does less"},
		"a peer that decides otherwise":               {[]peer{naive, script(naive.argv[0] + " | sed 's/imagePullPolicy: Always/imagePullPolicy: Never/'")}, "differ in item"},
		"a peer that loses its results":               {[]peer{naive, script(naive.argv[0] + " | sed '/^results:/,$d'")}, "it does less"},
		"a peer that fails":                           {[]peer{naive, script("exit 3")}, "exit status 3"},
		"a peer that writes what is not YAML at all ": {[]peer{naive, script("echo '}'")}, "the output of other"},
	} {
		t.Run(name, func(t *testing.T) {
			err := sameWork(c.peers, list(t, 20))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestASmallChildOfALargeRunnerIsMeasuredAsSmall(t *testing.T) {
	m, _ := built(t)
	ballast := bytes.Repeat([]byte("x"), 200<<20)
	file := filepath.Join(t.TempDir(), "input.yaml")
	if err := os.WriteFile(file, list(t, 1), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := m.once(peer{"true", []string{"/bin/true"}}, file)
	if err != nil {
		t.Fatal(err)
	}
	if c.peak <= 0 || c.peak > 20<<20 {
		t.Errorf("peak of /bin/true is %d bytes beside %d of the runner", c.peak, len(ballast))
	}
	slow, err := m.once(peer{"sleep", []string{"/bin/sleep", "0.2"}}, file)
	if err != nil {
		t.Fatal(err)
	}
	if slow.wall < 200*time.Millisecond || slow.wall < c.wall {
		t.Errorf("sleep 0.2 took %v, true %v", slow.wall, c.wall)
	}
	if _, err := m.once(peer{"false", []string{"/bin/false"}}, file); err == nil {
		t.Error("a command that fails is measured like one that works")
	}
}

func TestARatioIsTakenPairByPair(t *testing.T) {
	r := row{peers: make([]peer, 2), runs: [][]cost{{{10, 100}, {100, 100}, {1000, 100}}, {{5, 1}, {20, 2}, {1000, 4}}}}
	if got, want := r.ratio(1, wallTime), (spread{0.2, 0.5, 1}); got != want {
		t.Errorf("wall time: %v, want %v", got, want)
	}
	if got, want := r.ratio(1, peakMemory), (spread{0.01, 0.02, 0.04}); got != want {
		t.Errorf("peak memory: %v, want %v", got, want)
	}
}

func TestABarIsMissedByMoreThanItAllows(t *testing.T) {
	at := func(objects int, wall time.Duration, peak int64) row {
		return row{input: input{name: "n", objects: objects}, peers: make([]peer, 2), runs: [][]cost{{{1000, 1000}}, {{wall, peak}}}}
	}
	if err := missed([]row{at(1, 950, 5000), at(1000, 166, 5000), at(10_000, 5000, 50)}); err != nil {
		t.Errorf("on the bars: %v", err)
	}
	for _, r := range []row{at(1, 951, 1), at(1000, 167, 1), at(10_000, 1, 51)} {
		if missed([]row{r}) == nil {
			t.Errorf("%d objects at %v: no error", r.input.objects, r.runs[1])
		}
	}
}

func TestOnlyTheTableBetweenTheMarkersIsRewritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("# a\n" + tableBegin + "\nold\n" + tableEnd + "\nrest\n")
	for range 2 {
		if err := rewrite(file, "new\n"); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if want := "# a\n" + tableBegin + "\nnew\n" + tableEnd + "\nrest\n"; string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	write("# no markers\n")
	if rewrite(file, "new\n") == nil {
		t.Error("a file without markers is rewritten")
	}
}
