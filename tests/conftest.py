"""What many tests start from: a tiny data set on disk and the text of a small recipe."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

# Derandomised: a red run is red again; no deadline: the first use of torch in a process takes its time.
settings.register_profile("workbench", deadline=None, derandomize=True, database=None, max_examples=40)
settings.load_profile("workbench")


@pytest.fixture(scope="session")
def clustered_arrays() -> Callable[..., dict[str, np.ndarray]]:
    """Makes float32 feature vectors around one centre a class, and their labels; every class equally often."""

    def make(count: int = 60, features: int = 4, classes: int = 3, seed: int = 0) -> dict[str, np.ndarray]:
        random = np.random.default_rng(seed)
        labels = np.arange(count) % classes
        centres = 2 * random.standard_normal((classes, features))
        inputs = centres[labels] + random.standard_normal((count, features))
        return {"inputs": inputs.astype(np.float32), "labels": labels.astype(np.int64)}

    return make


@pytest.fixture
def tiny_arrays(clustered_arrays: Callable[..., dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
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


@pytest.fixture
def recipe_file(tmp_path: Path, tiny_data: Path, recipe_text: Callable[..., str]) -> Path:
    """recipe.toml beside data.npz and teacher.safetensors: 20 steps, dropout, momentum, nothing exported."""
    # Imported here: tests of the recipe floor run without torch.
    from workbench.engine.checkpoints import to_bytes
    from workbench.engine.classifier import measure, new_classifier
    from workbench.engine.data.arrays import read_arrays
    from workbench.recipe.models import Mlp

    inputs_NX = read_arrays(tiny_data)["inputs"]
    teacher = new_classifier(Mlp(hidden=(16,)), measure(inputs_NX), ("0", "1", "2"), seed=3)
    (tmp_path / "teacher.safetensors").write_bytes(to_bytes(teacher))
    path = tmp_path / "recipe.toml"
    student = '[student]\nseed = 1\n\n[student.architecture]\nkind = "mlp"\nhidden = [8]\ndropout = 0.2'
    optimisation = "epochs = 4\nlearning_rate = 0.05"
    path.write_text(recipe_text(student=student, optimisation=optimisation, more="[export]\nonnx = false"))
    return path
