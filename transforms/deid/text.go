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
	for i := range tokens {
		t := &tokens[i]
		if !t.word {
			t.keep = strings.Trim(t.text, " ,;:/()+-._\r\n\t") == ""
			whole = whole && t.keep
			continue
		}
		lower := strings.ToLower(t.text)
		t.keep = persons == 0 && !ids.word(lower) && acceptable(t.text)
		if persons--; titles[lower] {
			persons = 2
		}
		persons = max(persons, 0)
	}
	dropLooseNumbers(tokens)
	var kept []string
	for _, t := range tokens {
		if t.word && t.keep {
			kept = append(kept, t.text)
		}
		whole = whole && (t.keep || !t.word)
	}
	if whole && len(kept) > 0 {
		return text
	}
	for len(kept) > 0 && joining[strings.ToLower(kept[len(kept)-1])] {
		kept = kept[:len(kept)-1]
	}
	return strings.Join(kept, " ")
}

// joining are words that say nothing at the end of a text.
var joining = wordSet(`and or of the for in at to on by from per with without w wo no non und mit ohne`)

// acceptable reports whether a word may stay: itself, or as a compound of such
// words by hyphens, capitals (ChestLowDose) or, in Chinese, side by side.
func acceptable(word string) bool {
	lower := strings.ToLower(word)
	if harmless(lower) || short.MatchString(lower) {
		return true
	}
	if strings.Contains(lower, "-") {
		for _, part := range strings.Split(lower, "-") {
			if !vocabulary[part] {
				return false
			}
		}
		return true
	}
	if unicode.Is(unicode.Han, []rune(word)[0]) {
		return compound(word)
	}
	parts := capitals(word)
	if len(parts) < 2 {
		return false
	}
	for _, part := range parts {
		if !vocabulary[strings.ToLower(part)] {
			return false
		}
	}
	return true
}

// compound reports whether a run of Chinese consists of words of the vocabulary.
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
func dropLooseNumbers(tokens []token) {
	var words []*token
	for i := range tokens {
		if tokens[i].word {
			words = append(words, &tokens[i])
		}
	}
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
