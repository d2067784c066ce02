package test

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/configs"
	"ctcohort/io/store"
	"ctcohort/pipelines"
	"ctcohort/schemas"
	"ctcohort/test/phantom"
	"ctcohort/transforms/crosswalk"
)

// hospitals is a run over two hospitals with a crosswalk, of whose patients the
// first of each are one person.
type hospitals struct {
	cfg      configs.Config
	root     string // holds the output and the crosswalk
	planted  []*phantom.Manifest
	rejected string // patient ID of whom all files are
	owner    []age.Identity
}

func newHospitals(t *testing.T) *hospitals {
	t.Helper()
	private := t.TempDir()
	h := &hospitals{cfg: configs.Default(), root: t.TempDir()}
	h.cfg.Name, h.cfg.Output = "test", filepath.Join(h.root, "out")
	for i, name := range []string{phantom.China, phantom.Germany} {
		archive := filepath.Join(private, name)
		h.planted = append(h.planted, generate(t, phantom.Options{Out: archive, Patients: 3 - i, Seed: 5, Size: 32, MaxSlices: 24, Cohort: name}))
		h.cfg.Cohorts = append(h.cfg.Cohorts, configs.Cohort{Name: name, Archive: archive, Site: "hospital of " + name})
	}
	// The files of one more patient are all cut short.
	lost := filepath.Join(h.cfg.Cohorts[0].Archive, "lost")
	h.rejected = generate(t, phantom.Options{Out: lost, Patients: 1, Seed: 77, Size: 32, MaxSlices: 4, Unlabelled: 1, NoBad: true}).Patients[0].PatientID
	err := filepath.WalkDir(lost, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Truncate(path, 2000)
	})
	if err != nil {
		t.Fatal(err)
	}
	file := func(name, text string) string {
		path := filepath.Join(private, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	h.cfg.Deidentification.Key = "file:" + file("key", "a key for tests, of enough bytes")
	table := "person,site,issuer,patient_id\n"
	for i, m := range h.planted {
		table += fmt.Sprintf("the one person,%s,,%s\n", h.cfg.Cohorts[i].Site, m.Patients[0].PatientID)
	}
	h.cfg.Deidentification.Links = file("links.csv", table)
	identity := filepath.Join(private, "identity")
	recipient, err := crosswalk.NewIdentity(identity)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(identity)
	if err != nil {
		t.Fatal(err)
	}
	if h.owner, err = crosswalk.ParseIdentities(strings.NewReader(string(text))); err != nil {
		t.Fatal(err)
	}
	h.cfg.Deidentification.Crosswalk = configs.Crosswalk{Output: filepath.Join(h.root, "crosswalk"), Recipients: []string{recipient}}
	return h
}

func generate(t *testing.T, o phantom.Options) *phantom.Manifest {
	t.Helper()
	m, err := phantom.Generate(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// run de-identifies both archives and returns the crosswalk, decrypted.
func (h *hospitals) run(t *testing.T) []crosswalk.Row {
	t.Helper()
	if err := h.cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	if !beam.Initialized() {
		beam.Init()
	}
	slog.SetDefault(slog.New(slog.DiscardHandler))
	if _, err := pipelines.Anonymise(t.Context(), pipelines.Job{Config: h.cfg, In: h.cfg.Output, Out: h.cfg.Output}); err != nil {
		t.Fatal(err)
	}
	place, err := store.Open(t.Context(), h.cfg.Deidentification.Crosswalk.Output)
	if err != nil {
		t.Fatal(err)
	}
	found, err := crosswalk.Read(t.Context(), place, h.owner)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestCrosswalkOfARun(t *testing.T) {
	h := newHospitals(t)
	found := h.run(t)
	noIdentity(t, h.root, h.planted)

	// Every name in the output has its original, and the other way round.
	instances := rows[schemas.Instance](t, h.cfg.Output)
	named := map[string]bool{}
	for _, r := range instances {
		named[strings.Join([]string{r.Cohort, r.PatientID, r.StudyUID, r.SeriesUID}, "/")] = r.PatientID != ""
	}
	bySeries := map[string]crosswalk.Row{}
	for _, r := range found {
		bySeries[r.OriginalSeriesUID] = r
		if name := strings.Join([]string{r.Cohort, r.Pseudonym, r.StudyUID, r.SeriesUID}, "/"); !named[name] {
			t.Errorf("the crosswalk names a series that the output lacks")
		} else {
			delete(named, name)
		}
		if r.OriginalPatientID == h.rejected {
			t.Error("a patient of whom every file was rejected is in the crosswalk")
		}
	}
	for name, ofPatient := range named {
		if ofPatient {
			t.Errorf("the crosswalk lacks %s", name)
		}
	}
	pseudonyms := map[string][]string{}
	for i, m := range h.planted {
		for k, p := range m.Patients {
			for _, s := range p.Series {
				r := bySeries[s.SeriesUID]
				if r.OriginalPatientID != p.PatientID || r.OriginalStudyUID != s.StudyUID || r.Cohort != m.Cohort || r.Site != h.cfg.Cohorts[i].Site || r.DateOffsetDays > -30 {
					t.Errorf("patient %d of %s: the row of a series is not its own", k, m.Cohort)
				}
				who := fmt.Sprint(m.Cohort, " ", k)
				if k == 0 {
					who = "the one person"
				}
				if entry := fmt.Sprint(r.Pseudonym, " ", r.DateOffsetDays); !slices.Contains(pseudonyms[who], entry) {
					pseudonyms[who] = append(pseudonyms[who], entry)
				}
			}
		}
	}
	if len(pseudonyms) != 4 {
		t.Errorf("%d persons came up, want 4", len(pseudonyms))
	}
	for who, all := range pseudonyms {
		if len(all) != 1 {
			t.Errorf("%s has pseudonyms and offsets %v, want one", who, all)
		}
	}

	if again := h.run(t); !slices.Equal(again, found) {
		t.Error("a second run into the same places changed the crosswalk")
	}
	h.cfg.Deidentification.Crosswalk.Output = filepath.Join(h.root, "another")
	if again := h.run(t); !slices.Equal(again, found) {
		t.Error("a second run into another place gave another crosswalk")
	}

	// Without the table, who is not linked stays, and the linked become two.
	h.cfg.Deidentification.Links = ""
	h.cfg.Deidentification.Crosswalk.Output = filepath.Join(h.root, "unlinked")
	alone := map[string]bool{}
	for _, r := range h.run(t) {
		before := bySeries[r.OriginalSeriesUID]
		linked := slices.Contains(pseudonyms["the one person"], fmt.Sprint(before.Pseudonym, " ", before.DateOffsetDays))
		if linked == (r == before) {
			t.Errorf("without the link table a row is as before: %v; linked: %v", r == before, linked)
		}
		if linked {
			alone[r.Pseudonym] = true
		}
	}
	if len(alone) != 2 {
		t.Errorf("without the link table the one person has %d pseudonyms, want 2", len(alone))
	}
}
