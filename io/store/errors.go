package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"google.golang.org/api/googleapi"
)

// scrub returns an error that says what err says without the names that it
// holds. errors.Is still finds fs.ErrNotExist, fs.ErrPermission, the system's
// error numbers, the context's errors and the sentinels of this package.
func scrub(err error, names ...string) error {
	if err == nil {
		return nil
	}
	var number syscall.Errno
	var status *googleapi.Error
	switch {
	case errors.As(err, &number):
		return number
	case errors.As(err, &status):
		return &opaque{text: statusText(status), kind: statusKind(status)}
	}
	for _, known := range []error{
		ErrName, ErrNotFile, ErrOpenToOthers, fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, fs.ErrClosed,
		context.Canceled, context.DeadlineExceeded, io.ErrUnexpectedEOF,
	} {
		if errors.Is(err, known) {
			return known
		}
	}
	var request *url.Error
	var file *fs.PathError
	switch {
	case errors.As(err, &request):
		err = request.Err
	case errors.As(err, &file):
		err = file.Err
	}
	return &opaque{text: without(err.Error(), names)}
}

// without replaces the parts of names, plain or escaped, in a text.
func without(text string, names []string) string {
	for part := range strings.SplitSeq(strings.Join(names, "/"), "/") {
		if len(part) > 2 {
			text = strings.NewReplacer(part, "…", url.PathEscape(part), "…", url.QueryEscape(part), "…").Replace(text)
		}
	}
	return text
}

// absent tells that nothing is there: a name below a file is absent too.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// opaque is an error of which only the text and the kind are kept.
type opaque struct {
	text string
	kind error
}

func (e *opaque) Error() string { return e.text }
func (e *opaque) Unwrap() error { return e.kind }

// statusText leaves out the server's message, which names the object.
func statusText(e *googleapi.Error) string {
	text := "the bucket answered " + http.StatusText(e.Code)
	if len(e.Errors) > 0 && e.Errors[0].Reason != "" {
		text += " (" + e.Errors[0].Reason + ")"
	}
	return text
}

func statusKind(e *googleapi.Error) error {
	switch e.Code {
	case http.StatusNotFound:
		return fs.ErrNotExist
	case http.StatusUnauthorized, http.StatusForbidden:
		return fs.ErrPermission
	}
	return nil
}
