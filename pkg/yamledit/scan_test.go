package yamledit

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

var (
	differential = flag.Duration("differential", 2*time.Second, "how long TestScannerAgreesWithParser mutates its inputs")
	realFrom     = flag.String("real", "", "a folder with real manifests for TestRealManifestsNeedTheParserSeldom")
)

// TestScannerAgreesWithParser holds the law of the scanner: what it accepts the
// parser accepts too, and the trees are equal, positions included. It goes over
// hand-made cases, real manifests and mutants of both.
func TestScannerAgreesWithParser(t *testing.T) {
	var inputs [][]byte
	for _, c := range scannerCases {
		inputs = append(inputs, []byte(c.src))
	}
	inputs = append(inputs, everyInput(t)...)
	inputs = append(inputs, apiExamples(t)...)
	var count tally
	check := func(src []byte) {
		if err := count.compare(src); err != nil {
			t.Errorf("%v\n--- input\n%s\n--- end\n%q", err, src, src)
		}
	}
	for _, src := range inputs {
		check(src)
	}
	t.Logf("%d inputs: %s", len(inputs), &count)

	count = tally{}
	var workers sync.WaitGroup
	deadline, seed := time.Now().Add(*differential), uint64(time.Now().UnixNano())
	for w := range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			rnd := rand.New(rand.NewPCG(seed, uint64(w)))
			for time.Now().Before(deadline) && !t.Failed() {
				src := slices.Clone(excerpt(rnd, inputs[rnd.IntN(len(inputs))]))
				for range 1 + rnd.IntN(3) {
					if rnd.IntN(2) == 0 {
						src = mutate(rnd, src, inputs)
					} else {
						src = mutateToken(rnd, src)
					}
				}
				check(src)
			}
		})
	}
	workers.Wait()
	t.Logf("mutants, seed %d: %s", seed, &count)
	if count.accepted.Load() == 0 {
		t.Error("the scanner accepts no mutant")
	}
}

func FuzzScannerAgreesWithParser(f *testing.F) {
	for _, c := range scannerCases {
		f.Add([]byte(c.src))
	}
	for _, src := range handMade {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if err := new(tally).compare(src); err != nil {
			t.Error(err)
		}
	})
}

// tally counts what became of texts.
type tally struct {
	accepted   atomic.Int64 // by the scanner
	handedOver atomic.Int64 // to the parser, which accepts them
	invalid    atomic.Int64 // to the parser, which refuses them
}

func (c *tally) String() string {
	a, h, i := c.accepted.Load(), c.handedOver.Load(), c.invalid.Load()
	return fmt.Sprintf("%d texts, %d accepted by the scanner, %d handed over, %d of them valid", a+h+i, a, h+i, h)
}

// compare lets both producers read a text. An error says how they differ.
func (c *tally) compare(src []byte) error {
	parsed, parseErr := (&Parser{yamlOnly: true}).Parse(src, 0, len(src))
	scanned := &Doc{src: src, limit: len(src)}
	switch {
	case new(scanner).scan(scanned):
		c.accepted.Add(1)
	case parseErr == nil:
		c.handedOver.Add(1)
		return nil
	default:
		c.invalid.Add(1)
		return nil
	}
	if parseErr != nil {
		return fmt.Errorf("the scanner accepts what the parser refuses: %w", parseErr)
	}
	return sameTree(scanned, parsed)
}

// sameTree says how two trees of one text differ.
func sameTree(a, b *Doc) error {
	if len(a.nodes) != len(b.nodes) || a.root != b.root || a.aliases != b.aliases {
		return fmt.Errorf("%d nodes, want %d", len(a.nodes), len(b.nodes))
	}
	for i := range a.nodes {
		x, y := &a.nodes[i], &b.nodes[i]
		if x.kind != y.kind || x.form != y.form || x.start != y.start || x.target != y.target || x.merge != y.merge || x.named != y.named || x.tagged != y.tagged {
			return fmt.Errorf("node %d is %+v, want %+v", i, *x, *y)
		}
		if !slices.Equal(a.kids[x.kids:x.kids+x.count], b.kids[y.kids:y.kids+y.count]) {
			return fmt.Errorf("node %d has kids %v, want %v", i, a.kids[x.kids:x.kids+x.count], b.kids[y.kids:y.kids+y.count])
		}
		if x.unwritten() != y.unwritten() {
			return fmt.Errorf("node %d is unwritten in one tree only", i)
		}
		if got, want := (Node{a, int32(i)}).Text(), (Node{b, int32(i)}).Text(); got != want {
			return fmt.Errorf("node %d has text %q, want %q", i, got, want)
		}
		got, err := a.endOf(int32(i))
		if want, wantErr := b.endOf(int32(i)); wantErr == nil && (err != nil || got != want) {
			return fmt.Errorf("node %d, %q, ends at %d (%v), want %d", i, y.text, got, err, want)
		}
	}
	return nil
}

// TestRealManifestsNeedTheParserSeldom compares the producers on the manifests
// below a folder, and counts what the scanner leaves to the parser: at most one
// of a hundred documents that are YAML.
func TestRealManifestsNeedTheParserSeldom(t *testing.T) {
	if *realFrom == "" {
		t.Skip("no folder with manifests is named by -real")
	}
	var count tally
	size := 0
	err := filepath.WalkDir(*realFrom, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && e.Name() == "templates" {
			return fs.SkipDir // a chart's templates are no YAML yet
		}
		if ext := filepath.Ext(path); err != nil || e.IsDir() || ext != ".yaml" && ext != ".yml" {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for doc := range bytes.SplitSeq(src, []byte("\n---\n")) {
			if !bytes.Contains(doc, []byte("kind:")) {
				continue
			}
			left := count.handedOver.Load()
			if err := count.compare(doc); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			if size += len(doc); count.handedOver.Load() > left {
				t.Log("left to the parser: ", path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %s", size, &count)
	if left, all := count.handedOver.Load(), count.accepted.Load()+count.handedOver.Load(); left*100 > all {
		t.Errorf("%d of %d documents are left to the parser", left, all)
	}
}

// apiExamples are the API's own examples, one of every kind.
func apiExamples(t testing.TB) [][]byte {
	t.Helper()
	api, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/api").Output()
	if err != nil {
		t.Fatal("go list k8s.io/api: ", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(api)), "testdata", "HEAD", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 100 {
		t.Fatalf("%d examples; there must be more", len(files))
	}
	var inputs [][]byte
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, src)
	}
	return inputs
}

// excerpt takes some lines out of a long text.
func excerpt(rnd *rand.Rand, src []byte) []byte {
	const most = 40
	lines := bytes.SplitAfter(src, []byte("\n"))
	if len(lines) <= most {
		return src
	}
	from := rnd.IntN(len(lines) - most)
	lines = lines[from : from+most]
	// Shifted to the left by what all lines have, most excerpts are documents.
	indent := 1 << 10
	for _, line := range lines {
		if trimmed := bytes.TrimLeft(line, " "); len(bytes.TrimSpace(line)) > 0 {
			indent = min(indent, len(line)-len(trimmed))
		}
	}
	var out []byte
	for _, line := range lines {
		out = append(out, line[min(indent, len(line)-len(bytes.TrimLeft(line, " "))):]...)
	}
	return out
}

// mutateToken puts tokens where tokens stand: in place of blanks, line breaks
// and words, and around colons and dashes.
func mutateToken(rnd *rand.Rand, src []byte) []byte {
	tokens := []string{
		"---\n", "...\n", "--- ", "\n---\n", "%YAML 1.1\n", "@", "`", "- - ", "\n  - ", "\n- ", ">2-\n", "|1\n", "|+\n  \n", ">\n", "\\x41", "\\/", "\\ud800", "\\\n", "''", "\"\"",
		"\x7f", "\xff", "\x00", "\ufeff", "\u00a0", "\u0080", "\u2029", "1_000", "0x1f", "0b2", "0o17", "-0b1", "1e400", ".5", "+.inf", "2001-01-01", "~", "True", "off", "<<", "<<: {a: b}", "?x", "? ", ":x", "-x",
		"{", "}", "[", "]", "{}", "[]", "{a: b}", "[a, b]", "{a}", "[a: b]", ", ", " #", "#", "\n# c\n", "\n    # c\n", " # c", ":\n", ": ", " : ", ":\t", "\t", "  ", "\n\n", "\n \n", "\n\n\n", " \n", "k: ", "k:\n", "\"k\": ", "'k': ", "a b", "*a", "&a ", "!t ", "é", "=", "|", ">",
	}
	token := tokens[rnd.IntN(len(tokens))]
	var places []int
	for i, c := range src {
		if bytes.IndexByte([]byte(" \n:-,[]{}'\"#|>"), c) >= 0 {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return append(src, token...)
	}
	from := places[rnd.IntN(len(places))]
	to := from
	switch rnd.IntN(4) {
	case 0: // before it
	case 1: // behind it
		from++
		to++
	case 2: // instead of it
		to++
	case 3: // instead of what follows it
		from++
		for to = from; to < len(src) && bytes.IndexByte([]byte(" \n:"), src[to]) < 0; to++ {
		}
	}
	return slices.Replace(src, from, to, []byte(token)...)
}

// TestPlainKindIsTheParsers tries every plain scalar that could be a number and
// is short, and random longer ones.
func TestPlainKindIsTheParsers(t *testing.T) {
	check := func(s string) {
		if got, want := plainKind(s), scalarKind(&yaml.Node{Kind: yaml.ScalarNode, Value: s}); got != want {
			t.Fatalf("%q is %v, the parser says %v", s, got, want)
		}
	}
	for _, s := range []string{"", "~", "null", "Null", "NULL", "nULL", "true", "True", "TRUE", "tRUE", "false", "False", "FALSE", "yes", "on", "y", "n", "=",
		".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "-.INF", "+.nan", "2001-01-01", "2001-1-1 1:1:1", "2001-12-14t21:59:43.10-05:00", "12:30:45",
		"9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809",
		"1e308", "1e309", "-1e309", "1e-400", "0x7fffffffffffffff", "0xffffffffffffffff", "0x10000000000000000", "-0xffffffffffffffff", "0b" + strings.Repeat("1", 64), "0o1777777777777777777777",
		strings.Repeat("9", 299), strings.Repeat("9", 300), strings.Repeat("9", 310), "0." + strings.Repeat("9", 310), "-" + strings.Repeat("9", 310), "1_" + strings.Repeat("0", 310)} {
		check(s)
	}
	const alphabet = "0189+-._eExXbBoOaF:~ tT"
	var all func(prefix string, left int)
	all = func(prefix string, left int) {
		check(prefix)
		if left > 0 {
			for _, c := range alphabet {
				all(prefix+string(c), left-1)
			}
		}
	}
	all("", 4)
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 300_000 {
		b := make([]byte, 1+rnd.IntN(12))
		for i := range b {
			b[i] = alphabet[rnd.IntN(len(alphabet))]
		}
		check(string(b))
	}
}

// TestScannerCases says of each case whether the scanner is sure of it. Both
// producers must give one tree, or one error.
func TestScannerCases(t *testing.T) {
	for _, c := range scannerCases {
		t.Run(c.name, func(t *testing.T) {
			src := []byte(c.src)
			doc := &Doc{src: src, limit: len(src)}
			if sure := new(scanner).scan(doc); sure != c.sure {
				t.Errorf("sure: %v, want %v", sure, c.sure)
			}
			if err := new(tally).compare(src); err != nil {
				t.Error(err)
			}
			quick, quickErr := new(Parser).Parse(src, 0, len(src))
			slow, slowErr := (&Parser{yamlOnly: true}).Parse(src, 0, len(src))
			var invalid *SyntaxError
			switch {
			case (quickErr == nil) != (slowErr == nil), c.invalid != errors.As(slowErr, &invalid):
				t.Errorf("errors %v and %v, want one: %v", quickErr, slowErr, c.invalid)
			case quickErr == nil:
				if err := sameTree(quick, slow); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestScannerReadsPartsOfATextInPlace sees to it that offsets are those of the whole.
func TestScannerReadsPartsOfATextInPlace(t *testing.T) {
	src := []byte("x: [\n- a: |\n    b\n  c: \"d\\n\"\n- e\n]\n")
	start, end := bytes.Index(src, []byte("- a")), bytes.Index(src, []byte("- e"))
	p := new(Parser)
	quick, err := p.Parse(src, start, end)
	if err != nil {
		t.Fatal(err)
	}
	slow, err := (&Parser{yamlOnly: true}).Parse(src, start, end)
	if err != nil {
		t.Fatal(err)
	}
	if err := sameTree(quick, slow); err != nil {
		t.Error(err)
	}
	if withScanner && len(p.lines) > 0 {
		t.Error("the scanner did not read it")
	}
}

// scannerCases are traps, one for each row of the table of edge cases and for
// each rule of the grammar.
var scannerCases = []struct {
	name, src     string
	sure, invalid bool
}{
	{"collections in flow style are read", "a: {b: c, d: [e, {f: g}], h: {}}\ni: []\n", true, false},
	{"flow collections over several lines are read", "a: {b: c,\n  d: e, # why\nf: [g,\n    h, ]\n}\ni: j\n", true, false},
	{"a quoted value over several lines may look like items", "a: \"b\n- c: d\n\n  e\\\n   f\"\ng: 'h\n- i'\n", true, false},
	{"a flow list over several lines may not have a dash at column 0", "a: [b,\n- c]\n", false, true},
	{"a flow list over several lines may have lines at column 0", "a: [\nb,\nc\n]\n", true, false},
	{"anchors and aliases are the parser's", "a: &x {b: c}\nd: *x\n", false, false},
	{"merge keys are the parser's", "a:\n  <<: {b: c}\n", false, false},
	{"a quoted << is no merge key", "a:\n  \"<<\": b\n", true, false},
	{"tags are the parser's", "a: !!str 1\n", false, false},
	{"complex keys are the parser's", "? a\n: b\n", false, false},
	{"a key over several lines is an error", "a\n b: c\n", false, true},
	{"a quoted key over several lines is an error", "\"a\n b\": c\n", false, true},
	{"a blank may stand before the colon", "spec  :\n  a : b\n'c' : d\n", true, false},
	{"a tab before the colon is the parser's", "spec\t: a\n", false, false},
	{"a tab after the colon is the parser's", "a:\tb\n", false, false},
	{"a tab in the indentation is an error", "a:\n\tb: c\n", false, true},
	{"a tab in quotes, texts and comments is text", "a: \"b\tc\" # d\te\nf: |\n  g\th\n  \ti\n", true, false},
	{"carriage returns are the parser's", "a: b\r\nc: d\r\n", false, false},
	{"a lone carriage return is the parser's", "a: b\rc: d\n", false, false},
	{"a byte-order mark is the parser's", "\ufeffa: b\n", false, false},
	{"NEL is the parser's", "a: b\u0085c: d\n", false, false},
	{"LS is the parser's", "a: b\u2028c: d\n", false, false},
	{"PS is the parser's", "a: b\u2029c: d\n", false, false},
	{"no-break spaces are characters like any other", "a:\u00a0b: c\nd: e\u00a0\n", true, false},
	{"UTF-16 is the parser's", "\xff\xfea\x00:\x00 \x00b\x00", false, false},
	{"texts with every indicator are read", "a: |\n  b\nc: >\n  d\n  e\n\n    f\n  g\nh: |-\n  i\n\nj: |+\n  k\n\nl: |2\n    m\nn: >1-\n   o\np: |-2\n   q\n", true, false},
	{"a text whose first line is blank and long is an error", "a: |\n     \n  b\nc: d\n", false, true},
	{"a comment may end a text", "a:\n  b: |\n    # no comment\n   # comment\n  # comment\nc: d\n", true, false},
	{"a text may hold what looks like YAML", "a: |\n  image: b\n  - c: &d\n  {{ e }}\nf: g\n", true, false},
	{"an empty text is the parser's", "a: |\nb: c\n", false, false},
	{"a text without a final line break is read", "a: |\n  b", true, false},
	{"a text of nothing but blank lines is the parser's", "a: |+\n\n\n", false, false},
	{"a text may hold a marker that is indented", "a: |\n ---\n ...\nb: c\n", true, false},
	{"a text ends at a marker", "a: |\n b\n---\n", false, true},
	{"a first marker is passed over", "--- # why\na: b\n", true, false},
	{"a document on the marker's line is the parser's", "--- {a: b}\n", false, false},
	{"a second document is an error", "a: b\n---\nc: d\n", false, true},
	{"an end marker is the parser's", "a: b\n...\n", false, false},
	{"a marker in quotes is an error", "a: \"b\n--- c\"\n", false, true},
	{"a key that begins like a marker is read", "---a: b\n", true, false},
	{"a marker with a value is no key", "a: b\n--- c: d\n", false, true},
	{"directives are the parser's", "%YAML 1.1\n---\na: b\n", false, false},
	{"a key may repeat", "a: b\nc: d\na: e\n", true, false},
	{"a value may stand on the next line", "a:\n  b\nc:\n  # why\n  \"d\"\ne:\n  {}\n", true, false},
	{"nulls are read", "a:\nb: ~\nc: null\nd: # why\ne:\n\n# comment\nf: ''\ng:\n-\n-\nh:\n", true, false},
	{"escaped values are read", "a: \"\\u00e9\\x41\\U0001F600\\\"\\\\\\n\\N\\_\\L\\P\\0\\e\\ \"\nb: 'it''s'\n\"\\x63\": d\n'e''': f\n", true, false},
	{"an unknown escape is an error", "a: \"\\d\"\n", false, true},
	{"an escaped slash is an error", "a: \"\\/\"\n", false, true},
	{"a surrogate is an error", "a: \"\\ud83d\\ude00\"\n", false, true},
	{"an item of several lines is folded", "- a\n  b\n\n\n c\n- \"d\n  e\n\n  f \"\n- 'g\n\n  h'\n", true, false},
	{"a comment ends a plain value", "a: b # c\nd: e#f\ng: h\n  # i\nj: k\n", true, false},
	{"text after a comment is an error", "a: b # c\n  d\n", false, true},
	{"comments may stand anywhere between lines", "# a\n\nb:\n# c\n  d: e\n    # f\n# g\n  h: i\n#j\n", true, false},
	{"comments alone are no document", "# a\n\n  # b\n", true, false},
	{"nothing is no document", "", true, false},
	{"a comment needs a blank before it", "a: \"b\"#c\n", false, false},
	{"a colon and a blank in a plain value is an error", "a: b: c\n", false, true},
	{"a colon inside of a word is text", "a: http://b:80/c#d\n::a: :b\n?c: ?*\n", true, false},
	{"URLs are text, also in flow style", "a: http://b:80/c#d\ne: [http://f, {g: https://h}]\n", true, false},
	{"a list on the key's line is an error", "a: - b\n", false, true},
	{"indented and compact lists are read", "a:\n- b\n- c:\n  - d\n  -  e: f\n     g: h\ni:\n  - j\n  -\n    k: l\nm: n\n", true, false},
	{"lists in lists are read", "- - a\n  - b\n- - - c\n-\n  - d\n", true, false},
	{"a list may not go on at another column", "a:\n  - b\n - c\n", false, true},
	{"a list deeper than a plain item is text", "a:\n- b\n  - c\n", true, false},
	{"a mapping may not go on at another column", "a:\n   b: c\n  d: e\n", false, true},
	{"a key may not stand in a list's column", "- a\nb: c\n", false, true},
	{"an item may not stand in a mapping's column", "a: b\n- c\n", false, true},
	{"a document may be indented", "  a: b\n  c:\n  - d\n", true, false},
	{"a document that is one scalar is the parser's", "a\n", false, false},
	{"a document that is a flow collection is read", "{\"a\": [1, \"b\", null], \"c\":{\"d\":true}}\n", true, false},
	{"text behind a flow collection is an error", "a: {b: c} d\n", false, true},
	{"a flow collection as a key is the parser's", "{a: b}: c\n", false, false},
	{"a pair in a flow list is the parser's", "a: [b: c]\n", false, false},
	{"a key without value in flow style is the parser's", "a: {b, c: }\n", false, false},
	{"a plain word may be long in flow style", "a: [b c, -d, e-f, 1 2]\n", true, false},
	{"a question mark ends words in flow style", "a: [b?c]\n", false, true},
	{"an unclosed flow list is an error", "a: [b, c\nd: e\n", false, true},
	{"unclosed quotes are an error", "a: 'b\nc: d\n", false, true},
	{"template text that is a flow collection is the parser's", "a: {{ .b }}\n", false, false},
	{"reserved characters are errors", "a: @b\n", false, true},
	{"a back-tick is an error", "a: `b`\n", false, true},
	{"a percent sign begins no value", "a: %b\n", false, true},
	{"control characters are errors", "a: b\x01\n", false, true},
	{"DEL is an error", "a: \"\x7f\"\n", false, true},
	{"C1 controls are errors", "a: \u0080\n", false, true},
	{"noncharacters are errors", "a: \uffff\n", false, true},
	{"bytes that are no UTF-8 are errors", "a: \xe9\n", false, true},
	{"surrogates in UTF-8 are errors", "# \xed\xa0\x80\na: b\n", false, true},
	{"many-byte characters are read", "é: ü # ö\n😀:\n- 日本: \"語\"\n  x: |\n    ñ\n", true, false},
	{"a dash as a word in flow style is the parser's", "a: [b, -, c]\n", false, false},
	{"kinds of plain values are the parser's", "a: [1, 0x1f, 1_000, 1e3, .5, -.inf, 0o17, 0777, 2001-01-01, true, True, yes, ~, 1.2.3, 100m, -1]\n1: true\ntrue: 1\n", true, false},
	{"Windows paths are text", "a: c:\\d\\e\nf: 'c:\\d'\n", true, false},
	{"an item may begin with a dash or a colon", "- -a\n- --b=c\n- -1\n- :80\n- ?*\n- ?a: :b\n", true, false},
	{"a missing final line break is no matter", "a:\n- b", true, false},
	{"blanks at the end are no matter", "a: b  \nc: 'd'  \ne:  \n  - f  \n   ", true, false},
	{"a key of 1,024 bytes is read", strings.Repeat("k", 1024) + ": v\n", true, false},
	{"a longer key is an error", strings.Repeat("k", 1025) + ": v\n", false, true},
	{"a long key of wide characters is the parser's", strings.Repeat("é", 1000) + ": v\n", false, false},
	{"deep nesting is read", strings.Repeat("- ", 199) + "a\n", true, false},
	{"deeper nesting is the parser's", strings.Repeat("- ", 300) + "a\n", false, false},
	{"deeper flow collections are the parser's", "a: " + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "\n", false, false},
}

// BenchmarkParse reads the API's own examples, object by object.
func BenchmarkParse(b *testing.B) {
	inputs := apiExamples(b)
	size := 0
	for _, src := range inputs {
		size += len(src)
	}
	for name, p := range map[string]*Parser{"scanner": {}, "parser": {yamlOnly: true}} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				for _, src := range inputs {
					if _, err := p.Parse(src, 0, len(src)); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

func TestLinesAreCountedFromTheLastOneAskedFor(t *testing.T) {
	src := []byte("\ufeffa: b\n---\nc:\n  é: [d, e]\n---\n- f\n- g:\n    h\n")
	p := new(Parser)
	rnd := rand.New(rand.NewPCG(1, 1))
	parts := [][2]int{{0, 8}, {12, 28}, {32, len(src)}}
	for range 200 {
		part := parts[rnd.IntN(len(parts))]
		doc, err := p.Parse(src, part[0], part[1])
		if err != nil {
			t.Fatal(err)
		}
		for range 1 + rnd.IntN(4) {
			n := Node{doc, int32(rnd.IntN(len(doc.nodes)))}
			before := strings.TrimPrefix(string(src[:n.raw().start]), "\ufeff")
			lines := strings.Split(before, "\n")
			wantLine, wantCol := len(lines), 1+len([]rune(lines[len(lines)-1]))
			if line, col := n.Pos(); line != wantLine || col != wantCol {
				t.Fatalf("%q stands at %d:%d, want %d:%d", n.Text(), line, col, wantLine, wantCol)
			}
		}
	}
	// Another text of the same length is another text.
	other := slices.Clone(src)
	copy(other, "\n\n\n")
	doc, err := p.Parse(other, 12, 28)
	if err != nil {
		t.Fatal(err)
	}
	if line, _ := doc.Root().Pos(); line != 1+bytes.Count(other[:doc.nodes[0].start], lineFeed) {
		t.Errorf("line %d is counted from the text before", line)
	}
}
