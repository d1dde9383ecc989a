"""Exports that many tests look at, made once: the exporter takes about a second each."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.exporting.students import Case, case, pictures
from workbench.engine.exporting import StudentExport
from workbench.recipe.models import Mlp


@pytest.fixture(scope="session")
def digits() -> Case:
    """A student of bytes: 1 × 8 × 8 pictures in three classes."""
    return case(Mlp(hidden=(24, 24), dropout=0.2), pictures(300), pictures(600, seed=1), steps=25)


@pytest.fixture(scope="session")
def measurements(clustered_arrays: Callable[..., Any]) -> Case:
    """A student of feature vectors: four floats in three classes."""
    arrays = clustered_arrays(count=400)
    inputs_NX, labels_N = torch.from_numpy(arrays["inputs"]), torch.from_numpy(arrays["labels"])
    return case(Mlp(hidden=(16,)), (inputs_NX[:200], labels_N[:200]), (inputs_NX[200:], labels_N[200:]), steps=30)


@pytest.fixture(scope="session")
def both_files(digits: Case, tmp_path_factory: pytest.TempPathFactory) -> StudentExport:
    """An export that takes floats and gives logits, with its int8 variant."""
    return digits.export(tmp_path_factory.mktemp("both") / "export", int8=True)


@pytest.fixture(scope="session")
def from_bytes(digits: Case, tmp_path_factory: pytest.TempPathFactory) -> StudentExport:
    """An export that takes bytes and gives probabilities."""
    return digits.export(tmp_path_factory.mktemp("bytes") / "export", input="uint8", softmax=True)


@pytest.fixture(scope="session")
def from_features(measurements: Case, tmp_path_factory: pytest.TempPathFactory) -> StudentExport:
    """An export for feature vectors."""
    return measurements.export(tmp_path_factory.mktemp("features") / "export")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where nothing is yet."""
    return tmp_path / "export"
