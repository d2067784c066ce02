package series

import (
	"testing"

	"ctcohort/model/volume"
)

// A NIfTI header holds its geometry in float32: 54 slices 5 mm apart then make
// 13.5 slices of 20 mm, or a bit less, which rounds to another number.
func TestLabelsOnAGridThatIsRoundedResampleAsTheVolume(t *testing.T) {
	g := volume.Grid{Size: [3]int{4, 4, 54}, SpacingMM: [3]float64{1, 1, 5}, Direction: volume.Identity()}
	rounded := g
	rounded.SpacingMM[2] = 4.9999995
	label := volume.New[uint8](rounded)
	label.Data[0] = Lung
	got, info, err := VolumeLabels(label, DefaultValues(), g, 1)
	if err != nil || !info.Exact || got.Grid != g {
		t.Fatalf("VolumeLabels on %v = %v, %+v, %v; want %v", rounded, got.Grid, info, err, g)
	}
	spacing := [3]float64{1, 1, 20}
	hu, err := volume.Resample(volume.New[int16](g), spacing, volume.Linear, 1)
	if err != nil {
		t.Fatal(err)
	}
	if labels := volume.ResampleLabels(got, spacing, 1); labels.Grid != hu.Grid {
		t.Errorf("labels are resampled to %v, the volume to %v", labels.Grid, hu.Grid)
	}
}
