package report

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"

	"ctcohort/model/volume"
	"ctcohort/transforms/metrics"
)

// figure is what the page shows of a volume in pictures, with its caption.
type figure struct {
	Anchor           string
	Slices, Surfaces template.URL // empty where the page would get too large
	Caption          string
	Folder           string
	Exhibit          int // its number in the viewer, from 1, or 0
}

// figures puts pictures into the page as long as they fit.
func figures(d Data) (out []figure) {
	left, exhibit := d.Pictures, 0
	picture := func(png []byte) template.URL {
		text := "data:image/png;base64," + base64.StdEncoding.EncodeToString(png)
		if len(png) == 0 || len(text) > left {
			left = 0 // what comes after is better and must not be shown in its place
			return ""
		}
		left -= len(text)
		return template.URL(text)
	}
	for i, f := range d.Figures {
		next := figure{Anchor: anchor(i), Folder: f.Folder, Caption: f.caption()}
		next.Slices = picture(f.Slices)
		next.Surfaces = picture(f.Surfaces)
		if f.Preview != nil {
			exhibit++
			next.Exhibit = exhibit
		}
		out = append(out, next)
	}
	return out
}

// anchor names the i-th figure within the page.
func anchor(i int) string { return fmt.Sprintf("slices-%d", i+1) }

func (s Shown) caption() string {
	c := s[0]
	caption := fmt.Sprintf("Patient %s, %s", c.PatientID, c.Cohort)
	if c.Split != "" {
		caption += " (" + c.Split + ")"
	}
	caption += fmt.Sprintf(", model %s. Lung Dice %s, HD95 %s mm; infection Dice %s, HD95 %s mm; infection %s ml, reference %s ml.", c.ModelName,
		c.text(metrics.Lung, "dice"), c.text(metrics.Lung, "hd95"), c.text(metrics.Infection, "dice"), c.text(metrics.Infection, "hd95"),
		c.text(metrics.Infection, "volume_prediction"), c.text(metrics.Infection, "volume_reference"))
	if note := c.note(); note != "" {
		caption += " Note: " + note + "."
	}
	return caption
}

func (c Case) text(label, metric string) string {
	m, _ := metrics.Find(metric)
	return metrics.Format(c.Value(label, metric), m.Unit)
}

// exhibit is a volume in the page's viewer.
type exhibit struct {
	Name string
	JSON template.JS
}

func exhibits(d Data) (out []exhibit) {
	for _, f := range d.Figures {
		if f.Preview == nil {
			continue
		}
		c := f.Shown[0]
		name := strings.TrimSpace(fmt.Sprintf("%s, %s %s: infection Dice %s, lung %s", c.PatientID, c.Cohort, c.Split, c.text(metrics.Infection, "dice"), c.text(metrics.Lung, "dice")))
		out = append(out, exhibit{name, template.JS(f.Preview)})
	}
	return out
}

// window is a preset of the viewer.
type window struct {
	Name string
	volume.Window
}

// windows are the presets: a radiologist's, and the models'.
func windows(models volume.Window) []window {
	all := []window{
		{"lung", DefaultFigure.Window}, {"mediastinum", volume.Window{LowHU: -125, HighHU: 225}}, {"bone", volume.Window{LowHU: -450, HighHU: 1050}},
	}
	if models.HighHU > models.LowHU {
		all = append(all, window{"model", models})
	}
	return all
}
