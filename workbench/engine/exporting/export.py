"""Writes the student as ONNX, measures what was written, and keeps it only if it repeats the original.

N examples, X any input axes.
"""

import copy
import json
import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import onnxruntime
import torch
from torch import Tensor, nn

from workbench import __version__
from workbench.engine.architectures import HuggingFace
from workbench.engine.classifier import Classifier
from workbench.engine.evaluating import HeldOut
from workbench.engine.exporting.answering import Answers, ask_onnx, ask_pytorch
from workbench.engine.exporting.fresh_folder import fresh_folder
from workbench.engine.exporting.hugging_face_folder import HUGGING_FACE_FOLDER, write_hugging_face
from workbench.engine.exporting.int8 import LEAST_AGREEMENT, write_int8
from workbench.engine.exporting.interface import Interface, interface_of
from workbench.engine.exporting.labelling import PROGRAM, describe, label
from workbench.engine.exporting.onnx_classifier import check, files_of, write_onnx
from workbench.engine.exporting.parity import Parity, compare
from workbench.engine.exporting.readme import readme_text
from workbench.errors import WorkbenchError
from workbench.events import Exported, Finding, Warned
from workbench.recipe.export import Export

FLOAT_FILE = "student.onnx"
INT8_FILE = "student.int8.onnx"
PARITY_FILE = "parity.json"
README_FILE = "README.md"

_OWN_NAMES = (
    FLOAT_FILE,
    f"{FLOAT_FILE}.data",
    INT8_FILE,
    f"{INT8_FILE}.data",
    PARITY_FILE,
    README_FILE,
    HUGGING_FACE_FOLDER,
)


@dataclass(frozen=True)
class ExportedFile:
    """A file that was kept.

    Attributes:
        path: The file to open.
        files: That file, and the one with its weights where they lie apart.
        parity: How it compares with the original, as in parity.json.
    """

    path: Path
    files: tuple[Path, ...]
    parity: dict[str, Any]


@dataclass(frozen=True)
class StudentExport:
    """What an export left in its folder.

    Attributes:
        exported: student.onnx, and the int8 variant where it was asked for and kept.
        warnings: What a person should know of it.
        files: Every file of the export.
    """

    exported: tuple[ExportedFile, ...]
    warnings: tuple[Finding, ...]
    files: tuple[Path, ...]

    def events(self, step: int) -> tuple[Exported | Warned, ...]:
        """The same as a run says it."""
        return (
            *(Exported(step=step, path=str(file.path), parity=file.parity) for file in self.exported),
            *(Warned(step=step, title=finding.title, hint=finding.fix) for finding in self.warnings),
        )


def export_student(
    model: Classifier,
    section: Export,
    folder: Path,
    *,
    held_out: HeldOut,
    calibration_NX: Tensor,
    recipe_digest: str,
    recipe_name: str,
    say: Callable[[str], None] = lambda _: None,
) -> StudentExport:
    """Write student.onnx, parity.json, README.md and, where asked for, student.int8.onnx into a folder.

    Args:
        model: The student, on any device and in any mode; it is left as it is.
        section: What the recipe says of exports.
        folder: Where to write; made if needed. Files of an earlier export give way, others stay.
        held_out: What parity is measured on.
        calibration_NX: Real raw inputs for the ranges of the int8 variant, of the same kind as the held-out ones;
            some hundred are enough.
        recipe_digest: Which recipe, for the metadata.
        recipe_name: The same, for people.
        say: Told in a few words what comes next; whatever it raises ends the export, and the folder is as it was.

    Raises:
        WorkbenchError: The student cannot be exported or the file differs from it; the folder is as it was.
    """
    say(f"Asking the student about {len(held_out.labels_N):,} held-out examples")
    original = _ask_original(model, section, held_out, recipe_digest, recipe_name)
    warnings: list[Finding] = []
    with fresh_folder(folder, _OWN_NAMES) as staging:
        parities = [_export_float(original, staging / FLOAT_FILE, say)]
        if section.int8:
            parity, finding = _export_int8(original, staging / FLOAT_FILE, staging / INT8_FILE, calibration_NX, say)
            parities += [parity] if parity else []
            warnings += [finding] if finding else []
        if isinstance(model.blueprint.architecture, HuggingFace):
            warnings += _try_hugging_face(model, staging / HUGGING_FACE_FOLDER)
        names = sorted(file.relative_to(staging).as_posix() for file in staging.rglob("*") if file.is_file())
        kept = [parity for parity in parities if parity.kept]
        report = _report(recipe_name, recipe_digest, parities, warnings)
        (staging / PARITY_FILE).write_text(report, encoding="utf-8")
        readme = readme_text(
            original.interface,
            model.blueprint,
            recipe_name=recipe_name,
            recipe_digest=recipe_digest,
            parities=kept,
            files=names,
        )
        (staging / README_FILE).write_text(readme, encoding="utf-8")
        say(f"Putting the files into {folder.name}")
    return StudentExport(
        exported=tuple(
            ExportedFile(folder / parity.file, files_of(folder / parity.file), parity.as_dict()) for parity in kept
        ),
        warnings=tuple(warnings),
        files=tuple(folder / name for name in (*names, PARITY_FILE, README_FILE)),
    )


@dataclass(frozen=True)
class _Original:
    """What every file is made from and measured against."""

    network: nn.Module
    interface: Interface
    metadata: dict[str, str]
    held_out: HeldOut
    answers: tuple[Answers, ...]


def _ask_original(
    model: Classifier, section: Export, held_out: HeldOut, recipe_digest: str, recipe_name: str
) -> _Original:
    interface = interface_of(model, section, held_out.inputs_NX)
    # A copy: the caller may go on training, on another device.
    network: nn.Module = copy.deepcopy(model).cpu()
    if interface.softmax:
        network = nn.Sequential(network, nn.Softmax(dim=1))
    # Dropout that is exported in training mode stays in the graph for good.
    network.eval().requires_grad_(False)
    answers = ask_pytorch(network, held_out.inputs_NX)
    if not bool(torch.isfinite(answers[-1].outputs_NC).all()):
        raise WorkbenchError(
            "The student answers NaN or infinity to some held-out examples, so there is nothing worth exporting.",
            "Its training went wrong; export an earlier checkpoint.",
        )
    metadata = describe(interface, model.blueprint, recipe_name, recipe_digest)
    return _Original(network, interface, metadata, held_out, answers)


def _export_float(original: _Original, path: Path, say: Callable[[str], None]) -> Parity:
    say(f"Writing {path.name}")
    write_onnx(original.network, original.interface, path)
    say(_comparing(path, original))
    parity = _measured(path, original, "float32")
    parity = replace(parity, gate=f"differences of {parity.tolerance:.2g} at most, and every top-1 the same")
    if fault := parity.fault():
        raise WorkbenchError(
            f"{path.name} does not repeat the student: {fault}.",
            "Nothing was kept, and an earlier export is as it was. The student's checkpoint is unharmed; it can be "
            "exported later, with other versions of PyTorch or ONNX Runtime.",
            json.dumps(parity.as_dict(), indent=2),
        )
    return parity


def _export_int8(
    original: _Original, source: Path, path: Path, calibration_NX: Tensor, say: Callable[[str], None]
) -> tuple[Parity | None, Finding | None]:
    """The variant's parity, and what stands against it; the float file is good whatever happens here."""
    say(f"Writing {path.name}")
    try:
        write_int8(source, path, original.interface, calibration_NX)
    except Exception as error:
        _discard(path)
        title = f"ONNX Runtime could not make the int8 variant: {type(error).__name__}: {error}"
        return None, Finding(level="warning", title=title, fix=f"{source.name} is unaffected.")
    say(_comparing(path, original))
    gate = f"the same top-1 for {LEAST_AGREEMENT:.0%} of the examples"
    parity = replace(_measured(path, original, "int8"), gate=gate)
    whole = parity.whole
    # KL is NaN where the variant answers NaN.
    if whole.agreement >= LEAST_AGREEMENT and math.isfinite(whole.kl):
        return parity, None
    _discard(path)
    title = (
        f"The int8 variant was not kept: to {whole.disagreements:,} of {whole.examples:,} held-out examples it gives "
        f"another answer than the student, and {1 - LEAST_AGREEMENT:.0%} is the most."
    )
    fix = f"{source.name} is unaffected. Small networks with batch norm often lose too much in 8 bits."
    return replace(parity, kept=False), Finding(level="warning", title=title, fix=fix)


def _try_hugging_face(model: Classifier, folder: Path) -> list[Finding]:
    """What stands against a folder of the library's own; the ONNX file is good whatever happens here."""
    try:
        write_hugging_face(model, folder)
    except WorkbenchError as error:
        shutil.rmtree(folder, ignore_errors=True)
        title = f"No folder for the transformers library was written: {error.title}"
        return [Finding(level="warning", title=title, fix=f"{FLOAT_FILE} is unaffected.")]
    return []


def _measured(path: Path, original: _Original, precision: str) -> Parity:
    """Label a file, ask it, and write into it how it did; the checker has the last word."""
    metadata = {**original.metadata, "precision": precision}
    opset = label(path, metadata)
    answers = ask_onnx(path, original.interface, original.held_out.inputs_NX)
    parity = compare(
        original.answers,
        answers,
        original.held_out.labels_N,
        file=path.name,
        opset=opset,
        output=original.interface.output,
    )
    label(path, {**metadata, "parity": json.dumps(parity.summary())})
    check(path)
    return replace(parity, bytes=sum(file.stat().st_size for file in files_of(path)))


def _comparing(path: Path, original: _Original) -> str:
    return f"Comparing {path.name} with the student on {len(original.held_out.labels_N):,} held-out examples"


def _discard(path: Path) -> None:
    for file in files_of(path):
        file.unlink(missing_ok=True)


def _report(recipe_name: str, recipe_digest: str, parities: list[Parity], warnings: list[Finding]) -> str:
    content = {
        "program": f"{PROGRAM} {__version__}",
        "recipe": recipe_name,
        "recipe_digest": recipe_digest,
        "torch": torch.__version__,
        "onnxruntime": onnxruntime.__version__,
        "warnings": [finding.title for finding in warnings],
        "files": [parity.as_dict() for parity in parities],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
