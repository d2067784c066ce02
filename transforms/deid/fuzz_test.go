package deid

import (
	"bytes"
	"errors"
	"testing"

	"ctcohort/io/dicomio"
)

// FuzzFile: any bytes end as a Rejection or as a file that reads back, without private elements.
func FuzzFile(f *testing.F) {
	nested := dicomio.NewSequence(0x00081140, dicomio.Dataset{textElement(0x00081155, "UI", "1.2.276.0.7")})
	f.Add(ctFile{rows: 2, columns: 2}.encode())
	f.Add(ctFile{rows: 2, columns: 2, extra: dicomio.Dataset{nested, textElement(tagCharset, "CS", `\ISO 2022 IR 87`), textElement(0x00104000, "LT", "\x1b$B;3ED\x1b(B chest")}}.encode())
	f.Add(ctFile{rows: 2, columns: 2, trailer: dicomio.Dataset{textElement(0xFFFCFFFC, "OB", "ab")}}.encode())
	d := newDeidentifier(f, "research")
	f.Fuzz(func(t *testing.T, data []byte) {
		var out bytes.Buffer
		_, err := d.File(bytes.NewReader(data), into(&out))
		var r *Rejection
		if errors.As(err, &r) {
			return
		}
		if err != nil {
			t.Fatalf("File() = %v, want a Rejection", err)
		}
		written, err := dicomio.ReadHeader(&out)
		if err != nil {
			t.Fatalf("reading the output: %v", err)
		}
		for _, e := range written.Dataset {
			if e.Tag.Private() {
				t.Fatalf("%v is left", e.Tag)
			}
		}
	})
}

// TestLongLists: lists that grow beyond what their VR can hold do not break the file.
func TestLongLists(t *testing.T) {
	uids := bytes.Repeat([]byte(`1.2.276.0.7\`), 5000)
	f, _, _ := deidentify(t, newDeidentifier(t, "research"), ctFile{rows: 2, columns: 2, extra: dicomio.Dataset{textElement(0x00080058, "UI", string(uids[:59999]))}}.encode())
	if e, ok := f.Dataset.Find(0x00080058); ok && len(e.Value) > 0xFFFF {
		t.Errorf("a UI of %d bytes", len(e.Value))
	}
}
