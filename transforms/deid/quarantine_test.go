package deid

import (
	"testing"

	"ctcohort/io/dicomio"
)

// TestQuarantineRules: each rule, by its name, holds back what it is for, and nothing of a plain CT image.
func TestQuarantineRules(t *testing.T) {
	set := func(elements ...dicomio.Element) object {
		o := object{class: "2", Dataset: ctFile{rows: 4, columns: 4}.dataset()}
		for _, e := range elements {
			o.Put(e)
		}
		return o
	}
	of := func(class string) object { return object{class: class} }
	cases := map[string]struct{ held, passed []object }{
		"secondary capture": {[]object{of("7"), of("7.4")}, []object{of("77.1.1"), of("2")}},
		"ultrasound":        {[]object{of("3.1"), of("6.1"), of("6")}, []object{of("6.3"), of("66.4")}},
		"visible light":     {[]object{of("77.1.1"), of("77.1.6")}, nil},
		"document":          {[]object{of("104.1"), of("104.2")}, []object{of("10")}},
		"dose report":       {[]object{of("88.67"), of("88.68")}, []object{of("88.11")}},
		"burned in":         {[]object{set(dicomio.TextElement(0x00280301, "CS", "yes "))}, []object{set(dicomio.TextElement(0x00280301, "CS", "NO"))}},
		"visual features":   {[]object{set(dicomio.TextElement(0x00280302, "CS", "YES"))}, []object{set(dicomio.TextElement(0x00280302, "CS", "NO"))}},
		"screen save": {[]object{
			set(dicomio.TextElement(0x00080008, "CS", `DERIVED\SECONDARY\SCREEN SAVE`)), set(dicomio.TextElement(0x00080008, "CS", `DERIVED\SECONDARY\OTHER\CT_SOM5 PROT`)),
			set(dicomio.TextElement(0x00080008, "CS", `DERIVED\SECONDARY\DOSE_INFO`)),
		}, []object{set(dicomio.TextElement(0x00080008, "CS", `ORIGINAL\PRIMARY\LOCALIZER\CT_SOM5 TOP`))}},
		"page": {[]object{
			set(dicomio.TextElement(tagSeriesDescription, "LO", "Dose Report")), set(dicomio.TextElement(tagSeriesDescription, "LO", "Patient Protocol")),
			set(dicomio.TextElement(tagSeriesDescription, "LO", "999 Screen Save")), set(dicomio.TextElement(tagCharset, "CS", "ISO_IR 192"), dicomio.TextElement(tagSeriesDescription, "LO", "剂量报告")),
		}, []object{set(dicomio.TextElement(tagSeriesDescription, "LO", "Low Dose Lung")), set(dicomio.TextElement(tagSeriesDescription, "LO", "Dose reduced"))}},
		"digitised":           {[]object{set(dicomio.TextElement(0x00080064, "CS", "DF")), set(dicomio.TextElement(0x00080064, "CS", "SD"))}, []object{set(dicomio.TextElement(0x00080064, "CS", "WSD"))}},
		"workstation picture": {[]object{set(dicomio.TextElement(0x00080064, "CS", "WSD"), dicomio.NewElement(0x00280100, "US", numbers(8)))}, []object{set(dicomio.TextElement(0x00080064, "CS", "WSD"))}},
		"overlay in pixels": {[]object{set(dicomio.NewElement(0x60020102, "US", numbers(12)))}, []object{
			set(dicomio.NewElement(0x60000102, "US", numbers(0))), set(dicomio.NewElement(0x60000102, "US", numbers(12)), dicomio.TextElement(0x60003000, "OW", "plane")),
		}},
	}
	for _, r := range quarantineRules {
		c, ok := cases[r.name]
		if !ok {
			t.Errorf("rule %q has no case here", r.name)
		}
		for i, o := range c.held {
			if !r.matches(o) {
				t.Errorf("rule %q lets file %d through", r.name, i)
			}
		}
		for i, o := range append(c.passed, set()) {
			if r.matches(o) {
				t.Errorf("rule %q holds back file %d, which it is not for", r.name, i)
			}
		}
	}
}
