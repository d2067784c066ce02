package openjpeg

import (
	"fmt"
	"structs"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Library is OpenJPEG, opened. Its functions are those of openjpeg.h; all may
// be called by several goroutines at once, on codecs of their own.
type Library struct {
	version             func() string
	createDecompress    func(format int32) unsafe.Pointer
	defaultParameters   func(parameters unsafe.Pointer)
	setupDecoder        func(codec, parameters unsafe.Pointer) int32
	readHeader          func(stream, codec unsafe.Pointer, image **image) int32
	decode              func(codec, stream unsafe.Pointer, image *image) int32
	destroyCodec        func(codec unsafe.Pointer)
	destroyImage        func(image *image)
	createStream        func(bufferBytes uintptr, reading int32) unsafe.Pointer
	setStreamRead       func(stream unsafe.Pointer, callback uintptr)
	setStreamSkip       func(stream unsafe.Pointer, callback uintptr)
	setStreamSeek       func(stream unsafe.Pointer, callback uintptr)
	setStreamUser       func(stream unsafe.Pointer, user, free uintptr)
	setStreamUserLength func(stream unsafe.Pointer, length uint64)
	destroyStream       func(stream unsafe.Pointer)
}

// bind opens the library at path and finds its functions.
func (l *Library) bind(path string) error {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return err
	}
	for name, function := range map[string]any{
		"opj_version":                        &l.version,
		"opj_create_decompress":              &l.createDecompress,
		"opj_set_default_decoder_parameters": &l.defaultParameters,
		"opj_setup_decoder":                  &l.setupDecoder,
		"opj_read_header":                    &l.readHeader,
		"opj_decode":                         &l.decode,
		"opj_destroy_codec":                  &l.destroyCodec,
		"opj_image_destroy":                  &l.destroyImage,
		"opj_stream_create":                  &l.createStream,
		"opj_stream_set_read_function":       &l.setStreamRead,
		"opj_stream_set_skip_function":       &l.setStreamSkip,
		"opj_stream_set_seek_function":       &l.setStreamSeek,
		"opj_stream_set_user_data":           &l.setStreamUser,
		"opj_stream_set_user_data_length":    &l.setStreamUserLength,
		"opj_stream_destroy":                 &l.destroyStream,
	} {
		symbol, err := purego.Dlsym(handle, name)
		if err != nil {
			return fmt.Errorf("it has no %s", name)
		}
		purego.RegisterFunc(function, symbol)
	}
	return nil
}

// codecJ2K is OPJ_CODEC_J2K, a bare codestream.
const codecJ2K = 0

// decoderParameters is room for opj_dparameters_t, of which no field is used
// here: two paths of 4096 bytes and some numbers.
type decoderParameters [16 << 10]byte

// image is opj_image_t, component opj_image_comp_t; what is not used has no name.
type (
	image struct {
		_             structs.HostLayout
		_             [4]uint32 // x0, y0, x1, y1
		numComponents uint32
		_             int32 // colour space
		components    *component
		_             *byte  // ICC profile
		_             uint32 // its length
	}
	component struct {
		_             structs.HostLayout
		_             [2]uint32 // dx, dy
		width, height uint32
		_             [2]uint32 // x0, y0
		precision     uint32
		_             uint32    // bpp
		_             uint32    // signed
		_             [2]uint32 // resolutions decoded, factor
		data          *int32
		_             uint16 // alpha
	}
)
