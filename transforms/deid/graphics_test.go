package deid

import (
	"bytes"
	"testing"

	"ctcohort/io/dicomio"
)

// TestGraphics: of a presentation state's annotations shapes stay, and words that
// describe; without the option all go.
func TestGraphics(t *testing.T) {
	textOf := func(s string) dicomio.Dataset {
		return dicomio.Dataset{dicomio.TextElement(0x00700003, "CS", "PIXEL"), dicomio.TextElement(tagUnformattedText, "ST", s)}
	}
	shape := dicomio.NewSequence(tagGraphicObjects, dicomio.Dataset{dicomio.TextElement(0x00700005, "CS", "PIXEL"), dicomio.NewElement(0x00700020, "US", numbers(2)), dicomio.NewElement(0x00700022, "FL", make([]byte, 16)), dicomio.TextElement(0x00700023, "CS", "POLYLINE")})
	file := objectFile("11.1",
		dicomio.TextElement(0x00700080, "CS", "LABEL"), dicomio.TextElement(0x00700081, "LO", "nodule Musterfrau"),
		dicomio.NewSequence(tagGraphicAnnotation,
			dicomio.Dataset{dicomio.TextElement(0x00700002, "CS", "LAYER1"), dicomio.NewSequence(tagTextObjects, textOf("nodule 5mm, Musterfrau"), textOf("Erika Musterfrau"))},
			dicomio.Dataset{dicomio.TextElement(0x00700002, "CS", "LAYER1"), dicomio.NewSequence(tagTextObjects, textOf("Musterfrau")), shape},
			dicomio.Dataset{dicomio.TextElement(0x00700002, "CS", "LAYER1"), dicomio.NewSequence(tagTextObjects, textOf("MRN123456"))}),
		dicomio.NewSequence(0x00700060, dicomio.Dataset{dicomio.TextElement(0x00700002, "CS", "LAYER1"), dicomio.TextElement(0x00700068, "LO", "lesion of Musterfrau")}),
		dicomio.TextElement(tagShutterShape, "CS", "BITMAP"), dicomio.NewElement(0x00181623, "US", numbers(0x6000)), dicomio.NewElement(0x60003000, "OW", make([]byte, 8)))
	f, out, _ := deidentify(t, newDeidentifier(t, "research"), file)
	annotations := f.Dataset.Items(tagGraphicAnnotation)
	if len(annotations) != 2 {
		t.Fatalf("%d annotations are left, want the 2 that still show something", len(annotations))
	}
	if texts := annotations[0].Items(tagTextObjects); len(texts) != 1 || texts[0].Text(tagUnformattedText) != "nodule 5mm" {
		t.Errorf("texts are %v, want one: nodule 5mm", texts)
	}
	if shapes := annotations[1].Items(tagGraphicObjects); len(shapes) != 1 || shapes[0].Text(0x00700023) != "POLYLINE" || len(annotations[1].Items(tagTextObjects)) != 0 {
		t.Errorf("the shape is %v, want it as it was, without its text", shapes)
	}
	if got := f.Dataset.Text(0x00700081); got != "nodule" {
		t.Errorf("Content Description = %q, want nodule", got)
	}
	if got := f.Dataset.Items(0x00700060)[0].Text(0x00700068); got != "lesion" {
		t.Errorf("Graphic Layer Description = %q, want lesion", got)
	}
	for _, gone := range []dicomio.Tag{tagShutterShape, 0x00181623, 0x60003000} {
		if _, ok := f.Dataset.Find(gone); ok {
			t.Errorf("%v is left", gone)
		}
	}
	if bytes.Contains(bytes.ToLower(out), []byte("musterfrau")) {
		t.Error("the name is left")
	}
	f, _, _ = deidentify(t, newDeidentifier(t, "basic"), file)
	if _, ok := f.Dataset.Find(tagGraphicAnnotation); ok {
		t.Error("graphics are left without the option")
	}
}
