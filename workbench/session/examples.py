"""The recipes that come with the program, in the order in which they tell the story."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from workbench.session.places import resources_folder


@dataclass(frozen=True)
class Example:
    """A recipe on a card.

    Attributes:
        path: Its file.
        title: A few words.
        description: A sentence from the recipe.
    """

    path: Path
    title: str
    description: str


# What is not named here is how the teachers of the others were made.
_STORY = (
    ("hinton-mnist/student.toml", "A big network teaches a small one"),
    ("hinton-mnist/digit-3-omitted.toml", "Learn a digit you never saw"),
    ("hinton-mnist/three-percent-labels.toml", "Learn with 3 % of the labels"),
    ("hinton-mnist/ensemble-to-one.toml", "Five teachers, one student"),
    ("reasoning-addition/seq-kd.toml", "The teacher writes its reasoning, the student reads"),
    ("reasoning-addition/strong-to-weak.toml", "The student writes, and is corrected"),
)


def list_examples() -> list[Example]:
    """Every example whose file is there."""
    folder = resources_folder() / "examples"
    found = []
    for name, title in _STORY:
        path = folder / name
        if path.is_file():
            description = tomllib.loads(path.read_text(encoding="utf-8")).get("description", "")
            found.append(Example(path, title, description))
    return found
