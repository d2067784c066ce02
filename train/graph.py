"""A network as ONNX: the graph alone, without what was trained on or how.

Input "hu" [N, 1, Z, Y, X] float32 in HU, output "probabilities" [N, classes, Z, Y, X] float32, whatever the precision
inside. N, Z, Y and X are dynamic, Z, Y and X multiples of the network's `size_multiple`. The window is in the graph,
and batch normalisations are folded into their convolutions.
"""

from __future__ import annotations

import itertools
import logging
import warnings

import onnx
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from train.networks import Segmenter

OPSET = 18


class Probabilities(nn.Module):
    """The exported function: HU to class probabilities. With `half` all between window and softmax is in fp16."""

    def __init__(self, network: Segmenter, half: bool = False):
        super().__init__()
        self.network, self.half_inside = network.half() if half else network, half

    def forward(self, hu: Tensor) -> Tensor:
        x = self.network.window(hu)
        logits = self.network.logits(x.half()).float() if self.half_inside else self.network.logits(x)
        return torch.softmax(logits, dim=1)


def fold(module: nn.Module) -> nn.Module:
    """Folds each batch normalisation into the convolution in front of it, in place; returns `module`."""
    for name, child in module.named_children():
        if isinstance(child, nn.Sequential):
            layers = list(child)
            for i, (first, second) in enumerate(itertools.pairwise(layers)):
                if isinstance(first, nn.Conv3d | nn.ConvTranspose3d) and isinstance(second, nn.BatchNorm3d):
                    transposed = isinstance(first, nn.ConvTranspose3d)
                    layers[i], layers[i + 1] = fuse_conv_bn_eval(first, second, transposed), nn.Identity()
            setattr(module, name, nn.Sequential(*(la for la in layers if not isinstance(la, nn.Identity))))
        fold(getattr(module, name))
    return module


def to_onnx(network: Segmenter, name: str, metadata: dict[str, str], half: bool = False) -> onnx.ModelProto:
    """Returns the ONNX model of a network, which is changed: its normalisations are folded."""
    multiple = network.size_multiple
    model = Probabilities(fold(network.eval()), half)
    dims = {0: torch.export.Dim("N", min=1, max=1024)}
    for axis, letter in ((2, "Z"), (3, "Y"), (4, "X")):
        dims[axis] = multiple * torch.export.Dim(f"{letter}{multiple}", min=1, max=1024)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            model,
            (torch.zeros(2, 1, 32, 48, 64),),
            dynamo=True,
            dynamic_shapes=(dims,),
            input_names=["hu"],
            output_names=["probabilities"],
            opset_version=OPSET,
            verbose=False,
        )
    proto = program.model_proto
    finish(proto, name, metadata)
    return proto


def finish(proto: onnx.ModelProto, name: str, metadata: dict[str, str]) -> None:
    """Gives a model its name and metadata, and takes away what a tool left of its own: stack traces with paths."""
    for value in (*proto.graph.input, *proto.graph.output):
        shape = value.type.tensor_type.shape.dim
        for axis, letter in ((0, "N"), (2, "Z"), (3, "Y"), (4, "X")):
            shape[axis].dim_param = letter
    for node in proto.graph.node:
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    for value in (*proto.graph.value_info, *proto.graph.input, *proto.graph.output, *proto.graph.initializer):
        value.ClearField("metadata_props")
        value.ClearField("doc_string")
    proto.graph.ClearField("metadata_props")
    proto.graph.ClearField("value_info")
    proto.graph.name = name
    proto.ClearField("metadata_props")
    for key, value in metadata.items():
        proto.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(proto, full_check=True)
