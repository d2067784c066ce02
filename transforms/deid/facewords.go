package deid

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// anatomy is what a description says of the body: that the head is in the
// image, or the trunk.
type anatomy struct{ head, trunk bool }

// words of one meaning. Texts and lists are folded: lower case, without accents.
type words struct {
	whole   map[string]bool // whole words
	starts  []string        // starts of words
	within  []string        // parts of words, and of scripts without spaces
	phrases *regexp.Regexp  // of several words
}

// headWords say that the head is imaged, in the languages of the archives
// (English, German, French, Spanish, Chinese, Japanese) and of their neighbours.
var headWords = words{
	whole: folded(`head heads hn skull face faces sinus sinuses pns nnh nasal nose eye eyes jaw teeth tooth dental tmj iac iacs iam sella willis scalp forehead cheek
		auge augen nase nasen zahn zahne ohr innenohr mittelohr
		tete visage oeil yeux rocher rochers dents cerveau cervelet
		cabeza testa cabeca hoofd hersenen schedel penasco penascos oido oidos ojo ojos mozg glowy
		голова головы черепа череп`),
	starts: strings.Fields(`head brain skull neurocran neurokran crani krani crane cereb zerebr enceph enzeph encefal intracran intrakran intracereb intrazereb orbit
		mandib maxill facial pituit hypophys hypofys hipofis paranasal nasoph epiphar oroph mastoid sinusit cochlea zygom nasenneben felsenbein
		kopf parotid submandib мозг головн`),
	within: strings.Fields(`schadel gesicht kiefer hirn
		颅 顱 脑 腦 颌 頜 颚 顎 頭 头 面部 颜面 顔面 眼眶 眼窩 眼部 眼球 双眼 鼻窦 鼻竇 鼻咽 鼻骨 鼻部 鼻旁窦 副鼻 垂体 垂體 蝶鞍 颞 顳 側頭 乳突 内听道 内耳 中耳 耳部 双耳 牙 歯 脳
		뇌 두개 두부 두경부 안면 부비동 안와`),
	phrases: regexp.MustCompile(`\b(temporal bones?|os temporale?|ossa temporalia|os petros\w*|posterior fossa|fosse posterieure|inner ears?|middle ears?|internal auditory|h n|silla turca)\b`),
}

// notHeads are words of the head that mean something else.
var notHeads = regexp.MustCompile(`\b(` + strings.Join([]string{
	`(head|kopf|tete|cabeza|testa|hoofd|cabeca) ?(first|voran|voraus|zuerst|en avant|la premiere|premiere|primero|primeiro|prima|up|down)`,                          // positions
	`head(ache|aches|rest|er|ers|ing|holder|set|less)|kopf(schmerz\w*|stutze|lage|warts)|head (rest|holder|support|kernel|filter|phantom)`,                          // other words
	`head neck (filter|kernel)|face (up|down)|de face|(topo\w*|scout|radio\w*) face|face (et )?profil`,                                                              // filters; frontal views
	`heads? of (the )?(pancreas|femur|humerus|radius|fibula|ulna|metatarsals?|metacarpals?)|(long|short) head`,                                                      // heads of other organs
	`(pancrea\w*|femoral|femur|humeral|humerus|radial|radius|fibular?|ulnar?|metatarsal|metacarpal) heads?`,                                                         //
	`tetes? (de l |de |du |d )?(pancrea\w*|femur|femora\w*|humer\w*|radi\w*|fibula\w*)|cabezas? (de |del |de la )?(pancrea\w*|femora?l?|femur|humer\w*|radi\w*)`,    //
	`testa (del |di |dell )?(pancrea\w*|femor\w*|omer\w*|radi\w*)|cabeca (do |da )?(pancrea\w*|femur|umero|radio)`,                                                  //
	`(coronary|carotid|aortic|renal|costophrenic|pilonidal) sinus|sinus (of valsalva|valsalva\w*|aortae?|coronarius|rhythm|tarsi|node|venosus|coronaire|coronario)`, //
	`(c|k)rani(o|al|ally|ale)? ?(to )?(c|k)auda\w*|(c|k)audo ?(c|k)rani\w*|(c|k)aud\w* (to )?(c|k)rani\w*`,                                                          // directions
}, "|") + `)\b|[胰膵骨乳探咽喉镜鏡箭接枕二三四腕]头|[胰膵骨乳探咽喉镜鏡箭接枕二三四腕]頭|[头頭][臂静靜先孢低高侧側尾端足]|[电電]脑|[电電]腦|[表切断剖]面部`)

// headHints say so where nothing of the trunk is named beside them: CCT is
// cranial CT in German and cardiac CT elsewhere, a stroke volume the heart's.
var headHints = words{whole: folded(`neuro cct stroke apoplex apoplexie avc ictus cva face dental`)}

// trunkWords say that the chest or the belly is imaged.
var trunkWords = words{
	whole:  folded(`chest chests lung lungs heart cardiac aorta liver cap tap thx hrct ldct ctpa kub rib ribs pe lunge lungen herz leber becken bauch torax pecho poitrine poumon poumons pulmon pulmones pelvis pelvic`),
	starts: strings.Fields(`thora thorak toraks abdom oberbauch brust pulmo mediast bronch coron hepat`),
	within: strings.Fields(`胸 肺 腹 盆 心脏 心臓 冠脉 冠状动脉 肝 纵隔 縦隔 흉부 복부 폐`),
}

// serial is a word that changes between capitals and digits three times or more:
// an identifier, of whose letters (TK4PNS744) none says what is imaged.
var serial = regexp.MustCompile(`\b(?:(?:[A-Z]+\d+){2,}[A-Z]*|(?:\d+[A-Z]+){2,}\d*)\b`)

// describes returns what a text says of the body.
func describes(text string) anatomy {
	if text == "" {
		return anatomy{}
	}
	t := fold(serial.ReplaceAllString(text, " "))
	trunk := trunkWords.in(t)
	head := func(t string) bool { return headWords.in(t) || !trunk && headHints.in(t) }
	return anatomy{head: head(t) && head(notHeads.ReplaceAllString(t, " ")), trunk: trunk}
}

func (w *words) in(text string) bool {
	for _, word := range strings.Fields(text) {
		if w.one(word) {
			return true
		}
		for _, technique := range []string{"ct", "cta", "mr", "mri", "mra", "pet", "irm", "tdm", "cect", "ncct"} {
			if rest, ok := strings.CutPrefix(word, technique); ok && len(rest) > 2 && w.one(rest) {
				return true
			}
		}
	}
	return w.phrases != nil && w.phrases.MatchString(text)
}

func (w *words) one(word string) bool {
	if w.whole[word] {
		return true
	}
	for _, s := range w.starts {
		if strings.HasPrefix(word, s) {
			return true
		}
	}
	for _, s := range w.within {
		if strings.Contains(word, s) {
			return true
		}
	}
	return false
}

// fold returns the words of text in lower case and without accents, parted by
// single spaces; HeadSeq5mm is "head seq 5 mm".
func fold(text string) string {
	var out strings.Builder
	out.Grow(len(text) + 8)
	var last rune
	apart := func() {
		if n := out.Len(); n > 0 && out.String()[n-1] != ' ' {
			out.WriteByte(' ')
		}
	}
	runes := []rune(norm.NFKD.String(text))
	for i, r := range runes {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			apart()
			last = 0
			continue
		case last != 0 && unicode.IsDigit(r) != unicode.IsDigit(last),
			unicode.IsUpper(r) && unicode.IsLower(last),
			unicode.IsUpper(r) && unicode.IsUpper(last) && i+1 < len(runes) && unicode.IsLower(runes[i+1]):
			apart()
		}
		if last = r; r == 'ß' {
			out.WriteString("ss")
		} else {
			out.WriteRune(unicode.ToLower(r))
		}
	}
	return norm.NFC.String(strings.TrimSpace(out.String()))
}

func folded(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}
