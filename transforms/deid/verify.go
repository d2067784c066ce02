package deid

import (
	"bytes"
	"strings"

	"ctcohort/io/dicomio"
)

// Written bytes are searched in windows, so that a large header is not copied whole.
const (
	windowBytes  = 256 << 10
	overlapBytes = 512 // longer than what is searched
)

// residual searches written bytes, pixel data left out, for the identifiers
// and names the kind of the first one found; "" when there is none. The
// pseudonym is left out, for a short name may stand in it by chance.
func (ids *identifiers) residual(written []byte, pseudonym string) string {
	if kind := ids.inRuns(written); kind != "" {
		return kind
	}
	if ids.anywhere == nil {
		ids.anywhere = newMatcher(ids.needles())
	}
	var low []byte
	for start := 0; start < len(written); start += windowBytes - overlapBytes {
		low = lowerASCII(low[:0], written[start:min(start+windowBytes, len(written))])
		for at := bytes.Index(low, []byte(pseudonym)); at >= 0; at = bytes.Index(low, []byte(pseudonym)) {
			copy(low[at:], strings.Repeat("?", len(pseudonym)))
		}
		if ids.anywhere.find(low, func(at, n int) bool {
			if ids.spelled[string(low[at:at+n])] {
				return bounded(low, at, n)
			}
			return !withinStandardWord(written, start+at, n)
		}) {
			return "name or ID"
		}
		if start+windowBytes >= len(written) {
			break
		}
	}
	return ""
}

// inRuns looks up each run of digits and dots among the UIDs, dates and numbers.
func (ids *identifiers) inRuns(written []byte) string {
	seen := map[string]int{}
	for i := 0; i < len(written); i++ {
		if !digitOrDot(written[i]) {
			continue
		}
		start := i
		for i < len(written) && digitOrDot(written[i]) {
			i++
		}
		run := written[start:i]
		if len(run) < 5 {
			continue
		}
		if ids.uids[string(bytes.Trim(run, "."))] {
			return "UID"
		}
		if len(run) < minRawDigits {
			continue
		}
		if ids.dates[string(run[:8])] {
			seen[string(run[:8])]++
		}
		if ids.numbers[string(run)] && !ids.dates[string(run)] {
			return "ID"
		}
	}
	for date, n := range seen {
		if n > ids.given[date] {
			return "date"
		}
	}
	return ""
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

// shortResidual reports whether text of d holds a word or number that is too
// short to be searched among bytes. Coded values cannot hold one: they are
// terms of the standard, checked when they were kept.
func (ids *identifiers) shortResidual(d dicomio.Dataset, around charset) bool {
	set := charsetOf(d, around)
	for i := range d {
		e := &d[i]
		if ownMarks[e.Tag] || isCreator(e.Tag) {
			continue
		}
		for j := range e.Items {
			if ids.shortResidual(e.Items[j].Dataset, set) {
				return true
			}
		}
		switch e.VR {
		case "LO", "SH", "ST", "LT", "UT", "UC", "PN", "AE":
			text, ok := set.decode(e.Value)
			if e.VR == "PN" {
				text, ok = set.decodeName(e.Value)
			}
			if !ok || ids.value(text) {
				return true
			}
		}
	}
	return false
}
