package dicomio

// perFrame returns one header a frame: h itself for a classic image, else h
// with what the shared and the frame's own functional groups say (PS3.3
// C.7.6.16), the frame's taking precedence.
func (h SliceHeader) perFrame(d Dataset) []SliceHeader {
	shared, frames := d.Items(tagSharedGroups), d.Items(tagPerFrameGroups)
	if len(shared) > 0 {
		h.apply(shared[0])
	}
	headers := make([]SliceHeader, h.Frames)
	for i := range headers {
		headers[i] = h
		if i < len(frames) {
			headers[i].apply(frames[i])
		}
		headers[i].Frame = i
	}
	return headers
}

// apply sets what one item of functional groups gives.
func (h *SliceHeader) apply(groups Dataset) {
	if g, ok := group(groups, tagPixelTransformation); ok {
		h.Slope = firstFloat(g, tagRescaleSlope, h.Slope)
		h.Intercept = firstFloat(g, tagRescaleIntercept, h.Intercept)
		h.RescaleType = g.Text(tagRescaleType)
	}
	if g, ok := group(groups, tagCTImageFrameType); ok {
		h.ImageType = g.Texts(tagFrameType)
	}
	if g, ok := group(groups, tagCTReconstruction); ok {
		h.Kernel = g.Text(tagConvolutionKernel)
	}
	if g, ok := group(groups, tagFrameContent); ok {
		h.AcquisitionNumber = firstInt(g, tagFrameAcquisition, h.AcquisitionNumber)
		h.TemporalPosition = firstInt(g, tagTemporalPositionIdx, h.TemporalPosition)
	}
	position, orientation, spacing := h.PositionMM[:], h.Orientation[:], h.PixelSpacingMM[:]
	if g, ok := group(groups, tagPlanePosition); ok {
		position = g.Floats(tagImagePosition)
	}
	if g, ok := group(groups, tagPlaneOrientation); ok {
		orientation = g.Floats(tagImageOrientation)
	}
	if g, ok := group(groups, tagPixelMeasures); ok {
		spacing = g.Floats(tagPixelSpacing)
		h.ThicknessMM = firstFloat(g, tagSliceThickness, h.ThicknessMM)
	}
	h.geometry(position, orientation, spacing)
}

func group(groups Dataset, t Tag) (Dataset, bool) {
	if items := groups.Items(t); len(items) > 0 {
		return items[0], true
	}
	return nil, false
}
