package schemas

// Files yields the de-identified file of the row, where it has one, with its SHA-256.
func (r Instance) Files(yield func(name, sha256 string)) {
	if r.URI != "" {
		yield(r.URI, r.SHA256)
	}
}

// Files yields the volume of the row, what it came from, and its labels, each
// where the row has it, with its SHA-256.
func (r Series) Files(yield func(name, sha256 string)) {
	for _, f := range [][2]string{{r.VolumeURI, r.VolumeSHA256}, {r.SourceURI, r.SourceSHA256}, {r.LabelURI, r.LabelSHA256}} {
		if f[0] != "" {
			yield(f[0], f[1])
		}
	}
}

// Files yields the masks of the row, each where the row has it, with its SHA-256.
func (r Prediction) Files(yield func(name, sha256 string)) {
	yield(r.MaskURI, r.MaskSHA256)
	if r.SourceMaskURI != nil {
		yield(*r.SourceMaskURI, *r.SourceMaskSHA256)
	}
	if r.SegURI != nil {
		yield(*r.SegURI, *r.SegSHA256)
	}
}
