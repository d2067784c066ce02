package deid

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/flate"
	"golang.org/x/text/encoding/unicode"

	"ctcohort/io/dicomio"
)

// A red team's file: in every attribute of the dictionary, at the top and within
// items of several sequences, stands a canary that fits its VR. Each begins with
// a marker, so that one search finds what leaked, and its number tells where it stood.
// The encoder is this test's own.

// The markers. Dates are of one month, and shifting moves them by more than one.
const (
	canaryWord = "Qzxj"
	canaryUID  = "1.2.826.0.1.3680043.9.7766."
	canaryID   = "1977553311" // a number that a numeric attribute can hold
	canaryTime = "031415.926"
)

var canaryMonth = time.Date(2031, 5, 1, 0, 0, 0, 0, time.UTC)

// dialect is how a file is written.
type dialect struct {
	name, syntax       string
	implicit, big      bool
	undefined, deflate bool // lengths of sequences
}

var dialects = []dialect{
	{"explicit", dicomio.ExplicitLittleEndian, false, false, false, false},
	{"explicit, undefined lengths", dicomio.ExplicitLittleEndian, false, false, true, false},
	{"implicit", dicomio.ImplicitLittleEndian, true, false, true, false},
	{"big endian", dicomio.ExplicitBigEndian, false, true, false, false},
	{"deflated", dicomio.DeflatedExplicit, false, false, true, true},
}

func (d dialect) order() binary.AppendByteOrder {
	if d.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

func (d dialect) head(out []byte, t dicomio.Tag, vr string, n uint32) []byte {
	o := d.order()
	out = o.AppendUint16(o.AppendUint16(out, t.Group()), t.Element())
	switch {
	case d.implicit || vr == "":
		return o.AppendUint32(out, n)
	case strings.Contains("OB OD OF OL OV OW SQ SV UC UN UR UT UV", vr):
		return o.AppendUint32(append(append(out, vr...), 0, 0), n)
	}
	return o.AppendUint16(append(out, vr...), uint16(n))
}

func (d dialect) element(out []byte, t dicomio.Tag, vr string, value []byte) []byte {
	if len(value)%2 == 1 {
		value = append(value, ' ')
	}
	return append(d.head(out, t, vr, uint32(len(value))), value...)
}

func (d dialect) sequence(out []byte, t dicomio.Tag, vr string, items ...[]byte) []byte {
	var content []byte
	for _, item := range items {
		if d.undefined {
			content = append(d.head(content, 0xFFFEE000, "", dicomio.Undefined), item...)
			content = d.head(content, 0xFFFEE00D, "", 0)
			continue
		}
		content = append(d.head(content, 0xFFFEE000, "", uint32(len(item))), item...)
	}
	if d.undefined {
		return d.head(append(d.head(out, t, vr, dicomio.Undefined), content...), 0xFFFEE0DD, "", 0)
	}
	return append(d.head(out, t, vr, uint32(len(content))), content...)
}

// way is with which VR values are written.
type way int

const (
	own   way = iota // the dictionary's
	asUN             // UN, sequences too
	amiss            // any
)

// team writes canaries.
type team struct {
	dialect
	letters []rune // that its names are made of, beside the marker
	set     charset
	rng     *rand.Rand
	planted map[string]dicomio.Tag
	count   int
	way     way
	own     string // the patient's name
	place   int    // which sequence holds them all once more
}

// word returns a new canary in the file's character set.
func (m *team) word(t dicomio.Tag) string {
	m.count++
	w := fmt.Sprintf("%s%05d", canaryWord, m.count)
	for range 3 {
		w += string(m.letters[m.rng.Intn(len(m.letters))])
	}
	m.planted[w[:len(canaryWord)+5]] = t
	return w
}

func (m *team) text(s string) []byte {
	b, ok := m.set.encode(s)
	if !ok {
		panic("a canary outside the character set")
	}
	return b
}

// value returns a canary for a VR; nil for those that can hold none.
func (m *team) value(t dicomio.Tag, vr string) []byte {
	if verbatim[t] && m.own != "" { // makes and codes are of no list: they stay unless they hold an identifier
		return m.text("Unit " + m.own)
	}
	day := canaryMonth.AddDate(0, 0, m.rng.Intn(28)).Format(dicomDate)
	switch vr {
	case "LO", "ST", "LT", "UT", "UC":
		return m.text([]string{"CT chest " + m.word(t), m.word(t), "Thorax " + m.word(t) + ", Dr " + m.word(t)}[m.rng.Intn(3)])
	case "SH":
		return m.text(m.word(t))
	case "PN":
		return m.text(m.word(t) + "^" + m.word(t))
	case "AE":
		return []byte(m.word(t)[:len(canaryWord)+5])
	case "CS":
		if _, listed := newDeidentifierOf("basic").actions[t]; listed {
			return []byte(strings.ToUpper(m.word(t)[:len(canaryWord)+5]))
		}
		return []byte("RTID" + canaryID) // a term of no list stays unless it holds an identifier
	case "DA":
		return []byte(day)
	case "DT":
		return []byte(day + canaryTime)
	case "TM":
		return []byte(canaryTime)
	case "UI":
		m.count++
		m.planted[canaryUID+fmt.Sprint(m.count)] = t
		return append([]byte(canaryUID+fmt.Sprint(m.count)), 0)[:len(canaryUID)+len(fmt.Sprint(m.count))]
	case "UR":
		return []byte("http://" + m.word(t)[:len(canaryWord)+5] + ".example/")
	case "DS", "IS":
		return []byte(canaryID)
	case "OB", "OW", "OF", "OD", "OL", "OV", "UN":
		return []byte(m.word(t)[:len(canaryWord)+5] + "       ")
	}
	return nil
}

var newDeidentifierOf = func() func(string) *Deidentifier {
	made := map[string]*Deidentifier{}
	for profile := range profiles {
		d, err := New(Options{Profile: profile, Key: testKey, Site: "site"})
		if err != nil {
			panic(err)
		}
		made[profile] = d
	}
	return func(profile string) *Deidentifier { return made[profile] }
}()

// spared are what a file must have to be an image at all.
var spared = map[dicomio.Tag]bool{
	tagCharset: true, tagSOPClassUID: true, 0x00280010: true, 0x00280011: true, 0x00280100: true, 0x00280101: true, 0x00280102: true, 0x00280103: true, 0x00280002: true,
	0x00280008: true, dicomio.TagFloatPixelData: true, dicomio.TagDoublePixelData: true, dicomio.TagPixelData: true,
}

var dictionary = func() []dicomio.Tag {
	var out []dicomio.Tag
	for _, group := range []dicomio.Tag{
		0x0008, 0x0010, 0x0012, 0x0014, 0x0016, 0x0018, 0x0020, 0x0022, 0x0024, 0x0028, 0x0032, 0x0034, 0x0038, 0x003A, 0x0040, 0x0042, 0x0044, 0x0046, 0x0048, 0x0050, 0x0052,
		0x0054, 0x0056, 0x0060, 0x0062, 0x0064, 0x0066, 0x0068, 0x006A, 0x0070, 0x0072, 0x0074, 0x0076, 0x0078, 0x0080, 0x0082, 0x0088, 0x0100, 0x0400, 0x2000, 0x2010, 0x2020,
		0x2030, 0x2040, 0x2050, 0x2100, 0x2110, 0x2120, 0x2130, 0x2200, 0x3002, 0x3004, 0x3006, 0x3008, 0x300A, 0x300C, 0x300E, 0x3010, 0x4000, 0x4008, 0x4010, 0x4FFE, 0x5000,
		0x5200, 0x5400, 0x5600, 0x6000, 0x601E, 0x7FE0, 0xFFFC,
	} {
		for e := dicomio.Tag(0); e <= 0xFFFF; e++ {
			if _, ok := dicomio.Lookup(group<<16 | e); ok && !spared[group<<16|e] {
				out = append(out, group<<16|e)
			}
		}
	}
	return out
}()

// all appends every attribute of the dictionary with a canary, but for the spared.
func (m *team) all(out []byte) []byte {
	for n, t := range dictionary {
		entry, _ := dicomio.Lookup(t)
		vr := entry.VRs[len(entry.VRs)-1]
		if vr == "SQ" {
			inner := m.item(n)
			if m.way == asUN && !m.implicit {
				plain := *m
				plain.dialect = dialect{implicit: true}
				inner := plain.item(n)
				m.count = plain.count
				out = m.element(out, t, "UN", plain.sequence(nil, t, "", inner)[8:])
				continue
			}
			out = m.sequence(out, t, "SQ", inner)
			continue
		}
		value := m.value(t, vr)
		if value == nil {
			continue
		}
		switch m.way {
		case asUN:
			vr = "UN"
		case amiss:
			vr = []string{"UT", "LO", "OB", "PN", "UN"}[m.rng.Intn(5)]
		}
		out = m.element(out, t, vr, value)
	}
	return out
}

// item returns a few attributes with canaries, others from one n to the next, as the content of an item.
func (m *team) item(n int) []byte {
	var out []byte
	for i, t := range []dicomio.Tag{0x00080018, 0x00080020, 0x00080050, 0x00080080, 0x00080090, 0x00080100, 0x00080104, 0x00081155, 0x00091001, 0x00100010, 0x00100020, 0x00401001, 0x0040A123, 0x0040A160} {
		if (i+n)%5 != 0 {
			continue
		}
		entry, known := dicomio.Lookup(t)
		vr := "LO"
		if known {
			vr = entry.VRs[0]
		}
		out = m.element(out, t, vr, m.value(t, vr))
	}
	return out
}

// file returns a file full of canaries.
func (m *team) file() []byte {
	o := m.order()
	short := func(n uint16) []byte { return o.AppendUint16(nil, n) }
	var head []byte
	meta := dialect{}
	for _, e := range []struct {
		t     dicomio.Tag
		vr    string
		value string
	}{
		{0x00020002, "UI", sopClassRoot + "2\x00"}, {0x00020003, "UI", canaryUID + "1"}, {0x00020010, "UI", m.syntax + strings.Repeat("\x00", len(m.syntax)%2)}, {0x00020012, "UI", canaryUID + "2"},
		{0x00020013, "SH", canaryWord + "m"}, {0x00020016, "AE", canaryWord + "AE"}, {0x00020017, "AE", canaryWord + "AE"}, {0x00020018, "AE", canaryWord + "AE"},
		{0x00020026, "UR", "http://" + canaryWord}, {0x00020100, "UI", canaryUID + "3"}, {0x00020102, "OB", canaryWord},
	} {
		head = meta.element(head, e.t, e.vr, []byte(e.value))
	}
	preamble := make([]byte, 128)
	copy(preamble, canaryWord+" preamble")
	out := append(preamble, "DICM"...)
	out = meta.element(out, 0x00020000, "UL", binary.LittleEndian.AppendUint32(nil, uint32(len(head))))
	out = append(out, head...)

	var body []byte
	if m.way == own {
		body = m.element(body, 0x00000900, "UT", []byte(canaryWord+"command")) // an element of a command
	}
	body = m.element(body, tagCharset, "CS", []byte(strings.Join(m.set, `\`)))
	body = m.element(body, tagSOPClassUID, "UI", []byte(sopClassRoot+"2\x00"))
	for _, t := range []dicomio.Tag{0x00080008, 0x00080018, 0x00080060, 0x0020000D, 0x0020000E} { // of their own VR, whatever comes later
		entry, _ := dicomio.Lookup(t)
		body = m.element(body, t, entry.VRs[0], m.value(t, entry.VRs[0]))
	}
	m.own = canaryWord + "own"
	body = m.element(body, tagPatientName, "PN", []byte(m.own+"^"+canaryWord+"given"))
	body = m.element(body, tagPatientID, "LO", []byte(canaryID))
	for t, n := range map[dicomio.Tag]uint16{0x00280002: 1, 0x00280010: 2, 0x00280011: 2, 0x00280100: 16, 0x00280101: 16, 0x00280102: 15, 0x00280103: 0} {
		body = m.element(body, t, "US", short(n))
	}
	body = m.all(body)
	// the same in an item: of a sequence that is listed, one that is not, and one of the frames, two and three deep
	within := m.all(nil)
	switch m.place % 3 {
	case 0:
		body = m.sequence(body, 0x52009230, "SQ", m.item(2), m.sequence(nil, 0x00209113, "SQ", within))
	case 1:
		body = m.sequence(body, 0x00189346, "SQ", m.sequence(nil, 0x00081250, "SQ", m.sequence(nil, 0x00081250, "SQ", within)))
	case 2:
		body = m.sequence(body, 0x00081115, "SQ", within)
	}
	// what no dictionary knows, private blocks, repeated groups, group lengths
	for _, t := range []dicomio.Tag{0x000800FF, 0x00180FFF, 0x00190010, 0x00191001, 0x00191002, 0x00430010, 0x50003000, 0x60223000, 0x60224000, 0x7FD10010} {
		body = m.element(body, t, "LO", m.text(m.word(t)))
	}
	body = m.element(body, 0x00100000, "UT", []byte(canaryWord+" group length"))
	body = m.element(body, dicomio.TagPixelData, "OW", []byte{1, 2, 3, 4, 5, 6, 7, 8})
	body = m.sequence(body, 0xFFFAFFFA, "SQ", m.item(1), m.item(2)) // digital signatures
	body = m.element(body, 0xFFFCFFFC, "OB", []byte(canaryWord+" padding"))
	body = m.element(body, tagPatientName, "PN", m.value(tagPatientName, "PN")) // once more, after all
	if !m.deflate {
		return append(out, body...)
	}
	var z bytes.Buffer
	w, err := flate.NewWriter(&z, flate.BestSpeed)
	if err != nil {
		panic(err)
	}
	if _, err := w.Write(body); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return append(out, z.Bytes()...)
}

// leaks returns what of the canaries is in written bytes.
func (m *team) leaks(written []byte, profile string) []string {
	var out []string
	low := make([]byte, 0, len(written))
	for _, b := range written { // not by bytes.ToLower, which takes binary for text
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		low = append(low, b)
	}
	find := func(needle string, n int) {
		for from := 0; ; {
			at := bytes.Index(low[from:], []byte(strings.ToLower(needle)))
			if at < 0 || len(out) > 20 {
				return
			}
			at += from
			from = at + len(needle)
			what := string(written[at:min(at+len(needle)+n, len(written))])
			out = append(out, fmt.Sprintf("%q of %v in %q", what, m.planted[strings.ToUpper(what[:1])+strings.ToLower(what[1:])], written[max(0, at-12):min(at+len(needle)+24, len(written))]))
		}
	}
	find(canaryWord, 5)
	find(canaryUID, 4)
	find(canaryID, 0)
	find("0619775533110", 0)
	if profile == "basic" {
		find(canaryTime, 0)
	}
	for day := range 28 {
		find(canaryMonth.AddDate(0, 0, day).Format(dicomDate), 0)
	}
	for _, endian := range []unicode.Endianness{unicode.LittleEndian, unicode.BigEndian} {
		w, _ := unicode.UTF16(endian, unicode.IgnoreBOM).NewEncoder().String(canaryWord)
		find(w, 0)
	}
	return out
}

func inflated(t *testing.T, written []byte) []byte {
	t.Helper()
	head := 144 + int(binary.LittleEndian.Uint32(written[140:]))
	var body bytes.Buffer
	if _, err := body.ReadFrom(flate.NewReader(bytes.NewReader(written[head:]))); err != nil {
		t.Fatal(err)
	}
	return append(written[:head:head], body.Bytes()...)
}

// TestRedTeam: of a canary in every attribute nothing comes through, in every
// dialect, with names in several character sets, and no file is lost.
func TestRedTeam(t *testing.T) {
	if len(dictionary) < 4500 {
		t.Fatalf("the dictionary has %d attributes, want 4500 and more", len(dictionary))
	}
	t.Parallel()
	everything := os.Getenv("CTCOHORT_EXHAUSTIVE") != ""
	if !everything {
		t.Log("7 of 77 combinations, with every dialect, character set and way; CTCOHORT_EXHAUSTIVE=1 for all, some minutes")
	}
	sets := []struct {
		set     charset
		letters string
	}{
		{charset{"ISO_IR 100"}, "abcdeäöüßé"}, {charset{"ISO_IR 192"}, "абвг王山한길éß"}, {charset{"GB18030"}, "上官欧阳诸葛"},
		{charset{"", "ISO 2022 IR 87"}, "山川田中村木"}, {charset{"", "ISO 2022 IR 149"}, "황보남궁독고"}, {charset{"", "ISO 2022 IR 58"}, "上官欧阳"}, {nil, "abcdefgh"},
	}
	for i, dialect := range dialects {
		for j, set := range sets {
			for way := own; way <= amiss; way++ {
				if dialect.implicit && way != own || !everything && !(i == j%len(dialects) && (dialect.implicit || int(way) == j%3)) {
					continue
				}
				m := &team{dialect: dialect, letters: []rune(set.letters), set: set.set, rng: rand.New(rand.NewSource(int64(i*100 + j*10 + int(way)))), planted: map[string]dicomio.Tag{}, way: way, place: i + j}
				t.Run(fmt.Sprintf("%s, %q, way %d", dialect.name, []string(set.set), way), func(t *testing.T) {
					t.Parallel()
					m.attack(t)
				})
			}
		}
	}
}

// attack de-identifies the team's file by both profiles and looks for its canaries.
func (m *team) attack(t *testing.T) {
	file := m.file()
	if len(m.planted) < 4000 || !m.deflate && len(m.leaks(file, "basic")) < 20 {
		t.Fatalf("%d canaries planted", len(m.planted))
	}
	for _, profile := range []string{"research", "basic"} {
		var out bytes.Buffer
		_, err := newDeidentifierOf(profile).File(bytes.NewReader(file), into(&out))
		var r *Rejection
		if errors.As(err, &r) {
			t.Errorf("%s: rejected: %v", profile, err)
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", profile, err)
		}
		written := out.Bytes()
		if m.deflate {
			written = inflated(t, written)
		}
		for _, leak := range m.leaks(written, profile) {
			t.Errorf("%s: leaks %s", profile, leak)
		}
	}
}
