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

// Option is one of the options of PS3.15 Annex E.3.
type Option struct {
	Code, Meaning string // of PS3.16 CID 7050, for De-identification Method Code Sequence
	action        func(attribute) Action
}

// basicProfile is the Basic Application Confidentiality Profile itself.
var basicProfile = Option{"113100", "Basic Application Confidentiality Profile", func(a attribute) Action { return a.Basic }}

// The options that a profile can be made of.
var (
	cleanGraphics         = Option{"113103", "Clean Graphics Option", func(a attribute) Action { return a.Graphics }}
	cleanDescriptors      = Option{"113105", "Clean Descriptors Option", func(a attribute) Action { return a.Descriptors }}
	modifiedDates         = Option{"113107", "Retain Longitudinal Temporal Information Modified Dates Option", func(a attribute) Action { return a.ModifiedDates }}
	retainCharacteristics = Option{"113108", "Retain Patient Characteristics Option", func(a attribute) Action { return a.Characteristics }}
)

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
	dated  bool // a date, time or time zone: C means to shift
}

// compile resolves the table for the profile.
func (p Profile) compile() map[dicomio.Tag]listed {
	out := make(map[dicomio.Tag]listed, len(table))
	for _, a := range table {
		l := listed{action: a.Basic, dated: a.ModifiedDates != ""}
		for _, o := range p.Options {
			if action := o.action(a); action != "" {
				l.action = action
				break
			}
		}
		out[a.Tag] = l
	}
	return out
}

func (p Profile) has(o Option) bool {
	for _, have := range p.Options {
		if have.Code == o.Code {
			return true
		}
	}
	return false
}
