"""Whatever a file is, somebody may name it for something else: every role that a file can be given, as a door."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter

from malformed import good
from malformed.case import Case
from malformed.doors import data_warnings, dialogue_warnings, look, picture, recipe, use, warnings_in
from workbench.engine import checkpoints
from workbench.engine.data import Examples, Wishes, read_data
from workbench.engine.data.by_content import held_out_examples
from workbench.engine.data.conversations import read_dialogues
from workbench.engine.loading import load_model
from workbench.recipe.data import Conversations, Data
from workbench.recipe.models import Mlp, Student
from workbench.session.run_folder import RunFolder

Door = Callable[[Case, Path, Path], list[str]]
_ROWS = Examples(torch.zeros(8, 4), torch.arange(8) % 3, ("a", "b", "c"))


def teacher(case: Case, path: Path, folder: Path) -> list[str]:
    """A checkpoint that says itself what it is: shown, then loaded."""
    notes = checkpoints.inspect(path).notes
    use(checkpoints.load(path))
    return warnings_in(notes)


def student(case: Case, path: Path, folder: Path) -> list[str]:
    """A checkpoint that a student starts from, as an architecture that the recipe names."""
    use(load_model(Student(checkpoint=str(path), architecture=Mlp(hidden=(6,))), folder, _ROWS))
    return []


def run(case: Case, path: Path, folder: Path) -> list[str]:
    """A run folder, opened."""
    found = RunFolder(path)
    found.facts()
    assert found.recipe is not None
    return []


def held_out(case: Case, path: Path, folder: Path) -> list[str]:
    """What a checkpoint is judged by, told by its content."""
    held_out_examples(path, None, ("a", "b", "c"), (4,))
    return []


def _data(**section: Any) -> Door:
    """A data section that names the file where "FILE" stands."""

    def door(case: Case, path: Path, folder: Path) -> list[str]:
        good.write("elsewhere/tokenizer.json", good.tokenizer())(folder.parent / "cache")
        tokenizer = folder.parent / "cache" / "elsewhere" / "tokenizer.json"
        # False for names that are too long, where `Path.is_dir` raises.
        folder_of = path if os.path.isdir(path) else path.parent  # noqa: PTH112
        words = {"FILE": str(path), "FOLDER": str(folder_of), "TOKENIZER": str(tokenizer)}
        named = {name: words.get(value, value) if isinstance(value, str) else value for name, value in section.items()}
        read: Any = TypeAdapter(Data).validate_python(named)
        if isinstance(read, Conversations):
            return dialogue_warnings(read_dialogues(read, folder))
        return data_warnings(read_data(read, folder, Wishes(cache_folder=folder.parent / "cache")))

    return door


ROLES: dict[str, Door] = {
    "dropped on the window": look,
    "as a teacher": teacher,
    "as a student": student,
    "as a recipe": recipe,
    "as a run": run,
    "as a picture to try": picture,
    "as held-out data": held_out,
    "as IDX": _data(kind="idx", images="FILE"),
    "as IDX labels": _data(kind="idx", images="FILE", labels="FILE"),
    "as arrays": _data(kind="arrays", file="FILE", validation_fraction=0.25),
    "as pictures": _data(kind="image_folder", folder="FOLDER", size=(8, 8), validation_fraction=0.25),
    "as a list of pictures": _data(kind="image_folder", folder="FOLDER", listing="FILE", size=(8, 8)),
    "as a table": _data(kind="table", file="FILE", validation_fraction=0.25),
    "as texts": _data(kind="text", file="FILE", tokenizer="TOKENIZER", max_length=8, validation_fraction=0.25),
    "as a tokenizer": _data(kind="text", file="FILE", tokenizer="FILE", max_length=8),
    "as sounds": _data(kind="audio", folder="FOLDER", validation_fraction=0.25),
    "as a list of sounds": _data(kind="audio", folder="FOLDER", listing="FILE"),
    "as conversations": _data(kind="conversations", file="FILE"),
    "as passages": _data(kind="conversations", file="FILE", plain_text="passages", skip_broken=True),
}
