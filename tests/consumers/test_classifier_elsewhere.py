"""An exported classifier gives the same answers to all held-out digits in the programs of others."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from closeness import assert_close
from numpy.typing import NDArray
from other_programs import Node, Python, programs_in

from workbench.engine import checkpoints
from workbench.engine.data import read_data
from workbench.engine.evaluating import logits_of
from workbench.session.run_folder import RunFolder

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
FLOAT, INT8 = "student.onnx", "student.int8.onnx"


@dataclass(frozen=True)
class Original:
    """An exported folder, held-out digits as bytes, and what PyTorch answers to them."""

    folder: Path
    digits_NX: NDArray[np.uint8]
    logits_NC: NDArray[np.float32]

    @property
    def pixels(self) -> bytes:
        """As a caller prepares them."""
        return (self.digits_NX.astype(np.float32) / 255).tobytes()

    def best(self, digit: int) -> tuple[str, float]:
        """The likeliest class of a digit, and its probability."""
        probabilities_C = torch.from_numpy(self.logits_NC[digit]).softmax(0)
        return str(int(probabilities_C.argmax())), float(probabilities_C.max())


@pytest.fixture(scope="session")
def original(digits_run: RunFolder) -> Original:
    validation = read_data(digits_run.recipe.data, digits_run.path).validation
    student = checkpoints.load(digits_run.student_file).eval()
    logits_NC = logits_of(student, validation.inputs_NX).numpy()
    assert logits_NC.shape == (1000, 10)
    # Fewer would be a student whose answers are worth nothing.
    assert (logits_NC.argmax(1) == validation.labels_N.numpy()).sum() > 700
    return Original(digits_run.path / "export", validation.inputs_NX.numpy(), logits_NC)


@pytest.fixture(scope="session")
def int8_NC(original: Original) -> NDArray[np.float32]:
    """What the int8 file answers here; that is not exactly what PyTorch does."""
    session = onnxruntime.InferenceSession(str(original.folder / INT8), providers=["CPUExecutionProvider"])
    (logits_NC,) = session.run(None, {"input": original.digits_NX.astype(np.float32) / 255})
    said = json.loads((original.folder / "parity.json").read_text())["files"]
    (whole,) = [file for file in said if file["file"] == INT8]
    disagreements = (logits_NC.argmax(1) != original.logits_NC.argmax(1)).sum()
    assert disagreements == whole["disagreements"] <= 10
    return np.asarray(logits_NC)


def assert_same(said_NC: object, own_NC: NDArray[np.float32]) -> None:
    logits_NC = np.array(said_NC, np.float32)
    assert (logits_NC.argmax(1) == own_NC.argmax(1)).all()
    assert_close(logits_NC, own_NC, summands=784)


def test_onnxruntime_for_python_answers_alike_with_numpy_alone(
    onnxruntime_alone: Python, original: Original, int8_NC: NDArray[np.float32]
) -> None:
    for absent in ("workbench", "torch", "onnx"):
        assert not onnxruntime_alone.knows(absent)
    for file, own_NC in ((FLOAT, original.logits_NC), (INT8, int8_NC)):
        said = onnxruntime_alone.run(HERE / "classify.py", original.folder, file, given=original.pixels)
        assert_same(json.loads(said), own_NC)


def test_onnxruntime_for_node_answers_alike(node: Node, original: Original, int8_NC: NDArray[np.float32]) -> None:
    axes = ",".join(map(str, original.digits_NX.shape[1:]))
    for file, own_NC in ((FLOAT, original.logits_NC), (INT8, int8_NC)):
        said = node.run(HERE / "classify.mjs", original.folder, file, axes, given=original.pixels)
        assert_same(json.loads(said), own_NC)


def test_the_python_program_of_the_readme_names_a_digit(
    onnxruntime_alone: Python, original: Original, tmp_path: Path
) -> None:
    program, file = programs_in(original.folder / "README.md")["python"], tmp_path / "student.py"
    file.write_text(program, encoding="utf-8")
    name, _ = onnxruntime_alone.run(file, original.folder).split()
    assert name in map(str, range(10))
    shape = (1, *original.digits_NX.shape[1:])
    blank = f"np.zeros({shape}, dtype=np.uint8)"
    assert blank in program
    digit = f"np.array({original.digits_NX[0].ravel().tolist()}, dtype=np.uint8).reshape({shape})"
    file.write_text(program.replace(blank, digit), encoding="utf-8")
    name, share = original.best(0)
    assert onnxruntime_alone.run(file, original.folder) == f"{name} {share:.1%}\n"


def test_the_javascript_program_of_the_readme_names_a_digit(node: Node, original: Original) -> None:
    program, file = programs_in(original.folder / "README.md")["js"], node.folder / "student.mjs"
    file.write_text(program, encoding="utf-8")
    name, _ = node.run(file, original.folder).split()
    assert name in map(str, range(10))
    blank = f"new Float32Array({original.digits_NX[0].size})"
    assert blank in program
    pixels = (original.digits_NX[0].ravel() / 255).tolist()
    file.write_text(program.replace(blank, f"Float32Array.from({pixels})"), encoding="utf-8")
    name, share = node.run(file, original.folder).split()
    best, probability = original.best(0)
    assert (name, float(share)) == (best, pytest.approx(probability, abs=1e-4))
