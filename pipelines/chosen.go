package pipelines

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"ctcohort/model"
	"ctcohort/transforms"
)

// A chosenModel is a model of the job and what it runs on.
type chosenModel struct {
	spec                     model.Spec
	sha256, provider, reason string
}

// chosenModels opens every model of the job on the provider asked for, where the
// workers are on this machine, and checks that it fits, and that every device
// that is named is there. Where the workers are elsewhere, it reads what the
// models say of themselves: the workers have what this machine lacks.
func chosenModels(ctx context.Context, j Job, fits func(model.Spec) error) ([]chosenModel, error) {
	if DryRun() {
		return nil, nil
	}
	inf := j.inference()
	if len(inf.Models) == 0 {
		return nil, fmt.Errorf("no model is given: name an ONNX file by --model or in inference.models")
	}
	open, devices := openModel, inf.Devices[min(1, len(inf.Devices)):]
	if workersElsewhere() {
		open, devices = readModel, nil
	}
	var models []chosenModel
	var errs []error
	for _, uri := range inf.Models {
		m, err := open(ctx, uri, inf, inf.FirstDevice())
		if err == nil {
			err = fits(m.spec)
		}
		if err == nil && slices.ContainsFunc(models, func(o chosenModel) bool { return o.spec.Name == m.spec.Name }) {
			err = fmt.Errorf("model %s: another model of the run is called %s too, and masks lie by the model's name: leave one out, or train it under another name", uri, m.spec.Name)
		}
		models, errs = append(models, m), append(errs, err)
	}
	for _, device := range devices {
		_, err := open(ctx, inf.Models[0], inf, device)
		errs = append(errs, err)
	}
	return models, errors.Join(errs...)
}

func openModel(ctx context.Context, uri string, inf transforms.Inference, device int) (chosenModel, error) {
	m, err := transforms.OpenModel(ctx, uri, inf, device)
	if err != nil {
		return chosenModel{}, err
	}
	chosen := chosenModel{m.Spec(), m.SHA256(), m.Provider(), m.Reason()}
	if err := m.Close(); err != nil {
		return chosen, fmt.Errorf("closing model %s: %w", chosen.spec.Name, err)
	}
	return chosen, nil
}

func readModel(ctx context.Context, uri string, inf transforms.Inference, _ int) (chosenModel, error) {
	spec, data, err := transforms.ReadModel(ctx, uri)
	if err != nil {
		return chosenModel{}, fmt.Errorf("model %s: %w", uri, err)
	}
	sum := sha256.Sum256(data)
	return chosenModel{spec, hex.EncodeToString(sum[:]), inf.Provider, "of the workers"}, nil
}
