// Package pipelines wires the stages of ctcohort into Beam pipelines, one
// function and one file each:
//
//	Anonymise → Resample → Split → Tile
//	                             ↘ Infer → Report
//
// Each reads what the one before committed and can be run again alone. Run
// does all of them in order; Plan says whether a run could start.
package pipelines
