"""The models of a run that can be asked something: teacher, student and baseline, through PyTorch or ONNX Runtime.

C classes, X any input axes. Everything that needs torch or onnxruntime is imported where it is used.
"""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import WorkbenchError
from workbench.session.places import cache_folder
from workbench.session.run_folder import RunFolder

if TYPE_CHECKING:
    from workbench.engine.classifier import Blueprint, Classifier

ONNX_RUNTIME, PYTORCH = "ONNX Runtime", "PyTorch"
EXPORTED_FILE = "student.onnx"

# So many of the last times make the time that is told: one slow answer is no slow model.
_TIMES = 15
_WHOLE_TYPES = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}


@dataclass(eq=False)
class Respondent:
    """One model, ready to be asked.

    Attributes:
        who: "teacher", "student" or "baseline".
        through: What runs it.
        note: What a person should know of it, such as its step; empty when there is nothing.
        shape: One input, without the batch axis.
        classes: Names in the order of what it answers.
        prepare: Makes of raw inputs what `forward` takes.
        forward: One pass over a batch of one; the part that is timed.
        soften: Makes of what came out probabilities [C] at a temperature.
        milliseconds: The last times of `forward`.
    """

    who: str
    through: str
    note: str
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    prepare: Callable[[NDArray[Any]], Any]
    forward: Callable[[Any], Any]
    soften: Callable[[Any, float], NDArray[np.float64]]
    milliseconds: deque[float] = field(default_factory=lambda: deque(maxlen=_TIMES))


@dataclass(frozen=True)
class Source:
    """Where a model lies: its kind is "onnx", "student" or "checkpoint"; another time is another model."""

    kind: str
    path: Path
    changed_ns: int


def student_source(folder: RunFolder) -> Source | None:
    """The newest export of a run, else its finished student, else its newest checkpoint; None before any of them."""
    exports = [source for path in export_folders(folder) if (source := _source("onnx", path / EXPORTED_FILE))]
    finished = _source("student", folder.student_file)
    if exports and finished is not None:
        return max(exports, key=lambda source: source.changed_ns)
    if finished is not None:
        return finished
    checkpoints = folder.checkpoints()
    return _source("checkpoint", checkpoints[-1]) if checkpoints else None


def baseline_source(folder: RunFolder) -> Source | None:
    """The finished student of the first baseline, None where there is none."""
    for path in folder.companions():
        if path.name.startswith("baseline"):
            return _source("student", RunFolder(path).student_file)
    return None


def export_folders(folder: RunFolder) -> list[Path]:
    """Where exports of a run were written, the run's own folder first. Raises WorkbenchError."""
    return [folder.path / "export", *folder.exported_to]


def load_teacher(folder: RunFolder) -> Respondent | None:
    """The recipe's teacher or teachers as one; None where it has none. Raises WorkbenchError."""
    import torch

    from workbench.engine.loading import load_teachers, read_recipe_data

    recipe = folder.recipe
    if not recipe.teachers:
        return None
    # Its classes are put into the order of the data.
    examples = read_recipe_data(recipe, folder.path, cache_folder()).validation
    teachers = load_teachers(recipe, folder.path, examples)
    assert teachers is not None, "the recipe has one"
    count, blueprint = len(teachers.models), teachers.models[0].blueprint

    def soften(logits_BKC: Any, temperature: float) -> NDArray[np.float64]:
        # An ensemble averages probabilities at the temperature, so it must be asked again for another one.
        return _softened(teachers.combine(logits_BKC, temperature)[0].numpy(), temperature)

    return Respondent(
        "teacher",
        PYTORCH,
        f"{count} teachers, averaged" if count > 1 else "",
        blueprint.input_shape,
        blueprint.classes,
        lambda inputs_X: torch.tensor(inputs_X)[None],
        teachers.logits_BKC,
        soften,
    )


def load_student(folder: RunFolder, source: Source, who: str, blueprint: "Blueprint | None") -> Respondent:
    """The student or the baseline from where it lies.

    Args:
        folder: Its run.
        source: Where it lies.
        who: "student" or "baseline".
        blueprint: From `blueprint_of`; only a checkpoint of a run that goes on needs it.

    Raises:
        WorkbenchError: The file is broken or gone.
    """
    from workbench.engine import checkpoints

    folder.refuse_links()
    if source.kind == "onnx":
        return _through_onnx(source.path, who)
    if source.kind == "student":
        note = "" if who == "baseline" else "Export the student to ask it through ONNX Runtime."
        return _through_pytorch(checkpoints.load(source.path), who, note)
    assert blueprint is not None, "the data was read first"
    model, step = kept_student(folder, blueprint)
    return _through_pytorch(model, who, f"Not finished: the student after step {step:,}.")


def blueprint_of(folder: RunFolder) -> "Blueprint":
    """What a run's student is, which its checkpoints do not say; reads the run's data. Raises WorkbenchError."""
    from workbench.engine.loading import load_model, load_teachers, needs_of, read_recipe_data
    from workbench.engine.students import start_of

    recipe, student = folder.recipe, folder.recipe.student
    training = read_recipe_data(recipe, folder.path, cache_folder()).training
    if student.checkpoint:
        return load_model(student, folder.path, training).blueprint
    assert student.architecture is not None, "the recipe has checked it"
    teachers = load_teachers(recipe, folder.path, training) if student.architecture.kind == "teacher_layers" else None
    return start_of(student.architecture, needs_of(training, folder.path, teachers)).blueprint


def kept_student(folder: RunFolder, blueprint: "Blueprint") -> "tuple[Classifier, int]":
    """The student of the newest checkpoint of a run, and its step. Raises WorkbenchError."""
    import torch

    from workbench.engine.checkpoints.workbench_safetensors import pour
    from workbench.engine.classifier import Classifier
    from workbench.engine.state_checks import refuse_other_weights

    # Without memory and without a draw from the global generator, which belongs to the run that trains.
    with torch.device("meta"):
        model = Classifier(blueprint)
    state = folder.latest_state(lambda state: refuse_other_weights(state, model))
    if state is None:
        raise WorkbenchError(f"{folder.path.name} has no student yet: nothing was kept.", "Resume the run first.")
    prefix = "student."
    tensors = {name.removeprefix(prefix): value for name, value in state.tensors.items() if name.startswith(prefix)}
    pour(model, tensors, folder.path.name)
    return model.eval(), state.progress.step


def _through_pytorch(model: "Classifier", who: str, note: str) -> Respondent:
    import torch

    model = model.eval().requires_grad_(False)

    def forward(inputs_BX: Any) -> Any:
        with torch.inference_mode():
            return model(inputs_BX)

    return Respondent(
        who,
        PYTORCH,
        note,
        model.blueprint.input_shape,
        model.blueprint.classes,
        lambda inputs_X: torch.tensor(inputs_X)[None],
        forward,
        lambda logits_BC, temperature: _softened(logits_BC[0].numpy(), temperature),
    )


def _through_onnx(path: Path, who: str) -> Respondent:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One thread: one picture needs no more, and the others belong to the run that trains.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        said = session.get_modelmeta().custom_metadata_map
        shape, classes = tuple(json.loads(said["input_shape"])), tuple(json.loads(said["classes"]))
        takes_bytes, output = said["input"] == "uint8", said["output"]
        whole_type = _WHOLE_TYPES.get(session.get_inputs()[0].type)
    except Exception as error:
        # ONNX Runtime's errors have no base class of their own.
        reason = str(error).strip().splitlines()[0]
        raise WorkbenchError(f"{path} cannot be used: {reason}", "Export the student again.") from None

    def prepare(inputs_X: NDArray[Any]) -> NDArray[Any]:
        batch_BX = inputs_X[None]
        if whole_type is not None:
            # Tokens, in the width that the graph takes.
            return batch_BX.astype(whole_type)
        if takes_bytes or batch_BX.dtype != np.uint8:
            return batch_BX
        return batch_BX.astype(np.float32) / np.float32(255)

    def soften(outputs_BC: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
        # The logarithm of a probability is a logit, short of a constant that softmax takes out again.
        tiny = np.finfo(np.float32).tiny
        logits_C = np.log(np.maximum(outputs_BC[0], tiny)) if output == "probabilities" else outputs_BC[0]
        return _softened(logits_C, temperature)

    return Respondent(
        who,
        ONNX_RUNTIME,
        "",
        shape,
        classes,
        prepare,
        lambda fed_BX: session.run([output], {"input": fed_BX})[0],
        soften,
    )


def _softened(logits_C: NDArray[Any], temperature: float) -> NDArray[np.float64]:
    scaled_C = logits_C.astype(np.float64) / temperature
    exponentials_C = np.exp(scaled_C - scaled_C.max())
    probabilities_C: NDArray[np.float64] = exponentials_C / exponentials_C.sum()
    return probabilities_C


def _source(kind: str, path: Path) -> Source | None:
    try:
        return Source(kind, path, path.stat().st_mtime_ns)
    except OSError:
        return None
