package phantom

import (
	"encoding/binary"
	"fmt"
	"path"
)

// badKinds are the bad files. The first patient of a cohort has one of each;
// of the others about one in five has one.
var badKinds = []string{BadText, BadEmpty, BadTruncated, BadLocalizer, BadModality, BadCapture, BadNoSOPUID, BadNoPatientID}

func drawBadKinds(d dice, k int) []string {
	if k == 0 {
		return badKinds
	}
	if d.chance(0.2) {
		return []string{pick(d, badKinds...)}
	}
	return nil
}

// badFile makes a file of the kind and says where in the patient's folders it
// lies. good is a slice of the patient's first series. Bad files add to a
// series; they never take the place of one of its slices.
func (p *identity) badFile(d dice, kind string, g *scan, good *dataset, folder string) (name string, content []byte) {
	switch kind {
	case BadText:
		return path.Join(folder, "README.txt"), fmt.Appendf(nil, "Export of %s (%s)\nCall %s\n", p.folderName, p.id, p.phone)
	case BadEmpty:
		return path.Join(folder, "IM_9000.dcm"), nil
	case BadTruncated:
		uid := p.instanceUID(1, 9001)
		b := replaced(good, 0x00080018, uid).file(ctImage, uid, p.aeTitle, p.preamble, g.implicit)
		cut := int(float64(2*g.size*g.size) * d.between(0.2, 0.9))
		return path.Join(folder, "IM_9001.dcm"), b[:len(b)-cut]
	case BadNoSOPUID:
		return path.Join(folder, "IM_9002.dcm"), good.without(0x00080018).file(ctImage, p.instanceUID(1, 9002), p.aeTitle, p.preamble, g.implicit)
	case BadNoPatientID:
		uid := p.instanceUID(1, 9003)
		return path.Join(folder, "IM_9003.dcm"), replaced(good, 0x00080018, uid).without(0x00100020).file(ctImage, uid, p.aeTitle, p.preamble, g.implicit)
	case BadLocalizer:
		return path.Join(path.Dir(folder), "LOCALIZER", "IM_0001.dcm"), p.otherImage(g, 901, ctImage, "CT", "LOCALIZER")
	case BadModality:
		return path.Join(path.Dir(folder), "MR", "IM_0001.dcm"), p.otherImage(g, 902, mrImage, "MR", "OTHER")
	default:
		return path.Join(path.Dir(folder), "SC", "IM_0001.dcm"), p.otherImage(g, 903, captureImage, "OT", "OTHER")
	}
}

// replaced returns d with a UID changed.
func replaced(d *dataset, tag uint32, uid string) *dataset {
	c := d.without(tag)
	c.text(tag, "UI", uid)
	return c
}

// otherImage returns a small image of another kind in series n.
func (p *identity) otherImage(g *scan, n int, class, modality, flavour string) []byte {
	const size = 32
	d := &dataset{charset: p.charset}
	p.patientHeader(d)
	p.equipment(d, &g.scanner)
	uid := p.instanceUID(n, 1)
	first := "ORIGINAL"
	if class == captureImage {
		first = "DERIVED"
	}
	d.text(0x00080008, "CS", first, "PRIMARY", flavour)
	d.text(0x00080016, "UI", class)
	d.text(0x00080018, "UI", uid)
	d.text(0x00080023, "DA", p.studyDate)
	d.text(0x00080033, "TM", p.studyTime)
	d.text(0x00080060, "CS", modality)
	d.text(0x0020000E, "UI", p.seriesUID(n))
	d.is(0x00200011, n)
	d.is(0x00200012, n)
	d.is(0x00200013, 1)
	if class == captureImage {
		d.text(0x00080064, "CS", "WSD")
	} else {
		d.ds(0x00180050, 5)
		d.text(0x00180060, "DS", g.kvp)
		d.text(0x00185100, "CS", "HFS")
		d.ds(0x00200032, -240, 0, 100)
		d.ds(0x00200037, 1, 0, 0, 0, 0, -1)
		d.text(0x00200052, "UI", p.frameUID())
		d.text(0x00201040, "LO", "")
		d.ds(0x00280030, 15, 15)
		d.ds(0x00281052, -1024)
		d.ds(0x00281053, 1)
	}
	d.us(0x00280002, 1)
	d.text(0x00280004, "CS", "MONOCHROME2")
	d.us(0x00280010, size)
	d.us(0x00280011, size)
	d.us(0x00280100, 16)
	d.us(0x00280101, 12)
	d.us(0x00280102, 11)
	d.us(0x00280103, 0)
	var b []byte
	for i := range size * size {
		b = binary.LittleEndian.AppendUint16(b, uint16(i*3%4096))
	}
	d.raw(0x7FE00010, "OW", b)
	return d.file(class, uid, p.aeTitle, p.preamble, g.implicit)
}
