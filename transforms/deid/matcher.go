package deid

import (
	"encoding/binary"
	"slices"
)

// matcher finds any of many byte patterns in one pass: a bit set of the hashes
// of their first four bytes rules out nearly every position.
type matcher struct {
	first    [1 << 10]uint64
	patterns map[uint32]*bucket
}

// bucket holds the patterns that begin with the same four bytes: a look-up for
// each length, so that a file with ten thousand names is searched as fast.
type bucket struct {
	lengths []int
	whole   map[string]bool
}

// newMatcher returns a matcher of patterns that have minRawBytes bytes or more.
func newMatcher(patterns [][]byte) *matcher {
	m := &matcher{patterns: make(map[uint32]*bucket, len(patterns))}
	for _, p := range patterns {
		key := binary.LittleEndian.Uint32(p)
		h := hash16(key)
		m.first[h>>6] |= 1 << (h & 63)
		b := m.patterns[key]
		if b == nil {
			b = &bucket{whole: map[string]bool{}}
			m.patterns[key] = b
		}
		b.whole[string(p)] = true
		if !slices.Contains(b.lengths, len(p)) {
			b.lengths = append(b.lengths, len(p))
		}
	}
	return m
}

func hash16(key uint32) uint32 { return key * 0x9E3779B1 >> 16 }

// find calls hit with each match until it returns true, and reports whether it did.
func (m *matcher) find(b []byte, hit func(at, n int) bool) bool {
	if len(b) < minRawBytes {
		return false
	}
	key := binary.LittleEndian.Uint32(b) << 8
	for at := 0; at+minRawBytes <= len(b); at++ {
		key = key>>8 | uint32(b[at+3])<<24
		if h := hash16(key); m.first[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		same := m.patterns[key]
		if same == nil {
			continue
		}
		for _, n := range same.lengths {
			if at+n <= len(b) && same.whole[string(b[at:at+n])] && hit(at, n) {
				return true
			}
		}
	}
	return false
}
