package configs

import (
	"net/url"
	"path"
	"path/filepath"
	"strings"
)

// overlap reports whether two places are one, or one lies within the other.
func overlap(a, b string) bool { return inside(a, b) || inside(b, a) }

// inside reports whether one place, a path or URI, is another or lies within it.
// An empty place is nowhere.
func inside(inner, outer string) bool {
	if inner == "" || outer == "" {
		return false
	}
	in, out := place(inner), place(outer)
	return in == out || strings.HasPrefix(in, strings.TrimSuffix(out, "/")+"/")
}

// place returns the one spelling of a path or URI: absolute, clean, and without
// links as far as it exists.
func place(uri string) string {
	if rest, ok := strings.CutPrefix(uri, "gs://"); ok {
		return "gs:/" + path.Clean("/"+rest)
	}
	if u, err := url.Parse(uri); err == nil && u.Scheme == "file" {
		uri = u.Path
	}
	absolute, err := filepath.Abs(uri)
	if err != nil {
		return uri // without a working directory nothing can be opened either
	}
	for exists, rest := absolute, ""; ; exists, rest = filepath.Dir(exists), filepath.Join(filepath.Base(exists), rest) {
		if real, err := filepath.EvalSymlinks(exists); err == nil {
			return filepath.Join(real, rest)
		}
		if exists == filepath.Dir(exists) {
			return absolute
		}
	}
}
