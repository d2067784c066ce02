package transforms

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"ctcohort/io/parquetio"
	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms/progress"
	"ctcohort/transforms/series"
	"ctcohort/transforms/tile"
)

func init() {
	registerElement[Shard]()
	beam.RegisterDoFn(&shardFn{})
	beam.RegisterDoFn(&tileFn{})
	register.Emitter1[Shard]()
	register.Iter1[Volume]()
}

// Tiling says how training patches are cut and stored.
type Tiling struct {
	In, Out    string // roots
	Journal    Journal
	SizeVoxels [3]int
	Patches    int
	Foreground float64
	Mode       string
	Seed       int64
	Format     string         // of the shards
	Shards     map[string]int // "cohort/split" → number of shards
	Workers    int
}

// A Shard is a committed file of patches.
type Shard struct {
	Name    string
	Patches int64
	SHA256  string
}

// Files implements made.
func (s Shard) Files(yield func(name, sha256 string)) { yield(s.Name, s.SHA256) }

// Tile cuts the patches of each volume and commits them in shards:
// PCollection<Volume> → PCollection<Shard>, PCollection<schemas.Reject>. A
// shard is one element of work, so that no patch crosses a stage.
func Tile(s beam.Scope, how Tiling, volumes beam.PCollection) (shards, rejects beam.PCollection) {
	s = s.Scope("Tile")
	byShard := beam.GroupByKey(s, beam.ParDo(s, &shardFn{Shards: how.Shards, Format: how.Format}, volumes))
	return beam.ParDo2(s, &tileFn{Tiling: how}, byShard)
}

type shardFn struct {
	Shards map[string]int
	Format string
}

func (f *shardFn) ProcessElement(v Volume) (string, Volume) {
	n := max(f.Shards[v.Cohort+"/"+v.Split], 1)
	return tile.ShardName(v.Cohort, v.Split, tile.Shard(v.PatientID, n), n, f.Format), v
}

type tileFn struct {
	Tiling Tiling

	roots   roots
	journal *journal
	pool    *pool[Shard]
}

func (f *tileFn) Setup(ctx context.Context) (err error) {
	if f.journal, err = f.Tiling.Journal.open(ctx); err != nil {
		return err
	}
	f.roots, err = openRoots(ctx, f.Tiling.In, f.Tiling.Out)
	return err
}

func (f *tileFn) StartBundle(_ func(Shard), _ func(schemas.Reject)) {
	f.pool = newPool[Shard]("tile", f.Tiling.Workers)
}

func (f *tileFn) ProcessElement(ctx context.Context, name string, next func(*Volume) bool, keep func(Shard), reject func(schemas.Reject)) error {
	var volumes []Volume
	var v Volume
	for next(&v) {
		volumes = append(volumes, v)
	}
	slices.SortFunc(volumes, func(a, b Volume) int {
		return strings.Compare(a.PatientID+"\x00"+a.SeriesUID, b.PatientID+"\x00"+b.SeriesUID)
	})
	progress.Stage("tile").Found(1)
	subject := schemas.Reject{Cohort: volumes[0].Cohort, Stage: "tile", Subject: name}
	return f.pool.do(ctx, subject, func() outcome[Shard] {
		return once(ctx, f.journal, f.journal.unit(name, volumes), func() outcome[Shard] { return f.shard(ctx, name, volumes) })
	}, keep, reject)
}

func (f *tileFn) FinishBundle(ctx context.Context, keep func(Shard), reject func(schemas.Reject)) error {
	if err := f.pool.finish(ctx, keep, reject); err != nil {
		return fmt.Errorf("tiling: %w", err)
	}
	return f.roots.out.Sync(ctx)
}

// shard cuts the patches of the volumes, in order, into one committed file. A
// volume that cannot be cut is a reject, and the others go on.
func (f *tileFn) shard(ctx context.Context, name string, volumes []Volume) outcome[Shard] {
	failed := func(doing string, err error) outcome[Shard] {
		return outcome[Shard]{err: fmt.Errorf("%s %s: %w", doing, name, err)}
	}
	out, err := f.roots.out.Create(ctx, name)
	if err != nil {
		return failed("creating", err)
	}
	defer out.Abort()
	hash := sha256.New()
	w, err := parquetio.NewPatchWriter(io.MultiWriter(out, hash), f.Tiling.SizeVoxels, f.Tiling.Format)
	if err != nil {
		return failed("starting", err)
	}
	shard := Shard{Name: name}
	var rejects []schemas.Reject
	for _, v := range volumes {
		subject := schemas.Reject{Cohort: v.Cohort, Stage: "tile", Subject: v.SeriesUID}
		cut := guarded(subject, func() outcome[Shard] {
			n, err := f.cut(ctx, v, w)
			shard.Patches += n
			return outcome[Shard]{err: err}
		})
		if cut.err != nil {
			return failed("cutting patches for", cut.err)
		}
		rejects = append(rejects, cut.rejects...)
	}
	if err := w.Close(); err != nil {
		return failed("writing", err)
	}
	if err := out.Commit(); err != nil {
		return failed("committing", err)
	}
	shard.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return outcome[Shard]{rows: []Shard{shard}, rejects: rejects}
}

func (f *tileFn) cut(ctx context.Context, v Volume, w *parquetio.PatchWriter) (int64, error) {
	hu, err := ReadHU(ctx, f.roots.in, v.VolumeURI)
	if err != nil {
		return 0, err
	}
	var label *volume.Volume[uint8]
	if v.LabelURI != "" {
		if label, err = ReadLabels(ctx, f.roots.in, v.LabelURI); err != nil {
			return 0, err
		}
	}
	who := tile.Subject{PatientID: v.PatientID, SeriesUID: v.SeriesUID}
	windows := tile.Windows(hu.Grid, label, who, tile.Options{
		Size: f.Tiling.SizeVoxels, Count: f.Tiling.Patches, Foreground: f.Tiling.Foreground, Mode: f.Tiling.Mode, Seed: f.Tiling.Seed,
	})
	for _, window := range windows {
		patch := tile.Cut(hu, label, who, window, f.Tiling.SizeVoxels)
		patch.HasLabel = patch.HasLabel && v.Tells(series.Lung) && v.Tells(series.Infection)
		if err := w.Write(patch); err != nil {
			return 0, fmt.Errorf("writing a patch: %w", err)
		}
	}
	return int64(len(windows)), nil
}
