package nrrdio

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"ctcohort/io/voxelio"
)

const (
	maxHeader    = 4 << 20 // bytes
	maxDimension = 16      // as the format says
)

// header is what a volume needs of a NRRD header.
type header struct {
	kind                 voxelio.Type
	typed                bool
	dimension            int
	sizes                []int64
	encoding             string
	order                binary.ByteOrder
	space                string
	spaceDimension       int
	spaceUnits, units    []string
	directions           [][]float64 // of each axis; nil for none
	origin               []float64
	spacings, mins, maxs []float64
	centerings, kinds    []string
	lineSkip, byteSkip   int64
	dataFile             string
	listed               []string          // names that follow the header
	pairs                map[string]string // key/value pairs
}

// readHeader reads up to the voxels, or all of a detached header.
func readHeader(r *bufio.Reader) (*header, error) {
	lines := liner{r: r}
	magic, err := lines.next()
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case !strings.HasPrefix(magic, "NRRD"):
		return nil, ErrNotNRRD
	case len(magic) != 8 || magic < "NRRD0001" || magic > "NRRD0005":
		return nil, fmt.Errorf("%w: a version other than NRRD0001 to NRRD0005", ErrUnsupported)
	}
	h := &header{order: nil, pairs: map[string]string{}}
	seen := map[string]bool{}
	for {
		line, err := lines.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if line == "" { // the end of the header, or of the file
			break
		}
		if line[0] == '#' {
			continue
		}
		if field, value, ok := fieldOf(line); ok {
			if seen[field] {
				return nil, fmt.Errorf("%w: the field %s stands twice", ErrNotNRRD, field)
			}
			seen[field] = true
			if err := h.set(field, value); err != nil {
				return nil, err
			}
			if field == "data file" && isList(value) {
				return h, h.readList(&lines)
			}
		} else if key, value, ok := strings.Cut(line, ":="); ok {
			h.pairs[key] = unescape(value)
		} else if !strings.Contains(line, ":") {
			return nil, fmt.Errorf("%w: a line of its header is no field", ErrNotNRRD)
		}
	}
	return h, h.check()
}

// fieldOf splits a line into one of the known fields and its value.
func fieldOf(line string) (field, value string, ok bool) {
	name, value, found := strings.Cut(line, ":")
	if !found || strings.HasPrefix(value, "=") {
		return "", "", false
	}
	field, ok = fields[strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "")]
	return field, strings.TrimSpace(value), ok
}

// fields are the fields that are read, by their names without spaces.
var fields = map[string]string{
	"type": "type", "dimension": "dimension", "sizes": "sizes", "encoding": "encoding", "endian": "endian",
	"space": "space", "spacedimension": "space dimension", "spacedirections": "space directions", "spaceorigin": "space origin",
	"spaceunits": "space units", "units": "units", "spacings": "spacings", "axismins": "axis mins", "axismaxs": "axis maxs",
	"centers": "centerings", "centerings": "centerings", "kinds": "kinds",
	"lineskip": "line skip", "byteskip": "byte skip", "datafile": "data file",
}

func (h *header) set(field, value string) (err error) {
	switch field {
	case "type":
		h.kind, h.typed = types[strings.Join(strings.Fields(strings.ToLower(value)), " ")]
		if !h.typed {
			return fmt.Errorf("%w: voxels of another type than whole or floating-point numbers", ErrUnsupported)
		}
	case "dimension":
		h.dimension, err = strconv.Atoi(value)
	case "sizes":
		for _, s := range strings.Fields(value) {
			n, bad := strconv.ParseInt(s, 10, 64)
			if bad != nil || n < 1 {
				return fmt.Errorf("%w: a size that is no whole number above 0", ErrNotNRRD)
			}
			h.sizes = append(h.sizes, n)
		}
	case "encoding":
		h.encoding = strings.ToLower(value)
	case "endian":
		switch strings.ToLower(value) {
		case "little":
			h.order = binary.LittleEndian
		case "big":
			h.order = binary.BigEndian
		default:
			return fmt.Errorf("%w: an endian that is neither little nor big", ErrNotNRRD)
		}
	case "space":
		h.space = strings.ToLower(value)
	case "space dimension":
		h.spaceDimension, err = strconv.Atoi(value)
	case "space directions":
		h.directions, err = vectors(value)
	case "space origin":
		var v [][]float64
		if v, err = vectors(value); err == nil && len(v) == 1 {
			h.origin = v[0]
		}
	case "space units":
		h.spaceUnits = quoted(value)
	case "units":
		h.units = quoted(value)
	case "spacings":
		h.spacings, err = numbers(value)
	case "axis mins":
		h.mins, err = numbers(value)
	case "axis maxs":
		h.maxs, err = numbers(value)
	case "centerings":
		h.centerings = strings.Fields(strings.ToLower(value))
	case "kinds":
		h.kinds = strings.Fields(strings.ToLower(value))
	case "line skip":
		h.lineSkip, err = strconv.ParseInt(value, 10, 64)
	case "byte skip":
		h.byteSkip, err = strconv.ParseInt(value, 10, 64)
	case "data file":
		h.dataFile = value
	}
	if err != nil {
		return fmt.Errorf("%w: the field %s is no number where it must be", ErrNotNRRD, field)
	}
	return nil
}

// check says whether the fields that every file has are there and agree.
func (h *header) check() error {
	switch {
	case !h.typed, h.encoding == "", h.dimension == 0, h.sizes == nil:
		return fmt.Errorf("%w: its type, dimension, sizes or encoding is missing", ErrNotNRRD)
	case h.dimension < 1 || h.dimension > maxDimension || len(h.sizes) != h.dimension:
		return fmt.Errorf("%w: it claims %d dimensions and has %d sizes", ErrNotNRRD, h.dimension, len(h.sizes))
	case h.lineSkip < 0 || h.lineSkip > maxSkip || h.byteSkip < -1 || h.byteSkip > maxSkip:
		return fmt.Errorf("%w: its voxels would start after %d lines and %d bytes", ErrNotNRRD, h.lineSkip, h.byteSkip)
	}
	for _, axes := range []int{len(h.directions), len(h.spacings), len(h.mins), len(h.maxs), len(h.centerings), len(h.kinds), len(h.units)} {
		if axes != 0 && axes != h.dimension {
			return fmt.Errorf("%w: %d dimensions, and a field for %d axes", ErrNotNRRD, h.dimension, axes)
		}
	}
	return nil
}

// unescape undoes what key/value pairs do to line ends and backslashes.
func unescape(value string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n").Replace(value)
}

// liner reads the lines of a header, which end as in Unix or in DOS.
type liner struct {
	r    *bufio.Reader
	read int
}

// next returns a line without its end; at the end of the file io.EOF.
func (l *liner) next() (string, error) {
	var line []byte
	for {
		part, err := l.r.ReadSlice('\n')
		line = append(line, part...)
		if l.read += len(part); l.read > maxHeader {
			return "", fmt.Errorf("%w: its header does not end", ErrNotNRRD)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		text := strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")
		return text, err
	}
}
