"""Files that can run code: what a person should see of one before agreeing, and the agreement itself."""

from dataclasses import dataclass
from pathlib import Path

from workbench import consents
from workbench.errors import WorkbenchError
from workbench.recipe.models import PythonClass, Student, Teacher
from workbench.recipe.section import whole_name
from workbench.writing import disk_errors

_MOST_SHOWN = 200_000
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
        if path.suffix.lower() in _CODE:
            with path.open("rb") as file:
                raw = file.read(_MOST_SHOWN + 1)
            source, is_cut = raw[:_MOST_SHOWN].decode("utf-8", "replace"), len(raw) > _MOST_SHOWN
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


def code_of(section: Teacher | Student, folder: Path, digest: str) -> Path:
    """Which file of a section has this digest: the checkpoint, or the Python file of its architecture.

    Raises:
        WorkbenchError: A file cannot be read, or has changed meanwhile.
    """
    for name in _code_names(section):
        path = whole_name(folder, name)
        if path.is_file() and consents.digest_of(path) == digest:
            return path
    raise WorkbenchError(
        f"The file that can run code is no longer what it was when {section.checkpoint or 'the recipe'} was looked at.",
        "Choose it again.",
    )


def trust_place(section: Teacher | Student, folder: Path, path: Path) -> tuple[str, ...]:
    """Where in a section the trust in a file stands; empty where the section does not name it."""
    if section.checkpoint and whole_name(folder, section.checkpoint) == path:
        return ("trust",)
    architecture = section.architecture
    if isinstance(architecture, PythonClass) and (
        architecture.module or (architecture.file and whole_name(folder, architecture.file) == path)
    ):
        return ("architecture", "trust")
    return ()


def _code_names(section: Teacher | Student) -> list[str]:
    names = [section.checkpoint]
    if isinstance(section.architecture, PythonClass):
        names.append(section.architecture.file)
    return [name for name in names if name]
