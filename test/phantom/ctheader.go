package phantom

import (
	"encoding/binary"
	"fmt"
)

// SOP classes.
const (
	ctImage      = "1.2.840.10008.5.1.4.1.1.2"
	mrImage      = "1.2.840.10008.5.1.4.1.1.4"
	captureImage = "1.2.840.10008.5.1.4.1.1.7"
	segmentation = "1.2.840.10008.5.1.4.1.1.66.4"
)

// study UIDs are root.1, frames of reference root.2, series root.3.n and
// instances root.4.n.i.
func (p *identity) studyUID() string            { return p.uid(1, 1) }
func (p *identity) frameUID() string            { return p.uid(2, 1) }
func (p *identity) seriesUID(n int) string      { return p.uid(3, n) }
func (p *identity) instanceUID(n, i int) string { return p.uid(4, n, i) }

// patientHeader adds the patient and study modules, and where archives hide
// identity beside them: nested sequences and private groups.
func (p *identity) patientHeader(d *dataset) {
	d.text(0x00080005, "CS", p.charset.name...)
	d.text(0x00080020, "DA", p.studyDate)
	d.text(0x00080030, "TM", p.studyTime)
	d.text(0x00080050, "SH", p.accession)
	d.text(0x00080090, "PN", p.referring)
	d.text(0x00081030, "LO", p.studyText)
	d.text(0x00081060, "PN", p.reader)
	d.text(0x00100010, "PN", p.name)
	d.text(0x00100020, "LO", p.id)
	d.text(0x00100030, "DA", p.birthDate)
	d.text(0x00100040, "CS", p.sex)
	d.text(0x00101000, "LO", p.otherID)
	d.text(0x00101001, "PN", p.otherName)
	d.text(0x00101005, "PN", p.birthName)
	d.text(0x00101010, "AS", fmt.Sprintf("%03dY", p.age))
	d.ds(0x00101020, p.heightM)
	d.ds(0x00101030, p.weightKG)
	d.text(0x00101040, "LO", p.address)
	d.text(0x00101060, "PN", p.motherName)
	d.text(0x00102154, "SH", p.phone)
	d.text(0x00102180, "SH", p.occupation)
	d.text(0x00104000, "LT", p.comments)
	d.text(0x0020000D, "UI", p.studyUID())
	d.text(0x00200010, "SH", p.studyID)

	other := d.child()
	other.text(0x00100020, "LO", p.otherID)
	other.text(0x00100022, "CS", "TEXT")
	d.sequence(0x00101002, other)

	procedure := d.child()
	procedure.text(0x00081150, "UI", "1.2.840.10008.3.1.2.3.1")
	procedure.text(0x00081155, "UI", p.uid(9, 1))
	d.sequence(0x00081110, procedure)

	person := d.child()
	code := d.child()
	code.text(0x00080100, "SH", "DOC")
	code.text(0x00080102, "SH", "99LOCAL")
	code.text(0x00080104, "LO", p.referring)
	person.sequence(0x00401101, code)
	person.text(0x00080080, "LO", p.institution)
	person.text(0x00401103, "LO", p.phone)
	d.sequence(0x00080096, person)

	request := d.child()
	request.text(0x00400007, "LO", p.orderText)
	request.text(0x00400009, "SH", "SPS1")
	request.text(0x00401001, "SH", p.requestID)
	request.text(0x00321032, "PN", p.referring)
	d.sequence(0x00400275, request)
}

// equipment adds the general equipment module.
func (p *identity) equipment(d *dataset, s *scanner) {
	d.text(0x00080070, "LO", s.maker)
	d.text(0x00080080, "LO", p.institution)
	d.text(0x00080081, "ST", p.hospitalAddress)
	d.text(0x00081010, "SH", p.station)
	d.text(0x00081040, "LO", p.department)
	d.text(0x00081090, "LO", s.model)
	d.text(0x00181000, "LO", p.serial)
	d.text(0x00181020, "LO", s.version)
}

// privateGroups adds two private blocks as scanners and archives do.
func (p *identity) privateGroups(d *dataset) {
	d.text(0x00090010, "LO", "PHANTOM IDENT 01")
	d.text(0x00091010, "PN", p.name)
	d.text(0x00091011, "LO", p.id)
	nested := d.child()
	nested.text(0x00100010, "PN", p.name)
	nested.text(0x00090010, "LO", "PHANTOM IDENT 01")
	nested.text(0x00091015, "LO", p.phone)
	d.sequence(0x00091012, nested)
	d.text(0x00290010, "LO", "PHANTOM CSA HEADER")
	blob := append([]byte("SV10\x04\x03\x02\x01\x00\x00"), p.charset.encode(p.blob)...)
	d.raw(0x00291010, "OB", append(blob, 0, 0))
	d.raw(0x00291020, "UN", []byte(p.accession))
}

// seriesHeader returns the elements that all slices of series n share.
func (p *identity) seriesHeader(g *scan, k kernel, n int) *dataset {
	d := &dataset{charset: p.charset, openItems: g.openItems}
	p.patientHeader(d)
	p.equipment(d, &g.scanner)
	p.privateGroups(d)

	d.text(0x00080008, "CS", "ORIGINAL", "PRIMARY", "AXIAL")
	d.text(0x00080016, "UI", ctImage)
	for _, tag := range []uint32{0x00080012, 0x00080021, 0x00080022, 0x00080023} {
		d.text(tag, "DA", p.studyDate)
	}
	for _, tag := range []uint32{0x00080013, 0x00080031, 0x00080032, 0x00080033} {
		d.text(tag, "TM", p.studyTime)
	}
	d.text(0x00080060, "CS", "CT")
	d.text(0x0008103E, "LO", fmt.Sprintf("Thorax %g %s", g.thicknessMM, k.name))
	d.text(0x00081050, "PN", p.performing)
	d.text(0x00081070, "PN", p.operator)

	d.text(0x00180015, "CS", "CHEST")
	d.text(0x00180022, "CS", "HELICAL MODE")
	d.ds(0x00180050, g.thicknessMM)
	d.text(0x00180060, "DS", g.kvp)
	d.ds(0x00180088, g.intervalMM)
	d.ds(0x00180090, 500)
	d.text(0x00181030, "LO", p.protocol)
	d.ds(0x00181100, roundTo(g.pixelMM*float64(g.size), 1e3))
	d.ds(0x00181110, 1040)
	d.ds(0x00181111, 570)
	d.ds(0x00181120, 0)
	d.ds(0x00181130, 150)
	d.text(0x00181140, "CS", "CW")
	d.is(0x00181150, 500)
	d.is(0x00181151, 120+10*n)
	d.is(0x00181152, 60)
	d.text(0x00181160, "SH", "BODY FILTER")
	d.ds(0x00181190, 0.7)
	d.text(0x00181210, "SH", k.name)
	d.text(0x00185100, "CS", "HFS")

	d.text(0x0020000E, "UI", p.seriesUID(n))
	d.is(0x00200011, n)
	d.is(0x00200012, n)
	d.text(0x00200020, "CS", "L", "P")
	d.ds(0x00200037, 1, 0, 0, 0, 1, 0)
	d.text(0x00200052, "UI", p.frameUID())
	d.text(0x00201040, "LO", "")

	bits := g.bitsStored()
	d.us(0x00280002, 1)
	d.text(0x00280004, "CS", "MONOCHROME2")
	d.us(0x00280010, g.size)
	d.us(0x00280011, g.size)
	d.ds(0x00280030, g.pixelMM, g.pixelMM)
	d.us(0x00280100, 16)
	d.us(0x00280101, bits)
	d.us(0x00280102, bits-1)
	sign := 0
	if g.signed {
		sign = 1
	}
	d.us(0x00280103, sign)
	if g.circular {
		vr := "US"
		if g.signed {
			vr = "SS"
		}
		d.raw(0x00280120, vr, binary.LittleEndian.AppendUint16(nil, g.paddingStored()))
	}
	d.ds(0x00281050, -600, 40)
	d.ds(0x00281051, 1500, 400)
	d.ds(0x00281052, float64(g.intercept))
	d.ds(0x00281053, 1)
	d.text(0x00281054, "LO", "HU")
	d.text(0x00282110, "CS", "00")
	return d
}

// slice returns the data set of slice i of series n, instance number number.
func (p *identity) slice(series *dataset, g *scan, n, i, number int, pixels []uint16) *dataset {
	d := series.copied()
	pos := g.position(i)
	d.text(0x00080018, "UI", p.instanceUID(n, i+1))
	d.is(0x00200013, number)
	d.ds(0x00200032, pos[:]...)
	d.ds(0x00201041, pos[2])
	b := make([]byte, 0, 2*len(pixels))
	for _, v := range pixels {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	d.raw(0x7FE00010, "OW", b)
	return d
}
