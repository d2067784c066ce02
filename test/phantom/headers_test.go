package phantom

import (
	"os"
	"path/filepath"
	"testing"

	"ctcohort/io/dicomio"
)

// Attributes of the CT Image IOD (PS3.3 A.3.3) of type 1, or 1C with its
// condition met; and of type 2, which may be empty but must be there.
var (
	ctType1 = []uint32{
		0x00080008, 0x00080016, 0x00080018, 0x00080060, 0x0020000D, 0x0020000E, 0x00200013, 0x00200032, 0x00200037, 0x00200052,
		0x00280002, 0x00280004, 0x00280010, 0x00280011, 0x00280030, 0x00280100, 0x00280101, 0x00280102, 0x00280103, 0x00281050,
		0x00281051, 0x00281052, 0x00281053, 0x00281054, 0x00080005,
	}
	ctType2 = []uint32{
		0x00080020, 0x00080030, 0x00080050, 0x00080070, 0x00080090, 0x00100010, 0x00100020, 0x00100030, 0x00100040, 0x00180050,
		0x00180060, 0x00185100, 0x00200010, 0x00200011, 0x00200012, 0x00200020, 0x00201040, 0x00080023, 0x00080033,
	}
	segType1 = []uint32{
		0x00080008, 0x00080016, 0x00080018, 0x00080023, 0x00080033, 0x00080060, 0x00080070, 0x00081090, 0x00081115, 0x00181000,
		0x00181020, 0x0020000D, 0x0020000E, 0x00200011, 0x00200013, 0x00200052, 0x00209221, 0x00209222, 0x00280002, 0x00280004, 0x00280008,
		0x00280010, 0x00280011, 0x00280100, 0x00280101, 0x00280102, 0x00280103, 0x00282110, 0x00620001, 0x00620002, 0x00700080,
		0x52009229, 0x52009230,
	}
	segType2 = []uint32{0x00700081, 0x00700084, 0x00201040, 0x00100010, 0x00100020, 0x00080020, 0x00080050}
)

func readHeader(t *testing.T, path string) *dicomio.File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h, err := dicomio.ReadHeader(f)
	if err != nil {
		t.Fatalf("reading a header: %v", err)
	}
	return h
}

func checkAttributes(t *testing.T, d dicomio.Dataset, type1, type2 []uint32) {
	t.Helper()
	for _, tag := range append(append([]uint32(nil), type1...), type2...) {
		if _, ok := d.Find(dicomio.Tag(tag)); !ok {
			t.Errorf("(%04X,%04X) is missing", tag>>16, tag&0xFFFF)
		}
	}
	for _, tag := range type1 {
		if e, _ := d.Find(dicomio.Tag(tag)); e != nil && len(e.Value) == 0 && len(e.Items) == 0 {
			t.Errorf("(%04X,%04X) is of type 1 but empty", tag>>16, tag&0xFFFF)
		}
	}
}

func TestHeadersAreComplete(t *testing.T) {
	eachPatient(t, func(t *testing.T, a archive, p Patient) {
		for _, s := range p.Series {
			h := readHeader(t, a.slices(t, s)[0])
			if h.Syntax.Implicit != p.Implicit {
				t.Errorf("implicit = %t; the manifest says %t", h.Syntax.Implicit, p.Implicit)
			}
			checkAttributes(t, h.Dataset, ctType1, ctType2)
			if got := h.Dataset.Floats(0x00180050); len(got) != 1 || got[0] != s.ThicknessMM {
				t.Errorf("SliceThickness = %v; the manifest says %g", got, s.ThicknessMM)
			}
			bits, high := h.Dataset.Ints(0x00280101)[0], h.Dataset.Ints(0x00280102)[0]
			if high != bits-1 || (bits != 12 && bits != 16) {
				t.Errorf("BitsStored %d, HighBit %d; want 12 or 16 and one less", bits, high)
			}
			if s.LabelKind == LabelSEG {
				h := readHeader(t, filepath.Join(a.root, filepath.FromSlash(s.LabelPath)))
				checkAttributes(t, h.Dataset, segType1, segType2)
				if refs := h.Dataset.Items(0x00081115)[0].Items(0x0008114A); len(refs) != s.Grid.Size[2] {
					t.Errorf("the SEG refers to %d images of %d", len(refs), s.Grid.Size[2])
				}
			}
		}
	})
}

func TestInstanceUIDsAreUnique(t *testing.T) {
	a := sharedArchive(t)
	seen := map[string]bool{}
	for _, m := range a.manifests {
		for _, p := range m.Patients {
			for _, s := range p.Series {
				for _, path := range a.slices(t, s) {
					uid := readHeader(t, path).Dataset.Text(0x00080018)
					if seen[uid] || len(uid) > 64 {
						t.Fatalf("an instance UID is used twice or longer than 64 characters")
					}
					seen[uid] = true
				}
			}
		}
	}
}
