"""The lines of a text file that must be UTF-8, one after the other; what is not is refused by its place."""

from collections.abc import Iterator
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain

_LONGEST_LINE = 32 * 2**20


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """Every line with its number, counted from 1, its end included; a mark of byte order is dropped.

    Raises:
        WorkbenchError: The file cannot be read, is not UTF-8, or has a line that is absurdly long.
    """
    before = 0
    refuse_unless_plain(path)
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), start=1):
                if len(line) == _LONGEST_LINE:
                    raise WorkbenchError(
                        f"{path}, line {number:,} is longer than {_LONGEST_LINE >> 20} MiB.",
                        "Break it into lines: one row, prompt or object a line.",
                    )
                yield number, _decoded(path, number, before, line)
                before += len(line)
    except FileNotFoundError:
        raise WorkbenchError(f"There is no file at {path}.", "Check the data section of the recipe.") from None
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror or error}.") from None


def _decoded(path: Path, number: int, before: int, line: bytes) -> str:
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise WorkbenchError(
            f"{path} is not UTF-8: byte {before + error.start:,} (0x{line[error.start]:02X}), in line {number:,}, "
            "is no part of a character.",
            "Save it as UTF-8; in a spreadsheet that is “CSV UTF-8”.",
        ) from None
    if "\0" in text:
        raise WorkbenchError(
            f"{path} is no text: line {number:,} holds a NUL byte, {before + line.index(0):,} bytes from the start.",
            "Save it as UTF-8.",
        )
    return text
