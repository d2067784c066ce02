package volume

// Window is an intensity window in HU.
type Window struct{ LowHU, HighHU float64 }

// Scale returns where hu lies in the window: 0 at or below its low end, 1 at or
// above its high end. A window without width is a step at LowHU.
func (w Window) Scale(hu float64) float64 {
	switch {
	case hu >= w.HighHU:
		return 1
	case hu <= w.LowHU:
		return 0
	}
	return (hu - w.LowHU) / (w.HighHU - w.LowHU)
}
