package dicomio

import "strings"

// UIDs of the transfer syntaxes whose data sets are not explicit VR little endian.
const (
	ImplicitLittleEndian = "1.2.840.10008.1.2"
	ExplicitLittleEndian = "1.2.840.10008.1.2.1"
	DeflatedExplicit     = "1.2.840.10008.1.2.1.99"
	ExplicitBigEndian    = "1.2.840.10008.1.2.2"
)

// Syntax is how a file's data set is encoded. The flags say what was found in
// the data, which may differ from what the UID promises.
type Syntax struct {
	UID          string
	Implicit     bool
	BigEndian    bool
	Deflated     bool
	Encapsulated bool // Pixel Data is compressed, as fragments
}

// syntaxOf returns the encoding that the UID promises; false when it is not one that can be read.
func syntaxOf(uid string) (Syntax, bool) {
	switch uid {
	case ImplicitLittleEndian:
		return Syntax{UID: uid, Implicit: true}, true
	case ExplicitLittleEndian:
		return Syntax{UID: uid}, true
	case DeflatedExplicit:
		return Syntax{UID: uid, Deflated: true}, true
	case ExplicitBigEndian:
		return Syntax{UID: uid, BigEndian: true}, true
	case "1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.95": // pixel data by URL
		return Syntax{}, false
	case "1.2.840.10008.1.2.5":
		return Syntax{UID: uid, Encapsulated: true}, true
	}
	if strings.HasPrefix(uid, "1.2.840.10008.1.2.4.") || strings.HasPrefix(uid, "1.2.840.10008.1.2.8.") {
		return Syntax{UID: uid, Encapsulated: true}, true
	}
	return Syntax{}, false
}

// encoding is the layout of element headers and numbers in one data set or item.
// Its zero value, in an Item, means the parent's.
type encoding struct {
	known    bool
	implicit bool
	big      bool
}
