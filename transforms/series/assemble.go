package series

import (
	"slices"

	"ctcohort/io/dicomio"
	"ctcohort/model/volume"
)

// Result is one volume.
type Result struct {
	Volume *volume.Volume[int16]
	Info   Info
}

// Assemble makes volumes of slices that are in memory; see Plan and
// Stack.Build, which need only a slice or two at a time. What cannot be used
// comes back as rejects.
func Assemble(in []*dicomio.Slice) ([]Result, []Reject) {
	headers := make([]dicomio.SliceHeader, len(in))
	for i, s := range in {
		headers[i] = s.SliceHeader
	}
	stacks, rejects, err := Plan(headers, func(i, j int) (bool, error) { return slices.Equal(in[i].HU, in[j].HU), nil })
	if err != nil {
		panic("series: comparing slices in memory failed") // the closure above returns none
	}
	var results []Result
	for _, s := range stacks {
		v, info, err := s.Build(func(i int) ([]int16, error) { return in[i].HU, nil })
		if err != nil {
			rejects = append(rejects, Reject{
				SeriesUID: s.head.SeriesUID, Code: InconsistentGeometry,
				Detail: "a slice's pixels are not rows × columns", Slices: len(s.Slices),
			})
			continue
		}
		results = append(results, Result{v, info})
	}
	return results, rejects
}
