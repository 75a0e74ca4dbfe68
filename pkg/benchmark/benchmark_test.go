package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	module, err := goCommand("list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		t.Fatal(err)
	}
	b := builder{module: module, dir: t.TempDir()}
	m, err := b.measure()
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.peer(naive, input{})
	if err != nil {
		t.Fatal(err)
	}
	return m, p
}

func TestPeersThatDoDifferentWorkAreNotCompared(t *testing.T) {
	_, naive := built(t)
	script := func(text string) peer {
		return peer{name: "other", argv: []string{"/bin/sh", "-c", text}}
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
	c, err := m.once(peer{name: "true", argv: []string{"/bin/true"}}, file)
	if err != nil {
		t.Fatal(err)
	}
	if c.peak <= 0 || c.peak > 20<<20 {
		t.Errorf("peak of /bin/true is %d bytes beside %d of the runner", c.peak, len(ballast))
	}
	slow, err := m.once(peer{name: "sleep", argv: []string{"/bin/sleep", "0.2"}}, file)
	if err != nil {
		t.Fatal(err)
	}
	if slow.wall < 200*time.Millisecond || slow.wall < c.wall {
		t.Errorf("sleep 0.2 took %v, true %v", slow.wall, c.wall)
	}
	if _, err := m.once(peer{name: "false", argv: []string{"/bin/false"}}, file); err == nil {
		t.Error("a command that fails is measured like one that works")
	}
}

func TestARatioIsTakenPairByPair(t *testing.T) {
	r := row{peers: make([]peer, 2), runs: [][]cost{{{10, 1, 100}, {100, 1, 100}, {1000, 1, 100}}, {{5, 9, 1}, {20, 9, 2}, {1000, 9, 4}}}}
	if got, want := r.ratio(1, 0, wallTime), (spread{0.2, 0.5, 1}); got != want {
		t.Errorf("wall time: %v, want %v", got, want)
	}
	if got, want := r.ratio(1, 0, peakMemory), (spread{0.01, 0.02, 0.04}); got != want {
		t.Errorf("peak memory: %v, want %v", got, want)
	}
}

// one is a row of the naive function, which takes 1000, and of another command.
func one(in, command string, wall time.Duration, peak int64) row {
	return row{
		input: input{name: in},
		peers: []peer{{name: naive}, {name: command, ours: true}},
		runs:  [][]cost{{{1000, 1000, 1000}}, {{wall, wall, peak}}},
	}
}

func TestABarIsMissedByMoreThanItAllows(t *testing.T) {
	onTheBars := []row{one("1 object", pullable, 850, 5000), one("100 objects", pullable, 100, 5000), one("10,000 objects", pullable, 20, 40)}
	if err := missed(onTheBars, exact); err != nil {
		t.Errorf("on the bars: %v", err)
	}
	for _, r := range []row{one("1 object", pullable, 851, 1), one("100 objects", pullable, 101, 1), one("10,000 objects", pullable, 1, 41)} {
		if missed([]row{r}, exact) == nil {
			t.Errorf("%s at %v: no error", r.input.name, r.runs[1])
		}
		if err := missed([]row{r}, lenient); err != nil {
			t.Errorf("%s at %v, with noise allowed: %v", r.input.name, r.runs[1], err)
		}
	}
}

func TestARunOnABusyMachineIsJudgedByTheLesserOfWallAndProcessorTime(t *testing.T) {
	r := one("1 object", pullable, 5000, 1)
	r.runs[1][0].cpu = 1700
	if err := missed([]row{r}, lenient); err != nil {
		t.Errorf("wall time five times as long, processor time twice the bar: %v", err)
	}
	if missed([]row{r}, exact) == nil {
		t.Error("a calm run forgives wall time")
	}
	r.runs[1][0].cpu = 1701
	if missed([]row{r}, lenient) == nil {
		t.Error("processor time of more than twice the bar: no error")
	}
}

func TestEachBarIsOverCommandsThatAFullRunHas(t *testing.T) {
	for _, b := range bars {
		i := slices.IndexFunc(inputs, func(in input) bool { return in.name == b.input })
		if i < 0 {
			t.Errorf("%+v: there is no such input", b)
		} else if commands := inputs[i].full.commands; !slices.Contains(commands, b.command) || !slices.Contains(commands, b.over) {
			t.Errorf("%+v: the commands are %q", b, commands)
		}
	}
}

func TestThePeakBehindAPipeIsHeldAgainstTheInput(t *testing.T) {
	r := one("any", fromPipe, 1, 3*1000+10<<20)
	r.bytes = 1000
	if err := missed([]row{r}, exact); err != nil {
		t.Errorf("three times the input and 10 MiB: %v", err)
	}
	r.runs[1][0].peak++
	if missed([]row{r}, exact) == nil {
		t.Error("a byte more: no error")
	}
}

func TestWhatTheReadmeSaysIsReadBackAndHeldAgainstTheFigures(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(file, []byte(tableBegin+"\n"+tableEnd+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if said, err := published(file); err != nil || len(said) > 0 {
		t.Errorf("no table: %v, %v", said, err)
	}
	r := one("1,000 objects", pullable, 25, 50)
	r.objects, r.bytes = 1000, 5000
	shipped := one("real objects", parserForced, 100, 100)
	shipped.objects = 4631
	if err := rewrite(file, markdown([]row{r, shipped})); err != nil {
		t.Fatal(err)
	}
	said, err := published(file)
	want := map[cell]float64{
		{"1,000 objects", pullable, wallTime}: 0.025, {"1,000 objects", pullable, peakMemory}: 0.05,
		{"real objects", parserForced, wallTime}: 0.1, {"real objects", parserForced, peakMemory}: 0.1,
	}
	if diff := cmp.Diff(want, said); err != nil || diff != "" {
		t.Fatalf("%v (-want +got)\n%s", err, diff)
	}
	if err := worse([]row{one("1,000 objects", pullable, 50, 100)}, said); err != nil {
		t.Errorf("twice what it says: %v", err)
	}
	for _, r := range []row{one("1,000 objects", pullable, 51, 100), one("1,000 objects", pullable, 50, 101)} {
		if worse([]row{r}, said) == nil {
			t.Errorf("more than twice what it says, %v: no error", r.runs[1])
		}
	}
}

func TestTheTableTellsTheExtentOfAnInput(t *testing.T) {
	for want, r := range map[string]row{
		"1 object (4.0 KiB)":              {input: input{name: "1 object"}, objects: 1, bytes: 4096},
		"10,000 objects (20.0 MiB)":       {input: input{name: "10,000 objects"}, objects: 10_000, bytes: 20 << 20},
		"real objects (4,631, 32.0 MiB)":  {input: input{name: "real objects"}, objects: 4631, bytes: 32 << 20},
		"real objects (12,001, 32.0 MiB)": {input: input{name: "real objects"}, objects: 12_001, bytes: 32 << 20},
	} {
		if got := r.describe(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestACommandReadsFromAPipeWhereItIsToldTo(t *testing.T) {
	m, _ := built(t)
	file := filepath.Join(t.TempDir(), "input.yaml")
	if err := os.WriteFile(file, bytes.Repeat([]byte("x"), 1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	for script, piped := range map[string]bool{
		`test -p /dev/stdin && test $(wc -c) -eq 1048576`: true,
		`test -f /dev/stdin && test $(wc -c) -eq 1048576`: false,
	} {
		if _, err := m.once(peer{name: "sh", argv: []string{"/bin/sh", "-c", script}, pipe: piped}, file); err != nil {
			t.Errorf("%s: %v", script, err)
		}
	}
}

func TestRealObjectsAreManyAndPipedAsKptDoes(t *testing.T) {
	var text bytes.Buffer
	objects, err := writeReal(func(o shipped) bool { return !o.crd })(&text)
	if err != nil {
		t.Fatal(err)
	}
	all, err := decode("the corpus", text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if objects < 1000 || len(all.Items) != objects {
		t.Fatalf("%d objects, %d items, want 1000 or more", objects, len(all.Items))
	}
	for _, item := range all.Items {
		meta, _ := item.(map[string]any)["metadata"].(map[string]any)
		annotations, _ := meta["annotations"].(map[string]any)
		if annotations["config.kubernetes.io/path"] == nil || annotations["internal.config.kubernetes.io/index"] == nil {
			t.Fatalf("%s does not say where it comes from: %v", name(item), annotations)
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
