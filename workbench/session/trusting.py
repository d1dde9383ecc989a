"""What needs a person's consent, and the consent itself: files that can run code, and endpoints that are sent data."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench import consents
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.origins import split_url
from workbench.recipe.models import PythonClass, Student, Teacher
from workbench.recipe.section import whole_name
from workbench.writing import disk_errors

_MOST_SHOWN = 200_000
_MOST_READ = 64 * 2**20
_CODE = (".py",)


@dataclass(frozen=True)
class CodeFile:
    """A file that can run code.

    Attributes:
        path: Where it lies.
        digest: Its content, as recipes and consents name it.
        bytes: Its size.
        reasons: Why it is thought to run code, a line each; may be empty.
        source: The text of a Python file; empty for anything else.
        is_cut: Whether the text goes on after what is shown.
    """

    path: Path
    digest: str
    bytes: int
    reasons: str = ""
    source: str = ""
    is_cut: bool = False


def look_at_code(path: Path, reasons: str = "") -> CodeFile:
    """What a person should see of a file before agreeing to it; nothing of it is run. Raises WorkbenchError."""
    source, is_cut = "", False
    with disk_errors(path):
        size = path.stat().st_size
        if path.suffix.lower() in _CODE and size <= _MOST_READ:
            # What is shown and what is agreed to are the same bytes, whoever writes to the file meanwhile.
            raw = path.read_bytes()
            source, is_cut = raw[:_MOST_SHOWN].decode("utf-8", "replace"), len(raw) > _MOST_SHOWN
            return CodeFile(path, consents.digest_of_bytes(raw), len(raw), reasons, source, is_cut)
    return CodeFile(path, consents.digest_of(path), size, reasons, source, is_cut)


def agree_to(file: CodeFile) -> None:
    """Remember that a person agreed to this content.

    Raises:
        WorkbenchError: The file has changed since it was looked at, or the disk refuses.
    """
    if consents.digest_of(file.path) != file.digest:
        raise WorkbenchError(
            f"{file.path.name} has changed since you looked at it, so nothing was agreed to.", "Look at it again."
        )
    consents.agree(file.digest, str(file.path))


def agree_to_endpoint(address: str, key: str) -> None:
    """Remember that a person agreed to send prompts, and the key of that name, to an origin. Raises WorkbenchError."""
    consents.agree_to_endpoint(split_url(address)[0], key)


def code_of(section: Teacher | Student, folder: Path, digest: str) -> Path:
    """Which file of a section has this digest: the checkpoint, or the Python file of its architecture.

    Raises:
        WorkbenchError: A file cannot be read, or has changed meanwhile.
    """
    for path in _code_files(section, folder):
        if path.is_file() and consents.digest_of(path) == digest:
            return path
    raise WorkbenchError(
        f"The file that can run code is no longer what it was when {section.checkpoint or 'the recipe'} was looked at.",
        "Choose it again.",
    )


def why_code(section: Teacher | Student, notes: Sequence[Finding]) -> tuple[str, str]:
    """The name of the file of a section that runs code, and why it does.

    Args:
        section: Of a model that needs consent.
        notes: Those of its checkpoint, of which the first says why, where its own file runs code.
    """
    architecture = section.architecture
    if isinstance(architecture, PythonClass):
        return Path(architecture.file or architecture.module).name, "Its code is run to make the network."
    return Path(section.checkpoint).name, notes[0].title if notes else ""


def trust_place(section: Teacher | Student, folder: Path, path: Path) -> tuple[str, ...]:
    """Where in a section the trust in a file stands; empty where the section does not name it."""
    if section.checkpoint and whole_name(folder, section.checkpoint) == path:
        return ("trust",)
    architecture = section.architecture
    if isinstance(architecture, PythonClass) and path in _class_files(architecture, folder):
        return ("architecture", "trust")
    return ()


def _code_files(section: Teacher | Student, folder: Path) -> list[Path]:
    files = [whole_name(folder, section.checkpoint)] if section.checkpoint else []
    if isinstance(section.architecture, PythonClass):
        files += _class_files(section.architecture, folder)
    return files + _class_of_checkpoint(files[0]) if section.checkpoint else files


def _class_of_checkpoint(path: Path) -> list[Path]:
    """The file of the class that a checkpoint of this program names; none for all others."""
    from workbench.engine.checkpoints.workbench_safetensors import WORKBENCH_SAFETENSORS

    try:
        needed = WORKBENCH_SAFETENSORS.class_file(path)
    except WorkbenchError:
        return []
    return [] if needed is None else [needed]


def _class_files(architecture: PythonClass, folder: Path) -> list[Path]:
    """The file of a class, that of an installed module too; none where there is no such module."""
    if architecture.file:
        return [whole_name(folder, architecture.file)]
    from workbench.engine.architectures.python_class import python_file

    try:
        return [python_file(architecture)]
    except WorkbenchError:
        return []
