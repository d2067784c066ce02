package model

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"ctcohort/model/volume"
)

var plain = Options{Overlap: 0.25, Workers: 1}

func TestPredictIsThresholdingForAThresholdNetwork(t *testing.T) {
	for _, size := range [][3]int{{40, 37, 50}, {16, 8, 24}, {5, 70, 3}} {
		net := &fakeNet{patch: [3]int{16, 8, 24}, classes: threeClasses, voxel: byHU}
		v := noise(size, 1)
		labels, _, err := Predict(context.Background(), net, v, plain)
		if err != nil {
			t.Fatal(err)
		}
		if labels.Grid != v.Grid {
			t.Errorf("labels' grid = %+v, want the volume's %+v", labels.Grid, v.Grid)
		}
		for i, h := range v.Data {
			want := uint8(0)
			if h < -600 {
				want = 1
			} else if h < -200 {
				want = 2
			}
			if labels.Data[i] != want {
				t.Fatalf("size %v: label at %d HU = %d, want %d", size, h, labels.Data[i], want)
			}
		}
	}
}

func TestPredictConstant(t *testing.T) {
	tests := []struct {
		probabilities []float32
		want          uint8
		reason        string
	}{
		{[]float32{0.2, 0.3, 0.5}, 2, ""},
		{[]float32{0.4, 0.4, 0.2}, 0, "the first of equals wins"},
		{[]float32{0.2, 0.4, 0.4}, 1, "the first of equals wins"},
	}
	for _, tt := range tests {
		net := &fakeNet{patch: [3]int{16, 16, 8}, classes: threeClasses, voxel: func(float32, int, int, int) []float32 { return tt.probabilities }}
		labels, stats, err := Predict(context.Background(), net, noise([3]int{40, 30, 20}, 1), plain)
		if err != nil {
			t.Fatal(err)
		}
		if n := count(labels.Data, tt.want); n != len(labels.Data) {
			t.Errorf("Predict of a constant %v: %d of %d voxels are %d, want all. %s", tt.probabilities, n, len(labels.Data), tt.want, tt.reason)
		}
		if stats.Windows != 3*3*3 || stats.Skipped != 0 {
			t.Errorf("Stats = %+v, want 3×3×3 windows, none skipped", stats)
		}
	}
}

// TestPredictDoesNotDependOnWorkers lets windows finish out of order on a
// network whose classes are nearly equal everywhere, so that any other order of
// the sums would show.
func TestPredictDoesNotDependOnWorkers(t *testing.T) {
	v := noise([3]int{60, 50, 40}, 5)
	run := func(o Options) ([]uint8, *fakeNet) {
		net := &fakeNet{patch: [3]int{16, 16, 16}, classes: threeClasses, voxel: func(hu float32, x, y, z int) []float32 {
			a := float32((x*7+y*13+z*29)%17) * 1e-7
			return []float32{1.0/3 + a, 1.0/3 + hu*1e-10, 1.0/3 - a}
		}}
		net.before = func(call int) error {
			if o.Workers > 1 {
				time.Sleep(time.Duration(call*7919%5) * 200 * time.Microsecond)
			}
			return nil
		}
		labels, _, err := Predict(context.Background(), net, v, o)
		if err != nil {
			t.Fatal(err)
		}
		return labels.Data, net
	}
	want, _ := run(Options{Overlap: 0.5, Workers: 1})
	for _, o := range []Options{
		{Overlap: 0.5, Workers: 7},
		{Overlap: 0.5, Workers: 3, Batch: 4},
		{Overlap: 0.5, Batch: 1000},
	} {
		got, net := run(o)
		if !slices.Equal(got, want) {
			t.Errorf("Predict with %+v differs from one worker's labels", o)
		}
		if net.most > max(1, o.Workers) {
			t.Errorf("Predict with %+v had %d calls in the network at once", o, net.most)
		}
		if net.largest > max(1, o.Batch) {
			t.Errorf("Predict with %+v had %d windows in a call", o, net.largest)
		}
		if o.Workers == 7 && net.most < 2 {
			t.Error("seven workers never worked at once")
		}
	}
}

func TestPredictStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	net := &fakeNet{patch: [3]int{8, 8, 8}, classes: threeClasses, voxel: byHU}
	net.before = func(call int) error {
		if call == 5 {
			cancel()
		}
		return nil
	}
	_, _, err := Predict(ctx, net, noise([3]int{64, 64, 64}, 1), Options{Overlap: 0.25, Workers: 2})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Predict = %v, want context.Canceled", err)
	}
	if n := net.calls.Load(); n > 8 {
		t.Errorf("%d windows ran after the context ended with the fifth, of 1000", n)
	}
	if net.now != 0 {
		t.Errorf("%d windows still run after Predict returned", net.now)
	}
}

func TestPredictFaults(t *testing.T) {
	broken := errors.New("broken")
	nan := float32(math.NaN())
	spaced := noise([3]int{16, 16, 16}, 1)
	spaced.SpacingMM[2] = 1
	tests := []struct {
		name  string
		voxel func(hu float32, x, y, z int) []float32
		fault func(call int) error
		v     *volume.Volume[int16]
		o     Options
		want  string
		is    error
	}{
		{name: "the network fails", voxel: byHU, fault: func(call int) error {
			if call == 3 {
				return broken
			}
			return nil
		}, is: broken},
		{name: "NaN in a class that would lose", voxel: func(float32, int, int, int) []float32 { return []float32{1, 0, nan} }, is: ErrNotANumber},
		{name: "NaN in the first class", voxel: func(float32, int, int, int) []float32 { return []float32{nan, 1, 0} }, is: ErrNotANumber},
		{name: "another spacing", voxel: byHU, v: spaced, want: "spacing is 3×3×1 mm and the network's 3×3×3 mm: resample"},
		{name: "all options wrong", voxel: byHU, o: Options{Overlap: 1, Workers: -1, Batch: -1, MinLungML: -1}, want: "overlap is 1"},
		{name: "the last fault is told too", voxel: byHU, o: Options{Overlap: 1, Workers: -1, Batch: -1, MinLungML: -1}, want: "min_lung_ml is -1"},
		{name: "overlap is no number", voxel: byHU, o: Options{Overlap: math.NaN()}, want: "overlap is NaN"},
	}
	for _, tt := range tests {
		net := &fakeNet{patch: [3]int{8, 8, 8}, classes: threeClasses, voxel: tt.voxel, before: tt.fault}
		v := tt.v
		if v == nil {
			v = noise([3]int{24, 24, 24}, 1)
		}
		_, _, err := Predict(context.Background(), net, v, tt.o)
		if err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%s: Predict = %v; want %q %v", tt.name, err, tt.want, tt.is)
		}
	}
}

// shortNet owes one probability.
type shortNet struct{ fakeNet }

func (s *shortNet) Run(hu []float32, batch int, size [3]int) ([]float32, error) {
	p, err := s.fakeNet.Run(hu, batch, size)
	return p[1:], err
}

func TestPredictRefusesAnAnswerOfAnotherSize(t *testing.T) {
	net := &shortNet{fakeNet{patch: [3]int{8, 8, 8}, classes: threeClasses, voxel: byHU}}
	_, _, err := Predict(context.Background(), net, noise([3]int{8, 8, 8}, 1), plain)
	if err == nil || !strings.Contains(err.Error(), "1535 probabilities") {
		t.Errorf("Predict = %v, want an error that counts 1535 probabilities", err)
	}
}

// patient is a body of water with two lungs of air, on a table of foam.
func patient() *volume.Volume[int16] {
	v := volume.New[int16](gridOf([3]int{80, 80, 40}))
	for i := range v.Data {
		v.Data[i] = -1024
	}
	box(v, [3]int{16, 20, 0}, [3]int{64, 56, 40}, 40)
	box(v, [3]int{20, 26, 4}, [3]int{36, 50, 36}, -850)
	box(v, [3]int{44, 26, 4}, [3]int{60, 50, 36}, -850)
	box(v, [3]int{44, 44, 10}, [3]int{56, 50, 20}, -400)
	box(v, [3]int{10, 60, 0}, [3]int{70, 66, 40}, -900)
	return v
}

// TestSkippedAirChangesNothing compares with every window run, for a network
// that calls air outside the body background, as a trained one does.
func TestSkippedAirChangesNothing(t *testing.T) {
	v := patient()
	run := func(skip bool) ([]uint8, Stats) {
		net := &fakeNet{patch: [3]int{16, 16, 16}, classes: threeClasses, voxel: func(hu float32, x, y, z int) []float32 {
			if hu < -880 {
				return []float32{1, 0, 0}
			}
			return byHU(hu, x, y, z)
		}}
		labels, stats, err := Predict(context.Background(), net, v, Options{Overlap: 0.25, Workers: 2, SkipAir: skip})
		if err != nil {
			t.Fatal(err)
		}
		if int(net.calls.Load()) != stats.Windows-stats.Skipped {
			t.Errorf("%d calls for %+v", net.calls.Load(), stats)
		}
		return labels.Data, stats
	}
	all, _ := run(false)
	got, stats := run(true)
	if !slices.Equal(got, all) {
		t.Error("labels with skipped windows differ from those with all windows run")
	}
	// Starts along x and y are 0, 12, 24, 36, 48, 60, 64; the body spans x 16–63
	// and y 20–55, which the windows at x 0, 64 and y 0, 60, 64 do not reach.
	if want := 3 * (7*7 - 5*4); stats.Skipped != want {
		t.Errorf("Skipped = %d of %d, want %d", stats.Skipped, stats.Windows, want)
	}
}

// TestSkippedWindowsCountAsBackground has a network that calls everything
// lung: where a skipped window weighs more than the others, it is background.
func TestSkippedWindowsCountAsBackground(t *testing.T) {
	v := volume.New[int16](gridOf([3]int{28, 16, 16}))
	box(v, [3]int{0, 0, 0}, [3]int{28, 16, 16}, -1024)
	box(v, [3]int{2, 2, 0}, [3]int{8, 14, 16}, 40)
	net := &fakeNet{patch: [3]int{16, 16, 16}, classes: threeClasses, voxel: func(float32, int, int, int) []float32 { return []float32{0, 1, 0} }}
	labels, stats, err := Predict(context.Background(), net, v, Options{Overlap: 0.25, SkipAir: true})
	if err != nil {
		t.Fatal(err)
	}
	if stats.Windows != 2 || stats.Skipped != 1 {
		t.Fatalf("Stats = %+v, want 2 windows, 1 skipped", stats)
	}
	// The windows start at x 0 and 12. They share x 12–15: 12 and 13 lie nearer
	// to the first one's centre, 14 and 15 to the skipped one's.
	for x := range 28 {
		want := uint8(0)
		if x < 14 {
			want = 1
		}
		if got := labels.At(x, 8, 8); got != want {
			t.Errorf("label at x %d = %d, want %d", x, got, want)
		}
	}
}

func TestPredictKeepsTheBody(t *testing.T) {
	v := patient()
	net := &fakeNet{patch: [3]int{16, 16, 16}, classes: threeClasses, voxel: byHU}
	labels, stats, err := Predict(context.Background(), net, v, Options{Overlap: 0.25, KeepBody: true, MinLungML: 10})
	if err != nil {
		t.Fatal(err)
	}
	const lungs, infection = 2 * 16 * 24 * 32, 12 * 6 * 10
	if got := count(labels.Data, 1); got != lungs-infection {
		t.Errorf("%d voxels of lung, want %d", got, lungs-infection)
	}
	if got := count(labels.Data, 2); got != infection {
		t.Errorf("%d voxels of infection, want %d", got, infection)
	}
	if want := 80*80*40 - 48*36*40; stats.RemovedVoxels != want {
		t.Errorf("RemovedVoxels = %d, want all the air around the body, %d", stats.RemovedVoxels, want)
	}
}

func BenchmarkPredictOutsideTheNetwork(b *testing.B) {
	v := volume.New[int16](gridOf([3]int{128, 128, 112}))
	net := &constantNet{fakeNet{patch: [3]int{64, 64, 48}, classes: threeClasses}, make([]float32, 3*64*64*48)}
	for b.Loop() {
		_, stats, err := Predict(context.Background(), net, v, plain)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(stats.OtherSeconds*1e3/float64(stats.Windows), "ms/window")
	}
}

// constantNet answers at once.
type constantNet struct {
	fakeNet
	answer []float32
}

func (c *constantNet) Run([]float32, int, [3]int) ([]float32, error) { return c.answer, nil }

// TestPredictInfectionAlone: its label is 2, and a lesion smaller than any lung stays.
func TestPredictInfectionAlone(t *testing.T) {
	net := &fakeNet{patch: [3]int{8, 8, 8}, classes: []string{"background", "infection"}, voxel: func(hu float32, _, _, _ int) []float32 {
		if hu == 100 {
			return []float32{0, 1}
		}
		return []float32{1, 0}
	}}
	v := volume.New[int16](volume.Grid{Size: [3]int{16, 16, 16}, SpacingMM: [3]float64{3, 3, 3}, Direction: volume.Identity()})
	at := (8*16+8)*16 + 8
	v.Data[at] = 100
	labels, _, err := Predict(context.Background(), net, v, DefaultOptions)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range labels.Data {
		if want := uint8(2); i == at && l != want || i != at && l != 0 {
			t.Fatalf("label %d of a lesion of one voxel is %d", i, l)
		}
	}
}
