package deid

import (
	"bytes"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
)

// wordsAtOnce is of how many words the needles are in memory: each may have
// twenty, in as many encodings.
const wordsAtOnce = 2048

// matchers returns matchers of the needles of all words.
func (ids *identifiers) matchers() iter.Seq[*matcher] {
	return func(yield func(*matcher) bool) {
		if ids.anywhere != nil {
			yield(ids.anywhere)
			return
		}
		words := slices.Collect(maps.Keys(ids.words))
		if len(words) <= wordsAtOnce {
			ids.anywhere = newMatcher(ids.needles(words))
			yield(ids.anywhere)
			return
		}
		for some := range slices.Chunk(words, wordsAtOnce) {
			if !yield(newMatcher(ids.needles(some))) {
				return
			}
		}
	}
}

// needles returns the byte patterns, in lower case as far as ASCII goes, of words
// and of dates that are searched anywhere: in UTF-8, UTF-16 of either order, each
// character set of the file, and what is often written in place of those.
func (ids *identifiers) needles(words []string) [][]byte {
	encoders := []*encoding.Encoder{japanese.ISO2022JP.NewEncoder()}
	for _, enc := range others {
		encoders = append(encoders, enc.NewEncoder())
	}
	for _, s := range ids.sets {
		for _, enc := range s.encodings() {
			encoders = append(encoders, enc.NewEncoder())
		}
	}
	var out [][]byte
	add := func(b []byte) {
		if b = b[:min(len(b), overlapBytes/2)]; len(b) >= minRawBytes {
			out = append(out, lowerASCII(nil, b))
		}
	}
	for _, w := range words {
		if vocabulary[w] || standardWords[w] {
			continue
		}
		if isASCII(w) {
			if len(w) >= minRawBytes {
				add([]byte(w))
				add(wide(w, false))
			}
			continue
		}
		forms := []string{w, strings.ToUpper(w), title(w)}
		if forms[1] == w { // a script without capitals
			forms = forms[:1]
		}
		for _, form := range forms {
			add([]byte(form))
			add(wide(form, false))
			add(wide(form, true))
			for _, enc := range encoders {
				if b, err := enc.Bytes([]byte(form)); err == nil {
					add(unescaped(b))
				}
			}
			for _, set := range ids.sets {
				if b, ok := set.extend(form); ok {
					add(unescaped(b))
				}
			}
		}
	}
	for s := range ids.spelled {
		add([]byte(s))
	}
	return out
}

// unescaped returns encoded text without the escape sequences at its ends, which
// are left out where the text around it is in the same set.
func unescaped(b []byte) []byte {
	if len(b) > 0 && b[0] == 0x1B {
		for sequence := range designations {
			b = bytes.TrimPrefix(b, []byte(sequence))
		}
	}
	b = bytes.TrimSuffix(b, []byte(ascii94.escape))
	return bytes.TrimSuffix(b, []byte(roman.escape))
}

func title(w string) string {
	r := []rune(w)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// wide returns text in UTF-16. That of ASCII is without the zero at its end, so
// that it is found in either order.
func wide(s string, bigEndian bool) []byte {
	var out []byte
	for _, r := range s {
		switch {
		case r >= 0x10000:
		case bigEndian:
			out = append(out, byte(r>>8), byte(r))
		default:
			out = append(out, byte(r), byte(r>>8))
		}
	}
	return bytes.TrimSuffix(out, []byte{0})
}

// lowerASCII appends b to dst with its ASCII capitals made small.
func lowerASCII(dst, b []byte) []byte {
	dst = slices.Grow(dst, len(b))
	for _, c := range b {
		dst = append(dst, lowerByte(c))
	}
	return dst
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
