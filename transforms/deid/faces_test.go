package deid

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"ctcohort/io/dicomio"
)

func TestDescribes(t *testing.T) {
	for _, c := range []struct {
		text string
		head bool
	}{
		{"CT BRAIN WO IVCON", true}, {"BRAIN SEQ  4.8  H31s", true}, {"ED_HEAD_NEURO_SEQ", true}, {"Head^HeadSeq (Adult)", true}, {"HeadRoutine", true},
		{"CT HEAD W/O CONTRAST", true}, {"CTHEAD", true}, {"HEADNECK", true}, {"Head & Neck CTA", true}, {"H&N", true}, {"CT H/N with contrast", true},
		{"SKULL", true}, {"Sinuses", true}, {"CT SINUS LIMITED", true}, {"PARANASAL SINUSES", true}, {"CT ORBITS", true}, {"Maxillofacial", true}, {"CT FACIAL BONES", true},
		{"FACE", true}, {"Temporal bones HR", true}, {"IAC", true}, {"MANDIBLE", true}, {"Dental CT", true}, {"CT PERFUSION STROKE", true}, {"MRI PITUITARY", true},
		{"Skull base to mid-thigh", true}, {"PET/CT EYES TO THIGHS", true}, {"CHEST AND HEAD", true}, {"Head First, CT Brain", true}, {"Intracranial MRA", true}, {"Nasopharynx", true},
		{"Schädel nativ", true}, {"SCHAEDEL", false}, {"CCT nativ", true}, {"Kopf-Hals KM", true}, {"cCT Schädel", true}, {"NNH coronar", true}, {"Gesichtsschädel", true}, {"Mittelgesicht", true}, {"Unterkiefer", true},
		{"Kleinhirn", true}, {"Felsenbein HR", true}, {"Neurokranium", true}, {"Schädel-Hirn-Trauma", true}, {"Hypophyse", true}, {"Polytrauma Kopf HWS Thorax Abdomen", true},
		{"Crâne sans injection", true}, {"TDM cérébrale", true}, {"Scanner crânien", true}, {"IRM encéphalique", true}, {"Tête et cou", true}, {"Massif facial", true}, {"Rochers", true}, {"SINUS DE LA FACE", true},
		{"TAC cabeza simple", true}, {"Cráneo", true}, {"TC cerebral", true}, {"Senos paranasales", true}, {"Órbitas", true}, {"Macizo facial", true},
		{"头颅平扫", true}, {"头部CT", true}, {"颅脑", true}, {"頭顱", true}, {"头", true}, {"颌面部", true}, {"鼻窦", true}, {"眼眶", true}, {"头颈部CTA", true}, {"头胸", true}, {"垂体增强", true},
		{"頭部単純", true}, {"頭部", true}, {"頭蓋", true}, {"脳CT", true}, {"副鼻腔", true}, {"頭頸部", true}, {"顔面骨", true}, {"側頭骨", true},
		{"TESTA", true}, {"Hersenen", true}, {"головной мозг", true}, {"뇌 CT", true},

		{"", false}, {"CHEST", false}, {"CT CHEST W/O", false}, {"TH CT CHEST WO C", false}, {"Thorax  2.0  B31f", false}, {"HELICAL CHEST", false}, {"1PETCT_WholeBody", false},
		{"PET-CT STUDY", false}, {"PET 1PETCT_WholeBody (Adult)", false}, {"WHOLEBODY", false}, {"NECK", false}, {"Hals Thorax", false}, {"e+1", false}, {"6.9 Colonoscopy", false},
		{"Head First-Supine", false}, {"HEAD FIRST", false}, {"HeadFirst Prone", false}, {"HFS", false}, {"Kopf voran", false}, {"tête première", false}, {"cabeza primero", false}, {"Chest, head up", false},
		{"Head of pancreas", false}, {"Pancreatic head mass", false}, {"Pancreas head", false}, {"Head of the femur", false}, {"femoral head", false}, {"Humeral head", false}, {"long head of biceps", false},
		{"Hüftkopf", false}, {"Femurkopf links", false}, {"Pankreaskopf", false}, {"tête du pancréas", false}, {"tête fémorale", false}, {"tête de l'humérus", false}, {"cabeza femoral", false}, {"cabeza de páncreas", false}, {"cabeza del fémur", false},
		{"HeadNeck filter", false}, {"HEAD/NECK FILTER", false}, {"Head holder removed", false}, {"Headache", false}, {"Kopfschmerzen", false}, {"with header", false}, {"overhead", false},
		{"coronary sinus", false}, {"Sinus of Valsalva", false}, {"sinus rhythm, CTA coronaries", false}, {"Thorax de face", false}, {"Topogramme de face", false}, {"TOPO FACE", false}, {"Thorax face et profil", false}, {"face down", false},
		{"CCTA", false}, {"Cardiac CCT", false}, {"stroke volume, heart", false}, {"craniocaudal", false}, {"cranio-caudal MPR", false}, {"caudo-cranial", false}, {"kranial-kaudal", false}, {"surface", false},
		{"胸部平扫", false}, {"肺部薄层", false}, {"胰头占位", false}, {"股骨头", false}, {"乳头", false}, {"头先进", false}, {"头臂干", false}, {"电脑断层 胸部", false}, {"腹部", false}, {"头足方向", false},
		{"胸部単純", false}, {"膵頭部癌", false}, {"大腿骨頭", false}, {"咽頭・喉頭", false}, {"腕頭動脈", false},
		{"Lung 1.25mm B70f", false}, {"COVID-19 follow up", false}, {"ThoraxRoutine", false}, {"Abdomen^01_AbdRoutine", false}, {"LungLowDose", false}, {"Thorax nativ", false}, {"ThorAbd Kontrast", false}, {"Rippen", false}, {"Herz", false},
		{"Recon 3: LUNG", false}, {"Scout", false}, {"Topogram  0.6  T20s", false}, {"5.1 ROUTINE CHEST", false}, {"CTPA", false}, {"Chest PE", false}, {"TÓRAX", false}, {"Poumon", false}, {"TAP", false}, {"C/A/P", false}, {"Angio TSA", false},
		{"Brustkorb", false}, {"Ganzkörper", false}, {"Wirbelsäule", false}, {"Schilddrüse", false}, {"Faceted", false}, {"Facet joints", false}, {"Chest HN", true}, {"interface", false}, {"Sinogram", false}, {"Nasogastric tube check", false}, {"TK4PNS744", false}, {"PNS 744", true}, {"HEAD5MM", true},
	} {
		if got := describes(c.text).head; got != c.head {
			t.Errorf("describes(%q).head = %v, want %v (folded: %q)", c.text, got, c.head, fold(c.text))
		}
	}
}

func TestHeadIn(t *testing.T) {
	const part, series, protocol, study, request = 0x00180015, 0x0008103E, 0x00181030, 0x00081030, 0x00321060
	for _, c := range []struct {
		name  string
		says  map[dicomio.Tag]string
		class string
		want  bool
	}{
		{"a head", map[dicomio.Tag]string{part: "HEAD", study: "CT BRAIN"}, "2", true},
		{"a chest", map[dicomio.Tag]string{part: "CHEST", study: "CT Thorax"}, "2", false},
		{"a chest in a study of head and chest", map[dicomio.Tag]string{series: "Thorax 1.0 B60f", study: "Polytrauma Kopf Thorax Abdomen"}, "2", false},
		{"its head", map[dicomio.Tag]string{series: "Schädel 4.0 H31s", study: "Polytrauma Kopf Thorax Abdomen"}, "2", true},
		{"its topogram", map[dicomio.Tag]string{series: "Topogram", study: "Polytrauma Kopf Thorax Abdomen"}, "2", true},
		{"a chest by its body part, in such a study", map[dicomio.Tag]string{part: "CHEST", series: "AXIAL 5MM", study: "CT CHEST AND HEAD"}, "2", false},
		{"a body part against the study: the scanner's default", map[dicomio.Tag]string{part: "CHEST", series: "AXIAL 5MM", study: "CT HEAD W/O"}, "2", true},
		{"a body part against the protocol", map[dicomio.Tag]string{part: "CHEST", protocol: "HeadRoutine"}, "2", true},
		{"a series against the protocol", map[dicomio.Tag]string{series: "LUNG 1mm", protocol: "Head and Chest"}, "2", false},
		{"only the request", map[dicomio.Tag]string{request: "CT Schädel nativ"}, "2", true},
		{"nothing said", nil, "2", false},
		{"whole body", map[dicomio.Tag]string{part: "CHEST", protocol: "1PETCT_WholeBody", study: "PET-CT STUDY"}, "2", false},
		{"PET of the brain", map[dicomio.Tag]string{study: "FDG PET BRAIN"}, "128", true},
		{"MR of the brain", map[dicomio.Tag]string{part: "BRAIN"}, "4", true},
		{"outlines of a head", map[dicomio.Tag]string{study: "HEAD AND NECK RT"}, structureSet, true},
		{"a radiograph of the skull", map[dicomio.Tag]string{part: "SKULL"}, "1", false},
	} {
		o := object{class: c.class}
		for tag, text := range c.says {
			o.Put(dicomio.TextElement(tag, "LO", text))
		}
		if c.class == "1" {
			o.Put(dicomio.TextElement(0x00080060, "CS", "CR"))
		}
		o.Put(dicomio.TextElement(tagCharset, "CS", "ISO_IR 192"))
		if got := headIn(o); (got != "") != c.want {
			t.Errorf("%s: headIn() = %q, want a head: %v", c.name, got, c.want)
		}
	}
}

func TestHeadInCodes(t *testing.T) {
	region := func(code string) dicomio.Element {
		return dicomio.NewSequence(0x00082218, dicomio.Dataset{dicomio.TextElement(0x00080100, "SH", code), dicomio.TextElement(0x00080102, "SH", "SCT")})
	}
	frame := dicomio.NewSequence(0x52009230, dicomio.Dataset{}, dicomio.Dataset{dicomio.NewSequence(0x00209071, dicomio.Dataset{region("69536005")})})
	procedure := dicomio.NewSequence(0x00081032, dicomio.Dataset{dicomio.TextElement(0x00080104, "LO", "CT Sch\xe4del")})
	request := dicomio.NewSequence(0x00400275, dicomio.Dataset{dicomio.NewSequence(0x00321064, dicomio.Dataset{dicomio.TextElement(0x00080104, "LO", "CT brain")})})
	for _, c := range []struct {
		name    string
		element dicomio.Element
		want    bool
	}{
		{"head", region("69536005"), true}, {"skull in SRT", region("T-11100"), true}, {"chest", region("51185008"), false}, {"lung in SRT", region("T-28000"), false},
		{"a frame's region", frame, true}, {"a procedure in Latin 1", procedure, true}, {"a requested procedure's code", request, true},
	} {
		o := object{class: "2", Dataset: dicomio.Dataset{dicomio.TextElement(tagCharset, "CS", "ISO_IR 100"), c.element}}
		if got := headIn(o); (got != "") != c.want {
			t.Errorf("%s: headIn() = %q, want a head: %v", c.name, got, c.want)
		}
	}
}

func TestFacesAreQuarantinedUnlessAllowed(t *testing.T) {
	file := ctFile{rows: 4, columns: 4, extra: dicomio.Dataset{dicomio.TextElement(0x00180015, "CS", "HEAD")}}.encode()
	for faces, want := range map[string]string{"": FaceRisk, Quarantine: FaceRisk, Allow: ""} {
		d, err := New(Options{Profile: "research", Key: testKey, Pixels: Pixels{Faces: faces}})
		if err != nil {
			t.Fatal(err)
		}
		if got := codeOf(d, file); got != want {
			t.Errorf("faces %q: File() is rejected as %q, want %q", faces, got, want)
		}
	}
	if _, err := New(Options{Profile: "research", Key: testKey, Pixels: Pixels{Faces: "blur"}}); err == nil {
		t.Error("New with faces blur succeeded")
	}
}

func codeOf(d *Deidentifier, file []byte) string {
	_, err := d.File(bytes.NewReader(file), into(io.Discard))
	var r *Rejection
	switch {
	case err == nil:
		return ""
	case errors.As(err, &r):
		return r.Code
	}
	return err.Error()
}

// TestFacesOfFixtures: the heads among the real files are recognised, no chest is taken for one.
func TestFacesOfFixtures(t *testing.T) {
	root := fixtures(t)
	for _, c := range []struct {
		dir          string
		heads, files int
		reason       string
	}{
		{"deid_ctbrain", 2, 2, "headers of a brain"},
		{"ct_lungfcp_0001", 0, 98, ""}, {"ct_acrin_flt_013", 0, 49, "a chest of a whole-body study"}, {"cip_ct64_dicom", 0, 79, "no descriptions"},
		{"ts_cornerstone_ct", 1, 19, "18 chests, and a perfusion map with the region brain"}, {"ts_wg04_ct", 0, 12, "no descriptions"},
	} {
		heads, files := 0, 0
		for _, path := range filesOf(t, root, c.dir) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			f, err := dicomio.ReadHeader(bytes.NewReader(data))
			if err != nil {
				continue
			}
			files++
			if headIn(object{Dataset: f.Dataset}) != "" {
				heads++
			}
		}
		if heads != c.heads || files != c.files {
			t.Errorf("%s: %d heads in %d files, want %d in %d: %s", c.dir, heads, files, c.heads, c.files, c.reason)
		}
	}
}
