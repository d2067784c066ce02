package deid

import (
	"slices"

	"ctcohort/io/dicomio"
)

const (
	tagGraphicAnnotation dicomio.Tag = 0x00700001
	tagUnformattedText   dicomio.Tag = 0x00700006
	tagTextObjects       dicomio.Tag = 0x00700008
	tagGraphicObjects    dicomio.Tag = 0x00700009
	tagCompoundGraphics  dicomio.Tag = 0x00700209
)

// annotations cleans a Graphic Annotation Sequence (PS3.15 section E.3.5, Clean
// Graphics): shapes stay, text stays word by word, and text of which nothing is
// left goes with its place, as do annotations that are left with nothing.
// Without the option the sequence goes.
func (w *walk) annotations(e *dicomio.Element, t iodType) bool {
	if !w.d.profile.has(cleanGraphics) || !w.sequence(e, t) {
		return false
	}
	for i := range e.Items {
		withoutItems(&e.Items[i].Dataset, tagTextObjects, func(text dicomio.Dataset) bool {
			value, ok := text.Find(tagUnformattedText)
			return !ok || string(value.Value) == string(dummies["ST"])
		})
	}
	e.Items = slices.DeleteFunc(e.Items, func(item dicomio.Item) bool {
		for _, t := range []dicomio.Tag{tagTextObjects, tagGraphicObjects, tagCompoundGraphics} {
			if len(item.Dataset.Items(t)) > 0 {
				return false
			}
		}
		return true
	})
	return len(e.Items) > 0
}

// withoutItems drops the items of a sequence that gone names, and the sequence
// with its last item.
func withoutItems(ds *dicomio.Dataset, t dicomio.Tag, gone func(dicomio.Dataset) bool) {
	e, ok := ds.Find(t)
	if !ok {
		return
	}
	e.Items = slices.DeleteFunc(e.Items, func(item dicomio.Item) bool { return gone(item.Dataset) })
	if len(e.Items) == 0 {
		*ds = slices.DeleteFunc(*ds, func(e dicomio.Element) bool { return e.Tag == t })
	}
}
