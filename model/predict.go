package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"ctcohort/model/volume"
)

// Options say how a volume goes through a network.
type Options struct {
	Overlap   float64 // of two neighbouring windows, as a part of the patch's edge; 0 ≤ Overlap < 1
	Workers   int     // windows in the network at once; 0 is 1
	Batch     int     // windows in one call of the network; 0 is 1
	SkipAir   bool    // windows without a voxel of the body are background, unasked
	LungBox   bool    // only the lungs' box is asked, the rest is background; all of a volume without lungs
	Flips     [3]bool // axes x, y, z along which mirror images are asked too, in all combinations, and averaged
	KeepBody  bool    // labels outside the body and small components become background (see KeepBody)
	MinLungML float64 // KeepBody's smallest component, lung and infection together; not for a network without lung
}

// DefaultOptions are what the pipelines use where the configuration is silent.
var DefaultOptions = Options{Overlap: 0.25, Workers: 1, Batch: 1, SkipAir: true, KeepBody: true, MinLungML: 10}

// Validate returns every fault of o at once.
func (o Options) Validate() error {
	var faults []error
	if !(o.Overlap >= 0 && o.Overlap < 1) {
		faults = append(faults, fmt.Errorf("overlap is %g; it lies in 0 ≤ overlap < 1", o.Overlap))
	}
	if o.Workers < 0 {
		faults = append(faults, fmt.Errorf("workers is %d; it wants 0 or more", o.Workers))
	}
	if o.Batch < 0 {
		faults = append(faults, fmt.Errorf("batch is %d; it wants 0 or more", o.Batch))
	}
	if !(o.MinLungML >= 0) {
		faults = append(faults, fmt.Errorf("min_lung_ml is %g; it wants 0 or more", o.MinLungML))
	}
	return errors.Join(faults...)
}

// Stats tell what Predict did.
type Stats struct {
	Windows        int     // that cover the volume, or the lungs' box
	Skipped        int     // of them, for holding no voxel of the body, or of the lungs' neighbourhood
	RemovedVoxels  int     // labelled by the network and made background by KeepBody
	NetworkSeconds float64 // in Network.Run, summed over the workers; waiting for a turn counts
	OtherSeconds   float64 // outside it: cutting windows, blending, arg max, body
}

// ErrNotANumber occurs when a network's probabilities hold NaN, as a network in
// 16-bit floats may return for values out of its range.
var ErrNotANumber = errors.New("the network returned a probability that is no number")

// Predict returns the label of the most probable class of each voxel of v, whose spacing is
// the network's. Windows of the patch's size slide over it and their
// probabilities are averaged with Gaussian weights, as MONAI's
// sliding_window_inference(mode="gaussian") does; a volume smaller than the
// patch is padded by air on both sides. Of equal probabilities the first
// class wins.
//
// With LungBox the windows are laid on the box around the lungs, found by threshold
// and components and grown by 30 mm, and those more than 30 mm from a lung are
// background. They keep the patch's size, on which the answer of a network
// with global features depends.
//
// The result is the same for any number of Workers. Memory beside v and the
// labels: the sums of one patch's height, classes × patch z × volume y × x
// float32, the tensors of at most Workers+1 batches, and 5 bytes a voxel while
// the body is found. When ctx ends, Predict returns its error as soon as the
// windows in the network are done.
func Predict(ctx context.Context, n Network, v *volume.Volume[int16], o Options) (*volume.Volume[uint8], Stats, error) {
	mustFit(v.Grid, len(v.Data))
	if err := o.Validate(); err != nil {
		return nil, Stats{}, fmt.Errorf("predicting: %w", err)
	}
	spec := n.Spec()
	if err := spacingFits(v.SpacingMM, spec.SpacingMM); err != nil {
		return nil, Stats{}, fmt.Errorf("predicting: %w", err)
	}
	start := time.Now()
	var body []bool
	if o.SkipAir || o.KeepBody || o.LungBox {
		body = Body(v)
	}
	s := newSlider(flip(n, o.Flips), v, o)
	if o.SkipAir {
		s.skipOutside(body, [3]int{})
	}
	part, at, boxed := v, region{to: v.Size}, false
	if o.LungBox {
		if box, lung, found := lungBox(v, body); found {
			box = box.grown(v.Grid, boxMarginMM, spec.PatchSize)
			cropped := volume.Crop(v, box.from, box.size(), airHU)
			near := newSlider(flip(n, o.Flips), cropped, o)
			near.skipOutside(box.cropMask(lung, v.Size), voxels(boxMarginMM, v.Grid))
			if boxed = near.asked() < s.asked(); boxed {
				s, part, at, body = near, cropped, box, box.cropMask(body, v.Size)
			}
		}
	}
	s.other += time.Since(start)

	labels := volume.New[uint8](part.Grid)
	area := part.Size[0] * part.Size[1]
	if err := s.slide(ctx, func(z int, sums []float32) error {
		return s.argMax(sums, labels.Data[z*area:(z+1)*area])
	}); err != nil {
		return nil, Stats{}, fmt.Errorf("predicting: %w", err)
	}
	start = time.Now()
	stats := Stats{Windows: len(s.windows), Skipped: s.skipped()}
	if o.KeepBody {
		minML := o.MinLungML
		if !spec.Has(Lung) {
			minML = 0 // lesions alone are small
		}
		stats.RemovedVoxels = keepInside(labels, body, minML)
	}
	if boxed {
		all := volume.New[uint8](v.Grid)
		at.paste(all, labels)
		labels = all
	}
	s.other += time.Since(start)
	stats.NetworkSeconds, stats.OtherSeconds = s.network.Seconds(), s.other.Seconds()
	return labels, stats, nil
}

// spacingFits wants two spacings equal to a thousandth.
func spacingFits(have, want [3]float64) error {
	for a := range have {
		if math.Abs(have[a]-want[a]) > 1e-3*want[a] {
			return fmt.Errorf("the volume's spacing is %.4g×%.4g×%.4g mm and the network's %.4g×%.4g×%.4g mm: resample it first",
				have[0], have[1], have[2], want[0], want[1], want[2])
		}
	}
	return nil
}
