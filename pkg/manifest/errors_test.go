package manifest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pullable/pullable/pkg/manifest"
	"github.com/pullable/pullable/pkg/yamledit"
)

const pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n"

func TestBadInputIsOneErrorThatSaysWhereAndWhat(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"text that is no YAML names the document, the object and the line": {
			pod + "---\nkind: Secret\napiVersion: v1\nmetadata:\n  namespace: team\n  name: s\ndata: {a\n",
			"line ?: document 2 (v1 Secret team/s): did not find expected ',' or '}'",
		},
		"a bad item names the item": {
			"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n- apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: web\n  spec: [\n",
			"line 10: items[1] (apps/v1 Deployment web): did not find expected node content",
		},
		"a scalar is no object":                     {"hello\n", "line 1: a Kubernetes object is a mapping with apiVersion and kind, this is a string"},
		"a list is no object":                       {"- a\n", "line 1: a Kubernetes object is a mapping with apiVersion and kind, this is a list"},
		"an item that is a string":                  {"apiVersion: v1\nkind: List\nitems:\n" + indented(pod) + "- x\n", "line 8: items[1]: a Kubernetes object is a mapping with apiVersion and kind, this is a string"},
		"an item that is null":                      {"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n-\n", "line 4: items[0]: a Kubernetes object is a mapping with apiVersion and kind, this is null"},
		"an item in flow style":                     {"{apiVersion: v1, kind: List, items: [\n1]}", "line 2: items[0]: a Kubernetes object is a mapping with apiVersion and kind, this is a number"},
		"an item of a list in a list":               {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - apiVersion: v1\n    kind: Pod\n  - []\n", "line 9: items[0].items[1]: a Kubernetes object is a mapping with apiVersion and kind, this is a list"},
		"an object without a kind":                  {"apiVersion: v1\nmetadata:\n  name: a\n", "line 1: v1 a: the object has no kind; every Kubernetes object needs one"},
		"an object without an apiVersion":           {pod + "---\nkind: Pod\nmetadata: {name: b}\n", "line 6: document 2 (Pod b): the object has no apiVersion; every Kubernetes object needs one"},
		"a kind that is a number":                   {"apiVersion: v1\nkind: 7\n", "line 1: v1 7: kind must be a string, not a number"},
		"a kind that is empty":                      {"apiVersion: v1\nkind: ''\n", "line 1: v1: kind is empty; every Kubernetes object needs one"},
		"a kind that is given twice":                {"apiVersion: v1\nkind: A\nkind: B\n", "line 1: v1 A: the key \"kind\" is given twice"},
		"metadata that is given twice":              {pod + "metadata: {}\n", "line 1: v1 Pod a: the key \"metadata\" is given twice"},
		"a name that is given twice":                {pod + "  name: b\n", "line 1: v1 Pod a: the key \"metadata.name\" is given twice"},
		"a label that is given twice":               {pod + "  labels: {a: b, a: c}\n", "line 1: v1 Pod a: a key of metadata.labels is given twice"},
		"a label among many that is given twice":    {pod + "  labels: {" + manyLabels(40) + ", label-7: x}\n", "line 1: v1 Pod a: a key of metadata.labels is given twice"},
		"an annotation that is given twice":         {pod + "  annotations:\n    a: b\n    a: c\n", "line 1: v1 Pod a: a key of metadata.annotations is given twice"},
		"items that are given twice":                {"apiVersion: v1\nkind: List\nitems:\n- " + "apiVersion: v1\n  kind: Pod\nitems: []\n", "line 1: the key \"items\" is given twice"},
		"items that are given twice in JSON":        {`{"apiVersion":"v1","kind":"List","items":[],"items":[]}`, "line 1: the key \"items\" is given twice"},
		"results that are given twice":              {resourceList("results: []\nresults: []\n"), "line 1: the key \"results\" is given twice"},
		"a kind on both sides of the items":         {resourceList("kind: ResourceList\n"), "line 1: the key \"kind\" is given twice"},
		"a ResourceList without items":              {"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n", "line 1: the ResourceList has no items; an empty one has items: []"},
		"a ResourceList without items in JSON":      {`{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList"}`, "line 1: the ResourceList has no items; an empty one has items: []"},
		"a ResourceList with null items":            {"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n", "line 1: the items of the ResourceList are null; an empty one has items: []"},
		"a ResourceList whose items are a mapping":  {"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: {}\n", "line 1: the items of the ResourceList must be a list, not a mapping"},
		"a List whose items are a string":           {"apiVersion: v1\nkind: List\nitems: x\n", "line 1: the items of the List must be a list, not a string"},
		"a ResourceList of a version to come":       {strings.Replace(resourceList(""), "/v1\n", "/v2\n", 1), "line 1: the ResourceList has apiVersion \"config.kubernetes.io/v2\"; config.kubernetes.io/v1 and config.kubernetes.io/v1beta1 are known"},
		"a ResourceList without a version":          {"kind: ResourceList\nitems: []\n", "line 1: the ResourceList has no apiVersion; config.kubernetes.io/v1 is expected"},
		"a ResourceList with something behind it":   {resourceList("") + "---\n" + pod, "line 9: a ResourceList must be the only document of the input"},
		"a ResourceList with something before it":   {pod + "---\n" + resourceList(""), "line 6: a ResourceList must be the only document of the input"},
		"an empty ResourceList among others":        {pod + "---\napiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n", "line 6: document 2: a ResourceList must be the only document of the input"},
		"a JSON value that is cut off":              {"{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}\n{\"a\":", "line 2: document 2: the text ends in the middle of a JSON value, or the value is no JSON"},
		"text behind JSON values":                   {"{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}\n{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}\nx", "line 3: document 3: text that is no JSON follows a JSON value"},
		"text behind a document end marker":         {pod + "... x\n", "line 5: document 2: text follows the end of the document on the same line"},
		"a tab as indentation":                      {"apiVersion: v1\nkind: Pod\nmetadata:\n\tname: a\n", "line 4: v1 Pod a: found character that cannot start any token"},
		"the first of several errors":               {pod + "---\nkind: A\n---\n[\n---\nx\n", "line 6: document 2 (A): the object has no apiVersion; every Kubernetes object needs one"},
		"invalid UTF-8":                             {pod + "# \xff\n", "line 5: the input is not valid UTF-8"},
		"UTF-16 with a byte-order mark":             {"\xff\xfea\x00", "line 1: the input is in UTF-16 (little endian); only UTF-8 is read"},
		"UTF-16 without one":                        {"\x00a\x00p\x00i", "line 1: the input is in UTF-16 (big endian); only UTF-8 is read"},
		"UTF-16 without one, the other way round":   {"a\x00p\x00i\x00", "line 1: the input is in UTF-16 (little endian); only UTF-8 is read"},
		"UTF-16 with the other byte-order mark":     {"\xfe\xff\x00a", "line 1: the input is in UTF-16 (big endian); only UTF-8 is read"},
		"UTF-32":                                    {"\xff\xfe\x00\x00a\x00\x00\x00", "line 1: the input is in UTF-32 (little endian); only UTF-8 is read"},
		"UTF-32, the other way round":               {"\x00\x00\xfe\xff\x00\x00\x00a", "line 1: the input is in UTF-32 (big endian); only UTF-8 is read"},
		"an unknown anchor is not named":            {pod + "data:\n  password: *hunter2\n", "line 1: v1 Pod a: unknown anchor … referenced"},
		"a bad document among many is named, once":  {strings.Repeat(pod+"---\n", 50) + "x: [\n---\ny: [\n", "line ?: document 51: did not find expected node content"},
		"an input cut off in a quoted scalar":       {pod + "x: \"abc", "line 5: v1 Pod a: found unexpected end of stream"},
		"an item cut off in a quoted scalar":        {"apiVersion: v1\nkind: List\nitems:\n" + indented(pod) + "  x: \"abc", "line 8: items[0] (v1 Pod a): found unexpected end of stream"},
		"a JSON item that is no object":             {`{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod"},7]}`, "line 1: items[1]: a Kubernetes object is a mapping with apiVersion and kind, this is a number"},
		"a mapping in place of a metadata name":     {"apiVersion: {}\nkind: Pod\n", "line 1: Pod: apiVersion must be a string, not a mapping"},
		"a control character":                       {pod + "x: \x01\n", "line 1: v1 Pod a: control characters are not allowed"},
		"a second root value":                       {"{a: b}\nc: d\n", "line ?: did not find expected <document start>"},
		"a list that is its own item":               {"&a\napiVersion: v1\nkind: List\nitems:\n- *a\n", "line 5: items[0].items[0].items[0].items[0].items[0].items[0].items[0].items[0]…: more than 1000 items of lists are aliases"},
		"a very long apiVersion of a ResourceList":  {strings.Replace(resourceList(""), "/v1\n", "/"+strings.Repeat("v", 1000)+"\n", 1), "line 1: the ResourceList has apiVersion \"config.kubernetes.io/" + strings.Repeat("v", 256-len("config.kubernetes.io/")) + "…\"; config.kubernetes.io/v1 and config.kubernetes.io/v1beta1 are known"},
		"a directive in front of nothing":           {"%YAML 1.1\n", "line 1: did not find expected <document start>"},
		"an anchored ResourceList that has a twin":  {"--- &a\n" + resourceList("") + "---\n" + resourceList(""), "line 10: a ResourceList must be the only document of the input"},
		"a kind of a PodList's item of a bad type":  {"apiVersion: v1\nkind: PodList\nitems:\n- kind: []\n", "line 4: items[0]: kind must be a string, not a list"},
		"a list item that is given its kind twice":  {"apiVersion: v1\nkind: PodList\nitems:\n- kind: Pod\n  kind: Pod\n", "line 4: items[0] (Pod): the key \"kind\" is given twice"},
		"a functionConfig that is given twice":      {resourceList("functionConfig: {}\nfunctionConfig: {}\n"), "line 1: the key \"functionConfig\" is given twice"},
		"a ResourceList in JSON of another version": {`{"apiVersion":"config.kubernetes.io/v1alpha1","kind":"ResourceList","items":[]}`, "line 1: the ResourceList has apiVersion \"config.kubernetes.io/v1alpha1\"; config.kubernetes.io/v1 and config.kubernetes.io/v1beta1 are known"},
	} {
		t.Run(name, func(t *testing.T) {
			for range 3 { // the first error, whichever core finds it
				_, _, _, err := objects([]byte(c.in))
				var bad *manifest.InputError
				if !errors.As(err, &bad) {
					t.Fatalf("got %v (%T), want %q", err, err, c.want)
				}
				got := err.Error()
				if strings.HasPrefix(c.want, "line ?") {
					// Where a bracket is missing, the parser names one line or the next.
					_, rest, _ := strings.Cut(got, ":")
					got = "line ?:" + rest
				}
				if got != c.want {
					t.Fatalf("\n got %s\nwant %s", got, c.want)
				}
			}
		})
	}
}

// indented makes an item of an object.
func indented(object string) string {
	return "- " + strings.TrimSuffix(strings.ReplaceAll(object, "\n", "\n  "), "  ")
}

// resourceList gives a list with one item and more text behind it.
func resourceList(more string) string {
	return "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n" + indented(pod) + more
}

func TestNoBytesAreAnErrorOfTheirOwn(t *testing.T) {
	for name, text := range map[string]string{"nothing": "", "a byte-order mark alone": "\ufeff"} {
		if _, err := manifest.Read([]byte(text)); err != manifest.ErrEmpty {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"a line break":              "\n",
		"comments and separators":   "# a\n---\n# b\n---\n...\n",
		"null documents":            "---\nnull\n---\n~\n",
		"an empty ResourceList":     "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n",
		"an empty JSON list":        `{"apiVersion":"v1","kind":"List","items":[]}`,
		"a list that holds a list":  "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items: []\n",
		"a list with null items":    "apiVersion: v1\nkind: PodList\nitems: null\n---\napiVersion: v1\nkind: List\n",
		"a carriage return, a mark": "\ufeff\r",
	} {
		in, err := manifest.Read([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, got, _, err := objects([]byte(text))
		if wanted := strings.Contains(text, "PodList"); err != nil || (len(got) == 0) != in.Empty() || len(got) > 0 && !wanted {
			t.Errorf("%s: objects %q, Empty %v, error %v", name, got, in.Empty(), err)
		}
	}
	for _, text := range []string{pod, resourceList(""), "x: [", "... x\n"} {
		if in, err := manifest.Read([]byte(text)); err == nil && in.Empty() {
			t.Errorf("%q is empty", text)
		}
	}
}

// secret is what must not come out, cut into the pieces that a parser may quote.
const secret = "hunter2swordfish"

func TestNoErrorHoldsContent(t *testing.T) {
	for name, value := range map[string]string{
		"an alias":                    "*" + secret,
		"an anchor alone":             "&" + secret + " *" + secret + "2",
		"a tag":                       "!x!" + secret + " a",
		"a verbatim tag":              "!<" + secret,
		"a directive":                 "\n%" + secret + " 1",
		"an open quote":               "\"" + secret,
		"an escape":                   "\"\\" + secret + "\"",
		"an open bracket":             "[" + secret,
		"an at sign":                  "@" + secret,
		"a key on the same line":      secret + ": " + secret + ": " + secret,
		"a merge of a string":         "{<<: " + secret + "}",
		"a block scalar":              "|" + secret,
		"a bad number":                "!!int " + secret,
		"bad base64":                  "!!binary " + secret + "!",
		"a dedented key":              "\n " + secret + "\n" + secret + "\n",
		"a control character":         secret + "\x01",
		"text behind the end marker":  "\n... " + secret,
		"text behind a JSON document": "\n---\n{\"a\":1}{\"a\":1}" + secret,
		"broken JSON":                 "\n---\n{\"a\":1}{\"a\": " + secret + "}",
		"a string as a document":      "\n---\n" + secret,
		"a list as a kind":            "\nkind: [" + secret + "]",
		"a key that is given twice":   "a\n  " + secret + ": x\n  " + secret + ": y\nlabels: &" + secret + " x",
	} {
		text := "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  password: " + value + "\n"
		list := "apiVersion: v1\nkind: List\nitems:\n" + indented(text)
		for _, text := range []string{text, list} {
			_, _, _, err := objects([]byte(text))
			if err != nil && strings.Contains(err.Error(), secret[:4]) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestHostileInputEndsSoon(t *testing.T) {
	bomb := "a0: &a0 {kind: A, apiVersion: v1}\n"
	for i := range 30 {
		bomb += fmt.Sprintf("a%d: &a%d {kind: List, apiVersion: v1, items: [*a%d, *a%[3]d]}\n", i+1, i+1, i)
	}
	bomb += "kind: List\napiVersion: v1\nitems:\n- *a30\n"
	for name, text := range map[string]string{
		"a list of aliased lists":       bomb,
		"10,000 levels of lists":        strings.Repeat("[", 10000) + strings.Repeat("]", 10000),
		"10,000 levels of mappings":     strings.Repeat("{a: ", 10000) + strings.Repeat("}", 10000),
		"five million brackets, closed": strings.Repeat("[", 5<<20) + strings.Repeat("]", 5<<20),
		"a million brackets":            strings.Repeat("[", 1<<20),
		"a million braces":              strings.Repeat(`{"a":`, 1<<20),
		"9,000 Lists in each other":     strings.Repeat(`{"kind":"List","apiVersion":"v1","items":[`, 4500) + strings.Repeat("]}", 4500),
		"the same as YAML":              strings.Repeat(`{kind: List, apiVersion: v1, items: [`, 4500) + strings.Repeat("]}", 4500),
		"100,000 dashes on a line":      "apiVersion: v1\nkind: List\nitems:\n" + strings.Repeat("- ", 100000),
		"100,000 items that are null":   "apiVersion: v1\nkind: List\nitems:\n" + strings.Repeat("-\n", 100000),
		"100,000 documents":             strings.Repeat("---\nx\n", 100000),
		"100,000 open quotes":           strings.Repeat("\"\n- ", 100000),
		"100,000 comments and results":  "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nresults:\n" + strings.Repeat("#\n", 100000) + "- message: a\nitems:\n- &a {kind: A, apiVersion: v1}\n- *a\n",
		"a million escapes":             `{"a": "` + strings.Repeat(`\`, 1<<20) + `"`,
		"a million directives":          strings.Repeat("%YAML 1.1\n", 1<<20),
		"100,000 end markers":           strings.Repeat("...\n", 100000),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			in, err := manifest.Read([]byte(text))
			if err == nil {
				_, err = manifest.Each(in, func(o manifest.Object, n yamledit.Node) int { return n.Len() })
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if err != nil && len(err.Error()) > 500 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		})
	}
}

// manyLabels are the entries label-0 to label-(n-1).
func manyLabels(n int) string {
	var entries []string
	for i := range n {
		entries = append(entries, fmt.Sprintf("label-%d: x", i))
	}
	return strings.Join(entries, ", ")
}
