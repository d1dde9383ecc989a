"""No step makes the processor wait for the device: nothing brings a value of a tensor back to Python on the way."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from engine.language.text_workshop import TextWorkshop, stage, text_recipe
from engine.workshop import Workshop, tiny_recipe, tiny_stage
from workbench.engine.distilling import Distillation
from workbench.recipe.inputs import TransferSet
from workbench.recipe.monitoring import Monitoring
from workbench.recipe.objectives import SoftTargets

# Those whose result, or whose shape, depends on values: on a GPU everything before must be done first.
_WAITING = ("_local_scalar_dense", "nonzero", "masked_select", "_unique2", "equal", "is_nonzero")


class Waits(TorchDispatchMode):
    """As a context: how often anything waited, by the name of the operation."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        if name in _WAITING:
            self.counts[name] = self.counts.get(name, 0) + 1
        return func(*args, **(kwargs or {}))

    @property
    def total(self) -> int:
        """Waits of all kinds."""
        return sum(self.counts.values())


def waits_in(steps: Any) -> "Waits":
    """What iterating to the end waited for."""
    with Waits() as waits:
        for _ in steps:
            pass
    return waits


def test_a_value_brought_to_python_is_counted() -> None:
    with Waits() as waits:
        float(torch.ones(3).sum())
        bool((torch.ones(2) > 0).all())
    assert waits.total == 2


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_no_step_of_a_language_model_waits_for_the_device(tmp_path: Path, precision: str) -> None:
    """The loss is read at the end of a run here, however many steps it has."""
    workshop = TextWorkshop.in_folder(tmp_path)
    given = TransferSet(batch_size=4)

    def waits(steps: int) -> Waits:
        optimisation = {"steps": steps, "clip_norm": 1.0, "accumulate": 2, "precision": precision}
        recipe = text_recipe(
            stage(given, SoftTargets(temperature=2.0, alpha=0.5), **optimisation),
            monitoring=Monitoring(log_every=1000, evaluate_every=1000, probe_every=1000),
        )
        return waits_in(Distillation(workshop.setup(recipe)).events())

    few, many = waits(2), waits(8)
    assert few.total > 0
    assert many.counts == few.counts


def test_no_step_of_a_classifier_waits_for_the_device(workshop: Workshop) -> None:
    def waits(steps: int) -> Waits:
        recipe = tiny_recipe(
            tiny_stage(steps=steps, clip_norm=1.0),
            monitoring=Monitoring(log_every=1000, evaluate_every=1000, probe_every=1000),
        )
        return waits_in(Distillation(workshop.setup(recipe)).events())

    assert waits(8).counts == waits(2).counts
