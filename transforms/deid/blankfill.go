package deid

import "sort"

// blankBytes overwrites the stretches of each frame of frameBytes in p, which
// starts at the given offset of pixel data.
func blankBytes(p []byte, at, frameBytes int64, blank []stretch) {
	end := at + int64(len(p))
	for base := at / frameBytes * frameBytes; base < end; base += frameBytes {
		from := max(at-base, 0)
		i := sort.Search(len(blank), func(i int) bool { return blank[i].end > from })
		for ; i < len(blank) && base+blank[i].from < end; i++ {
			s := blank[i]
			for q := max(base+s.from, at); q < min(base+s.end, end); {
				fill := s.fill[(q-base-s.from)%int64(len(s.fill)):]
				q += int64(copy(p[q-at:min(base+s.end, end)-at], fill))
			}
		}
	}
}

// blankBits does so for pixels of single bits, the first in the lowest bit of a
// byte; frames follow each other without padding (PS3.5 section 8.1.1).
func blankBits(p []byte, at, frameBits int64, blank []stretch) {
	start, end := 8*at, 8*(at+int64(len(p)))
	for base := start / frameBits * frameBits; base < end; base += frameBits {
		from := max(start-base, 0)
		i := sort.Search(len(blank), func(i int) bool { return blank[i].end > from })
		for ; i < len(blank) && base+blank[i].from < end; i++ {
			for q := max(base+blank[i].from, start); q < min(base+blank[i].end, end); q++ {
				bit := byte(1) << (q % 8)
				p[(q-start)/8] = p[(q-start)/8]&^bit | blank[i].fill[0]&bit
			}
		}
	}
}
