package model

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func goodMetadata() map[string]string {
	return map[string]string{
		"ctcohort.format": "1", "ctcohort.name": "demo", "ctcohort.network": "covid_segnet", "ctcohort.width": "8",
		"ctcohort.spacing_mm": "3,3,2.5", "ctcohort.window_hu": "-1250,250", "ctcohort.patch_size": "64, 64, 48",
		"ctcohort.classes": "background,lung,infection", "producer": "anything",
	}
}

func TestParseSpec(t *testing.T) {
	got, err := ParseSpec(goodMetadata())
	want := Spec{
		Name: "demo", Network: "covid_segnet", Width: 8,
		SpacingMM: [3]float64{3, 3, 2.5}, WindowHU: [2]float64{-1250, 250}, PatchSize: [3]int{64, 64, 48},
		SizeMultiple: 8, Precision: "fp32", Classes: []string{"background", "lung", "infection"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("ParseSpec = %+v, %v; want %+v, nil", got, err, want)
	}
}

func TestParseSpecFaults(t *testing.T) {
	tests := []struct {
		name, key, value, want string
	}{
		{"another format", "format", "2", `ctcohort.format is "2"; this program reads "1"`},
		{"a name that leaves its folder", "name", "../x", "ctcohort.name is"},
		{"a hidden name", "name", ".x", "ctcohort.name is"},
		{"a name too long for a folder", "name", strings.Repeat("x", 65), "ctcohort.name has 65 characters"},
		{"no network", "network", "", "ctcohort.network is missing"},
		{"width in words", "width", "eight", "ctcohort.width is"},
		{"width 0", "width", "0", "ctcohort.width is"},
		{"two spacings", "spacing_mm", "3,3", "three spacings"},
		{"a spacing of 0", "spacing_mm", "3,3,0", "ctcohort.spacing_mm holds 0"},
		{"not a number", "spacing_mm", "3,3,NaN", "three spacings"},
		{"infinite", "window_hu", "-Inf,250", "low,high"},
		{"high first", "window_hu", "250,-1250", "low stands first"},
		{"no multiple of 8", "patch_size", "64,64,50", "ctcohort.patch_size holds 50"},
		{"no multiple of the network's own", "size_multiple", "32", "ctcohort.patch_size holds 48; a size is a multiple of 32"},
		{"a multiple of 0", "size_multiple", "0", "ctcohort.size_multiple is"},
		{"a multiple in words", "size_multiple", "eight", "ctcohort.size_multiple is"},
		{"another precision", "precision", "bf16", `ctcohort.precision is "bf16"; it wants one of fp32, fp16, int8`},
		{"half a voxel", "patch_size", "64,64,48.5", "ctcohort.patch_size holds 48.5"},
		{"no voxel", "patch_size", "64,64,0", "ctcohort.patch_size holds 0"},
		{"a patch that fills memory", "patch_size", "64,64,1e9", "ctcohort.patch_size holds 1e+09"},
		{"lung first", "classes", "lung,background", `wants "background"`},
		{"one class", "classes", "background", "1 to 255 classes"},
		{"one name twice", "classes", "background,lung,lung", "its own name"},
		{"another class in infection's place", "classes", "background,infection,nodule", "infection 2, and another class"},
		{"a class without name", "classes", "background,,lung", "its own name"},
	}
	for _, tt := range tests {
		m := goodMetadata()
		m["ctcohort."+tt.key] = tt.value
		_, err := ParseSpec(m)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: ParseSpec = %v; want it to hold %q", tt.name, err, tt.want)
			continue
		}
		if n := strings.Count(err.Error(), "ctcohort."); n != 1 {
			t.Errorf("%s: ParseSpec = %v; want one fault, not %d", tt.name, err, n)
		}
	}
}

func TestParseSpecTellsAllFaultsAtOnce(t *testing.T) {
	_, err := ParseSpec(nil)
	if err == nil {
		t.Fatal("ParseSpec(nil) = nil error")
	}
	for key := range maps.Keys(goodMetadata()) {
		if name, ours := strings.CutPrefix(key, "ctcohort."); ours && !strings.Contains(err.Error(), "ctcohort."+name+" is missing") {
			t.Errorf("ParseSpec(nil) = %v; want it to name %s", err, key)
		}
	}
	if !strings.Contains(err.Error(), "train/export.py") {
		t.Errorf("ParseSpec(nil) = %v; want it to say what to do", err)
	}
}

// TestLabels: tables and references know lung as 1 and infection as 2 only.
func TestLabels(t *testing.T) {
	for classes, want := range map[string][]uint8{
		"background,lung,infection": {0, 1, 2},
		"background,infection,lung": {0, 2, 1},
		"background,lung":           {0, 1},
		"background,infection":      {0, 2},
		"background,lung,b,nodule":  {0, 1, 2, 3},
	} {
		m := goodMetadata()
		m["ctcohort.classes"] = classes
		spec, err := ParseSpec(m)
		if got := spec.Labels(); err != nil || !slices.Equal(got, want) {
			t.Errorf("Labels of %s = %v, %v; want %v", classes, got, err, want)
		}
	}
}
