package report

import (
	"ctcohort/model/mesh"
	"ctcohort/model/volume"
)

// Surfaces are those of one mask of an exhibit.
type Surfaces struct {
	Name                string // reference, or the model's
	Reference           bool
	Lung, Infection     *mesh.Mesh
	LungML, InfectionML float64 // of the mask's voxels, as the tables have them
}

// Looks of surfaces, in linear colour.
var (
	lungColour      = [3]float32{0.38, 0.53, 0.68}
	infectionColour = [3]float32{0.60, 0.045, 0.03}
)

const lungOpacity = 0.28

// Surfaces returns the surfaces of the reference, where there is one, then of
// each model, within what is shown.
func (e *Exhibit) Surfaces() (all []Surfaces) {
	if e.reference != nil {
		s := e.surfaces("reference", e.reference)
		s.Reference = true
		all = append(all, s)
	}
	for _, p := range e.predictions {
		all = append(all, e.surfaces(p.ModelName, p.Mask))
	}
	return all
}

func (e *Exhibit) surfaces(name string, mask *volume.Volume[uint8]) Surfaces {
	within := volume.New[uint8](mask.Grid)
	for s := e.shown.lo[2]; s < e.shown.hi[2]; s++ {
		for p := e.shown.lo[1]; p < e.shown.hi[1]; p++ {
			for l := e.shown.lo[0]; l < e.shown.hi[0]; l++ {
				i := e.view.at(l, p, s)
				within.Data[i] = mask.Data[i]
			}
		}
	}
	out := Surfaces{Name: name, Lung: mesh.Surface(within, 1, mesh.Lung), Infection: mesh.Surface(within, 2, mesh.Infection)}
	for _, label := range mask.Data {
		if label > 0 {
			out.LungML += mask.VoxelML()
		}
		if label == 2 {
			out.InfectionML += mask.VoxelML()
		}
	}
	return out
}

// Parts are the surfaces as a file has them: the lung translucent, the infection opaque.
func (s Surfaces) Parts() []mesh.Part {
	return []mesh.Part{
		{Name: "infection", Mesh: s.Infection, Colour: infectionColour, Opacity: 1},
		{Name: "lung", Mesh: s.Lung, Colour: lungColour, Opacity: lungOpacity},
	}
}
