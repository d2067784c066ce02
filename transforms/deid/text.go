package deid

import (
	"strings"
	"unicode"
)

// token is a word of a text, or the separators between two.
type token struct {
	text string
	word bool
	keep bool
}

// cleanText keeps the words of text that describe a scan and drops all others,
// above all those of the patient's identifiers. Text of which nothing has to go
// comes back as it is; otherwise the kept words are joined by single spaces,
// value by value.
func cleanText(text string, ids *identifiers) string {
	values := strings.Split(text, `\`)
	for i, v := range values {
		values[i] = cleanValue(v, ids)
	}
	out := strings.Join(values, `\`)
	if strings.Trim(out, `\ `) == "" {
		return ""
	}
	return out
}

func cleanValue(text string, ids *identifiers) string {
	tokens := tokenise(text)
	whole := true
	persons := 0 // words after a title that go
	var words []*token
	for i := range tokens {
		t := &tokens[i]
		if !t.word {
			t.keep = strings.Trim(t.text, " ,;:/()+-._&*=\r\n\t，、；：（）·　") == ""
			whole = whole && t.keep
			continue
		}
		t.keep = persons == 0 && !titled(t.text) && !ids.word(strings.ToLower(t.text)) && acceptable(t.text)
		if persons = max(persons-1, 0); titled(t.text) {
			persons = 2
		}
		words = append(words, t)
	}
	keepMeasures(words)
	dropLooseNumbers(words)
	dropLooseJoints(words, whole)
	var out strings.Builder
	for i, t := range tokens {
		whole = whole && t.keep
		if !t.word || !t.keep {
			continue
		}
		if out.Len() > 0 && !(i > 0 && tokens[i-1].word && tokens[i-1].keep) { // scripts side by side stay so: 胸部CT
			out.WriteByte(' ')
		}
		out.WriteString(t.text)
	}
	if whole && out.Len() > 0 {
		return text
	}
	return out.String()
}

// keepMeasures keeps numbers of three digits in front of a unit or after a contrast agent.
func keepMeasures(words []*token) {
	for i, t := range words {
		before := i > 0 && words[i-1].keep && agents[strings.ToLower(words[i-1].text)]
		after := i+1 < len(words) && words[i+1].keep && units[strings.ToLower(words[i+1].text)]
		t.keep = t.keep || (before || after) && three.MatchString(t.text)
	}
}

// joining are words that say nothing by themselves.
var joining = wordSet(`and or of the for in at to on from per with without w wo no non und mit ohne zur zum der die das von avec sans de du des la le les et en con sin del y el senza di della e a y`)

// dropLooseJoints drops joining words in front of a word that goes, and at the
// end of a text that does not stay as it is.
func dropLooseJoints(words []*token, whole bool) {
	for _, t := range words {
		whole = whole && t.keep
	}
	if whole {
		return
	}
	next := false
	for i := len(words) - 1; i >= 0; i-- {
		t := words[i]
		t.keep = t.keep && (next || !joining[strings.ToLower(t.text)])
		next = t.keep
	}
}

// acceptable reports whether a word may stay: itself, or as a compound of such
// words by hyphens, capitals (ChestLowDose) or, in Chinese, Japanese and Korean,
// side by side.
func acceptable(word string) bool {
	lower := strings.ToLower(word)
	if harmless(lower) || short.MatchString(lower) {
		return true
	}
	if strings.Contains(lower, "-") {
		for _, part := range strings.Split(lower, "-") {
			if !described(part) {
				return false
			}
		}
		return true
	}
	if unicode.In([]rune(word)[0], unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
		return compound(lower)
	}
	parts := capitals(word)
	if len(parts) < 2 {
		return false
	}
	for _, part := range parts {
		if !described(strings.ToLower(part)) {
			return false
		}
	}
	return true
}

// compound reports whether a run without spaces consists of words of the vocabulary.
func compound(word string) bool {
	for word != "" {
		n := 0
		for end := range word + " " {
			if vocabulary[word[:end]] {
				n = end
			}
		}
		if n == 0 {
			return false
		}
		word = word[n:]
	}
	return true
}

// capitals splits a word in front of each capital that follows a small letter.
func capitals(word string) []string {
	var parts []string
	start := 0
	for i := 1; i < len(word); i++ {
		if word[i] >= 'A' && word[i] <= 'Z' && word[i-1] >= 'a' && word[i-1] <= 'z' {
			parts = append(parts, word[start:i])
			start = i
		}
	}
	return append(parts, word[start:])
}

// dropLooseNumbers drops bare numbers beside other numbers, or beside a word
// that goes: parts of dates, telephone numbers and identifiers.
func dropLooseNumbers(words []*token) {
	bare := func(i int) bool {
		return i >= 0 && i < len(words) && strings.Trim(words[i].text, "0123456789.-") == ""
	}
	gone := make([]bool, len(words))
	for i := range words {
		dropped := func(j int) bool { return j >= 0 && j < len(words) && !words[j].keep }
		gone[i] = bare(i) && (bare(i-1) || bare(i+1) || dropped(i-1) || dropped(i+1))
	}
	for i, w := range words {
		w.keep = w.keep && !gone[i]
	}
}

// tokenise cuts text into words (letters, digits, and dots and hyphens between them) and separators.
func tokenise(text string) []token {
	var out []token
	runes := []rune(text)
	inner := func(i int) bool {
		return (runes[i] == '.' || runes[i] == '-' || runes[i] == '%') && i > 0 && wordRune(runes[i-1]) && (runes[i] == '%' || i+1 < len(runes) && wordRune(runes[i+1]))
	}
	for start := 0; start < len(runes); {
		word := wordRune(runes[start])
		end := start + 1
		for end < len(runes) && (wordRune(runes[end]) || word && inner(end)) == word && unicode.Is(unicode.Han, runes[end]) == unicode.Is(unicode.Han, runes[start]) {
			end++
		}
		out = append(out, token{text: string(runes[start:end]), word: word})
		start = end
	}
	return out
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }
