package deid

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"testing"

	"ctcohort/io/dicomio"
)

// infest puts canaries in place of all that identifies in a real data set and
// adds attributes with some, at every depth.
func (m *team) infest(d *dicomio.Dataset, top bool) {
	for i := range *d {
		e := &(*d)[i]
		for j := range e.Items {
			if j < 12 {
				m.infest(&e.Items[j].Dataset, false)
			}
		}
		entry, known := dicomio.Lookup(e.Tag)
		switch {
		case e.Items != nil || len(e.Value) == 0 || verbatim[e.Tag] || spared[e.Tag] || e.VR == "UI" && wellKnown(trimmed(string(e.Value))) || e.VR == "CS" || known && classOf(entry.VRs[0]) >= classNumber && e.VR != "UI" && classOf(e.VR) != classDate && classOf(e.VR) != classTime:
		case e.VR == "DS" || e.VR == "IS":
		default:
			if value := m.value(e.Tag, e.VR); value != nil && dicomio.Fits(e.VR, len(value)+1) {
				e.Value = pad(value, ' ')
			}
		}
	}
	for range 25 {
		t := dictionary[m.rng.Intn(len(dictionary))]
		entry, _ := dicomio.Lookup(t)
		vr := entry.VRs[0]
		if _, has := d.Find(t); has || spared[t] || vr == "SQ" || classOf(vr) == classNumberText || vr == "CS" || t.Group() == 0x0028 || t.Group() == 0x7FE0 || top && t.Group() == 0x6000 {
			continue
		}
		if value := m.value(t, vr); value != nil {
			d.Put(dicomio.NewElement(t, vr, pad(value, ' ')))
		}
	}
	d.Put(dicomio.NewElement(0x00290010, "LO", pad(m.text(m.word(0x00290010)), ' ')))
	d.Put(dicomio.NewElement(0x00291001, "UN", pad(m.text(m.word(0x00291001)), ' ')))
}

// TestRedTeamObjects: of canaries in compressed images, segmentations and
// structure sets nothing comes through, and none is rejected that was not before.
func TestRedTeamObjects(t *testing.T) {
	root := fixtures(t)
	syntaxes, classes := map[string]int{}, map[string]int{}
	for n, dir := range []string{"seg_dcmqi", "rtstruct_dicompyler", "ts_cornerstone_ct", "ts_wg04_ct", "odd_dicognito"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if _, err := newDeidentifierOf("research").File(bytes.NewReader(data), into(&bytes.Buffer{})); err != nil {
				return nil // rejected as it is
			}
			r, f, err := dicomio.NewReader(bytes.NewReader(data))
			if err != nil {
				return err
			}
			m := &team{letters: []rune("äßЖ山"), set: charset{"ISO_IR 192"}, rng: rand.New(rand.NewSource(int64(n))), planted: map[string]dicomio.Tag{}, own: canaryWord + "own"}
			m.infest(&f.Dataset, true)
			f.Dataset.Put(dicomio.TextElement(tagCharset, "CS", "ISO_IR 192"))
			f.Dataset.Put(dicomio.TextElement(tagPatientName, "PN", m.own+"^"+canaryWord))
			f.Dataset.Put(dicomio.TextElement(tagPatientID, "LO", canaryID))
			f.Dataset.Put(dicomio.TextElement(0x00081090, "LO", "Unit "+m.own))
			var file, pixels bytes.Buffer
			file.Write(f.AppendMeta(nil))
			body := dicomio.NewBody(&file, f.Syntax)
			if err := r.CopyPixel(&pixels); err != nil {
				return err
			}
			for _, part := range [][]byte{f.AppendPixelHeader(f.AppendDataset(nil, f.Dataset)), pixels.Bytes()} {
				if _, err := body.Write(part); err != nil {
					return err
				}
			}
			if err := body.Close(); err != nil {
				return err
			}
			if len(m.leaks(f.AppendDataset(nil, f.Dataset), "basic")) < 10 {
				t.Errorf("%s: the canaries are not in the input", filepath.Base(path))
			}
			for _, profile := range []string{"research", "basic"} {
				var out bytes.Buffer
				result, err := newDeidentifierOf(profile).File(bytes.NewReader(file.Bytes()), into(&out))
				var refused *Rejection
				if errors.As(err, &refused) {
					t.Errorf("%s, %s: %v", filepath.Base(path), profile, err)
					continue
				}
				if err != nil {
					return err
				}
				syntaxes[result.TransferSyntax]++
				classes[result.SOPClass]++
				written := out.Bytes()
				if f.Syntax.Deflated {
					written = inflated(t, written)
				}
				if f.Pixel != nil && !bytes.Contains(written, pixels.Bytes()) {
					t.Errorf("%s, %s: other pixels", filepath.Base(path), profile)
				}
				for _, leak := range m.leaks(bytes.Replace(written, pixels.Bytes(), nil, 1), profile) {
					t.Errorf("%s, %s: leaks %s", filepath.Base(path), profile, leak)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%v, %v", syntaxes, classes)
	if len(syntaxes) < 10 || len(classes) < 3 {
		t.Errorf("%d transfer syntaxes and %d classes, want 10 and 3", len(syntaxes), len(classes))
	}
}
