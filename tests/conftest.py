"""What many tests start from: a tiny data set on disk and the text of a small recipe."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

# Derandomised: a red run is red again; no deadline: the first use of torch in a process takes its time.
settings.register_profile("workbench", deadline=None, derandomize=True, database=None, max_examples=40)
settings.load_profile("workbench")


def clustered_arrays(count: int = 60, features: int = 4, classes: int = 3, seed: int = 0) -> dict[str, np.ndarray]:
    """Float32 feature vectors around one centre a class, and their labels; every class equally often."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    centres = 2 * random.standard_normal((classes, features))
    inputs = centres[labels] + random.standard_normal((count, features))
    return {"inputs": inputs.astype(np.float32), "labels": labels.astype(np.int64)}


@pytest.fixture
def tiny_arrays() -> dict[str, np.ndarray]:
    """60 examples of 4 features in 3 classes, as arrays named as a recipe expects them."""
    return clustered_arrays()


@pytest.fixture
def tiny_data(tmp_path: Path, tiny_arrays: dict[str, np.ndarray]) -> Path:
    """The tiny data set as data.npz in the test's own folder."""
    path = tmp_path / "data.npz"
    np.savez(path, **tiny_arrays)
    return path


@pytest.fixture
def recipe_text() -> Callable[..., str]:
    """Builds the text of a small one-stage recipe over data.npz; each argument replaces the lines of a section."""

    def build(
        *,
        top: str = 'name = "tiny"',
        teachers: str = '[[teachers]]\ncheckpoint = "teacher.safetensors"',
        student: str = '[student]\nseed = 1\n\n[student.architecture]\nkind = "mlp"\nhidden = [8]',
        data: str = '[data]\nkind = "arrays"\nfile = "data.npz"\nvalidation_fraction = 0.25',
        inputs: str = "batch_size = 8",
        objective: str = 'kind = "soft_targets"\ntemperature = 2.0\nalpha = 0.5',
        optimisation: str = "epochs = 2\nlearning_rate = 0.05",
        more: str = "",
    ) -> str:
        stage = (
            f"[[stages]]\n\n[stages.inputs]\n{inputs}\n\n[stages.objective]\n{objective}\n\n"
            f"[stages.optimisation]\n{optimisation}"
        )
        return "\n\n".join(part for part in (top, teachers, student, data, stage, more) if part) + "\n"

    return build
