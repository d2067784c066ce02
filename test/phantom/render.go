package phantom

import "math"

// Labels of the reference volumes.
const (
	background = 0
	lungLabel  = 1
	infected   = 2
)

// plane is one rendered plane of scanner space, row by row.
type plane struct {
	n      int
	px     float64 // mm
	x0, y0 float64 // centre of the first voxel
	hu     []float32
	label  []uint8
	lung   []float32 // share of the voxel that is lung
}

func newPlane(g *scan) *plane {
	n := g.size
	p := &plane{n: n, px: g.pixelMM, hu: make([]float32, n*n), label: make([]uint8, n*n), lung: make([]float32, n*n)}
	p.x0, p.y0 = g.centerX-float64(n-1)/2*g.pixelMM, g.centerY-float64(n-1)/2*g.pixelMM
	return p
}

// painter renders planes of one anatomy.
type painter struct {
	*anatomy
	cos, sin float64
	placed   []tube // tubes in scanner space
	active   []*lesion
	near     []nearArm
}

// nearArm is an arm that crosses the plane, with the x it can reach.
type nearArm struct {
	capsule
	lo, hi float64
}

func newPainter(a *anatomy) *painter {
	p := &painter{anatomy: a, cos: math.Cos(a.roll), sin: math.Sin(a.roll)}
	for _, t := range a.tubes {
		t.from, t.to = a.fromBody(t.from), a.fromBody(t.to)
		p.placed = append(p.placed, t)
	}
	return p
}

// paint renders the plane at z.
func (p *painter) paint(out *plane, z float64) {
	s := p.cut(z)
	fields := []*field{p.bend[0], p.bend[1], p.bend[2], p.fine, p.soft, p.coarse, p.edge, p.mesh}
	for _, f := range fields {
		f.toPlane(z)
	}
	p.active = p.active[:0]
	for i := range p.lesions {
		if l := &p.lesions[i]; math.Abs(l.center[2]-z) < l.reach+3*p.bendMM {
			p.active = append(p.active, l)
		}
	}
	p.near = p.near[:0]
	for _, arm := range p.arms {
		r := arm.r0 + 20 // and the rounding of the armpit
		if z > math.Min(arm.from[2], arm.to[2])-r-3*p.bendMM && z < math.Max(arm.from[2], arm.to[2])+r+3*p.bendMM {
			p.near = append(p.near, nearArm{arm, math.Min(arm.from[0], arm.to[0]) - r, math.Max(arm.from[0], arm.to[0]) + r})
		}
	}
	for j := range out.n {
		y := out.y0 + float64(j)*out.px
		for _, f := range fields {
			f.toRow(y)
		}
		for i := range out.n {
			x := out.x0 + float64(i)*out.px
			hu, lung, label := p.voxel(s, x, y, z, math.Max(out.px, 0.6))
			k := j*out.n + i
			out.hu[k], out.lung[k], out.label[k] = float32(hu), float32(lung), label
		}
	}
	for i := range p.placed {
		p.paintTube(out, &p.placed[i], z)
	}
}

// voxel returns the HU, the share of lung and the label at scanner (x, y, z).
func (p *painter) voxel(s *section, x, y, z, w float64) (hu, lung float64, label uint8) {
	qx, qy, qz := p.toBody(x, y, z, p.cos, p.sin)
	dx, dy := qx-s.cx, qy-s.cy
	r := math.Sqrt(dx*dx + dy*dy)
	i := azimuth(dx, dy)

	body, muscle := r-float64(s.skin[i]), r-float64(s.muscle[i])
	for k := range p.near {
		arm := &p.near[k]
		if qx > arm.lo && qx < arm.hi && body > -60 {
			d := arm.distance(vec{qx, qy, qz})
			body, muscle = smoothMin(body, d, 14), smoothMin(muscle, d+p.armFat, 10)
		}
	}
	gland := 0.0
	if dy < 0 {
		for k := range p.breasts {
			if b := &p.breasts[k]; b.reachesZ(qz, 10) {
				d := b.distance(qx, qy, qz)
				body, gland = smoothMin(body, d, 14), math.Min(gland, d)
			}
		}
	}
	inside := coverage(body, w)
	if inside == 0 {
		return p.couch.hu(x, y, z, w, body, p.coarse.at(x)), 0, background
	}
	wall := r - float64(s.pleura[i])
	if wall < w {
		hu, lung, label = p.chest(s, i, x, qx, qy, qz, wall, w)
	}
	if lung < 1 && wall > -1 {
		shell := p.shell(s, i, x, qz, body, muscle, gland, wall, w)
		hu = lerp(shell, hu, math.Max(lung, coverage(wall+0.5, w)))
	}
	if lung < 1 && math.Abs(qx-s.spineX) < 40 && qy > s.spineY-18 {
		hu = lerp(p.spineHU(s, qx, qy, qz, w, hu), hu, lung)
	}
	if inside < 1 {
		hu = lerp(p.couch.hu(x, y, z, w, body, p.coarse.at(x)), hu, inside)
	}
	return hu, lung, label
}

// shell returns the HU between skin and pleura.
func (p *painter) shell(s *section, i int, x, z, body, muscle, gland, wall, w float64) float64 {
	t := &p.tissue
	texture := p.coarse.at(x)
	hu := t.fat + 8*p.soft.at(x)
	if gland < -7 && p.edge.at(x) > -0.2 {
		hu = lerp(hu, t.organ, smoothstep(-7, -14, gland)*smoothstep(-0.2, 0.5, p.edge.at(x)))
	}
	flesh := t.muscle + 5*p.soft.at(x)
	flesh = lerp(flesh, t.fat, t.marbling*smoothstep(0.5, 1.3, texture+0.5*p.edge.at(x)))
	if body < -t.septa { // fat between the muscles
		flesh = lerp(flesh, t.fat, t.planes*smoothstep(0.2, 0.06, math.Abs(texture-0.3)))
	}
	hu = lerp(hu, flesh, coverage(muscle, w))
	hu = lerp(t.skin, hu, coverage(body+1.8, w))
	if gap := wall - cageWall; gap > 0 && gap < 32 {
		hu = p.scapulaHU(s, i, gap, z, w, hu)
	} else if gap <= 0 {
		if wall > 1 {
			hu = p.wallHU(s, i, wall, z, w, hu)
		}
		if wall < 2 {
			hu = lerp(hu, lerp(t.fat, t.muscle, 0.5), coverage(wall-1.2, w)*0.6)
		}
	}
	return hu
}

// chest returns what lies within the pleura: lung, mediastinum or abdomen.
func (p *painter) chest(s *section, i int, x, qx, qy, qz, wall, w float64) (hu, lung float64, label uint8) {
	t := &p.tissue
	dist := p.lungDistance(s, qx, qy, qz, wall)
	lung = coverage(dist, w)
	if lung < 1 {
		above := p.aboveDiaphragm(s, qx, qy, qz)
		if above < 0 {
			hu = p.abdomenHU(qx, qy, qz, -above, w, p.coarse.at(x))
		} else {
			fat := t.medFat * smoothstep(-1.3, 0.6, p.coarse.at(x)+2*t.medFat-1)
			hu = lerp(t.organ, t.fat, fat)
			if p.heart.reachesZ(qz, 2) {
				h := p.heart.distance(qx, qy, qz)
				hu = lerp(hu, p.heart.hu(t, qx, qy, qz, -h, w, p.coarse.at(x)), coverage(h, w))
			}
			if f := p.fluid(s, qx, qy); f > -w && s.mediastinum(qx, qy) > 0 && s.vertebra(qx, qy) > 5 {
				hu = lerp(hu, 8, coverage(-f, w))
			}
		}
	}
	if lung > 0 {
		air, sick := p.lungHU(s, i, x, qx, qy, qz, wall, w)
		hu = lerp(hu, air, lung)
		if lung > 0.5 {
			label = lungLabel
			if sick {
				label = infected
			}
		}
	}
	return hu, lung, label
}

// lungHU returns the parenchyma with its lesions.
func (p *painter) lungHU(s *section, i int, x, qx, qy, qz, wall, w float64) (hu float64, sick bool) {
	l := &p.lung
	coarse := p.coarse.at(x)
	hu = l.base + l.gradient*(qy-s.cy)/100 + l.texture*p.fine.at(x) + l.mottle*coarse
	if l.dependent > 0 && wall > -25 && cosines[i] > 0 {
		hu += l.dependent * smoothstep(-25, 0, wall) * cosines[i] * cosines[i] * (0.8 + 0.4*p.soft.at(x))
	}
	if l.emphysema > 0 {
		hu -= l.emphysema * smoothstep(l.emphysemaAt, l.emphysemaAt+0.5, coarse+0.4*(s.u-0.5))
	}
	if l.fissures > 0 {
		k := sideOf(qx - s.medX)
		f := (qz - p.z(0.5) - l.fissureAt[k]) - l.fissureTilt[k]*(qy-s.cy) + 5*coarse
		d := math.Abs(f) / math.Sqrt(1+l.fissureTilt[k]*l.fissureTilt[k])
		if k == 0 && f > 0 {
			d = math.Min(d, math.Abs(qz-p.z(l.horizontalAt)-5*coarse+0.15*qy))
		}
		if d < w {
			hu += l.fissures * (1 - d/w) * math.Min(1, 1.1/w)
		}
	}
	hu = math.Max(hu, -985)
	if len(p.active) == 0 {
		return hu, false
	}
	edge := p.edge.at(x)
	for _, n := range p.active {
		f := n.strength(qx, qy, qz, edge)
		if f <= -n.soft {
			continue
		}
		sick = sick || f > 0
		target := math.Max(n.hu+n.mesh*p.mesh.at(x)+0.5*n.mesh*coarse, hu+50)
		if n.denseAt < 1 {
			target = lerp(target, math.Max(n.dense+10*p.soft.at(x), target), smoothstep(n.denseAt-0.12, n.denseAt+0.12, f))
		}
		hu = lerp(hu, math.Max(hu, target), smoothstep(-n.soft, n.soft, f))
	}
	return hu, sick
}

// paintTube paints the part of t that crosses the plane at z.
func (p *painter) paintTube(out *plane, t *tube, z float64) {
	grow := out.px
	if t.kind == airTube || t.kind == bronchTube {
		grow += t.wall
	}
	reach := math.Max(t.r0, t.r1) + grow
	if z < math.Min(t.from[2], t.to[2])-reach || z > math.Max(t.from[2], t.to[2])+reach {
		return
	}
	w := math.Max(out.px, 0.6)
	lo := func(a, b, o float64) int { return max(0, int(math.Ceil((math.Min(a, b)-reach-o)/out.px))) }
	hi := func(a, b, o float64) int { return min(out.n-1, int(math.Floor((math.Max(a, b)+reach-o)/out.px))) }
	ab := t.to.sub(t.from)
	inv := 1 / math.Max(ab.dot(ab), 1e-9)
	for j := lo(t.from[1], t.to[1], out.y0); j <= hi(t.from[1], t.to[1], out.y0); j++ {
		py := out.y0 + float64(j)*out.px - t.from[1]
		for i := lo(t.from[0], t.to[0], out.x0); i <= hi(t.from[0], t.to[0], out.x0); i++ {
			px, pz := out.x0+float64(i)*out.px-t.from[0], z-t.from[2]
			at := clamp((px*ab[0]+py*ab[1]+pz*ab[2])*inv, 0, 1)
			ex, ey, ez := px-ab[0]*at, py-ab[1]*at, pz-ab[2]*at
			d := math.Sqrt(ex*ex+ey*ey+ez*ez) - lerp(t.r0, t.r1, at)
			if d < grow {
				p.dab(out, j*out.n+i, t, d, w)
			}
		}
	}
}

// dab paints voxel k, at distance d from the inside of t.
func (p *painter) dab(out *plane, k int, t *tube, d, w float64) {
	hu, c := float64(out.hu[k]), coverage(d, w)
	switch t.kind {
	case vesselTube:
		c *= float64(out.lung[k]) * math.Min(1, 2.4*t.r0/w)
		hu = lerp(hu, math.Max(hu, t.hu), c)
	case bronchTube:
		in := float64(out.lung[k])
		hu = lerp(hu, math.Max(hu, p.tissue.wall), coverage(d-t.wall, w)*in*math.Min(1, t.wall/w+0.3))
		hu = lerp(hu, t.hu, c*in)
	case airTube:
		outer := coverage(d-t.wall, w)
		hu = lerp(hu, p.tissue.wall, outer)
		hu = lerp(hu, t.hu, c)
		c = outer
	case boneTube:
		hu = lerp(hu, lerp(p.tissue.cortex, t.hu, coverage(d+t.wall, w)), c)
	default:
		hu = lerp(hu, t.hu, c)
	}
	out.hu[k] = float32(hu)
	if c > 0.5 && t.kind != vesselTube && t.kind != bronchTube {
		out.label[k], out.lung[k] = background, 0
	}
}
