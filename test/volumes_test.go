package test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctcohort/configs"
	"ctcohort/io/niftiio"
	"ctcohort/model/volume"
	"ctcohort/schemas"
)

const person = "DOE^JANE" // planted in names and headers

// chest is a body with two lungs and a lesion, on a grid of 2 mm, and its label
// with the given values of left lung, right lung and infection. Direction is
// that of the index axes, so that the files come in many orientations.
func chest(direction [9]float64, values [3]uint8) (*volume.Volume[int16], *volume.Volume[uint8]) {
	g := volume.Grid{Size: [3]int{30, 24, 16}, SpacingMM: [3]float64{2, 2, 2}, OriginMM: [3]float64{-29, 13, -400}, Direction: direction}
	hu, label := volume.New[int16](g), volume.New[uint8](g)
	for z := range g.Size[2] {
		for y := range g.Size[1] {
			for x := range g.Size[0] {
				i := (z*g.Size[1]+y)*g.Size[0] + x
				hu.Data[i] = -1000
				if within(x, 14.5, 14)+within(y, 11.5, 11) > 1 {
					continue
				}
				hu.Data[i] = int16(40 + (x*7+y*5+z*3)%11)
				for side, centre := range []float64{9, 20} {
					if within(x, centre, 4)+within(y, 11.5, 7)+within(z, 7.5, 7) <= 1 {
						hu.Data[i], label.Data[i] = int16(-850+x%5), values[side]
					}
				}
				if within(x, 20, 2)+within(y, 12, 2)+within(z, 8, 2) <= 1 {
					hu.Data[i], label.Data[i] = -300, values[2]
				}
			}
		}
	}
	return hu, label
}

func within(at int, centre, radius float64) float64 {
	d := (float64(at) - centre) / radius
	return d * d
}

// writeNIfTI writes a file whose header holds a name and an extension that does.
func writeNIfTI[T volume.Voxel](t *testing.T, path string, v *volume.Volume[T]) {
	t.Helper()
	var b bytes.Buffer
	if err := niftiio.Write(&b, v, false); err != nil {
		t.Fatal(err)
	}
	file := b.Bytes()
	copy(file[148:], person) // descrip
	copy(file[228:], person) // aux_file
	copy(file[328:], person) // intent_name
	extension := make([]byte, 32)
	binary.LittleEndian.PutUint32(extension, 32)
	copy(extension[8:], person)
	file[348] = 1
	file = slices.Concat(file[:352], extension, file[352:])
	binary.LittleEndian.PutUint32(file[108:], 0x43c00000) // vox_offset: 384
	writeRaw(t, path, file)
}

// writeNRRD writes a file of layers, with key/value pairs and a comment.
func writeNRRD[T volume.Voxel](t *testing.T, path, kind, pairs string, layers ...*volume.Volume[T]) {
	t.Helper()
	g := layers[0].Grid
	var b bytes.Buffer
	fmt.Fprintf(&b, "NRRD0005\n# %s\ncontent: %s\ntype: %s\nencoding: raw\nendian: little\nspace: left-posterior-superior\n", person, person, kind)
	fmt.Fprintf(&b, "dimension: 4\nsizes: %d %d %d %d\nkinds: list domain domain domain\nspace directions: none", len(layers), g.Size[0], g.Size[1], g.Size[2])
	for c := range 3 {
		fmt.Fprintf(&b, " (%g,%g,%g)", g.Direction[c]*g.SpacingMM[c], g.Direction[3+c]*g.SpacingMM[c], g.Direction[6+c]*g.SpacingMM[c])
	}
	fmt.Fprintf(&b, "\nspace origin: (%g,%g,%g)\nPatientName:=%s\n%s\n", g.OriginMM[0], g.OriginMM[1], g.OriginMM[2], person, pairs)
	for i := range g.Len() {
		for _, layer := range layers {
			if err := binary.Write(&b, binary.LittleEndian, layer.Data[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	writeRaw(t, path, b.Bytes())
}

func writeRaw(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// layouts are the ways in which public cohorts name their files, each with two
// patients, and what their series must say of their labels.
var layouts = []struct {
	cohort  configs.Cohort
	values  [3]uint8
	classes string
	write   func(t *testing.T, root string, i int, hu *volume.Volume[int16], label *volume.Volume[uint8])
}{
	{
		cohort: configs.Cohort{Name: "covid", Volumes: &configs.Volumes{Images: "volume-{patient}_ct.nii.gz", Labels: "volume-{patient}_seg.nii.gz"}, LabelValues: map[int]string{1: "infection"}},
		values: [3]uint8{0, 0, 1}, classes: "infection",
		write: func(t *testing.T, root string, i int, hu *volume.Volume[int16], label *volume.Volume[uint8]) {
			writeNIfTI(t, fmt.Sprintf("%s/covid/volume-%s-%04d_ct.nii.gz", root, person, i), hu)
			writeNIfTI(t, fmt.Sprintf("%s/covid/volume-%s-%04d_seg.nii.gz", root, person, i), label)
		},
	},
	{
		cohort: configs.Cohort{Name: "mosmed", Volumes: &configs.Volumes{Images: "studies/*/{patient}.nii.gz", Labels: "masks/{patient}_mask.nii.gz"}, LabelValues: map[int]string{1: "infection"}},
		values: [3]uint8{0, 0, 1}, classes: "infection",
		write: func(t *testing.T, root string, i int, hu *volume.Volume[int16], label *volume.Volume[uint8]) {
			writeNIfTI(t, fmt.Sprintf("%s/mosmed/studies/CT-%d/study_%s_%04d.nii.gz", root, i, person, i), hu)
			writeNIfTI(t, fmt.Sprintf("%s/mosmed/masks/study_%s_%04d_mask.nii.gz", root, person, i), label)
		},
	},
	{
		cohort: configs.Cohort{Name: "nnunet", Volumes: &configs.Volumes{Images: "imagesTr/{patient}_0000.nii.gz", Labels: "labelsTr/{patient}.nii.gz"}, LabelValues: map[int]string{1: "lung", 2: "lung", 3: "infection"}},
		values: [3]uint8{1, 2, 3}, classes: "lung infection",
		write: func(t *testing.T, root string, i int, hu *volume.Volume[int16], label *volume.Volume[uint8]) {
			writeNIfTI(t, fmt.Sprintf("%s/nnunet/imagesTr/%s_%04d_0000.nii.gz", root, person, i), hu)
			writeNIfTI(t, fmt.Sprintf("%s/nnunet/labelsTr/%s_%04d.nii.gz", root, person, i), label)
		},
	},
	{ // one form of names, in two places
		cohort: configs.Cohort{Name: "apart", Labels: "apart-labels", Volumes: &configs.Volumes{Images: "{patient}/{series}.nrrd", Labels: "{patient}/{series}.nrrd"}},
		values: [3]uint8{1, 1, 2}, classes: "lung infection",
		write: func(t *testing.T, root string, i int, hu *volume.Volume[int16], label *volume.Volume[uint8]) {
			writeNRRD(t, fmt.Sprintf("%s/apart/%s/%d.nrrd", root, person, i), "short", "", hu)
			writeNRRD(t, fmt.Sprintf("%s/apart-labels/%s/%d.nrrd", root, person, i), "uchar", "", label)
		},
	},
	{ // 3D Slicer's segmentations, by the names of their segments
		cohort: configs.Cohort{Name: "slicer", Volumes: &configs.Volumes{Images: "{patient}.nrrd", Labels: "{patient}.seg.nrrd"}},
		values: [3]uint8{1, 2, 3}, classes: "lung infection",
		write: func(t *testing.T, root string, i int, hu *volume.Volume[int16], label *volume.Volume[uint8]) {
			lung, lesion := volume.New[uint8](label.Grid), volume.New[uint8](label.Grid)
			for i, value := range label.Data {
				lung.Data[i] = min(value, 2) // the lesion lies over the right lung
				if value == 3 {
					lesion.Data[i] = 1
				}
			}
			pairs := "Segment0_Name:=left lung\nSegment0_LabelValue:=1\nSegment0_Layer:=0\nSegment1_Name:=right lung\nSegment1_LabelValue:=2\nSegment1_Layer:=0\n" +
				"Segment2_Name:=GGO of " + person + "\nSegment2_LabelValue:=1\nSegment2_Layer:=1\n"
			writeNRRD(t, fmt.Sprintf("%s/slicer/%s%d.nrrd", root, person, i), "short", "", hu)
			writeNRRD(t, fmt.Sprintf("%s/slicer/%s%d.seg.nrrd", root, person, i), "uchar", pairs, lung, lesion)
		},
	},
}

// directions are orientations of files: as DICOM's, as most NIfTI files', and
// coronal.
var directions = [][9]float64{volume.Identity(), {-1, 0, 0, 0, -1, 0, 0, 0, 1}, {1, 0, 0, 0, 0, -1, 0, -1, 0}}

// Volumes of each layout become series with their labels, voxel for voxel, and
// nothing of their names and headers comes along.
func TestVolumesThroughTheStages(t *testing.T) {
	for _, format := range []string{"nii.gz", "nii"} {
		t.Run(format, func(t *testing.T) { volumesThrough(t, format) })
	}
}

func volumesThrough(t *testing.T, format string) {
	const patients = 3
	root, all, rejects := labelled(t, func(c *configs.Config) {
		archive := c.Cohorts[0].Archive
		c.Volume.Format, c.Cohorts = format, nil
		for _, l := range layouts {
			cohort := l.cohort
			cohort.Archive = filepath.Join(archive, cohort.Name)
			if cohort.Labels != "" {
				cohort.Labels = filepath.Join(archive, cohort.Labels)
			}
			c.Cohorts = append(c.Cohorts, cohort)
		}
	}, func(archive string) {
		for _, l := range layouts {
			for i := range patients {
				hu, label := chest(directions[i], l.values)
				l.write(t, archive, i, hu, label)
			}
		}
	})
	hu, label := chest(volume.Identity(), [3]uint8{1, 1, 2})
	if len(rejects) != 0 {
		t.Errorf("rejects %+v; want none", rejects)
	}
	names := map[string]bool{}
	count := map[string]int{}
	for _, l := range layouts {
		for _, r := range all {
			if r.Cohort != l.cohort.Name {
				continue
			}
			count[r.Cohort]++
			names[r.Cohort+r.PatientID] = true
			if r.LabelClasses != l.classes || r.LabelSource != "nifti" || !strings.HasSuffix(r.VolumeURI, "image."+format) || !strings.HasSuffix(r.LabelURI, "label."+format) {
				t.Errorf("%s: %+v; want a label of %s, and files of %s", r.Cohort, r, l.classes, format)
				continue
			}
			got, mask := readHU(t, root, r.VolumeURI), readLabels(t, root, r.LabelURI)
			// Turned upright, the axes of a file keep their voxels: so do their values' numbers.
			if histogram(got.Data) != histogram(hu.Data) || got.Len() != hu.Len() {
				t.Errorf("%s: the volume has other voxels than its file", r.Cohort)
			}
			counts := census(mask.Data)
			infected, lung := census(label.Data)[2], census(label.Data)[1]
			if !strings.Contains(l.classes, "lung") {
				lung = 0
			}
			if counts[1] != lung || counts[2] != infected {
				t.Errorf("%s: a label of %d lung and %d infection; want %d and %d", r.Cohort, counts[1], counts[2], lung, infected)
			}
			for i, class := range mask.Data {
				if class == 2 && got.Data[i] != -300 {
					t.Fatalf("%s: infection lies at %d HU, want it at the lesion", r.Cohort, got.Data[i])
				}
			}
		}
		if count[l.cohort.Name] != patients {
			t.Errorf("%s: %d series, want %d", l.cohort.Name, count[l.cohort.Name], patients)
		}
	}
	// In "apart" three series are one patient's; the others' names differ by number.
	if len(names) != patients*(len(layouts)-1)+1 {
		t.Errorf("%d patients: %v", len(names), slices.Sorted(maps.Keys(names)))
	}
	for _, r := range rows[schemas.Instance](t, root) {
		want := "nifti"
		if r.Cohort == "apart" || r.Cohort == "slicer" {
			want = "nrrd"
		}
		if r.Format != want || r.SOPClass != "" || r.Status != "ok" || r.Modality != "CT" && r.Modality != "NIFTI" {
			t.Errorf("instance %+v; want format %s", r, want)
		}
	}
	nothingOf(t, root, person, "volume-", "_ct.nii")
}

// nothingOf searches every byte and name under root for texts.
func nothingOf(t *testing.T, root string, texts ...string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data := unpacked(t, path)
		for _, text := range texts {
			if bytes.Contains(data, []byte(text)) || strings.Contains(strings.TrimPrefix(path, root), text) {
				t.Errorf("%s holds %q", strings.TrimPrefix(path, root), text)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func readHU(t *testing.T, root, name string) *volume.Volume[int16] {
	t.Helper()
	v, err := niftiio.ReadHU(bytes.NewReader(unpacked(t, filepath.Join(root, name))), 1<<28)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func readLabels(t *testing.T, root, name string) *volume.Volume[uint8] {
	t.Helper()
	v, err := niftiio.ReadLabels(bytes.NewReader(unpacked(t, filepath.Join(root, name))), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func histogram(data []int16) string {
	counts := map[int16]int{}
	for _, v := range data {
		counts[v]++
	}
	return fmt.Sprint(counts)
}

func census(labels []uint8) (counts [3]int) {
	for _, class := range labels {
		counts[class]++
	}
	return counts
}

// Files that no series can come of are rejects that say why.
func TestVolumesThatAreRefused(t *testing.T) {
	good, label := chest(volume.Identity(), [3]uint8{1, 1, 2})
	shifted := func(by int16) *volume.Volume[int16] {
		v := volume.New[int16](good.Grid)
		for i, hu := range good.Data {
			v.Data[i] = hu + by
		}
		return v
	}
	rendered := volume.New[uint8](good.Grid)
	for i, hu := range good.Data {
		rendered.Data[i] = uint8((int(hu) + 1000) / 8)
	}
	flat := *good
	flat.Size = [3]int{30, 24 * 16, 1}
	cases := map[string]struct {
		code  string
		write func(path string)
	}{
		"lifted":   {"not_hu", func(path string) { writeNIfTI(t, path, shifted(1024)) }},
		"rendered": {"not_hu", func(path string) { writeNIfTI(t, path, rendered) }},
		"a label":  {"label_stored_as_image", func(path string) { writeNIfTI(t, path, mask(good)) }},
		"flat":     {"too_few_slices", func(path string) { writeNIfTI(t, path, &flat) }},
		"text":     {"volume_unreadable", func(path string) { writeRaw(t, path, []byte(strings.Repeat(person, 99))) }},
		"over time": {"volume_unreadable", func(path string) {
			writeNIfTI(t, path, good)
			patch(t, path, 40, []byte{4, 0, 30, 0, 24, 0, 8, 0, 2, 0})
		}},
	}
	root, all, rejects := labelled(t, func(c *configs.Config) {
		c.Cohorts[0].Volumes = &configs.Volumes{Images: "{patient}.nii", Labels: "{patient}_seg.nii"}
	}, func(archive string) {
		for name, c := range cases {
			c.write(filepath.Join(archive, name+".nii"))
		}
		writeNIfTI(t, filepath.Join(archive, "good.nii"), good)
		writeNIfTI(t, filepath.Join(archive, "nobody_seg.nii"), label)
		writeRaw(t, filepath.Join(archive, "dataset.json"), []byte("{}"))
		writeRaw(t, filepath.Join(archive, "bad_seg.nii"), []byte("{}"))
	})
	found := map[string]int{}
	for _, r := range rejects {
		found[r.ReasonCode]++
		if r.Detail == "" || strings.Contains(r.Detail, person) {
			t.Errorf("reject %+v", r)
		}
	}
	want := map[string]int{"name_unmatched": 1, "label_unmatched": 1, "label_unreadable": 1}
	for _, c := range cases {
		want[c.code]++
	}
	if !maps.Equal(found, want) {
		t.Errorf("rejects %v, want %v", found, want)
	}
	if len(all) != 1 || all[0].LabelURI != "" || all[0].LabelClasses != "" {
		t.Errorf("series %+v; want the good one, without a label", all)
	}
	nothingOf(t, root, person, "lifted", "rendered", "nobody")
}

// mask is a volume of two values.
func mask(v *volume.Volume[int16]) *volume.Volume[int16] {
	out := volume.New[int16](v.Grid)
	for i, hu := range v.Data {
		if hu < -500 {
			out.Data[i] = -1000
		}
	}
	return out
}

func patch(t *testing.T, path string, at int, b []byte) {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(file[at:], b)
	writeRaw(t, path, file)
}
