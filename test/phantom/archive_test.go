package phantom

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// archive is a small archive of both cohorts that the tests share.
type archive struct {
	root      string
	manifests []*Manifest
	err       error
}

var shared = sync.OnceValue(func() (a archive) {
	a.root, a.err = os.MkdirTemp("", "phantom")
	for _, cohort := range []string{China, Germany} {
		if a.err == nil {
			var m *Manifest
			m, a.err = Generate(context.Background(), Options{Out: a.root, Patients: 8, Seed: 5, Size: 48, Cohort: cohort, MaxSlices: 40})
			a.manifests = append(a.manifests, m)
		}
	}
	return a
})

func TestMain(m *testing.M) {
	code := m.Run()
	if a := shared(); a.root != "" {
		if err := os.RemoveAll(a.root); err != nil {
			fmt.Fprintln(os.Stderr, "removing the shared archive:", err)
		}
	}
	os.Exit(code)
}

func sharedArchive(t *testing.T) archive {
	t.Helper()
	a := shared()
	if a.err != nil {
		t.Fatalf("making the shared archive: %v", a.err)
	}
	return a
}

// badPaths lists the bad files of the archive.
func (a archive) badPaths() map[string]string {
	out := map[string]string{}
	for _, m := range a.manifests {
		for _, b := range m.BadFiles {
			out[b.Path] = b.Reason
		}
	}
	return out
}

// slices returns the paths of the good CT files of s.
func (a archive) slices(t *testing.T, s Series) []string {
	t.Helper()
	bad := a.badPaths()
	entries, err := os.ReadDir(filepath.Join(a.root, s.Folder))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if bad[s.Folder+"/"+e.Name()] == "" && !e.IsDir() {
			out = append(out, filepath.Join(a.root, s.Folder, e.Name()))
		}
	}
	return out
}

// eachPatient runs f for all patients of the shared archive.
func eachPatient(t *testing.T, f func(t *testing.T, a archive, p Patient)) {
	a := sharedArchive(t)
	for _, m := range a.manifests {
		for _, p := range m.Patients {
			t.Run(fmt.Sprintf("%s %d", m.Cohort, p.Index), func(t *testing.T) { f(t, a, p) })
		}
	}
}
