// Package dicomio reads and writes DICOM Part 10 files.
//
// Its lower half is the element stream: Reader parses everything but Pixel
// Data into a bounded tree (Dataset, Element, Item) that remembers how each
// element was encoded, so that what is not changed is written back byte for
// byte; Pixel Data is streamed. Its upper half reads images, segmentations and
// structure sets for assembly into volumes.
//
// Rules about what a file may keep are not here: see transforms/deid.
package dicomio
