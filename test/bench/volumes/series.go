package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ctcohort/io/dicomio"
	"ctcohort/transforms/series"
)

// series reads a folder's files as the stage does: the headers of all, then the
// pixels of each as the volume asks for them.
func (s *session) series(folder []string, _ []float64) error {
	entries, err := os.ReadDir(folder[0])
	if err != nil {
		return err
	}
	var headers []dicomio.SliceHeader
	var files []string // of each header
	for _, entry := range entries {
		file := filepath.Join(folder[0], entry.Name())
		read, err := of(file, dicomio.ReadSliceHeaders)
		if err != nil {
			return err
		}
		for _, h := range read {
			headers, files = append(headers, h), append(files, file)
		}
	}
	stacks, _, err := series.Plan(headers, func(int, int) (bool, error) { return false, nil })
	if err != nil {
		return err
	}
	if len(stacks) != 1 {
		return fmt.Errorf("%d volumes in one series", len(stacks))
	}
	s.out, _, err = stacks[0].Build(func(i int) ([]int16, error) {
		slice, err := of(files[i], dicomio.ReadSlice)
		if err != nil {
			return nil, err
		}
		return slice.HU, nil
	})
	return err
}

func of[T any](file string, read func(io.Reader) (T, error)) (T, error) {
	f, err := os.Open(file)
	if err != nil {
		var none T
		return none, err
	}
	defer f.Close()
	return read(f)
}
