"""ONNX models as teachers, answering through ONNX Runtime; its operators only, and nothing outside their folder.

M inputs in one call, C classes, X any input axes.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor

from workbench.engine.checkpoints.checkpoint_format import CheckpointCard, TensorRow, Wanted
from workbench.engine.checkpoints.onnx_reading import (
    digest_of_all,
    external_files,
    looks_like_onnx,
    read_model,
    tensors_of,
    with_shapes,
)
from workbench.engine.checkpoints.programs import (
    TRIAL,
    Program,
    classifier_of,
    fitted_shape,
    notes_of,
    reads_tokens,
    refuse_student,
)
from workbench.engine.classifier import Classifier
from workbench.engine.onnx_session import Port, Tried, asking, open_session, tried
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.wording import counted

if TYPE_CHECKING:
    import onnx

# By the numbers that ONNX has for types.
_TYPES = {
    1: torch.float32,
    2: torch.uint8,
    3: torch.int8,
    6: torch.int32,
    7: torch.int64,
    10: torch.float16,
    11: torch.float64,
}
_FLOATS = (1, 10, 11)
_PASSED_ON = ("Identity", "Cast", "Reshape", "Flatten", "Squeeze")
_ENDS: dict[str, Literal["probabilities", "sigmoids"]] = {"Softmax": "probabilities", "Sigmoid": "sigmoids"}


@dataclass(frozen=True)
class _Parts:
    """A model that may be run, and what was chosen of it."""

    model: "onnx.ModelProto"
    program: Program
    input: str


class OnnxProgram:
    """A model in ONNX, known by its first fields."""

    name = "ONNX model"

    def recognises(self, path: Path) -> bool:
        """By the fields that an ONNX file begins with."""
        return path.is_file() and looks_like_onnx(path)

    def inspect(self, path: Path, wanted: Wanted) -> CheckpointCard:
        """From the graph alone; no operator is run, and weights in other files are only measured."""
        parts = _parts_of(path, wanted)
        model, program = parts.model, parts.program
        others = external_files(model, path)
        return CheckpointCard(
            path=str(path),
            format=f"{self.name}, {_made_by(model)}",
            architecture=f"ONNX program of {counted(len(model.graph.node), 'operator')}, opset {_opset(model)}",
            parameters=program.parameters,
            bytes=sum(file.stat().st_size for file in (path, *others)),
            input_shape=wanted.signature.input_shape or program.card_shape,
            classes=wanted.signature.classes or program.classes,
            trainable=False,
            tensors=_rows(model),
            notes=(*_ports(model, parts), *notes_of(program, wanted)),
        )

    def load(self, path: Path, wanted: Wanted) -> Classifier:
        """It runs on the CPU; a fixed batch size, its type and the order of its axes are adapted to."""
        refuse_student("an ONNX program", path, wanted)
        parts = _parts_of(path, wanted)
        return classifier_of(parts.program, wanted, _ask_of(path, parts, wanted))


def _parts_of(path: Path, wanted: Wanted) -> _Parts:
    model = read_model(path)
    digest = digest_of_all(model, path)
    parameters = sum(math.prod(tensor.dims) for tensor in model.graph.initializer)
    model = with_shapes(model, path)
    said = {entry.key: entry.value for entry in model.metadata_props}
    taken, output = _input(model, path), _output(model, path, wanted)
    shape = _dims(taken)
    batch = shape[0] if shape else None
    own = _is_ours(said)
    program = Program(
        path=path,
        format="ONNX",
        digest=digest,
        parameters=parameters,
        shape=None if shape is None else shape[1:],
        dtype=_TYPES[taken.type.tensor_type.elem_type],
        least=batch or 1,
        most=batch,
        classes=_named(said),
        answers=_answers(model, output, said),
        output=output,
        normalises=own,
    )
    return _Parts(model, program, taken.name)


def _input(model: "onnx.ModelProto", path: Path) -> Any:
    """The one input that has no value of its own."""
    given = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in given]
    if len(inputs) != 1:
        names = ", ".join(value.name for value in inputs) or "none"
        raise WorkbenchError(
            f"{path} takes {len(inputs)} inputs ({names}), and a teacher here is given one.",
            "Export it so that it takes one input and makes the others itself.",
        )
    kind = inputs[0].type.tensor_type.elem_type
    shape = _dims(inputs[0])
    if kind not in _TYPES or (shape is not None and not shape):
        raise WorkbenchError(
            f"{path} takes {inputs[0].name!r} as {_type_name(inputs[0])}, and no batch of numbers.",
            "Export it so that it takes floating-point numbers, bytes or whole numbers, the first axis the batch.",
        )
    return inputs[0]


def _output(model: "onnx.ModelProto", path: Path, wanted: Wanted) -> str:
    """The name of the output that holds the answers."""
    outputs = list(model.graph.output)
    names: list[str] = [value.name for value in outputs]
    asked = wanted.signature.output
    if asked in names:
        return asked
    if asked.isdecimal() and int(asked) < len(names):
        return names[int(asked)]
    if asked:
        raise WorkbenchError(
            f"{path} has no output {asked!r}; it has: {', '.join(names)}.",
            f"Name one of them in signature.output, or give a number from 0 to {len(names) - 1}.",
        )
    fitting = [value for value in outputs if value.type.tensor_type.elem_type in _FLOATS and _may_be_answers(value)]
    named = [value.name for value in fitting if value.name == "logits"]
    if not fitting:
        table = "\n".join(f"  {value.name}  {_type_name(value)}" for value in outputs)
        raise WorkbenchError(
            f"{path} has no output that is a row of numbers for each input.", "Export it with its logits.", table
        )
    first: str = (named or [value.name for value in fitting])[0]
    return first


def _may_be_answers(value: Any) -> bool:
    shape = _dims(value)
    return shape is None or (len(shape) >= 2 and all(size == 1 for size in shape[2:]))


def _dims(value: Any) -> tuple[int | None, ...] | None:
    """The axes of an input or output, None for an open one; None where even their number is."""
    if not value.type.tensor_type.HasField("shape"):
        return None
    axes = value.type.tensor_type.shape.dim
    return tuple(axis.dim_value if axis.HasField("dim_value") and axis.dim_value > 0 else None for axis in axes)


def _answers(
    model: "onnx.ModelProto", output: str, said: dict[str, str]
) -> Literal["logits", "probabilities", "sigmoids"]:
    """What an output is, by the operator that it comes from."""
    if said.get("output") == output == "probabilities":
        return "probabilities"
    makers = {name: node for node in model.graph.node for name in node.output}
    node = makers.get(output)
    for _ in range(len(_PASSED_ON)):
        if node is None or node.op_type not in _PASSED_ON or not node.input:
            break
        node = makers.get(node.input[0])
    return "logits" if node is None else _ENDS.get(node.op_type, "logits")


def _is_ours(said: dict[str, str]) -> bool:
    from workbench.engine.exporting.interface import interface_from

    try:
        interface_from(said)
    except (KeyError, ValueError, TypeError):
        return False
    return True


def _named(said: dict[str, str]) -> tuple[str, ...]:
    """The classes that our own exports name."""
    try:
        found = json.loads(said.get("classes", ""))
    except (ValueError, RecursionError):
        return ()
    is_list = isinstance(found, list) and all(isinstance(name, str) for name in found)
    return tuple(found) if is_list and len(set(found)) == len(found) else ()


def _ask_of(path: Path, parts: _Parts, wanted: Wanted) -> Callable[[Tensor], Tensor]:
    """The model behind a function, after it was tried with inputs as the data has them. Raises WorkbenchError."""
    program = parts.program
    _, _, shape = fitted_shape(program, wanted)
    most = max(program.least, TRIAL) if program.most is None else program.most
    dtype = torch.int64 if program.shape is None and reads_tokens(program, wanted) else program.dtype
    # A model that does not describe its input may take one at a time.
    counts = (most, 1) if program.shape is None else (most,)
    port = Port(parts.input, program.output, shape, str(dtype).removeprefix("torch."), counts)
    size = sum(file.stat().st_size for file in (path, *external_files(parts.model, path)))
    found = _tried(path, program.digest, port, torch.get_num_threads(), size)

    def fail(_: Tensor) -> Tensor:
        raise RuntimeError(found.failure)

    if found.failure:
        return fail
    answer = asking(path, port, open_session(path, torch.get_num_threads()), found.seconds)
    return lambda inputs_MX: torch.from_numpy(answer(inputs_MX.numpy()))


@lru_cache(maxsize=64)
def _tried(path: Path, digest: str, port: Port, threads: int, size: int) -> Tried:
    """Once for each content of a file."""
    return tried(path, port, threads, size)


def _ports(model: "onnx.ModelProto", parts: _Parts) -> tuple[Finding, ...]:
    takes = ", ".join(f"{value.name} ({_type_name(value)})" for value in model.graph.input if value.name == parts.input)
    gives = ", ".join(f"{value.name} ({_type_name(value)})" for value in model.graph.output)
    chosen = f"; the answer is {parts.program.output}" if len(model.graph.output) > 1 else ""
    fix = "Choose another in signature.output." if chosen else ""
    return (Finding(level="ok", title=f"It takes {takes} and gives {gives}{chosen}.", fix=fix),)


def _rows(model: "onnx.ModelProto") -> tuple[TensorRow, ...]:
    return tuple(
        TensorRow(tensor.name, tuple(tensor.dims), _kind(tensor.data_type))
        for tensor in tensors_of(model)
        if tensor.name
    )


def _type_name(value: Any) -> str:
    if not value.type.HasField("tensor_type"):
        return str(value.type.WhichOneof("value")).removesuffix("_type")
    shape = _dims(value)
    axes = "any shape" if shape is None else " × ".join("?" if size is None else str(size) for size in shape)
    return f"{_kind(value.type.tensor_type.elem_type)}, {axes or 'one number'}"


def _kind(data_type: int) -> str:
    import onnx

    known = onnx.TensorProto.DataType.values()
    return onnx.TensorProto.DataType.Name(data_type).lower() if data_type in known else f"type {data_type}"


def _made_by(model: "onnx.ModelProto") -> str:
    return f"by {model.producer_name or 'an unnamed program'} {model.producer_version}".strip()


def _opset(model: "onnx.ModelProto") -> int:
    return max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=0)


ONNX_PROGRAM = OnnxProgram()
