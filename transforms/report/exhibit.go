package report

import (
	"errors"
	"fmt"

	"ctcohort/model/volume"
)

// ErrNoLung occurs when no mask of a volume has lungs in it that can be those of
// the volume: then nothing says which slices are of the chest, and none is shown.
var ErrNoLung = errors.New("no mask has plausible lungs")

// Exhibit is a volume to be shown, with its reference and what models made of it.
type Exhibit struct {
	hu          *volume.Volume[int16]
	reference   *volume.Volume[uint8] // nil where there is none
	predictions []Segmentation
	view        view
	lungs       box // the slices that have lungs, and all that the masks mark in them
	shown       box // the same with a margin: nothing outside it is ever shown
}

// Segmentation is what a model made of a volume.
type Segmentation struct {
	ModelName string
	Mask      *volume.Volume[uint8]
}

// NewExhibit bounds what may be shown of a volume to the extent of its lungs
// (docs/report.md). It returns ErrNoLung where that cannot be told. Reference
// may be nil; all volumes must be of one grid, other sizes panic.
func NewExhibit(hu *volume.Volume[int16], reference *volume.Volume[uint8], predictions ...Segmentation) (*Exhibit, error) {
	e := &Exhibit{hu: hu, reference: reference, predictions: predictions, view: viewOf(hu.Grid)}
	for _, m := range e.masks() {
		if m.Size != hu.Size {
			panic(fmt.Sprintf("report: a mask of %v voxels for a volume of %v", m.Size, hu.Size))
		}
	}
	lo, hi, ok := e.chest()
	if !ok {
		return nil, ErrNoLung
	}
	e.lungs = e.view.extent(lo, hi, e.masks())
	e.shown = e.lungs.widen(e.view, marginMM)
	return e, nil
}

// masks are the reference, where there is one, and the predictions.
func (e *Exhibit) masks() []*volume.Volume[uint8] {
	var all []*volume.Volume[uint8]
	if e.reference != nil {
		all = append(all, e.reference)
	}
	for _, p := range e.predictions {
		all = append(all, p.Mask)
	}
	return all
}
