package test

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"ctcohort/configs"
	"ctcohort/io/dicomio"
	"ctcohort/io/store"
	"ctcohort/schemas"
	"ctcohort/test/flaky"
)

// An element of explicit VR, little endian, of a file that is written by hand.
type element struct {
	tag   uint32
	vr    string
	value string
}

func (e element) append(to []byte) []byte {
	to = binary.LittleEndian.AppendUint16(to, uint16(e.tag>>16))
	to = binary.LittleEndian.AppendUint16(to, uint16(e.tag))
	to = append(to, e.vr...)
	if len(e.value)%2 == 1 {
		e.value += map[bool]string{true: "\x00", false: " "}[e.vr == "UI" || e.vr == "OB"]
	}
	if slices.Contains([]string{"OB", "OW", "SQ", "UN", "UT"}, e.vr) {
		to = append(to, 0, 0)
		to = binary.LittleEndian.AppendUint32(to, uint32(len(e.value)))
	} else {
		to = binary.LittleEndian.AppendUint16(to, uint16(len(e.value)))
	}
	return append(to, e.value...)
}

// part10 is a file of the given transfer syntax around the bytes of a dataset.
func part10(syntax string, dataset []byte) []byte {
	file := append(make([]byte, 128), "DICM"...)
	for _, e := range []element{{0x00020002, "UI", ctStorage}, {0x00020003, "UI", "1.2.3.4"}, {0x00020010, "UI", syntax}} {
		file = e.append(file)
	}
	return append(file, dataset...)
}

const (
	ctStorage  = "1.2.840.10008.5.1.4.1.1.2"
	explicitLE = "1.2.840.10008.1.2.1"
	deflatedLE = "1.2.840.10008.1.2.1.99"
)

// image is a dataset of a small CT image; changed elements take the place of its own.
func image(changed ...element) []byte {
	pixels := make([]byte, 2*16*16)
	for i := range pixels {
		pixels[i] = byte(i * 7 % 32)
	}
	all := map[uint32]element{}
	for _, e := range append([]element{
		{0x00080016, "UI", ctStorage}, {0x00080018, "UI", "1.2.3.4.5"}, {0x00080060, "CS", "CT"}, {0x00100010, "PN", canary}, {0x00100020, "LO", "MRN-4711"},
		{0x0020000D, "UI", "1.2.3"}, {0x0020000E, "UI", "1.2.3.4"}, {0x00280002, "US", "\x01\x00"}, {0x00280004, "CS", "MONOCHROME2"},
		{0x00280010, "US", "\x10\x00"}, {0x00280011, "US", "\x10\x00"}, {0x00280100, "US", "\x10\x00"}, {0x00280101, "US", "\x10\x00"}, {0x00280102, "US", "\x0f\x00"},
		{0x00280103, "US", "\x00\x00"}, {0x7FE00010, "OW", string(pixels)},
	}, changed...) {
		all[e.tag] = e
	}
	var data []byte
	for _, tag := range slices.Sorted(maps.Keys(all)) {
		data = all[tag].append(data)
	}
	return data
}

// nested is a sequence within a sequence, so many times.
func nested(depth int) []byte {
	var data []byte
	for range depth {
		data = append(data, "\x08\x00\x40\x11SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"...)
	}
	return data
}

func deflated(t *testing.T, head []byte, zeros int) []byte {
	t.Helper()
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(head); err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 1<<20)
	for range zeros {
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// put writes files into the archive.
func put(t *testing.T, archive string, files map[string][]byte) {
	t.Helper()
	for name, data := range files {
		path := filepath.Join(archive, canary, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func hostileFiles(t *testing.T, b *faultBed) string {
	whole := part10(explicitLE, image())
	bomb := image(element{0x7FE00010, "OW", ""})
	bomb = append(bomb[:len(bomb)-12], "\xe0\x7f\x10\x00OW\x00\x00\x00\x00\x00\x60"...) // 1.5 GiB of pixels
	files := map[string][]byte{
		"cut": whole[:len(whole)-99], "cut in its head": whole[:200],
		"lying length":      part10(explicitLE, append(image()[:40], "\x10\x00\x20\x00UN\x00\x00\xfe\xff\xff\x7f"...)),
		"lying pixels":      part10(explicitLE, image(element{0x00280010, "US", "\xff\xff"}, element{0x00280011, "US", "\xff\xff"})),
		"nested":            part10(explicitLE, nested(100_000)),
		"bomb":              part10(deflatedLE, deflated(t, bomb, 1536)),
		"traversing UID":    part10(explicitLE, image(element{0x00080018, "UI", "../../../../" + canary})),
		"traversing series": part10(explicitLE, image(element{0x0020000E, "UI", "../../" + canary}, element{0x0020000D, "UI", "/etc/" + canary})),
		"traversing ID":     part10(explicitLE, image(element{0x00100020, "LO", "../../../" + canary}, element{0x00080018, "UI", "1.2.3.4.9"})),
		"text.txt":          bytes.Repeat([]byte(canary), 50),
		"bomb.nii.gz":       append([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"), deflated(t, nil, 64)...),
	}
	before := outside(t, b)
	_, ends := b.more(t, func(archive string) { put(t, archive, files) })
	if after := outside(t, b); !slices.Equal(before, after) {
		t.Errorf("beside the root there are %v; there were %v", after, before)
	}
	total := 0
	for end, n := range ends {
		if n < 0 {
			t.Errorf("%d files less end %s", -n, end)
		}
		total += n
	}
	if total != len(files) || len(ends) < 4 {
		t.Errorf("of %d files these are accounted for: %v", len(files), ends)
	}
	return "accounted for: " + counted(ends)
}

// outside lists what lies beside the clean run's root, where a name that leads out
// would end.
func outside(t *testing.T, b *faultBed) (names []string) {
	entries, err := os.ReadDir(filepath.Dir(b.cfg.Output))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func counted(ends map[string]int) string {
	var parts []string
	for _, end := range slices.Sorted(maps.Keys(ends)) {
		parts = append(parts, fmt.Sprintf("%d %s", ends[end], end))
	}
	return strings.Join(parts, ", ")
}

func linksAndPipes(t *testing.T, b *faultBed) string {
	secret := filepath.Join(t.TempDir(), canary+".dcm")
	if err := os.WriteFile(secret, part10(explicitLE, image()), 0o600); err != nil {
		t.Fatal(err)
	}
	root, ends := b.more(t, func(archive string) {
		put(t, archive, map[string][]byte{"real": []byte("no DICOM")})
		for name, target := range map[string]string{"out": secret, "folder": filepath.Dir(secret), "circle": "circle", "up": "..", "nothing": "gone", "within": "real"} {
			if err := os.Symlink(target, filepath.Join(archive, canary, name)); err != nil {
				t.Fatal(err)
			}
		}
		if err := syscall.Mkfifo(filepath.Join(archive, canary, "pipe"), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	// Links to folders within the archive are not followed: what they lead to is listed where it lies.
	if ends["rejected not_dicom"] != 2 || ends["ok"] != 0 || ends["rejected unreadable"] != 5 || len(ends) != 2 {
		t.Errorf("links and pipes end %v; want 2 not_dicom, the file and the link to it, and 5 unreadable", ends)
	}
	if _, err := os.Stat(filepath.Join(root, "state/anonymise/_MANIFEST.json")); err == nil {
		t.Error("with unreadable files anonymise counts as done")
	}
	return "accounted for: " + counted(ends)
}

// ofArchive returns CT images of the bed's archive, by name.
func ofArchive(t *testing.T, archive string) (names []string) {
	t.Helper()
	for name, data := range tree(t, archive) {
		if f, err := dicomio.ReadHeader(bytes.NewReader(data)); err == nil && f.Pixel != nil && f.Dataset.Text(0x00080060) == "CT" && !strings.HasPrefix(name, canary) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func sameUIDs(t *testing.T, b *faultBed) string {
	one, other := part10(explicitLE, image()), part10(explicitLE, image(element{0x00280103, "US", "\x01\x00"}))
	_, ends := b.more(t, func(archive string) {
		original := read(t, filepath.Join(archive, ofArchive(t, archive)[0]))
		put(t, archive, map[string][]byte{"copy": original, "0/copy": original, "one": one, "other": other})
	})
	if want := map[string]int{"duplicate": 2, "rejected uid_collision": 2}; !maps.Equal(ends, want) {
		t.Errorf("copies and contradictory files end %v; want %v", ends, want)
	}
	return counted(ends)
}

func oneID(t *testing.T, b *faultBed) string {
	file := func(name, uid string) []byte {
		return part10(explicitLE, image(element{0x00100010, "PN", name}, element{0x00080018, "UI", uid}, element{0x0020000E, "UI", uid + ".1"}))
	}
	cfg := elsewhere(t, b.cfg)
	cfg.Cohorts = nil
	for _, site := range []string{"north", "south"} {
		archive := filepath.Join(t.TempDir(), site)
		put(t, archive, map[string][]byte{"a": file(canary+"^"+site, "1.2.3."+fmt.Sprint(len(cfg.Cohorts))), "b": file("ZWEITER^"+canary, "1.2.4."+fmt.Sprint(len(cfg.Cohorts)))})
		cfg.Cohorts = append(cfg.Cohorts, configs.Cohort{Name: site, Archive: archive, Site: site})
	}
	said := start(t, cfg, []string{childStages + "=anonymise"}).succeeds(t)
	made := tree(t, cfg.Output)
	b.private(t, made, said, canary, "ZWEITER", "MRN-4711")
	at := map[string]map[string]int{}
	for _, r := range rows[schemas.Instance](t, cfg.Output) {
		if at[r.Cohort] == nil {
			at[r.Cohort] = map[string]int{}
		}
		at[r.Cohort][r.PatientID]++
	}
	for cohort, ids := range at {
		if len(ids) != 1 {
			t.Errorf("one ID at %s has the pseudonyms %v; want one", cohort, ids)
		}
	}
	north, south := slices.Collect(maps.Keys(at["north"])), slices.Collect(maps.Keys(at["south"]))
	if len(at) != 2 || slices.Equal(north, south) || strings.Join(north, "") == "" {
		t.Errorf("one ID at two sites has the pseudonyms %v and %v; want two", north, south)
	}
	return "two pseudonyms at two sites, one at one"
}

func flakyStore(t *testing.T, b *faultBed) string {
	server := flaky.Serve(t, oneInFive)
	cfg := elsewhere(t, b.cfg)
	cfg.Cohorts = slices.Clone(cfg.Cohorts)
	cfg.Cohorts[0].Archive, cfg.Output = "gs://bucket/archive", "gs://bucket/out"
	archive, err := store.Open(t.Context(), cfg.Cohorts[0].Archive)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range tree(t, b.cfg.Cohorts[0].Archive) {
		if err := store.WriteAll(t.Context(), archive, name, data); err != nil {
			t.Fatal(err)
		}
	}
	said := start(t, cfg, nil).succeeds(t)
	made, want := download(t, cfg.Output), maps.Clone(b.clean)
	for _, files := range []map[string][]byte{made, want} { // an object's version is another in a bucket
		maps.DeleteFunc(files, func(name string, _ []byte) bool { return strings.HasPrefix(name, "state/") })
	}
	compare(t, "in a bucket", clockless(want), clockless(made), "")
	b.private(t, made, said)
	all, spoilt := server.Requests()
	return fmt.Sprintf("%d of %d requests spoilt; bytes equal", spoilt, all)
}

// hugeSlices and hugeMiB: a series of so many images of 512×512 is a volume of
// half as many MiB, and the process may write to so many MiB in all.
const hugeSlices, hugeMiB = 400, 640

func hugeSeries(t *testing.T, b *faultBed) string {
	cfg := elsewhere(t, b.cfg)
	archive := filepath.Join(t.TempDir(), "archive")
	if err := os.CopyFS(archive, os.DirFS(b.cfg.Cohorts[0].Archive)); err != nil {
		t.Fatal(err)
	}
	side := "\x00\x02"
	pixels := make([]byte, 2*512*512)
	for i := 0; i < len(pixels); i += 2 {
		binary.LittleEndian.PutUint16(pixels[i:], uint16(i/2%1000))
	}
	for z := range hugeSlices {
		put(t, archive, map[string][]byte{fmt.Sprintf("huge/%d", z): part10(explicitLE, image(
			element{0x00080008, "CS", `ORIGINAL\PRIMARY\AXIAL`}, element{0x00080018, "UI", fmt.Sprintf("1.2.3.7.%d", z)}, element{0x00180050, "DS", "1"},
			element{0x00180015, "CS", "CHEST"}, element{0x0020000E, "UI", "1.2.3.7"}, element{0x00200032, "DS", fmt.Sprintf(`0\0\%d`, z)}, element{0x00200037, "DS", `1\0\0\0\1\0`},
			element{0x00200052, "UI", "1.2.3.8"}, element{0x00280010, "US", side}, element{0x00280011, "US", side}, element{0x00280030, "DS", `0.7\0.7`},
			element{0x00281052, "DS", "-1000"}, element{0x00281053, "DS", "1"}, element{0x7FE00010, "OW", string(pixels)}))})
	}
	cfg.Cohorts = slices.Clone(cfg.Cohorts)
	cfg.Cohorts[0].Archive, cfg.Workers = archive, 2
	p := start(t, cfg, []string{childStages + "=anonymise resample", fmt.Sprintf("%s=%d", childMiB, hugeMiB)})
	said := p.succeeds(t)
	b.private(t, tree(t, filepath.Join(cfg.Output, "tables")), said, canary)
	used, largest := 0, int32(0)
	for _, r := range rows[schemas.Series](t, cfg.Output) {
		if r.Used() {
			used, largest = used+1, max(largest, r.Slices)
		}
	}
	if used < 3 || largest != hugeSlices {
		t.Errorf("%d volumes, the largest of %d slices; want that of %d and the small ones", used, largest, hugeSlices)
	}
	peak := p.ProcessState.SysUsage().(*syscall.Rusage).Maxrss >> 10
	return fmt.Sprintf("%d volumes, one of %d MiB, within %d MiB of data; at most %d MiB resident", used, hugeSlices/2, hugeMiB, peak)
}
