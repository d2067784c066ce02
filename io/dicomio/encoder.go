package dicomio

import (
	"io"
	"sync"
)

// encoder writes data sets. Lengths are counted before they are written, so
// that no more than a part of what is encoded is in memory.
type encoder struct {
	w    io.Writer // nil: all of it stays in held
	held []byte
	err  error
}

// encoderStep is how much is held before it is written.
const encoderStep = 32 << 10

var encoders = sync.Pool{New: func() any { return &encoder{held: make([]byte, 0, 2*encoderStep)} }}

// appendDataset appends d to dst.
func appendDataset(dst []byte, d Dataset, enc encoding) []byte {
	e := encoder{held: dst}
	e.dataset(d, enc)
	return e.held
}

func (o *encoder) dataset(d Dataset, enc encoding) {
	for i := range d {
		o.element(&d[i], enc)
	}
}

func (o *encoder) element(e *Element, enc encoding) {
	if !e.IsSequence() {
		o.held = e.appendHead(o.held, enc, uint32(len(e.Value)))
		o.value(e.Value)
		return
	}
	length := uint32(Undefined)
	if e.Length != Undefined {
		length = uint32(itemsSize(e.Items, enc))
	}
	o.held = e.appendHead(o.held, enc, length)
	for i := range e.Items {
		o.item(&e.Items[i], enc)
	}
	if e.Length != Undefined {
		return
	}
	big := enc.big
	if len(e.Items) > 0 && e.Items[0].enc.known {
		big = e.Items[0].enc.big
	} else if e.VR == "UN" {
		big = false
	}
	o.held = appendHeader(o.held, tagSeqDelimiter, e.delimiter, big)
}

func (o *encoder) item(it *Item, parent encoding) {
	enc := it.encoding(parent)
	length := uint32(Undefined)
	if it.Length != Undefined {
		length = uint32(it.size(enc))
	}
	o.held = appendHeader(o.held, tagItem, length, enc.big)
	if it.fragment {
		o.value(it.Raw)
	} else {
		o.dataset(it.Dataset, enc)
	}
	if it.Length == Undefined {
		o.held = appendHeader(o.held, tagItemDelimiter, it.delimiter, enc.big)
	}
}

// value appends a value, or passes a large one on as it is.
func (o *encoder) value(v []byte) {
	if o.w == nil || len(v) < encoderStep {
		o.held = append(o.held, v...)
		if len(o.held) >= encoderStep {
			o.flush()
		}
		return
	}
	o.flush()
	o.write(v)
}

func (o *encoder) flush() {
	if o.w == nil {
		return
	}
	o.write(o.held)
	o.held = o.held[:0]
}

func (o *encoder) write(b []byte) {
	if o.err == nil && len(b) > 0 {
		_, o.err = o.w.Write(b)
	}
}

func (it *Item) encoding(parent encoding) encoding {
	if it.enc.known {
		return it.enc
	}
	return parent
}

// size is how many bytes stand between the item's header and its end.
func (it *Item) size(enc encoding) int {
	if it.fragment {
		return len(it.Raw)
	}
	return datasetSize(it.Dataset, enc)
}

func itemsSize(items []Item, parent encoding) int {
	total := 0
	for i := range items {
		total += 8 + items[i].size(items[i].encoding(parent))
		if items[i].Length == Undefined {
			total += 8
		}
	}
	return total
}

func datasetSize(d Dataset, enc encoding) int {
	total := 0
	for i := range d {
		e := &d[i]
		total += 8
		if layout, _ := e.head(enc); layout == layoutLong {
			total += 4
		}
		switch {
		case !e.IsSequence():
			total += len(e.Value)
		case e.Length == Undefined:
			total += itemsSize(e.Items, enc) + 8
		default:
			total += itemsSize(e.Items, enc)
		}
	}
	return total
}
