package deid

import (
	"fmt"
	"io"
	"slices"
	"sort"

	"ctcohort/io/dicomio"
)

// Options say how to de-identify.
type Options struct {
	Profile string   // "research" or "basic"
	Options []string // of PS3.15 Annex E.3, added to the profile; OptionNames are theirs
	Key     []byte   // the pseudonym key, at least 16 bytes
	Site    string   // part of a patient's identity: the same ID at two sites is two patients
	Links   *Links   // which IDs are one person's; nil for none

	Pixels Pixels

	MaxAgeYears int // ages above are written as one year more; 0 leaves them
}

// Deidentifier de-identifies files. It holds no state of them and may be used concurrently.
type Deidentifier struct {
	profile Profile
	key     []byte
	site    string
	links   *Links
	actions map[dicomio.Tag]listed
	pixels  Pixels
	blank   []blankRule

	maxAgeYears int
}

// Result says what a de-identified file is, in new identifiers only but for
// Origin, and how many elements met each action.
type Result struct {
	PatientID, StudyUID, SeriesUID, SOPUID            string
	SOPClass, Modality, TransferSyntax                string
	Rows, Columns                                     int
	Removed, Emptied, Replaced, Cleaned, Mapped, Kept int
	PixelBefore, PixelAfter                           string   // XXH3-128 of the value of pixel data as stored and as written, the delimiter after fragments left out; "" where there is none
	ReferencedSeriesUIDs                              []string // new UIDs, sorted: the images that a label belongs to
	Origin                                            Origin
}

// New returns a Deidentifier.
func New(o Options) (*Deidentifier, error) {
	p, ok := profiles[o.Profile]
	if !ok {
		return nil, fmt.Errorf("choosing a profile: %q is none; use research or basic", o.Profile)
	}
	p, err := p.with(o.Options)
	if err != nil {
		return nil, err
	}
	if o.MaxAgeYears < 0 || o.MaxAgeYears > MaxAgeYears {
		return nil, fmt.Errorf("choosing a bound for ages: %d years; it must lie in 1 to %d, or be 0 for none", o.MaxAgeYears, MaxAgeYears)
	}
	if err := o.Pixels.check(); err != nil {
		return nil, err
	}
	if err := checkKey(o.Key); err != nil {
		return nil, err
	}
	return &Deidentifier{profile: p, key: slices.Clone(o.Key), site: o.Site, links: o.Links, actions: p.compile(), pixels: o.Pixels, blank: compileBlank(o.Pixels.Blank), maxAgeYears: o.MaxAgeYears}, nil
}

// File reads a DICOM file and writes it de-identified to what create returns;
// pixel data is copied byte for byte as it is read, so that memory does not grow
// with it. create is called once, when all that stands before pixel data has been
// verified, with a Result that says what the file becomes; its digests come with
// File's own. Data that cannot be given out comes back as a *Rejection, any other
// error is create's, or of reading or writing. What was written counts only when
// the error is nil: what follows pixel data may still be refused.
func (d *Deidentifier) File(in io.Reader, create func(Result) (io.Writer, error)) (Result, error) {
	r, f, err := dicomio.NewReader(in)
	if err != nil {
		return Result{}, asRejection(err)
	}
	shorten(f.Meta)
	shorten(f.Dataset)
	pixels, err := d.admit(f)
	if err != nil {
		return Result{}, err
	}
	if f.Dataset.Text(tagSOPInstanceUID) == "" {
		return Result{}, &Rejection{NoSOPInstanceUID, "without a SOP Instance UID"}
	}
	who, err := d.identify(f.Dataset)
	if err != nil {
		return Result{}, err
	}
	var result Result
	w := &walk{d: d, who: who, ids: newIdentifiers(), result: &result, iod: iodOf(f.Dataset.Text(tagSOPClassUID))}
	w.ids.retained = d.retains
	set := charsetOf(f.Dataset, nil)
	w.ids.gather(f.Meta, nil)
	w.ids.gather(f.Dataset, nil)
	for _, id := range who.aliases {
		w.ids.addID(id)
	}
	if err := w.ids.prepare(); err != nil {
		return Result{}, err
	}
	f.Dataset = w.dataset(f.Dataset)
	w.agree(&f.Dataset)
	d.mark(&f.Dataset, who, pixels.option()...)
	pixels.amend(f)
	f.SetMeta(meta(f))
	if err := w.verify(f.Dataset, nil); err != nil {
		return Result{}, err
	}
	if err := w.searchAround(f, nil); err != nil {
		return Result{}, err
	}
	result.describe(f, who)
	out, err := create(result)
	if err != nil {
		return Result{}, err
	}
	if err := writing(out.Write(f.AppendMeta(nil))); err != nil {
		return Result{}, err
	}
	body := dicomio.NewBody(out, f.Syntax)
	if err := writing(0, f.WriteDataset(body, f.Dataset)); err != nil {
		return Result{}, err
	}
	if err := writing(body.Write(f.AppendPixelHeader(nil))); err != nil {
		return Result{}, err
	}
	var image io.Writer = body
	if f.Syntax.Encapsulated {
		image = io.MultiWriter(body, &comments{search: w.search})
	}
	if result.PixelBefore, result.PixelAfter, err = pixels.copy(r, f, image); err != nil {
		return Result{}, asRejection(err)
	}
	if err := w.trailer(r, f, body, set); err != nil {
		return Result{}, err
	}
	return result, writing(0, body.Close())
}

// trailer de-identifies what follows pixel data, and searches the whole again
// for what it said of the patient.
func (w *walk) trailer(r *dicomio.Reader, f *dicomio.File, out io.Writer, set charset) error {
	tail, err := r.Trailer()
	if err != nil {
		return asRejection(err)
	}
	if len(tail) == 0 {
		return nil
	}
	shorten(tail)
	w.ids.gather(tail, set)
	if err := w.ids.prepare(); err != nil {
		return err
	}
	w.charset = set
	tail = w.dataset(tail)
	if err := w.verify(tail, set); err != nil {
		return err
	}
	if err := w.searchAround(f, tail); err != nil {
		return err
	}
	return writing(0, f.WriteDataset(out, tail))
}

func (w *walk) verify(ds dicomio.Dataset, set charset) error {
	if w.ids.shortResidual(ds, set) {
		return &Rejection{ResidualIdentifier, "a short name or ID in text"}
	}
	return nil
}

// searchAround searches all that stands before pixel data, and tail, which follows it.
func (w *walk) searchAround(f *dicomio.File, tail dicomio.Dataset) error {
	return w.leaves(func(to io.Writer) {
		to.Write(f.AppendMeta(nil))
		f.WriteDataset(to, f.Dataset)
		f.WriteDataset(to, tail)
	})
}

// search searches what is in memory whole.
func (w *walk) search(written []byte) error {
	return w.leaves(func(to io.Writer) { to.Write(written) })
}

// leaves returns a Rejection where an identifier is left in what write writes.
func (w *walk) leaves(write func(io.Writer)) error {
	if kind := w.ids.find(w.who.pseudonym, write); kind != "" {
		return &Rejection{ResidualIdentifier, "a " + kind + " of the patient"}
	}
	return nil
}

// describe fills in what the written file is.
func (r *Result) describe(f *dicomio.File, who patient) {
	d := f.Dataset
	r.PatientID, r.Origin = who.pseudonym, who.origin
	r.StudyUID, r.SeriesUID, r.SOPUID = d.Text(tagStudyInstanceUID), d.Text(tagSeriesInstanceUID), d.Text(tagSOPInstanceUID)
	r.SOPClass, r.Modality, r.TransferSyntax = d.Text(tagSOPClassUID), d.Text(0x00080060), f.Meta.Text(dicomio.TagTransferSyntaxUID)
	for t, to := range map[dicomio.Tag]*int{0x00280010: &r.Rows, 0x00280011: &r.Columns} {
		if v := d.Ints(t); len(v) > 0 {
			*to = v[0]
		}
	}
	seen := map[string]bool{}
	referenced(d, seen)
	for uid := range seen {
		r.ReferencedSeriesUIDs = append(r.ReferencedSeriesUIDs, uid)
	}
	sort.Strings(r.ReferencedSeriesUIDs)
}

// referenced collects the Series Instance UIDs within items.
func referenced(d dicomio.Dataset, seen map[string]bool) {
	for i := range d {
		for _, item := range d[i].Items {
			if uid := item.Dataset.Text(tagSeriesInstanceUID); uid != "" {
				seen[uid] = true
			}
			referenced(item.Dataset, seen)
		}
	}
}
