package phantom

import "math"

// couch is the table, its mattress and what else lies in the field. It stands
// in scanner space, below the patient's back.
type couch struct {
	top            float64 // y of the table's upper surface at x = 0
	curve          float64 // mm of rise at the edges, negative for a flat board
	halfWidth      float64
	thick, shell   float64
	shellHU        float64
	coreHU         float64
	mattress       float64 // thickness, 0 for none
	mattressHU     float64
	cover          float64 // mm of a denser cover
	coverHU        float64
	rails          bool
	below          float64 // distance of a second structure under the table, 0 for none
	sheet, sheetHU float64 // a blanket at this distance from the skin, 0 for none
	pillow         bool
	texture        float64
}

func drawCouch(d dice, a *anatomy) couch {
	c := couch{
		curve: d.between(5, 75), halfWidth: d.between(190, 265), thick: d.between(18, 60), shell: d.between(1.2, 5),
		shellHU: d.between(-500, 150), coreHU: d.between(-1000, -840), texture: d.between(0, 40), rails: d.chance(0.4),
	}
	if d.chance(0.25) {
		c.curve, c.thick = d.between(-4, 5), d.between(8, 40)
	}
	if d.chance(0.65) {
		c.mattress, c.mattressHU = d.between(8, 55), d.between(-985, -820)
		if d.chance(0.2) {
			c.mattressHU = d.between(-820, -400)
		}
		c.cover, c.coverHU = d.between(0, 2), d.between(-600, 0)
	}
	if d.chance(0.35) {
		c.below = d.between(30, 90)
	}
	if d.chance(0.35) {
		c.sheet, c.sheetHU = d.between(2, 14), d.between(-930, -500)
	}
	c.pillow = d.chance(0.4)
	s := a.cut(a.z(0.45))
	deepest := 0.0
	for i, r := range s.skin {
		deepest = math.Max(deepest, s.cy+float64(r)*cosines[i])
	}
	c.top = deepest + c.mattress + d.between(-6, 4)
	if c.mattress == 0 {
		c.top = deepest + d.between(1, 8)
	}
	return c
}

// hu returns the HU at scanner (x, y), outside the patient, body mm from the skin.
func (c *couch) hu(x, y, z, w, body, noise float64) float64 {
	hu := -1000.0
	if c.sheet > 0 && y < c.top-c.mattress*0.5 {
		if k := coverage(math.Abs(body-c.sheet-2.5*noise)-1.1, w); k > 0 {
			hu = lerp(hu, c.sheetHU, k)
		}
	}
	if c.pillow && z > -30 {
		p := math.Max(math.Abs(x)-150, math.Max(c.top-c.mattress-90-y, y-c.top))
		hu = lerp(hu, -930+20*noise, coverage(p, w))
	}
	ax := math.Abs(x)
	rise := c.curve * (ax / c.halfWidth) * (ax / c.halfWidth)
	deep := y - c.top + rise // below the table's surface
	if c.mattress > 0 && deep < 0 && deep > -c.mattress-w {
		m := math.Max(-deep-c.mattress, ax-c.halfWidth*0.95)
		v := lerp(c.coverHU, c.mattressHU+c.texture*noise, coverage(m+c.cover, w))
		hu = lerp(hu, v, coverage(m, w))
	}
	bottom := c.thick * math.Sqrt(math.Max(0.05, 1-(ax/c.halfWidth)*(ax/c.halfWidth)))
	if b := math.Max(math.Max(-deep, deep-bottom), ax-c.halfWidth); b < w {
		v := lerp(c.shellHU, c.coreHU+c.texture*noise, coverage(b+c.shell, w))
		hu = lerp(hu, v, coverage(b, w))
	}
	if c.rails {
		dx, dy := ax-c.halfWidth*0.62, deep-c.thick*0.5
		hu = lerp(hu, 100, coverage(math.Sqrt(dx*dx+dy*dy)-4, w))
	}
	if c.below > 0 {
		b := math.Max(math.Abs(deep-c.thick-c.below)-3, ax-c.halfWidth*0.8)
		hu = lerp(hu, c.shellHU+300, coverage(b, w))
	}
	return hu
}
