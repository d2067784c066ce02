package deid

import (
	"strings"

	"ctcohort/io/dicomio"
)

// block is a range of private elements, reserved by its creator (PS3.5 section 7.8.1).
type block struct {
	creator string
	used    bool // whether an element of it stays
}

// blocks are those of one data set, by the upper three bytes of their elements' tags.
type blocks map[dicomio.Tag]*block

func isCreator(t dicomio.Tag) bool {
	return t.Private() && t.Element() >= 0x10 && t.Element() <= 0xFF
}

// reserved returns the block that a creator reserves: (gggg,00bb) has (gggg,bbxx).
func reserved(creator dicomio.Tag) dicomio.Tag {
	return creator>>16<<8 | creator&0xFF
}

// blocksOf finds the private blocks of a data set.
func blocksOf(d dicomio.Dataset) blocks {
	out := blocks{}
	for i := range d {
		if e := &d[i]; isCreator(e.Tag) && out[reserved(e.Tag)] == nil {
			out[reserved(e.Tag)] = &block{creator: trimmed(string(e.Value))}
		}
	}
	return out
}

// private decides on a private element: with the option, those of the
// dictionary of safe ones stay, where their values are of the form it gives;
// creators stay until unused is asked.
func (w *walk) private(e *dicomio.Element) bool {
	if isCreator(e.Tag) {
		return w.blocks[reserved(e.Tag)] != nil
	}
	b := w.blocks[e.Tag>>8]
	if b == nil {
		return false
	}
	safe, ok := safePrivate[safeKey{b.creator, e.Tag.Group(), uint8(e.Tag)}]
	if !ok || e.VR != safe.vr && e.VR != "UN" || !w.safe(e, safe) {
		return false
	}
	b.used = true
	return true
}

// safe keeps a safe private element whose value has the form of its VR and holds
// no identifier. UIDs go by the profile; free text is cleaned word by word.
func (w *walk) safe(e *dicomio.Element, form safeElement) bool {
	text := string(e.Value)
	switch c := classOf(form.vr); {
	case c == classSequence:
		return w.sequence(e, 3)
	case e.IsSequence():
		return false
	case c == classUID && w.d.profile.has(retainUIDs):
		return w.retain(e, form.vr, 3, listed{action: "K", basic: "U", option: retainUIDs.Code})
	case c == classUID:
		return w.uids(e, form.vr, 3)
	case form.vr == "ST" || form.vr == "LT":
		return w.text(e, form.vr, 3)
	case c == classNumber:
		size := numberSize(form.vr)
		return len(text)%size == 0 && form.holds(len(text)/size) && w.keep()
	}
	return plain(form.vr, text) && form.holds(strings.Count(text, `\`)+1) && !w.identifies(form.vr, text) && w.keep()
}

// holds reports whether a value may consist of n, or be empty.
func (f safeElement) holds(n int) bool {
	return n == 0 || n >= f.min && (f.max == 0 || n <= f.max)
}

// withoutUnused drops the creators of blocks of which nothing stayed.
func (w *walk) withoutUnused(d dicomio.Dataset) dicomio.Dataset {
	kept := d[:0]
	for i := range d {
		if isCreator(d[i].Tag) && !w.blocks[reserved(d[i].Tag)].used {
			w.result.Removed++
			continue
		}
		kept = append(kept, d[i])
	}
	return kept
}
