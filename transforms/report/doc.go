// Package report makes what people look at from the tables of a run: one
// self-contained HTML page, figures of slices with contours, and a table for
// the terminal.
//
// It takes records and volumes and returns bytes; it reads no file and no
// clock, so that the same tables give the same page. It shows pseudonyms only,
// and figures only within the lungs' extent, never a head.
//
// The statistics are transforms/metrics' business.
package report
