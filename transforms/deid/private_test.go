package deid

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"ctcohort/io/dicomio"
)

// privateOf returns a private block: its creator in the group's first place, and elements.
func privateOf(creator string, group dicomio.Tag, elements ...dicomio.Element) dicomio.Dataset {
	return append(dicomio.Dataset{dicomio.TextElement(group<<16|0x10, "LO", creator)}, elements...)
}

func TestRetainSafePrivate(t *testing.T) {
	fd := func(tag dicomio.Tag, vr string, n int) dicomio.Element {
		return dicomio.NewElement(tag, vr, bytes.Repeat([]byte{0x3F}, n))
	}
	for _, c := range []struct {
		name  string
		extra dicomio.Dataset
		tag   dicomio.Tag
		stays bool
	}{
		{"on the list", privateOf("GEMS_ACQU_01", 0x0019, dicomio.TextElement(0x00191023, "DS", "39.37")), 0x00191023, true},
		{"as UN", privateOf("GEMS_ACQU_01", 0x0019, dicomio.TextElement(0x00191023, "UN", "39.37")), 0x00191023, true},
		{"empty", privateOf("GEMS_ACQU_01", 0x0019, dicomio.TextElement(0x00191023, "DS", "")), 0x00191023, true},
		{"several values", privateOf("GEMS_PARM_01", 0x0043, dicomio.TextElement(0x00431039, "IS", `800\8\0\0`)), 0x00431039, true},
		{"too many values", privateOf("GEMS_PARM_01", 0x0043, dicomio.TextElement(0x00431039, "IS", `800\8\0\0\1`)), 0x00431039, false},
		{"three of 3-4", privateOf("GEMS_PARM_01", 0x0043, dicomio.TextElement(0x0043106F, "DS", `1\2\3`)), 0x0043106F, true},
		{"any number", privateOf("Philips Imaging DD 001", 0x2001, dicomio.TextElement(0x20011074, "DS", `1\2\3\4\5`)), 0x20011074, true},
		{"numbers", privateOf("SIEMENS MR HEADER", 0x0019, fd(0x0019100E, "FD", 24)), 0x0019100E, true},
		{"numbers of another count", privateOf("SIEMENS MR HEADER", 0x0019, fd(0x0019100E, "FD", 32)), 0x0019100E, false},
		{"another VR", privateOf("GEMS_ACQU_01", 0x0019, dicomio.TextElement(0x00191023, "LO", "39.37")), 0x00191023, false},
		{"no number", privateOf("GEMS_ACQU_01", 0x0019, dicomio.TextElement(0x00191023, "DS", "fast")), 0x00191023, false},
		{"the patient's name", privateOf("GEMS_ACQU_01", 0x0019, dicomio.TextElement(0x0019109E, "LO", "Musterfrau")), 0x0019109E, false},
		{"the patient's ID as a number", append(privateOf("GEMS_ACQU_01", 0x0019, dicomio.TextElement(0x00191023, "DS", "88112233")), dicomio.TextElement(tagPatientID, "LO", "88112233")), 0x00191023, false},
		{"not on the list", privateOf("GEMS_ACQU_01", 0x0019, dicomio.TextElement(0x00191001, "LO", "anything")), 0x00191001, false},
		{"of another creator", privateOf("ACME", 0x0019, dicomio.TextElement(0x00191023, "DS", "39.37")), 0x00191023, false},
		{"in another group", privateOf("GEMS_ACQU_01", 0x0021, dicomio.TextElement(0x00211023, "DS", "39.37")), 0x00211023, false},
		{"without a creator", dicomio.Dataset{dicomio.TextElement(0x00191023, "DS", "39.37")}, 0x00191023, false},
		{"bulk data", privateOf("HOLOGIC, Inc.", 0x7E01, fd(0x7E011012, "OB", 16)), 0x7E011012, false},
	} {
		file := ctFile{rows: 4, columns: 4, extra: c.extra}.encode()
		f, _, _ := deidentify(t, withOptions(t, "research", "retain_safe_private"), file)
		got, stays := f.Dataset.Find(c.tag)
		_, creator := f.Dataset.Find(c.tag&^0xFFFF | 0x10)
		if stays != c.stays || creator != c.stays {
			t.Errorf("%s: the element stays %v, its creator %v; want %v", c.name, stays, creator, c.stays)
		}
		if before, _ := c.extra.Find(c.tag); stays && encoded(got) != encoded(before) {
			t.Errorf("%s: the value changed", c.name)
		}
		f, _, _ = deidentify(t, newDeidentifier(t, "research"), file)
		if slices.ContainsFunc(f.Dataset, func(e dicomio.Element) bool { return e.Tag.Private() }) {
			t.Errorf("%s: a private element is left without the option", c.name)
		}
	}
}

// TestSafePrivateNested: private sequences hold their items to the same rules;
// each data set reserves its own blocks.
func TestSafePrivateNested(t *testing.T) {
	inner := append(dicomio.Dataset{dicomio.TextElement(0x00081155, "UI", "1.2.276.0.7230010.3.1.4.77.1"), dicomio.TextElement(tagPatientName, "PN", "Musterfrau^Erika")},
		append(privateOf("ACME", 0x2001, dicomio.TextElement(0x20011102, "IS", "5")), dicomio.TextElement(0x20010011, "LO", "Philips Imaging DD 001"), dicomio.TextElement(0x20011108, "IS", "3"))...)
	slices.SortStableFunc(inner, func(a, b dicomio.Element) int { return int(a.Tag) - int(b.Tag) })
	sequence := dicomio.NewSequence(0x2001105F, inner)
	file := ctFile{rows: 4, columns: 4, extra: privateOf("Philips Imaging DD 001", 0x2001, sequence, dicomio.TextElement(0x2001105A, "ST", "chest Musterfrau"))}.encode()
	f, _, _ := deidentify(t, withOptions(t, "research", "retain_safe_private"), file)
	stack, ok := f.Dataset.Find(0x2001105F)
	if !ok {
		t.Fatal("the sequence went")
	}
	if got := f.Dataset.Text(0x2001105A); got != "chest" {
		t.Errorf("free text = %q, want chest", got)
	}
	item := stack.Items[0].Dataset
	for tag, want := range map[dicomio.Tag]bool{0x20010010: false, 0x20010011: true, 0x20011102: true, 0x20011108: true, 0x00081155: true} {
		if _, ok := item.Find(tag); ok != want {
			t.Errorf("in the item: %v stays %v, want %v", tag, ok, want)
		}
	}
	if uid := item.Text(0x00081155); !strings.HasPrefix(uid, "2.25.") {
		t.Errorf("in the item: a UID is still %s", uid)
	}
	if name := item.Text(tagPatientName); name != "" {
		t.Errorf("in the item: a name is still there")
	}
}

// TestPatientNamedLikeACreator: names that are words of creators cost no file.
func TestPatientNamedLikeACreator(t *testing.T) {
	for _, name := range []string{"Parm^Mr", "Header^Philips", "Helios^Imaging"} {
		extra := append(privateOf("GEMS_PARM_01", 0x0043, dicomio.TextElement(0x00431027, "SH", "0.984:1")), dicomio.TextElement(tagPatientName, "PN", name))
		f, _, _ := deidentify(t, withOptions(t, "research", "retain_safe_private"), ctFile{rows: 4, columns: 4, extra: extra}.encode())
		if got := f.Dataset.Text(0x00431027); got != "0.984:1" {
			t.Errorf("%s: pitch = %q", name, got)
		}
	}
}

// TestSafePrivateDictionary: the size, and the VRs of pydicom's private dictionary.
func TestSafePrivateDictionary(t *testing.T) {
	if n := len(safePrivate); n != 454 {
		t.Errorf("the dictionary has %d elements, want 454", n)
	}
	python := os.Getenv("CTCOHORT_PYTHON")
	if python == "" {
		t.Skip("CTCOHORT_PYTHON is not set: VRs are not compared with pydicom's")
	}
	script := `from pydicom._private_dict import private_dictionaries
for creator, elements in private_dictionaries.items():
    for tag, entry in elements.items():
        if tag[4:6] == "xx": print(creator, tag[:4], tag[6:], entry[0], sep="\t")`
	out, err := exec.Command(python, "-c", script).Output()
	if err != nil {
		t.Fatalf("asking pydicom: %v", err)
	}
	theirs := map[string]string{}
	for _, line := range strings.Split(string(out), "\n") {
		if f := strings.Split(line, "\t"); len(f) == 4 {
			theirs[strings.ToUpper(strings.Join(f[:3], "\t"))] = f[3]
		}
	}
	var compared, differing int
	for key, ours := range safePrivate {
		tag := dicomio.Tag(key.group)<<16 | dicomio.Tag(key.element)
		vr, ok := theirs[strings.ToUpper(key.creator)+"\t"+tag.String()[1:5]+"\t"+tag.String()[8:10]]
		if !ok {
			continue
		}
		compared++
		if vr != ours.vr {
			differing++
			t.Logf("%s %v: VR %s, pydicom has %s", key.creator, tag, ours.vr, vr)
		}
	}
	if compared < 180 || differing > 2 {
		t.Errorf("%d VRs compared with pydicom's, %d differ; want 180 or more, and 2", compared, differing)
	}
}

// FuzzOptions: with every option on, any bytes end as a Rejection or as a file
// that reads back, whose private elements are all of the dictionary.
func FuzzOptions(f *testing.F) {
	f.Add(ctFile{rows: 2, columns: 2, extra: privateOf("GEMS_ACQU_01", 0x0019, dicomio.TextElement(0x00191023, "DS", "39.37"), dicomio.TextElement(0x0019109E, "LO", "axial"))}.encode())
	f.Add(ctFile{rows: 2, columns: 2, extra: privateOf("Philips Imaging DD 001", 0x2001, dicomio.NewSequence(0x2001105F, privateOf("ACME", 0x2001, dicomio.TextElement(0x20011002, "IS", "5"))))}.encode())
	f.Add(ctFile{rows: 2, columns: 2, trailer: privateOf("HOLOGIC, Inc.", 0x7FE1, dicomio.TextElement(0x7FE11001, "LO", "x"))}.encode())
	f.Add(objectFile("88.33", dicomio.TextElement(tagValueType, "CS", "CONTAINER"), dicomio.NewSequence(tagContentSequence,
		contentOf("CONTAINS", "NUM", coded(tagConceptName, "DCM", "121033", "Subject Age"), measured("69", "a")),
		contentOf("CONTAINS", "TEXT", coded(tagConceptName, "99X", "1", "Befund"), dicomio.TextElement(tagTextValue, "UT", "nodule Musterfrau")))))
	f.Add(objectFile("11.1", dicomio.NewSequence(tagGraphicAnnotation, dicomio.Dataset{dicomio.NewSequence(tagTextObjects, dicomio.Dataset{dicomio.TextElement(tagUnformattedText, "ST", "Musterfrau")})})))
	d := withOptions(f, "research", slices.DeleteFunc(OptionNames(), func(name string) bool { return name == modifiedDates.Name })...)
	f.Fuzz(func(t *testing.T, data []byte) {
		written := rewritten(t, d, data)
		if written == nil {
			return
		}
		checkPrivate(t, written.Dataset)
	})
}

func checkPrivate(t *testing.T, d dicomio.Dataset) {
	t.Helper()
	of := blocksOf(d)
	for _, e := range d {
		for _, item := range e.Items {
			checkPrivate(t, item.Dataset)
		}
		if !e.Tag.Private() || isCreator(e.Tag) {
			continue
		}
		b := of[e.Tag>>8]
		if b == nil {
			t.Fatalf("%v is left without its creator", e.Tag)
		}
		if _, ok := safePrivate[safeKey{b.creator, e.Tag.Group(), uint8(e.Tag)}]; !ok {
			t.Fatalf("%v is left", e.Tag)
		}
	}
}
