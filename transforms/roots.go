package transforms

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"ctcohort/io/niftiio"
	"ctcohort/io/store"
	"ctcohort/model/volume"
)

// roots are where a stage reads and where it writes; often one place.
type roots struct {
	in, out store.Store
}

func openRoots(ctx context.Context, in, out string) (r roots, err error) {
	if r.in, err = store.Open(ctx, in); err != nil {
		return r, err
	}
	r.out, err = store.Open(ctx, out)
	return r, err
}

// writeVolume commits v as compressed NIfTI and returns the file's digest.
func writeVolume[T volume.Voxel](ctx context.Context, root store.Store, name string, v *volume.Volume[T]) (string, error) {
	w, err := root.Create(ctx, name)
	if err != nil {
		return "", fmt.Errorf("creating %s: %w", name, err)
	}
	defer w.Abort()
	hash := sha256.New()
	if err := niftiio.Write(io.MultiWriter(w, hash), v, true); err != nil {
		return "", fmt.Errorf("writing %s: %w", name, err)
	}
	if err := w.Commit(); err != nil {
		return "", fmt.Errorf("committing %s: %w", name, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func readHU(ctx context.Context, root store.Store, name string) (*volume.Volume[int16], error) {
	r, err := root.Open(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", name, err)
	}
	defer r.Close()
	v, err := niftiio.ReadHU(r, maxVoxels)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return v, nil
}

func readLabels(ctx context.Context, root store.Store, name string) (*volume.Volume[uint8], error) {
	r, err := root.Open(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", name, err)
	}
	defer r.Close()
	v, err := niftiio.ReadLabels(r, maxVoxels)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return v, nil
}
