package duckdb

import "io"

// strictJSON passes JSON on, with the bare words Infinity, -Infinity and NaN,
// which DuckDB writes and JSON does not have, as strings.
type strictJSON struct {
	to       io.Writer
	inString bool
	escaped  bool   // the byte before was a backslash
	word     []byte // a value outside strings that has begun
}

func (s *strictJSON) Write(p []byte) (int, error) {
	var out []byte
	for _, b := range p {
		switch {
		case s.inString:
			s.inString = s.escaped || b != '"'
			s.escaped = !s.escaped && b == '\\'
			out = append(out, b)
		case b == '-' || b == '+' || b == '.' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z':
			s.word = append(s.word, b)
		default:
			out = append(append(out, quoted(s.word)...), b)
			s.word, s.inString = s.word[:0], b == '"'
		}
	}
	if _, err := s.to.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// quoted is a word of JSON. A document ends with a bracket, so that no word is left.
func quoted(word []byte) []byte {
	switch string(word) {
	case "Infinity", "-Infinity", "NaN":
		return []byte(`"` + string(word) + `"`)
	}
	return word
}
