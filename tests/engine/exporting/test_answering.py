"""Every example is asked about once a batch size, in order."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from workbench.engine.exporting import answering
from workbench.engine.exporting.answering import ask_pytorch


class _Recorder(nn.Module):
    """Says what it was asked, and remembers how many at once."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def forward(self, inputs_BX: Tensor) -> Tensor:
        self.sizes.append(len(inputs_BX))
        return inputs_BX


def test_small_batches_stop_at_a_limit_and_large_ones_cover_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "SMALL_BATCH_EXAMPLES", 10)
    inputs_NX = torch.arange(600).reshape(300, 2)
    network = _Recorder()
    ones, sevens, many = ask_pytorch(network, inputs_NX)
    assert torch.equal(ones.outputs_NC, inputs_NX[:10])
    assert torch.equal(sevens.outputs_NC, inputs_NX[:10])
    assert torch.equal(many.outputs_NC, inputs_NX)
    # One call in advance at each size, which the clock does not see.
    assert network.sizes == [1] * 11 + [7, 7, 3] + [256, 256, 44]


def test_the_time_is_the_median_over_batches_per_item(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([tick for start, length in ((0, 7), (10, 70), (100, 14)) for tick in (start, start + length)])
    clock: Any = type("Clock", (), {"perf_counter": staticmethod(lambda: next(ticks))})
    monkeypatch.setattr(answering, "time", clock)
    monkeypatch.setattr(answering, "BATCH_SIZES", (7,))
    (answers,) = ask_pytorch(_Recorder(), torch.zeros(21, 2))
    # 1, 10 and 2 seconds an item.
    assert answers.ms_per_item == 2000
