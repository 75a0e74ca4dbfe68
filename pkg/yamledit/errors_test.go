package yamledit

import (
	"errors"
	"strings"
	"testing"
)

func TestSyntaxErrorsNameTheLineOfTheWholeText(t *testing.T) {
	for name, test := range map[string]struct {
		src  string
		line int
	}{
		"in the first line":      {"a: b: c\n", 1},
		"further down":           {"a: b\nc: d\ne: [\n", 3},
		"after lone CRs":         {"a: b\rc: d\re: 'x\r", 3},
		"an alias has no anchor": {"a: b\nc: *x\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(test.src))
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Line != test.line {
				t.Errorf("got %v, want line %d", err, test.line)
			}
		})
	}
}

func TestAPartsErrorsCountFromTheWhole(t *testing.T) {
	src := []byte("a: b\n---\nc: d\ne: 'f\n")
	_, err := new(Parser).Parse(src, strings.Index(string(src), "c:"), len(src))
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Line < 4 {
		t.Errorf("got %v", err)
	}
}

func TestASecondDocumentIsAnError(t *testing.T) {
	for _, src := range []string{"a: b\n---\nc: d\n", "a: b\n---\n: : [\n"} {
		if _, err := Parse([]byte(src)); err == nil {
			t.Errorf("%q is accepted", src)
		}
	}
}

func TestJSONIsReadAsJSON(t *testing.T) {
	doc, err := ParseJSON([]byte(`{"a\/b": "\ud83d\ude00", "` + strings.Repeat("k", 2000) + `": [true, null, 1.5e3]}`))
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := doc.Root().Get("a/b"); v.Text() != "😀" || v.Kind() != String {
		t.Errorf("%q", v.Text())
	}
	list, _ := doc.Root().Get(strings.Repeat("k", 2000))
	var kinds []Kind
	for _, item := range list.Items() {
		kinds = append(kinds, item.Kind())
	}
	if len(kinds) != 3 || kinds[0] != Bool || kinds[1] != Null || kinds[2] != Number {
		t.Errorf("%v", kinds)
	}
}

func TestJSONErrors(t *testing.T) {
	for name, test := range map[string]struct{ src, says string }{
		"cut off":         {`{"a": [1, `, "line 1: the text ends in the middle of a value"},
		"two values":      {`{} {}`, "line 1: more text follows the value"},
		"a trailing text": {"{}\nx", "line 2"},
		"too deep":        {strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), "exceeded max depth of 10000"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ParseJSON([]byte(test.src)); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
}

func TestEditsThatTouchOneTextAreAConflictAndNothingIsWritten(t *testing.T) {
	src := []byte("a: b\nc: d\n")
	doc, err := Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	place, err := doc.Root().After("x", "a")
	if err != nil {
		t.Fatal(err)
	}
	remove, err := doc.Root().Remove("a")
	if err != nil {
		t.Fatal(err)
	}
	v, _ := doc.Root().Get("a")
	replace, err := v.Replace()
	if err != nil {
		t.Fatal(err)
	}
	for name, edits := range map[string][]Edit{
		"two values at one place":        {{place, Text("1")}, {place, Text("2")}},
		"a removal around a replacement": {{remove, Value{}}, {replace, Text("1")}},
	} {
		var out strings.Builder
		var conflict *Conflict
		if err := Splice(&out, src, edits); !errors.As(err, &conflict) || out.Len() != 0 {
			t.Errorf("%s: error %v, %d bytes written", name, err, out.Len())
		}
	}
	if got, err := Apply(src, []Edit{{place, Text("z")}, {place, Text("z")}}); err != nil || string(got) != "a: b\nx: z\nc: d\n" {
		t.Errorf("equal edits are one edit: %q, %v", got, err)
	}
}

func TestADocumentMaySayItsVersion(t *testing.T) {
	for _, src := range []string{"%YAML 1.2\n---\na: b\n", "# why\n\n%YAML 1.1\r\n--- # doc\na: b\n"} {
		doc, err := Parse([]byte(src))
		if err != nil {
			t.Errorf("%q: %v", src, err)
			continue
		}
		place, err := doc.Root().After("c", "a")
		if err != nil {
			t.Errorf("%q: %v", src, err)
			continue
		}
		if got, err := Apply([]byte(src), []Edit{{place, Text("d")}}); err != nil || string(got) != src+"c: d\n" {
			t.Errorf("%q becomes %q, %v", src, got, err)
		}
	}
	for _, src := range []string{"%YAML 1.2\na: b\n", "%YAML 2.0\n---\na: b\n"} {
		if _, err := Parse([]byte(src)); err == nil {
			t.Errorf("%q is accepted", src)
		}
	}
}
