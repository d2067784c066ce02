package dicomio

import "math/big"

// ImplementationUID names this program in the meta information of what it writes.
const ImplementationUID = "2.25.196473213507911246089411903870812330413"

// DerivedUID returns the UID whose number is the first 16 bytes of a digest, as
// PS3.5 section B.2 writes a UUID.
func DerivedUID(digest []byte) string {
	return "2.25." + new(big.Int).SetBytes(digest[:16]).String()
}
