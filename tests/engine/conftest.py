"""One thread a process, since the tests themselves run side by side; and a small workshop to distil in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.workshop import Workshop, tiny_classifier
from workbench.engine.checkpoints import to_bytes
from workbench.engine.classifier import InputStatistics, new_classifier
from workbench.recipe.models import Mlp


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Leave the other cores to the other test processes."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def global_generator() -> None:
    """Start every test from the same global generator, whatever ran before it."""
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory, clustered_arrays: Callable[..., Any]) -> Workshop:
    """A folder of data and teachers.

    data.npz holds 64 feature vectors in 4 classes (16 are to be held out), teacher.safetensors and other.safetensors
    read them; pictures.npz holds 64 pictures of 1 × 6 × 6 bytes in 4 classes for pictures.safetensors.
    """
    folder: Path = tmp_path_factory.mktemp("workshop")
    np.savez(folder / "data.npz", **clustered_arrays(count=64, classes=4))
    for seed, name in enumerate(("teacher", "other"), start=100):
        model = tiny_classifier(hidden=(12,), seed=seed, classes=4, sharpness=8.0)
        (folder / f"{name}.safetensors").write_bytes(to_bytes(model))
    flat = clustered_arrays(count=64, classes=4, features=36)
    pixels = (40 * flat["inputs"] + 128).clip(0, 255).astype(np.uint8).reshape(64, 1, 6, 6)
    np.savez(folder / "pictures.npz", inputs=pixels, labels=flat["labels"])
    statistics = InputStatistics((1, 6, 6), (0.5,), (0.25,))
    model = new_classifier(Mlp(hidden=(12,)), statistics, ("0", "1", "2", "3"), seed=100)
    (folder / "pictures.safetensors").write_bytes(to_bytes(model))
    return Workshop(folder)
