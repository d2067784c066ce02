package voxelio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
	"testing"
)

func TestReadEveryType(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, test := range []struct {
			kind Type
			file []byte
			want []int16
		}{
			{Uint8, []byte{0, 200}, []int16{0, 200}},
			{Int8, []byte{0x80, 5}, []int16{-128, 5}},
			{Uint16, order.AppendUint16(order.AppendUint16(nil, 65535), 3), []int16{math.MaxInt16, 3}},
			{Int16, order.AppendUint16(order.AppendUint16(nil, 0xfc00), 3), []int16{-1024, 3}},
			{Uint32, order.AppendUint32(order.AppendUint32(nil, 1<<31), 7), []int16{math.MaxInt16, 7}},
			{Int32, order.AppendUint32(order.AppendUint32(nil, 0xffffffff), 7), []int16{-1, 7}},
			{Uint64, order.AppendUint64(order.AppendUint64(nil, 1<<63), 9), []int16{math.MaxInt16, 9}},
			{Int64, order.AppendUint64(order.AppendUint64(nil, math.MaxUint64), 9), []int16{-1, 9}},
			{Float32, order.AppendUint32(order.AppendUint32(nil, math.Float32bits(-0.5)), math.Float32bits(2.5)), []int16{-1, 3}},
			{Float64, order.AppendUint64(order.AppendUint64(nil, math.Float64bits(0.49)), math.Float64bits(-1e300)), []int16{0, math.MinInt16}},
		} {
			f := Format{Type: test.kind, Order: order.(binary.ByteOrder), Slope: 1}
			got, err := Read(bytes.NewReader(test.file), 2, f, HU)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("type %d, %v: %v, %v; want %v", test.kind, order, got, err, test.want)
			}
			if _, err := Read(bytes.NewReader(test.file[:len(test.file)-1]), 2, f, HU); !errors.Is(err, ErrTruncated) {
				t.Errorf("type %d, a byte too few: %v, want ErrTruncated", test.kind, err)
			}
		}
	}
}

func TestReadScales(t *testing.T) {
	got, err := Read(bytes.NewReader([]byte{0, 100, 255}), 3, Format{Type: Uint8, Slope: 0.5, Inter: -10}, HU)
	if want := []int16{-10, 40, 118}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

// Beyond what is trusted, memory grows with what is read: a header's claim alone
// takes no more than that.
func TestReadGrowsWithTheFile(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 80 MB")
	}
	const n = trusted + trusted/4
	got, err := Read(io.LimitReader(ones{}, n), n, Format{Type: Uint8, Slope: 1}, Label)
	if err != nil || len(got) != n || cap(got) != n || got[0] != 1 || got[n-1] != 1 {
		t.Errorf("%d voxels with room for %d, %v; want %d of 1", len(got), cap(got), err, n)
	}
	if _, err := Read(io.LimitReader(ones{}, 10), 1<<40, Format{Type: Uint8, Slope: 1}, Label); !errors.Is(err, ErrTruncated) {
		t.Errorf("a claim of 2⁴⁰ voxels gives %v, want ErrTruncated", err)
	}
}

type ones struct{}

func (ones) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 1
	}
	return len(p), nil
}

func TestVoxels(t *testing.T) {
	for _, test := range []struct {
		sides []int64
		most  int
		want  int
		err   error
	}{
		{[]int64{3, 4, 5}, 60, 60, nil},
		{[]int64{3, 4, 5}, 59, 0, ErrTooLarge},
		{[]int64{1 << 40, 1 << 40, 1 << 40}, math.MaxInt, 0, ErrTooLarge}, // whose product wraps around
	} {
		if got, err := Voxels(test.sides, test.most); got != test.want || !errors.Is(err, test.err) {
			t.Errorf("Voxels(%v, %d) = %d, %v; want %d, %v", test.sides, test.most, got, err, test.want, test.err)
		}
	}
}

func TestGridRefuses(t *testing.T) {
	along := func(x, y, z [3]float64) [3][3]float64 { return [3][3]float64{x, y, z} }
	nan := math.NaN()
	for _, test := range []struct {
		name   string
		steps  [3][3]float64
		origin [3]float64
		ok     bool
	}{
		{"turned by 37°", along([3]float64{0.8, 0.6}, [3]float64{-0.6, 0.8}, [3]float64{0, 0, 2}), [3]float64{1, 2, 3}, true},
		{"0.04° off", along([3]float64{1}, [3]float64{0.0007, 1}, [3]float64{0, 0, 1}), [3]float64{}, true},
		{"sheared", along([3]float64{1}, [3]float64{0, 1}, [3]float64{0, 0.2, 1}), [3]float64{}, false},
		{"two axes alike", along([3]float64{1}, [3]float64{1}, [3]float64{0, 0, 1}), [3]float64{}, false},
		{"no length", along([3]float64{1}, [3]float64{}, [3]float64{0, 0, 1}), [3]float64{}, false},
		{"no number", along([3]float64{1}, [3]float64{0, nan}, [3]float64{0, 0, 1}), [3]float64{}, false},
		{"far away", along([3]float64{1}, [3]float64{0, 1}, [3]float64{0, 0, 1}), [3]float64{1e9}, false},
		{"nowhere", along([3]float64{1}, [3]float64{0, 1}, [3]float64{0, 0, 1}), [3]float64{0, nan}, false},
	} {
		_, err := Grid([3]int{1, 1, 1}, test.steps, test.origin, [3]float64{})
		if test.ok != (err == nil) || err != nil && !errors.Is(err, ErrGeometry) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
