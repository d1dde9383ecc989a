"""What is needed against what is free on the device."""

import pytest
import torch
from torch import nn

from engine.pairing.material import dataset, only
from engine.workshop import CPU, tiny_classifier, tiny_recipe, tiny_stage
from workbench.engine.pairing import look_at_memory, memory


def test_memory_is_told_with_what_is_needed_and_what_is_free():
    finding = only(look_at_memory(tiny_recipe(), dataset(), [tiny_classifier()], CPU), "ok")
    assert "GiB needed" in finding.title
    assert "GiB free on cpu" in finding.title


def test_too_little_memory_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "free_bytes", lambda device: 1000)
    finding = only(look_at_memory(tiny_recipe(), dataset(), [tiny_classifier()], CPU), "refusal")
    assert finding.title.startswith("Not enough memory: about 0.00 GiB needed")
    assert "batch_size" in finding.fix


def test_a_larger_student_and_a_hungrier_optimiser_need_more(monkeypatch):
    def needed(student, recipe):
        lowest, highest = 0, 2**40
        while highest - lowest > 1000:
            free = (lowest + highest) // 2
            monkeypatch.setattr(memory, "free_bytes", lambda device, free=free: free)
            (finding,) = look_at_memory(recipe, dataset(), [student], CPU)
            lowest, highest = (free, highest) if finding.level == "refusal" else (lowest, free)
        return highest

    small, large = tiny_classifier(hidden=(1000,)), tiny_classifier(hidden=(1000, 1000))
    plain = needed(large, tiny_recipe())
    assert plain > needed(small, tiny_recipe())
    assert needed(large, tiny_recipe(tiny_stage(optimiser="adam"))) - plain == pytest.approx(
        4 * large.parameter_count, abs=2000
    )


def test_layers_that_give_several_things_are_counted_too():
    class Several(nn.Module):
        def forward(self, x_BX):
            return {"logits": x_BX, "states": (x_BX, x_BX.double()), "size": 4}

    inner = Several()
    plain = memory._activation_bytes(tiny_classifier(), dataset())
    model = tiny_classifier()
    model.network = nn.Sequential(model.network, _Taking(inner))
    assert memory._activation_bytes(model, dataset()) == plain + 3 * 4 * 2 + 3 * 8


class _Taking(nn.Module):
    """Takes one of several outputs."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x_BX: torch.Tensor) -> torch.Tensor:
        logits_BC: torch.Tensor = self.inner(x_BX)["logits"]
        return logits_BC
