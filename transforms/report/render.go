package report

import (
	"embed"
	"fmt"
	"html/template"
	"io"

	"ctcohort/transforms/metrics"
)

//go:embed templates
var files embed.FS

// Render writes the report: one HTML page that needs no network and no other
// file, and forbids itself both. The same data gives the same bytes.
func Render(w io.Writer, d Data) error {
	style, err := files.ReadFile("templates/style.css")
	if err != nil {
		return fmt.Errorf("reading the page's style: %w", err)
	}
	var scripts []template.JS
	for _, name := range []string{"script.js", "surface.js", "viewer.js"} {
		text, err := files.ReadFile("templates/" + name)
		if err != nil {
			return fmt.Errorf("reading the page's script: %w", err)
		}
		scripts = append(scripts, template.JS(text))
	}
	number := map[string]int{}
	parsed, err := template.New("page.html").Funcs(template.FuncMap{
		"style":   func() template.CSS { return template.CSS(string(style) + chartStyle) },
		"scripts": func() []template.JS { return scripts },
		"planes":  func() []string { return []string{"axial", "coronal", "sagittal"} },
		"views":   func() []string { return []string{"front", "back", "left", "right", "above"} },
		"next": func(kind string) string { // the next table's or figure's number
			number[kind]++
			return fmt.Sprintf("%s %d.", kind, number[kind])
		},
		"short":  func(digest string) string { return digest[:min(12, len(digest))] },
		"format": metrics.Format,
		"p":      metrics.FormatP,
	}).ParseFS(files, "templates/*.html")
	if err != nil {
		return fmt.Errorf("parsing the page's templates: %w", err)
	}
	if err := parsed.Execute(w, newPage(d)); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
