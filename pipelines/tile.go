package pipelines

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"ctcohort/io/store"
	"ctcohort/model/volume"
	"ctcohort/schemas"
	"ctcohort/transforms"
	"ctcohort/transforms/tile"
)

// tiledSplits are the sides that patches are cut from; patients beyond the
// numbers asked for are on neither.
var tiledSplits = []string{"train", "test"}

// Tile cuts the training patches:
//
//	tables/series, tables/patients → Volumes → Tile → patches/
func Tile(ctx context.Context, j Job) (Summary, error) {
	series, err := parts[schemas.Series](ctx, j)
	if err != nil {
		return Summary{}, err
	}
	patients, err := parts[schemas.Patient](ctx, j)
	if err != nil {
		return Summary{}, err
	}
	shards, err := shardCounts(ctx, j)
	if err != nil {
		return Summary{}, err
	}
	if err := clearPatches(ctx, j, cohorts(series)); err != nil {
		return Summary{}, err
	}
	t := j.Config.Tile
	st := stage{
		name:    "tile",
		tables:  []output{rejectsOf("tile")},
		cohorts: cohorts(series),
		build: func(s beam.Scope) {
			volumes := transforms.Volumes(s, tiledSplits, transforms.ReadSeries(s, j.In, series), transforms.ReadTable[schemas.Patient](s, j.In, patients))
			how := transforms.Tiling{
				In: j.In, Out: j.out(), SizeVoxels: t.SizeVoxels, Patches: t.Patches, Foreground: t.Foreground, Mode: t.Mode, Seed: t.Seed,
				Format: t.Format, Shards: shards, Workers: j.Config.Workers,
			}
			_, rejects := transforms.Tile(s, how, volumes)
			transforms.WriteTable[schemas.Reject](s, j.out(), "part-tile", 1, rejects)
		},
	}
	summary, err := st.run(ctx, j)
	if err != nil {
		return summary, err
	}
	note, err := markPatches(ctx, j)
	summary.Notes = append(summary.Notes, note)
	return summary, err
}

// shardCounts returns how many shards each "cohort/split" needs, from the
// number of patches that its volumes will give.
func shardCounts(ctx context.Context, j Job) (map[string]int, error) {
	series, err := usedSeries(ctx, j)
	if err != nil {
		return nil, err
	}
	patients, err := table[schemas.Patient](ctx, j)
	if err != nil {
		return nil, err
	}
	sides := map[string]string{}
	for _, p := range patients {
		sides[p.Cohort+"/"+p.PatientID] = p.Split
	}
	t := j.Config.Tile
	options := tile.Options{Size: t.SizeVoxels, Count: t.Patches, Foreground: t.Foreground, Mode: t.Mode, Seed: t.Seed}
	patches := map[string]map[string]int{} // cohort/split → patient → patches
	for _, r := range series {
		side := sides[r.Cohort+"/"+r.PatientID]
		if !slices.Contains(tiledSplits, side) {
			continue
		}
		grid := volume.Grid{Size: [3]int{int(r.VolumeSizeX), int(r.VolumeSizeY), int(r.VolumeSizeZ)}}
		key := r.Cohort + "/" + side
		if patches[key] == nil {
			patches[key] = map[string]int{}
		}
		patches[key][r.PatientID] += len(tile.Windows(grid, nil, tile.Subject{}, options))
	}
	shards := map[string]int{}
	for key, of := range patches {
		shards[key] = tile.Shards(of, tile.StoredBytes(t.SizeVoxels, t.Format), int64(t.ShardMiB)<<20)
	}
	return shards, nil
}

// patchesName is the dataset of the training patches; its _SUCCESS lists the shards.
const patchesName = "patches"

// clearPatches removes the shards that an earlier run wrote for the cohorts.
func clearPatches(ctx context.Context, j Job, names []string) error {
	root, err := store.Open(ctx, j.out())
	if err != nil {
		return err
	}
	if err := root.Remove(ctx, patchesName+"/_SUCCESS"); err != nil {
		return fmt.Errorf("clearing the patches: %w", err)
	}
	for _, cohort := range names {
		var old []string
		for object, err := range root.List(ctx, patchesName+"/cohort="+cohort+"/") {
			if err != nil {
				return fmt.Errorf("listing the patches: %w", err)
			}
			old = append(old, object.Name)
		}
		for _, name := range old {
			if err := root.Remove(ctx, name); err != nil {
				return fmt.Errorf("clearing the patches: %w", err)
			}
		}
	}
	return nil
}

// markPatches lists the shards with their digests, marks them complete, and
// says how many they are.
func markPatches(ctx context.Context, j Job) (string, error) {
	root, err := store.Open(ctx, j.out())
	if err != nil {
		return "", err
	}
	if err := writeManifest(ctx, root, patchesName); err != nil {
		return "", err
	}
	m, err := readManifest(ctx, root, patchesName)
	if err != nil {
		return "", err
	}
	var largest, total int64
	for _, f := range m.Files {
		largest = max(largest, f.Bytes)
		total += f.Bytes
	}
	return fmt.Sprintf("%d shards of %.1f MiB, the largest %.1f MiB", len(m.Files), mib(total), mib(largest)), nil
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }
