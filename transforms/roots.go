package transforms

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"

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

// writeVolume commits v as NIfTI, compressed where the name ends in .gz, and
// returns the file's digest.
func writeVolume[T volume.Voxel](ctx context.Context, root store.Store, name string, v *volume.Volume[T]) (string, error) {
	return writeHashed(ctx, root, name, func(w io.Writer) error { return niftiio.Write(w, v, path.Ext(name) == ".gz") })
}

// writeHashed commits what write writes and returns the file's digest.
func writeHashed(ctx context.Context, root store.Store, name string, write func(io.Writer) error) (string, error) {
	w, err := root.Create(ctx, name)
	if err != nil {
		return "", fmt.Errorf("creating %s: %w", name, err)
	}
	defer w.Abort()
	hash := sha256.New()
	if err := write(io.MultiWriter(w, hash)); err != nil {
		return "", fmt.Errorf("writing %s: %w", name, err)
	}
	if err := w.Commit(); err != nil {
		return "", fmt.Errorf("committing %s: %w", name, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// MaxVoxels bounds a volume that is read: 1024×1024×4096, far beyond any chest.
const MaxVoxels = 1 << 32

// ReadHU reads a volume that a stage wrote.
func ReadHU(ctx context.Context, root store.Store, name string) (*volume.Volume[int16], error) {
	return readVolume(ctx, root, name, niftiio.ReadHU)
}

// ReadLabels reads a label map that a stage wrote.
func ReadLabels(ctx context.Context, root store.Store, name string) (*volume.Volume[uint8], error) {
	return readVolume(ctx, root, name, niftiio.ReadLabels)
}

func readVolume[T any](ctx context.Context, root store.Store, name string, read func(io.Reader, int) (T, error)) (v T, err error) {
	r, err := root.Open(ctx, name)
	if err != nil {
		return v, fmt.Errorf("opening %s: %w", name, err)
	}
	defer r.Close()
	if v, err = read(r, MaxVoxels); err != nil {
		return v, fmt.Errorf("reading %s: %w", name, err)
	}
	return v, nil
}
