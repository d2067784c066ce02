package phantom

import "math"

// abdomen is what lies under the diaphragm.
type abdomen struct {
	liver, leftLobe, spleen, stomach ellipsoid
	stomachLevel                     float64 // y in front of which the stomach holds gas
	stomachGas                       bool
	kidneys                          [2]ellipsoid
	bowel                            []loop
}

// loop is a stretch of bowel.
type loop struct {
	ellipsoid
	gas   bool
	level float64 // y in front of which it holds gas
}

func (a *anatomy) drawAbdomen(d dice) {
	right, left := a.domes[0].peak, a.domes[1].peak
	b := &a.abdomen
	w, dp := a.width, a.depth
	b.liver = newEllipsoid(right.add(vec{0.08 * w, 5, -d.between(70, 95)}), vec{0.66 * w, dp * 1.02, d.between(85, 120)}, d.between(-0.1, 0.15))
	b.leftLobe = newEllipsoid(vec{d.between(-5, 25), -0.45 * dp, right[2] - d.between(45, 65)}, vec{d.between(55, 85), 0.42 * dp, d.between(38, 60)}, 0)
	b.spleen = newEllipsoid(left.add(vec{0.2 * w, 0.5 * dp, -d.between(35, 60)}), vec{d.between(22, 34), 0.36 * dp, d.between(40, 65)}, d.between(-0.5, 0))
	b.stomach = newEllipsoid(left.add(vec{d.between(-20, 0), -0.15 * dp, -d.between(36, 55)}), vec{d.between(32, 52), 0.42 * dp, d.between(35, 55)}, d.between(-0.4, 0.4))
	b.stomachGas = d.chance(0.75)
	b.stomachLevel = b.stomach.center[1] + d.between(-0.9, 0.5)*b.stomach.radii[1]
	s := a.cut(a.z(0))
	for i := range b.kidneys {
		side := float64(2*i - 1)
		b.kidneys[i] = newEllipsoid(vec{side * d.between(58, 72), s.spineY + d.between(0, 12), a.domes[i].peak[2] - d.between(110, 150)}, vec{26, 24, 52}, side*0.4)
	}
	for range d.IntN(14) + 6 {
		side := d.sign()
		c := vec{side * d.between(0.1, 0.8) * w, d.between(-0.9, 0.4) * dp, left[2] - d.between(30, 150)}
		r := d.between(12, 30)
		l := loop{ellipsoid: newEllipsoid(c, vec{r * d.between(0.8, 1.8), r, r * d.between(0.8, 1.5)}, d.between(-1, 1)), gas: d.chance(0.4)}
		l.level = c[1] + d.between(-0.6, 1.2)*r
		b.bowel = append(b.bowel, l)
	}
}

// abdomenHU returns the HU at p under the diaphragm, deep mm below it.
func (a *anatomy) abdomenHU(x, y, z, deep, w, noise float64) float64 {
	t, b := &a.tissue, &a.abdomen
	hu := t.fat
	if noise > 0.9 {
		hu = lerp(t.fat, t.organ, smoothstep(0.9, 1.2, noise)*0.8)
	}
	for i := range b.kidneys {
		if b.kidneys[i].reachesZ(z, w) {
			hu = lerp(hu, t.spleen+10, coverage(b.kidneys[i].distance(x, y, z), w))
		}
	}
	for i := range b.bowel {
		l := &b.bowel[i]
		if !l.reachesZ(z, w) {
			continue
		}
		dist := l.distance(x, y, z) + 2*noise
		c := coverage(dist, w)
		if c == 0 {
			continue
		}
		inside := t.stomach + 15*noise
		if l.gas {
			inside = lerp(inside, -985, coverage(y-l.level, w))
		}
		hu = lerp(hu, lerp(t.organ, inside, coverage(dist+2.2, w)), c)
	}
	if b.stomach.reachesZ(z, w) {
		dist := b.stomach.distance(x, y, z) + 2.5*noise
		inside := t.stomach + 12*noise
		if b.stomachGas {
			inside = lerp(inside, -990, coverage(y-b.stomachLevel, w))
		}
		hu = lerp(hu, lerp(t.organ, inside, coverage(dist+3.5, w)), coverage(dist, w))
	}
	if b.spleen.reachesZ(z, w+5) {
		hu = lerp(hu, t.spleen, coverage(b.spleen.distance(x, y, z)+1.5*noise, w))
	}
	liver := math.Min(b.liver.distance(x, y, z), b.leftLobe.distance(x, y, z)) + 2.5*noise
	hu = lerp(hu, t.liver+5*noise, coverage(liver, w))
	return lerp(hu, t.muscle, coverage(deep-3, w)) // the diaphragm itself
}
