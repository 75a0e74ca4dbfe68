package imageref

import "unicode/utf8"

// Glob reports whether all of s matches the pattern, in which * is any run of characters, ? is any one, and everything
// else is itself. It is the language of tags and namespaces; a pattern can not be malformed.
func Glob(pattern, s string) bool {
	p, i := 0, 0
	star, resume := -1, 0 // where the last * was, and the end of what it takes so far
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, i
			p++
		case p < len(pattern) && pattern[p] == '?':
			_, n := utf8.DecodeRuneInString(s[i:])
			p, i = p+1, i+n
		case p < len(pattern) && pattern[p] == s[i]:
			p, i = p+1, i+1
		case star >= 0:
			resume++
			p, i = star+1, resume
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
