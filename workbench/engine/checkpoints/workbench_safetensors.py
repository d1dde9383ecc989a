"""Our own checkpoints: safetensors, with the architecture, normalisation and classes in the metadata."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from workbench.consents import digest_of, is_agreed
from workbench.engine import checksums
from workbench.engine.architectures.python_class import python_file
from workbench.engine.checkpoints.checkpoint_format import CheckpointCard, Wanted
from workbench.engine.checkpoints.filling import misfits, sound_weights
from workbench.engine.classifier import Blueprint, Classifier, parse_blueprint
from workbench.engine.devices import refuse_beyond_memory
from workbench.engine.safetensors_headers import header_of
from workbench.errors import CodeConsentNeededError, WorkbenchError
from workbench.recipe.models import PythonClass
from workbench.writing import disk_errors

_KEY = "distillation_workbench.blueprint"
_SHIFT = "logit_shift"


class WorkbenchSafetensors:
    """Safetensors with our blueprint in the metadata."""

    name = "Distillation Workbench checkpoint"

    def recognises(self, path: Path) -> bool:
        """By the metadata in the header."""
        return _entry(_header(path) or {}) is not None

    def inspect(self, path: Path, wanted: Wanted) -> CheckpointCard:
        """From the header alone."""
        header = _header(path) or {}
        blueprint = _blueprint(_entry(header), str(path))
        card = CheckpointCard(
            path=str(path),
            format=self.name,
            architecture=blueprint.architecture.kind,
            parameters=0,
            bytes=path.stat().st_size,
            input_shape=blueprint.input_shape,
            classes=blueprint.classes,
        )
        if isinstance(blueprint.architecture, PythonClass):
            with _its_class(str(path)):
                return _unbuilt(card, blueprint.architecture, header)
        return replace(card, parameters=_skeleton(blueprint, str(path), header).parameter_count)

    def class_file(self, path: Path) -> Path | None:
        """The Python file that must be agreed to before a checkpoint is used; None where none is needed.

        Raises:
            WorkbenchError: Its description is broken, or there is no such file.
        """
        if not self.recognises(path):
            return None
        blueprint = _blueprint(_entry(_header(path) or {}), str(path))
        return python_file(blueprint.architecture) if isinstance(blueprint.architecture, PythonClass) else None

    def load(self, path: Path, wanted: Wanted) -> Classifier:
        """Half-precision weights become float32; missing, unexpected and misshapen tensors are refused by name."""
        refuse_beyond_memory(path.stat().st_size, str(path))
        try:
            with disk_errors(path), path.open("rb") as whole:
                checksums.verify(whole, str(path))
            with safe_open(path, framework="pt") as file:
                blueprint = _blueprint((file.metadata() or {}).get(_KEY), str(path))
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except SafetensorError as error:
            raise WorkbenchError(f"{path} is broken: {error}.", "Copy the checkpoint again.") from None
        header = {name: {"shape": list(tensor.shape)} for name, tensor in tensors.items()}
        model = _skeleton(blueprint, str(path), header)
        pour(model, tensors, str(path))
        return model.eval()


def to_bytes(model: Classifier, *, half: bool = False, checksum: bool = True) -> bytes:
    """A model as the bytes of a checkpoint file; the same model always gives the same bytes.

    Args:
        model: The model; it may be on any device.
        half: Store float16, half the size; loading makes float32 of it again.
        checksum: Whether the file holds its own SHA-256.
    """
    tensors: dict[str, Tensor] = {}
    places: set[int] = set()
    for name, tensor in sorted(model.state_dict().items()):
        kept = (tensor.half() if half and tensor.is_floating_point() else tensor).detach().cpu().contiguous()
        place = kept.untyped_storage().data_ptr()
        # The format has no tensors that share their memory, as the tied layers of a person's own class do.
        tensors[name] = kept.clone() if place in places else kept
        places.add(place)
    # One entry only: safetensors writes several in an order that changes from process to process.
    record = model.blueprint.model_dump(mode="json")
    if not checksum:
        return save(tensors, metadata={_KEY: json.dumps(record, sort_keys=True)})
    return checksums.seal(save(tensors, metadata={_KEY: checksums.reserve(record)}))


def pour(model: Classifier, tensors: dict[str, Tensor], name: str) -> None:
    """Fill a model with weights whose names and shapes have been checked.

    Raises:
        WorkbenchError: A weight is NaN or infinite.
    """
    floats = sound_weights(tensors, model.state_dict(), name)
    model.logit_shift = floats.pop(_SHIFT, None)
    model.load_state_dict(floats | ({} if model.logit_shift is None else {_SHIFT: model.logit_shift}), assign=True)


def _entry(header: dict[str, Any]) -> str | None:
    """The metadata entry that describes the model; also under another name, where that is what is damaged."""
    metadata: dict[str, str] = header.get("__metadata__") or {}
    return metadata.get(_KEY) or next(filter(checksums.digest_in, metadata.values()), metadata.get(_KEY))


def _blueprint(entry: str | None, name: str) -> Blueprint:
    """What a metadata entry describes; its digest is no part of that. Raises WorkbenchError."""
    with suppress(ValueError, RecursionError):
        # What is no JSON object is refused in the words of whoever reads the description.
        entry = json.dumps(checksums.record_of(entry or ""))
    return parse_blueprint(entry or "", name)


def _skeleton(blueprint: Blueprint, name: str, header: dict[str, Any]) -> Classifier:
    """The model without memory, once the file's tensors are known to fit it exactly."""
    try:
        with torch.device("meta"), _its_class(name):
            model = Classifier(blueprint)
    except (RuntimeError, TypeError, OverflowError) as error:
        raise WorkbenchError(f"{name}: no model has the sizes it describes: {str(error).splitlines()[0]}") from None
    wanted = {key: list(tensor.shape) for key, tensor in model.state_dict().items()}
    if _SHIFT in header:
        wanted[_SHIFT] = [len(blueprint.classes)]
    given = {key: list(entry["shape"]) for key, entry in header.items() if key != "__metadata__"}
    rows = misfits(wanted, given)
    if rows:
        raise WorkbenchError(
            f"{name}: {len(rows)} of its tensors do not fit the {blueprint.architecture.kind} it says it is.",
            "The file was changed or mixed up; use the original.",
            "\n".join(rows),
        )
    return model


def _unbuilt(card: CheckpointCard, architecture: PythonClass, header: dict[str, Any]) -> CheckpointCard:
    """The card of a model that a person's own class makes, which is not run for it."""
    digest = digest_of(python_file(architecture))
    shapes = [entry["shape"] for name, entry in header.items() if name != "__metadata__"]
    needs = "" if is_agreed(digest) else "consent"
    return replace(card, parameters=sum(map(math.prod, shapes)), needs=needs, digest=digest)


@contextmanager
def _its_class(name: str) -> Iterator[None]:
    """What is wrong with the class of a checkpoint names the checkpoint too."""
    try:
        yield
    except CodeConsentNeededError as error:
        title = f"The tensors of {name} need their Python class. {error.title}"
        raise CodeConsentNeededError(error.path, error.digest, title, error.details) from None
    except WorkbenchError as error:
        title = f"The tensors of {name} cannot be used: {error.title}"
        raise WorkbenchError(title, error.hint, error.details) from None


def _header(path: Path) -> dict[str, Any] | None:
    """The JSON header of a safetensors file, None where there is none."""
    try:
        header = json.loads(header_of(path))
    except (OSError, ValueError, RecursionError):
        return None
    return header if isinstance(header, dict) and _is_sound(header) else None


def _is_sound(header: dict[str, Any]) -> bool:
    """Whether the metadata are texts and every tensor has a shape."""
    metadata = header.get("__metadata__", {})
    texts = isinstance(metadata, dict) and all(isinstance(value, str) for value in metadata.values())
    entries = [entry for name, entry in header.items() if name != "__metadata__"]
    shapes = [entry.get("shape") if isinstance(entry, dict) else None for entry in entries]
    return texts and all(isinstance(shape, list) and all(isinstance(n, int) for n in shape) for shape in shapes)


WORKBENCH_SAFETENSORS = WorkbenchSafetensors()
