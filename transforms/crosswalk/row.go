package crosswalk

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Row is one series: what it is now, as in the tables, and what it was. A row of
// a label map that names its series but no patient has the series alone.
type Row struct {
	Cohort, Pseudonym, StudyUID, SeriesUID                                       string
	DateOffsetDays                                                               int // new date − original date; 0 where dates did not move
	Site, OriginalIssuer, OriginalPatientID, OriginalStudyUID, OriginalSeriesUID string
}

var columns = []string{"cohort", "pseudonym", "study_uid", "series_uid", "date_offset_days",
	"site", "original_issuer", "original_patient_id", "original_study_uid", "original_series_uid"}

func (r Row) fields() []string {
	return []string{r.Cohort, r.Pseudonym, r.StudyUID, r.SeriesUID, strconv.Itoa(r.DateOffsetDays),
		r.Site, r.OriginalIssuer, r.OriginalPatientID, r.OriginalStudyUID, r.OriginalSeriesUID}
}

func rowOf(f []string) (Row, error) {
	days, err := strconv.Atoi(f[4])
	if err != nil {
		return Row{}, errors.New("date_offset_days is no number")
	}
	return Row{f[0], f[1], f[2], f[3], days, f[5], f[6], f[7], f[8], f[9]}, nil
}

// plain returns the row with every character that CSV does not carry, a control
// character or a byte that is not UTF-8, as U+FFFD.
func (r Row) plain() Row {
	f := r.fields()
	for i := range f {
		f[i] = strings.Map(func(c rune) rune {
			if unicode.IsControl(c) {
				return unicode.ReplacementChar
			}
			return c
		}, f[i])
	}
	r, err := rowOf(f)
	if err != nil {
		panic("crosswalk: " + err.Error())
	}
	return r
}

// merged returns the distinct rows, sorted, without those of label maps whose
// series stands in a row of its patient.
func merged(rows map[Row]struct{}) []Row {
	known := map[[2]string]bool{}
	for r := range rows {
		if r.Pseudonym != "" {
			known[[2]string{r.Cohort, r.SeriesUID}] = true
		}
	}
	var out []Row
	for r := range rows {
		if r.Pseudonym != "" || !known[[2]string{r.Cohort, r.SeriesUID}] {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(slices.Compare(a.fields(), b.fields()), cmp.Compare(a.DateOffsetDays, b.DateOffsetDays))
	})
	return out
}

// WriteCSV writes rows under a header.
func WriteCSV(out io.Writer, rows []Row) error {
	w := csv.NewWriter(out)
	if err := w.Write(columns); err != nil {
		return err
	}
	for _, r := range rows {
		if err := w.Write(r.fields()); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// parse adds the rows of a part's plain text. Its errors hold no value.
func parse(text []byte, into map[Row]struct{}) error {
	r := csv.NewReader(bytes.NewReader(text))
	header, err := r.Read()
	if err != nil || !slices.Equal(header, columns) {
		return fmt.Errorf("its columns are not %s: another version of ctcohort, or something else, wrote it", strings.Join(columns, ","))
	}
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return errors.New("it is no CSV")
		}
		row, err := rowOf(fields)
		if err != nil {
			return err
		}
		into[row] = struct{}{}
	}
}
