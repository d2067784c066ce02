package pipelines

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	shards, names, err := plannedShards(ctx, j)
	if err != nil {
		return Summary{}, err
	}
	inputs, err := inputsOf(ctx, j, "series", "patients")
	if err != nil {
		return Summary{}, err
	}
	t := j.Config.Tile
	st := stage{
		name:     "tile",
		tables:   []output{rejectsOf("tile")},
		cohorts:  cohorts(series),
		settings: map[string]any{"tile": t}, inputs: inputs,
		data: ownFiles(1, patchesName), files: shardFiles,
		dataset: patchesName,
		check: func(ctx context.Context, a *attempt) ([]string, error) {
			note, err := a.markPatches(ctx, names)
			return []string{note}, err
		},
		build: func(s beam.Scope, journal transforms.Journal) {
			volumes := transforms.Volumes(s, tiledSplits, transforms.ReadSeries(s, j.In, series), transforms.ReadTable[schemas.Patient](s, j.In, patients))
			how := transforms.Tiling{
				In: j.In, Out: j.out(), Journal: journal, SizeVoxels: t.SizeVoxels, Patches: t.Patches, Foreground: t.Foreground, Mode: t.Mode, Seed: t.Seed,
				Format: t.Format, Shards: shards, Workers: j.Config.Workers,
			}
			_, rejects := transforms.Tile(s, how, volumes)
			transforms.WriteTable[schemas.Reject](s, j.out(), "part-tile", 1, rejects)
		},
	}
	return st.run(ctx, j)
}

// plannedShards returns how many shards each "cohort/split" needs, from the
// number of patches that its volumes will give, and the names of all shards.
func plannedShards(ctx context.Context, j Job) (counts map[string]int, names map[string]bool, err error) {
	series, err := usedSeries(ctx, j)
	if err != nil {
		return nil, nil, err
	}
	patients, err := table[schemas.Patient](ctx, j)
	if err != nil {
		return nil, nil, err
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
	counts, names = map[string]int{}, map[string]bool{}
	for key, of := range patches {
		n := tile.Shards(of, tile.StoredBytes(t.SizeVoxels, t.Format), int64(t.ShardMiB)<<20)
		cohort, side, _ := strings.Cut(key, "/")
		counts[key] = n
		for patient := range of {
			names[tile.ShardName(cohort, side, tile.Shard(patient, n), n, t.Format)] = true
		}
	}
	return counts, names, nil
}

// patchesName is the dataset of the training patches; its _SUCCESS lists the shards.
const patchesName = "patches"

// shardFiles lists the shards that are marked complete.
func shardFiles(ctx context.Context, root store.Store, yield func(name string)) error {
	m, err := readManifest(ctx, root, patchesName)
	for _, f := range m.Files {
		yield(f.Name)
	}
	return err
}

// markPatches removes the shards of the cohorts that an earlier run left, lists
// the others with their digests, marks them complete, and says how many they are.
func (a *attempt) markPatches(ctx context.Context, names map[string]bool) (string, error) {
	var stale []string
	for name, err := range a.dataFiles(ctx) {
		if err != nil {
			return "", err
		}
		if !names[name] {
			stale = append(stale, name)
		}
	}
	if err := a.remove(ctx, stale); err != nil {
		return "", err
	}
	known, err := transforms.Remembered[transforms.Shard](ctx, a.journal)
	if err != nil {
		return "", err
	}
	m, err := markComplete(ctx, a.root, patchesName, known)
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
