package deid

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"strings"
)

const MinKeyBytes = 16

// LoadKey reads the pseudonym key from a file. White space at its end does not
// count. A key that is empty, shorter than 16 bytes or readable by others than
// its owner is refused.
func LoadKey(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading the pseudonym key: %w; make one with: (umask 077; head -c 32 /dev/urandom | base64 > KEYFILE)", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("reading the pseudonym key: its file is open to others (mode %04o); restrict it with: chmod 600 KEYFILE", mode)
	}
	key, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the pseudonym key: %w", err)
	}
	key = bytes.TrimRight(key, " \t\r\n")
	return key, checkKey(key)
}

func checkKey(key []byte) error {
	if len(key) < MinKeyBytes {
		return fmt.Errorf("checking the pseudonym key: it has %d bytes, at least %d are needed; make one with: (umask 077; head -c 32 /dev/urandom | base64 > KEYFILE)", len(key), MinKeyBytes)
	}
	return nil
}

// derive returns HMAC-SHA256(key, label, parts); parts are length-prefixed, so
// that no two lists of parts run together.
func (d *Deidentifier) derive(label string, parts ...string) [32]byte {
	mac := hmac.New(sha256.New, d.key)
	message := make([]byte, 0, 256)
	for _, p := range append([]string{label}, parts...) {
		message = binary.BigEndian.AppendUint32(message, uint32(len(p)))
		message = append(message, p...)
	}
	mac.Write(message)
	var sum [32]byte
	mac.Sum(sum[:0])
	return sum
}

// UID returns the new UID of an original one: 2.25. and 128 bits of its HMAC.
// UIDs that the standard registers stay as they are.
func (d *Deidentifier) UID(original string) string {
	if wellKnown(original) {
		return original
	}
	sum := d.derive("uid", original)
	return "2.25." + new(big.Int).SetBytes(sum[:16]).String()
}

// wellKnown reports whether a UID is one that DICOM registers: under its root,
// and without the long components that instances have.
func wellKnown(uid string) bool {
	rest, ok := strings.CutPrefix(uid, "1.2.840.10008.")
	if !ok || strings.Count(rest, ".") > 8 {
		return false
	}
	for _, c := range strings.Split(rest, ".") {
		if c == "" || len(c) > 4 || strings.Trim(c, "0123456789") != "" {
			return false
		}
	}
	return true
}

// patient is what a patient's identity turns into.
type patient struct {
	pseudonym string
	shiftDays int // never 0
}

// Bounds of the date offset: dates move a month to ten years into the past.
const (
	minShiftDays = 30
	maxShiftDays = 3650
)

// patientOf derives the pseudonym and the date offset from the patient ID, its issuer and the site.
func (d *Deidentifier) patientOf(id, issuer string) patient {
	name := d.derive("patient", d.site, issuer, id)
	days := d.derive("dates", d.site, issuer, id)
	return patient{
		pseudonym: hex.EncodeToString(name[:8]),
		shiftDays: -minShiftDays - int(binary.BigEndian.Uint64(days[:8])%(maxShiftDays-minShiftDays+1)),
	}
}
