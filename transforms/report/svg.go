package report

import (
	"fmt"
	"html"
	"html/template"
	"strings"
)

// svg is a drawing under construction. Its classes are styled by the page.
type svg struct {
	text          strings.Builder
	width, height float64
}

func (s *svg) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&s.text, `<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, class, x1, y1, x2, y2)
}

func (s *svg) rect(class string, x, y, width, height float64) {
	fmt.Fprintf(&s.text, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, class, x, y, max(0, width), max(0, height))
}

// write puts text at a baseline; anchor is start, middle or end.
func (s *svg) write(class, anchor string, x, y float64, text string) {
	fmt.Fprintf(&s.text, `<text class="%s" text-anchor="%s" x="%.1f" y="%.1f">%s</text>`, class, anchor, x, y, html.EscapeString(text))
}

// dots draws round points in one element, for there may be a thousand.
func (s *svg) dots(class string, points [][2]float64) {
	if len(points) == 0 {
		return
	}
	fmt.Fprintf(&s.text, `<path class="%s" d="`, class)
	for _, p := range points {
		fmt.Fprintf(&s.text, "M%.1f %.1fh0", p[0], p[1])
	}
	s.text.WriteString(`"/>`)
}

// alongX draws a horizontal axis with its grid between two heights, and its title.
func (s *svg) alongX(a axis, top, bottom float64, title string) {
	for _, t := range a.ticks() {
		s.line("grid", a.at(t.value), top, a.at(t.value), bottom)
		s.write("tick", "middle", a.at(t.value), bottom+14, t.text)
	}
	s.line("axis", a.from, bottom, a.to, bottom)
	s.write("title", "middle", (a.from+a.to)/2, bottom+30, title)
}

// html returns the drawing, described for those who do not see it.
func (s *svg) html(description string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg role="img" viewBox="0 0 %.0f %.0f" aria-label="%s">%s</svg>`,
		s.width, s.height, html.EscapeString(description), s.text.String()))
}
