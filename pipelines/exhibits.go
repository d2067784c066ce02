package pipelines

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"

	"golang.org/x/sync/errgroup"

	"ctcohort/configs"
	"ctcohort/io/store"
	"ctcohort/model/mesh"
	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms"
	"ctcohort/transforms/progress"
	"ctcohort/transforms/report"
)

// exhibitor makes what the report shows of single volumes.
type exhibitor struct {
	in, out store.Store
	config  configs.Report
	volumes map[string]schemas.Series     // by cohort and series
	masks   map[string]schemas.Prediction // by cohort, series and model
}

func newExhibitor(in, out store.Store, data report.Data, config configs.Report) exhibitor {
	e := exhibitor{in: in, out: out, config: config, volumes: map[string]schemas.Series{}, masks: map[string]schemas.Prediction{}}
	for _, r := range data.Series {
		e.volumes[r.Cohort+"/"+r.SeriesUID] = r
	}
	for _, p := range data.Predictions {
		e.masks[p.Cohort+"/"+p.SeriesUID+"/"+p.ModelSHA256] = p
	}
	return e
}

// figures shows the volumes of the patients that the configuration names, and
// as many of the worst as it asks for that have lungs to show.
func (e exhibitor) figures(ctx context.Context, cases []report.Case, workers int) ([]report.PatientFigure, error) {
	left, err := report.Choose(cases, e.config.Patients)
	if err != nil {
		return nil, err
	}
	wanted := e.config.Figures
	for _, s := range left {
		if s.Of(e.config.Patients) {
			wanted++
		}
	}
	counter := progress.Stage("report")
	var all []report.PatientFigure
	for len(all) < wanted && len(left) > 0 {
		next := left[:min(len(left), wanted-len(all))]
		left = left[len(next):]
		counter.Found(len(next))
		made := make([]*report.PatientFigure, len(next))
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(cmp.Or(workers, runtime.GOMAXPROCS(0)))
		for i, s := range next {
			group.Go(func() (err error) {
				defer counter.Done()
				made[i], err = e.figure(ctx, s, len(all)+i < e.config.Viewer)
				if err != nil {
					return fmt.Errorf("drawing figures of patient %s: %w", s[0].PatientID, err)
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			return nil, err
		}
		for _, f := range made {
			if f != nil {
				all = append(all, *f)
			}
		}
	}
	return all, nil
}

// figure makes the files of one volume and what the page shows of it: nil where
// no lung can be shown.
func (e exhibitor) figure(ctx context.Context, s report.Shown, interactive bool) (*report.PatientFigure, error) {
	shown, err := e.read(ctx, s)
	if errors.Is(err, report.ErrNoLung) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f := report.PatientFigure{Shown: s, Folder: path.Join("figures", s[0].Cohort, s[0].PatientID, s[0].SeriesUID)}
	write := func(name string, data []byte) error {
		name = path.Join(reportName, f.Folder, name)
		if err := store.WriteAll(ctx, e.out, name, data); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		return nil
	}
	for i, c := range s {
		png, err := shown.Figure(i, report.DefaultFigure)
		if err == nil {
			err = write("slices_"+c.ModelName+".png", png)
		}
		if err != nil {
			return nil, err
		}
		if i == 0 {
			f.Slices = png
		}
	}
	surfaces := shown.Surfaces()
	if f.Surfaces, err = shown.SurfaceFigure(surfaces); err == nil {
		err = write("surfaces.png", f.Surfaces)
	}
	if err != nil {
		return nil, err
	}
	for _, part := range surfaces {
		name := "prediction_" + part.Name + ".glb"
		if part.Reference {
			name = "reference.glb"
		}
		var file bytes.Buffer
		if err := mesh.WriteGLB(&file, part.Parts()); err != nil {
			return nil, err
		}
		if err := write(name, file.Bytes()); err != nil {
			return nil, err
		}
	}
	if interactive {
		f.Preview = shown.Preview(surfaces, report.Interactive(e.config.PreviewBytes(), e.config.Viewer))
	}
	return &f, nil
}

// read opens a volume with its reference and the mask of each model.
func (e exhibitor) read(ctx context.Context, s report.Shown) (*report.Exhibit, error) {
	of := s[0].Cohort + "/" + s[0].SeriesUID
	v := e.volumes[of]
	hu, err := transforms.ReadHU(ctx, e.in, v.VolumeURI)
	if err != nil {
		return nil, err
	}
	var reference *volume.Volume[uint8]
	if v.LabelURI != "" {
		if reference, err = transforms.ReadLabels(ctx, e.in, v.LabelURI); err != nil {
			return nil, err
		}
	}
	var predictions []report.Segmentation
	for _, c := range s {
		mask, err := transforms.ReadLabels(ctx, e.in, e.masks[of+"/"+c.ModelSHA256].MaskURI)
		if err != nil {
			return nil, err
		}
		predictions = append(predictions, report.Segmentation{ModelName: c.ModelName, Mask: mask})
	}
	return report.NewExhibit(hu, reference, predictions...)
}
