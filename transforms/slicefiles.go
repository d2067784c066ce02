package transforms

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"ctcohort/io/dicomio"
	"ctcohort/io/store"
	"ctcohort/schemas"
	"ctcohort/transforms/series"
)

// sliceFiles are the files of one series. Their slices' headers are in memory;
// pixels are read when they are asked for: of a multi-frame file at once, as they
// are stored, and each frame's let go of when it is decoded.
type sliceFiles struct {
	store   store.Store
	rows    []schemas.Instance
	headers []dicomio.SliceHeader
	of      []int // of each header, its file
	bad     []badSlice
	broken  map[int]error             // of files that cannot be read at all
	sums    map[int][sha256.Size]byte // of slices' HU

	open map[int]*dicomio.Frames // multi-frame files, with the frames that are not decoded yet
}

// badSlice is a slice, or a file where slice is negative, that cannot be used.
type badSlice struct {
	file, slice int
	why         *dicomio.Error
}

// openSlices reads the headers of a series' files.
func openSlices(ctx context.Context, in store.Store, rows []schemas.Instance) (*sliceFiles, error) {
	f := &sliceFiles{store: in, rows: rows, open: map[int]*dicomio.Frames{}, broken: map[int]error{}, sums: map[int][sha256.Size]byte{}}
	for k, row := range rows {
		headers, err := readRow(ctx, in, row, dicomio.ReadSliceHeaders)
		var bad *dicomio.Error
		if errors.As(err, &bad) {
			f.bad = append(f.bad, badSlice{k, -1, bad})
		} else if err != nil {
			return nil, err
		}
		for _, h := range headers {
			f.headers, f.of = append(f.headers, h), append(f.of, k)
		}
	}
	return f, nil
}

// plan sorts the slices into stacks. Slices that must be compared and cannot be
// decoded are left out of the plan.
func (f *sliceFiles) plan(ctx context.Context) ([]*series.Stack, []series.Reject, error) {
	defer f.release()
	for {
		failed := len(f.bad)
		stacks, rejects, err := series.Plan(f.headers, func(i, j int) (bool, error) {
			a, err := f.sum(ctx, i)
			if err != nil {
				return false, err
			}
			b, err := f.sum(ctx, j)
			return err == nil && a == b, err
		})
		if err == nil || len(f.bad) == failed {
			return stacks, rejects, err
		}
		f.drop(f.lost(failed))
	}
}

// drop takes slices out, by index.
func (f *sliceFiles) drop(lost []int) {
	var headers []dicomio.SliceHeader
	var of []int
	for i, h := range f.headers {
		if !slices.Contains(lost, i) {
			headers, of = append(headers, h), append(of, f.of[i])
		}
	}
	f.headers, f.of = headers, of
	clear(f.sums)
}

// lost returns which slices could not be decoded, but for the first so many failures.
func (f *sliceFiles) lost(after int) (lost []int) {
	for _, b := range f.bad[after:] {
		if b.slice >= 0 {
			lost = append(lost, b.slice)
		}
	}
	return lost
}

func (f *sliceFiles) sum(ctx context.Context, i int) ([sha256.Size]byte, error) {
	if sum, ok := f.sums[i]; ok {
		return sum, nil
	}
	hu, err := f.hu(ctx, i)
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	b := make([]byte, 2*len(hu))
	for k, v := range hu {
		binary.LittleEndian.PutUint16(b[2*k:], uint16(v))
	}
	f.sums[i] = sha256.Sum256(b)
	return f.sums[i], nil
}

// hu decodes a slice, and remembers one that cannot be decoded.
func (f *sliceFiles) hu(ctx context.Context, i int) ([]int16, error) {
	hu, err := f.decode(ctx, f.of[i], f.headers[i].Frame)
	var bad *dicomio.Error
	if errors.As(err, &bad) {
		f.bad = append(f.bad, badSlice{f.of[i], i, bad})
	}
	return hu, err
}

// decode reads a frame's file where it is not open, or where the frame was
// decoded before, to be compared.
func (f *sliceFiles) decode(ctx context.Context, file, frame int) ([]int16, error) {
	if f.broken[file] != nil {
		return nil, f.broken[file]
	}
	frames := f.open[file]
	if frames == nil || !frames.Has(frame) {
		var err error
		if frames, err = readRow(ctx, f.store, f.rows[file], dicomio.ReadFrames); err != nil {
			f.broken[file] = err
			return nil, err
		}
		if len(frames.Headers) > 1 {
			f.open[file] = frames
		}
	}
	hu, err := frames.HU(frame)
	frames.Drop(frame)
	letGo(4 * len(hu)) // as stored and as HU, once they are in the volume
	return hu, err
}

// release lets go of the files that are open.
func (f *sliceFiles) release() { clear(f.open) }

// build fills a stack's volume. Where slices cannot be decoded it is built anew
// without them; a reject says that it cannot be.
func (f *sliceFiles) build(ctx context.Context, s *series.Stack) (series.Result, *series.Reject, error) {
	defer f.release()
	for {
		before := len(f.bad)
		v, info, err := s.Build(func(i int) ([]int16, error) {
			hu, err := f.hu(ctx, i)
			var bad *dicomio.Error
			if errors.As(err, &bad) { // go on, to find all of them
				return make([]int16, f.headers[i].Rows*f.headers[i].Columns), nil
			}
			return hu, err
		})
		if err != nil {
			return series.Result{}, nil, fmt.Errorf("assembling a series: %w", err)
		}
		lost := f.lost(before)
		switch {
		case len(lost) == 0:
			return series.Result{Volume: v, Info: info}, nil, nil
		case len(lost) == len(s.Slices):
			why := f.bad[len(f.bad)-1].why
			return series.Result{}, &series.Reject{Code: why.Code, Detail: why.Detail}, nil
		}
		var reject *series.Reject
		if s, reject = s.Without(lost); reject != nil {
			return series.Result{}, reject, nil
		}
	}
}

// rejects returns a reject for each file with something that cannot be used.
func (f *sliceFiles) rejects(subject schemas.Reject) (all []schemas.Reject) {
	seen := map[int]bool{}
	for _, b := range f.bad {
		if !seen[b.file] {
			seen[b.file] = true
			subject.Subject, subject.ReasonCode, subject.Detail = f.rows[b.file].SOPUID, b.why.Code, b.why.Detail
			all = append(all, subject)
		}
	}
	return all
}

// readRow reads a de-identified file.
func readRow[T any](ctx context.Context, in store.Store, row schemas.Instance, read func(io.Reader) (T, error)) (T, error) {
	r, err := in.Open(ctx, row.URI)
	if err != nil {
		var none T
		return none, fmt.Errorf("opening a de-identified file: %w", err)
	}
	defer r.Close()
	return read(r)
}
