"""Devices by their words, and refusals that say what to write instead."""

import pytest
import torch

from workbench.engine.devices import describe_device, free_bytes, has_fast_bfloat16, pick_device
from workbench.errors import WorkbenchError

CPU = torch.device("cpu")


def test_the_processor_is_always_there():
    assert pick_device("cpu") == CPU


def test_auto_picks_a_device_that_can_be_used():
    assert torch.zeros(2, device=pick_device("auto")).sum() == 0


@pytest.mark.parametrize("word", ["gpu", "", "cuda:x", "cpu cpu", "CUDA9"])
def test_an_unknown_word_is_refused_with_the_known_ones(word):
    with pytest.raises(WorkbenchError, match=f"no kind of device called “{word}”") as caught:
        pick_device(word)
    assert "cpu, cuda or mps" in caught.value.hint


def test_a_device_that_trains_nothing_is_refused():
    with pytest.raises(WorkbenchError, match="“meta” is not a device this program trains on"):
        pick_device("meta")


def test_a_gpu_that_is_not_there_is_refused_with_the_number_that_are(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(WorkbenchError, match="“cuda:2” was asked for, but this PyTorch sees 2 CUDA devices"):
        pick_device("cuda:2")
    assert pick_device("cuda:1") == torch.device("cuda:1")


def test_mps_without_apple_silicon_is_refused(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(WorkbenchError, match="needs a Mac with Apple silicon"):
        pick_device("mps")


def test_the_processor_is_described_with_its_threads():
    assert describe_device(CPU).startswith("CPU, ")
    assert describe_device(CPU).endswith("1 thread")


def test_the_processors_memory_and_speed_are_known():
    assert free_bytes(CPU) > 10 * 2**20
    assert isinstance(has_fast_bfloat16(CPU), bool)
    assert has_fast_bfloat16(torch.device("mps")) is False
