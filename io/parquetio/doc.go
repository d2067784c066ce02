// Package parquetio writes and reads the records of package schemas as Parquet
// files that are the same byte for byte whenever the rows are the same: rows
// are sorted by their key, row groups, pages and codec are fixed, and no clock,
// host or library version is written.
//
// A table lies under tables/<table>/cohort=<cohort>/part-*.parquet, and its
// files hold the column cohort too, so that a single file can be read alone.
// The two agree for readers that take the partition as a string (DuckDB,
// polars, pyarrow.dataset); pandas.read_parquet and pyarrow.parquet.read_table,
// which take it as a dictionary, are given a whole table with partitioning=None.
//
// Training patches, which are large, are streamed: see PatchWriter.
package parquetio
