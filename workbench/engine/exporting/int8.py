"""The int8 variant: weights and activations in 8 bits, with ranges seen on real inputs.

N examples, X any input axes.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from torch import Tensor

from workbench.engine.exporting.interface import INPUT, Interface
from workbench.engine.exporting.labelling import label
from workbench.engine.exporting.onnx_classifier import files_of

# Below this share of equal answers the variant is another model rather than a smaller one.
LEAST_AGREEMENT = 0.98

_CALIBRATION_EXAMPLES = 512
_BATCH = 64

# Softmax is left out: on a grid of 1/256 every small probability would become 0.
_OPERATORS = ["Add", "Conv", "Gemm", "MatMul", "MaxPool", "ReduceMean", "Relu", "Reshape"]


def write_int8(source: Path, target: Path, interface: Interface, calibration_NX: Tensor) -> None:
    """Quantise a float file: quantise–dequantise pairs, int8, one scale a channel for weights.

    Weights keep 7 of the 8 bits: on processors without VNNI, two products of full size overflow the 16 bits in which
    they are summed. With 8 bits an MLP's KL to its float model was 1.4e-3 nats there, with 7 bits 6e-5, and the same on
    every machine. The outputs of linear layers stay float: 1.6e-5, and logits do not fall on a grid, where they tie.

    Args:
        source: The float file.
        target: Where to write.
        interface: How the file is fed.
        calibration_NX: Real raw inputs; evenly spaced ones among them are used.
    """
    # The quantizer asks for this mark, or else speaks up on the root logger. What its preparation would do, folding
    # constants and batch norms, the exporter has done.
    prepared = source.with_name("prepared.onnx")
    prepared.write_bytes(source.read_bytes())
    label(prepared, {"onnx.quant.pre_process": "onnxruntime.quant"})
    try:
        quantize_static(
            prepared,
            target,
            _Calibration(interface, _evenly_spaced(calibration_NX)),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=_OPERATORS,
            nodes_to_exclude=_kept_in_float(prepared),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            use_external_data_format=len(files_of(source)) > 1,
            extra_options={"OpTypesToExcludeOutputQuantization": ["Gemm", "MatMul"]},
        )
    finally:
        for leftover in source.parent.glob("prepared*"):
            leftover.unlink()
    for file in files_of(target):
        # The quantizer lets only its owner read some of its files.
        file.chmod(0o644)


def _kept_in_float(path: Path) -> list[str]:
    """Normalisation and bias correction: a few additions, too exact for 8 bits and too cheap to gain by them."""
    graph = onnx.load(path, load_external_data=False).graph
    return [node.name for node in graph.node if {"offset", "logit_shift"}.intersection(node.input)]


class _Calibration(CalibrationDataReader):  # type: ignore[misc]
    """Batches of real inputs, as the quantizer asks for them."""

    def __init__(self, interface: Interface, inputs_NX: Tensor) -> None:
        self._batches: Iterator[Tensor] = iter(inputs_NX.split(_BATCH))  # type: ignore[no-untyped-call]
        self._interface = interface

    def get_next(self) -> dict[str, Any] | None:
        batch_BX = next(self._batches, None)
        return None if batch_BX is None else {INPUT: self._interface.feed(batch_BX)}


def _evenly_spaced(inputs_NX: Tensor) -> Tensor:
    """A sample over the whole length: data are often sorted by class."""
    count = min(_CALIBRATION_EXAMPLES, len(inputs_NX))
    return inputs_NX[torch.linspace(0, len(inputs_NX) - 1, count).long().to(inputs_NX.device)]
