package onnx

import (
	"regexp"
	"strings"
)

// noise is what ONNX Runtime and its wrapper put before a message: what they
// were doing, and the C++ source's place and signature.
var noise = regexp.MustCompile(`^Error [a-z ]+: |\S+\.(?:cc|cpp|h):\d+ [^(]*\([^)]*\)(?: const)? ?`)

// oneLine returns the message of an error of the runtime, without its noise, on
// one line and without a full stop.
func oneLine(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	return strings.TrimRight(noise.ReplaceAllString(text, ""), ". ")
}
