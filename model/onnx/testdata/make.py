"""Writes the small ONNX models of model/onnx's tests into this folder.

The network is a 1x1x1 convolution and a softmax. Its three logits are straight
lines over HU whose upper envelope parts the axis: lung below -600, infection
from -600 to -200, background above.
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent
SLOPE = 0.05
METADATA = {
    "ctcohort.format": "1",
    "ctcohort.name": "tiny",
    "ctcohort.network": "threshold",
    "ctcohort.width": "1",
    "ctcohort.spacing_mm": "3,3,3",
    "ctcohort.window_hu": "-1250,250",
    "ctcohort.patch_size": "16,8,24",
    "ctcohort.classes": "background,lung,infection",
}


def write(name, metadata=METADATA, input_name="hu", output_name="probabilities",
          input_type=TensorProto.FLOAT, classes=3, batch="N", opset=17, extra_input=False):
    slopes = np.array([0, -2 * SLOPE, -SLOPE, 0])[:classes]
    offsets = np.array([0, -800 * SLOPE, -200 * SLOPE, -1000])[:classes]
    graph = helper.make_graph(
        [
            helper.make_node("Cast", [input_name], ["x"], to=TensorProto.FLOAT),
            helper.make_node("Conv", ["x", "weight", "bias"], ["logits"]),
            helper.make_node("Softmax", ["logits"], [output_name], axis=1),
        ],
        "tiny",
        [helper.make_tensor_value_info(input_name, input_type, [batch, 1, "Z", "Y", "X"])]
        + ([helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["N"])] if extra_input else []),
        [helper.make_tensor_value_info(output_name, TensorProto.FLOAT, [batch, classes, "Z", "Y", "X"])],
        [
            numpy_helper.from_array(slopes.astype(np.float32).reshape(classes, 1, 1, 1, 1), "weight"),
            numpy_helper.from_array(offsets.astype(np.float32), "bias"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    helper.set_model_props(model, metadata)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


write("tiny")
write("no_metadata", metadata={})
write("bad_metadata", metadata=METADATA | {"ctcohort.patch_size": "16,8,20", "ctcohort.spacing_mm": "3,3"})
write("input_name", input_name="image")
write("input_count", extra_input=True)
write("output_name", output_name="labels")
write("int16_input", input_type=TensorProto.INT16)
write("fixed_batch", batch=1)
write("four_classes", classes=4)
write("opset_99", opset=99)
HALF = METADATA | {"ctcohort.name": "tiny_fp16", "ctcohort.precision": "fp16"}
write("tiny_fp16", metadata=HALF)
write("wide_fp16", metadata=HALF | {"ctcohort.width": "2"})
