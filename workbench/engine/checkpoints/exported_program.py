"""Programs by torch.export as teachers: .pt2 archives, which can run code when they are loaded.

M inputs in one call, C classes, X any input axes.
"""

import json
import math
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from workbench.consents import digest_of, is_agreed
from workbench.engine.checkpoints.archives import Archive, names_in, pickled_wishes
from workbench.engine.checkpoints.checkpoint_format import CheckpointCard, TensorRow, Wanted
from workbench.engine.checkpoints.choosing_output import asking
from workbench.engine.checkpoints.programs import Program, classifier_of, notes_of, program_failed, refuse_student
from workbench.engine.classifier import Classifier
from workbench.engine.trusting import agreed_copy, require_consent
from workbench.errors import WorkbenchError
from workbench.events import Finding

_FORMAT_FILE = "archive_format"
_MODELS = "models/"
_WEIGHTS = "data/weights/"
_PICKLED = ("data/sample_inputs/", _WEIGHTS, "data/constants/")
_PICKLE_STARTS = (b"PK", b"\x80")
_KINDS = {"1": "uint8", "2": "int8", "4": "int32", "5": "int64", "6": "float16", "7": "float32", "8": "float64"}
_REASONS = (
    "torch.export.load reads pickled members with all rights, and evaluates the sizes in its description as Python.",
)


class ExportedProgramFormat:
    """A .pt2 archive, known by the names of its members."""

    name = "PyTorch exported program (.pt2)"

    def recognises(self, path: Path) -> bool:
        """By the members that torch.export.save writes."""
        names = names_in(path)
        return _FORMAT_FILE in names and any(name.startswith((_MODELS, "data/aotinductor/")) for name in names)

    def inspect(self, path: Path, wanted: Wanted) -> CheckpointCard:
        """From the list of members and what is JSON in it; nothing is unpickled."""
        archive = _archive(path)
        digest = digest_of(path)
        rows, shape = _weights(archive), _input_shape(archive)
        program = Program(path, "torch.export", digest, _count(rows), shape)
        return CheckpointCard(
            path=str(path),
            format=self.name,
            architecture="program by torch.export",
            parameters=program.parameters,
            bytes=archive.bytes,
            input_shape=wanted.signature.input_shape or program.card_shape,
            classes=wanted.signature.classes,
            trainable=False,
            needs="" if is_agreed(digest) else "consent",
            digest=digest,
            tensors=rows,
            notes=(*(() if is_agreed(digest) else _wish_notes(archive)), *notes_of(program, wanted)),
        )

    def load(self, path: Path, wanted: Wanted) -> Classifier:
        """Only where a person has agreed to its content; it runs on the CPU and takes no gradients."""
        refuse_student("a program by torch.export", path, wanted)
        archive = _archive(path)
        rows = _weights(archive)
        reasons = (*_REASONS, *_wishes(archive))
        digest = require_consent(path, wanted.trust, "a program by torch.export (.pt2)", reasons)
        try:
            # It warns of members and versions that nobody here can act on.
            with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
                warnings.simplefilter("ignore")
                with agreed_copy(path, digest) as copy, copy.open("rb") as file:
                    exported = torch.export.load(file)
                module = exported.module()
        except Exception as error:
            raise program_failed(path, error) from None
        program = _program_of(
            exported, Program(path, "torch.export", digest, _count(rows), output=wanted.signature.output)
        )
        return classifier_of(program, wanted, asking(module, wanted.signature.output, path))


def _archive(path: Path) -> Archive:
    archive = Archive(path)
    if not any(name.startswith(_MODELS) for name in archive.sizes):
        raise WorkbenchError(
            f"{path} holds a program compiled to machine code (AOTInductor), which is not read.",
            "Save it with torch.export.save, or export it to ONNX.",
        )
    return archive


def _wishes(archive: Archive) -> tuple[str, ...]:
    """What the pickled members would import besides weights."""
    names = [name for name in archive.sizes if name.startswith(_PICKLED) and not name.endswith(".json")]
    pickled = [name for name in names if archive.starts(name).startswith(_PICKLE_STARTS)]
    return tuple(wish for name in pickled for wish in pickled_wishes(name, archive.read(name)))


def _wish_notes(archive: Archive) -> tuple[Finding, ...]:
    wishes = _wishes(archive)
    title = (
        f"It can run code when it is loaded ({len(archive.sizes)} members, {archive.bytes:,} bytes); nothing was run."
    )
    notes = [Finding(level="warning", title=title, fix="Agree to it only if you know where it comes from.")]
    if wishes:
        title = f"It wants more than tensors: {'; '.join(wishes[:3])}{' …' if len(wishes) > 3 else ''}."
        fix = "No program by torch.export needs that. Do not agree to it, unless you know why it is there."
        notes.append(Finding(level="warning", title=title, fix=fix))
    return tuple(notes)


def _weights(archive: Archive) -> tuple[TensorRow, ...]:
    """What its JSON says of the weights; another version of PyTorch may say it otherwise, and then nothing is known."""
    rows = []
    for name in archive.sizes:
        if name.startswith(_WEIGHTS) and name.endswith("_weights_config.json"):
            found = _json(archive, name).get("config")
            for key, entry in (found if isinstance(found, dict) else {}).items():
                meta = entry.get("tensor_meta") if isinstance(entry, dict) else None
                if isinstance(meta, dict):
                    kind = str(meta.get("dtype"))
                    rows.append(TensorRow(key, _sizes(meta, open_as=0), _KINDS.get(kind, f"type {kind}")))
    return tuple(rows)


def _input_shape(archive: Archive) -> tuple[int | None, ...] | None:
    """One input, as its JSON says it; None where that cannot be told."""
    names = [name for name in archive.sizes if name.startswith(_MODELS) and name.endswith(".json")]
    try:
        module = _json(archive, names[0])["graph_module"]
        specs = [spec["user_input"]["arg"] for spec in module["signature"]["input_specs"] if "user_input" in spec]
        meta = module["graph"]["tensor_values"][specs[0]["as_tensor"]["name"]]
        return tuple(size or None for size in _sizes(meta, open_as=0))[1:]
    except (LookupError, TypeError, AttributeError):
        return None


def _json(archive: Archive, name: str) -> dict[str, Any]:
    try:
        found = json.loads(archive.read(name))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _sizes(meta: dict[str, Any], open_as: int) -> tuple[int, ...]:
    sizes = meta.get("sizes")
    found = [size.get("as_int", open_as) for size in sizes if isinstance(size, dict)] if isinstance(sizes, list) else []
    return tuple(size if isinstance(size, int) and size >= 0 else open_as for size in found)


def _count(rows: tuple[TensorRow, ...]) -> int:
    return sum(math.prod(row.shape) for row in rows)


def _program_of(exported: Any, known: Program) -> Program:
    """What an exported program takes, from its graph."""
    names = exported.graph_signature.user_inputs
    if len(names) != 1:
        raise WorkbenchError(
            f"{known.path} takes {len(names)} inputs ({', '.join(map(str, names))}), and a teacher here is given one.",
            "Export it so that it takes one input and makes the others itself.",
        )
    sample = next(node for node in exported.graph.nodes if node.name == names[0]).meta["val"]
    if not isinstance(sample, Tensor) or sample.ndim < 2:
        raise WorkbenchError(f"{known.path} takes no batch of numbers.", "Export it with a batch as its one input.")
    sizes = tuple(size if isinstance(size, int) else None for size in sample.shape)
    least, most = (sizes[0], sizes[0]) if sizes[0] is not None else _bounds(exported, sample.shape[0])
    return Program(
        known.path, known.format, known.digest, known.parameters,
        shape=sizes[1:], dtype=sample.dtype, least=least, most=most, output=known.output,
    )  # fmt: skip


def _bounds(exported: Any, size: Any) -> tuple[int, int | None]:
    """The fewest and the most inputs in one call."""
    bounds = exported.range_constraints.get(size.node.expr)
    if bounds is None:
        return 1, None
    # The upper bound of a size without one is an infinity of sympy's.
    return max(int(bounds.lower), 1), int(bounds.upper) if bounds.upper.is_Integer else None


EXPORTED_PROGRAM = ExportedProgramFormat()
