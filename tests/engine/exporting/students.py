"""Small students with data they fit, and exports of them."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import Tensor

from workbench.engine.classifier import Classifier, measure, new_classifier
from workbench.engine.evaluating import HeldOut, logits_of
from workbench.engine.exporting import StudentExport, export_student
from workbench.recipe.export import Export

CLASSES = ("zero", "eins", "deux")


@dataclass(frozen=True)
class Case:
    """A student, what it is measured on, and what the int8 variant is calibrated on."""

    model: Classifier
    held_out: HeldOut
    calibration_NX: Tensor

    def export(self, folder: Path, **section: Any) -> StudentExport:
        """Into a folder, without an int8 variant unless asked for."""
        return export_student(
            self.model,
            Export(**({"int8": False} | section)),
            folder,
            held_out=self.held_out,
            calibration_NX=self.calibration_NX,
            recipe_digest="0123abcd",
            recipe_name="three digits",
        )

    def logits_NC(self, inputs_NX: Tensor) -> Tensor:
        """What PyTorch says."""
        return logits_of(self.model, inputs_NX)

    def errors(self) -> int:
        """Held-out examples that PyTorch gets wrong."""
        return int((self.logits_NC(self.held_out.inputs_NX).argmax(1) != self.held_out.labels_N).sum())


def pictures(count: int, *, seed: int = 0, size: int = 8) -> tuple[Tensor, Tensor]:
    """Noisy bytes with a bright patch whose place is the class, so that a student has something to learn."""
    random = torch.Generator().manual_seed(seed)
    labels_N = torch.arange(count) % len(CLASSES)
    inputs_NX = torch.randint(0, 120, (count, 1, size, size), generator=random)
    for number, label in enumerate(labels_N.tolist()):
        inputs_NX[number, 0, 2 * label : 2 * label + 2, 2:5] += 35
    return inputs_NX.to(torch.uint8), labels_N


def case(architecture: Any, training: tuple[Tensor, Tensor], held_out: tuple[Tensor, Tensor], steps: int = 0) -> Case:
    """A student in training mode, after some steps over all its examples at once."""
    inputs_NX, labels_N = training
    model = new_classifier(architecture, measure(inputs_NX), CLASSES, seed=5)
    model.train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.01)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # for dropout: the same student whichever test asks for it first
        for _ in range(steps):
            torch.nn.functional.cross_entropy(model(inputs_NX), labels_N).backward()
            optimiser.step()
            optimiser.zero_grad()
    return Case(model, HeldOut(*held_out, None), inputs_NX)


def open_session(path: Path) -> Any:
    """An ONNX Runtime session of a file."""
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def ask(path: Path, inputs_NX: Tensor) -> Tensor:
    """The only output of a file for inputs as it takes them."""
    return torch.from_numpy(np.asarray(open_session(path).run(None, {"input": inputs_NX.numpy()})[0]))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its name."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def parity_of(folder: Path) -> list[dict[str, Any]]:
    """What parity.json says of each file."""
    files: list[dict[str, Any]] = json.loads((folder / "parity.json").read_text(encoding="utf-8"))["files"]
    return files


def run_alone(program: str, folder: Path) -> str:
    """What a Python program prints in a process of its own that starts in a folder; it must not complain."""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    # ONNX Runtime remarks on a machine's graphics card, or its absence, before anybody could ask it not to.
    assert [line for line in done.stderr.splitlines() if "onnxruntime" not in line] == []
    return done.stdout
