"""Asks a model, in PyTorch or in an ONNX file, about every held-out example in batches of several sizes, by the clock.

B examples in a batch, N examples, C classes, X any input axes.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from workbench.engine.exporting.interface import INPUT, Interface

# One by one as a camera delivers them, an odd size that no kernel is made for, and many at once.
BATCH_SIZES = (1, 7, 256)

# Small batches take long, and what they could show, they show on this many.
SMALL_BATCH_EXAMPLES = 2000

Array: TypeAlias = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Answers:
    """Outputs [N, C] in batches of one size, and the median time an item took, in milliseconds."""

    batch_size: int
    outputs_NC: Tensor
    ms_per_item: float


def ask_pytorch(network: nn.Module, inputs_NX: Tensor) -> tuple[Answers, ...]:
    """What the original says to raw inputs; it must be on the CPU and in eval mode."""

    def answer(inputs_BX: Tensor) -> Tensor:
        outputs_BC: Tensor = network(inputs_BX)
        return outputs_BC

    with torch.inference_mode():
        return tuple(_ask(answer, Tensor.cpu, inputs_NX, size) for size in BATCH_SIZES)


def ask_onnx(path: Path, interface: Interface, inputs_NX: Tensor) -> tuple[Answers, ...]:
    """What a saved file says in a fresh session, fed as its users feed it."""
    # By path, so that weights in a second file are found.
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def answer(fed_BX: Array) -> Tensor:
        return torch.from_numpy(session.run([interface.output], {INPUT: fed_BX})[0])

    return tuple(_ask(answer, interface.feed, inputs_NX, size) for size in BATCH_SIZES)


def _ask(
    answer: Callable[[Any], Tensor], prepare: Callable[[Tensor], Any], inputs_NX: Tensor, batch_size: int
) -> Answers:
    """All batches; neither preparing the input nor the first, slower call counts in the time."""
    if batch_size < max(BATCH_SIZES):
        inputs_NX = inputs_NX[:SMALL_BATCH_EXAMPLES]
    outputs, seconds = [], []
    answer(prepare(inputs_NX[:batch_size]))
    for start in range(0, len(inputs_NX), batch_size):
        batch = prepare(inputs_NX[start : start + batch_size])
        began = time.perf_counter()
        outputs_BC = answer(batch)
        seconds.append((time.perf_counter() - began) / len(outputs_BC))
        outputs.append(outputs_BC)
    return Answers(batch_size, torch.cat(outputs), 1000 * statistics.median(seconds))
