package deid

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// matcher finds any of many byte patterns in one pass: a bit set of the hashes
// of their first four bytes rules out nearly every position, and a look-up for
// each length of those that begin so finds one of ten thousand as fast as one.
type matcher struct {
	first   []uint64
	shift   uint32 // of a hash, for as many bits as first has
	lengths map[uint32][]int
	whole   map[string]bool
}

// newMatcher returns a matcher of patterns that have minRawBytes bytes or more.
func newMatcher(patterns [][]byte) *matcher {
	words := 8 // of 64 bits: a hundred bits a pattern, up to 8 KiB
	for words < 1<<10 && words < 2*len(patterns) {
		words *= 2
	}
	m := &matcher{
		first: make([]uint64, words), shift: uint32(32 - bits.Len(uint(64*words-1))),
		lengths: make(map[uint32][]int, len(patterns)), whole: make(map[string]bool, len(patterns)),
	}
	for _, p := range patterns {
		key := binary.LittleEndian.Uint32(p)
		h := m.hash(key)
		m.first[h>>6] |= 1 << (h & 63)
		if !slices.Contains(m.lengths[key], len(p)) {
			m.lengths[key] = append(m.lengths[key], len(p))
		}
		m.whole[string(p)] = true
	}
	return m
}

func (m *matcher) hash(key uint32) uint32 { return key * 0x9E3779B1 >> m.shift }

// find calls hit with each match until it returns true, and reports whether it did.
func (m *matcher) find(b []byte, hit func(at, n int) bool) bool {
	if len(b) < minRawBytes {
		return false
	}
	key := binary.LittleEndian.Uint32(b) << 8
	for at := 0; at+minRawBytes <= len(b); at++ {
		key = key>>8 | uint32(b[at+3])<<24
		if h := m.hash(key); m.first[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		for _, n := range m.lengths[key] {
			if at+n <= len(b) && m.whole[string(b[at:at+n])] && hit(at, n) {
				return true
			}
		}
	}
	return false
}
