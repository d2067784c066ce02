package deid

import (
	"fmt"
	"slices"
	"strings"
)

// Option is one of the options of PS3.15 Annex E.3.
type Option struct {
	Name          string // in configurations
	Code, Meaning string // of PS3.16 CID 7050, for De-identification Method Code Sequence
	action        func(attribute) Action
}

// basicProfile is the Basic Application Confidentiality Profile itself.
var basicProfile = Option{"basic", "113100", "Basic Application Confidentiality Profile", func(a attribute) Action { return a.Basic }}

// The options that a profile can be made of.
var (
	fullDates              = Option{"retain_full_dates", "113106", "Retain Longitudinal Temporal Information Full Dates Option", func(a attribute) Action { return a.FullDates }}
	modifiedDates          = Option{"retain_modified_dates", "113107", "Retain Longitudinal Temporal Information Modified Dates Option", func(a attribute) Action { return a.ModifiedDates }}
	retainUIDs             = Option{"retain_uids", "113110", "Retain UIDs Option", func(a attribute) Action { return a.UIDs }}
	retainDevice           = Option{"retain_device_identity", "113109", "Retain Device Identity Option", func(a attribute) Action { return a.Device }}
	retainInstitution      = Option{"retain_institution_identity", "113112", "Retain Institution Identity Option", func(a attribute) Action { return a.Institution }}
	retainCharacteristics  = Option{"retain_patient_characteristics", "113108", "Retain Patient Characteristics Option", func(a attribute) Action { return a.Characteristics }}
	cleanDescriptors       = Option{"clean_descriptors", "113105", "Clean Descriptors Option", func(a attribute) Action { return a.Descriptors }}
	cleanStructuredContent = Option{"clean_structured_content", "113104", "Clean Structured Content Option", func(a attribute) Action { return a.Structured }}
	cleanGraphics          = Option{"clean_graphics", "113103", "Clean Graphics Option", func(a attribute) Action { return a.Graphics }}
	retainSafePrivate      = Option{"retain_safe_private", "113111", "Retain Safe Private Option", noColumn} // private.go
	cleanPixelData         = Option{"clean_pixel_data", "113101", "Clean Pixel Data Option", noColumn}       // claimed of files whose pixels were cleaned, never by a profile
)

// noColumn is the action of options that are not about attributes of the table.
func noColumn(attribute) Action { return "" }

// allOptions are in the order in which they decide: where two name an attribute,
// dates go before the device, so that a scanner's calibration moves with the rest.
var allOptions = []Option{
	fullDates, modifiedDates, retainUIDs, retainDevice, retainInstitution, retainCharacteristics,
	cleanDescriptors, cleanStructuredContent, cleanGraphics, retainSafePrivate, cleanPixelData,
}

// OptionNames returns the names of the options that can be added to a profile.
func OptionNames() []string {
	names := make([]string, len(allOptions))
	for i, o := range allOptions {
		names[i] = o.Name
	}
	return names
}

// with returns the profile with the named options added. Full dates take the
// place of the profile's modified ones; asking for both is an error.
func (p Profile) with(names []string) (Profile, error) {
	chosen := map[string]bool{}
	for _, o := range p.Options {
		chosen[o.Name] = true
	}
	for _, name := range names {
		if !slices.Contains(OptionNames(), name) {
			return Profile{}, fmt.Errorf("choosing options: %q is none; use %s", name, strings.Join(OptionNames(), ", "))
		}
		chosen[name] = true
	}
	if slices.Contains(names, fullDates.Name) {
		if slices.Contains(names, modifiedDates.Name) {
			return Profile{}, fmt.Errorf("choosing options: %s and %s exclude each other (PS3.15 E.3.6); leave one out", fullDates.Name, modifiedDates.Name)
		}
		delete(chosen, modifiedDates.Name)
	}
	out := Profile{Name: p.Name}
	for _, o := range allOptions {
		if chosen[o.Name] {
			out.Options = append(out.Options, o)
		}
	}
	return out, nil
}

func (p Profile) has(o Option) bool {
	return slices.ContainsFunc(p.Options, func(have Option) bool { return have.Code == o.Code })
}

// claimed returns the options that a file is marked with, in the order of their
// codes: those of the profile, and what was done to this file besides.
func (p Profile) claimed(besides ...Option) []Option {
	out := slices.DeleteFunc(slices.Concat(p.Options, besides), func(o Option) bool {
		return o.Code == cleanPixelData.Code && !slices.ContainsFunc(besides, func(b Option) bool { return b.Code == o.Code })
	})
	slices.SortFunc(out, func(a, b Option) int { return strings.Compare(a.Code, b.Code) })
	return slices.CompactFunc(out, func(a, b Option) bool { return a.Code == b.Code })
}
