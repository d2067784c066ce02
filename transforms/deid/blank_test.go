package deid

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ctcohort/io/dicomio"
)

func TestBlankRuleMatches(t *testing.T) {
	o := object{class: "6.1", Dataset: dicomio.Dataset{
		dicomio.TextElement(0x00080008, "CS", `DERIVED\PRIMARY\SMALL PARTS`), dicomio.TextElement(0x00080060, "CS", "US"), dicomio.TextElement(0x00080070, "LO", "GE Healthcare"),
		dicomio.TextElement(0x00081090, "LO", "LOGIQ E9 (2)"), dicomio.NewElement(0x00280010, "US", numbers(768)), dicomio.NewElement(0x00280011, "US", numbers(1024)),
	}}
	const syntax = "1.2.840.10008.1.2.4.50"
	for _, c := range []struct {
		when   BlankWhen
		want   bool
		reason string
	}{
		{BlankWhen{Modality: "US"}, true, ""},
		{BlankWhen{Modality: "us"}, true, "any case"},
		{BlankWhen{Modality: "U"}, false, "the whole value"},
		{BlankWhen{Manufacturer: "GE*"}, true, ""},
		{BlankWhen{Manufacturer: "*health?are"}, true, ""},
		{BlankWhen{Manufacturer: "GE?"}, false, ""},
		{BlankWhen{Model: "LOGIQ E9 (2)"}, true, "parentheses are themselves"},
		{BlankWhen{Model: "LOGIQ .*"}, false, "a dot is itself"},
		{BlankWhen{Rows: 768, Columns: 1024}, true, ""},
		{BlankWhen{Rows: 768, Columns: 1025}, false, "all must match"},
		{BlankWhen{SOPClass: "1.2.840.10008.5.1.4.1.1.6.1"}, true, ""},
		{BlankWhen{SOPClass: "1.2.840.10008.5.1.4.1.1.6"}, false, ""},
		{BlankWhen{SOPClass: "1.2.840.10008.5.1.4.1.1.6*"}, true, ""},
		{BlankWhen{ImageType: "SMALL*"}, true, "one of the values"},
		{BlankWhen{ImageType: `DERIVED\*`}, true, "all of them"},
		{BlankWhen{ImageType: `PRIMARY\*`}, false, ""},
		{BlankWhen{TransferSyntax: syntax}, true, ""},
		{BlankWhen{TransferSyntax: "1.2.840.10008.1.2.4.5?"}, true, ""},
		{BlankWhen{TransferSyntax: "1.2.840.10008.1.2"}, false, ""},
		{BlankWhen{Modality: "US", Manufacturer: "GE*", Model: "LOGIQ*", Rows: 768, Columns: 1024, ImageType: "*PRIMARY*", TransferSyntax: "*.50"}, true, ""},
		{BlankWhen{Modality: "US", Manufacturer: "Philips*"}, false, ""},
	} {
		rules := compileBlank([]BlankRule{{When: c.when}})
		if got := rules[0].matches(o, syntax); got != c.want {
			t.Errorf("a rule when %+v matches: %v, want %v %s", c.when, got, c.want, c.reason)
		}
	}
}

func TestRegionWithin(t *testing.T) {
	for _, c := range []struct {
		region Region
		want   rectangle
		inside bool
	}{
		{Region{0, 0, 20, 10}, rectangle{0, 0, 20, 10}, true},
		{Region{3, 4, 5, 6}, rectangle{3, 4, 8, 10}, true},
		{Region{-5, -2, 5, 2}, rectangle{15, 8, 20, 10}, true},
		{Region{-5, 0, 0, 0}, rectangle{15, 0, 20, 10}, true},
		{Region{0, 0, 21, 1}, rectangle{}, false},
		{Region{0, 5, 1, 6}, rectangle{}, false},
		{Region{-21, 0, 1, 1}, rectangle{}, false},
		{Region{20, 0, 0, 1}, rectangle{}, false},
	} {
		got, inside := c.region.within(10, 20)
		if inside != c.inside || inside && got != c.want {
			t.Errorf("%v.within(10, 20) = %v, %v; want %v, %v", c.region, got, inside, c.want, c.inside)
		}
	}
}

// TestMask: a mask covers each pixel in a region or outside all that is kept, and
// no other, whatever the order of the regions.
func TestMask(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	region := func(rows, columns int) Region {
		x, y := rng.IntN(columns), rng.IntN(rows)
		return Region{x, y, 1 + rng.IntN(columns-x), 1 + rng.IntN(rows-y)}
	}
	for range 2000 {
		rows, columns := 1+rng.IntN(12), 1+rng.IntN(12)
		var rule BlankRule
		for range rng.IntN(5) {
			rule.Regions = append(rule.Regions, region(rows, columns))
		}
		for range rng.IntN(3) {
			rule.Keep = append(rule.Keep, region(rows, columns))
		}
		mask, inside := rule.mask(rows, columns)
		if !inside {
			t.Fatalf("%+v lies outside %d×%d", rule, rows, columns)
		}
		covered := make([]bool, rows*columns)
		for _, b := range mask {
			for y := b.y0; y < b.y1; y++ {
				for _, r := range b.runs {
					for x := r.x0; x < r.x1; x++ {
						if covered[y*columns+x] {
							t.Fatalf("%+v covers %d, %d twice", rule, x, y)
						}
						covered[y*columns+x] = true
					}
				}
			}
		}
		for i, got := range covered {
			x, y := i%columns, i/columns
			in := func(r Region) bool { return x >= r[0] && x < r[0]+r[2] && y >= r[1] && y < r[1]+r[3] }
			want := slices.ContainsFunc(rule.Regions, in) || len(rule.Keep) > 0 && !slices.ContainsFunc(rule.Keep, in)
			if got != want {
				t.Fatalf("%+v covers %d, %d of %d×%d: %v, want %v", rule, x, y, columns, rows, got, want)
			}
		}
		rng.Shuffle(len(rule.Regions), func(i, j int) { rule.Regions[i], rule.Regions[j] = rule.Regions[j], rule.Regions[i] })
		rng.Shuffle(len(rule.Keep), func(i, j int) { rule.Keep[i], rule.Keep[j] = rule.Keep[j], rule.Keep[i] })
		if again, _ := rule.mask(rows, columns); !slices.EqualFunc(mask, again, func(a, b band) bool { return a.y0 == b.y0 && a.y1 == b.y1 && slices.Equal(a.runs, b.runs) }) {
			t.Fatalf("%+v depends on the order of its regions", rule)
		}
	}
}

// TestBlankStreamed: pixel data that comes in pieces becomes what it becomes whole.
func TestBlankStreamed(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	formats := []dicomio.PixelFormat{
		{Samples: 1, BitsAllocated: 1, BitsStored: 1, HighBit: 0, Photometric: "MONOCHROME2"},
		{Samples: 1, BitsAllocated: 8, BitsStored: 8, HighBit: 7, Photometric: "MONOCHROME2"},
		{Samples: 1, BitsAllocated: 8, BitsStored: 8, HighBit: 7, Photometric: "MONOCHROME1", BigEndian: true, Swapped: true},
		{Samples: 1, BitsAllocated: 16, BitsStored: 12, HighBit: 11, Photometric: "MONOCHROME2"},
		{Samples: 1, BitsAllocated: 16, BitsStored: 12, HighBit: 13, Photometric: "MONOCHROME1", Signed: true, BigEndian: true},
		{Samples: 3, BitsAllocated: 8, BitsStored: 8, HighBit: 7, Photometric: "YBR_FULL", Planar: true},
		{Samples: 3, BitsAllocated: 8, BitsStored: 8, HighBit: 7, Photometric: "YBR_FULL_422"},
		{Samples: 3, BitsAllocated: 16, BitsStored: 16, HighBit: 15, Photometric: "RGB"},
		{Samples: 1, BitsAllocated: 32, BitsStored: 32, HighBit: 31, Photometric: "MONOCHROME2", Float: true},
		{Samples: 1, BitsAllocated: 64, BitsStored: 64, HighBit: 63, Photometric: "MONOCHROME2", Float: true},
	}
	for i := range 400 {
		p := formats[i%len(formats)]
		p.Rows, p.Columns, p.Frames = 1+rng.IntN(30), 2+2*rng.IntN(15), 1+rng.IntN(5)
		rule := BlankRule{Regions: []Region{{0, 0, 1 + rng.IntN(p.Columns), 1 + rng.IntN(p.Rows)}, {-1, -1, 1, 1}}}
		mask, _ := rule.mask(p.Rows, p.Columns)
		fill, ok := blankPixel(object{}, p)
		if !ok {
			t.Fatalf("no blank for %+v", p)
		}
		work := &pixelWork{read: p, written: p, blank: stretches(p, mask, fill), stray: strayBitsOf(object{}, p), clear: true}
		data := make([]byte, p.Bytes()+int64(rng.IntN(40)))
		for j := range data {
			data[j] = byte(rng.Uint32())
		}
		if p.Swapped && len(data)%2 == 1 {
			data = append(data, 0)
		}
		whole := slices.Clone(data)
		if p.Swapped {
			swap(whole)
		}
		if err := work.apply(whole, 0); err != nil {
			t.Fatal(err)
		}
		if p.Swapped {
			swap(whole)
		}
		var out bytes.Buffer
		w := &pixelWriter{work: work, out: &out}
		for rest := data; len(rest) > 0; {
			n := 1 + rng.IntN(min(len(rest), 50))
			if _, err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.finish(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), whole) {
			t.Fatalf("%+v: blanked in pieces and whole differ", p)
		}
		if bytes.Equal(whole, data) {
			t.Fatalf("%+v: nothing was blanked", p)
		}
	}
}

func TestBlankRejections(t *testing.T) {
	everything := BlankWhen{Modality: "*"}
	rule := func(regions, keep []Region) Pixels { return Pixels{Blank: []BlankRule{{everything, regions, keep}}} }
	with := func(elements ...dicomio.Element) []byte { return ctFile{rows: 8, columns: 8, extra: elements}.encode() }
	for _, c := range []struct {
		name   string
		pixels Pixels
		file   []byte
		want   string
	}{
		{"a region beyond the image", rule([]Region{{0, 0, 9, 1}}, nil), with(), "a region of its rule is not inside the image of 8 columns and 8 rows"},
		{"nothing blanked", rule(nil, []Region{{0, 0, 0, 0}}), with(), "keeps the whole image"},
		{"an interpretation without a blank", rule([]Region{{0, 0, 1, 1}}, nil), with(dicomio.TextElement(0x00280004, "CS", "HSV")), "no blank is known"},
		{"a rule for other files", Pixels{Blank: []BlankRule{{BlankWhen{Modality: "US"}, []Region{{0, 0, 1, 1}}, nil}}}, with(dicomio.TextElement(tagBurnedIn, "CS", "YES")), "Burned In Annotation"},
		{"a document that a rule matches", rule([]Region{{0, 0, 1, 1}}, nil), with(dicomio.TextElement(tagSOPClassUID, "UI", sopClassRoot+"104.1")), "document"},
		{"a face that a rule matches", rule([]Region{{0, 0, 1, 1}}, nil), with(dicomio.TextElement(0x00180015, "CS", "HEAD")), "head"},
		{"visual features that a rule matches", rule([]Region{{0, 0, 1, 1}}, nil), with(dicomio.TextElement(0x00280302, "CS", "YES")), "Recognizable"},
	} {
		d, err := New(Options{Profile: "research", Key: testKey, Pixels: c.pixels})
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.File(bytes.NewReader(c.file), into(io.Discard))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: File() = %v, want a rejection that says %q", c.name, err, c.want)
		}
	}
	for _, rule := range []BlankRule{
		{BlankWhen{}, []Region{{0, 0, 1, 1}}, nil}, {everything, nil, nil}, {everything, []Region{{0, 0, -1, 1}}, nil},
		{everything, nil, []Region{{0, 0, 1, -1}}}, {everything, []Region{{70000, 0, 1, 1}}, nil}, {BlankWhen{Rows: -1}, []Region{{0, 0, 1, 1}}, nil},
	} {
		if _, err := New(Options{Profile: "research", Key: testKey, Pixels: Pixels{Blank: []BlankRule{rule}}}); err == nil {
			t.Errorf("New with the rule %+v succeeded", rule)
		}
	}
}

// TestBlankMarks: a blanked file says so, another does not, and the two digests tell them apart.
func TestBlankMarks(t *testing.T) {
	rule := BlankRule{When: BlankWhen{Modality: "CT", Rows: 8}, Regions: []Region{{2, 1, 3, 2}}}
	d, err := New(Options{Profile: "research", Key: testKey, Pixels: Pixels{Blank: []BlankRule{rule}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		rows    int
		blanked bool
	}{{8, true}, {9, false}} {
		file := ctFile{rows: c.rows, columns: 8, extra: dicomio.Dataset{dicomio.NewElement(0x00280106, "SS", numbers(7))}}
		if c.blanked {
			file.extra.Put(dicomio.TextElement(tagBurnedIn, "CS", "YES"))
			file.extra.Put(dicomio.TextElement(tagSOPClassUID, "UI", sopClassRoot+"7"))
		}
		f, out, result := deidentify(t, d, file.encode())
		var codes []string
		for _, item := range f.Dataset.Items(tagMethodCodes) {
			codes = append(codes, item.Text(0x00080100))
		}
		_, smallest := f.Dataset.Find(0x00280106)
		if slices.Contains(codes, "113101") != c.blanked || (f.Dataset.Text(tagBurnedIn) == "NO") != c.blanked || smallest == c.blanked || (result.PixelBefore != result.PixelAfter) != c.blanked {
			t.Errorf("%d rows: codes %v, burned in %q, smallest value kept: %v, digests %.8s, %.8s; want blanked: %v",
				c.rows, codes, f.Dataset.Text(tagBurnedIn), smallest, result.PixelBefore, result.PixelAfter, c.blanked)
		}
		want := file.pixels()
		if c.blanked {
			for y := 1; y < 3; y++ {
				copy(want[2*(8*y+2):], numbers(0, 0, 0)) // −1024 HU
			}
		}
		if !bytes.HasSuffix(out, want) {
			t.Errorf("%d rows: the pixels are not what they should be", c.rows)
		}
	}
}

// TestIconsGo: no image within an image stays.
func TestIconsGo(t *testing.T) {
	icon := dicomio.Dataset{dicomio.NewElement(0x00280010, "US", numbers(2)), dicomio.NewElement(0x7FE00010, "OW", []byte("Musterfr"))}
	file := ctFile{rows: 4, columns: 4, extra: dicomio.Dataset{
		dicomio.NewSequence(0x00880200, icon), dicomio.NewSequence(0x00081140, append(dicomio.Dataset{dicomio.TextElement(0x00081155, "UI", "1.2.3.4.5.6")}, icon...)),
		dicomio.NewSequence(0x52009230, dicomio.Dataset{dicomio.NewSequence(0x00880200, icon)}),
	}}
	_, out, _ := deidentify(t, newDeidentifier(t, "research"), file.encode())
	if bytes.Contains(out, []byte("Musterfr")) {
		t.Error("the pixels of an icon are left")
	}
}
