package phantom

import "ctcohort/model/volume"

// segment is one segment of the reference as DICOM SEG holds it. Lung is the
// whole lung with its infection and Infection lies within it, so the two
// overlap, which SegmentsOverlap says.
type segment struct {
	name                   string
	category, categoryText string
	kind, kindText         string
	labels                 [3]bool // of the label map
	red, green, blue       int
}

// Codes are of SNOMED CT.
var segments = []segment{
	{"Lung", "123037004", "Anatomical Structure", "39607008", "Lung", [3]bool{lungLabel: true, infected: true}, 49152, 36000, 32000},
	{"Infection", "49755003", "Morphologically Altered Structure", "233604007", "Pneumonia", [3]bool{infected: true}, 22000, 50000, 25000},
}

// codeItem returns the item of a code sequence.
func codeItem(d *dataset, value, scheme, meaning string) *dataset {
	c := d.child()
	c.text(0x00080100, "SH", value)
	c.text(0x00080102, "SH", scheme)
	c.text(0x00080104, "LO", meaning)
	return c
}

// segFrame is the part of a segment that lies in one slice.
type segFrame struct{ segment, slice int }

// sparseFrames lists the frames that hold anything, by segment, then slice.
func sparseFrames(v *volume.Volume[uint8]) []segFrame {
	plane := v.Size[0] * v.Size[1]
	var out []segFrame
	for s := range segments {
		for z := range v.Size[2] {
			for _, l := range v.Data[z*plane:][:plane] {
				if segments[s].labels[l] {
					out = append(out, segFrame{s, z})
					break
				}
			}
		}
	}
	return out
}

// packBits writes the frames a bit a voxel, lowest bit first, without a gap
// between frames.
func packBits(v *volume.Volume[uint8], frames []segFrame) []byte {
	plane := v.Size[0] * v.Size[1]
	out := make([]byte, (len(frames)*plane+7)/8)
	at := 0
	for _, f := range frames {
		for _, l := range v.Data[f.slice*plane:][:plane] {
			if segments[f.segment].labels[l] {
				out[at>>3] |= 1 << (at & 7)
			}
			at++
		}
	}
	return out
}

// segFile returns a SEG of CT series source in its own series n. Labels that
// are all background give one empty lung frame, since a SEG holds at least one.
func (p *identity) segFile(g *scan, v *volume.Volume[uint8], source, n int) []byte {
	d := &dataset{charset: p.charset, openItems: g.openItems}
	p.patientHeader(d)
	p.equipment(d, &g.scanner)
	uid := p.instanceUID(n, 1)
	frames := sparseFrames(v)
	if len(frames) == 0 {
		frames = []segFrame{{0, 0}}
	}

	d.text(0x00080008, "CS", "DERIVED", "PRIMARY")
	d.text(0x00080012, "DA", p.studyDate)
	d.text(0x00080013, "TM", p.studyTime)
	d.text(0x00080016, "UI", segmentation)
	d.text(0x00080018, "UI", uid)
	d.text(0x00080021, "DA", p.studyDate)
	d.text(0x00080023, "DA", p.studyDate)
	d.text(0x00080031, "TM", p.studyTime)
	d.text(0x00080033, "TM", p.studyTime)
	d.text(0x00080060, "CS", "SEG")
	d.text(0x0008103E, "LO", "Lung and infection")
	d.text(0x0020000E, "UI", p.seriesUID(n))
	d.is(0x00200011, n)
	d.is(0x00200013, 1)
	d.text(0x00200052, "UI", p.frameUID())
	d.text(0x00201040, "LO", "")
	d.us(0x00280002, 1)
	d.text(0x00280004, "CS", "MONOCHROME2")
	d.is(0x00280008, len(frames))
	d.us(0x00280010, g.size)
	d.us(0x00280011, g.size)
	d.us(0x00280100, 1)
	d.us(0x00280101, 1)
	d.us(0x00280102, 0)
	d.us(0x00280103, 0)
	d.text(0x00282110, "CS", "00")
	d.text(0x00620001, "CS", "BINARY")
	d.text(0x00620013, "CS", "YES")
	d.text(0x00700080, "CS", "LUNG_INFECTION")
	d.text(0x00700081, "LO", "Reference of the phantom")
	d.text(0x00700084, "PN", p.reader)
	d.raw(0x7FE00010, "OB", packBits(v, frames))

	p.segReferences(d, g, source)
	p.segSegments(d)
	p.segFrames(d, g, frames, source, n)
	return d.file(segmentation, uid, p.aeTitle, p.preamble, g.implicit)
}

// segReferences lists all images of the source series.
func (p *identity) segReferences(d *dataset, g *scan, source int) {
	series := d.child()
	var images []*dataset
	for i := range g.zs {
		images = append(images, p.reference(d, source, i))
	}
	series.sequence(0x0008114A, images...)
	series.text(0x0020000E, "UI", p.seriesUID(source))
	d.sequence(0x00081115, series)
}

func (p *identity) reference(d *dataset, series, slice int) *dataset {
	r := d.child()
	r.text(0x00081150, "UI", ctImage)
	r.text(0x00081155, "UI", p.instanceUID(series, slice+1))
	return r
}

func (p *identity) segSegments(d *dataset) {
	var items []*dataset
	for i, s := range segments {
		item := d.child()
		item.sequence(0x00620003, codeItem(d, s.category, "SCT", s.categoryText))
		item.us(0x00620004, i+1)
		item.text(0x00620005, "LO", s.name)
		item.text(0x00620008, "CS", "MANUAL")
		item.us(0x0062000D, s.red, s.green, s.blue)
		item.sequence(0x0062000F, codeItem(d, s.kind, "SCT", s.kindText))
		items = append(items, item)
	}
	d.sequence(0x00620002, items...)
}

// segFrames adds the dimensions and the functional groups.
func (p *identity) segFrames(d *dataset, g *scan, frames []segFrame, source, n int) {
	organization := p.uid(7, n)
	o := d.child()
	o.text(0x00209164, "UI", organization)
	d.sequence(0x00209221, o)
	index := func(pointer, group uint32) *dataset {
		x := d.child()
		x.text(0x00209164, "UI", organization)
		x.at(0x00209165, pointer)
		x.at(0x00209167, group)
		return x
	}
	d.sequence(0x00209222, index(0x0062000B, 0x0062000A), index(0x00200032, 0x00209113))

	shared, measures, orientation := d.child(), d.child(), d.child()
	measures.ds(0x00180050, g.thicknessMM)
	measures.ds(0x00180088, g.intervalMM)
	measures.ds(0x00280030, g.pixelMM, g.pixelMM)
	orientation.ds(0x00200037, 1, 0, 0, 0, 1, 0)
	shared.sequence(0x00289110, measures)
	shared.sequence(0x00209116, orientation)
	d.sequence(0x52009229, shared)

	place := map[int]int{} // of a slice among those with a frame
	for z := range g.zs {
		for _, f := range frames {
			if f.slice == z {
				place[z] = len(place) + 1
				break
			}
		}
	}
	var items []*dataset
	for _, f := range frames {
		item, content, position, id := d.child(), d.child(), d.child(), d.child()
		content.ul(0x00209157, f.segment+1, place[f.slice])
		pos := g.position(f.slice)
		position.ds(0x00200032, pos[:]...)
		id.us(0x0062000B, f.segment+1)
		image := p.reference(d, source, f.slice)
		image.sequence(0x0040A170, codeItem(d, "121322", "DCM", "Source image for image processing operation"))
		derivation := d.child()
		derivation.sequence(0x00082112, image)
		derivation.sequence(0x00089215, codeItem(d, "113076", "DCM", "Segmentation"))
		item.sequence(0x00089124, derivation)
		item.sequence(0x00209111, content)
		item.sequence(0x00209113, position)
		item.sequence(0x0062000A, id)
		items = append(items, item)
	}
	d.sequence(0x52009230, items...)
}
