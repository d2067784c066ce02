package openjpeg

import (
	"errors"
	"unsafe"
)

var errMemory = errors.New("decoding JPEG 2000: no memory for a decoder")

// streamBuffer is what OpenJPEG buffers of a stream: the headers; larger reads
// go past it.
const streamBuffer = 16 << 10

// Decode returns the samples of an image, row by row, the components of a pixel
// next to each other, as the lowest 16 bits of their value; colour transforms
// that the codestream declares (RCT, ICT) are undone. The image must have
// exactly the given size. Errors are ErrMalformed or ErrUnsupported.
//
// Any number of goroutines may decode at once, each on one thread.
func (l *Library) Decode(data []byte, width, height, components int) ([]uint16, Header, error) {
	h, codestream, err := ReadHeader(data)
	if err != nil {
		return nil, Header{}, err
	}
	if h.Width != width || h.Height != height || h.Components != components {
		return nil, Header{}, malformed("its size is not the image's")
	}
	codec := l.createDecompress(codecJ2K)
	if codec == nil {
		return nil, Header{}, errMemory
	}
	defer l.destroyCodec(codec)
	// The decoder is strict by default, as it must be: else it fills in what is
	// cut off. Asking for it again with opj_decoder_set_strict_mode would make
	// it lose the last tile-part of files that declare one too few.
	parameters := &decoderParameters{}
	l.defaultParameters(unsafe.Pointer(parameters))
	if l.setupDecoder(codec, unsafe.Pointer(parameters)) == 0 {
		return nil, Header{}, errMemory
	}
	stream := l.createStream(streamBuffer, 1)
	if stream == nil {
		return nil, Header{}, errMemory
	}
	defer l.destroyStream(stream)
	id := register(codestream)
	defer unregister(id)
	l.setStreamUser(stream, id, 0)
	l.setStreamUserLength(stream, uint64(len(codestream)))
	l.setStreamRead(stream, callbacks().read)
	l.setStreamSkip(stream, callbacks().skip)
	l.setStreamSeek(stream, callbacks().seek)

	var img *image
	read := l.readHeader(stream, codec, &img)
	if img != nil {
		defer l.destroyImage(img)
	}
	if read == 0 || img == nil {
		return nil, Header{}, malformed("OpenJPEG refuses its headers")
	}
	if l.decode(codec, stream, img) == 0 {
		return nil, Header{}, malformed("OpenJPEG cannot decode it")
	}
	samples, err := img.samples(h)
	return samples, h, err
}

// samples copies the samples out of C memory, whose size is checked first.
func (img *image) samples(h Header) ([]uint16, error) {
	if int(img.numComponents) != h.Components || img.components == nil {
		return nil, malformed("OpenJPEG found other components")
	}
	n := h.Width * h.Height
	samples := make([]uint16, n*h.Components)
	for c, from := range unsafe.Slice(img.components, h.Components) {
		if int(from.width) != h.Width || int(from.height) != h.Height || int(from.precision) != h.Precision || from.data == nil {
			return nil, malformed("OpenJPEG found a component of another size")
		}
		for i, v := range unsafe.Slice(from.data, n) {
			samples[i*h.Components+c] = uint16(v)
		}
	}
	return samples, nil
}
