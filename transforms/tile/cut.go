package tile

import (
	"bytes"
	"encoding/binary"

	"ctcohort/model/volume"
	"ctcohort/schemas"
)

// airHU fills what lies outside the volume.
const airHU = -1024

// Cut returns the patch of a window. label may be nil: the patch then says that
// it has none, and its label is all background.
func Cut(v *volume.Volume[int16], label *volume.Volume[uint8], who Subject, w Window, size [3]int) schemas.Patch {
	image := volume.Crop(v, w.From, size, airHU)
	p := schemas.Patch{
		PatientID: who.PatientID, SeriesUID: who.SeriesUID, Index: int32(w.Index),
		OriginX: int32(w.From[0]), OriginY: int32(w.From[1]), OriginZ: int32(w.From[2]),
		OriginXMM: image.OriginMM[0], OriginYMM: image.OriginMM[1], OriginZMM: image.OriginMM[2],
		SpacingX: v.SpacingMM[0], SpacingY: v.SpacingMM[1], SpacingZ: v.SpacingMM[2],
		SizeX: int32(size[0]), SizeY: int32(size[1]), SizeZ: int32(size[2]),
		Image: littleEndian(image.Data), HasLabel: label != nil,
	}
	if label == nil {
		p.Label = make([]byte, len(image.Data))
		return p
	}
	p.Label = volume.Crop(label, w.From, size, 0).Data
	ill := bytes.Count(p.Label, []byte{infection})
	p.InfectionFraction = float32(float64(ill) / float64(len(p.Label)))
	p.LungFraction = float32(float64(ill+bytes.Count(p.Label, []byte{lung})) / float64(len(p.Label)))
	return p
}

func littleEndian(voxels []int16) []byte {
	data := make([]byte, 2*len(voxels))
	rest := data
	for _, v := range voxels {
		binary.LittleEndian.PutUint16(rest, uint16(v))
		rest = rest[2:]
	}
	return data
}
