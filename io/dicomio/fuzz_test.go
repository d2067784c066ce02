package dicomio

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzRewrite: what can be read is written back byte for byte, deflated data
// sets as they inflate; what cannot is refused with a code. Nothing panics.
func FuzzRewrite(f *testing.F) {
	for _, file := range cases() {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, file, err := rewrite(bytes.NewReader(data))
		var bad *Error
		if errors.As(err, &bad) {
			return
		}
		if err != nil {
			t.Fatalf("rewrite() = %v, want a *Error", err)
		}
		if want := original(data, file); !sameButPadding(got, want) {
			t.Fatalf("rewrite() =\n%x, want\n%x", got, want)
		}
	})
}

// FuzzReadTwice: the tree of what was written is the tree that was read.
func FuzzReadTwice(f *testing.F) {
	for _, file := range cases() {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := ReadHeader(bytes.NewReader(data))
		if err != nil || first.Syntax.Deflated {
			return
		}
		again, err := ReadHeader(bytes.NewReader(first.AppendPixelHeader(first.AppendDataset(first.AppendMeta(nil), first.Dataset))))
		if err != nil {
			t.Fatalf("reading what was written: %v", err)
		}
		if len(again.Dataset) != len(first.Dataset) || again.Syntax != first.Syntax {
			t.Fatalf("%d elements, %+v; want %d, %+v", len(again.Dataset), again.Syntax, len(first.Dataset), first.Syntax)
		}
	})
}
