package dicomio

import (
	"bufio"
	"io"
	"unsafe"
)

// Bounds on what is held in memory for one file; pixel data is not among it.
const (
	maxValue     = 16 << 20 // one value outside pixel data
	maxTree      = 20 << 20 // all that is taken for values, elements and items outside pixel data
	maxDepth     = 64       // sequences within sequences
	arenaChunk   = 32 << 10 // small values share their memory; a quarter of it to begin with
	allocateStep = 1 << 20  // a value's memory grows as its bytes arrive
)

// source gives the bytes of a data set, counts them, and accounts for the
// memory that they take.
type source struct {
	r      *bufio.Reader
	offset int64
	budget *int64
	arena  *[]byte
}

func newSource(r io.Reader, size int) *source {
	budget := int64(maxTree)
	var arena []byte
	return &source{r: bufio.NewReaderSize(r, size), budget: &budget, arena: &arena}
}

// over returns a source of other bytes that shares s's bounds.
func (s *source) over(r io.Reader, size int) *source {
	return &source{r: bufio.NewReaderSize(r, size), budget: s.budget, arena: s.arena}
}

func (s *source) peek(n int) ([]byte, error) { return s.r.Peek(n) }

func (s *source) skip(n int) {
	s.r.Discard(n) // peeked before, so it cannot fail
	s.offset += int64(n)
}

func (s *source) spend(n int) error {
	*s.budget -= int64(n)
	if *s.budget < 0 {
		return unparseable("more than 20 MiB of memory for what is outside pixel data")
	}
	return nil
}

// room returns list with space for one more at its end; first is how many are
// expected. What it takes is spent, what the list had before is given back.
func room[T any](s *source, list []T, first int) ([]T, error) {
	if len(list) < cap(list) {
		return list, nil
	}
	n := max(first, 2*len(list))
	if len(list) > 1<<10 {
		n = len(list) + len(list)/4
	}
	var one T
	each := int(unsafe.Sizeof(one))
	if err := s.spend(n * each); err != nil {
		return nil, err
	}
	*s.budget += int64(cap(list) * each)
	return append(make([]T, 0, n), list...), nil
}

// bytes reads a value of n bytes. Memory is taken as bytes arrive, so a length
// that lies costs nothing.
func (s *source) bytes(n uint32) ([]byte, error) {
	if n == 0 {
		return nil, nil
	}
	if n > maxValue {
		return nil, unparseable("a value of more than 16 MiB outside pixel data")
	}
	if n > arenaChunk/4 {
		if err := s.spend(int(n)); err != nil {
			return nil, err
		}
		return s.large(int(n))
	}
	if len(*s.arena) < int(n) {
		chunk := arenaChunk
		if *s.arena == nil {
			chunk /= 4
		}
		if err := s.spend(chunk); err != nil {
			return nil, err
		}
		*s.arena = make([]byte, chunk)
	}
	value := (*s.arena)[:n:n]
	if _, err := io.ReadFull(s.r, value); err != nil {
		return nil, readError(err, "a value")
	}
	*s.arena = (*s.arena)[n:]
	s.offset += int64(n)
	return value, nil
}

func (s *source) large(n int) ([]byte, error) {
	value := make([]byte, 0, min(n, allocateStep))
	for len(value) < n {
		from := len(value)
		if from == cap(value) { // twice as much at a time, and never more than n
			value = append(make([]byte, 0, min(n, 2*from)), value...)
		}
		value = value[:cap(value)]
		if _, err := io.ReadFull(s.r, value[from:]); err != nil {
			return nil, readError(err, "a value")
		}
	}
	s.offset += int64(n)
	return value, nil
}
