package tile

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// shardBytes is the uncompressed size of a shard that is aimed at. Compressed,
// patches of CT take about 0.4 of it; what is left is for shards to which the
// hash gives more patients than to others.
const shardBytes = 256 << 20

// Shards returns the number of shards for so many patches of one size.
func Shards(patches int, size [3]int) int {
	each := int64(3 * size[0] * size[1] * size[2]) // an int16 and a uint8 a voxel
	return int(max(1, (int64(patches)*each+shardBytes-1)/shardBytes))
}

// Shard returns which of n shards all patches of a patient go to.
func Shard(patientID string, n int) int {
	key := sha256.Sum256([]byte("ctcohort shard\x00" + patientID))
	return int(binary.BigEndian.Uint64(key[:8]) % uint64(n))
}

// ShardName returns the name of a shard below the output root.
func ShardName(cohort, split string, shard, n int) string {
	return fmt.Sprintf("patches/cohort=%s/split=%s/part-%05d-of-%05d.parquet", cohort, split, shard, n)
}
