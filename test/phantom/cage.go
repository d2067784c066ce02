package phantom

import "math"

// ribCage is twelve pairs of helical bands in the wall of the cage, with
// vertebrae at the same pitch.
type ribCage struct {
	first, pitch float64 // height of the first rib at the spine; mm a rib
	fall         [azimuths]float64
	radial, tall float64 // half axes of a rib's cross-section
	rim          float64 // thickness of the cortex
	boneEnd      int     // azimuth index from the back where cartilage begins
	calcified    bool
}

func drawRibs(d dice, a *anatomy) ribCage {
	r := ribCage{
		first: d.between(-2, 12), pitch: a.lungMM / d.between(9.4, 11),
		radial: d.between(3.2, 4.6), tall: d.between(4.6, 6.8), rim: d.between(0.9, 1.8),
		boneEnd: int(azimuths * d.between(0.38, 0.43)), calcified: d.chance(0.25),
	}
	drop, rise := d.between(55, 85), d.between(20, 45)
	for i := range r.fall {
		phi := 2 * math.Pi * float64(min(i, azimuths-i)) / azimuths
		r.fall[i] = drop*smoothstep(0.1, 2.5, phi) - rise*smoothstep(2.4, math.Pi, phi)
	}
	return r
}

// bone mixes the wall of the cage at depth mm outside the pleura over hu.
func (a *anatomy) wallHU(s *section, i int, depth, z, w, hu float64) float64 {
	r, t := &a.ribs, &a.tissue
	back := min(i, azimuths-i)
	if back > azimuths/2-18 && s.u > 0.36 && s.u < 0.93 { // sternum, about 18 mm to each side
		if c := coverage(math.Abs(depth-6)-5, w); c > 0 {
			core := coverage(math.Abs(depth-6)-5+r.rim, w)
			hu = lerp(hu, lerp(t.cortex*0.7, t.marrow*0.7, core), c)
		}
		return hu
	}
	shrink := lerp(1, 0.45, smoothstep(0.72, 1.02, s.u))
	along := z + r.fall[i]*shrink
	k := math.Round((r.first - along) / r.pitch)
	if k < 0 || k > 11 {
		return hu
	}
	if (k >= 10 && back > azimuths*3/10) || (k >= 7 && back > azimuths*45/100) {
		return hu
	}
	dz := (along - r.first + k*r.pitch) * 0.9
	dr := depth - 5.5
	q := math.Sqrt(dr*dr/(r.radial*r.radial) + dz*dz/(r.tall*r.tall))
	dist := (q - 1) * r.radial
	c := coverage(dist, w)
	if c == 0 {
		return hu
	}
	if back > r.boneEnd {
		cart := t.cartilage
		if r.calcified && dist > -1.5 {
			cart += 250
		}
		return lerp(hu, cart, c)
	}
	return lerp(hu, lerp(t.cortex, t.marrow, coverage(dist+r.rim, w)), c)
}

// spineHU mixes vertebrae, discs, canal and processes over hu.
func (a *anatomy) spineHU(s *section, x, y, z, w, hu float64) float64 {
	r, t := &a.ribs, &a.tissue
	phase := (z - r.first) / r.pitch
	phase -= math.Floor(phase) // 0 at a rib's height, which is a vertebra's upper edge
	dx, dy := x-s.spineX, y-s.spineY

	body := s.vertebra(x, y)
	if c := coverage(body, w); c > 0 {
		endplate := math.Min(math.Abs(phase-0.08), math.Abs(phase-0.3)) * r.pitch
		v := lerp(t.cortex*0.8, t.marrow, coverage(body+1.6, w))
		if phase > 0.08 && phase < 0.3 {
			v = t.disc
		} else if endplate < 1.6 {
			v = t.cortex * 0.6
		}
		hu = lerp(hu, v, c)
	}
	cy := dy - 24 // the canal's centre
	canal := math.Sqrt(dx*dx + cy*cy)
	arch := math.Abs(canal-12) - 3
	if phase > 0.15 && phase < 0.45 && cy < 3 {
		arch = math.Max(arch, 4) // intervertebral foramen
	}
	process := math.Max(math.Abs(dx)-2.6, math.Abs(cy-24)-14)
	process = math.Max(process, (math.Abs(phase-0.75)-0.3)*r.pitch)
	lateral := math.Max(math.Abs(cy-2-0.28*math.Abs(dx))-4.5, math.Abs(dx)-34)
	lateral = math.Max(lateral, (math.Abs(phase-0.9)-0.2)*r.pitch)
	bone := math.Min(arch, math.Min(process, lateral))
	if s.u > 1.05 {
		bone = math.Min(arch, process)
	}
	if c := coverage(bone, w); c > 0 && canal > 8.5 && body > -1 {
		hu = lerp(hu, lerp(t.cortex*0.9, t.marrow+150, coverage(bone+r.rim, w)), c)
	}
	if c := coverage(canal-9, w); c > 0 && body > 0 {
		hu = lerp(hu, 25, c)
	}
	return hu
}

// scapulaHU mixes the blade of the scapula, a shell behind the ribs, over hu.
// gap is the distance outside the ribs.
func (a *anatomy) scapulaHU(s *section, i int, gap, z, w, hu float64) float64 {
	back := float64(min(i, azimuths-i)) / azimuths * 2 * math.Pi
	top, bottom := -12.0, -0.62*a.lungMM
	if z > top || z < bottom {
		return hu
	}
	t := (top - z) / (top - bottom) // 0 at the upper border, 1 at the tip
	inner, outer := lerp(0.55, 0.85, t), lerp(1.55, 1.05, t)
	off := 6 + 8*(back-inner)*(1-t)
	thick := 1.5 + 2.5*smoothstep(0.12, 0, math.Min(back-inner, outer-back))
	d := math.Max(math.Abs(gap-off)-thick, math.Max(inner-back, back-outer)*120)
	if a.pose == armsUp {
		d = math.Max(math.Abs(gap-off-3)-thick, math.Max(inner+0.2-back, back-outer-0.25)*120)
	}
	c := coverage(d, w)
	if c == 0 {
		return hu
	}
	return lerp(hu, lerp(a.tissue.cortex, a.tissue.marrow, coverage(d+1.2, w)), c)
}
