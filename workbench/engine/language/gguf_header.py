"""The header of a GGUF file, every count and length in it held against the file's size before anything is read by it.

Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import math
import mmap
import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.engine.checkpoints import TensorRow
from workbench.errors import WorkbenchError

MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_STRING, _ARRAY = 8, 9
_FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_MOST_ENTRIES = 100_000
_MOST_ELEMENTS = 20_000_000
# In all lists together: the largest vocabularies have some 300,000 tokens, and fewer than 1,000,000 merges.
_MOST_TEXTS = 2_000_000
_MOST_TEXT = 4 * 2**20
_MOST_AXES = 4
_ALIGNMENT = 32
# The smallest entries: a key of no letters with one byte, a tensor of no name with one axis.
_LEAST_KEY, _LEAST_TENSOR = 13, 32


@dataclass(frozen=True)
class GgufHeader:
    """What a file says of itself.

    Attributes:
        values: Its settings; of a list no more than its length.
        tensors: Every tensor, its values unread; axes as torch has them.
        kind: The type most of its bytes are stored in, such as "Q4_1".
    """

    values: Mapping[str, Any]
    tensors: tuple[TensorRow, ...]
    kind: str

    def setting(self, name: str) -> int:
        """A size of the model's own, such as block_count; 0 where the file does not say."""
        value = self.values.get(f"{self.values.get('general.architecture')}.{name}", 0)
        return value if isinstance(value, int) else 0


class _BrokenError(Exception):
    """What is wrong with a file, in words."""


def read_header(path: Path) -> GgufHeader:
    """Settings and tensors of a GGUF file. Raises WorkbenchError: it is broken, or of a form that is not read here."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as blob:
            return _Walk(blob).header()
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (_BrokenError, struct.error, UnicodeDecodeError, ValueError) as error:
        raise WorkbenchError(f"{path} is broken as GGUF: {error}.", "Copy or download it again.") from None


class _Walk:
    """Goes through a file from its start; never beyond its end."""

    def __init__(self, blob: mmap.mmap) -> None:
        self._blob, self._size, self._at = blob, len(blob), 0
        self._texts = 0

    def header(self) -> GgufHeader:
        if self._take(4) != MAGIC:
            raise _BrokenError("it does not begin with GGUF")
        version, tensors, keys = self._number("I"), self._number("Q"), self._number("Q")
        if version not in _VERSIONS:
            raise _BrokenError(f"its version is {version}, and {_VERSIONS[0]} and {_VERSIONS[1]} are read here")
        self._refuse_count(keys, _LEAST_KEY, "settings")
        self._refuse_count(tensors, _LEAST_TENSOR, "tensors")
        values: dict[str, Any] = {}
        for _ in range(keys):
            key = self._text()
            if key in values:
                raise _BrokenError(f"it has the setting {key[:80]!r} twice")
            values[key] = self._value(self._number("I"))
        _refuse_foreign(values)
        return self._with_tensors(values, tensors)

    def _with_tensors(self, values: dict[str, Any], count: int) -> GgufHeader:
        places = [self._tensor() for _ in range(count)]
        if len({row.name for row, _, _ in places}) != count:
            raise _BrokenError("two of its tensors have the same name")
        alignment = values.get("general.alignment", _ALIGNMENT)
        if not isinstance(alignment, int) or alignment < 1 or alignment & (alignment - 1):
            raise _BrokenError(f"its alignment is {alignment}")
        start = math.ceil(self._at / alignment) * alignment
        for row, offset, size in places:
            if start + offset + size > self._size:
                raise _BrokenError(f"its tensor {row.name[:80]} ends beyond the file's {self._size:,} bytes")
        sizes: Counter[str] = Counter()
        for row, _, size in places:
            sizes[row.dtype] += size
        kind = sizes.most_common(1)[0][0] if sizes else ""
        return GgufHeader(values, tuple(row for row, _, _ in places), kind)

    def _tensor(self) -> tuple[TensorRow, int, int]:
        """Its row, where it begins and how many bytes it has."""
        from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

        name, axes = self._text(), self._number("I")
        if not 1 <= axes <= _MOST_AXES:
            raise _BrokenError(f"its tensor {name[:80]} has {axes:,} axes")
        shape = tuple(self._number("Q") for _ in range(axes))
        number, offset = self._number("I"), self._number("Q")
        try:
            kind = GGMLQuantizationType(number)
        except ValueError:
            raise _BrokenError(f"its tensor {name[:80]} is stored in the unknown type {number}") from None
        block, size = GGML_QUANT_SIZES[kind]
        if shape[0] % block:
            raise _BrokenError(f"its tensor {name[:80]} has rows of {shape[0]:,}, which are no whole blocks of {block}")
        return TensorRow(name, shape[::-1], kind.name), offset, math.prod(shape) // block * size

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._text()
        if kind == _ARRAY:
            return self._list()
        if kind not in _FORMATS:
            raise _BrokenError(f"a setting has the unknown type {kind}")
        return self._number(_FORMATS[kind])

    def _list(self) -> int:
        """Goes past a list and tells its length."""
        kind: int = self._number("I")
        length: int = self._number("Q")
        if length > _MOST_ELEMENTS:
            raise _BrokenError(f"a list in it claims {length:,} elements")
        if kind == _STRING:
            self._texts += length
            if self._texts > _MOST_TEXTS:
                raise _BrokenError(f"its lists hold {self._texts:,} texts or more; at most {_MOST_TEXTS:,} are read")
            for _ in range(length):
                self._take(self._number("Q"))
        elif kind in _FORMATS:
            self._take(length * struct.calcsize(_FORMATS[kind]))
        else:
            raise _BrokenError(f"a list in it has elements of the type {kind}")
        return length

    def _text(self) -> str:
        length = self._number("Q")
        if length > _MOST_TEXT:
            raise _BrokenError(f"a text in it claims {length:,} bytes")
        return self._take(length).decode("utf-8")

    def _number(self, form: str) -> Any:
        (value,) = struct.unpack(f"<{form}", self._take(struct.calcsize(form)))
        return value

    def _take(self, length: int) -> bytes:
        if length > self._size - self._at:
            raise _BrokenError(f"it ends after {self._size:,} bytes in the middle of its header")
        self._at += length
        return self._blob[self._at - length : self._at]

    def _refuse_count(self, count: int, least: int, what: str) -> None:
        if count > _MOST_ENTRIES or count * least > self._size:
            raise _BrokenError(f"it claims {count:,} {what}, and has {self._size:,} bytes")


def _refuse_foreign(values: Mapping[str, Any]) -> None:
    if not isinstance(values.get("general.architecture"), str):
        raise _BrokenError("it does not name its architecture")
    if values.get("split.count", 1) not in (0, 1):
        raise _BrokenError(f"it is one of {values['split.count']} parts; join them by llama-gguf-split --merge first")
