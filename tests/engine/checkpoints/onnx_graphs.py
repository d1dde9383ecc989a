"""ONNX models that have never heard of this program: exported by PyTorch alone, or made by hand."""

from pathlib import Path

import numpy as np
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from workbench.engine.exporting.onnx_classifier import quiet_exporter


def stranger(channels: int = 3, classes: int = 4) -> nn.Module:
    """A network that has never heard of this program."""
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Conv2d(channels, 6, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(24, classes)
    ).eval()


def write(
    network: nn.Module, path: Path, *shape: int, dynamic: bool = True, dtype: torch.dtype = torch.float32
) -> Path:
    """A network by torch.onnx.export alone."""
    with quiet_exporter():
        torch.onnx.export(
            network.to(dtype),
            (torch.zeros(shape, dtype=dtype),),
            str(path),
            dynamo=True,
            verbose=False,
            external_data=False,
            dynamic_shapes=({0: torch.export.Dim("batch")},) if dynamic else None,
        )
    return path


def linear(path: Path, *, outputs: str = "answers", **changes: object) -> Path:
    """A hand-made graph: 4 numbers in, 3 classes out; `changes` are made to its node, its weights or its inputs."""
    weights = numpy_helper.from_array(np.arange(12, dtype=np.float32).reshape(4, 3) / 10, "weights")
    for key, value in changes.get("location", {}).items():
        weights.ClearField("raw_data")
        weights.data_location = TensorProto.EXTERNAL
        weights.external_data.add(key=key, value=value)
    nodes = [
        helper.make_node("MatMul", ["x", "weights"], ["scores"], domain=str(changes.get("domain", ""))),
        helper.make_node("Softmax", ["scores"], [outputs], axis=1),
        helper.make_node("ArgMax", ["scores"], ["label"], axis=1, keepdims=0),
    ]
    batch = changes.get("batch", "n")
    inputs = [helper.make_tensor_value_info("x", changes.get("elements", TensorProto.FLOAT), [batch, 4])]
    inputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n"]) for name in changes.get("more", ())]
    gives = [
        helper.make_tensor_value_info("label", TensorProto.INT64, [batch]),
        helper.make_tensor_value_info(outputs, TensorProto.FLOAT, [batch, 3]),
        helper.make_tensor_value_info("scores", TensorProto.FLOAT, [batch, 3]),
    ]
    graph = helper.make_graph(nodes, "g", inputs, gives, [weights])
    opsets = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="by hand")
    path.write_bytes(model.SerializeToString())
    return path
