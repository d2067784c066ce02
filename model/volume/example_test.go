package volume_test

import (
	"fmt"

	"ctcohort/model/volume"
)

func ExampleResample() {
	v := volume.New[int16](volume.Grid{
		Size:      [3]int{512, 512, 133},
		SpacingMM: [3]float64{0.703125, 0.703125, 2.5},
		OriginMM:  [3]float64{-180, -180, -300},
		Direction: volume.Identity(),
	})
	out, err := volume.Resample(v, [3]float64{1, 1, 1}, volume.Linear, 0)
	fmt.Println(out.Size, out.OriginMM, err)
	// Output: [360 360 333] [-179.8515625 -179.8515625 -300.75] <nil>
}

func ExampleComponents() {
	mask := []bool{
		true, true, false,
		false, false, true,
	}
	ids, sizes := volume.Components(mask, [3]int{3, 2, 1}, 6)
	fmt.Println(ids, sizes)
	_, sizes = volume.Components(mask, [3]int{3, 2, 1}, 26)
	fmt.Println(sizes)
	// Output:
	// [1 1 0 0 0 2] [2 1]
	// [3]
}
