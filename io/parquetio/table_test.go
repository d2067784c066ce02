package parquetio

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcohort/io/store"
	"ctcohort/schemas"
)

func ptr[T any](v T) *T { return &v }

// metrics returns n metrics rows in order of their keys, with nulls and infinities.
func metrics(cohort string, n int) []schemas.Metric {
	rows := make([]schemas.Metric, n)
	for i := range rows {
		rows[i] = schemas.Metric{
			Cohort: cohort, Split: "test", PatientID: fmt.Sprintf("p%06d", i/4), SeriesUID: fmt.Sprintf("2.25.%06d", i/4),
			ModelName: "naïve/模型", ModelSHA256: "ab", Provider: "cpu", Label: "lung", Metric: fmt.Sprintf("m%d", i%4), Unit: "mm", Defined: i%4 != 1,
		}
		switch i % 4 {
		case 0:
			rows[i].Value = ptr(float64(i) / 7)
		case 1:
			rows[i].Reason = "both_empty"
		case 2:
			rows[i].Value = ptr(math.Inf(1))
		case 3:
			rows[i].Value = ptr(-0.25)
		}
	}
	return rows
}

func encode[T schemas.Record](t testing.TB, rows []T) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := Write(&file, rows); err != nil {
		t.Fatalf("Write = %v", err)
	}
	return file.Bytes()
}

func decode[T schemas.Record](t testing.TB, file []byte) []T {
	t.Helper()
	rows, err := Read[T](bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatalf("Read = %v", err)
	}
	return rows
}

func TestShuffledRowsGiveTheSameBytes(t *testing.T) {
	rows := metrics("china", 1000)
	want := encode(t, rows)
	for seed := range uint64(8) {
		shuffled := slices.Clone(rows)
		r := rand.New(rand.NewPCG(seed, 0))
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		given := slices.Clone(shuffled)
		if !bytes.Equal(encode(t, shuffled), want) {
			t.Errorf("seed %d: other bytes for the same rows", seed)
		}
		if !cmp.Equal(given, shuffled) {
			t.Errorf("seed %d: Write changed the order of its argument", seed)
		}
	}
	rows[3].Reason += "x"
	if bytes.Equal(encode(t, rows), want) {
		t.Error("the same bytes for other rows")
	}
}

func TestRowsOfOneKeyAreOrderedByTheirColumns(t *testing.T) {
	a, b := metrics("china", 1)[0], metrics("china", 1)[0]
	b.Value = ptr(2.0)
	if !bytes.Equal(encode(t, []schemas.Metric{a, b}), encode(t, []schemas.Metric{b, a})) {
		t.Error("the order of two rows with one key changes the bytes")
	}
}

func TestRoundTrip(t *testing.T) {
	t.Run("metrics", func(t *testing.T) {
		for _, n := range []int{0, 1, 5, groupRows + 3} {
			want := metrics("china", n)
			if got := decode[schemas.Metric](t, encode(t, want)); len(got) != n || (n > 0 && !reflect.DeepEqual(want, got)) {
				t.Errorf("%d rows come back as %d, or changed", n, len(got))
			}
		}
	})
	t.Run("every type", func(t *testing.T) {
		series := []schemas.Series{{Cohort: "c", PatientID: "p", Slices: -3, SpacingX: 0.1, HUP01: math.Inf(-1), Notes: "line\nbreak\x00é"}}
		if diff := cmp.Diff(series, decode[schemas.Series](t, encode(t, series))); diff != "" {
			t.Errorf("series (-want +got):\n%s", diff)
		}
		instances := []schemas.Instance{{InputHMAC: "x", Rows: math.MaxInt32, Bytes: math.MaxInt64}}
		if diff := cmp.Diff(instances, decode[schemas.Instance](t, encode(t, instances))); diff != "" {
			t.Errorf("instances (-want +got):\n%s", diff)
		}
		predictions := []schemas.Prediction{{PatientID: "a", SegURI: ptr("")}, {PatientID: "b"}}
		if diff := cmp.Diff(predictions, decode[schemas.Prediction](t, encode(t, predictions))); diff != "" {
			t.Errorf("predictions: an empty string is not null (-want +got):\n%s", diff)
		}
	})
}

func TestReadRefusesOtherTables(t *testing.T) {
	file := encode(t, metrics("china", 3))
	if _, err := Read[schemas.Patient](bytes.NewReader(file), int64(len(file))); !errors.Is(err, ErrFormat) {
		t.Errorf("reading metrics as patients = %v; want ErrFormat", err)
	}
}

// A file that is cut anywhere, or whose bytes change, is an error or other
// rows, never a panic.
func TestBrokenFiles(t *testing.T) {
	file := encode(t, metrics("china", 20))
	for n := range len(file) {
		if _, err := Read[schemas.Metric](bytes.NewReader(file[:n]), int64(n)); !errors.Is(err, ErrFormat) {
			t.Fatalf("cut to %d of %d bytes: %v; want ErrFormat", n, len(file), err)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		spoilt := slices.Clone(file)
		spoilt[r.IntN(len(spoilt)/2)] ^= byte(1 + r.IntN(255))
		if _, err := Read[schemas.Metric](bytes.NewReader(spoilt), int64(len(spoilt))); err != nil && !errors.Is(err, ErrFormat) {
			t.Fatalf("a changed byte: %v; want ErrFormat", err)
		}
	}
}

func TestTableInAStore(t *testing.T) {
	ctx := t.Context()
	s, err := store.Open(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := ReadTable[schemas.Metric](ctx, s, "metrics"); rows != nil || err != nil {
		t.Errorf("ReadTable of no table = %v, %v", rows, err)
	}
	china, germany := metrics("china", 7), metrics("germany", 2)
	for name, rows := range map[string][]schemas.Metric{
		"tables/metrics/cohort=china/part-00000.parquet":   china[:4],
		"tables/metrics/cohort=china/part-00001.parquet":   china[4:],
		"tables/metrics/cohort=germany/part-00000.parquet": germany,
		"tables/metrics/cohort=italy/part-00000.parquet":   nil,
		"tables/metrics2/cohort=china/part-00000.parquet":  germany,
		"tables/metrics/cohort=china/other.parquet":        germany,
	} {
		if err := Commit(ctx, s, name, rows); err != nil {
			t.Fatalf("Commit = %v", err)
		}
		if n, err := Count(ctx, s, name); n != len(rows) || err != nil {
			t.Errorf("Count(%s) = %d, %v; want %d", name, n, err, len(rows))
		}
	}
	if err := store.WriteAll(ctx, s, "tables/metrics/_SUCCESS", nil); err != nil {
		t.Fatal(err)
	}
	rows, err := ReadTable[schemas.Metric](ctx, s, "metrics")
	if err != nil {
		t.Fatalf("ReadTable = %v", err)
	}
	if diff := cmp.Diff(append(china, germany...), rows); diff != "" {
		t.Errorf("ReadTable (-want +got):\n%s", diff)
	}
	if err := store.WriteAll(ctx, s, "tables/metrics/cohort=china/part-00002.parquet", []byte("PAR1")); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadTable[schemas.Metric](ctx, s, "metrics"); !errors.Is(err, ErrFormat) {
		t.Errorf("ReadTable with a broken part = %v; want ErrFormat", err)
	}
	if _, err := Count(ctx, s, "tables/metrics/cohort=china/part-00002.parquet"); !errors.Is(err, ErrFormat) {
		t.Errorf("Count of a broken part = %v; want ErrFormat", err)
	}
}

func BenchmarkTable(b *testing.B) {
	for _, n := range []int{1, 100, 100_000} {
		rows := metrics("china", n)
		b.Run(fmt.Sprintf("write/%d", n), func(b *testing.B) {
			var file bytes.Buffer
			for b.Loop() {
				file.Reset()
				if err := Write(&file, rows); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(file.Len()), "bytes")
		})
		file := encode(b, rows)
		b.Run(fmt.Sprintf("read/%d", n), func(b *testing.B) {
			for b.Loop() {
				decode[schemas.Metric](b, file)
			}
		})
	}
}
