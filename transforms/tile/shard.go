package tile

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"path"

	"ctcohort/schemas"
)

// zstdLeaves is the share of the voxels' bytes that zstd level 1 leaves of
// patches of CT and their labels: 0.43 was measured on chests.
const zstdLeaves = 0.45

// StoredBytes estimates what a patch takes in a shard.
func StoredBytes(size [3]int, format string) int64 {
	raw := int64(3 * size[0] * size[1] * size[2]) // an int16 and a uint8 a voxel
	if format == schemas.PatchParquet {
		return int64(zstdLeaves * float64(raw))
	}
	return raw
}

// maxSpread bounds by how much the number of shards may grow to make the fullest smaller.
const maxSpread = 4

// Shards returns the number of shards for the patches of the patients, of each
// bytes, so that no shard is larger than limit. All patches of a patient go to
// one shard, so a patient may make a shard that is larger, and where a hash
// would need more than four times as many shards as the patches do, the
// fullest shards are. It depends on nothing but these numbers.
func Shards(patches map[string]int, each, limit int64) int {
	hashes := make(map[uint64]int, len(patches))
	total, largest := 0, 0
	for patient, n := range patches {
		hashes[hash(patient)] += n
		total += n
		largest = max(largest, n)
	}
	room := max(int(limit/each), largest, 1)
	fewest := max(1, (total+room-1)/room)
	n := fewest
	for n < maxSpread*fewest && fullest(hashes, n) > room {
		n += max(1, n/16)
	}
	return n
}

// fullest returns the number of patches of the fullest of n shards.
func fullest(patches map[uint64]int, n int) int {
	count := make([]int, n)
	most := 0
	for hash, patches := range patches {
		shard := hash % uint64(n)
		count[shard] += patches
		most = max(most, count[shard])
	}
	return most
}

// Shard returns which of n shards all patches of a patient go to.
func Shard(patientID string, n int) int { return int(hash(patientID) % uint64(n)) }

func hash(patientID string) uint64 {
	key := sha256.Sum256([]byte("ctcohort shard\x00" + patientID))
	return binary.BigEndian.Uint64(key[:8])
}

// ShardName returns the name of a shard below the output root.
func ShardName(cohort, split string, shard, n int, format string) string {
	extension := "arrow"
	if format == schemas.PatchParquet {
		extension = "parquet"
	}
	return fmt.Sprintf("patches/cohort=%s/split=%s/part-%05d-of-%05d.%s", cohort, split, shard, n, extension)
}

// IsShard tells whether the name of an object is a shard's.
func IsShard(name string) bool {
	return path.Ext(name) == ".parquet" || path.Ext(name) == ".arrow"
}
