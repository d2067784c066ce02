package dicomio

// Codes of Error that images, segmentations and structure sets add to the
// element stream's.
const (
	NoPixels          = "no_pixels"          // the file holds no integer image
	MultiFrame        = "multi_frame"        // several frames where one was asked for
	BadMatrix         = "bad_matrix"         // rows, columns or frames missing or beyond bounds
	BadRescale        = "bad_rescale"        // slope or intercept zero or not finite
	BadPixels         = "bad_pixels"         // compressed data that contradict their standard or header
	UnsupportedPixels = "unsupported_pixels" // samples or bits that no CT image or segmentation has
	UnsupportedCodec  = "unsupported_codec"  // Detail names it
	NotSegmentation   = "not_segmentation"   // the SOP class is another
	MissingGeometry   = "missing_geometry"   // planes of a segmentation without a place
	BadSegments       = "bad_segments"       // frames that do not say their segment
	NotStructureSet   = "not_structure_set"  // the SOP class is another
	BadContours       = "bad_contours"       // contours without points, a type or a region, or points that are none
)
