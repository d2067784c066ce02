package phantom

import (
	"fmt"
	"strings"
)

// identity is the synthetic person behind a patient, with everything that
// names them. Each value is planted once and listed in known.
type identity struct {
	charset *charset
	known   []Identifier

	name, otherName, birthName, motherName    string
	id, otherID, accession, studyID           string
	birthDate, studyDate, studyTime           string
	phone, address, occupation, comments      string
	referring, performing, operator, reader   string
	institution, department, hospitalAddress  string
	station, serial, aeTitle, preamble        string
	studyText, protocol, requestID, orderText string
	blob, folderName                          string
	sex                                       string
	age                                       int
	heightM, weightKG                         float64
	root                                      string // of all UIDs
}

// plant records a planted value and returns it.
func (p *identity) plant(kind, where, text string) string {
	p.known = append(p.known, Identifier{Text: text, Bytes: p.charset.encode(text), Kind: kind, Where: where, Searchable: true})
	return text
}

func (p *identity) plantShort(kind, where, text string) string {
	p.plant(kind, where, text)
	p.known[len(p.known)-1].Searchable = false
	return text
}

var (
	chineseFamily = []string{"Ouyang 欧阳", "Shangguan 上官", "Zhuge 诸葛", "Sima 司马", "Dongfang 东方", "Linghu 令狐", "Huangfu 皇甫", "Weichi 尉迟"}
	chineseGiven  = []string{"Xiaoming 晓明", "Jianguo 建国", "Meiling 美玲", "Guohua 国华", "Zhiqiang 志强", "Yulan 玉兰", "Haiyan 海燕", "Deshun 德顺", "Chunmei 春梅", "Zhenhua 振华"}
	germanFamily  = []string{"Müller", "Schäfer", "Größe", "Köhler", "Weiß", "Jäger", "Schröder", "Lüdenscheidt", "Hölderlin", "Grünewald"}
	germanGiven   = []string{"Jürgen", "Käthe", "Günther", "Björn", "Änne", "Søren", "Françoise", "Hannelore", "Friedrich", "Zoë"}
	chineseCities = []string{"Wuhan", "Huanggang", "Xiaogan", "Jingzhou", "Yichang"}
	germanCities  = []string{"Köln", "Würzburg"}
)

// token returns n syllables that make a name unmistakable in a byte search.
func token(d dice, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte("bdfgklmnpqrstvwxz"[d.IntN(17)])
		b.WriteByte("aeiouy"[d.IntN(6)])
	}
	return b.String()
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func digits(d dice, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteByte("0123456789"[max(d.IntN(10), min(1-i, 1))])
	}
	return b.String()
}

// personName draws a name in DICOM's form and as a plain Latin name.
func personName(d dice, cohort string, c *charset) (pn, latin string) {
	if cohort == Germany {
		family, given := pick(d, germanFamily...)+token(d, 3), pick(d, germanGiven...)+token(d, 2)
		return family + "^" + given, family + ", " + given
	}
	family, hanFamily, _ := strings.Cut(pick(d, chineseFamily...), " ")
	given, hanGiven, _ := strings.Cut(pick(d, chineseGiven...), " ")
	family, given = family+token(d, 3), given+token(d, 2)
	pn = family + "^" + given
	if c != latin1 {
		pn += "=" + hanFamily + "^" + hanGiven
	}
	return pn, family + " " + given
}

func newIdentity(d dice, cohort string, female bool, k int, uidRoot string) *identity {
	p := &identity{sex: "M"}
	if female {
		p.sex = "F"
	}
	if cohort == Germany {
		p.charset = []*charset{latin1, utf8}[k%3/2]
	} else {
		p.charset = []*charset{gb18030, iso2022, utf8, latin1}[k%4]
	}
	var plain string
	p.name, plain = personName(d, cohort, p.charset)
	p.plant("patient_name", "(0010,0010) (0009,xx10) nested, path", p.name)
	for _, part := range strings.FieldsFunc(p.name, func(r rune) bool { return r == '^' || r == '=' }) {
		if len([]rune(part)) > 3 {
			p.plant("patient_name_part", "free text, path", part)
		}
	}
	other := func(kind, where string) string {
		n, _ := personName(d, cohort, p.charset)
		return p.plant(kind, where, n)
	}
	p.folderName = plain
	p.otherName = other("other_patient_name", "(0010,1001)")
	p.birthName = other("patient_birth_name", "(0010,1005)")
	p.motherName = other("mother_birth_name", "(0010,1060)")
	p.referring = other("referring_physician", "(0008,0090)")
	p.performing = other("performing_physician", "(0008,1050)")
	p.operator = other("operator", "(0008,1070)")
	p.reader = other("reading_physician", "(0008,1060)")

	prefix := map[string]string{China: "CN", Germany: "DE"}[cohort]
	p.id = p.plant("patient_id", "(0010,0020) private, path", "PID"+prefix+digits(d, 10))
	p.otherID = p.plant("other_patient_id", "(0010,1002) nested", "OID"+prefix+digits(d, 11))
	p.accession = p.plant("accession_number", "(0008,0050), path", "ACC"+digits(d, 11))
	p.studyID = p.plant("study_id", "(0020,0010)", "STU"+digits(d, 10))
	p.requestID = p.plant("request_id", "(0040,0275) nested (0040,1001)", "REQ"+digits(d, 11))
	year := 2020 - 18 - d.IntN(70)
	p.birthDate = p.plantShort("birth_date", "(0010,0030), path", fmt.Sprintf("%04d%02d%02d", year, 1+d.IntN(12), 1+d.IntN(28)))
	p.studyDate = p.plantShort("study_date", "(0008,0020) and others, path", fmt.Sprintf("2020%02d%02d", 1+d.IntN(5), 1+d.IntN(28)))
	p.studyTime = fmt.Sprintf("%02d%02d%02d.%03d000", 7+d.IntN(12), d.IntN(60), d.IntN(60), d.IntN(1000))
	p.age = 2020 - year
	p.heightM, p.weightKG = roundTo(d.between(1.5, 1.95), 100), roundTo(d.between(48, 118), 10)

	city, phone, street := pick(d, chineseCities...), "+86-27-", "Jiefang"
	hospital := d.IntN(5)
	if cohort == Germany {
		hospital = d.IntN(2)
		city, phone, street = pick(d, germanCities...), "+49-221-", "Gartenstraße"
	}
	p.phone = p.plant("phone", "(0010,2154), private, free text", phone+digits(d, 8))
	p.address = p.plant("address", "(0010,1040)", fmt.Sprintf("%d %s%s, %s", 1+d.IntN(200), street, token(d, 3), city))
	p.occupation = p.plant("occupation", "(0010,2180)", "Cook"+title(token(d, 5)))

	// A hospital's own names are the same for all its patients.
	h := newDice(0, cohort, hospital, "hospital")
	kind := map[string]string{China: "People's Hospital ", Germany: "Universitätsklinikum "}[cohort]
	p.institution = p.plant("institution", "(0008,0080), path", kind+title(token(h, 5)))
	p.hospitalAddress = p.plant("institution_address", "(0008,0081)", fmt.Sprintf("%s Road %d", title(token(h, 5)), 1+h.IntN(90)))
	p.department = p.plant("department", "(0008,1040)", "Radiology "+title(token(h, 4)))
	p.station = p.plant("station", "(0008,1010)", "CT"+strings.ToUpper(token(h, 4)))
	p.serial = p.plant("device_serial", "(0018,1000)", "SN"+digits(h, 10))
	p.aeTitle = p.plant("ae_title", "(0002,0016)", "AE"+strings.ToUpper(token(h, 5)))

	family := strings.FieldsFunc(plain, func(r rune) bool { return r == ' ' || r == ',' })[0]
	p.comments = p.plant("free_text", "(0010,4000)", fmt.Sprintf("Pt %s, tel %s, daughter %s", plain, p.phone, title(token(d, 5))))
	p.studyText = p.plant("study_description", "(0008,1030)", "CT Thorax "+family)
	p.protocol = p.plant("protocol", "(0018,1030)", "Thorax "+p.id)
	p.orderText = p.plant("order_text", "(0040,0275) nested (0040,0007)", "for Dr "+title(token(d, 5)))
	p.blob = p.plant("private_blob", "(0029,xx10) OB", "PatientName="+strings.ReplaceAll(family, " ", "")+";ID="+p.id+";Tel="+p.phone)
	if k%4 == 2 {
		p.preamble = p.plant("preamble", "preamble", "exported for "+p.id)
	}
	p.root = p.plant("uid_root", "all instance UIDs, path", uidRoot+"."+digits(d, 10)+"."+digits(d, 8))
	return p
}

// uid returns the patient's UID with the given last parts.
func (p *identity) uid(parts ...int) string {
	s := p.root
	for _, n := range parts {
		s += fmt.Sprintf(".%d", n)
	}
	return s
}
