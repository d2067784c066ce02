"""An ONNX network as a PyTorch module: the same weights and layers, for timing PyTorch on an exported model."""

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch.nn import functional as F


def _padding(attributes: dict) -> list[int]:
    pads = attributes.get("pads", [0] * 6)
    if pads[:3] != pads[3:]:
        raise ValueError(f"padding {pads} differs before and after")
    return pads[:3]


def _conv(x, w, b=None, **a):
    return F.conv3d(x, w, b, a.get("strides", 1), _padding(a), a.get("dilations", 1), a.get("group", 1))


def _conv_transpose(x, w, b=None, **a):
    extra = a.get("output_padding", 0)
    return F.conv_transpose3d(x, w, b, a.get("strides", 1), _padding(a), extra, a.get("group", 1))


OPERATORS = {
    "Add": lambda x, y: x + y,
    "Clip": lambda x, low=None, high=None: torch.clamp(x, low, high),
    "Concat": lambda *parts, axis: torch.cat(parts, axis),
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "Div": lambda x, y: x / y,
    "MaxPool": lambda x, **a: F.max_pool3d(x, a["kernel_shape"], a["strides"], _padding(a)),
    "Mul": lambda x, y: x * y,
    "ReduceMean": lambda x, axes, keepdims=1: x.mean(tuple(axes.tolist()), bool(keepdims)),
    "Relu": F.relu,
    "Sigmoid": torch.sigmoid,
    "Softmax": lambda x, axis: F.softmax(x, axis),
    "Sub": lambda x, y: x - y,
}
UNUSED = {"auto_pad", "ceil_mode", "count_include_pad", "noop_with_empty_axes", "storage_order"}


class Network(torch.nn.Module):
    """Computes the graph node by node, and forgets a value after its last use."""

    def __init__(self, model: onnx.ModelProto) -> None:
        super().__init__()
        graph = model.graph
        self.weights = {i.name: torch.from_numpy(np.array(numpy_helper.to_array(i))) for i in graph.initializer}
        self.input, self.output = graph.input[0].name, graph.output[0].name
        last = {name: at for at, node in enumerate(graph.node) for name in node.input}
        self.steps = []
        for at, node in enumerate(graph.node):
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute if a.name not in UNUSED}
            if node.op_type in ("Conv", "ConvTranspose"):
                attributes.pop("kernel_shape", None)
            done = [n for n in dict.fromkeys(node.input) if last[n] == at and n and n not in self.weights]
            self.steps.append((OPERATORS[node.op_type], list(node.input), node.output[0], attributes, done))

    @torch.inference_mode()
    def forward(self, hu: torch.Tensor) -> torch.Tensor:
        values = {**self.weights, self.input: hu, "": None}
        for operator, inputs, output, attributes, done in self.steps:
            values[output] = operator(*(values[name] for name in inputs), **attributes)
            for name in done:
                del values[name]
        return values[self.output]
