package metrics

import (
	"bytes"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ctcohort/schemas"
)

var update = flag.Bool("update", false, "write the golden files anew")

func measured(model, patient, series, label, metric string, value float64, reason string) schemas.Metric {
	measure, _ := Find(metric)
	m := schemas.Metric{
		Cohort: "china", Split: "test", PatientID: patient, SeriesUID: series, ModelName: model, ModelSHA256: model + "-sha",
		Label: label, Metric: metric, Unit: measure.Unit, Reason: reason,
	}
	if !math.IsNaN(value) {
		m.Value, m.Defined = &value, true
	}
	return m
}

// cohortRows are five patients, one with two series, one whose infection model
// b misses, one that is healthy, and one without a reference.
func cohortRows() (rows []schemas.Metric) {
	for i, dice := range map[string][]float64{"a": {0.9, 0.8, 0.7, 0.75}, "b": {0.85, 0.6, 0.65, 0}} {
		for k, patient := range []string{"p1", "p2", "p2", "p3"} {
			reason, distance := "", 10*(1-dice[k])
			if dice[k] == 0 {
				reason, distance = PredictionEmpty, inf
			}
			series := string(rune('s' + k))
			rows = append(rows,
				measured(i, patient, series, Infection, "dice", dice[k], reason),
				measured(i, patient, series, Infection, "hd95", distance, reason))
		}
		rows = append(rows,
			measured(i, "p4", "x", Infection, "dice", math.NaN(), BothEmpty), measured(i, "p4", "x", Infection, "hd95", math.NaN(), BothEmpty),
			measured(i, "p5", "y", Infection, "dice", math.NaN(), NoReference), measured(i, "p5", "y", Infection, "hd95", math.NaN(), NoReference))
	}
	return rows
}

func TestSummariseCountsFailures(t *testing.T) {
	summaries := map[string]Summary{}
	for _, s := range Summarise(cohortRows(), DefaultSummary) {
		summaries[s.ModelName+" "+s.Metric] = s
	}
	for _, test := range []struct {
		group, reason                         string
		patients, n, defined, failed, average int
		mean, median                          float64
	}{
		{"a dice", "the healthy patient is undefined, the one without reference not in n", 4, 5, 4, 0, 4, 0.7875, 0.775},
		{"b dice", "the missed case counts as 0", 4, 5, 4, 1, 4, 0.525, 0.625},
		{"b hd95", "the missed case ranks last in the median and is not averaged", 4, 5, 4, 1, 3, 3, 3.75},
	} {
		s := summaries[test.group]
		if s.Patients != test.patients || s.N != test.n || s.Defined != test.defined || s.Failed != test.failed || s.Averaged != test.average || !near(s.Mean, test.mean, 1e-12) || !near(s.Median, test.median, 1e-12) {
			t.Errorf("%s: %+v; want patients %d, n %d, defined %d, failed %d, averaged %d, mean %v, median %v: %s",
				test.group, s, test.patients, test.n, test.defined, test.failed, test.average, test.mean, test.median, test.reason)
		}
	}
	if s := summaries["b hd95"]; !math.IsInf(s.Maximum, 1) || !math.IsInf(s.Q3, 1) {
		t.Errorf("third quartile and maximum of b's HD95 = %v, %v; want both infinite", s.Q3, s.Maximum)
	}
}

func TestSummariseDoesNotDependOnOrder(t *testing.T) {
	rows := cohortRows()
	want := textOf(t, rows)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	if got := textOf(t, rows); got != want {
		t.Errorf("shuffled rows give\n%s\nwant\n%s", got, want)
	}
}

func textOf(t *testing.T, rows []schemas.Metric) string {
	t.Helper()
	var text bytes.Buffer
	if err := schemas.WriteCSV(&text, SummaryRecords(Summarise(rows, DefaultSummary))); err != nil {
		t.Fatal(err)
	}
	if err := schemas.WriteCSV(&text, ComparisonRecords(Compare(rows))); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestBootstrapCoversTheMean(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	covered := 0
	const trials = 200
	for trial := range trials {
		var people []patient
		for range 40 {
			people = append(people, patient{values: []float64{random.NormFloat64()}})
		}
		low, high := bootstrap(people, SummaryOptions{Resamples: 500, Seed: uint64(trial)}, Group{})
		if low <= 0 && 0 <= high {
			covered++
		}
	}
	// 95 % nominal; the percentile bootstrap of 40 covers about 94 %, SD 1.7 %.
	if covered < 178 || covered == trials {
		t.Errorf("the interval covers the true mean in %d of %d trials; want about 188", covered, trials)
	}
}

func TestBootstrapResamplesPatients(t *testing.T) {
	once := []patient{{values: []float64{0}}, {values: []float64{1}}, {values: []float64{0.5}}}
	var often []patient
	for _, p := range once {
		often = append(often, patient{values: []float64{p.values[0], p.values[0], p.values[0]}})
	}
	low, high := bootstrap(once, DefaultSummary, Group{})
	if l, h := bootstrap(often, DefaultSummary, Group{}); l != low || h != high {
		t.Errorf("three series a patient narrow the interval from %v, %v to %v, %v", low, high, l, h)
	}
}

func TestCompare(t *testing.T) {
	got := Compare(cohortRows())
	if len(got) != 2 {
		t.Fatalf("%d comparisons; want Dice and HD95", len(got))
	}
	dice, distance := got[0], got[1]
	if dice.Pairs != 3 || !near(dice.MedianDifference, 0.125, 1e-12) || dice.P != 0.25 || dice.PHolm != 0.25 {
		t.Errorf("Dice: %+v; want 3 pairs, median difference 0.125, p 0.25: all three one way", dice)
	}
	if distance.Pairs != 3 || distance.P != 0.25 || !near(distance.MedianDifference, -1.25, 1e-12) {
		t.Errorf("HD95: %+v; want 3 pairs, the missed one among them, p 0.25, median −1.25 mm", distance)
	}
}

func TestComparePunishesFailures(t *testing.T) {
	var rows []schemas.Metric
	for _, p := range []string{"p1", "p2", "p3", "p4", "p5", "p6"} {
		rows = append(rows, measured("a", p, "s", Lung, "hd95", 5, ""), measured("b", p, "s", Lung, "hd95", inf, PredictionEmpty))
	}
	if c := Compare(rows)[0]; c.Pairs != 6 || c.P != 2./64 || !math.IsInf(c.MedianDifference, -1) {
		t.Errorf("a model that misses all: %+v; want 6 pairs, p 2/64, median −inf", c)
	}
}

func TestWritersGolden(t *testing.T) {
	rows := cohortRows()
	summaries, comparisons := Summarise(rows, DefaultSummary), Compare(rows)
	for name, write := range map[string]func(*bytes.Buffer) error{
		"summary.md":      func(w *bytes.Buffer) error { return WriteMarkdown(w, summaries, comparisons) },
		"summary.csv":     func(w *bytes.Buffer) error { return schemas.WriteCSV(w, SummaryRecords(summaries)) },
		"summary.tex":     func(w *bytes.Buffer) error { return WriteLaTeX(w, summaries) },
		"comparisons.csv": func(w *bytes.Buffer) error { return schemas.WriteCSV(w, ComparisonRecords(comparisons)) },
	} {
		var got bytes.Buffer
		if err := write(&got); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || got.String() != string(want) {
			t.Errorf("%s (%v) differs; run `go test -update` and look:\n%s", name, err, got.String())
		}
	}
}

func TestFormat(t *testing.T) {
	for _, test := range []struct {
		value float64
		unit  string
		want  string
	}{
		{0.98765, "1", "0.988"}, {12.345, "mm", "12.35"}, {-0.0001, "1", "0.000"}, {-51.26, "ml", "−51.3"}, {inf, "mm", "∞"}, {math.NaN(), "mm", "–"},
	} {
		if got := Format(test.value, test.unit); got != test.want {
			t.Errorf("Format(%v, %q) = %q; want %q", test.value, test.unit, got, test.want)
		}
	}
}

func TestLaTeXEscapesNames(t *testing.T) {
	rows := []schemas.Metric{measured("net_8 50% & more", "p", "s", Lung, "dice", 0.5, "")}
	var got bytes.Buffer
	if err := WriteLaTeX(&got, Summarise(rows, DefaultSummary)); err != nil || !strings.Contains(got.String(), `net\_8 50\% \& more & $0.500$`) {
		t.Errorf("WriteLaTeX = %s, %v; want the model's name escaped", got.String(), err)
	}
}

func TestTablesKeepOrder(t *testing.T) {
	summaries := []Summary{{Group: Group{Cohort: "a", Label: Lung}}, {Group: Group{Cohort: "a", Label: Lung, Metric: "iou"}}, {Group: Group{Cohort: "a", Label: Infection}}}
	var sizes []int
	for _, table := range Tables(summaries) {
		sizes = append(sizes, len(table.Summaries))
	}
	if want := []int{2, 1}; !reflect.DeepEqual(sizes, want) {
		t.Errorf("tables of %v summaries; want %v", sizes, want)
	}
}
