package deid

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Links say which IDs are one person's, at one site or at several. All of a
// person's IDs get one pseudonym and one date offset, which derive from the
// person's label alone: not from which IDs are listed, nor their order. A nil
// *Links links nothing.
type Links struct {
	persons map[linkedID]string
	byLabel map[string][]string // the IDs of each person
}

// linkedID is an ID of a person. An empty issuer stands for any that is not
// listed by itself, and for none.
type linkedID struct{ site, issuer, id string }

// Len returns how many IDs are linked, and to how many persons.
func (l *Links) Len() (ids, persons int) {
	return len(l.persons), len(l.byLabel)
}

// Outside returns how many of the IDs are of none of the given sites.
func (l *Links) Outside(sites []string) int {
	n := 0
	for id := range l.persons {
		if !slices.Contains(sites, id.site) {
			n++
		}
	}
	return n
}

func (l *Links) person(site, issuer, id string) (string, bool) {
	if l == nil {
		return "", false
	}
	person, ok := l.persons[linkedID{site, issuer, id}]
	if !ok {
		person, ok = l.persons[linkedID{site, "", id}]
	}
	return person, ok
}

func (l *Links) ids(person string) []string {
	if l == nil {
		return nil
	}
	return l.byLabel[person]
}

var linkColumns = []string{"person", "site", "issuer", "patient_id"}

// Bounds of a link table: more than a million IDs, which take 250 bytes each in
// memory, and the faults that are told.
const (
	maxLinkBytes  = 64 << 20
	maxLinkFaults = 100
)

// ParseLinks reads a link table: CSV in UTF-8 with the header
// person,site,issuer,patient_id. The error joins every fault with its line and
// quotes no value, for they are identities.
func ParseLinks(r io.Reader) (*Links, error) {
	p := linkParser{links: &Links{persons: map[linkedID]string{}, byLabel: map[string][]string{}}, lines: map[linkedID]int{}}
	bounded := &io.LimitedReader{R: r, N: maxLinkBytes + 1}
	if err := p.read(bounded); err != nil {
		return nil, fmt.Errorf("reading the link table: %w", err)
	}
	if bounded.N <= 0 {
		return nil, fmt.Errorf("reading the link table: it has more than %d MiB; leave out the patients with one ID, who need no row", maxLinkBytes>>20)
	}
	if len(p.links.persons) == 0 && p.count == 0 {
		p.fault(1, "no row follows the header; leave the table out where nobody is to be linked")
	}
	if p.count > maxLinkFaults {
		p.faults = append(p.faults, fmt.Errorf("and %d more", p.count-maxLinkFaults))
	}
	if p.count > 0 {
		return nil, fmt.Errorf("the link table has faults:\n%w", errors.Join(p.faults...))
	}
	return p.links, nil
}

type linkParser struct {
	links  *Links
	lines  map[linkedID]int // where each ID stands first
	faults []error
	count  int // of faults
}

func (p *linkParser) fault(line int, problem string, args ...any) {
	if p.count++; p.count <= maxLinkFaults {
		p.faults = append(p.faults, fmt.Errorf("line %d: %s", line, fmt.Sprintf(problem, args...)))
	}
}

func (p *linkParser) read(in io.Reader) error {
	buffered := bufio.NewReaderSize(in, 1<<16)
	if mark, err := buffered.Peek(3); err == nil && bytes.Equal(mark, []byte("\xEF\xBB\xBF")) { // as spreadsheets write
		buffered.Discard(3)
	}
	r := csv.NewReader(buffered)
	r.FieldsPerRecord = -1
	for first := true; ; first = false {
		row, err := r.Read()
		var syntax *csv.ParseError
		switch {
		case err == io.EOF && first:
			p.fault(1, "the file is empty; its header must be %s", strings.Join(linkColumns, ","))
			return nil
		case err == io.EOF:
			return nil
		case errors.As(err, &syntax):
			p.fault(syntax.StartLine, "%v: a field with a quote or a comma in it stands in quotes, and a quote in it is doubled", syntax.Err)
			continue
		case err != nil:
			return err
		}
		line, _ := r.FieldPos(0)
		if !first {
			p.row(line, row)
		} else if !slices.Equal(row, linkColumns) {
			p.fault(line, "the header must be %s, with commas between", strings.Join(linkColumns, ","))
			return nil
		}
	}
}

func (p *linkParser) row(line int, row []string) {
	if len(row) != len(linkColumns) {
		p.fault(line, "it has %d fields, not the %d of the header", len(row), len(linkColumns))
		return
	}
	for i, field := range row {
		row[i] = trimmed(field)
		if !utf8.ValidString(field) || strings.ContainsFunc(row[i], unicode.IsControl) {
			p.fault(line, "%s is not text in UTF-8", linkColumns[i])
			return
		}
	}
	person, id := row[0], linkedID{row[1], row[2], row[3]}
	if person == "" {
		p.fault(line, "person is empty: any label, the same for all IDs of one person")
	}
	if id.id == "" {
		p.fault(line, "patient_id is empty")
	}
	if person == "" || id.id == "" {
		return
	}
	switch other, ok := p.links.persons[id]; {
	case !ok:
		p.links.persons[id], p.lines[id] = person, line
		p.links.byLabel[person] = append(p.links.byLabel[person], id.id)
	case other != person:
		p.fault(line, "the same ID is another person's in line %d", p.lines[id])
	}
}
