package deid

import (
	"strings"

	"ctcohort/io/dicomio"
)

const tagPatientAddress dicomio.Tag = 0x00101040

// places are the attributes that tell where an institution or a device is.
var places = map[dicomio.Tag]bool{
	0x00080080: true, // Institution Name
	0x00080081: true, // Institution Address
	0x00081010: true, // Station Name
	0x00081040: true, // Institutional Department Name
	0x00120031: true, // Clinical Trial Site Name
	0x00120060: true, // Clinical Trial Coordinating Center Name
	0x00321020: true, // Scheduled Study Location
	0x00400011: true, // Scheduled Procedure Step Location
}

// home is a patient's address, whose words are identifiers, and what the options
// keep of places. Patients live where their hospital is: a word that both have,
// and no name or ID, tells nothing but the institution that is to be kept.
type home struct{ address, told []string }

// settle makes the words of the address identifiers, but for those that are told anyway.
func (ids *identifiers) settle() {
	if len(ids.home.address) == 0 {
		return
	}
	told := map[string]bool{}
	for _, text := range ids.home.told {
		if ids.value(text) {
			continue // it goes, for it holds another identifier
		}
		for _, w := range tokenise(strings.ToLower(text)) {
			told[w.text] = true
		}
	}
	all := newIdentifiers()
	for _, text := range ids.home.address {
		all.addID(text)
	}
	for w := range all.words {
		if !told[w] {
			ids.words[w] = true
		}
	}
	for n := range all.numbers {
		if !told[n] {
			ids.numbers[n] = true
		}
	}
	ids.arrange()
}
