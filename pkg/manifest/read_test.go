package manifest

import (
	"math/rand/v2"
	"testing"
)

func TestLinesAtTheMarginAreFoundAsReadingEveryByteFindsThem(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	alphabet := []byte("\n\n  -a\x8a\x0b\xa0\x21")
	for range 20_000 {
		src := make([]byte, r.IntN(80))
		for i := range src {
			src[i] = alphabet[r.IntN(len(alphabet))]
		}
		at := 0
		if len(src) > 0 {
			at = r.IntN(len(src))
		}
		want := at
		for want < len(src) && (src[want] != '\n' || want+1 < len(src) && src[want+1] == ' ') {
			want++
		}
		if got := nextAtMargin(src, at); got != min(want+1, len(src)) {
			t.Fatalf("%q from %d: %d, want %d", src, at, got, want+1)
		}
	}
}

func TestAStringMapIsLeftAsItIsWhereAValueIsSet(t *testing.T) {
	m := StringMap{{"a", "1"}, {"b", "2"}}
	if got := m.With("a", "3"); got.Get("a") != "3" || got.Get("b") != "2" || len(got) != 2 {
		t.Errorf("set: %v", got)
	}
	if got := m.With("c", "3").With("c", "4"); got.Get("c") != "4" || len(got) != 3 {
		t.Errorf("added: %v", got)
	}
	if _, ok := m.Lookup("c"); ok || m.Get("a") != "1" {
		t.Errorf("m is changed: %v", m)
	}
}
