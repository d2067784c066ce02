package phantom

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// digests returns the digest of each file below root.
func digests(t *testing.T, root string) map[string][32]byte {
	t.Helper()
	out := map[string][32]byte{}
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		name, _ := filepath.Rel(root, p)
		out[name] = sha256.Sum256(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func generate(t *testing.T, o Options) (*Manifest, map[string][32]byte) {
	t.Helper()
	o.Out, o.Size, o.MaxSlices = t.TempDir(), 24, 10
	m, err := Generate(context.Background(), o)
	if err != nil {
		t.Fatalf("Generate(%+v) = %v", o, err)
	}
	return m, digests(t, o.Out)
}

func TestSameSeedSameBytes(t *testing.T) {
	for _, cohort := range []string{China, Germany} {
		m1, one := generate(t, Options{Patients: 5, Seed: 3, Cohort: cohort, Workers: 1})
		m2, three := generate(t, Options{Patients: 5, Seed: 3, Cohort: cohort, Workers: 3})
		if !maps.Equal(one, three) {
			t.Errorf("%s: one and three workers write different files", cohort)
		}
		if !reflect.DeepEqual(m1, m2) {
			t.Errorf("%s: one and three workers give different manifests", cohort)
		}
		_, other := generate(t, Options{Patients: 1, Seed: 4, Cohort: cohort})
		for name, sum := range other {
			if one[name] == sum {
				t.Errorf("%s: seeds 3 and 4 write the same file", cohort)
			}
		}
	}
}

func TestPatientDependsOnItsIndexAlone(t *testing.T) {
	m2, two := generate(t, Options{Patients: 2, Seed: 9})
	m6, six := generate(t, Options{Patients: 6, Seed: 9})
	if !reflect.DeepEqual(m2.Patients, m6.Patients[:2]) {
		t.Error("patients 0 and 1 differ between archives of two and of six patients")
	}
	for name, sum := range two {
		if six[name] != sum {
			t.Error("a file of the archive of two patients is missing or different in that of six")
		}
	}
}

func TestValidateNamesEveryFault(t *testing.T) {
	err := Options{Patients: 0, Size: 8, Cohort: "france", Unlabelled: 2}.Validate()
	if err == nil {
		t.Fatal("Validate() = nil; want an error")
	}
	for _, want := range []string{"no output folder", "0 patients", "matrix size 8", `"france"`, "unlabelled share 2"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Validate() = %q; want it to say %q", err, want)
		}
	}
}

func TestGenerateStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	o := Options{Out: t.TempDir(), Patients: 50, Size: 16, MaxSlices: 5, Workers: 1}
	o.Progress = func(done, total int) {
		if done == 2 {
			cancel()
		}
	}
	if _, err := Generate(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("Generate cancelled after two patients = %v; want %v", err, context.Canceled)
	}
}

func TestErrorsKeepTheIdentityBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Generate(context.Background(), Options{Out: filepath.Join(file, "archive"), Patients: 1, Size: 16, MaxSlices: 2})
	if err == nil {
		t.Fatal("Generate below a file = nil; want an error")
	}
	if strings.Contains(err.Error(), "Hospital") || strings.Contains(err.Error(), "PID") {
		t.Errorf("Generate below a file = %q, which holds an identifying path", err)
	}
}

func TestUnlabelled(t *testing.T) {
	m, _ := generate(t, Options{Patients: 10, Seed: 2, Unlabelled: 0.3, NoBad: true})
	count := map[string]int{}
	for _, p := range m.Patients {
		for _, s := range p.Series {
			count[s.LabelKind]++
		}
	}
	if count[LabelNone] < 2 || count[LabelNone] > 5 || count[LabelSEG] == 0 || count[LabelNIfTI] == 0 {
		t.Errorf("labels of ten patients, 30 %% unlabelled: %v", count)
	}
	if len(m.BadFiles) != 0 {
		t.Errorf("%d bad files with NoBad; want 0", len(m.BadFiles))
	}
}
