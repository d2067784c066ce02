package phantom

import "math"

// armPose is where the arms are.
type armPose int

const (
	armsUp armPose = iota
	armsDown
	armsAbsent // out of the field, as in a cropped reconstruction
)

// anatomy is one patient's body, in body space.
type anatomy struct {
	female bool
	lungMM float64 // apex to the deepest recess
	width  float64 // half the inner width of the rib cage
	depth  float64 // half its inner depth
	power  float64 // of the cage's superellipse
	kyphosis, scoliosis,
	fat, muscle float64
	pose armPose

	shoulderWidth, shoulderDepth, neckWidth, neckDepth float64

	outline  [6]float64 // Fourier terms of the skin
	cageForm [4]float64
	flatBack float64 // the back is cut this far in front of its deepest point

	medAnterior, medMiddle, medPosterior, medShift float64

	ribs     ribCage
	heart    heart
	effusion [2]float64 // y behind which fluid fills a side's lower pleural space; +Inf for none
	domes    [2]dome    // right, left
	abdomen  abdomen
	breasts  []ellipsoid
	arms     []capsule
	armFat   float64
	tubes    []tube
	tissue   tissues
	lung     parenchyma
	lesions  []lesion
	couch    couch

	sections map[int]*section // each sectionStep, for questions at any z

	bend       [3]*field // the warp
	bendMM     float64
	roll       float64 // about z
	fine, soft *field  // tissue texture
	coarse     *field
	edge, mesh *field // lesion borders and their texture
}

const (
	azimuths    = 512 // of the tables around the body's axis
	cageWall    = 10. // pleura to the outside of the ribs
	sectionStep = 4.
)

// section holds what is constant over a plane of body space. Azimuth 0 is the
// back, counted towards the left.
type section struct {
	z, u    float64 // u is 0 at the deepest recess and 1 at the apices
	cx, cy  float64 // axis of the azimuth tables
	pleura  [azimuths]float32
	muscle  [azimuths]float32
	skin    [azimuths]float32
	maxSkin float64
	front   float64 // y of the cage's inner wall
	back    float64
	spineX  float64
	spineY  float64 // centre of the vertebral body
	medX    float64
	width   [256]float32 // half-width of the mediastinum at y = front + 2 mm·index − 64
}

// cageWidth and cageBack and cageFront describe the cage over u, in shares of
// its half-width and half-depth; read off adult chest CT.
var (
	cageWidth = curve{{-0.6, 0.90}, {-0.2, 0.97}, {0, 1}, {0.25, 1}, {0.45, 0.975}, {0.6, 0.92}, {0.75, 0.82}, {0.85, 0.70}, {0.92, 0.56}, {0.97, 0.40}, {1, 0.27}, {1.03, 0.12}}
	cageBack  = curve{{-0.6, 0.80}, {0, 0.97}, {0.25, 1.02}, {0.5, 1.03}, {0.7, 0.93}, {0.85, 0.79}, {0.95, 0.62}, {1, 0.52}, {1.3, 0.45}}
	cageFront = curve{{-0.6, -0.95}, {0, -0.98}, {0.25, -0.96}, {0.42, -0.88}, {0.6, -0.70}, {0.75, -0.51}, {0.85, -0.31}, {0.95, -0.02}, {1, 0.2}, {1.05, 0.33}}
)

func newAnatomy(d dice, cohort string) *anatomy {
	a := &anatomy{
		female:   d.chance(0.45),
		power:    d.between(2.05, 2.7),
		kyphosis: d.between(-8, 14), scoliosis: d.around(0, 4),
		muscle: d.between(0.7, 1.35),
		pose:   quantile([]weighted[armPose]{{armsUp, 0.62}, {armsDown, 0.26}, {armsAbsent, 0.12}}, d.Float64()),
		roll:   d.around(0, 0.05), bendMM: d.between(1.5, 6),
		sections: map[int]*section{},
	}
	stature := d.around(1, 0.06)
	if a.female {
		stature -= 0.06
	}
	a.lungMM = d.between(185, 285) * stature
	a.width = d.around(134, 9) * stature
	a.depth = a.width * d.between(0.58, 0.78)
	a.fat = math.Exp(d.between(math.Log(4), math.Log(34)))
	if cohort == Germany {
		a.fat *= 1.2
	}
	a.shoulderWidth, a.shoulderDepth = d.between(155, 188)*stature, d.between(62, 85)
	if a.pose == armsUp {
		a.shoulderWidth *= 0.9
	}
	a.neckWidth, a.neckDepth = d.between(50, 68), d.between(52, 66)
	for i := range a.outline {
		a.outline[i] = d.around(0, 0.14/float64(1+i/2))
	}
	for i := range a.cageForm {
		a.cageForm[i] = d.around(0, 0.018)
	}
	a.flatBack = d.between(2, 16)
	a.medAnterior, a.medMiddle = d.between(4, 18), d.between(24, 33)
	a.medPosterior, a.medShift = d.between(19, 26), d.between(0, 9)

	for i, cell := range []float64{d.between(28, 48), d.between(28, 48), d.between(28, 48)} {
		a.bend[i] = newField(d, smoothTile(), cell)
	}
	a.fine = newField(d, roughTile(), d.between(1.6, 3))
	a.soft = newField(d, smoothTile(), d.between(3, 6))
	a.coarse = newField(d, smoothTile(), d.between(10, 18))
	a.edge = newField(d, smoothTile(), d.between(4, 8))
	a.mesh = newField(d, roughTile(), d.between(2, 4))

	a.tissue = drawTissues(d)
	a.lung = drawParenchyma(d)
	a.ribs = drawRibs(d, a)
	a.heart = drawHeart(d, a)
	a.drawEffusion(d)
	a.drawDomes(d)
	a.drawAbdomen(d)
	a.drawBreasts(d)
	a.drawArms(d)
	a.couch = drawCouch(d, a)
	a.growTubes(d)
	return a
}

// z returns the height of u, a share of the lungs' height.
func (a *anatomy) z(u float64) float64 { return (u - 1) * a.lungMM }

// section returns the plane nearest z of the coarse stack of planes.
func (a *anatomy) section(z float64) *section {
	k := int(math.Round(z / sectionStep))
	s, ok := a.sections[k]
	if !ok {
		s = a.cut(float64(k) * sectionStep)
		a.sections[k] = s
	}
	return s
}

var sines, cosines [azimuths]float64

func init() {
	for i := range sines {
		sines[i], cosines[i] = math.Sincos(2 * math.Pi * float64(i) / azimuths)
	}
}

// cut computes the section at z.
func (a *anatomy) cut(z float64) *section {
	s := &section{z: z, u: 1 + z/a.lungMM}
	u := s.u
	w := a.width * cageWidth.at(u)
	bow := a.kyphosis * math.Sin(math.Pi*clamp(u, -0.2, 1.1))
	s.back = a.depth*cageBack.at(u) + bow
	s.front = math.Min(a.depth*cageFront.at(u)+0.4*bow, s.back-8)
	s.spineX = a.scoliosis * math.Sin(2.2*math.Pi*clamp(u, -0.3, 1.4)+a.outline[0]*20)
	s.spineY = s.back - 20 + 2*clamp(1-u, 0, 1)
	s.cx, s.cy = s.spineX*0.7, (s.front+s.back)/2
	d := (s.back - s.front) / 2
	neck := smoothstep(0, 55, z)
	s.cy -= 22 * neck
	s.medX = s.spineX*0.6 + a.medShift*smoothstep(1, 0.6, u)

	shoulder := smoothstep(-135, -45, z)
	sw := lerp(a.shoulderWidth, a.neckWidth, smoothstep(-5, 62, z))
	sd := lerp(a.shoulderDepth, a.neckDepth, smoothstep(-5, 50, z))
	pectoral := smoothstep(0.4, 0.55, u) * smoothstep(1.0, 0.85, u)
	dorsal := smoothstep(0.35, 0.6, u) * smoothstep(1.05, 0.9, u)
	belly := smoothstep(0.35, 0, u)
	skinBack := s.back + cageWall + 0.7*(20*a.muscle+a.fat) - a.flatBack - s.cy
	for i := range s.pleura {
		sn, cs := sines[i], cosines[i]
		back, side, front := math.Max(cs, 0), math.Abs(sn), math.Max(-cs, 0)
		form := 1 + a.cageForm[0]*sn*sn + a.cageForm[1]*cs*sn + a.cageForm[2]*sn*(4*cs*cs-1) + 0.05*back*back*side
		r := form * math.Pow(math.Pow(side/w, a.power)+math.Pow(math.Abs(cs)/d, a.power), -1/a.power)
		s.pleura[i] = float32(r)

		m := a.muscle * (5 + 15*pectoral*front*side*2 + 22*dorsal*back*side*1.6 + 18*back*back*back*back + 4*belly*side)
		rm := r + cageWall + m
		if shoulder > 0 {
			trap := 1 + 0.12*back*side
			sh := trap * math.Pow(math.Pow(side/sw, 2.3)+math.Pow(math.Abs(cs)/sd, 2.3), -1/2.3)
			rm = smoothMax(rm, sh*lerp(0.55, 1, shoulder), 22)
		}
		s.muscle[i] = float32(rm)

		ring := 1 + a.outline[0]*cs + a.outline[1]*sn + a.outline[2]*2*cs*sn + a.outline[3]*(1-2*sn*sn) + a.outline[4]*sn*(3-4*sn*sn) + a.outline[5]*cs*(4*cs*cs-3)
		ring += 0.5*belly*side + 0.25*belly*front
		rs := rm + 2 + a.fat*math.Max(ring, 0.15)*lerp(1, 0.5, neck)
		if cs > 0.05 { // lying flattens the back
			rs = math.Max(smoothMin(rs, skinBack/cs, 14), rm*0.93+2)
			s.muscle[i] = float32(math.Min(rm, rs-2))
		}
		s.skin[i] = float32(rs)
		s.maxSkin = math.Max(s.maxSkin, rs)
	}

	ant := a.medAnterior + 14*smoothstep(0.8, 0.95, u) + 8*smoothstep(0.45, 0.2, u)
	mid := a.medMiddle * curve{{0, 0.75}, {0.25, 0.8}, {0.45, 1.1}, {0.6, 1.12}, {0.75, 1.05}, {0.9, 0.95}, {1, 0.9}}.at(u)
	post := a.medPosterior
	for i := range s.width {
		y := s.front - 64 + 2*float64(i)
		t := (y - s.front) / math.Max(s.spineY-s.front, 10)
		h := lerp(ant, mid, smoothstep(0.08, 0.42, t))
		h = lerp(h, post, smoothstep(0.55, 0.95, t))
		s.width[i] = float32(h + 10*smoothstep(1.05, 1.5, t))
	}
	return s
}

// azimuth returns the table index of direction (dx, dy).
func azimuth(dx, dy float64) int {
	// atan by a polynomial of the smaller ratio; 0.1° is finer than a step.
	ax, ay := math.Abs(dx), math.Abs(dy)
	lo, hi := ax, ay
	if ax > ay {
		lo, hi = ay, ax
	}
	if hi == 0 {
		return 0
	}
	q := lo / hi
	t := q * (0.9724 - 0.1919*q*q)
	if ax > ay {
		t = math.Pi/2 - t
	}
	if dy < 0 {
		t = math.Pi - t
	}
	if dx < 0 {
		t = -t
	}
	return int(t*(azimuths/(2*math.Pi))+azimuths+0.5) & (azimuths - 1)
}

// mediastinum returns the signed distance of (x, y) from the mediastinum's
// side walls, negative between them.
func (s *section) mediastinum(x, y float64) float64 {
	i := int((y-s.front+64)*0.5 + 0.5)
	i = max(0, min(len(s.width)-1, i))
	return math.Abs(x-s.medX) - float64(s.width[i])
}

// vertebra returns about the signed distance from the vertebral body.
func (s *section) vertebra(x, y float64) float64 {
	x, y = (x-s.spineX)/19, (y-s.spineY)/15
	r := math.Sqrt(x*x + y*y)
	return (r - 1) * 16.5
}

// lungDistance returns about the signed distance of p from the lungs' surface,
// negative inside. wall is the distance from the cage's inner surface.
func (a *anatomy) lungDistance(s *section, x, y, z, wall float64) float64 {
	d := smoothMax(wall, -s.mediastinum(x, y), 9)
	d = smoothMax(d, 5-s.vertebra(x, y), 7)
	if a.heart.reachesZ(z, 12) {
		d = smoothMax(d, 3-a.heart.distance(x, y, z), 8)
	}
	d = math.Max(d, a.fluid(s, x, y))
	return smoothMax(d, -a.aboveDiaphragm(s, x, y, z), 6)
}

// aboveDiaphragm is the signed distance above the diaphragm; its two domes
// merge under the heart.
func (a *anatomy) aboveDiaphragm(s *section, x, y, z float64) float64 {
	t := smoothstep(-25, 25, x-s.medX)
	switch t {
	case 0:
		return a.domes[0].above(x, y, z)
	case 1:
		return a.domes[1].above(x, y, z)
	}
	return lerp(a.domes[0].above(x, y, z), a.domes[1].above(x, y, z), t)
}

// insideLung is lungDistance for a single point, measured on coarse sections.
func (a *anatomy) insideLung(p vec) float64 {
	s := a.section(p[2])
	dx, dy := p[0]-s.cx, p[1]-s.cy
	wall := math.Sqrt(dx*dx+dy*dy) - float64(s.pleura[azimuth(dx, dy)])
	return a.lungDistance(s, p[0], p[1], p[2], wall)
}

// sideOf is 0 on the patient's right and 1 on the left.
func sideOf(x float64) int {
	if x < 0 {
		return 0
	}
	return 1
}

// dome is the diaphragm under one lung.
type dome struct {
	peak                              vec
	lateral, medial, posterior, front float64 // fall in mm at the cage's wall
	halfWidth, halfDepth              float64
}

// above returns how far p lies above the diaphragm.
func (m *dome) above(x, y, z float64) float64 {
	tx, ty := (x-m.peak[0])/m.halfWidth, (y-m.peak[1])/m.halfDepth
	side, along := m.lateral, m.posterior
	if tx*m.peak[0] < 0 {
		side = m.medial
	}
	if ty < 0 {
		along = m.front
	}
	return (z - m.peak[2] + side*tx*tx + along*ty*ty) * 0.75
}

func (a *anatomy) drawDomes(d dice) {
	right := d.between(0.27, 0.42)
	peaks := [2]float64{right, right - d.between(-0.01, 0.09)}
	for i := range a.domes {
		side := float64(2*i - 1)
		peak := peaks[i] * a.lungMM
		a.domes[i] = dome{
			peak:    vec{side * a.width * d.between(0.42, 0.54), d.between(-0.2, 0.1) * a.depth, peak - a.lungMM},
			lateral: peak * d.between(0.65, 0.95), medial: peak * d.between(0.05, 0.25),
			posterior: peak * d.between(0.9, 1.15), front: peak * d.between(0.3, 0.6),
			halfWidth: a.width * 0.5, halfDepth: a.depth * 0.95,
		}
	}
}

// fluid is how far (x, y) lies behind the surface of a pleural effusion.
func (a *anatomy) fluid(s *section, x, y float64) float64 {
	return y - a.effusion[sideOf(x-s.medX)] - 90*smoothstep(0.1, 0.75, s.u)
}

func (a *anatomy) drawEffusion(d dice) {
	a.effusion = [2]float64{math.Inf(1), math.Inf(1)}
	if d.chance(0.1) {
		side := d.IntN(2)
		a.effusion[side] = a.depth * d.between(0.35, 0.85)
		if d.chance(0.4) {
			a.effusion[1-side] = a.depth * d.between(0.5, 0.9)
		}
	}
}

func (a *anatomy) drawBreasts(d dice) {
	if !a.female || d.chance(0.15) {
		return
	}
	size := d.between(0.6, 1.2) * (0.7 + a.fat/40)
	u := d.between(0.34, 0.48)
	s := a.cut(a.z(u))
	for _, side := range []float64{-1, 1} {
		c := vec{side * a.width * d.between(0.5, 0.68), s.front - cageWall - 4, a.z(u + d.between(-0.03, 0.03))}
		a.breasts = append(a.breasts, newEllipsoid(c, vec{62 * size, 38 * size * d.between(0.7, 1.2), 60 * size}, side*d.between(0, 0.5)))
	}
}

// capsule is a stick with round ends.
type capsule struct {
	from, to vec
	r0, r1   float64
}

// distance is the signed distance of p from the capsule.
func (c *capsule) distance(p vec) float64 {
	ab, ap := c.to.sub(c.from), p.sub(c.from)
	t := clamp(ap.dot(ab)/math.Max(ab.dot(ab), 1e-9), 0, 1)
	return ap.sub(ab.scale(t)).norm() - lerp(c.r0, c.r1, t)
}

func (a *anatomy) drawArms(d dice) {
	if a.pose == armsAbsent {
		return
	}
	s := a.cut(-18)
	a.armFat = clamp(a.fat*0.5, 2, 14)
	bulk := a.muscle*34 + a.armFat
	for _, side := range []float64{-1, 1} {
		joint := vec{side * (a.shoulderWidth - 14), s.cy + d.between(-8, 10), d.between(-28, -12)}
		elbow := joint.add(vec{side * d.between(15, 50), d.between(-10, 35), -d.between(270, 310)})
		if a.pose == armsUp {
			elbow = joint.add(vec{side * d.between(-20, 60), d.between(-60, 40), d.between(200, 290)})
			joint[2] += 10
		}
		a.arms = append(a.arms, capsule{joint, elbow, bulk, bulk * 0.8})
		if a.pose == armsDown {
			hand := elbow.add(vec{-side * d.between(0, 90), -d.between(0, 70), -230})
			a.arms = append(a.arms, capsule{elbow, hand, bulk * 0.8, bulk * 0.55})
		}
	}
}
