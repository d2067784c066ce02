// Package series turns the slices of a patient's CT series into volumes, and
// segmentations into label volumes on the same grid. It decides which slices
// belong together and where they truly lie (Plan), fills a regular grid from
// them (Stack.Build), and says what it decided (Info) or why it could not
// (Reject). Positions alone order slices; instance numbers never do.
//
// It reads no file: slices come from io/dicomio.
package series
