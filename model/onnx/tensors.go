package onnx

import (
	"errors"
	"fmt"

	ort "github.com/yalue/onnxruntime_go"
)

// inputName and outputName are the network's two tensors: HU in
// [N, 1, Z, Y, X], class probabilities in [N, C, Z, Y, X].
const (
	inputName  = "hu"
	outputName = "probabilities"
)

// checkTensors compares a model's inputs and outputs with the contract. It
// returns the number of classes, 0 where the model leaves it open.
func checkTensors(onnxModel []byte) (classes int, err error) {
	inputs, outputs, err := ort.GetInputOutputInfoWithONNXData(onnxModel)
	if err != nil {
		return 0, unreadable(err)
	}
	_, inErr := checkTensor("input", inputs, inputName, 1)
	classes, outErr := checkTensor("output", outputs, outputName, 0)
	return classes, errors.Join(inErr, outErr)
}

// checkTensor wants one float32 tensor called name in [N, C, Z, Y, X] of open
// sizes, with so many channels if channels is not 0, and returns theirs.
func checkTensor(what string, infos []ort.InputOutputInfo, name string, channels int64) (int, error) {
	want := fmt.Sprintf("it wants one, %q, float32 in [N, C, Z, Y, X] with N, Z, Y and X left open", name)
	if channels != 0 {
		want += fmt.Sprintf(" and C = %d", channels)
	}
	if len(infos) != 1 {
		return 0, fmt.Errorf("the model has %d %ss; %s", len(infos), what, want)
	}
	info := infos[0]
	d := info.Dimensions
	fits := info.Name == name && info.OrtValueType == ort.ONNXTypeTensor &&
		info.DataType == ort.TensorElementDataTypeFloat && len(d) == 5 &&
		d[0] < 0 && d[2] < 0 && d[3] < 0 && d[4] < 0 &&
		(channels == 0 || d[1] == channels)
	if !fits {
		return 0, fmt.Errorf("the model's %s is %s; %s", what, oneLine(errors.New(info.String())), want)
	}
	return max(0, int(d[1])), nil
}
