package phantom

// tissues are the patient's mean HU.
type tissues struct {
	skin, fat, muscle, organ      float64
	cortex, marrow, cartilage     float64
	blood, liver, spleen, stomach float64
	medFat                        float64 // share of fat in the mediastinum
	wall                          float64 // airway walls
	contrast                      bool
	marbling                      float64 // fat streaks in muscle
	planes, septa                 float64 // fat between muscles, and from which depth mm
	disc                          float64
}

func drawTissues(d dice) tissues {
	t := tissues{
		skin: d.between(-20, 60), fat: d.between(-125, -75), muscle: d.between(25, 75), organ: d.between(20, 60),
		cortex: d.between(450, 1300), marrow: d.between(60, 380), cartilage: d.between(70, 170),
		blood: d.between(25, 60), liver: d.between(40, 72), spleen: d.between(38, 60), stomach: d.between(-20, 60),
		medFat: d.between(0.1, 1), wall: d.between(-50, 60), marbling: d.between(0, 0.35), planes: d.between(0, 0.9), septa: d.between(4, 12), disc: d.between(60, 110),
		contrast: d.chance(0.3),
	}
	if d.chance(0.2) {
		t.liver = d.between(0, 40)
	}
	if t.contrast {
		t.blood = d.between(110, 420)
		t.liver += d.between(10, 60)
		t.spleen += d.between(20, 70)
	}
	return t
}

// parenchyma is how the lungs look before lesions.
type parenchyma struct {
	base, gradient, texture float64 // HU, HU a 100 mm towards the back, HU
	dependent               float64 // HU added beneath the posterior pleura
	emphysema, emphysemaAt  float64 // HU lost, and the field's level above which
	fissures                float64 // HU of a fissure over the lung, 0 for none
	fissureTilt             [2]float64
	fissureAt               [2]float64
	horizontalAt            float64
	mottle                  float64
}

func drawParenchyma(d dice) parenchyma {
	p := parenchyma{
		base: d.between(-900, -790), gradient: d.between(5, 75), texture: d.between(6, 26), mottle: d.between(5, 30),
		emphysemaAt: d.between(0.4, 1.4),
		fissureTilt: [2]float64{d.between(0.9, 1.6), d.between(0.9, 1.6)},
		fissureAt:   [2]float64{d.between(-20, 20), d.between(-20, 20)}, horizontalAt: d.between(0.48, 0.58),
	}
	if d.chance(0.35) {
		p.dependent = d.between(40, 190)
	}
	if d.chance(0.3) {
		p.emphysema = d.between(30, 110)
	}
	if d.chance(0.7) {
		p.fissures = d.between(80, 320)
	}
	return p
}
