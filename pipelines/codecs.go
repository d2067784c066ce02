package pipelines

import (
	"os"

	"ctcohort/io/openjpeg"
)

// codecs says in words which pixel data can be decoded. Without OpenJPEG some
// files become rejects; only a library that CTCOHORT_CODECS names and that
// cannot be used is an error.
func codecs() (string, error) {
	const builtIn = "JPEG, JPEG-LS and RLE built in; JPEG 2000 and HTJ2K "
	library, err := openjpeg.Default()
	switch {
	case err == nil:
		return builtIn + "by OpenJPEG " + library.Version(), nil
	case os.Getenv(openjpeg.LibraryEnv) != "":
		return "", err
	}
	return builtIn + "are rejected, as there is no OpenJPEG: run `make codecs`, or name its library in " + openjpeg.LibraryEnv, nil
}
