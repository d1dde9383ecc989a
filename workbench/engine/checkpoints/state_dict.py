"""Bare weights, safetensors or by torch.save, poured into the architecture that a recipe or their shapes name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from workbench.consents import digest_of, is_agreed
from workbench.engine.architectures.python_class import python_file
from workbench.engine.checkpoints.checkpoint_format import CheckpointCard, TensorRow, Wanted
from workbench.engine.checkpoints.families import family_of
from workbench.engine.checkpoints.guessing import Guess, guess
from workbench.engine.checkpoints.matching import COUNTER, Match, words_of
from workbench.engine.checkpoints.pickled_tensors import is_by_torch
from workbench.engine.checkpoints.settling import Settled, settle, unknown, whole_class
from workbench.engine.checkpoints.tensors_in_files import is_safetensors, tensors_by_torch, tensors_in_safetensors
from workbench.engine.checkpoints.unwrapping import Weights
from workbench.engine.checkpoints.workbench_safetensors import pour
from workbench.engine.classifier import Classifier, seeded_classifier
from workbench.events import Finding
from workbench.recipe.models import PythonClass
from workbench.writing import disk_errors


class _Reading(Protocol):
    def __call__(self, path: Path, *, values: bool, wanted: Wanted) -> Weights: ...


class StateDict:
    """Tensors by name, and nothing that says what they belong to."""

    def __init__(self, name: str, begins: "_Beginning", reading: _Reading) -> None:
        self.name = name
        self._begins = begins
        self._reading = reading

    def recognises(self, path: Path) -> bool:
        """By the file's beginning."""
        return path.is_file() and self._begins(path)

    def inspect(self, path: Path, wanted: Wanted) -> CheckpointCard:
        """From names and shapes; a Python class is not run for it."""
        weights = self._reading(path, values=False, wanted=wanted)
        given = _shapes(weights.tensors)
        with disk_errors(path):
            size = path.stat().st_size
        looked = _look(given, wanted, path)
        signature = wanted.signature
        return CheckpointCard(
            path=str(path),
            format=self.name,
            architecture=looked.words,
            parameters=sum(one.numel() for one in weights.tensors.values() if one.is_floating_point()),
            bytes=size,
            input_shape=signature.input_shape or looked.input_shape,
            classes=signature.classes or looked.classes,
            needs=looked.needs,
            digest=looked.digest,
            tensors=tuple(
                TensorRow(name, tuple(one.shape), str(one.dtype).removeprefix("torch."))
                for name, one in weights.tensors.items()
            ),
            notes=(*weights.notes, *looked.notes, *_said_of_neighbours(path), *_said_of_signature(wanted)),
        )

    def load(self, path: Path, wanted: Wanted) -> Classifier:
        """Names, shapes, types and values are checked; a layer that is made anew is seeded."""
        weights = self._reading(path, values=True, wanted=wanted)
        settled = settle(_shapes(weights.tensors), wanted, path)
        return _poured(settled, weights.tensors, wanted, path).eval()

    def weights(self, path: Path) -> Weights:
        """The tensors alone, for those who look for what they belong to. Raises WorkbenchError."""
        return self._reading(path, values=True, wanted=Wanted())


class _Beginning(Protocol):
    def __call__(self, path: Path, /) -> bool: ...


class _Looked:
    """What names and shapes tell, before anything is built with memory."""

    def __init__(self, words: str, *, needs: str = "", digest: str = "") -> None:
        self.words, self.needs, self.digest = words, needs, digest
        self.input_shape: tuple[int, ...] = ()
        self.classes: tuple[str, ...] = ()
        self.notes: tuple[Finding, ...] = ()


def _look(given: dict[str, tuple[int, ...]], wanted: Wanted, path: Path) -> _Looked:
    section = wanted.architecture
    if section is None:
        guessed = guess(given)
        return _look_unknown(given, path) if guessed is None else _look_guess(guessed)
    if isinstance(section, PythonClass):
        file = python_file(whole_class(section, wanted.folder))
        digest = digest_of(file)
        looked = _Looked(f"{section.name} of {file.name}", needs="" if is_agreed(digest) else "consent", digest=digest)
        looked.notes = (
            Finding(
                level="ok", title="Whether the tensors fit the class shows when it is loaded: its code is not run."
            ),
        )
        return looked
    looked = _Looked(section.kind)
    if wanted.signature.input_shape or wanted.input_shape:
        settled = settle(given, wanted, path)
        looked.notes = _findings(settled.found)
        looked.classes, looked.input_shape = settled.model.blueprint.classes, settled.model.blueprint.input_shape
    return looked


def _look_guess(guessed: Guess) -> _Looked:
    looked = _Looked(guessed.words)
    looked.input_shape = guessed.input_shape
    looked.classes = tuple(map(str, range(guessed.outputs)))
    guessed_by = "names and shapes" if not guessed.found.by_order else "shapes alone, with ReLU between its layers"
    looked.notes = (
        Finding(
            level="warning" if guessed.found.by_order else "ok",
            title=f"The file does not say what it is; by its {guessed_by} it is: {guessed.words}.",
            fix="If it is another one, name the architecture in the recipe.",
        ),
        *_findings(guessed.found),
    )
    return looked


def _look_unknown(given: dict[str, tuple[int, ...]], path: Path) -> _Looked:
    family = family_of(given)
    refusal = unknown(given, path)
    looked = _Looked(family.words if family else "unknown", needs="architecture")
    fix = f"To use it, {family.fix}." if family else refusal.hint
    looked.notes = (Finding(level="warning", title=refusal.title.partition(" Its names")[0], fix=fix),)
    return looked


def _findings(found: Match) -> tuple[Finding, ...]:
    return tuple(Finding(level=level, title=title, fix=fix) for level, title, fix in words_of(found))


def _said_of_neighbours(path: Path) -> Iterator[Finding]:
    if (path.parent / "config.json").is_file():
        yield Finding(level="ok", title="A config.json lies beside it.", fix="Open the folder instead of the file.")


def _said_of_signature(wanted: Wanted) -> Iterator[Finding]:
    if not wanted.signature.mean and wanted.traits.reads != "tokens":
        yield Finding(
            level="warning",
            title="Nothing says how its inputs are normalised; they are given as they are, bytes as 0 to 1.",
            fix="Add signature.mean and signature.std to the recipe, if it was trained on normalised inputs.",
        )


def _poured(settled: Settled, tensors: dict[str, Tensor], wanted: Wanted, path: Path) -> Classifier:
    blueprint, found = settled.model.blueprint, settled.found
    # A class of a person's own has its memory already; the others may hold what no file has, so they are made whole.
    is_own = isinstance(blueprint.architecture, PythonClass)
    model = settled.model if is_own else seeded_classifier(blueprint, wanted.seed)
    filled = {}
    for name, own in model.network.state_dict().items():
        if name in found.sources:
            filled[f"network.{name}"] = tensors[found.sources[name]]
        elif name in found.anew or name.endswith(COUNTER):
            filled[f"network.{name}"] = own
    with torch.no_grad():
        pour(model, filled, str(path))
    return model


def _shapes(tensors: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def _from_safetensors(path: Path, *, values: bool, wanted: Wanted) -> Weights:
    return tensors_in_safetensors(path, values=values)


def _from_torch(path: Path, *, values: bool, wanted: Wanted) -> Weights:
    return tensors_by_torch(path, values=values, role="student" if wanted.new_head else "teacher")


STATE_DICT = StateDict("state dict by torch.save", is_by_torch, _from_torch)
BARE_SAFETENSORS = StateDict("bare safetensors", is_safetensors, _from_safetensors)
