// Package openjpeg decodes JPEG 2000 (ISO/IEC 15444-1) and High-Throughput
// JPEG 2000 (15444-15) codestreams by the C library OpenJPEG 2.5, which is
// opened at run time: the program builds and runs without it, and without cgo.
//
// What a codestream's headers claim is checked in Go before the C library sees
// a byte of it: image size, components, precision, the number of tiles, and
// whatever would make it allocate out of proportion (codestream.go).
//
// It knows nothing of DICOM; see io/dicomio.
package openjpeg
