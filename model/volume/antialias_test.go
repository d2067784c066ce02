package volume

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"testing"
)

func TestAntiAliasLeavesFineAxesAlone(t *testing.T) {
	v := noise(Grid{Size: [3]int{12, 13, 14}, SpacingMM: [3]float64{1, 1, 1}, Direction: Identity()}, 1)
	before := slices.Clone(v.Data)
	if smoothed := AntiAlias(v, [3]float64{1.5, 0.5, 1}, 2); smoothed != [3]bool{} || !slices.Equal(v.Data, before) {
		t.Errorf("AntiAlias = %v, want no axis, or changes voxels though none gets coarser by more than 1.5", smoothed)
	}
}

// An impulse spreads as a Gaussian and keeps its sum; a ratio of 2 has σ² = 3/(8 ln 2).
func TestAntiAliasSpreadsAnImpulse(t *testing.T) {
	for axis := range 3 {
		g := Grid{Size: [3]int{1, 1, 1}, SpacingMM: [3]float64{1, 1, 1}, Direction: Identity()}
		g.Size[axis] = 21
		spacing := g.SpacingMM
		spacing[axis] = 2
		v := New[int16](g)
		v.Data[10] = 30000
		smoothed := AntiAlias(v, spacing, 1)
		var sum, moment float64
		for i, hu := range v.Data {
			sum += float64(hu)
			moment += float64(hu) * square(float64(i-10))
		}
		if variance := moment / sum; math.Abs(sum-30000) > 3 || math.Abs(variance-3/(8*math.Ln2)) > 0.005 {
			t.Errorf("axis %d: the impulse has sum %v and variance %v, want 30000 and %v", axis, sum, variance, 3/(8*math.Ln2))
		}
		var want [3]bool
		if want[axis] = true; smoothed != want {
			t.Errorf("axis %d: AntiAlias = %v, want %v", axis, smoothed, want)
		}
	}
}

func TestAntiAliasNearScipy(t *testing.T) {
	interpreter := python(t, "scipy")
	g := Grid{Size: [3]int{30, 25, 20}, SpacingMM: [3]float64{1, 0.5, 0.7}, Direction: Identity()}
	v, dir := noise(g, 9), t.TempDir()
	b, _ := binary.Append([]byte(npyHeader("<i2", g.Size)), binary.LittleEndian, v.Data)
	if err := os.WriteFile(dir+"/in.npy", b, 0o600); err != nil {
		t.Fatal(err)
	}
	spacing := [3]float64{3, 0.6, 2}
	sigma := func(c int) float64 {
		return math.Sqrt((square(spacing[c]/g.SpacingMM[c]) - 1) / (8 * math.Ln2))
	}
	script := fmt.Sprintf(`import numpy, scipy.ndimage as nd
a = numpy.load("%[1]s/in.npy").astype(float)
nd.gaussian_filter(a, (%[2]v, 0, %[3]v), mode="nearest").astype("<f8").tofile("%[1]s/out")`, dir, sigma(2), sigma(0))
	if out, err := exec.Command(interpreter, "-c", script).CombinedOutput(); err != nil {
		t.Fatalf("scipy: %v\n%s", err, out)
	}
	raw, err := os.ReadFile(dir + "/out")
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float64, g.Len())
	if _, err := binary.Decode(raw, binary.LittleEndian, want); err != nil {
		t.Fatal(err)
	}
	AntiAlias(v, spacing, 2)
	for i, hu := range v.Data {
		if math.Abs(float64(hu)-want[i]) > 1 {
			t.Fatalf("voxel %d is %d HU, scipy has %v", i, hu, want[i])
		}
	}
}
