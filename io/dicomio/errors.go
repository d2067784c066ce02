package dicomio

import (
	"errors"
	"io"

	"github.com/klauspost/compress/flate"
)

// Codes of Error, the reason why bytes are not a file that can be read.
const (
	NotDICOM          = "not_dicom"
	Truncated         = "truncated"
	Unparseable       = "unparseable"
	UnsupportedSyntax = "unsupported_syntax"
)

// Error says why a file cannot be read. It never holds a value of the file.
type Error struct {
	Code   string // one of the codes above
	Detail string
}

func (e *Error) Error() string { return e.Code + ": " + e.Detail }

func unparseable(detail string) error { return &Error{Code: Unparseable, Detail: detail} }
func truncated(detail string) error   { return &Error{Code: Truncated, Detail: detail} }

// readError turns the end of the input, or a broken deflate stream, into an
// Error. Other errors are the surroundings' and pass as they are.
func readError(err error, where string) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return truncated("the file ends inside " + where)
	case errors.As(err, &corrupt):
		return unparseable("broken deflate stream inside " + where)
	}
	return err
}
