package crosswalk

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"

	"ctcohort/io/store"
)

// identity makes an identity file and returns what it holds and its recipient.
func identity(t *testing.T) ([]age.Identity, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "identity")
	recipient, err := NewIdentity(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	identities, err := ParseIdentities(file)
	if err != nil {
		t.Fatal(err)
	}
	return identities, recipient
}

func open(t *testing.T) (store.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "crosswalk")
	place, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return place, dir
}

// write writes rows as one bundle does.
func write(t *testing.T, place store.Store, recipients []string, rows ...Row) {
	t.Helper()
	w, err := NewWriter(t.Context(), place, recipients, digest)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func digest(plain []byte) [32]byte { return sha256.Sum256(plain) }

func row(patient, series int) Row {
	return Row{Cohort: "china", Pseudonym: fmt.Sprintf("%016x", patient), StudyUID: "2.25.7", SeriesUID: fmt.Sprintf("2.25.%d", series), DateOffsetDays: -30 - patient,
		Site: "S", OriginalIssuer: "HIS", OriginalPatientID: fmt.Sprintf("MRN-%d", patient), OriginalStudyUID: "1.2.3", OriginalSeriesUID: fmt.Sprintf("1.2.3.%d", series)}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v; want 0600", e.Name(), info.Mode(), err)
		}
	}
	return names
}

func TestRoundTrip(t *testing.T) {
	owner, recipient := identity(t)
	deputy, second := identity(t)
	place, dir := open(t)
	odd := row(3, 1)
	odd.OriginalPatientID, odd.OriginalIssuer = "患者,7 \"a\"\\ =1+1", ""
	rows := []Row{row(2, 1), row(1, 9), row(1, 3), row(1, 3), odd}
	write(t, place, []string{recipient, second}, rows...)
	want := []Row{row(1, 3), row(1, 9), row(2, 1), odd}
	for who, identities := range map[string][]age.Identity{"owner": owner, "deputy": deputy} {
		if got, err := Read(t.Context(), place, identities); err != nil || !slices.Equal(got, want) {
			t.Errorf("Read as %s = %v, %v; want %v", who, got, err, want)
		}
	}
	if parts := names(t, dir); len(parts) != 1 {
		t.Errorf("parts %v, want one", parts)
	}
	for _, name := range names(t, dir) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte("MRN-")) || bytes.Contains(data, []byte("1.2.3")) || bytes.Contains(data, []byte("0000")) {
			t.Errorf("%s holds a row in the clear", name)
		}
		// Another program that reads the format sees plain CSV.
		plain, err := age.Decrypt(bytes.NewReader(data), owner...)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(plain)
		if err != nil || !strings.HasPrefix(string(text), "cohort,pseudonym,") || strings.Count(string(text), "\n") != 5 {
			t.Errorf("%s decrypts to %q, %v; want a header and 4 rows", name, text, err)
		}
	}
}

// TestPartsMerge: a second run, other bundles and overlapping parts change nothing.
func TestPartsMerge(t *testing.T) {
	owner, recipient := identity(t)
	place, dir := open(t)
	a, b, c := row(1, 1), row(2, 2), row(3, 3)
	write(t, place, []string{recipient}, a, b)
	write(t, place, []string{recipient}, c)
	first, parts := read(t, place, owner), names(t, dir)
	write(t, place, []string{recipient}, b, a)
	write(t, place, []string{recipient}, c)
	if again := names(t, dir); !slices.Equal(again, parts) || len(parts) != 2 {
		t.Errorf("a second run wrote %v, want the names of the first, %v", again, parts)
	}
	write(t, place, []string{recipient}, b, c)
	if got := read(t, place, owner); !slices.Equal(got, first) || len(got) != 3 {
		t.Errorf("Read after other bundles = %v, want %v", got, first)
	}
}

func read(t *testing.T, place store.Store, identities []age.Identity) []Row {
	t.Helper()
	rows, err := Read(t.Context(), place, identities)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestLabelMaps: a label map's row stays only where its series has no patient.
func TestLabelMaps(t *testing.T) {
	owner, recipient := identity(t)
	place, _ := open(t)
	label, lonely := Row{Cohort: "china", SeriesUID: row(1, 1).SeriesUID, OriginalSeriesUID: "1.2.3.1"}, Row{Cohort: "china", SeriesUID: "2.25.99", OriginalSeriesUID: "1.2.3.99"}
	write(t, place, []string{recipient}, label, lonely)
	write(t, place, []string{recipient}, row(1, 1))
	if got, want := read(t, place, owner), []Row{lonely, row(1, 1)}; !slices.Equal(got, want) {
		t.Errorf("Read() = %v, want %v", got, want)
	}
}

func TestNothingIsWrittenForNothing(t *testing.T) {
	_, recipient := identity(t)
	place, dir := open(t)
	write(t, place, []string{recipient})
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("without rows there are %v", got)
	}
}

// TestBound: many rows of concurrent workers go out in parts, and none is lost.
func TestBound(t *testing.T) {
	owner, recipient := identity(t)
	place, dir := open(t)
	w, err := NewWriter(t.Context(), place, []string{recipient}, digest)
	if err != nil {
		t.Fatal(err)
	}
	var workers sync.WaitGroup
	for k := range 4 {
		workers.Go(func() {
			for i := range maxRows {
				if err := w.Add(t.Context(), row(k, i)); err != nil {
					t.Error(err)
					return
				}
				w.mu.Lock()
				waiting := len(w.rows)
				w.mu.Unlock()
				if waiting >= maxRows {
					t.Errorf("%d rows wait, want fewer than %d", waiting, maxRows)
					return
				}
			}
		})
	}
	workers.Wait()
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := read(t, place, owner); len(got) != 4*maxRows {
		t.Errorf("%d rows are back, want %d", len(got), 4*maxRows)
	}
	if got := names(t, dir); len(got) != 4 {
		t.Errorf("%d parts, want 4", len(got))
	}
}

func TestReadFaults(t *testing.T) {
	owner, recipient := identity(t)
	stranger, other := identity(t)
	filled := func(t *testing.T) (store.Store, string, []byte) {
		place, dir := open(t)
		write(t, place, []string{recipient}, row(1, 1))
		path := filepath.Join(dir, names(t, dir)[0])
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return place, path, data
	}
	sealed := func(text string) []byte {
		r, err := age.ParseX25519Recipient(recipient)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		w, err := age.Encrypt(&out, r)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err = errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	header := strings.Join(columns, ",") + "\n"
	for _, c := range []struct {
		name   string
		change func(data []byte) []byte
		want   string
	}{
		{"cut at the end", func(d []byte) []byte { return d[:len(d)-1] }, "cut or altered"},
		{"cut in its head", func(d []byte) []byte { return d[:40] }, "cut or altered"},
		{"empty", func([]byte) []byte { return nil }, "cut or altered"},
		{"a bit turned in its text", func(d []byte) []byte { d[len(d)-5] ^= 1; return d }, "cut or altered"},
		{"a bit turned in its head", func(d []byte) []byte { d[60] ^= 1; return d }, "part"},
		{"in the clear", func([]byte) []byte { return []byte(header + "MRN-1") }, "cut or altered"},
		{"another table", func([]byte) []byte { return sealed("a,b\n1,MRN-1\n") }, "another version"},
		{"a field too few", func([]byte) []byte { return sealed(header + "china,MRN-1\n") }, "it is no CSV"},
		{"an offset that is none", func([]byte) []byte { return sealed(header + "china,p,1,2,soon,S,HIS,MRN-1,1,2\n") }, "date_offset_days is no number"},
	} {
		place, path, data := filled(t)
		if err := os.WriteFile(path, c.change(data), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Read(t.Context(), place, owner)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "MRN") {
			t.Errorf("%s: Read() = %v, want an error with %q and no value", c.name, err, c.want)
		}
	}

	place, _, _ := filled(t)
	if _, err := Read(t.Context(), place, stranger); !errors.Is(err, ErrIdentity) {
		t.Errorf("Read with a wrong identity = %v, want %v", err, ErrIdentity)
	}
	write(t, place, []string{other}, row(2, 2))
	if _, err := Read(t.Context(), place, owner); !errors.Is(err, ErrIdentity) || !strings.Contains(err.Error(), "1 of 2 parts") {
		t.Errorf("Read with an identity for one of two parts = %v, want %v", err, ErrIdentity)
	}
	if rows, err := Read(t.Context(), place, slices.Concat(owner, stranger)); err != nil || len(rows) != 2 {
		t.Errorf("Read with both identities = %v, %v; want two rows", rows, err)
	}
	empty, _ := open(t)
	if _, err := Read(t.Context(), empty, owner); !errors.Is(err, ErrNoParts) {
		t.Errorf("Read of nothing = %v, want %v", err, ErrNoParts)
	}
}

func TestValuesThatCSVDoesNotCarry(t *testing.T) {
	owner, recipient := identity(t)
	place, _ := open(t)
	r := row(1, 1)
	r.OriginalPatientID = "a\r\nb\x00c\xffd"
	write(t, place, []string{recipient}, r)
	if got, want := read(t, place, owner)[0].OriginalPatientID, "a��b�c�d"; got != want {
		t.Errorf("OriginalPatientID = %q, want %q", got, want)
	}
}

func TestNewWriterRefuses(t *testing.T) {
	_, recipient := identity(t)
	place, dir := open(t)
	const secret = "AGE-SECRET-KEY-1QQQ"
	for _, recipients := range [][]string{{secret}, {recipient, recipient[:30]}, {"age1" + strings.Repeat("q", 58)}, nil} {
		if _, err := NewWriter(t.Context(), place, recipients, digest); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("NewWriter(%q) = %v, want an error that does not repeat it", recipients, err)
		}
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewWriter(t.Context(), place, []string{recipient}, digest); err == nil {
		t.Error("NewWriter where a file stands in the way succeeded")
	}
}

func TestIdentityFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "identity")
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewIdentity(path); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("NewIdentity(a file that is there) = %v, want an error", err)
	}
	if data, err := os.ReadFile(path); string(data) != "precious" || err != nil {
		t.Errorf("the file holds %q, %v; want what it held", data, err)
	}
	if _, err := NewIdentity(filepath.Join(path, "below")); err == nil || !strings.Contains(err.Error(), "making an identity") {
		t.Errorf("NewIdentity(below a file) = %v, want an error", err)
	}
	for _, text := range []string{"", "# a comment\n", "SECRETS", "AGE-SECRET-KEY-1SECRETS\n"} {
		if _, err := ParseIdentities(strings.NewReader(text)); err == nil || strings.Contains(err.Error(), "SECRETS") {
			t.Errorf("ParseIdentities(%q) = %v, want an error that does not repeat it", text, err)
		}
	}
}

// FuzzDecrypt: what is no part of ours gives an error, or rows that can be written again.
func FuzzDecrypt(f *testing.F) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("age-encryption.org/v1\n-> X25519 x\n"), "")
	f.Add([]byte(nil), strings.Join(columns, ",")+"\nchina,p,1,2,-3,S,HIS,\"a,b\",1,2\n")
	f.Fuzz(func(t *testing.T, sealed []byte, csv string) {
		rows := map[Row]struct{}{}
		if decrypt(sealed, []age.Identity{id}, rows) == nil {
			t.Fatal("bytes that nobody encrypted were decrypted")
		}
		if parse([]byte(csv), rows) != nil {
			return
		}
		plain := map[Row]struct{}{}
		for r := range rows {
			plain[r.plain()] = struct{}{}
		}
		var text bytes.Buffer
		if err := WriteCSV(&text, merged(plain)); err != nil {
			t.Fatal(err)
		}
		again := map[Row]struct{}{}
		if err := parse(text.Bytes(), again); err != nil || !slices.Equal(merged(again), merged(plain)) {
			t.Fatalf("rows changed on their way: %v", err)
		}
	})
}
