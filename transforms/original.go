package transforms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"ctcohort/io/niftiio"
	"ctcohort/io/nrrdio"
	"ctcohort/io/store"
	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms/deid"
)

// What reading an original gives in place of the system's own error, which would
// name the file.
var (
	errStorage  = errors.New("the storage failed")
	errDataFile = errors.New("a data file that its header names is not beside it, or cannot be opened")
)

// readOriginal reads what is no DICOM file, as NIfTI or NRRD by its name.
func readOriginal[T any](ctx context.Context, in Input, nifti func(io.Reader, int) (T, error), nrrd func(io.Reader, nrrdio.Opener, int) (T, error)) (v T, err error) {
	files, err := store.Open(ctx, in.Archive.URI)
	if err != nil {
		return v, surroundings{err}
	}
	o := &original{}
	r, err := files.Open(ctx, in.Name)
	if err != nil {
		return v, errStorage
	}
	defer r.Close()
	if in.Format() == "nrrd" {
		v, err = nrrd(o.watch(r), func(name string) (io.ReadCloser, error) {
			beside, err := files.Open(ctx, path.Join(path.Dir(in.Name), name))
			if err != nil {
				return nil, errDataFile
			}
			return struct {
				io.Reader
				io.Closer
			}{o.watch(beside), beside}, nil
		}, MaxVoxels)
	} else {
		v, err = nifti(o.watch(r), MaxVoxels)
	}
	if o.failed {
		return v, errStorage
	}
	return v, err
}

// surroundings is an error that stops the run.
type surroundings struct{ error }

// original remembers whether the storage failed while it was read.
type original struct{ failed bool }

func (o *original) watch(r io.Reader) io.Reader { return watched{o, r} }

type watched struct {
	original *original
	r        io.Reader
}

func (w watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.original.failed = true
	}
	return n, err
}

// unread returns what an input that could not be read comes to.
func unread(err error, code string, subject schemas.Reject) (out outcome[schemas.Instance], failed bool) {
	var stop surroundings
	switch {
	case err == nil:
		return out, false
	case errors.As(err, &stop):
		return outcome[schemas.Instance]{err: stop.error}, true
	case errors.Is(err, errStorage):
		return unreadable(subject), true
	}
	subject.ReasonCode, subject.Detail = code, err.Error()
	return rejected[schemas.Instance](subject), true
}

// writeClean commits a volume under a new name, as NIfTI with nothing in its
// header but the geometry.
func writeClean[T volume.Voxel](ctx context.Context, f *anonymiseFn, in Input, name string, v *volume.Volume[T], row schemas.Instance, origin deid.Origin) outcome[schemas.Instance] {
	out := &output{ctx: ctx, root: f.root}
	defer out.abort()
	if err := out.create(name); err != nil {
		return outcome[schemas.Instance]{err: fmt.Errorf("writing a volume: %w", err)}
	}
	if err := niftiio.Write(out, v, true); err != nil {
		return outcome[schemas.Instance]{err: err}
	}
	row.Format, row.Columns, row.Rows = in.Format(), int32(v.Size[0]), int32(v.Size[1])
	return f.recalled(ctx, in, out.commit(row), origin)
}
