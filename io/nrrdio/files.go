package nrrdio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"ctcohort/io/voxelio"
)

const (
	maxFiles  = 1 << 16
	maxDigits = 9 // of a number in a file's name
)

// body returns the bytes of the voxels, of which there are n: what follows the
// header, or the data files one after another.
func (h *header) body(r *bufio.Reader, open Opener, n int64) (io.ReadCloser, error) {
	if h.dataFile == "" {
		plain, err := h.decoded(r, n)
		return io.NopCloser(plain), err
	}
	names, err := h.names()
	if err != nil {
		return nil, err
	}
	switch {
	case open == nil:
		return nil, fmt.Errorf("%w: a header whose voxels lie in another file", ErrUnsupported)
	case n%int64(len(names)) != 0:
		return nil, fmt.Errorf("%w: voxels that do not fill %d files alike", ErrNotNRRD, len(names))
	}
	return &fileReader{header: h, open: open, names: names, each: n / int64(len(names))}, nil
}

// isList says whether the names of the data files follow the header.
func isList(value string) bool {
	return value == "LIST" || strings.HasPrefix(value, "LIST ")
}

func (h *header) readList(lines *liner) error {
	for {
		line, err := lines.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if line != "" && line[0] != '#' {
			h.listed = append(h.listed, line)
		}
		if errors.Is(err, io.EOF) {
			return h.check()
		}
	}
}

// numbered is a data file field of the form "name%03d.raw 1 100 1", with perhaps
// the dimension of each file behind it, which says nothing that sizes do not.
var numbered = regexp.MustCompile(`^([^%]*)%(0?)([0-9]?)d([^%]*?)\s+(-?[0-9]+)\s+(-?[0-9]+)\s+(-?[0-9]+)(?:\s+[0-9]+)?$`)

// names returns the data files' names, none of which may leave the folder.
func (h *header) names() ([]string, error) {
	names := h.listed
	if !isList(h.dataFile) {
		names = []string{h.dataFile}
		if m := numbered.FindStringSubmatch(h.dataFile); m != nil {
			var err error
			if names, err = numberedNames(m); err != nil {
				return nil, err
			}
		}
	}
	if len(names) == 0 || len(names) > maxFiles {
		return nil, fmt.Errorf("%w: %d data files", ErrUnsupported, len(names))
	}
	plain := make([]string, len(names))
	for i, name := range names {
		plain[i] = strings.TrimPrefix(strings.TrimSpace(name), "./")
		if plain[i] == "" || plain[i] == "." || plain[i] == ".." || strings.ContainsAny(plain[i], "/\\\x00") {
			return nil, fmt.Errorf("%w: voxels in a file that is not in the header's folder", ErrUnsupported)
		}
	}
	return plain, nil
}

func numberedNames(m []string) ([]string, error) {
	var bounds [3]int
	for i, s := range m[5:8] {
		n, err := strconv.Atoi(s)
		if err != nil || len(s) > maxDigits {
			return nil, fmt.Errorf("%w: numbers of data files beyond bounds", ErrUnsupported)
		}
		bounds[i] = n
	}
	low, high, step := bounds[0], bounds[1], bounds[2]
	if step == 0 || (high-low)/step < 0 || (high-low)/step >= maxFiles {
		return nil, fmt.Errorf("%w: numbers of data files beyond bounds", ErrUnsupported)
	}
	var names []string
	for n := low; step > 0 && n <= high || step < 0 && n >= high; n += step {
		format := "%" + m[2] + m[3] + "d" // a digit or two, as the expression has it
		names = append(names, m[1]+fmt.Sprintf(format, n)+m[4])
	}
	return names, nil
}

// fileReader reads data files one after another, the same number of bytes of each.
type fileReader struct {
	header *header
	open   Opener
	names  []string
	each   int64

	file    io.ReadCloser
	current *io.LimitedReader
}

func (f *fileReader) Read(p []byte) (int, error) {
	for {
		if f.current == nil {
			if len(f.names) == 0 {
				return 0, io.EOF
			}
			if err := f.next(); err != nil {
				return 0, err
			}
		}
		n, err := f.current.Read(p)
		ended := errors.Is(err, io.EOF)
		switch {
		case err != nil && !ended:
			return n, err
		case n > 0:
			return n, nil
		case ended:
			if f.current.N > 0 {
				return 0, io.ErrUnexpectedEOF
			}
			if err := errors.Join(voxelio.End(f.current.R), f.Close()); err != nil {
				return 0, err
			}
		}
	}
}

func (f *fileReader) next() (err error) {
	if f.file, err = f.open(f.names[0]); err != nil {
		return fmt.Errorf("opening a data file: %w", err)
	}
	f.names = f.names[1:]
	plain, err := f.header.decoded(bufio.NewReaderSize(f.file, 1<<18), f.each)
	if err != nil {
		return err
	}
	f.current = &io.LimitedReader{R: plain, N: f.each}
	return nil
}

// Close closes the file that is open, if any.
func (f *fileReader) Close() error {
	if f.file == nil {
		return nil
	}
	file := f.file
	f.file, f.current = nil, nil
	return file.Close()
}
