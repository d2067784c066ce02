package report

import (
	"bytes"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"ctcohort/model/volume"
	"ctcohort/schemas"
)

// rendered is a page of synthetic tables with two figures.
func rendered(t *testing.T, d Data) string {
	t.Helper()
	var page bytes.Buffer
	if err := Render(&page, d); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// exhibited is what is shown of the thorax.
var exhibited = sync.OnceValues(func() (f PatientFigure, err error) {
	hu, reference, prediction := thorax(false)
	e, err := NewExhibit(hu, reference, Segmentation{"covid_segnet_w8", prediction})
	if err != nil {
		return f, err
	}
	surfaces := e.Surfaces()
	f.Folder, f.Preview = "figures/here", e.Preview(surfaces, 1<<20)
	if f.Slices, err = e.Figure(0, DefaultFigure); err != nil {
		return f, err
	}
	f.Surfaces, err = e.SurfaceFigure(surfaces)
	return f, err
})

// withFigures adds the first n volumes as figures that are in the viewer too.
func withFigures(t *testing.T, d Data, n int) Data {
	t.Helper()
	f, err := exhibited()
	if err != nil {
		t.Fatal(err)
	}
	shown, err := Choose(Cases(d.Metrics), nil)
	if err != nil {
		t.Fatal(err)
	}
	d.Pictures, d.ModelWindow = 2<<20, volume.Window{LowHU: -1250, HighHU: 250}
	for _, f.Shown = range shown[:n] {
		d.Figures = append(d.Figures, f)
	}
	return d
}

func TestRender(t *testing.T) {
	d := withFigures(t, synthetic(26, 10), 2)
	got := rendered(t, d)
	if path := os.Getenv("CTCOHORT_PAGE"); path != "" {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"infection missed", "not_dicom", "SIEMENS", "p (Holm)", "data:image/png;base64,", "1 × ∞", "Bland–Altman", "Thickness under 2 mm", "germany, test"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	got = regexp.MustCompile(`[A-Za-z0-9+/=]{100,}`).ReplaceAllString(got, "") // pictures and previews may hold any letters
	if strings.Contains(got, "ZgotmplZ") || strings.Contains(got, "NaN") || strings.Contains(got, "<no value>") {
		t.Error("the page shows a value that the template could not write")
	}
}

func TestRenderNeedsNothingElse(t *testing.T) {
	got := rendered(t, withFigures(t, synthetic(9, 3), 1))
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]{0,40})`).FindAllStringSubmatch(got, -1) {
		if !strings.HasPrefix(m[1], "#") && !strings.HasPrefix(m[1], "data:image/png;base64,") {
			t.Errorf("the page refers to %q", m[1])
		}
	}
	if m := regexp.MustCompile(`https?://|@import|url\(`).FindString(got); m != "" {
		t.Errorf("the page holds %q", m)
	}
}

func TestRenderIsDeterministic(t *testing.T) {
	d := synthetic(9, 3)
	want := rendered(t, d)
	random := rand.New(rand.NewPCG(2, 2))
	random.Shuffle(len(d.Metrics), func(i, j int) { d.Metrics[i], d.Metrics[j] = d.Metrics[j], d.Metrics[i] })
	random.Shuffle(len(d.Series), func(i, j int) { d.Series[i], d.Series[j] = d.Series[j], d.Series[i] })
	random.Shuffle(len(d.Rejects), func(i, j int) { d.Rejects[i], d.Rejects[j] = d.Rejects[j], d.Rejects[i] })
	if rendered(t, d) != want {
		t.Error("rows in another order give another page")
	}
}

func TestRenderOfLittle(t *testing.T) {
	for name, d := range map[string]Data{
		"nothing":    {},
		"only files": {Instances: []schemas.Instance{{Cohort: "a", PatientID: "p", SeriesUID: "s", Status: "ok"}}},
		"no metrics": {Series: synthetic(3, 1).Series, Patients: synthetic(3, 1).Patients},
		"one case":   {Metrics: synthetic(1, 0).Metrics},
	} {
		if got := rendered(t, d); !strings.Contains(got, "</html>") || strings.Contains(got, "NaN") {
			t.Errorf("%s: the page is broken", name)
		}
	}
}

func TestRenderEscapes(t *testing.T) {
	d := synthetic(3, 1)
	for i := range d.Series {
		d.Series[i].Kernel, d.Series[i].Manufacturer = `<script>alert(1)</script>`, `a"b&c`
	}
	for i := range d.Metrics {
		d.Metrics[i].ModelName = `<b>net</b>`
	}
	got := rendered(t, d)
	if strings.Contains(got, "<script>alert") || strings.Contains(got, "<b>net") {
		t.Error("the page holds markup from a table")
	}
}
