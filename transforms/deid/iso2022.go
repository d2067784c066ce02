package deid

import "strings"

// extended decodes a value with code extensions (PS3.5 section 6.1.2.5): sets
// are designated to G0 (7-bit bytes) and G1 (8-bit bytes) by escape sequences.
type extended struct {
	first      [2]*codeSet // G0 and G1 at the start of a value; no G1 is nil
	delimiters string      // beside line ends, page ends and tabs, after which the first sets are active again

	g0, g1 *codeSet
	out    strings.Builder
	run    []byte // bytes of one set that wait to be decoded
	set    *codeSet
	bad    bool
}

func (d *extended) decode(value []byte) (string, bool) {
	d.reset()
	for len(value) > 0 && !d.bad {
		value = value[d.next(value):]
	}
	d.flush()
	return d.out.String(), !d.bad
}

// reset returns to the first sets. Where the first G1 is none, writers often
// leave out the escape sequence after a delimiter, so that the last one stays.
func (d *extended) reset() {
	d.g0 = d.first[0]
	if d.first[1] != nil {
		d.g1 = d.first[1]
	}
}

// next takes a character or an escape sequence and returns its length.
func (d *extended) next(v []byte) int {
	b := v[0]
	switch {
	case b == 0x1B:
		return d.designate(v)
	case b >= 0x80 && d.g1 == nil:
		d.bad = true
		return 1
	case b >= 0x80:
		n := d.g1.size(v)
		d.put(d.g1, v[:n])
		return n
	case b > ' ' && b < 0x7F && d.g0.form == doubleG0:
		if len(v) < 2 || v[1] <= ' ' || v[1] >= 0x7F {
			d.bad = true
			return 1
		}
		d.put(d.g0, v[:2])
		return 2
	}
	d.put(ascii94, v[:1])
	if b == '\r' || b == '\n' || b == '\t' || b == '\f' || strings.IndexByte(d.delimiters, b) >= 0 {
		d.reset()
	}
	return 1
}

// designate takes an escape sequence.
func (d *extended) designate(v []byte) int {
	for n := 3; n <= 4 && n <= len(v); n++ {
		if s, ok := designations[string(v[:n])]; ok {
			if s.inG1() {
				d.g1 = s
			} else {
				d.g0 = s
			}
			return n
		}
	}
	d.bad = true
	return 1
}

func (d *extended) put(s *codeSet, b []byte) {
	if s != d.set {
		d.flush()
		d.set = s
	}
	d.run = append(d.run, b...)
}

func (d *extended) flush() {
	if len(d.run) > 0 {
		text, ok := d.set.decode(d.run)
		d.out.WriteString(text)
		d.bad = d.bad || !ok
	}
	d.run = d.run[:0]
}

// extend encodes text, with escape sequences where the character set has code
// extensions; false when no set of it has a character. Each change of the set
// writes an escape sequence, for readers that know but one set at a time.
func (c charset) extend(text string) ([]byte, bool) {
	var sets []*codeSet
	for _, term := range c {
		s := setOf(term)
		if s == nil {
			return nil, false
		}
		sets = append(sets, s)
	}
	first, start := ascii94, (*codeSet)(nil)
	if len(sets) > 0 && sets[0].inG1() {
		start = sets[0]
	}
	if start != nil && start.form == kana {
		first = roman
	}
	extensions := len(c) > 1 || len(c) == 1 && strings.Contains(c[0], "2022")
	active := start // the set of characters beyond ASCII
	var out []byte
	leave := func() {
		if active != nil && active.form == doubleG0 {
			active = nil
			out = append(out, first.escape...)
		}
	}
	for _, r := range text {
		if r < 0x80 {
			leave()
			out = append(out, byte(r))
			if active != start && strings.ContainsRune("\\^=\r\n\t\f", r) {
				active = nil // what a reader takes for active depends on the VR
			}
			continue
		}
		s, raw := choose(r, append([]*codeSet{active}, sets...))
		if s == nil || s != active && !extensions {
			return nil, false
		}
		if s != active {
			leave()
			active = s
			out = append(out, s.escape...)
		}
		out = append(out, raw...)
	}
	leave()
	return out, true
}

// choose returns the first set that has r, and its bytes.
func choose(r rune, sets []*codeSet) (*codeSet, []byte) {
	for _, s := range sets {
		if s == nil {
			continue
		}
		if raw, ok := s.encode(r); ok {
			return s, raw
		}
	}
	return nil, nil
}
