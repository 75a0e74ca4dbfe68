package manifest

import "bytes"

// LooksLikeObjects says whether a text looks as if it held Kubernetes objects:
// some document of it has the fields apiVersion and kind at its top level. It
// parses nothing, so that a template, which is no YAML, can be told from a
// manifest with an error in it.
func LooksLikeObjects(src []byte) bool {
	src = bytes.TrimPrefix(src, byteOrderMark)
	if !bytes.Contains(src, []byte("apiVersion")) || !bytes.Contains(src, []byte("kind")) {
		return false
	}
	var s screen
	s.start()
	for len(src) > 0 && !s.found() {
		line := src
		if end := bytes.IndexAny(src, "\r\n"); end >= 0 {
			line, src = src[:end], src[end+1:]
		} else {
			src = nil
		}
		s.line(line)
	}
	return s.found()
}

// A screen looks at the lines of one document after another.
type screen struct {
	apiVersion, kind bool
	indent           int // of the top level in block style; -1 before the first line
	flow             bool
	depth            int  // of the brackets that are open, in flow style
	quote            byte // that is open, in flow style
}

func (s *screen) start() { *s = screen{indent: -1} }

func (s *screen) found() bool { return s.apiVersion && s.kind }

func (s *screen) line(line []byte) {
	if !s.flow && (isMarker(line, 0, "---") || isMarker(line, 0, "...")) {
		s.start()
		line = line[3:]
	}
	text := bytes.TrimLeft(line, " \t")
	switch {
	case len(text) == 0, text[0] == '#', text[0] == '%' && s.indent < 0:
		return
	case bytes.HasPrefix(text, []byte("{{")), bytes.HasPrefix(text, []byte("{%")):
		return // an instruction to a template engine
	case s.indent < 0:
		s.indent = len(line) - len(text)
		s.flow = text[0] == '{'
	}
	if s.flow {
		s.inFlow(text)
		return
	}
	if len(line)-len(text) == s.indent {
		s.field(text)
	}
}

// field takes note of one of the two fields that starts here.
func (s *screen) field(text []byte) {
	key := text
	if len(text) > 0 && (text[0] == '"' || text[0] == '\'') {
		key = text[1:]
	}
	for name, seen := range map[string]*bool{"apiVersion": &s.apiVersion, "kind": &s.kind} {
		rest, ok := bytes.CutPrefix(key, []byte(name))
		if !ok {
			continue
		}
		if len(key) < len(text) {
			if rest, ok = bytes.CutPrefix(rest, text[:1]); !ok {
				continue
			}
		}
		if bytes.HasPrefix(bytes.TrimLeft(rest, " \t"), []byte(":")) {
			*seen = true
		}
	}
}

// inFlow goes over a line of a document in braces and looks at what stands
// between the outermost ones.
func (s *screen) inFlow(text []byte) {
	for i := 0; i < len(text) && !s.found(); i++ {
		c := text[i]
		if s.quote != 0 {
			switch {
			case c == '\\' && s.quote == '"':
				i++
			case c == s.quote:
				s.quote = 0
			}
			continue
		}
		if s.depth == 1 {
			s.field(text[i:])
		}
		switch c {
		case '"', '\'':
			s.quote = c
		case '{', '[':
			s.depth++
		case '}', ']':
			s.depth--
		}
		if s.depth == 0 && c == '}' {
			s.start() // another value of a JSON stream may follow
			s.flow, s.indent = true, 0
		}
	}
}
