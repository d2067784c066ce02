package phantom

import (
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// charset is a DICOM character set (PS3.3 C.12.1.1.2).
type charset struct {
	name    []string // SpecificCharacterSet
	coder   encoding.Encoding
	escaped bool // ISO 2022: GB 2312 is shifted in by ESC $ ) A in every component
}

var (
	latin1  = &charset{name: []string{"ISO_IR 100"}, coder: charmap.ISO8859_1}
	utf8    = &charset{name: []string{"ISO_IR 192"}}
	gb18030 = &charset{name: []string{"GB18030"}, coder: simplifiedchinese.GB18030}
	iso2022 = &charset{name: []string{"", "ISO 2022 IR 58"}, coder: simplifiedchinese.GBK, escaped: true}
)

// encode returns s in the character set; a nil charset is ASCII.
func (c *charset) encode(s string) []byte {
	if c == nil || c.coder == nil {
		return []byte(s)
	}
	var out []byte
	shifted := false
	for _, r := range s {
		if r < 0x80 {
			if r == '^' || r == '=' || r == '\\' {
				shifted = false // delimiters go back to the first character set
			}
			out = append(out, byte(r))
			continue
		}
		if c.escaped && !shifted {
			out = append(out, 0x1b, '$', ')', 'A')
			shifted = true
		}
		b, err := c.coder.NewEncoder().Bytes([]byte(string(r)))
		if err != nil {
			panic("phantom: " + c.name[len(c.name)-1] + " lacks a character of the name lists")
		}
		out = append(out, b...)
	}
	return out
}
