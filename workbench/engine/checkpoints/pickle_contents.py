"""What a pickle would import and call, told from its opcodes alone: nothing of it is run."""

import io
import pickletools
import re
from collections import deque
from dataclasses import dataclass

_MOST_OPCODES = 1_000_000
_MOST_CALLS = 120_000
_MOST_TEXT = 256 * 2**20
_CALLS = frozenset(("REDUCE", "BUILD", "NEWOBJ", "NEWOBJ_EX", "INST", "OBJ"))

# What weights are made of. All else that torch would let through is not needed for them, and some of it can be made to
# fill the memory.
_OF_WEIGHTS = re.compile(
    r"collections\.(OrderedDict|Counter)"
    r"|torch\._utils\._rebuild_(tensor|tensor_v2|parameter|parameter_with_state)"
    r"|torch\.(Float|Double|Half|BFloat16|Long|Int|Short|Char|Byte|Bool)Storage|torch\.storage\.(Typed|Untyped)Storage"
    r"|torch\.(float|double|half|bfloat|int|long|short|uint|bool)\w*|torch\.(device|Size)|torch\._tensor\._rebuild_from_type_v2"
    r"|torch\.(Tensor|nn\.parameter\.Parameter)|torch\.serialization\._get_layout"
    r"|_codecs\.encode|(builtins|__builtin__)\.(set|complex)|torch\.torch_version\.TorchVersion"
)
# Settings and counters that trainings leave beside their weights. They are never made: a stand-in takes their place.
_LEFTOVERS = re.compile(
    r"argparse\.Namespace|types\.SimpleNamespace"
    r"|pathlib(\._local)?\.(Pure)?(Posix|Windows)?Path"
    r"|numpy\.(_?core\.multiarray\.(scalar|_reconstruct)|dtype|ndarray|float64|float32|int64|int32|dtypes\.\w+DType)"
    r"|datetime\.(datetime|date|timedelta|timezone)"
)


@dataclass(frozen=True)
class PickleContents:
    """What a pickle names.

    Attributes:
        unsafe: What it would import that no weights need, sorted.
        leftovers: What it would import that is harmless and of no use, sorted.
        protocol: Which opcodes it is written in.
        end: Where it ends, in bytes.
    """

    unsafe: tuple[str, ...]
    leftovers: tuple[str, ...]
    protocol: int
    end: int


def contents_of(raw: bytes, start: int = 0) -> PickleContents:
    """What the pickle at `start` names.

    Raises:
        ValueError: It is no pickle, is cut short, or would make far more than any weights need; the reason in words.
    """
    stream = io.BytesIO(raw)
    stream.seek(start)
    names: set[str] = set()
    texts: deque[str] = deque(["?", "?"], maxlen=2)
    protocol = calls = longest = 0
    for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
        calls += opcode.name in _CALLS
        if count > _MOST_OPCODES or calls > _MOST_CALLS:
            raise ValueError(f"more than {_MOST_CALLS:,} objects are described")
        name = _imported(opcode.name, argument, texts)
        if name:
            names.add(name)
        elif isinstance(argument, str):
            texts.append(argument)
            longest = max(longest, len(argument))
        elif opcode.name == "PROTO":
            protocol = int(argument or 0)
    if "_codecs.encode" in names and longest * calls > _MOST_TEXT:
        raise ValueError("texts are copied until the memory is full")
    foreign = {name for name in names if not _OF_WEIGHTS.fullmatch(name)}
    leftovers = {name for name in foreign if _LEFTOVERS.fullmatch(name)}
    return PickleContents(tuple(sorted(foreign - leftovers)), tuple(sorted(leftovers)), protocol, stream.tell())


def _imported(opcode: str, argument: object, texts: deque[str]) -> str:
    """What an opcode imports, as module.name; empty where it imports nothing."""
    if opcode in ("GLOBAL", "INST"):
        return str(argument).replace(" ", ".", 1)
    if opcode == "STACK_GLOBAL":
        return ".".join(texts)
    return f"copyreg extension {argument}" if opcode.startswith("EXT") else ""
