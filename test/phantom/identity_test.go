package phantom

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// contents returns all paths and bytes below root that lie under a folder of
// the patient, which is known by the UID root that every file holds.
func contents(t *testing.T, a archive, uidRoot string) []byte {
	t.Helper()
	var all bytes.Buffer
	err := filepath.WalkDir(a.root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		if err == nil && (bytes.Contains(b, []byte(uidRoot)) || strings.Contains(p, uidRoot)) {
			all.WriteString(p)
			all.Write(b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.Bytes()
}

func TestIdentifiersArePlanted(t *testing.T) {
	charsets := map[string]bool{}
	eachPatient(t, func(t *testing.T, a archive, p Patient) {
		root := ""
		kinds := map[string]bool{}
		for _, id := range p.Identifiers {
			kinds[id.Kind] = true
			if id.Kind == "uid_root" {
				root = id.Text
			}
		}
		all := contents(t, a, root)
		for _, id := range p.Identifiers {
			if !bytes.Contains(all, id.Bytes) {
				t.Errorf("a %s is not in the patient's files", id.Kind)
			}
			if id.Searchable && len(id.Bytes) < 6 {
				t.Errorf("a %s of %d bytes is too short to search for", id.Kind, len(id.Bytes))
			}
		}
		for _, kind := range []string{"patient_name", "patient_id", "accession_number", "birth_date", "phone", "address", "institution", "private_blob", "free_text", "uid_root"} {
			if !kinds[kind] {
				t.Errorf("no %s was planted", kind)
			}
		}
		charsets[strings.Join(readHeader(t, a.slices(t, p.Series[0])[0]).Dataset.Texts(0x00080005), `\`)] = true
	})
	for _, want := range []string{"ISO_IR 100", "ISO_IR 192", "GB18030", `\ISO 2022 IR 58`} {
		if !charsets[want] {
			t.Errorf("no patient has the character set %q: %v", want, charsets)
		}
	}
}

// Two patients share no identifier but those of their hospital.
func TestIdentifiersTellPatientsApart(t *testing.T) {
	a := sharedArchive(t)
	owner := map[string]string{}
	for _, m := range a.manifests {
		for _, p := range m.Patients {
			for _, id := range p.Identifiers {
				switch id.Kind {
				case "institution", "institution_address", "department", "station", "device_serial", "ae_title", "patient_name_part":
					continue
				}
				if other, ok := owner[id.Text]; id.Searchable && ok && other != p.PatientID {
					t.Errorf("two patients share a %s", id.Kind)
				}
				owner[id.Text] = p.PatientID
			}
		}
	}
}

func TestNamesInCharacterSets(t *testing.T) {
	for _, c := range []struct {
		name string
		set  *charset
		text string
		want string
	}{
		{"Latin-1", latin1, "Müller^Käthe", "M\xfcller^K\xe4the"},
		{"UTF-8", utf8, "Müller^Käthe", "M\xc3\xbcller^K\xc3\xa4the"},
		{"GB18030 of PS3.5 J.3", gb18030, "Wang^XiaoDong=王^小东", "Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab"},
		{"ISO 2022 of PS3.5 K.2", iso2022, "Zhang^XiaoDong=张^小东", "Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab"},
	} {
		if got := string(c.set.encode(c.text)); got != c.want {
			t.Errorf("%s: encode(%q) = %q; want %q", c.name, c.text, got, c.want)
		}
	}
}
