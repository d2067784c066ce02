package metrics

import (
	"math"

	"ctcohort/model/volume"
	"ctcohort/schemas"
)

// BinHU is how wide a class of attenuation is; classes begin at its multiples.
const BinHU = 50

// Histograms returns how much of lung, then of infection, lies in each class of
// attenuation, from the lowest up, without those that are empty. Both volumes
// must have one size.
func Histograms(prediction *volume.Volume[uint8], hu *volume.Volume[int16], p schemas.Prediction, split string) []schemas.Histogram {
	const bins = (math.MaxUint16 + 1 + BinHU - 1) / BinHU
	const lowest = -(-math.MinInt16 + BinHU - 1) / BinHU // the class of the lowest HU
	var found [2][bins + 1]int
	for i, label := range prediction.Data {
		code := codeOf[label]
		if code == 0 {
			continue
		}
		bin := (int(hu.Data[i]) - lowest*BinHU) / BinHU
		found[0][bin]++
		if code&infectionPredicted != 0 {
			found[1][bin]++
		}
	}
	var out []schemas.Histogram
	for label, name := range []string{Lung, Infection} {
		for bin, n := range found[label] {
			if n == 0 {
				continue
			}
			low := int32(lowest+bin) * BinHU
			out = append(out, schemas.Histogram{
				Cohort: p.Cohort, Split: split, PatientID: p.PatientID, SeriesUID: p.SeriesUID, ModelName: p.ModelName, ModelSHA256: p.ModelSHA256,
				Label: name, LowHU: low, HighHU: low + BinHU, VolumeML: float64(n) * prediction.VoxelML(),
			})
		}
	}
	return out
}
