// Package schemas holds every table of ctcohort once: a record a table, whose
// struct tags give each column its name, unit and description. The Arrow
// schema, the Parquet files and the data dictionary all derive from them.
//
// How records become files is io/parquetio's business.
package schemas

//go:generate go run ctcohort/schemas/dictionary
