package pipelines

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctcohort/io/parquetio"
	"ctcohort/io/store"
	"ctcohort/schemas"
)

// outputRoot is a root with a volume, its label, two masks of which one was not
// written as DICOM SEG, a shard, and the tables that list them.
func outputRoot(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	s, err := store.Open(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, content string) string {
		if err := store.WriteAll(t.Context(), s, name, []byte(content)); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(content))
		return hex.EncodeToString(sum[:])
	}
	series := schemas.Series{Cohort: "c", PatientID: "p", SeriesUID: "1.2", VolumeURI: "volumes/image.nii", LabelURI: "volumes/label.nii"}
	series.VolumeSHA256, series.LabelSHA256 = write(series.VolumeURI, "hu"), write(series.LabelURI, "labels")
	unlabelled := schemas.Series{Cohort: "c", PatientID: "q", SeriesUID: "1.3", VolumeURI: "volumes/other.nii"}
	unlabelled.VolumeSHA256 = write(unlabelled.VolumeURI, "hu of another")
	mask := schemas.Prediction{Cohort: "c", PatientID: "p", SeriesUID: "1.2", MaskURI: "masks/mask.nii"}
	mask.MaskSHA256 = write(mask.MaskURI, "mask")
	write("patches/cohort=c/split=train/part-00000-of-00001.parquet", "patches")
	write("report/index.html", "made from the tables")
	commit := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	commit(parquetio.Commit(t.Context(), s, "tables/series/cohort=c/part-00000.parquet", []schemas.Series{series, unlabelled}))
	commit(parquetio.Commit(t.Context(), s, "tables/predictions/cohort=c/part-00000.parquet", []schemas.Prediction{mask}))
	for _, dataset := range []string{"series", "predictions", patchesName, reportName} {
		commit(writeManifest(t.Context(), s, dataset))
	}
	return root
}

func TestVerify(t *testing.T) {
	in := func(root string, name ...string) string { return filepath.Join(append([]string{root}, name...)...) }
	write := func(t *testing.T, name, content string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(t *testing.T, name string) {
		t.Helper()
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name string
		harm func(t *testing.T, root string)
		want []Fault
	}{
		{"as it was written", func(*testing.T, string) {}, nil},
		{"a bit turned", func(t *testing.T, root string) { write(t, in(root, "volumes", "image.nii"), "hv") },
			[]Fault{{"changed", "volumes/image.nii", "series"}}},
		{"a file cut", func(t *testing.T, root string) { write(t, in(root, "masks", "mask.nii"), "mas") },
			[]Fault{{"changed", "masks/mask.nii", "predictions"}}},
		{"a file removed", func(t *testing.T, root string) { remove(t, in(root, "volumes", "label.nii")) },
			[]Fault{{"missing", "volumes/label.nii", "series"}}},
		{"a file that no one wrote", func(t *testing.T, root string) { write(t, in(root, "volumes", "copy.nii"), "hu") },
			[]Fault{{"foreign", "volumes/copy.nii", ""}}},
		{"a page edited", func(t *testing.T, root string) { write(t, in(root, "report", "index.html"), "made by hand") },
			[]Fault{{"changed", "report/index.html", "report"}}},
		{"a figure of another run", func(t *testing.T, root string) { write(t, in(root, "report", "old.png"), "png") },
			[]Fault{{"foreign", "report/old.png", ""}}},
		{"a shard of another run", func(t *testing.T, root string) {
			write(t, in(root, "patches", "cohort=c", "split=train", "part-00001-of-00002.parquet"), "patches")
		}, []Fault{{"foreign", "patches/cohort=c/split=train/part-00001-of-00002.parquet", ""}}},
		{"a table broken: what it lists cannot be told", func(t *testing.T, root string) {
			write(t, in(root, "tables", "predictions", "cohort=c", "part-00000.parquet"), "PAR1")
		}, []Fault{{"foreign", "masks/mask.nii", ""}, {"changed", "tables/predictions/cohort=c/part-00000.parquet", "predictions"}}},
		{"a table removed", func(t *testing.T, root string) {
			remove(t, in(root, "tables", "predictions", "cohort=c", "part-00000.parquet"))
		}, []Fault{{"foreign", "masks/mask.nii", ""}, {"missing", "tables/predictions/cohort=c/part-00000.parquet", "predictions"}}},
		{"a dataset that was never finished", func(t *testing.T, root string) { remove(t, in(root, "tables", "predictions", "_SUCCESS")) },
			[]Fault{{"foreign", "masks/mask.nii", ""}, {"foreign", "tables/predictions/cohort=c/part-00000.parquet", ""}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := outputRoot(t)
			tt.harm(t, root)
			got, err := Verify(t.Context(), Job{In: root})
			if err != nil || !slices.Equal(got.Faults, tt.want) {
				t.Fatalf("Verify() = %+v, %v; want the faults %+v", got, err, tt.want)
			}
			var text bytes.Buffer
			if err := got.Print(&text); err != nil {
				t.Fatal(err)
			}
			for _, f := range tt.want {
				if !strings.Contains(text.String(), f.Fault+"  "+f.Name+"\n") {
					t.Errorf("the text does not tell of %+v:\n%s", f, text.String())
				}
			}
		})
	}
}

func TestVerifyWithoutDatasets(t *testing.T) {
	if _, err := Verify(t.Context(), Job{In: t.TempDir()}); err == nil {
		t.Error("a root without any dataset passes")
	}
}
