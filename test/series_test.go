package test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctcohort/configs"
	"ctcohort/io/openjpeg"
	"ctcohort/model/volume"
	"ctcohort/pipelines"
	"ctcohort/schemas"
)

// tools are the Python that makes series and the acceptance tools that say what
// SimpleITK makes of them. Without them a test is skipped.
func tools(t *testing.T) (acceptance string, run func(elem ...string)) {
	t.Helper()
	exe := os.Getenv("CTCOHORT_PYTHON")
	if exe == "" {
		exe = "../build/venv/bin/python"
	}
	if err := exec.Command(exe, "-c", "import SimpleITK, pydicom").Run(); err != nil {
		t.Skip("no Python with SimpleITK and pydicom: set CTCOHORT_PYTHON or run `make venv`")
	}
	acceptance = filepath.Join(filepath.Dir(filepath.Dir(fixture(t, "ct_lungfcp_0001"))), "acceptance")
	if _, err := os.Stat(filepath.Join(acceptance, "reference_ct.py")); err != nil {
		t.Skip("shared acceptance tools are not beside the checkout (set CTCOHORT_SHARED)")
	}
	return acceptance, func(elem ...string) {
		t.Helper()
		if out, err := exec.Command(exe, elem...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(elem[:2], " "), err, out)
		}
	}
}

const seriesScript = "testdata/series.py"

// again resamples what labelled anonymised, by another configuration.
func again(t *testing.T, root string, change func(*configs.Config)) (string, []schemas.Series, []schemas.Reject) {
	t.Helper()
	cfg := configs.Default()
	cfg.Output = filepath.Join(t.TempDir(), "again")
	change(&cfg)
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	if _, err := pipelines.Resample(t.Context(), pipelines.Job{Config: cfg, In: root, Out: cfg.Output}); err != nil {
		t.Fatal(err)
	}
	return cfg.Output, rows[schemas.Series](t, cfg.Output), rows[schemas.Reject](t, cfg.Output)
}

// TestSeriesEqualSimpleITK: HU and geometry of every real series and of a
// synthetic one, through anonymise and resample, equal SimpleITK's voxel for
// voxel when interpolated linearly and within 1 HU with B-splines.
func TestSeriesEqualSimpleITK(t *testing.T) {
	acceptance, run := tools(t)
	folder := t.TempDir()
	run(filepath.Join(acceptance, "trap_series.py"), filepath.Join(folder, "plain"), "plain")
	series := map[int32]string{12: filepath.Join(folder, "plain")} // by the number of slices
	for n, name := range map[int32]string{98: "ct_lungfcp_0001", 49: "ct_acrin_flt_013", 79: "cip_ct64_dicom"} {
		series[n] = fixture(t, name)
	}
	args := []string{seriesScript, "references", acceptance, folder, "2,2.25,3"}
	for n, from := range series {
		args = append(args, fmt.Sprintf("%d=%s", n, from))
	}
	run(args...)
	spacing := [3]float64{2, 2.25, 3}
	root, all, rejects := labelled(t, func(c *configs.Config) { c.Volume.SpacingMM = spacing }, func(archive string) {
		for _, from := range series {
			copyInto(t, archive, from)
		}
	})
	if len(rejects) > 0 || len(all) != len(series) {
		t.Fatalf("%d series, rejects %+v; want %d and none", len(all), rejects, len(series))
	}
	for _, r := range all {
		equals(t, fmt.Sprintf("%s, linear", series[r.Slices]), root, r, filepath.Join(folder, fmt.Sprintf("%d_linear", r.Slices)), 0)
	}
	root, all, _ = again(t, root, func(c *configs.Config) { c.Volume.SpacingMM, c.Volume.Interpolation = spacing, "bspline" })
	for _, r := range all {
		equals(t, fmt.Sprintf("%s, B-spline", series[r.Slices]), root, r, filepath.Join(folder, fmt.Sprintf("%d_bspline", r.Slices)), 1)
	}
}

// equals compares a volume with a reference of the acceptance tools, to within so many HU.
func equals(t *testing.T, what, root string, r schemas.Series, prefix string, within int) {
	t.Helper()
	var g struct {
		Size                       [3]int
		Spacing, Origin, Direction []float64
	}
	b, err := os.ReadFile(prefix + ".json")
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	want := volume.Grid{Size: g.Size, SpacingMM: [3]float64(g.Spacing), OriginMM: [3]float64(g.Origin), Direction: [9]float64(g.Direction)}
	got := readHU(t, root, r.VolumeURI)
	if !got.Near(want, 2e-3) {
		t.Errorf("%s: grid %+v, want SimpleITK's %+v", filepath.Base(what), got.Grid, want)
		return
	}
	differ, most := 0, 0
	for i, hu := range npy(t, prefix+".npy") {
		if d := int(got.Data[i]) - int(hu); d != 0 {
			differ, most = differ+1, max(most, d, -d)
		}
	}
	t.Logf("%s: %v voxels, %d differ from SimpleITK's, by %d HU at most", filepath.Base(what), got.Size, differ, most)
	if most > within {
		t.Errorf("%s: voxels differ by up to %d HU, want %d", filepath.Base(what), most, within)
	}
}

// npy reads an array of little-endian int16, in C order.
func npy(t *testing.T, path string) []int16 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b, []byte("\x93NUMPY\x01")) || !strings.Contains(string(b[:80]), "'<i2', 'fortran_order': False") {
		t.Fatalf("%s is no array of int16 in C order", filepath.Base(path))
	}
	b = b[10+int(binary.LittleEndian.Uint16(b[8:])):]
	out := make([]int16, len(b)/2)
	for i := range out {
		out[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return out
}

// TestTrapSeries: what SimpleITK gets wrong comes out with its true HU, at the
// series' own spacing, and the table says what was decided.
func TestTrapSeries(t *testing.T) {
	acceptance, run := tools(t)
	const columns, lines, planes, plane = 48, 64, 12, 48 * 64
	native := func(c *configs.Config) { c.Volume.SpacingMM = [3]float64{0.7, 0.8, 2.5} }
	resampled := func(t *testing.T, mode string) (root string, r schemas.Series, truth []int16, prefix string) {
		t.Helper()
		prefix = filepath.Join(t.TempDir(), mode)
		run(filepath.Join(acceptance, "trap_series.py"), prefix, mode)
		root, all, rejects := labelled(t, native, func(archive string) { copyInto(t, archive, prefix) })
		if len(all) != 1 || len(rejects) != 0 || all[0].Status != "ok" {
			t.Fatalf("series %+v, rejects %+v; want one and none", all, rejects)
		}
		return root, all[0], npy(t, prefix+"_truth.npy"), prefix
	}
	t.Run("missing", func(t *testing.T) {
		root, r, truth, _ := resampled(t, "missing")
		got := readHU(t, root, r.VolumeURI)
		if got.Size != [3]int{columns, lines, planes} || r.Decisions != "gaps" || r.SliceGapMax != 5 || r.SpacingZ != 2.5 || r.Slices != 11 {
			t.Fatalf("%v voxels, %+v; want 12 planes at 2.5 mm, of 11 slices with a gap of 5 mm", got.Size, r)
		}
		for i, hu := range truth {
			want := float64(hu)
			if i/plane == 5 {
				want = (float64(truth[i-plane]) + float64(truth[i+plane])) / 2
			}
			if d := float64(got.Data[i]) - want; d > 0.5 || d < -0.5 {
				t.Fatalf("plane %d: %d HU, want %v", i/plane, got.Data[i], want)
			}
		}
	})
	t.Run("tilt", func(t *testing.T) {
		root, r, truth, _ := resampled(t, "tilt")
		got := readHU(t, root, r.VolumeURI)
		if r.Decisions != "tilt" || got.Size[1] != lines+9 {
			t.Fatalf("decisions %q, %v voxels; want tilt, on 9 rows more", r.Decisions, got.Size)
		}
		for z := 0; z < planes; z += 4 { // shifted by whole rows: 0.6 mm a slice, of rows of 0.8 mm
			for y := range got.Size[1] {
				for x := range columns {
					want, from := int16(-1024), y-3*z/4
					if from >= 0 && from < lines {
						want = truth[z*plane+from*columns+x]
					}
					if hu := got.At(x, y, z); hu != want {
						t.Fatalf("voxel (%d,%d,%d) is %d HU, want %d", x, y, z, hu, want)
					}
				}
			}
		}
	})
	t.Run("oblique", func(t *testing.T) {
		root, r, truth, prefix := resampled(t, "oblique")
		run(seriesScript, "references", acceptance, filepath.Dir(prefix), "1,1,1", "oblique="+prefix)
		run(seriesScript, "axial", acceptance, prefix, "0.7,0.8,2.5")
		equals(t, "resampled to axial", root, r, prefix+"_axial", 0)
		if r.Decisions != "axial" || r.Orientation != "oblique" {
			t.Errorf("decisions %q of %s slices; want axial of oblique ones", r.Decisions, r.Orientation)
		}
		kept, all, _ := again(t, root, func(c *configs.Config) { native(c); c.Series.Oblique = "keep" })
		got := readHU(t, kept, all[0].VolumeURI)
		if !slices.Equal(got.Data, truth) || all[0].Decisions != "oblique" {
			t.Errorf("kept as it is, the volume has other HU than the slices, or decisions %q", all[0].Decisions)
		}
		equals(t, "kept", kept, all[0], prefix, 0)
		_, all, rejects := again(t, root, func(c *configs.Config) { c.Series.Oblique = "reject" })
		if len(all) != 1 || all[0].Status != "rejected" || all[0].VolumeURI != "" || len(rejects) != 1 || rejects[0].ReasonCode != "not_axial" {
			t.Errorf("series %+v, rejects %+v; want one of each, not_axial", all, rejects)
		}
	})
}

// TestEncodedThorax: a whole real thorax is the same volume whatever its slices'
// transfer syntax.
func TestEncodedThorax(t *testing.T) {
	slow(t)
	_, run := tools(t)
	from := fixture(t, "ct_lungfcp_0001")
	syntaxes := map[string][]string{
		"plain": {"explicit"}, "native": {"deflated", "big-endian", "implicit"},
		"lossless": {"jpeg-lossless"}, "mixed": {"jpeg-ls", "jpeg-2000", "rle"},
	}
	if _, err := openjpeg.Default(); err != nil {
		t.Logf("JPEG 2000 is not compared (%v)", err)
		syntaxes["mixed"] = []string{"jpeg-ls", "rle"}
	}
	if _, err := exec.LookPath("gdcmconv"); err != nil {
		t.Log("no gdcmconv (libgdcm-tools): JPEG Lossless, JPEG-LS, JPEG 2000 and RLE are not compared")
		delete(syntaxes, "lossless")
		delete(syntaxes, "mixed")
	}
	_, all, rejects := labelled(t, func(c *configs.Config) {
		archive := c.Cohorts[0].Archive
		c.Cohorts, c.Volume.Format = nil, "nii"
		for _, name := range slices.Sorted(maps.Keys(syntaxes)) {
			c.Cohorts = append(c.Cohorts, configs.Cohort{Name: name, Archive: filepath.Join(archive, name)})
		}
	}, func(archive string) {
		for name, list := range syntaxes {
			run(append([]string{seriesScript, "encode", from, filepath.Join(archive, name)}, list...)...)
		}
	})
	if len(rejects) > 0 || len(all) != len(syntaxes) {
		t.Fatalf("%d series, rejects %+v; want %d and none", len(all), rejects[:min(len(rejects), 3)], len(syntaxes))
	}
	for _, r := range all {
		if r.Slices != 98 || r.VolumeSHA256 != all[slices.IndexFunc(all, func(o schemas.Series) bool { return o.Cohort == "plain" })].VolumeSHA256 {
			t.Errorf("%s: a volume of %d slices that is not the plain one", r.Cohort, r.Slices)
		}
	}
}

// TestMultiFrame: the same slices as frames of one enhanced image, and of the
// files of a concatenation, are the same volume.
func TestMultiFrame(t *testing.T) {
	acceptance, run := tools(t)
	plain := filepath.Join(t.TempDir(), "plain")
	run(filepath.Join(acceptance, "trap_series.py"), plain, "plain")
	_, all, rejects := labelled(t, func(c *configs.Config) {
		archive := c.Cohorts[0].Archive
		c.Cohorts = nil
		for _, name := range []string{"classic", "one", "three"} {
			c.Cohorts = append(c.Cohorts, configs.Cohort{Name: name, Archive: filepath.Join(archive, name)})
		}
	}, func(archive string) {
		if err := os.CopyFS(filepath.Join(archive, "classic"), os.DirFS(plain)); err != nil {
			t.Fatal(err)
		}
		run(seriesScript, "enhance", plain, filepath.Join(archive, "one"), "1")
		run(seriesScript, "enhance", plain, filepath.Join(archive, "three"), "3")
	})
	if len(rejects) > 0 || len(all) != 3 {
		t.Fatalf("%d series, rejects %+v; want 3 and none", len(all), rejects)
	}
	want := map[string]string{"classic": "", "one": "frames rescale", "three": "frames rescale"}
	for _, r := range all {
		if r.VolumeSHA256 != all[0].VolumeSHA256 || r.Slices != 12 || r.Decisions != want[r.Cohort] {
			t.Errorf("%s: another volume than the classic images', or %d slices, decided %q; want 12, %q", r.Cohort, r.Slices, r.Decisions, want[r.Cohort])
		}
	}
}

// TestSlicesThatCannotBeDecoded: between others they are a recorded gap, at an
// end of the series there is no volume.
func TestSlicesThatCannotBeDecoded(t *testing.T) {
	acceptance, run := tools(t)
	for _, c := range []struct {
		reason  string
		heights []int // in steps
		status  string
		codes   []string
	}{
		{"one between others", []int{4}, "ok", []string{"bad_pixels"}},
		{"two of twelve", []int{4, 8}, "rejected", []string{"bad_pixels", "bad_pixels", "slices_lost"}},
		{"the highest", []int{11}, "rejected", []string{"bad_pixels", "slices_lost"}},
		{"five in a row: a gap of 15 mm", []int{3, 4, 5, 6, 7}, "rejected", []string{"bad_pixels", "bad_pixels", "bad_pixels", "bad_pixels", "bad_pixels", "slices_lost"}},
		{"all", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, "rejected", slices.Repeat([]string{"bad_pixels"}, 12)},
	} {
		// numpy's permutation that trap_series.py numbers its files by
		order := []int{1, 6, 8, 3, 9, 0, 4, 7, 11, 10, 5, 2}
		_, all, rejects := labelled(t, nil, func(archive string) {
			run(filepath.Join(acceptance, "trap_series.py"), filepath.Join(archive, "plain"), "plain")
			damage := []string{seriesScript, "damage"}
			for _, h := range c.heights {
				damage = append(damage, filepath.Join(archive, "plain", fmt.Sprintf("%03d.dcm", slices.Index(order, h))))
			}
			run(damage...)
			os.Remove(filepath.Join(archive, "plain_truth.npy"))
		})
		var codes []string
		for _, r := range rejects {
			codes = append(codes, r.ReasonCode)
		}
		slices.Sort(codes)
		if len(all) != 1 || all[0].Status != c.status || (all[0].VolumeURI != "") != (c.status == "ok") || !slices.Equal(codes, c.codes) {
			t.Errorf("%s: series %+v, rejects %v; want one that is %s, %v", c.reason, all, rejects, c.status, c.codes)
			continue
		}
		if c.status == "ok" && (all[0].Decisions != "lost gaps" || all[0].VolumeSizeZ != 15 || all[0].Slices != 11) {
			t.Errorf("%s: decided %q, %d planes; want lost and gaps, on the whole 30 mm", c.reason, all[0].Decisions, all[0].VolumeSizeZ)
		}
	}
}

// TestBestSeries: one volume a patient, the others with their reason; nothing
// that follows takes these.
func TestBestSeries(t *testing.T) {
	acceptance, run := tools(t)
	root, all, rejects := labelled(t, func(c *configs.Config) { c.Series.Use = "best" }, func(archive string) {
		for _, mode := range []string{"plain", "missing", "oblique"} { // all of patient X
			run(filepath.Join(acceptance, "trap_series.py"), filepath.Join(archive, mode), mode)
			os.Remove(filepath.Join(archive, mode+"_truth.npy"))
		}
	})
	if len(all) != 3 || len(rejects) != 0 {
		t.Fatalf("%d series, rejects %+v; want 3 and none", len(all), rejects)
	}
	var best schemas.Series
	for _, r := range all {
		const why = "best of 3 volumes: 2.5 mm slices, smooth kernel, 30 mm long"
		switch {
		case r.Status == "ok" && r.Slices == 12 && r.Orientation == "axial" && r.Reason == why && r.VolumeURI != "":
			best = r
		case r.Status != "unused" || r.Reason != "another is used, "+why || r.VolumeURI != "" || r.SizeX != 48:
			t.Errorf("%d %s slices: %s, %q", r.Slices, r.Orientation, r.Status, r.Reason)
		}
	}
	if best.SeriesUID == "" {
		t.Fatalf("series %+v; want the plain one used", all)
	}
	cfg := configs.Default()
	cfg.Split.Train, cfg.Split.Test = 1, 0
	cfg.Tile.SizeVoxels, cfg.Tile.Patches = [3]int{8, 8, 8}, 5
	job := pipelines.Job{Config: cfg, In: root, Out: root}
	if _, err := pipelines.Split(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	if _, err := pipelines.Tile(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	if patients := rows[schemas.Patient](t, root); len(patients) != 1 || patients[0].NSeries != 1 {
		t.Errorf("patients %+v; want one, of one series", patients)
	}
	for _, r := range rows[schemas.Reject](t, root) {
		t.Errorf("reject %+v", r)
	}
}
