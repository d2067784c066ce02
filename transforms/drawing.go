package transforms

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"path"

	"ctcohort/io/dicomio"
	"ctcohort/io/store"
	"ctcohort/model"
	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms/metrics"
	"ctcohort/transforms/series"
)

// segments are the labels as a DICOM SEG names them: codes of SNOMED CT, and colours.
var segments = map[string]dicomio.DrawnSegment{
	metrics.Lung: {
		Label: "Lung", Category: dicomio.Code{Value: "123037004", Scheme: "SCT", Meaning: "Anatomical Structure"},
		Type: dicomio.Code{Value: "39607008", Scheme: "SCT", Meaning: "Lung"}, CIELab: [3]uint16{49152, 36000, 32000},
	},
	metrics.Infection: {
		Label: "Infection", Category: dicomio.Code{Value: "49755003", Scheme: "SCT", Meaning: "Morphologically Altered Structure"},
		Type: dicomio.Code{Value: "233604007", Scheme: "SCT", Meaning: "Pneumonia"}, CIELab: [3]uint16{22000, 50000, 25000},
	},
}

// segNumber is the series number of segmentations, beyond those that scanners give.
const segNumber = 9001

// writeSource commits what a volume came from and returns the file's digest.
func writeSource(ctx context.Context, root store.Store, name string, source series.Source) (string, error) {
	return writeHashed(ctx, root, name, func(w io.Writer) error { return json.NewEncoder(w).Encode(source) })
}

// readSource reads what resample wrote of a volume's source.
func readSource(ctx context.Context, root store.Store, name string) (series.Source, error) {
	var source series.Source
	data, err := store.ReadAll(ctx, root, name)
	if err != nil {
		return source, fmt.Errorf("reading a volume's source: %w", err)
	}
	if err := json.Unmarshal(data, &source); err != nil {
		return source, fmt.Errorf("reading %s: %w", name, err)
	}
	return source, nil
}

// drawing is a mask as a DICOM SEG on the images that its volume was made of.
// Lung is all of the lung, with its infection.
func drawing(mask volume.PlacedLabels, source *series.SourceStack, header dicomio.Dataset, network model.Spec, sha256, version string) dicomio.Drawing {
	var from []uint8 // of each segment, the lowest label that is of it; infection is the highest
	d := dicomio.Drawing{
		SOPInstanceUID: uidOf("instance", source, sha256), SeriesUID: uidOf("series", source, sha256), SeriesNumber: segNumber,
		ContentLabel: "LUNG_INFECTION", Description: "Lung and infection by " + network.Name,
		Source: header, SourceSeriesUID: source.SeriesUID,
		Rows: source.Rows, Columns: source.Columns, Orientation: source.Orientation, PixelSpacingMM: source.PixelSpacingMM,
		ThicknessMM: source.ThicknessMM, StepMM: source.StepMM,
		Algorithm: dicomio.Algorithm{
			Name: network.Name, Version: sha256, Manufacturer: "ctcohort", ModelName: "ctcohort infer",
			SerialNumber: "none", SoftwareVersion: version,
		},
	}
	for label, name := range []string{1: metrics.Lung, 2: metrics.Infection} {
		if name != "" && network.Has(name) {
			d.Segments, from = append(d.Segments, segments[name]), append(from, uint8(label))
		}
	}
	d.Overlap = len(d.Segments) > 1
	for _, i := range source.Images {
		d.Images = append(d.Images, dicomio.DrawnImage{SOPClassUID: i.SOPClassUID, SOPInstanceUID: i.SOPInstanceUID, Frame: i.Frame, PositionMM: i.PositionMM})
	}
	d.Inside = func(image int, segments [][]bool) error {
		for i, label := range mask.Onto(source.Grid(image), 1).Data {
			for s, pixels := range segments {
				pixels[i] = label >= from[s]
			}
		}
		return nil
	}
	return d
}

// uidOf derives a UID of a segmentation, the same in every run, from those of its
// images, which are new already, and the model.
func uidOf(what string, source *series.SourceStack, model string) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "ctcohort segmentation %s %s %s", what, source.SeriesUID, model)
	for _, i := range source.Images {
		fmt.Fprintf(hash, " %s", i.SOPInstanceUID)
	}
	return dicomio.DerivedUID(hash.Sum(nil))
}

// onSource brings a mask back to where its volume came from: onto the grid of the
// source, and as DICOM SEG onto the images.
func (f *inferFn) onSource(ctx context.Context, v Volume, p *schemas.Prediction, mask *volume.Volume[uint8], network model.Spec) error {
	if !f.Inference.SourceMasks && !f.Inference.DICOMSeg {
		return nil
	}
	source, err := readSource(ctx, f.roots.in, v.SourceURI)
	if err != nil {
		return err
	}
	placed, folder := volume.PlaceLabels(mask), path.Dir(p.MaskURI)
	if f.Inference.SourceMasks {
		name := path.Join(folder, "source."+f.Inference.Format)
		digest, err := writeVolume(ctx, f.roots.out, name, placed.Onto(source.Grid(), 1))
		if err != nil {
			return err
		}
		p.SourceMaskURI, p.SourceMaskSHA256 = &name, &digest
	}
	if f.Inference.DICOMSeg && source.Stack != nil {
		name := path.Join(folder, "seg.dcm")
		digest, err := f.writeSegmentation(ctx, name, p, placed, source.Stack, network)
		if err != nil {
			return err
		}
		p.SegURI, p.SegSHA256 = &name, &digest
	}
	return nil
}

// writeSegmentation commits a mask as DICOM SEG and returns its digest.
func (f *inferFn) writeSegmentation(ctx context.Context, name string, p *schemas.Prediction, mask volume.PlacedLabels, source *series.SourceStack, network model.Spec) (string, error) {
	header, err := dicomio.ReadPatientAndStudy(source.PatientStudy)
	if err != nil {
		return "", err
	}
	return writeHashed(ctx, f.roots.out, name, func(w io.Writer) error {
		return dicomio.WriteSegmentation(w, drawing(mask, source, header, network, p.ModelSHA256, f.Inference.Version))
	})
}
