package model

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bytesField returns a field of bytes of a message.
func bytesField(number uint64, value []byte) []byte {
	b := binary.AppendUvarint(nil, number<<3|2)
	return append(binary.AppendUvarint(b, uint64(len(value))), value...)
}

func entry(key, value string) []byte {
	return bytesField(14, append(bytesField(1, []byte(key)), bytesField(2, []byte(value))...))
}

// The file was written by the onnx package of Python; the session test reads
// the same metadata from it through ONNX Runtime.
func TestReadMetadataOfAFile(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("onnx", "testdata", "tiny.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadMetadata(bytes.NewReader(data))
	want := map[string]string{
		"ctcohort.format": "1", "ctcohort.name": "tiny", "ctcohort.network": "threshold", "ctcohort.width": "1",
		"ctcohort.spacing_mm": "3,3,3", "ctcohort.window_hu": "-1250,250", "ctcohort.patch_size": "16,8,24",
		"ctcohort.classes": "background,lung,infection",
	}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("ReadMetadata = %v, %v; want %v", got, err, want)
	}
	for cut := 1; cut < len(data); cut++ {
		if got, err := ReadMetadata(bytes.NewReader(data[:cut])); err == nil && maps.Equal(got, want) {
			t.Errorf("ReadMetadata of the first %d of %d bytes gives all metadata and no error", cut, len(data))
		}
	}
}

func TestReadMetadataRefuses(t *testing.T) {
	huge := binary.AppendUvarint(binary.AppendUvarint(nil, 14<<3|2), 1<<40)
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"a length that lies", append(entry("a", "b"), huge...), "take more than"},
		{"a graph that is cut", append(entry("a", "b"), 7<<3|2, 100, 1), "unexpected EOF"},
		{"a negative length", binary.AppendUvarint([]byte{7<<3 | 2}, 1<<63), "no ONNX file"},
		{"a group", []byte{1<<3 | 3}, "no ONNX file"},
		{"field 0", []byte{2}, "no ONNX file"},
		{"too much in all", bytes.Repeat(entry("k", strings.Repeat("v", 1<<20)), 5), "take more than"},
	}
	for _, tt := range tests {
		got, err := ReadMetadata(bytes.NewReader(tt.data))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: ReadMetadata = %v, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

func FuzzReadMetadata(f *testing.F) {
	f.Add(entry("key", "value"))
	f.Add([]byte{7<<3 | 2, 3, 1, 2, 3})
	f.Fuzz(func(t *testing.T, data []byte) {
		metadata, err := ReadMetadata(bytes.NewReader(data))
		if err != nil && metadata != nil {
			t.Error("metadata come with an error")
		}
		size := 0
		for k, v := range metadata {
			size += len(k) + len(v)
		}
		if size > len(data) {
			t.Errorf("%d bytes of metadata from %d", size, len(data))
		}
		again, err2 := ReadMetadata(bytes.NewReader(append(bytes.Clone(data), entry("ctcohort.added", "1")...)))
		if err == nil && (err2 != nil || again["ctcohort.added"] != "1") {
			t.Errorf("an entry that follows is lost: %v", errors.Join(err2))
		}
	})
}
