package series

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ctcohort/io/dicomio"
	"ctcohort/model/volume"
)

func readSEG(t testing.TB, path string) *dicomio.Segmentation {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seg, err := dicomio.ReadSegmentation(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("ReadSegmentation: %v", err)
	}
	return seg
}

func labelOf(t testing.TB, seg *dicomio.Segmentation, names Names) *Label {
	t.Helper()
	label, err := FromSegmentation(seg, names)
	if err != nil {
		t.Fatalf("FromSegmentation: %v", err)
	}
	return label
}

// The digests are of highdicom 0.28.2's get_pixels_by_source_instance on the
// three slices in order of position, as uint8.
func TestSegmentationAgainstHighdicom(t *testing.T) {
	ct := assembled(t, shared(t, "fixtures", "seg_dcmqi", "data", "segmentations", "ct-3slice"))
	cases := []struct {
		file            string
		names           Names
		lung, infection int
		digest          string
	}{
		{"liver.dcm", Names{Lung: []string{"liver"}}, 107098, 0, "86ceb97b138085d01b005c48e893bb4348fcdcf6a9c5c73c54d4efaa0288a1f2"},
		{"partial_overlaps.dcm", Names{Lung: []string{"*artery*"}, Infection: []string{"*purple*"}}, 11838, 10743, "b83712199054f131b81ea89f03d28f6289ea7f60a74f3f716da09d1b3e996b74"},
		{"partial_overlaps.dcm", Names{Lung: []string{"SCT:29092000"}}, 4713, 0, "bf5c578955d281a5861b55b09530c426d06893474918830a5bf47bbd046b3c74"},
	}
	for _, c := range cases {
		seg := readSEG(t, shared(t, "fixtures", "seg_dcmqi", "data", "segmentations", c.file))
		label := labelOf(t, seg, c.names)
		if i, err := Match(label, []Info{{stack: ct.Info.stack}, ct.Info}); i != 1 || err != nil {
			t.Errorf("Match(%s) = %d, %v; want 1, nil", c.file, i, err)
		}
		got, info, err := label.Draw(ct.Info)
		if err != nil {
			t.Errorf("Draw(%s): %v", c.file, err)
			continue
		}
		if !got.Near(ct.Volume.Grid, 0) || !info.Exact || info.PlanesOutside != 0 {
			t.Errorf("%s: grid %+v, info %+v; want the CT's grid, exactly", c.file, got.Grid, info)
		}
		if info.LungVoxels != c.lung || info.InfectionVoxels != c.infection {
			t.Errorf("%s: %d lung, %d infection voxels; want %d, %d", c.file, info.LungVoxels, info.InfectionVoxels, c.lung, c.infection)
		}
		if sum := sha256.Sum256(got.Data); hex.EncodeToString(sum[:]) != c.digest {
			t.Errorf("%s: digest %x, want %s", c.file, sum, c.digest)
		}
	}
}

// The trap's slices have modality SEG, but are CT images of 1024 and 1025.
func TestMaskStoredAsCT(t *testing.T) {
	f, err := os.Open(shared(t, "fixtures", "mask_lungfcp_0001_vessels", "slices.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var in []*dicomio.Slice
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		b, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		var bad *dicomio.Error
		if _, err := dicomio.ReadSegmentation(bytes.NewReader(b)); !errors.As(err, &bad) || bad.Code != "not_segmentation" {
			t.Fatalf("ReadSegmentation of a CT image: %v; want not_segmentation", err)
		}
		s, err := dicomio.ReadSlice(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		in = append(in, s)
	}
	results, rejects := Assemble(in)
	if len(results) != 0 || len(rejects) != 1 || rejects[0].Code != WrongModality || rejects[0].Slices != 100 {
		t.Errorf("Assemble = %d volumes, rejects %d; want one reject of 100 slices, %s", len(results), len(rejects), WrongModality)
	}
}

func TestMatchRejects(t *testing.T) {
	ct := assembled(t, shared(t, "fixtures", "seg_dcmqi", "data", "segmentations", "ct-3slice"))
	seg := readSEG(t, shared(t, "fixtures", "seg_dcmqi", "data", "segmentations", "liver.dcm"))
	names := Names{Lung: []string{"liver"}}
	label := labelOf(t, seg, names)
	stack := *ct.Info.stack
	stack.instances = []string{"1.2.3.1", "1.2.3.2", "1.2.3.3"}
	other := ct.Info
	other.SeriesUID, other.stack = "1.2.3", &stack
	if i, err := Match(label, []Info{other}); i != 0 || err != nil {
		t.Errorf("Match by frame of reference = %d, %v; want 0, nil", i, err)
	}
	if i, err := Match(label, []Info{other, ct.Info}); i != 1 || err != nil {
		t.Errorf("Match of the referenced series and another = %d, %v; want 1, nil", i, err)
	}
	_, why := Match(label, []Info{other, other})
	wantCode(t, why, LabelAmbiguous)
	other.FrameOfReferenceUID = "1.2.4"
	_, why = Match(label, []Info{other})
	wantCode(t, why, LabelUnmatched)
	_, err := FromSegmentation(seg, DefaultNames())
	wantCode(t, err, LabelNames)

	for i := range seg.Frames {
		seg.Frames[i].PositionMM[2] += 50
	}
	_, why = Match(label, []Info{ct.Info})
	wantCode(t, why, LabelUnmatched)
	_, _, err = label.Draw(ct.Info)
	wantCode(t, err, LabelOutside)
	for i := range seg.Frames {
		seg.Frames[i].PositionMM[2] -= 50
		seg.Frames[i].PositionMM[0] += 2000
	}
	_, _, err = label.Draw(ct.Info)
	wantCode(t, err, LabelOutside)
	for i := range seg.Frames {
		seg.Frames[i].PositionMM[0] -= 2000
		seg.Frames[i].Orientation = [6]float64{1, 0, 0, 0, 0, -1}
	}
	_, _, err = label.Draw(ct.Info)
	wantCode(t, err, LabelGeometry)
}

// The same segmentation lies on the same tissue, whatever the slices' own axes,
// and where a slice is missing, planes take the nearer slice's labels.
func TestLabelsFollowTheSlices(t *testing.T) {
	const path = "ct-3slice"
	folder := shared(t, "fixtures", "seg_dcmqi", "data", "segmentations")
	seg := readSEG(t, filepath.Join(folder, "liver.dcm"))
	names := Names{Lung: []string{"liver"}}
	straight := assembled(t, filepath.Join(folder, path))
	want, _, err := labelOf(t, seg, names).Draw(straight.Info)
	if err != nil {
		t.Fatal(err)
	}

	mirrored := readDir(t, filepath.Join(folder, path))
	for _, s := range mirrored { // store each row from the other side
		for y := range s.Rows {
			slices.Reverse(s.HU[y*s.Columns:][:s.Columns])
		}
		s.PositionMM[0] += float64(s.Columns-1) * s.PixelSpacingMM[1]
		s.Orientation[0] = -1
	}
	results, rejects := Assemble(mirrored)
	if len(results) != 1 {
		t.Fatalf("Assemble of mirrored slices: %d volumes, %d rejects", len(results), len(rejects))
	}
	equalHU(t, results[0].Volume.Data, straight.Volume.Data)
	got, info, err := labelOf(t, seg, names).Draw(results[0].Info)
	if err != nil || !info.Exact || !bytes.Equal(got.Data, want.Data) {
		t.Errorf("labels on mirrored slices differ: %v, %+v", err, info)
	}

	spread := readDir(t, filepath.Join(folder, path)) // 1 mm apart; one more slice, 3 mm up
	extra := *spread[0]
	extra.PositionMM[2], extra.SOPInstanceUID = -126.690002+3, "extra"
	results, _ = Assemble(append(spread, &extra))
	if len(results) != 1 || results[0].Volume.Size[2] != 6 {
		t.Fatalf("Assemble with a gap: %+v; want 6 planes", results)
	}
	got, info, err = labelOf(t, seg, names).Draw(results[0].Info)
	if err != nil {
		t.Fatal(err)
	}
	plane := 512 * 512
	if !bytes.Equal(got.Data[:3*plane], want.Data) || !bytes.Equal(got.Data[3*plane:4*plane], want.Data[2*plane:]) {
		t.Error("labelled slices and the plane next to them: labels differ from the segmentation's")
	}
	if lung, _ := count(got.Data[4*plane:]); lung != 0 {
		t.Errorf("%d voxels on and next to the slice that was not labelled, want none", lung)
	}
}

func TestVolumeLabels(t *testing.T) {
	g := volume.Grid{Size: [3]int{4, 4, 4}, SpacingMM: [3]float64{1, 1, 1}, Direction: volume.Identity()}
	label := volume.New[uint8](g)
	label.Data[0], label.Data[21], label.Data[63] = 1, 1, 2
	got, info, err := VolumeLabels(label, DefaultValues(), g, 1)
	if err != nil || !info.Exact || info.LungVoxels != 2 || info.InfectionVoxels != 1 || !bytes.Equal(got.Data, label.Data) {
		t.Errorf("VolumeLabels on its own grid = %+v, %v; want the same", info, err)
	}
	fine := g
	fine.Size, fine.SpacingMM, fine.OriginMM = [3]int{8, 8, 8}, [3]float64{0.5, 0.5, 0.5}, [3]float64{-0.25, -0.25, -0.25}
	if _, info, err = VolumeLabels(label, DefaultValues(), fine, 1); err != nil || info.Exact || info.LungVoxels != 16 || info.InfectionVoxels != 8 {
		t.Errorf("VolumeLabels on half the spacing = %+v, %v; want eight times the voxels", info, err)
	}
	far := g
	far.OriginMM[0] = 100
	_, _, err = VolumeLabels(label, DefaultValues(), far, 1)
	wantCode(t, err, LabelOutside)
	if _, info, err := VolumeLabels(label, Values{0: Background, 1: Infection, 2: Background}, g, 1); err != nil || info.LungVoxels != 0 || info.InfectionVoxels != 2 {
		t.Errorf("VolumeLabels with other values = %+v, %v; want 2 voxels of infection", info, err)
	}
	label.Data[5] = 3
	_, _, err = VolumeLabels(label, DefaultValues(), g, 1)
	wantCode(t, err, LabelValues)
}
