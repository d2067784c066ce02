package store

import (
	"path"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName = 1024 // bytes, as Cloud Storage's
	maxPart = 255  // bytes, as Linux's
)

// checkWritable returns ErrName for a name that Create refuses.
func checkWritable(name string) error {
	if len(name) > maxName || !utf8.ValidString(name) || strings.Contains(name, `\`) || strings.ContainsFunc(name, unicode.IsControl) {
		return ErrName
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." || part == ".." || len(part) > maxPart {
			return ErrName
		}
	}
	if isTemporary(name) {
		return ErrName
	}
	return nil
}

// checkReadable returns ErrName for a name that cannot be an object's. Names in
// an archive are what they are: only those that lead out of the root are refused.
func checkReadable(name string) error {
	if !filepath.IsLocal(name) || strings.Contains(name, "\x00") || path.Clean(name) != name || name == "." || isTemporary(name) {
		return ErrName
	}
	return nil
}

const temporaryPrefix, temporarySuffix = ".ctcohort-", ".tmp"

// isTemporary tells the names of files that are not committed.
func isTemporary(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, temporaryPrefix) && strings.HasSuffix(base, temporarySuffix)
}
