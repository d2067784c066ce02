package phantom

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"ctcohort/io/niftiio"
	"ctcohort/model/volume"
)

// made is what one patient adds to the manifest.
type made struct {
	patient Patient
	bad     []BadFile
}

// Kinds of reference.
const (
	LabelSEG   = "seg"
	LabelNIfTI = "nifti"
	LabelNone  = "none"
)

func (o Options) labelKind(k int) string {
	if spread(newDice(o.Seed, o.Cohort, 0, "unlabelled").Float64(), k) < o.Unlabelled {
		return LabelNone
	}
	if k/2%2 == 0 {
		return LabelSEG
	}
	return LabelNIfTI
}

// session is the making of one patient.
type session struct {
	o       Options
	k       int
	who     *identity
	g       *scan
	series  []*writer
	labels  *volume.Volume[uint8]
	example *dataset // a good slice, from which bad files are made
}

// writer is a CT series being written.
type writer struct {
	number   int
	header   *dataset
	folder   string
	detector *detector
}

// makePatient draws, renders and writes patient k.
func makePatient(ctx context.Context, o Options, k int) (made, error) {
	roll := func(stream string) dice { return newDice(o.Seed, o.Cohort, k, stream) }
	body := newAnatomy(roll("anatomy"), o.Cohort)
	g := newScan(roll("scan"), body, o.Seed, o.Cohort, k, o.Size, o.MaxSlices)
	body.drawLesions(roll("lesions"), g.zs[0], g.zs[len(g.zs)-1])
	s := &session{o: o, k: k, g: g, who: newIdentity(roll("identity"), o.Cohort, body.female, k, g.uidRoot)}
	s.labels = volume.New[uint8](g.grid())
	for i, kern := range g.kernels {
		n := 2 + i
		s.series = append(s.series, &writer{
			number: n, header: s.who.seriesHeader(g, kern, n),
			folder:   s.who.folder(o.Cohort, k, n, "Thorax "+kern.name),
			detector: newDetector(roll(fmt.Sprintf("noise %d", i)), g, kern),
		})
	}
	if err := s.writeSlices(ctx, newPainter(body)); err != nil {
		return made{}, err
	}
	out := made{patient: Patient{
		Index: k, PatientID: s.who.id, Manufacturer: g.maker, Implicit: g.implicit,
		ArmPose: [...]string{armsUp: "up", armsDown: "down", armsAbsent: "absent"}[body.pose],
	}}
	for _, w := range s.series {
		labelled, err := s.writeLabels(w)
		if err != nil {
			return made{}, err
		}
		labelled.Lesions = len(body.lesions)
		out.patient.Series = append(out.patient.Series, labelled)
		out.patient.Infected = labelled.InfectionML > 0
	}
	var err error
	if !o.NoBad {
		out.bad, err = s.writeBad(roll("bad"))
	}
	out.patient.Identifiers = s.who.known
	return out, err
}

// grid returns the assembled volume's grid in patient coordinates.
func (g *scan) grid() volume.Grid {
	return volume.Grid{
		Size: [3]int{g.size, g.size, len(g.zs)}, SpacingMM: [3]float64{g.pixelMM, g.pixelMM, g.intervalMM},
		OriginMM: g.position(0), Direction: volume.Identity(),
	}
}

// writeSlices renders plane by plane and writes each slice of each series.
func (s *session) writeSlices(ctx context.Context, p *painter) error {
	g, plane := s.g, newPlane(s.g)
	n := g.size * g.size
	mean, stored := make([]float32, n), make([]uint16, n)
	headFirst := s.k%4 < 2
	for i, z := range g.zs {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		clear(mean)
		for sub := range g.subSlices {
			shift := (float64(sub) + 0.5 - float64(g.subSlices)/2) / float64(g.subSlices)
			p.paint(plane, z+shift*g.thicknessMM)
			for j, v := range plane.hu {
				mean[j] += v / float32(g.subSlices)
			}
			if sub == g.subSlices/2 {
				copy(s.labels.Data[i*n:][:n], plane.label)
			}
		}
		g.blindOutside(s.labels.Data[i*n:][:n])
		number := i + 1
		if headFirst {
			number = len(g.zs) - i
		}
		for _, w := range s.series {
			w.detector.expose(mean, z, stored)
			d := s.who.slice(w.header, g, w.number, i, number, stored)
			file := d.file(ctImage, s.who.instanceUID(w.number, i+1), s.who.aeTitle, s.who.preamble, g.implicit)
			if err := s.write(path.Join(w.folder, s.who.fileName(s.k, w.number, number)), file); err != nil {
				return err
			}
			if s.example == nil {
				s.example = d
			}
		}
	}
	return nil
}

// blindOutside clears the label outside a circular field of view.
func (g *scan) blindOutside(label []uint8) {
	if !g.circular {
		return
	}
	center := float64(g.size-1) / 2
	for j := range g.size {
		for i := range g.size {
			dx, dy := float64(i)-center, float64(j)-center
			if dx*dx+dy*dy > 0.25*float64(g.size*g.size) {
				label[j*g.size+i] = background
			}
		}
	}
}

// writeLabels writes the reference of w and returns the manifest's entry.
func (s *session) writeLabels(w *writer) (Series, error) {
	g := s.g
	out := Series{
		SeriesUID: s.who.seriesUID(w.number), StudyUID: s.who.studyUID(), FrameUID: s.who.frameUID(),
		Folder: w.folder, Grid: g.grid(), ThicknessMM: g.thicknessMM, Kernel: w.detector.k.name,
		Intercept: g.intercept, LabelKind: s.o.labelKind(s.k),
	}
	if g.circular {
		hu := float64(int(int16(g.paddingStored())) + g.intercept)
		if !g.signed {
			hu = float64(int(g.paddingStored()) + g.intercept)
		}
		out.PaddingHU = &hu
	}
	for _, l := range s.labels.Data {
		if l != background {
			out.LungML += g.grid().VoxelML()
		}
		if l == infected {
			out.InfectionML += g.grid().VoxelML()
		}
	}
	switch out.LabelKind {
	case LabelSEG:
		n := 700 + w.number
		out.LabelPath = path.Join(s.who.folder(s.o.Cohort, s.k, n, "SEG"), s.who.fileName(s.k, n, 1))
		return out, s.write(out.LabelPath, s.who.segFile(g, s.labels, w.number, n))
	case LabelNIfTI:
		out.LabelPath = path.Join("labels", out.SeriesUID+".nii.gz")
		var b bytes.Buffer
		if err := niftiio.Write(&b, s.labels, true); err != nil {
			return out, fmt.Errorf("encoding labels: %w", err)
		}
		return out, s.write(out.LabelPath, b.Bytes())
	}
	return out, nil
}

func (s *session) writeBad(d dice) ([]BadFile, error) {
	var out []BadFile
	for _, kind := range drawBadKinds(d, s.k) {
		name, content := s.who.badFile(d, kind, s.g, s.example, s.series[0].folder)
		if err := s.write(name, content); err != nil {
			return out, err
		}
		out = append(out, BadFile{Path: name, Patient: s.k, Reason: kind})
	}
	return out, nil
}

// write writes a file below the archive's root. Its error leaves the path
// out, for it names the patient.
func (s *session) write(name string, content []byte) error {
	full := filepath.Join(s.o.Out, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return fmt.Errorf("making a folder of the archive: %w", withoutPath(err))
	}
	if err := os.WriteFile(full, content, 0o644); err != nil {
		return fmt.Errorf("writing a file of the archive: %w", withoutPath(err))
	}
	return nil
}

func withoutPath(err error) error {
	if pe, ok := err.(*os.PathError); ok {
		return pe.Err
	}
	return err
}
