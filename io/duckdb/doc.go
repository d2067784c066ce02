// Package duckdb runs queries in DuckDB's command line program, which `make
// duckdb` brings. What the queries are about is left to others.
//
// The program is run, not linked: linked (duckdb-go/v2, cgo) it made the binary,
// which goes to every worker of a cluster, 183 MB instead of 115 and its build
// want a C++ compiler, while the program is a download of 21 MB for those who
// query.
package duckdb
