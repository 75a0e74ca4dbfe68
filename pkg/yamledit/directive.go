package yamledit

import "bytes"

// skipVersion steps over a %YAML directive in front of a document, and the
// comments before it. The parser refuses version 1.2, which for what stands in
// manifests is the language that it reads.
func skipVersion(src []byte, start, end int) int {
	at := start
	line := func() []byte {
		rest := src[at:end]
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			return rest[:i+1]
		}
		return rest
	}
	for at < end && (src[at] == '#' || len(bytes.TrimSpace(line())) == 0) {
		at += len(line())
	}
	if !bytes.HasPrefix(src[at:end], []byte("%YAML 1.")) {
		return start
	}
	at += len(line())
	if after := at; bytes.HasPrefix(src[at:end], []byte("---")) {
		return after
	}
	return start
}
