"""What an export left on disk, as a person reads it: verdicts, sizes, differences, speed, and how to use the files."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.recipe.export import Export
from workbench.session.respondents import EXPORTED_FILE, export_folders
from workbench.session.run_folder import RunFolder
from workbench.session.text_export_report import (
    TEXT_FEED,
    TEXT_KIND,
    TextFileReport,
    text_file_report,
    text_programs,
    text_teacher_bytes,
)
from workbench.writing import disk_errors

if TYPE_CHECKING:
    from workbench.engine.exporting.interface import Interface

PARITY_FILE = "parity.json"
README_FILE = "README.md"


@dataclass(frozen=True)
class Timing:
    """How long one item took in batches of a size, in milliseconds."""

    batch_size: int
    pytorch: float
    onnxruntime: float

    @property
    def speed_up(self) -> float:
        """How many times as fast the file is."""
        return self.pytorch / self.onnxruntime if self.onnxruntime else 0.0


@dataclass(frozen=True)
class FileReport:
    """One file against the PyTorch original, on the held-out examples.

    Attributes:
        name: Of the file.
        kept: Whether it was good enough to stay.
        gate: What was asked of it, in words.
        bytes: Its size.
        output: "logits" or "probabilities": what `max_difference` is of.
        max_difference: The largest one; None where it is not finite.
        tolerance: The largest one allowed; None where only the answers count.
        examples: How many were asked about.
        disagreements: Of them, those whose top-1 differs.
        kl: Mean KL(PyTorch ‖ ONNX) in nats; None where it is not finite.
        errors: Wrong by the labels: in PyTorch, in ONNX.
        timings: One at a time, and as many as were asked about at once.
    """

    name: str
    kept: bool
    gate: str
    bytes: int
    output: str
    max_difference: float | None
    tolerance: float | None
    examples: int
    disagreements: int
    kl: float | None
    errors: tuple[int, int]
    timings: tuple[Timing, ...]

    @property
    def agreement(self) -> float:
        """Share of examples with the same top-1."""
        return 1 - self.disagreements / self.examples


@dataclass(frozen=True)
class ExportReport:
    """A folder that an export wrote.

    Attributes:
        folder: Where.
        files: The float file first; of a classifier or of a language model.
        warnings: What stands against a file that was not kept, and what a person should know.
        feed: What to feed, in a sentence.
        programs: Programs that use the files, by "python" or "javascript", or by the library of a language model.
        teacher_bytes: Size of the teachers' files; None where they are gone or there is none.
        teacher_is_half: Whether those store float16.
    """

    folder: Path
    files: tuple[FileReport, ...] | tuple[TextFileReport, ...]
    warnings: tuple[str, ...]
    feed: str
    programs: dict[str, str]
    teacher_bytes: int | None
    teacher_is_half: bool

    @property
    def text_files(self) -> tuple[TextFileReport, ...]:
        """Those of a language model; none of a classifier."""
        return tuple(file for file in self.files if isinstance(file, TextFileReport))


@dataclass(frozen=True)
class Outlook:
    """What can be exported of a run, and what has been.

    Attributes:
        is_finished: Whether its student is finished.
        kept_step: The step of its newest checkpoint, for a run that is not; None where there is none.
        writes_text: Whether its student is a language model.
        takes_pictures: Whether its student takes pictures; None where that is not known.
        section: What its recipe says of exports.
        report: Of its newest export; None before the first.
        trouble: Why that cannot be shown, in words.
    """

    is_finished: bool
    kept_step: int | None
    writes_text: bool
    takes_pictures: bool | None
    section: Export
    report: ExportReport | None
    trouble: str = ""


def outlook_of(folder: RunFolder) -> Outlook:
    """Look at a run before it is exported. Raises WorkbenchError."""
    finished, kept = folder.student_file.exists(), folder.checkpoints()
    report, trouble = None, ""
    try:
        report = newest_report(folder)
    except WorkbenchError as error:
        trouble = error.title
    recipe = folder.recipe
    return Outlook(
        is_finished=finished,
        kept_step=int(kept[-1].stem.partition("-")[2]) if kept and not finished else None,
        writes_text=recipe.writes_text,
        takes_pictures=_takes_pictures(folder) if finished and not recipe.writes_text else None,
        section=recipe.export,
        report=report,
        trouble=trouble,
    )


def _takes_pictures(folder: RunFolder) -> bool:
    from workbench.engine import checkpoints

    return len(checkpoints.inspect(folder.student_file).input_shape) == 3


def newest_report(folder: RunFolder) -> ExportReport | None:
    """The report of a run's newest export, None before the first. Raises WorkbenchError."""
    reports = [path for path in export_folders(folder) if (path / PARITY_FILE).is_file()]
    if not reports:
        return None
    return read_report(folder, max(reports, key=lambda path: (path / PARITY_FILE).stat().st_mtime_ns))


def read_report(folder: RunFolder, target: Path) -> ExportReport:
    """The report of the export of a run in `target`.

    Raises:
        WorkbenchError: A file of it is missing or broken.
    """
    try:
        with disk_errors(target / PARITY_FILE):
            said = json.loads((target / PARITY_FILE).read_text(encoding="utf-8"))
        read = _text_report if said.get("kind") == TEXT_KIND else _classifier_report
        return read(folder, target, said)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise WorkbenchError(f"{target / PARITY_FILE} is broken: {error}.", "Export the student again.") from None


def _classifier_report(folder: RunFolder, target: Path, said: dict[str, Any]) -> ExportReport:
    from workbench.engine.exporting.snippets import javascript_snippet, python_snippet

    files = tuple(_file_report(entry) for entry in said["files"])
    interface, classes = _interface_in(target / EXPORTED_FILE)
    teacher_bytes, teacher_is_half = _teachers(folder)
    return ExportReport(
        folder=target,
        files=files,
        warnings=tuple(said["warnings"]),
        feed=interface.feed_sentence,
        programs={"python": python_snippet(interface), "javascript": javascript_snippet(interface, classes)},
        teacher_bytes=teacher_bytes,
        teacher_is_half=teacher_is_half,
    )


def _text_report(folder: RunFolder, target: Path, said: dict[str, Any]) -> ExportReport:
    return ExportReport(
        folder=target,
        files=tuple(text_file_report(entry) for entry in said["files"]),
        warnings=tuple(said["warnings"]),
        feed=TEXT_FEED,
        programs=text_programs(said),
        teacher_bytes=text_teacher_bytes(folder),
        teacher_is_half=False,
    )


def _file_report(entry: dict[str, Any]) -> FileReport:
    first, last = entry["batches"][0], entry["batches"][-1]
    timings = (
        Timing(batch["batch_size"], batch["ms_per_item_pytorch"], batch["ms_per_item_onnxruntime"])
        for batch in (first, last)
    )
    is_logits = entry["output"] == "logits"
    return FileReport(
        name=entry["file"],
        kept=entry["kept"],
        gate=entry["gate"],
        bytes=entry["bytes"],
        output=entry["output"],
        max_difference=entry["max_logit_difference" if is_logits else "max_probability_difference"],
        # Reports of earlier versions do not say it; what a variant in 8 bits may differ is not limited.
        tolerance=entry.get("tolerance") if entry["file"] == EXPORTED_FILE else None,
        examples=entry["examples"],
        disagreements=entry["disagreements"],
        kl=entry["kl"],
        errors=(entry["errors_pytorch"], entry["errors_onnx"]),
        timings=tuple(timings),
    )


def _interface_in(path: Path) -> "tuple[Interface, tuple[str, ...]]":
    """What a file says of its input and output, and its classes."""
    import onnx

    from workbench.engine.exporting.interface import interface_from

    try:
        with disk_errors(path):
            # Weights in a second file stay there.
            proto = onnx.load(path, load_external_data=False)
        said = {entry.key: entry.value for entry in proto.metadata_props}
        return interface_from(said), tuple(json.loads(said["classes"]))
    except (ValueError, KeyError, TypeError) as error:
        raise WorkbenchError(f"{path} does not say what it takes: {error}.", "Export the student again.") from None


def _teachers(folder: RunFolder) -> tuple[int | None, bool]:
    """Bytes of all teachers' files, and whether their weights take two bytes each."""
    from workbench.engine import checkpoints

    try:
        cards = [checkpoints.inspect(folder.path / teacher.checkpoint) for teacher in folder.recipe.teachers]
    except WorkbenchError:
        return None, False
    size = sum(card.bytes for card in cards)
    return size or None, bool(cards) and size < 3 * sum(card.parameters for card in cards)
