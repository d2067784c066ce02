package dicomio

import (
	"cmp"
	"slices"
)

// dataset is all of a segmentation but its pixels.
func (d *Drawing) dataset(frames []drawnFrame) Dataset {
	var set Dataset
	for _, t := range fromSource {
		e, ok := d.Source.Find(t)
		switch vr := emptyWhereAbsent[t]; {
		case ok:
			set.Put(anew(e))
		case vr != "":
			set.Put(TextElement(t, vr, ""))
		}
	}
	for _, part := range []Dataset{d.series(), d.image(len(frames)), d.segments(), d.references(), d.groups(frames)} {
		for _, e := range part {
			set.Put(e)
		}
	}
	return set
}

// anew returns an element as one that is encoded with the data set around it.
func anew(e *Element) Element {
	if !e.IsSequence() {
		return NewElement(e.Tag, e.VR, e.Value)
	}
	items := make([]Dataset, len(e.Items))
	for i := range e.Items {
		for k := range e.Items[i].Dataset {
			items[i] = append(items[i], anew(&e.Items[i].Dataset[k]))
		}
	}
	return NewSequence(e.Tag, items...)
}

// undated is the content date, which must have a value, of a source without one.
const undated = "19000101"

// series is the modules of series and equipment.
func (d *Drawing) series() Dataset {
	date, time := d.Source.Text(0x00080020), d.Source.Text(0x00080030)
	return Dataset{
		TextElement(0x00080012, "DA", date),
		TextElement(0x00080013, "TM", time),
		TextElement(0x00080021, "DA", date),
		TextElement(tagContentDate, "DA", cmp.Or(date, undated)),
		TextElement(0x00080031, "TM", time),
		TextElement(tagContentTime, "TM", cmp.Or(time, "000000")),
		TextElement(tagModality, "CS", "SEG"),
		TextElement(tagManufacturer, "LO", d.Algorithm.Manufacturer),
		TextElement(0x0008103E, "LO", d.Description),
		TextElement(0x00081090, "LO", d.Algorithm.ModelName),
		TextElement(0x00181000, "LO", d.Algorithm.SerialNumber),
		TextElement(0x00181020, "LO", d.Algorithm.SoftwareVersion),
		TextElement(tagSeriesInstanceUID, "UI", d.SeriesUID),
		integerElement(0x00200011, d.SeriesNumber),
		integerElement(tagInstanceNumber, 1),
	}
}

// image is the modules of the image but its references, segments and frames.
func (d *Drawing) image(frames int) Dataset {
	overlap := "NO"
	if d.Overlap {
		overlap = "YES"
	}
	return Dataset{
		TextElement(tagImageType, "CS", "DERIVED", "PRIMARY"),
		TextElement(tagSOPClassUID, "UI", SegmentationStorage),
		TextElement(tagSOPInstanceUID, "UI", d.SOPInstanceUID),
		shortElement(tagSamplesPerPixel, 1),
		TextElement(tagPhotometric, "CS", "MONOCHROME2"),
		integerElement(tagNumberOfFrames, frames),
		shortElement(tagRows, uint16(d.Rows)),
		shortElement(tagColumns, uint16(d.Columns)),
		shortElement(tagBitsAllocated, 1),
		shortElement(tagBitsStored, 1),
		shortElement(tagHighBit, 0),
		shortElement(TagPixelRepresentation, 0),
		TextElement(0x00282110, "CS", "00"),
		TextElement(tagSegmentationType, "CS", "BINARY"),
		TextElement(0x00620013, "CS", overlap),
		TextElement(0x00700080, "CS", d.ContentLabel),
		TextElement(0x00700081, "LO", d.Description),
		TextElement(0x00700084, "PN", ""),
	}
}

// artificialIntelligence is of CID 7162, Surface Processing Algorithm Family.
var artificialIntelligence = Code{"123109", "DCM", "Artificial Intelligence"}

func (d *Drawing) segments() Dataset {
	items := make([]Dataset, len(d.Segments))
	for i, s := range d.Segments {
		items[i] = Dataset{
			NewSequence(tagSegmentCategory, CodeItem(s.Category)),
			shortElement(tagSegmentNumber, uint16(i+1)),
			TextElement(tagSegmentLabel, "LO", s.Label),
			NewSequence(0x00620007, Dataset{
				NewSequence(0x0066002F, CodeItem(artificialIntelligence)),
				TextElement(0x00660031, "LO", d.Algorithm.Version),
				TextElement(0x00660036, "LO", d.Algorithm.Name),
			}),
			TextElement(0x00620008, "CS", "AUTOMATIC"),
			TextElement(0x00620009, "LO", d.Algorithm.Name),
			shortElement(0x0062000D, s.CIELab[:]...),
			NewSequence(tagSegmentProperty, CodeItem(s.Type)),
		}
	}
	return Dataset{NewSequence(tagSegments, items...)}
}

// references lists the images, each instance once.
func (d *Drawing) references() Dataset {
	var images []Dataset
	var seen []string
	for _, i := range d.Images {
		if n := len(seen); n > 0 && seen[n-1] == i.SOPInstanceUID || i.Frame > 0 && slices.Contains(seen, i.SOPInstanceUID) {
			continue
		}
		seen = append(seen, i.SOPInstanceUID)
		images = append(images, i.reference())
	}
	return Dataset{NewSequence(tagReferencedSeries, Dataset{
		NewSequence(tagReferencedInstance, images...),
		TextElement(tagSeriesInstanceUID, "UI", d.SourceSeriesUID),
	})}
}

func (i DrawnImage) reference() Dataset {
	return Dataset{TextElement(0x00081150, "UI", i.SOPClassUID), TextElement(tagReferencedSOP, "UI", i.SOPInstanceUID)}
}

// Codes of a source image's purpose and of the derivation (PS3.16 CID 7202, 7203).
var (
	sourceImage  = Code{"121322", "DCM", "Source image for image processing operation"}
	segmentation = Code{"113076", "DCM", "Segmentation"}
)

// groups is the dimensions, segment then position, and the functional groups.
func (d *Drawing) groups(frames []drawnFrame) Dataset {
	organization := d.SOPInstanceUID + ".1"
	index := func(pointer, group Tag) Dataset {
		return Dataset{TextElement(0x00209164, "UI", organization), tagElement(0x00209165, pointer), tagElement(0x00209167, group)}
	}
	thickness := d.ThicknessMM
	if thickness == 0 {
		thickness = d.StepMM
	}
	shared := Dataset{
		NewSequence(tagPlaneOrientation, Dataset{decimalElement(tagImageOrientation, d.Orientation[:]...)}),
		NewSequence(tagPixelMeasures, Dataset{
			decimalElement(tagSliceThickness, thickness),
			decimalElement(0x00180088, d.StepMM),
			decimalElement(tagPixelSpacing, d.PixelSpacingMM[:]...),
		}),
	}
	drawn := make([]bool, len(d.Images))
	for _, f := range frames {
		drawn[f.image] = true
	}
	place := make([]uint32, len(d.Images)) // among the images that have a frame, from 1
	count := uint32(0)
	for i, has := range drawn {
		if has {
			count++
		}
		place[i] = count
	}
	items := make([]Dataset, len(frames))
	for n, f := range frames {
		image := d.Images[f.image]
		source := image.reference()
		if image.Frame > 0 {
			source = append(source, integerElement(0x00081160, image.Frame))
		}
		source = append(source, TextElement(0x0028135A, "CS", "YES"), NewSequence(0x0040A170, CodeItem(sourceImage))) // spatial locations preserved
		items[n] = Dataset{
			NewSequence(tagDerivationImage, Dataset{NewSequence(tagSourceImage, source), NewSequence(0x00089215, CodeItem(segmentation))}),
			NewSequence(tagFrameContent, Dataset{longElement(0x00209157, uint32(f.segment+1), place[f.image])}),
			NewSequence(tagPlanePosition, Dataset{decimalElement(tagImagePosition, image.PositionMM[:]...)}),
			NewSequence(tagSegmentIdentify, Dataset{shortElement(tagReferencedSegment, uint16(f.segment+1))}),
		}
	}
	return Dataset{
		NewSequence(0x00209221, Dataset{TextElement(0x00209164, "UI", organization)}),
		NewSequence(0x00209222, index(tagReferencedSegment, tagSegmentIdentify), index(tagImagePosition, tagPlanePosition)),
		NewSequence(tagSharedGroups, shared),
		NewSequence(tagPerFrameGroups, items...),
	}
}
