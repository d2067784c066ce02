package deid

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"ctcohort/io/dicomio"
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
	return ParseKey(key)
}

// ParseKey returns the pseudonym key in what a file, a variable or a secret
// holds: white space at its end does not count, so that it is the same wherever
// it lies. A key that is empty or shorter than 16 bytes is refused.
func ParseKey(data []byte) ([]byte, error) {
	key := bytes.TrimRight(data, " \t\r\n")
	return key, checkKey(key)
}

func checkKey(key []byte) error {
	if len(key) < MinKeyBytes {
		return fmt.Errorf("checking the pseudonym key: it has %d bytes, at least %d are needed; make one with: (umask 077; head -c 32 /dev/urandom | base64 > KEYFILE)", len(key), MinKeyBytes)
	}
	return nil
}

// Derive returns HMAC-SHA256(key, label, parts), label and parts each after its
// length in 32 bits, big endian, so that no two lists run together. Everything
// that a key gives comes from here, each kind under a label of its own: "uid",
// "patient", "dates", "person", "person dates", "input", "crosswalk part", "ae title",
// "volume study", "volume series".
func Derive(key []byte, label string, parts ...string) [32]byte {
	message := make([]byte, 0, 256)
	for _, p := range append([]string{label}, parts...) {
		message = binary.BigEndian.AppendUint32(message, uint32(len(p)))
		message = append(message, p...)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(message)
	var sum [32]byte
	mac.Sum(sum[:0])
	return sum
}

// UID returns the new UID of an original one: 2.25. and 128 bits of its HMAC
// (PS3.5 B.2). UIDs that the standard registers stay as they are. The site plays
// no part: a UID names one thing everywhere (PS3.5 section 9), and files of
// several cohorts that refer to each other must agree.
// With retain_uids it is the original.
func (d *Deidentifier) UID(original string) string {
	if d.profile.has(retainUIDs) && isUID(original) {
		return original
	}
	return d.newUID(original)
}

func (d *Deidentifier) newUID(original string) string {
	if wellKnown(original) {
		return original
	}
	sum := Derive(d.key, "uid", original)
	return dicomio.DerivedUID(sum[:])
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
