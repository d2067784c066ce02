package series

import "fmt"

// A Decision is what assembly may decide about a volume, by the code that
// column decisions of the series table holds.
type Decision struct {
	Code    string
	Meaning string

	note func(Info) string // in words, for a volume of which it was decided; empty of others
}

// Decisions are all decisions, in the order in which rows list them.
var Decisions = []Decision{
	{"split", "the series gave several volumes, of which this is one", func(i Info) string {
		return when(i.Parts > 1, "part %d of %d of a series that was split", i.Part+1, i.Parts)
	}},
	{"frames", "slices are frames of multi-frame images, placed by their functional groups", func(i Info) string {
		return when(i.Frames, "frames of multi-frame images")
	}},
	{"blocks", "acquisitions that lie one above the other were joined", func(i Info) string {
		return when(i.Blocks > 1, "%d acquisitions joined, one above the other", i.Blocks)
	}},
	{"duplicates", "identical images at one position were dropped", func(i Info) string {
		return when(i.Duplicates > 0, "%d duplicate slices dropped", i.Duplicates)
	}},
	{"lost", "slices between others could not be decoded", func(i Info) string {
		return when(i.Lost > 0, "%d slices could not be decoded", i.Lost)
	}},
	{"gaps", "planes without a slice were interpolated between slices", func(i Info) string {
		return when(i.FilledPlanes > 0 && !i.Uneven, "%d planes interpolated between slices", i.FilledPlanes)
	}},
	{"uneven", "slices at uneven distances were interpolated on their true positions", func(i Info) string {
		return when(i.Uneven, "slices at uneven distances; %d planes interpolated between slices", i.FilledPlanes)
	}},
	{"tilt", "a gantry tilt was sheared back", func(i Info) string {
		return when(i.TiltDegrees > 0, "gantry tilt of %.1f degrees sheared back", i.TiltDegrees)
	}},
	{"turned", "axes changed their place or way; no value did", func(i Info) string {
		return when(i.Turned, "axes turned to the patient's, %s slices", i.Orientation)
	}},
	{"axial", "oblique slices were resampled to the patient's axes, once and linearly, with air beside them", func(i Info) string {
		return when(i.MadeAxial, "oblique slices resampled to axial")
	}},
	{"oblique", "slices are oblique, and the volume keeps their direction", func(i Info) string {
		return when(i.Orientation == "oblique" && !i.MadeAxial, "oblique slices")
	}},
	{"rescale", "slices differ in slope or intercept, and each has its own", func(i Info) string {
		return when(i.OwnRescale, "each slice with its own slope and intercept")
	}},
	{"padding", "stored values that mean \"no data\" are -1024 HU", func(i Info) string {
		return when(i.Padding, "padding is -1024 HU")
	}},
	{"smoothed", "axes were smoothed before resampling, as they get coarser", func(i Info) string {
		return when(i.Smoothed != "", "smoothed along %s before resampling", i.Smoothed)
	}},
	{"left_out", "images of the series are in none of its volumes", func(i Info) string {
		return when(i.LeftOut != "", "images of the series left out: %s", i.LeftOut)
	}},
}

func when(decided bool, text string, args ...any) string {
	if !decided {
		return ""
	}
	return fmt.Sprintf(text, args...)
}

// Decided returns what was decided in assembly, as codes and in words; both are
// empty where nothing was.
func (i Info) Decided() (codes, notes []string) {
	for _, d := range Decisions {
		if note := d.note(i); note != "" {
			codes, notes = append(codes, d.Code), append(notes, note)
		}
	}
	return codes, notes
}
