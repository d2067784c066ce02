package dicomio

import (
	"bufio"
	"io"
)

// Bounds on what is held in memory for one file; pixel data is not among it.
const (
	maxValue     = 16 << 20 // one value outside pixel data
	maxTree      = 24 << 20 // all values and elements outside pixel data
	maxDepth     = 64       // sequences within sequences
	elementCost  = 160      // what an element costs besides its value
	arenaChunk   = 32 << 10
	allocateStep = 1 << 20 // a value's memory grows as its bytes arrive
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
	arena := []byte{}
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

func (s *source) spend(n int64) error {
	*s.budget -= n
	if *s.budget < 0 {
		return unparseable("more than 24 MiB outside pixel data")
	}
	return nil
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
	if err := s.spend(int64(n)); err != nil {
		return nil, err
	}
	if n > arenaChunk/4 {
		return s.large(int(n))
	}
	if len(*s.arena) < int(n) {
		*s.arena = make([]byte, arenaChunk)
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
		step := min(n-len(value), max(len(value), allocateStep))
		value = append(value, make([]byte, step)...)
		if _, err := io.ReadFull(s.r, value[len(value)-step:]); err != nil {
			return nil, readError(err, "a value")
		}
	}
	s.offset += int64(n)
	return value[:n:n], nil
}
