package deid

import (
	"bytes"
	"io"
	"strings"
)

// A search reads what is about to be written, pixel data left out, and looks for
// the patient's identifiers. It holds a window of it at a time.
type search struct {
	ids       *identifiers
	words     *matcher
	pseudonym []byte // left out, for a short name may stand in it by chance

	held []byte // from a little before the place where the next match may start
	from int    // that place in held
	low  []byte

	run   []byte // of digits and dots, so far
	dates map[string]int

	inRuns, inBytes string // the kind of the first identifier found
}

const (
	windowBytes  = 256 << 10
	overlapBytes = 512     // longer than what is searched and the words around it
	contextBytes = 64      // longer than a word before a match
	longestRun   = 1 << 16 // of digits: no identifier is longer
)

// find searches what write writes and returns the kind of an identifier found;
// "" when there is none. It is written once for each matcher, nearly always one.
func (ids *identifiers) find(pseudonym string, write func(io.Writer)) string {
	for m := range ids.matchers() {
		s := &search{ids: ids, words: m, pseudonym: []byte(pseudonym), dates: map[string]int{}}
		write(s)
		if kind := s.end(); kind != "" {
			return kind
		}
	}
	return ""
}

// Write never fails.
func (s *search) Write(p []byte) (int, error) {
	s.digits(p)
	for rest := p; len(rest) > 0; {
		n := min(len(rest), windowBytes)
		s.held, rest = append(s.held, rest[:n]...), rest[n:]
		if len(s.held) >= windowBytes {
			s.match(len(s.held) - overlapBytes)
		}
	}
	return len(p), nil
}

// end returns the kind of an identifier found in all that was written; "" when there is none.
func (s *search) end() string {
	s.endRun()
	s.match(len(s.held))
	if s.inRuns != "" {
		return s.inRuns
	}
	for date, n := range s.dates {
		if n > s.ids.given[date] {
			return "date"
		}
	}
	return s.inBytes
}

// match looks for words and IDs that start before a place in held.
func (s *search) match(to int) {
	s.low = lowerASCII(s.low[:0], s.held)
	for at := bytes.Index(s.low, s.pseudonym); at >= 0; at = bytes.Index(s.low, s.pseudonym) {
		copy(s.low[at:], strings.Repeat("?", len(s.pseudonym)))
	}
	found := s.words.find(s.low[s.from:], func(at, n int) bool {
		at += s.from
		switch {
		case at >= to:
			return false
		case s.ids.spelled[string(s.low[at:at+n])]:
			return bounded(s.low, at, n)
		}
		return !withinStandardWord(s.held, at, n)
	})
	if found {
		s.inBytes = "name or ID"
	}
	keep := max(0, to-contextBytes)
	s.held = append(s.held[:0], s.held[keep:]...)
	s.from = to - keep
}

// digits looks up each run of digits and dots among the UIDs, dates and numbers.
func (s *search) digits(p []byte) {
	for i := 0; i < len(p); i++ {
		if !digitOrDot(p[i]) {
			s.endRun()
			continue
		}
		start := i
		for i < len(p) && digitOrDot(p[i]) {
			i++
		}
		s.run = append(s.run, p[start:min(i, start+longestRun-len(s.run))]...)
		if i < len(p) {
			s.endRun()
		}
	}
}

func (s *search) endRun() {
	run := s.run
	s.run = s.run[:0]
	if len(run) < 5 {
		return
	}
	if s.ids.uids[string(bytes.Trim(run, "."))] {
		s.inRuns = "UID"
	}
	if len(run) < minRawDigits {
		return
	}
	day := s.ids.dates[string(run[:8])]
	if day {
		s.dates[string(run[:8])]++
	}
	if s.ids.numbers[string(run)] && !(day && len(run) == 8) {
		s.inRuns = "ID"
	}
}

func digitOrDot(b byte) bool { return b >= '0' && b <= '9' || b == '.' }

func letter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

// withinStandardWord reports whether what was found is part of a longer word
// that any file may hold.
func withinStandardWord(written []byte, at, n int) bool {
	start, end := at, at+n
	for start > 0 && letter(written[start-1]) {
		start--
	}
	for end < len(written) && letter(written[end]) {
		end++
	}
	word := strings.ToLower(string(written[start:end]))
	return end-start > n && (vocabulary[word] || standardWords[word])
}
