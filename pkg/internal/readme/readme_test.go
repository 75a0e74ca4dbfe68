package readme

import "testing"

func TestTextGoesBetweenTheMarkers(t *testing.T) {
	const begin, end = "<!-- x:begin -->", "<!-- x:end -->"
	for name, test := range map[string]struct{ readme, want, err string }{
		"what stood there is replaced":         {"a\n" + begin + "\nold\n" + end + "\nb\n", "a\n" + begin + "\nnew\n" + end + "\nb\n", ""},
		"nothing stood there":                  {begin + end, begin + "\nnew\n" + end, ""},
		"without markers the text stays":       {"a\n", "a\n", ""},
		"a place without an end is an error":   {"a" + begin, "", "the README needs both " + begin + " and, after it, " + end},
		"a place without a start is an error":  {end, "", "the README needs both " + begin + " and, after it, " + end},
		"an end before the start is an error":  {end + begin, "", "the README needs both " + begin + " and, after it, " + end},
		"only the first place is the one used": {begin + end + begin + end, begin + "\nnew\n" + end + begin + end, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Insert(test.readme, "x", "new\n")
			if message := ""; err != nil {
				message = err.Error()
				if message != test.err {
					t.Errorf("got error %q, want %q", message, test.err)
				}
			} else if test.err != "" {
				t.Errorf("got no error, want %q", test.err)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
