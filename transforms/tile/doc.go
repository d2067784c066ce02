// Package tile chooses and cuts the training patches of a volume: random crops,
// some of them centred on foreground, or a grid that covers it, all padded with
// air where the volume is smaller than a patch. What is chosen depends on the
// seed, the patient and the series alone.
//
// It also says which shard a patch belongs to. Writing shards is
// io/parquetio's business.
package tile
