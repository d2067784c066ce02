package metrics

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ctcohort/model/volume"
)

var inf = math.Inf(1)

func TestComputeKnownAnswers(t *testing.T) {
	size := [3]int{20, 20, 20}
	unit, thick := [3]float64{1, 1, 1}, [3]float64{0.5, 1, 2}
	infection := func(metric string) [2]string { return [2]string{Infection, metric} }
	tests := []struct {
		name, reason          string
		prediction, reference shape
		want                  map[[2]string]float64
	}{
		{
			name: "two voxels apart", reason: "four voxels of 0.5 mm along x are 2 mm, exactly the tolerance",
			prediction: newShape(size, thick).set(2, [3]int{3, 5, 5}),
			reference:  newShape(size, thick).set(2, [3]int{7, 5, 5}),
			want: map[[2]string]float64{
				infection("hd"): 2, infection("hd95"): 2, infection("assd"): 2, infection("dice"): 0,
				infection("surface_dice_1mm"): 0, infection("surface_dice_2mm"): 1, infection("lesion_f1"): 0,
				infection("lesions_prediction"): 1, infection("lesions_reference"): 1, infection("volume_prediction"): 0.001,
			},
		},
		{
			name: "along z", reason: "one voxel along z is 2 mm, and 3-4-5 with three along y",
			prediction: newShape(size, thick).set(1, [3]int{3, 5, 5}),
			reference:  newShape(size, thick).set(1, [3]int{3, 8, 7}),
			want:       map[[2]string]float64{{Lung, "hd"}: 5, {Lung, "assd"}: 5, {Lung, "surface_dice_2mm"}: 0},
		},
		{
			name: "shifted cube", reason: "cubes of 10 that share 9 layers; one shift moves the surface by 1 mm at most",
			prediction: newShape(size, unit).cube(2, [3]int{5, 5, 5}, [3]int{10, 10, 10}),
			reference:  newShape(size, unit).cube(2, [3]int{6, 5, 5}, [3]int{10, 10, 10}),
			want: map[[2]string]float64{
				infection("dice"): 0.9, infection("iou"): 9. / 11, infection("sensitivity"): 0.9, infection("precision"): 0.9,
				infection("specificity"): 6900. / 7000, infection("hd"): 1, infection("hd95"): 1, infection("surface_dice_1mm"): 1,
				infection("assd"): 164. / 488, infection("volume_error"): 0, infection("volume_relative_error"): 0, infection("lesion_f1"): 1,
				infection("lesion_sensitivity"): 1, {Lung, "dice"}: 0.9,
			},
		},
		{
			name: "filled volume", reason: "outside the volume is background, so the 98 voxels of the border are surface, and six of them are 2 mm away",
			prediction: newShape([3]int{5, 5, 5}, unit).cube(1, [3]int{}, [3]int{5, 5, 5}),
			reference:  newShape([3]int{5, 5, 5}, unit).set(1, [3]int{2, 2, 2}),
			want:       map[[2]string]float64{{Lung, "hd"}: math.Sqrt(12), {Lung, "surface_dice_2mm"}: 7. / 99},
		},
		{
			name: "lesions", reason: "one found by an overlap of one voxel, one missed, one invented; diagonal neighbours are one lesion",
			prediction: newShape(size, unit).cube(1, [3]int{0, 0, 0}, [3]int{20, 20, 10}).set(2, [3]int{1, 1, 1}, [3]int{2, 2, 2}, [3]int{9, 9, 9}),
			reference:  newShape(size, unit).cube(2, [3]int{2, 2, 2}, [3]int{3, 3, 3}).set(2, [3]int{15, 15, 15}),
			want: map[[2]string]float64{
				infection("lesions_prediction"): 2, infection("lesions_reference"): 2, infection("lesion_f1"): 0.5,
				infection("lesion_sensitivity"): 0.5, infection("involvement"): 100 * 3. / 4000, infection("volume_relative_error"): 3./28 - 1,
			},
		},
	}
	for _, test := range tests {
		rows := Compute(test.prediction.Volume, test.reference.Volume, nil)
		for key, want := range test.want {
			if got := find(rows, key[0], key[1]); !got.Defined || got.Reason != "" || !near(valueOf(got), want, 1e-12) {
				t.Errorf("%s: %s %s = %v (%q); want %v: %s", test.name, key[0], key[1], valueOf(got), got.Reason, want, test.reason)
			}
		}
	}
}

// undefined stands in the table below for a value that must not exist.
var undefined = math.NaN()

func TestComputeEmptyMasks(t *testing.T) {
	size, unit := [3]int{6, 6, 6}, [3]float64{1, 1, 1}
	empty := newShape(size, unit)
	lesion := newShape(size, unit).cube(1, [3]int{1, 1, 1}, [3]int{3, 3, 3}).set(2, [3]int{2, 2, 2})
	healthy := newShape(size, unit).cube(1, [3]int{1, 1, 1}, [3]int{3, 3, 3})
	type cell struct {
		value  float64
		reason string
	}
	tests := []struct {
		name                  string
		prediction, reference *volume.Volume[uint8]
		want                  map[string]cell // infection
	}{
		{"both empty", healthy.Volume, healthy.Volume, map[string]cell{
			"dice": {undefined, BothEmpty}, "iou": {undefined, BothEmpty}, "hd": {undefined, BothEmpty}, "hd95": {undefined, BothEmpty},
			"assd": {undefined, BothEmpty}, "surface_dice_1mm": {undefined, BothEmpty}, "sensitivity": {undefined, BothEmpty},
			"precision": {undefined, BothEmpty}, "lesion_f1": {undefined, BothEmpty}, "lesion_sensitivity": {undefined, BothEmpty},
			"specificity": {1, ""}, "volume_prediction": {0, ""}, "volume_error": {0, ""}, "volume_relative_error": {undefined, BothEmpty},
			"lesions_prediction": {0, ""}, "involvement": {0, ""}, "mean_hu": {undefined, BothEmpty},
		}},
		{"missed", healthy.Volume, lesion.Volume, map[string]cell{
			"dice": {0, PredictionEmpty}, "iou": {0, PredictionEmpty}, "hd": {inf, PredictionEmpty}, "hd95": {inf, PredictionEmpty},
			"assd": {inf, PredictionEmpty}, "surface_dice_1mm": {0, PredictionEmpty}, "surface_dice_2mm": {0, PredictionEmpty},
			"sensitivity": {0, PredictionEmpty}, "precision": {undefined, PredictionEmpty}, "lesion_f1": {0, PredictionEmpty},
			"lesion_sensitivity": {0, PredictionEmpty}, "volume_error": {-0.001, ""}, "volume_relative_error": {-1, ""},
		}},
		{"invented", lesion.Volume, healthy.Volume, map[string]cell{
			"dice": {0, ReferenceEmpty}, "hd": {inf, ReferenceEmpty}, "surface_dice_1mm": {0, ReferenceEmpty}, "sensitivity": {undefined, ReferenceEmpty},
			"precision": {0, ReferenceEmpty}, "lesion_f1": {0, ReferenceEmpty}, "lesion_sensitivity": {undefined, ReferenceEmpty},
			"volume_relative_error": {undefined, ReferenceEmpty}, "volume_error": {0.001, ""}, "involvement": {100. / 27, ""},
		}},
		{"no reference", lesion.Volume, nil, map[string]cell{
			"dice": {undefined, NoReference}, "hd95": {undefined, NoReference}, "volume_reference": {undefined, NoReference},
			"lesions_reference": {undefined, NoReference}, "volume_prediction": {0.001, ""}, "lesions_prediction": {1, ""},
			"involvement": {100. / 27, ""}, "mean_hu": {-700, ""},
		}},
		{"nothing", empty.Volume, nil, map[string]cell{
			"dice": {undefined, NoReference}, "volume_prediction": {0, ""}, "involvement": {undefined, PredictionEmpty}, "mean_hu": {undefined, PredictionEmpty},
		}},
	}
	hu := volume.New[int16](lesion.Grid)
	for i := range hu.Data {
		hu.Data[i] = -700
	}
	for _, test := range tests {
		rows := Compute(test.prediction, test.reference, hu)
		for metric, want := range test.want {
			got := find(rows, Infection, metric)
			if !near(valueOf(got), want.value, 1e-12) || got.Reason != want.reason || got.Defined == math.IsNaN(want.value) {
				t.Errorf("%s: %s = %v, defined %v, reason %q; want %v, %q", test.name, metric, valueOf(got), got.Defined, got.Reason, want.value, want.reason)
			}
		}
	}
	if got := find(Compute(lesion.Volume, lesion.Volume, nil), Infection, "mean_hu"); got.Defined || got.Reason != NoImage {
		t.Errorf("mean_hu without an image = %+v; want undefined, %q", got, NoImage)
	}
}

func TestComputeProperties(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		size := [3]int{10 + random.IntN(20), 10 + random.IntN(20), 5 + random.IntN(10)}
		spacing := [3]float64{0.5 + random.Float64(), 0.5 + random.Float64(), 1 + 4*random.Float64()}
		a, b := newShape(size, spacing).blobs(random, 6), newShape(size, spacing).blobs(random, 6)
		ab, ba, aa := Compute(a.Volume, b.Volume, nil), Compute(b.Volume, a.Volume, nil), Compute(a.Volume, a.Volume, nil)
		for _, metric := range []string{"dice", "iou", "hd", "hd95", "assd", "surface_dice_1mm"} {
			if x, y := valueOf(find(ab, Lung, metric)), valueOf(find(ba, Lung, metric)); !near(x, y, 1e-12) {
				t.Errorf("%s is %v one way and %v the other", metric, x, y)
			}
		}
		if x, y := valueOf(find(ab, Lung, "sensitivity")), valueOf(find(ba, Lung, "precision")); x != y {
			t.Errorf("sensitivity %v is not the other way's precision %v", x, y)
		}
		for metric, want := range map[string]float64{"dice": 1, "hd": 0, "assd": 0, "surface_dice_1mm": 1, "lesion_f1": 1} {
			if got := valueOf(find(aa, Lung, metric)); got != want {
				t.Errorf("%s of a mask with itself = %v; want %v", metric, got, want)
			}
		}
	}
}

func TestComputeReturnsEveryMeasure(t *testing.T) {
	rows := Compute(newShape([3]int{3, 3, 3}, [3]float64{1, 1, 1}).Volume, nil, nil)
	for _, label := range []string{Lung, Infection} {
		for _, m := range Measures {
			n := len(slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Label != label || r.Metric != m.Name }))
			if want := 1; n != want && !(m.InfectionOnly && label == Lung && n == 0) {
				t.Errorf("%d rows of %s %s; want 1", n, label, m.Name)
			}
		}
	}
}

func TestComputePanicsOnOtherSizes(t *testing.T) {
	defer func() {
		if text, _ := recover().(string); !strings.HasPrefix(text, "metrics: ") {
			t.Errorf("Compute of two sizes panicked with %q; want a text that begins with the package", text)
		}
	}()
	Compute(newShape([3]int{3, 3, 3}, [3]float64{1, 1, 1}).Volume, newShape([3]int{3, 3, 4}, [3]float64{1, 1, 1}).Volume, nil)
}

func TestRowMarshalsToStrictJSON(t *testing.T) {
	value := inf
	got, err := json.Marshal([]Row{{Label: Lung, Metric: "hd", Value: &value, Unit: "mm", Defined: true, Reason: PredictionEmpty}, {Label: Lung, Metric: "dice", Unit: "1", Reason: BothEmpty}})
	want := `[{"label":"lung","metric":"hd","value":"Infinity","unit":"mm","defined":true,"reason":"pred_empty"},{"label":"lung","metric":"dice","value":null,"unit":"1","defined":false,"reason":"both_empty"}]`
	if err != nil || string(got) != want {
		t.Errorf("Marshal = %s, %v; want %s", got, err, want)
	}
}

func TestQuantile(t *testing.T) {
	// Values compared against numpy.percentile, but for infinite ones.
	for _, test := range []struct {
		values []float64
		q      float64
		want   float64
	}{
		{[]float64{1, 2, 3, 4}, 0.95, 3.8499999999999996},
		{[]float64{1, 2, 3, 4}, 0.5, 2.5},
		{[]float64{7}, 0.25, 7},
		{[]float64{1, inf}, 0.5, inf},
		{[]float64{1, 2, inf}, 0.5, 2},
		{[]float64{-inf, 1}, 0.5, -inf},
		{nil, 0.5, math.NaN()},
	} {
		if got := quantile(test.values, test.q); !near(got, test.want, 0) {
			t.Errorf("quantile(%v, %v) = %v; want %v", test.values, test.q, got, test.want)
		}
	}
}
