package dicomio

import (
	"errors"

	"ctcohort/io/openjpeg"
)

// jpeg2000 is the decoder of one of the JPEG 2000 and HTJ2K syntaxes (PS3.5
// A.4.4, A.4.12), which needs OpenJPEG.
func jpeg2000(name string) decoder {
	return func(data []byte, rows, columns, samples int) ([]uint16, int, error) {
		library, err := openJPEG(name)
		if err != nil {
			return nil, 0, err
		}
		words, header, err := library.Decode(data, columns, rows, samples)
		switch {
		case errors.Is(err, openjpeg.ErrMalformed):
			return nil, 0, badPixels("JPEG 2000: " + err.Error())
		case errors.Is(err, openjpeg.ErrUnsupported):
			return nil, 0, &Error{Code: UnsupportedPixels, Detail: "JPEG 2000: " + err.Error()}
		}
		return words, header.Precision, err
	}
}

// openJPEG returns the library, or an Error that says how to get it.
func openJPEG(name string) (*openjpeg.Library, error) {
	library, err := openjpeg.Default()
	if errors.Is(err, openjpeg.ErrNoLibrary) {
		return nil, &Error{Code: UnsupportedCodec, Detail: name + " needs OpenJPEG: run `make codecs`, or name its library in " + openjpeg.LibraryEnv}
	}
	return library, err
}
