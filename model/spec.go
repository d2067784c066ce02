package model

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Format is the version of the metadata that ParseSpec reads.
const Format = "1"

// defaultSizeMultiple is what models leave unsaid that were exported before
// there were networks that halve their input more than three times.
const defaultSizeMultiple = 8

// maxPatch bounds a patch's edge in voxels, so that a mistaken model is refused
// and memory is not asked for.
const maxPatch = 1024

// Spec is what a model file says of itself, written into its ONNX metadata by
// train/export.py. Nothing else tells Go how to feed the network.
type Spec struct {
	Name         string     // the model's name in tables and folders: letters, digits, "-", "_" and "."
	Network      string     // the architecture, such as "covid_segnet"
	Width        int        // channels of its first layer
	SpacingMM    [3]float64 // x, y, z of the volumes it was trained on
	WindowHU     [2]float64 // low and high; the graph itself applies it
	SizeMultiple int        // divides every spatial size that the network takes
	PatchSize    [3]int     // x, y, z in voxels, multiples of SizeMultiple
	Precision    string     // of its layers: fp32, fp16 or int8; fp32 where it is unsaid
	Classes      []string   // names in the order of the output's channels; 0 is "background"
}

// ParseSpec reads a model's metadata. Every fault comes in one error, which
// says how to mend the model.
func ParseSpec(metadata map[string]string) (Spec, error) {
	p := specParser{metadata: metadata}
	if f := p.text("format"); f != "" && f != Format {
		p.fault("format", "is %q; this program reads %q", f, Format)
	}
	s := Spec{
		Name:      p.name("name"),
		Network:   p.text("network"),
		Width:     p.width("width"),
		SpacingMM: p.spacing("spacing_mm"),
		WindowHU:  p.window("window_hu"),
		Precision: p.precision("precision"),
		Classes:   p.classes("classes"),
	}
	s.SizeMultiple = p.multiple("size_multiple")
	s.PatchSize = p.patch("patch_size", s.SizeMultiple)
	if len(p.faults) > 0 {
		return Spec{}, fmt.Errorf("reading the model's metadata: %w\nExport the model again with train/export.py, which writes all of them",
			errors.Join(p.faults...))
	}
	return s, nil
}

// ReadSpec reads the spec from the metadata of an ONNX file, all of which it reads.
func ReadSpec(onnx io.Reader) (Spec, error) {
	metadata, err := ReadMetadata(onnx)
	if err != nil {
		return Spec{}, err
	}
	return ParseSpec(metadata)
}

// Precisions are what Spec.Precision may be.
var Precisions = []string{"fp32", "fp16", "int8"}

// The classes whose labels are fixed, whatever their place in a network's output.
const (
	Lung      = "lung"      // label 1
	Infection = "infection" // label 2
)

// Labels returns the label that each class is written as: lung 1, infection 2,
// any other class its place. So a network of infection alone, whose
// output has two channels, marks it as one of both does.
func (s Spec) Labels() []uint8 {
	labels := make([]uint8, len(s.Classes))
	for c, name := range s.Classes {
		switch name {
		case Lung:
			labels[c] = 1
		case Infection:
			labels[c] = 2
		default:
			labels[c] = uint8(c)
		}
	}
	return labels
}

// SameNetwork says whether two specs tell of one network on one grid, in whatever
// precision.
func (s Spec) SameNetwork(o Spec) bool {
	return s.Network == o.Network && s.Width == o.Width && s.SpacingMM == o.SpacingMM && s.WindowHU == o.WindowHU &&
		s.PatchSize == o.PatchSize && slices.Equal(s.Classes, o.Classes)
}

// Has says whether the network looks for a class.
func (s Spec) Has(class string) bool { return slices.Contains(s.Classes, class) }

// specParser collects the faults of metadata while it reads them.
type specParser struct {
	metadata map[string]string
	faults   []error
}

func (p *specParser) fault(key, format string, args ...any) {
	p.faults = append(p.faults, fmt.Errorf("ctcohort.%s %s", key, fmt.Sprintf(format, args...)))
}

// text returns the value of ctcohort.key; a missing or empty one is a fault.
func (p *specParser) text(key string) string {
	v := strings.TrimSpace(p.metadata["ctcohort."+key])
	if v == "" {
		p.fault(key, "is missing")
	}
	return v
}

// name returns a name that can stand as a folder's.
func (p *specParser) name(key string) string {
	v := p.text(key)
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r)
	}
	if strings.HasPrefix(v, ".") || strings.ContainsFunc(v, func(r rune) bool { return !plain(r) }) {
		p.fault(key, `is %q; a name holds letters, digits, "-", "_" and ".", and starts with no "."`, v)
	}
	if len(v) > 64 {
		p.fault(key, "has %d characters; at most 64 can stand", len(v))
	}
	return v
}

// numbers returns n finite numbers separated by commas, or nil after a fault.
func (p *specParser) numbers(key, want string, n int) []float64 {
	v := p.text(key)
	if v == "" {
		return nil
	}
	parts := strings.Split(v, ",")
	out := make([]float64, 0, n)
	for _, part := range parts {
		f, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			break
		}
		out = append(out, f)
	}
	if len(parts) != n || len(out) != n {
		p.fault(key, "is %q; it wants %s", v, want)
		return nil
	}
	return out
}

func (p *specParser) width(key string) int {
	v := p.text(key)
	w, err := strconv.Atoi(v)
	if v != "" && (err != nil || w < 1) {
		p.fault(key, "is %q; it wants a whole number above 0", v)
	}
	return w
}

func (p *specParser) spacing(key string) (out [3]float64) {
	f := p.numbers(key, "three spacings x,y,z in mm", 3)
	for i, mm := range f {
		if mm < 0.1 || mm > 20 {
			p.fault(key, "holds %g; a spacing lies between 0.1 and 20 mm", mm)
		}
		out[i] = mm
	}
	return out
}

func (p *specParser) window(key string) (out [2]float64) {
	f := p.numbers(key, "low,high in HU", 2)
	if f == nil {
		return out
	}
	if f[0] >= f[1] {
		p.fault(key, "is %g,%g; low stands first", f[0], f[1])
	}
	return [2]float64(f)
}

// precision returns fp32, which older models leave unsaid, or another that export writes.
func (p *specParser) precision(key string) string {
	v := strings.TrimSpace(p.metadata["ctcohort."+key])
	if v == "" {
		return "fp32"
	}
	if !slices.Contains(Precisions, v) {
		p.fault(key, "is %q; it wants one of %s", v, strings.Join(Precisions, ", "))
	}
	return v
}

// multiple returns what divides a size; where it is missing, what older models
// mean by that, and 1 after a fault.
func (p *specParser) multiple(key string) int {
	v := strings.TrimSpace(p.metadata["ctcohort."+key])
	if v == "" {
		return defaultSizeMultiple
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > maxPatch {
		p.fault(key, "is %q; it wants a whole number from 1 to %d", v, maxPatch)
		return 1
	}
	return n
}

func (p *specParser) patch(key string, multiple int) (out [3]int) {
	for i, f := range p.numbers(key, "three sizes x,y,z in voxels", 3) {
		n := int(f)
		if f != math.Trunc(f) || f < 1 || f > maxPatch || n%multiple != 0 {
			p.fault(key, "holds %g; a size is a multiple of %d up to %d", f, multiple, maxPatch)
		}
		out[i] = n
	}
	return out
}

func (p *specParser) classes(key string) []string {
	v := p.text(key)
	if v == "" {
		return nil
	}
	names := strings.Split(v, ",")
	seen, before := map[string]bool{}, len(p.faults)
	for i, n := range names {
		names[i] = strings.TrimSpace(n)
		if names[i] == "" || seen[names[i]] {
			p.fault(key, "is %q; each class has its own name", v)
			break
		}
		seen[names[i]] = true
	}
	if names[0] != "background" || len(names) < 2 || len(names) > 256 {
		p.fault(key, `is %q; it wants "background" and then 1 to 255 classes`, v)
	}
	labels := Spec{Classes: names}.Labels()
	if len(p.faults) == before && len(slices.Compact(slices.Sorted(slices.Values(labels)))) < len(labels) {
		p.fault(key, "is %q; lung has label 1 and infection 2, and another class stands in that place", v)
	}
	return names
}
