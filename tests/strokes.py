"""A tiny world of pen strokes, 28 × 28 as MNIST's digits are: data, a trained teacher, and finished runs."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from workbench.engine.checkpoints import to_bytes
from workbench.engine.classifier import measure, new_classifier
from workbench.events import StepDone
from workbench.recipe.models import Mlp
from workbench.session.picture_fitting import fit_digit
from workbench.session.reins import Reins
from workbench.session.run_folder import RunFolder
from workbench.session.trials import drive_trials, new_run

CLASSES = ("dash", "bar", "ring")
_EACH = 40

RECIPE = """
name = "strokes"

[[teachers]]
checkpoint = "teacher.safetensors"

[student]
seed = 1

[student.architecture]
kind = "mlp"
hidden = [16]

[data]
kind = "arrays"
file = "strokes.npz"
classes = ["dash", "bar", "ring"]
validation_fraction = 0.25

[[stages]]

[stages.inputs]
batch_size = 16

[stages.objective]
kind = "soft_targets"
temperature = 3.0
alpha = 0.9

[stages.optimisation]
optimiser = "adamw"
learning_rate = 0.01
epochs = 6

[export]
onnx = {onnx}
int8 = {int8}
"""


def ink_of(label: int, seed: int = 0) -> NDArray[np.uint8]:
    """A stroke on a pad of 140 × 140 pixels, white on black, a little different for every seed."""
    random = np.random.default_rng((label, seed))
    image = Image.new("L", (140, 140), 0)
    draw = ImageDraw.Draw(image)
    slant, width = int(random.integers(-8, 9)), int(random.integers(9, 15))
    if label == 0:
        draw.line((25, 70 + slant, 115, 70 - slant), 255, width)
    elif label == 1:
        draw.line((70 - slant, 25, 70 + slant, 115), 255, width)
    else:
        draw.ellipse((30, 30 + slant, 110, 110), outline=255, width=width)
    return np.array(image)


def write_strokes(folder: Path, *, onnx: bool = False, int8: bool = False) -> Path:
    """Data, teacher and recipe of the strokes in a folder; returns the recipe's file."""
    folder.mkdir(parents=True, exist_ok=True)
    labels = np.arange(_EACH * len(CLASSES)) % len(CLASSES)
    inputs = np.stack([fit_digit(ink_of(int(label), seed)) for seed, label in enumerate(labels)])[:, None]
    np.savez(folder / "strokes.npz", inputs=inputs, labels=labels)
    (folder / "teacher.safetensors").write_bytes(_teacher(torch.from_numpy(inputs), torch.from_numpy(labels)))
    recipe = folder / "recipe.toml"
    recipe.write_text(RECIPE.format(onnx=str(onnx).lower(), int8=str(int8).lower()))
    return recipe


def finished_run(folder: Path, *, baseline: bool = False, onnx: bool = False) -> RunFolder:
    """A run of the strokes, trained to its end on the CPU."""
    recipe = write_strokes(folder, onnx=onnx)
    run = new_run(recipe, folder / "runs", baseline=baseline)
    for _ in drive_trials(run, Reins(device="cpu", cache_folder=folder / "cache")):
        pass
    assert run.student_file.exists()
    return run


def stopped_run(folder: Path) -> RunFolder:
    """A run of the strokes that was stopped at its first step boundary: a checkpoint and no student."""
    run = new_run(write_strokes(folder), folder / "runs")
    stepped: list[bool] = []
    reins = Reins(device="cpu", cache_folder=folder / "cache", should_stop=lambda: bool(stepped))
    for _, event in drive_trials(run, reins):
        if isinstance(event, StepDone):
            stepped.append(True)
    assert run.checkpoints()
    return run


def _teacher(inputs_NX: torch.Tensor, labels_N: torch.Tensor) -> bytes:
    model = new_classifier(Mlp(hidden=(32,)), measure(inputs_NX), CLASSES, seed=3)
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(40):
        torch.nn.functional.cross_entropy(model(inputs_NX), labels_N).backward()
        optimiser.step()
        optimiser.zero_grad()
    return to_bytes(model)
