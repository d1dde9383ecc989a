"""The lines of a text file that must be UTF-8, one after the other; what is not is refused by its place."""

from collections.abc import Iterator
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain

_LONGEST_LINE = 32 * 2**20
_MOST_NESTED, _MOST_VALUES = 2_000_000, 10_000_000


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


def text_of(path: Path) -> str:
    """The whole of a file that is one JSON value, refused before it is parsed where that would fill the memory.

    Raises:
        WorkbenchError: It cannot be read, is not UTF-8, or holds more than is read at once.
    """
    refuse_unless_plain(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror or error}.") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no_text(path, raw.count(b"\n", 0, error.start) + 1, error.start, raw[error.start]) from None
    refuse_many(str(path), text)
    return text


def refuse_many(where: str, text: str) -> None:
    """Refuse JSON of brackets, which takes little room in a file and much in memory.

    Args:
        where: What the JSON is, for the message.
        text: Before it is parsed.

    Raises:
        WorkbenchError: It holds more lists and objects, or more values, than are read at once.
    """
    nested, values = text.count("[") + text.count("{"), text.count(",")
    if nested > _MOST_NESTED or values > _MOST_VALUES:
        raise WorkbenchError(
            f"{where} is one JSON value with {nested:,} lists and objects and {values:,} values; at most "
            f"{_MOST_NESTED:,} and {_MOST_VALUES:,} are read at once.",
            "Save it as JSON lines, one object a line, or as Parquet.",
        )


def _decoded(path: Path, number: int, before: int, line: bytes) -> str:
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise _no_text(path, number, before + error.start, line[error.start]) from None
    if "\0" in text:
        raise WorkbenchError(
            f"{path} is no text: line {number:,} holds a NUL byte, {before + line.index(0):,} bytes from the start.",
            "Save it as UTF-8.",
        )
    return text


def _no_text(path: Path, line: int, place: int, byte: int) -> WorkbenchError:
    return WorkbenchError(
        f"{path} is not UTF-8: byte {place:,} (0x{byte:02X}), in line {line:,}, is no part of a character.",
        "Save it as UTF-8; in a spreadsheet that is “CSV UTF-8”.",
    )
