package deid

import "ctcohort/io/dicomio"

const (
	tagSOPClassUID       dicomio.Tag = 0x00080016
	tagSOPInstanceUID    dicomio.Tag = 0x00080018
	tagSeriesDescription dicomio.Tag = 0x0008103E
	tagPatientName       dicomio.Tag = 0x00100010
	tagPatientID         dicomio.Tag = 0x00100020
	tagIdentityRemoved   dicomio.Tag = 0x00120062
	tagMethod            dicomio.Tag = 0x00120063
	tagMethodCodes       dicomio.Tag = 0x00120064
	tagTemporalModified  dicomio.Tag = 0x00280303
	tagBurnedIn          dicomio.Tag = 0x00280301
	tagPixelPadding      dicomio.Tag = 0x00280120
	tagStudyInstanceUID  dicomio.Tag = 0x0020000D
	tagSeriesInstanceUID dicomio.Tag = 0x0020000E
)

// Written into the meta information of every file.
const (
	implementationVersion = "CTCOHORT_1"
)

// ownMarks are elements that this package wrote itself.
var ownMarks = map[dicomio.Tag]bool{tagPatientName: true, tagPatientID: true, tagMethod: true, tagMethodCodes: true}

// mark writes the pseudonym and says what was done (PS3.15 section E.1.1 and
// E.3); besides are options that apply to this file alone.
func (d *Deidentifier) mark(ds *dicomio.Dataset, who patient, besides ...Option) {
	ds.Put(dicomio.TextElement(tagPatientName, "PN", who.pseudonym))
	ds.Put(dicomio.TextElement(tagPatientID, "LO", who.pseudonym))
	ds.Put(dicomio.TextElement(tagIdentityRemoved, "CS", "YES"))
	ds.Put(dicomio.TextElement(tagMethod, "LO", "ctcohort "+d.profile.Name+", PS3.15 "+Edition+" Table E.1-1"))
	var codes []dicomio.Dataset
	for _, o := range append([]Option{basicProfile}, d.profile.claimed(besides...)...) {
		codes = append(codes, dicomio.CodeItem(dicomio.Code{Value: o.Code, Scheme: "DCM", Meaning: o.Meaning}))
	}
	ds.Put(dicomio.NewSequence(tagMethodCodes, codes...))
	temporal := "REMOVED"
	switch {
	case d.profile.has(fullDates):
		temporal = "UNMODIFIED"
	case d.profile.has(modifiedDates):
		temporal = "MODIFIED"
	}
	ds.Put(dicomio.TextElement(tagTemporalModified, "CS", temporal))
}

// meta returns a new meta information. A file whose native data set is not
// encoded as its transfer syntax says gets the one that it is encoded in.
func meta(f *dicomio.File) dicomio.Dataset {
	syntax := f.Syntax.UID
	switch {
	case f.Syntax.Implicit && syntax == dicomio.ExplicitLittleEndian:
		syntax = dicomio.ImplicitLittleEndian
	case !f.Syntax.Implicit && syntax == dicomio.ImplicitLittleEndian:
		syntax = dicomio.ExplicitLittleEndian
	}
	return dicomio.Dataset{
		dicomio.NewElement(0x00020001, "OB", []byte{0, 1}),
		dicomio.TextElement(0x00020002, "UI", sopClassOf(f)),
		dicomio.TextElement(0x00020003, "UI", f.Dataset.Text(tagSOPInstanceUID)),
		dicomio.TextElement(dicomio.TagTransferSyntaxUID, "UI", syntax),
		dicomio.TextElement(0x00020012, "UI", dicomio.ImplementationUID),
		dicomio.TextElement(0x00020013, "SH", implementationVersion),
	}
}
