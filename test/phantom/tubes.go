package phantom

import "math"

// tubeKind says what a tube is made of and what it does to the label.
type tubeKind int

const (
	softTube   tubeKind = iota // blood or muscle in the mediastinum or chest wall: not lung
	vesselTube                 // within the lung: stays lung
	hilarTube                  // a vessel at the hilum: not lung
	airTube                    // trachea and main bronchi, with a wall: not lung
	bronchTube                 // an airway within the lung, with a wall: stays lung
	boneTube                   // a long bone with a cortex
)

// tube is a capsule in body space, painted over what lies there.
type tube struct {
	capsule
	kind tubeKind
	hu   float64 // of the inside
	wall float64 // mm, of airways and bones
}

func (a *anatomy) addTube(kind tubeKind, hu, wall float64, radius [2]float64, from, to vec) {
	a.tubes = append(a.tubes, tube{capsule{from, to, radius[0], radius[1]}, kind, hu, wall})
}

// addPath adds a chain of tubes through the points.
func (a *anatomy) addPath(kind tubeKind, hu, wall, r0, r1 float64, points ...vec) {
	n := float64(len(points) - 1)
	for i := 1; i < len(points); i++ {
		r := [2]float64{lerp(r0, r1, float64(i-1)/n), lerp(r0, r1, float64(i)/n)}
		a.addTube(kind, hu, wall, r, points[i-1], points[i])
	}
}

// growTubes adds bones of the shoulder, the great vessels, the oesophagus, the
// airways and the vessels of the lungs, in the order of painting.
func (a *anatomy) growTubes(d dice) {
	a.drawShoulders(d)
	carina := a.drawGreatVessels(d)
	a.drawCables(d)
	trees := a.drawAirways(d, carina)
	for _, t := range trees {
		a.growVessels(d, t)
	}
}

func (a *anatomy) drawShoulders(d dice) {
	t := &a.tissue
	s := a.cut(-18)
	for i, side := range []float64{-1, 1} {
		joint := vec{side * (a.shoulderWidth - 20), s.cy + 4, -18}
		lift := d.between(10, 32)
		if a.pose == armsUp {
			lift += 15
		}
		inner := vec{side * 22, a.cut(-35).front - 8, -38}
		mid := vec{side * 70, inner[1] + 5, -20}
		outer := vec{side * (a.shoulderWidth - 38), s.cy, lift - 18}
		a.addPath(boneTube, t.marrow, a.ribs.rim, 7.5, 6, inner, mid, outer)
		a.addPath(boneTube, t.marrow, a.ribs.rim, 7, 10, vec{side * 72, s.cy + 55, -28}, vec{side * (a.shoulderWidth - 45), s.cy + 30, -15})
		if a.pose != armsAbsent {
			arm := a.arms[i*len(a.arms)/2]
			a.addTube(boneTube, t.marrow, 1.5, [2]float64{22, 22}, joint, joint.add(vec{side, 0, 1}))
			a.addTube(boneTube, 40, 4, [2]float64{12.5, 11}, arm.from, arm.to)
		}
	}
}

// drawGreatVessels paints aorta, cava, pulmonary trunk, brachiocephalic
// vessels, azygos and oesophagus, and returns the carina.
func (a *anatomy) drawGreatVessels(d dice) vec {
	t := &a.tissue
	arterial := t.blood * d.between(0.75, 1.1)
	u := d.between(0.61, 0.66)
	s := a.cut(a.z(u))
	carina := vec{s.medX - d.between(-2, 5), s.spineY - d.between(26, 34), a.z(u)}
	r := d.between(11, 16)

	top := a.z(u + d.between(0.1, 0.15))
	at := func(v float64) *section { return a.section(a.z(v)) }
	descend := func(v float64) vec {
		s := at(v)
		return vec{s.spineX + lerp(d.between(22, 28), 10, smoothstep(0.4, 0.1, v)), s.spineY - lerp(12, 24, smoothstep(0.4, 0.1, v)), a.z(v)}
	}
	heart := a.heart.center()
	asc := carina.add(vec{-10, -38, -12})
	arch := vec{carina[0] + 12, carina[1] - 14, top}
	archEnd := at(u + 0.07)
	a.addPath(softTube, arterial, 0, r*1.2, r,
		heart.add(vec{-6, -5, 22}), asc, vec{asc[0] + 2, asc[1] + 6, top - 14}, vec{lerp(asc[0], arch[0], 0.5), lerp(asc[1], arch[1], 0.5), top - 2}, arch,
		vec{archEnd.spineX + 25, archEnd.spineY - 20, top - 12}, descend(u-0.02), descend(0.45), descend(0.3), descend(0.15), descend(-0.05), descend(-0.4))
	for i, x := range []float64{-16, 4, 18} { // brachiocephalic trunk, carotid, subclavian
		rr := d.between(4, 6.5)
		from := vec{lerp(asc[0]+6, arch[0]+8, float64(i)/2), lerp(asc[1]+6, arch[1]+6, float64(i)/2), top}
		a.addPath(softTube, arterial, 0, rr, rr*0.9, from, vec{carina[0] + x*1.5, carina[1] - 18 + 6*float64(i), -25}, vec{carina[0] + x*2.2 - 6, carina[1] - 14, 70})
	}
	cava := vec{asc[0] - 17, asc[1] + 14, top - 5}
	a.addPath(softTube, t.blood, 0, 8.5, 9.5, vec{cava[0] - 2, cava[1] - 4, -22}, cava, heart.add(vec{-34, 8, 30}))
	a.addPath(softTube, t.blood, 0, 6, 6.5, vec{58, a.section(-20).front - 6, -4}, vec{12, cava[1] - 16, -36}, cava)
	for _, side := range []float64{-1, 1} { // jugular
		a.addPath(softTube, t.blood, 0, 7, 6, vec{side * 19, carina[1] - 20, -20}, vec{side * 30, carina[1] - 26, 80})
	}
	trunk := carina.add(vec{22, -34, -18})
	a.addPath(softTube, t.blood*1.05, 0, 14, 12, heart.add(vec{14, -16, 26}), trunk, carina.add(vec{14, -18, -16}))
	a.addPath(softTube, t.blood*1.05, 0, 11, 9, carina.add(vec{14, -18, -16}), carina.add(vec{-8, -14, -20}), carina.add(vec{-32, -8, -24}))
	a.addPath(softTube, t.blood*1.05, 0, 11, 9, carina.add(vec{18, -20, -14}), carina.add(vec{34, -4, -14}))
	a.addTube(softTube, t.blood, 0, [2]float64{20, 17}, carina.add(vec{-10, -6, -38}), carina.add(vec{14, -4, -40})) // left atrium

	off := d.between(2, 10)
	for _, v := range []float64{0.99, 0.8, 0.6, 0.4, 0.2} {
		p, q := at(v), at(v-0.2)
		a.addTube(softTube, t.organ, 0, [2]float64{7, 7}, vec{p.medX + off, p.spineY - 20, a.z(v)}, vec{q.medX + off + 2, q.spineY - 21, a.z(v - 0.2)})
		if d.chance(0.2) {
			a.addTube(softTube, -990, 0, [2]float64{2.4, 2.4}, vec{p.medX + off, p.spineY - 20, a.z(v)}, vec{q.medX + off + 2, q.spineY - 21, a.z(v - 0.2)})
		}
		a.addTube(softTube, t.blood, 0, [2]float64{4, 4}, vec{p.spineX - 10, p.spineY - 17, a.z(v)}, vec{q.spineX - 10, q.spineY - 17, a.z(v - 0.2)}) // azygos
	}
	for range d.IntN(10) { // lymph nodes
		n := carina.add(vec{d.between(-30, 30), d.between(-30, 5), d.between(-25, 45)})
		a.addTube(softTube, t.organ, 0, [2]float64{3, d.between(3, 6)}, n, n.add(vec{3, 2, 5}))
	}
	thyroid := d.between(40, 120)
	for _, side := range []float64{-1, 1} {
		a.addTube(softTube, thyroid, 0, [2]float64{9, 7}, vec{carina[0] + side*14, carina[1] - 22, 25}, vec{carina[0] + side*15, carina[1] - 26, 52})
	}
	return carina
}

// seedling is where a tree of the lung starts.
type seedling struct {
	at, dir vec
	radius  float64
}

// drawAirways paints trachea and bronchi and returns where each lung's lobar
// branches leave the hilum.
func (a *anatomy) drawAirways(d dice, carina vec) [2][]seedling {
	r := d.between(7, 10.5)
	wall := d.between(1, 1.8)
	p1, p2 := a.section(-50), a.section(0)
	a.addPath(airTube, -1000, wall, r*0.95, r, vec{p2.medX, p2.spineY - 42, 95}, vec{p2.medX, p2.spineY - 38, 30}, vec{p2.medX, p2.spineY - 34, 0}, vec{p1.medX - 1, p1.spineY - 32, -50}, carina)
	var seeds [2][]seedling
	for i, side := range []float64{-1, 1} {
		long := 38.0 + 8*float64(i)
		angle := d.between(0.5, 0.7)
		if i == 0 {
			angle = d.between(0.75, 0.95)
		}
		hilum := carina.add(vec{side * long * math.Cos(angle), d.between(0, 8), -long * math.Sin(angle)})
		mr := r * d.between(0.68, 0.78)
		a.addPath(airTube, -1000, wall, mr, mr*0.85, carina, hilum)
		lobes := []vec{
			{side * 0.7, -0.15, 0.75}, {side * 0.75, -0.75, 0.15}, {side * 0.7, 0.55, 0.35},
			{side * 0.45, -0.55, -0.65}, {side * 0.5, 0.6, -0.65}, {side * 0.75, 0.1, -0.75}, {side * 0.3, -0.3, -0.9}, {side * 0.6, -0.75, 0.5},
		}
		for _, v := range lobes {
			v = v.add(vec{d.around(0, 0.13), d.around(0, 0.13), d.around(0, 0.13)}).unit()
			seeds[i] = append(seeds[i], seedling{hilum.add(v.scale(4)), v, d.between(3.3, 5)})
			a.growAirway(d, seedling{hilum, v, mr * d.between(0.45, 0.62)}, wall*0.85, 0)
		}
	}
	return seeds
}

// growAirway adds an airway and its branches, to some five generations.
func (a *anatomy) growAirway(d dice, s seedling, wall float64, depth int) {
	long := s.radius * d.between(3.5, 5.5)
	to := s.at.add(s.dir.scale(long))
	if depth > 4 || s.radius < 0.8 || (depth > 0 && a.insideLung(to) > -6) {
		return
	}
	a.addTube(bronchTube, -1000, math.Max(wall, 0.5), [2]float64{s.radius, s.radius * 0.85}, s.at, to)
	turn := randomTurn(d, s.dir)
	for _, sign := range []float64{-1, 1} {
		dir := s.dir.add(turn.scale(sign * d.between(0.3, 0.65))).unit()
		a.growAirway(d, seedling{to, dir, s.radius * d.between(0.66, 0.82)}, wall*0.85, depth+1)
	}
}

// randomTurn returns a random unit vector perpendicular to dir.
func randomTurn(d dice, dir vec) vec {
	v := vec{d.NormFloat64(), d.NormFloat64(), d.NormFloat64()}
	return v.sub(dir.scale(v.dot(dir))).unit()
}

// maxVessels bounds the vessels of one lung.
const maxVessels = 1500

// growVessels grows arteries and veins of a lung breadth first, so that the
// bound on their number falls on the finest. A branch turns to where there is
// most lung.
func (a *anatomy) growVessels(d dice, seeds []seedling) {
	blood := a.tissue.blood
	queue := append([]seedling(nil), seeds...)
	for _, s := range seeds { // veins beside the arteries
		dir := s.dir.add(randomTurn(d, s.dir).scale(0.35)).unit()
		queue = append(queue, seedling{s.at.add(vec{0, -6, -8}), dir, s.radius * 0.85})
	}
	rich := d.between(0.75, 1.1)
	for n := 0; len(queue) > 0 && n < maxVessels; n++ {
		s := queue[0]
		queue = queue[1:]
		long := 8.5 + s.radius*d.between(2, 4)
		var to vec
		best := math.Inf(1)
		for range 3 {
			dir := s.dir.add(randomTurn(d, s.dir).scale(d.between(0, 0.4))).unit()
			end := s.at.add(dir.scale(long))
			if in := a.insideLung(end); in < best {
				best, to = in, end
			}
		}
		if best > -1.5 && s.radius < 3 {
			continue
		}
		kind, thin := vesselTube, s.radius*0.93
		if s.radius > 3.3 {
			kind = hilarTube
		}
		a.addTube(kind, blood, 0, [2]float64{s.radius, thin}, s.at, to)
		dir := to.sub(s.at).unit()
		turn := randomTurn(d, dir)
		big, small := d.between(0.82, 0.96), d.between(0.5, 0.8)
		for _, c := range [2]seedling{
			{to, dir.add(turn.scale(d.between(0.1, 0.35))).unit(), thin * big},
			{to, dir.sub(turn.scale(d.between(0.45, 1))).unit(), thin * small},
		} {
			if c.radius > 0.42/rich {
				queue = append(queue, c)
			}
		}
	}
}

// drawCables lays leads and infusion lines over some chests.
func (a *anatomy) drawCables(d dice) {
	if !d.chance(0.3) {
		return
	}
	for range 1 + d.IntN(4) {
		s := a.cut(a.z(d.between(0.4, 1)))
		x := d.between(-0.9, 0.9) * a.width
		i := azimuth(x-s.cx, -0.8*a.depth)
		r := float64(s.skin[i]) + d.between(1, 6)
		at := vec{s.cx + r*sines[i], s.cy + r*cosines[i], s.z}
		a.addTube(softTube, d.between(300, 3000), 0, [2]float64{1.2, d.between(1, 4)}, at, at.add(vec{2, 0, 3}))
		a.addPath(softTube, d.between(-200, 800), 0, 1.4, 1.4, at, at.add(vec{d.around(0, 40), -d.between(5, 30), d.between(60, 160)}), at.add(vec{d.around(0, 90), -d.between(0, 40), d.between(200, 330)}))
	}
}
