package report

import (
	"fmt"
	"math"
	"math/rand/v2"

	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms/metrics"
)

// synthetic makes the tables of a run over two cohorts, with two models.
func synthetic(patients, germans int) (d Data) {
	random := rand.New(rand.NewPCG(4, 4))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	for i := range patients + germans {
		cohort, split := "china", pick("train", "train", "train", "test")
		if i >= patients {
			cohort, split = "germany", "test"
		}
		if i == 5 { // whose infection is missed
			split = "test"
		}
		id, uid := fmt.Sprintf("%016x", random.Uint64()), fmt.Sprintf("2.25.%d", random.Uint64())
		thickness := []float64{0.625, 1, 1, 1.25, 1.5, 5}[random.IntN(6)]
		d.Patients = append(d.Patients, schemas.Patient{PatientID: id, Cohort: cohort, Site: cohort, Split: split, NSeries: 1})
		s := schemas.Series{
			Cohort: cohort, PatientID: id, SeriesUID: uid, Slices: int32(300 / thickness), SpacingX: 0.6 + 0.3*random.Float64(), SpacingZ: thickness,
			Thickness: thickness, SliceGapMax: thickness, Kernel: pick("B30f", "B70f", "FC13", "LUNG"), Manufacturer: pick("SIEMENS", "GE MEDICAL SYSTEMS", "UIH"),
			Orientation: "axial", SizeX: 512, SizeY: 512, SizeZ: int32(300 / thickness), HUP01: -1020 + 10*random.Float64(), HUP99: 700 + 200*random.Float64(),
			LabelSource: pick("seg", "nifti"), LabelURI: "volumes/label.nii.gz", Status: "ok",
		}
		if i%9 == 7 {
			s.LabelSource, s.LabelURI = "", ""
		}
		s.SpacingY = s.SpacingX
		d.Series = append(d.Series, s)
		for k := range 20 {
			d.Instances = append(d.Instances, schemas.Instance{Cohort: cohort, PatientID: id, SeriesUID: uid, SOPUID: fmt.Sprintf("%s.%d", uid, k), Modality: "CT", Status: "ok", Bytes: 524288})
		}
		for _, model := range []string{"covid_segnet_w8", "covid_segnet_w16"} {
			p := schemas.Prediction{Cohort: cohort, PatientID: id, SeriesUID: uid, ModelName: model, ModelSHA256: model + "-sha", Provider: "cpu", Windows: 20}
			d.Predictions = append(d.Predictions, p)
			d.Metrics = append(d.Metrics, metrics.Records(syntheticRows(random, s.LabelURI != "", i, model), p, split)...)
		}
	}
	for i, reason := range []string{"not_dicom", "not_dicom", "truncated", "localizer", "modality"} {
		d.Rejects = append(d.Rejects, schemas.Reject{Cohort: "china", Stage: []string{"anonymise", "resample"}[i/3], Subject: fmt.Sprintf("%032x", i), ReasonCode: reason, Detail: "what was wrong with it, in words"})
	}
	for i, stage := range []string{"anonymise", "resample", "split", "tile", "infer"} {
		d.Runs = append(d.Runs, schemas.Run{
			RunID: fmt.Sprint(i), Stage: stage, CodeVersion: "v0.1.0", ConfigSHA256: "0123456789abcdef0123456789abcdef", ModelSHA256: "fedcba9876543210fedcba98", GoVersion: "go1.26",
			BeamVersion: "2.77.0", RuntimeVersion: "1.32.0", Runner: "prism", Counters: `{"patients": 12, "volumes": 12}`,
			Start: fmt.Sprintf("2026-01-02T03:0%d:00Z", i), End: fmt.Sprintf("2026-01-02T03:0%d:42Z", i),
		})
	}
	return d
}

// syntheticRows are plausible measures; patient 3 is healthy, and of patient 5 the first model misses all infection.
func syntheticRows(random *rand.Rand, reference bool, patient int, model string) []metrics.Row {
	var rows []metrics.Row
	volume := map[string]float64{metrics.Lung: 3000 + 2500*random.Float64(), metrics.Infection: 400 * math.Pow(random.Float64(), 2)}
	for _, label := range []string{metrics.Lung, metrics.Infection} {
		dice := map[string]float64{metrics.Lung: 0.985 - 0.03*random.ExpFloat64()/3, metrics.Infection: max(0.2, 0.88-0.12*random.ExpFloat64())}[label]
		if model == "covid_segnet_w16" {
			dice = min(0.995, dice+0.02)
		}
		status := ""
		if label == metrics.Infection && patient == 3 {
			status, volume[label] = metrics.BothEmpty, 0
		}
		if label == metrics.Infection && patient == 5 && model == "covid_segnet_w8" {
			status = metrics.PredictionEmpty
		}
		for _, m := range metrics.Measures {
			if m.InfectionOnly && label == metrics.Lung {
				continue
			}
			r := metrics.Row{Label: label, Metric: m.Name, Unit: m.Unit}
			predicted := volume[label] * (1 + 0.1*random.NormFloat64())
			if status != "" {
				predicted = 0
			}
			value := map[string]float64{
				"volume_prediction": predicted, "volume_reference": volume[label], "volume_error": predicted - volume[label], "involvement": 100 * predicted / volume[metrics.Lung],
				"hd95": 40 * (1 - dice), "hd": 90 * (1 - dice), "assd": 9 * (1 - dice), "mean_hu": -600, "lesions_prediction": 4, "lesions_reference": 3, "specificity": 0.999,
				"volume_relative_error": predicted/max(volume[label], 1e-9) - 1, "volume_left": predicted / 2, "volume_right": predicted / 2,
				"involvement_left": 100 * predicted / volume[metrics.Lung], "involvement_right": 100 * predicted / volume[metrics.Lung],
			}
			v, known := value[m.Name]
			if !known {
				v = min(1, dice+0.02*random.NormFloat64())
			}
			if m.Name == "dice" {
				v = dice
			}
			switch {
			case m.NeedsReference && !reference:
				r.Reason = metrics.NoReference
			case m.FailsOnEmpty && status == metrics.BothEmpty:
				r.Reason = status
			case m.FailsOnEmpty && status == metrics.PredictionEmpty:
				r.Reason, v = status, 0
				if m.Unit == "mm" {
					v = math.Inf(1)
				}
				r.Value, r.Defined = &v, true
			default:
				r.Value, r.Defined = &v, true
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// thorax makes a volume of two lungs with a lesion each, a reference, and a
// prediction that is shifted and misses one lesion. flip turns axes x and z round.
func thorax(flip bool) (hu *volume.Volume[int16], reference, prediction *volume.Volume[uint8]) {
	g := volume.Grid{Size: [3]int{120, 100, 90}, SpacingMM: [3]float64{3, 3, 3.5}, OriginMM: [3]float64{-180, -150, -300}, Direction: volume.Identity()}
	if flip {
		g.Direction[0], g.Direction[8] = -1, -1
		g.OriginMM[0], g.OriginMM[2] = 177, 11.5
	}
	hu, reference, prediction = volume.New[int16](g), volume.New[uint8](g), volume.New[uint8](g)
	random := rand.New(rand.NewPCG(8, 8))
	i := 0
	for z := range g.Size[2] {
		for y := range g.Size[1] {
			for x := range g.Size[0] {
				p := g.Point(float64(x), float64(y), float64(z))
				within := func(cx, cy, cz, rx, ry, rz float64) bool {
					a, b, c := (p[0]-cx)/rx, (p[1]-cy)/ry, (p[2]-cz)/rz
					return a*a+b*b+c*c < 1
				}
				v := -1000.0
				if within(0, 0, -150, 165, 115, 400) {
					v = 40
				}
				for _, side := range []float64{-1, 1} {
					if within(side*72, 0, -150, 52, 78, 118) {
						v, reference.Data[i] = -850, 1
					}
					if within(side*72+3, 2, -150, 51, 78, 117) {
						prediction.Data[i] = 1
					}
				}
				if reference.Data[i] == 1 && (within(-100, 40, -190, 26, 24, 34) || within(80, 50, -120, 18, 18, 22)) {
					v, reference.Data[i] = -420, 2
				}
				if prediction.Data[i] == 1 && within(-98, 42, -186, 24, 24, 30) {
					prediction.Data[i] = 2
				}
				if within(0, 85, -150, 16, 18, 400) {
					v = 350
				}
				hu.Data[i] = int16(v + 25*random.NormFloat64())
				i++
			}
		}
	}
	return hu, reference, prediction
}
