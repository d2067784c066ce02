package transforms

import (
	"context"
	"slices"

	"ctcohort/io/store"
	"ctcohort/model"
	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms/metrics"
	"ctcohort/transforms/series"
)

// measure compares a mask with the volume's reference, where it has one, in what
// the reference tells of and the network looks for, and returns the rows of the metrics table.
func measure(ctx context.Context, root store.Store, v Volume, p schemas.Prediction, network model.Spec, mask *volume.Volume[uint8], hu *volume.Volume[int16]) ([]schemas.Metric, error) {
	var reference *volume.Volume[uint8]
	if v.LabelURI != "" {
		var err error
		if reference, err = ReadLabels(ctx, root, v.LabelURI); err != nil {
			return nil, err
		}
	}
	rows := metrics.Of(metrics.Compute(mask, reference, hu), network.Has)
	if !v.Tells(series.Lung) {
		rows = metrics.WithoutReference(rows, metrics.Lung)
	}
	if !v.Tells(series.Infection) {
		rows = metrics.WithoutReference(rows, metrics.Infection)
	}
	return metrics.Records(rows, p, v.Split), nil
}

// histograms returns the histograms of what the network looks for.
func histograms(v Volume, p schemas.Prediction, network model.Spec, mask *volume.Volume[uint8], hu *volume.Volume[int16]) []schemas.Histogram {
	return slices.DeleteFunc(metrics.Histograms(mask, hu, p, v.Split), func(h schemas.Histogram) bool { return !network.Has(h.Label) })
}
