"""Which known models a nameless set of tensors fits by its shapes, and which of them answers best on labelled data.

N examples.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.engine import checkpoints
from workbench.engine.checkpoints.checkpoint_format import Wanted
from workbench.engine.checkpoints.guessing import guess
from workbench.engine.checkpoints.matching import COUNTER
from workbench.engine.data import Examples
from workbench.engine.evaluating import logits_of
from workbench.engine.objectives import UNLABELLED
from workbench.errors import WorkbenchError
from workbench.recipe.models import Architecture, HuggingFaceConfig
from workbench.writing import disk_errors

Shapes = Mapping[str, Sequence[int]]
_INDEX = "index.json"


@dataclass(frozen=True)
class Candidate:
    """A model whose tensors have the same shapes: a proposal, since other models may have them too.

    Attributes:
        name: For a person.
        architecture: What a recipe says to pour the weights into it.
    """

    name: str
    architecture: Architecture


@dataclass(frozen=True)
class Score:
    """How a candidate answers on labelled examples.

    Attributes:
        candidate: Which.
        right: How many of the examples.
        examples: How many there were.
        problem: Why it could not be tried; empty where it could.
    """

    candidate: Candidate
    right: int
    examples: int
    problem: str = ""


def candidates(given: Shapes, families: Path) -> tuple[Candidate, ...]:
    """The known models that these tensors fit, the built-in ones first.

    Args:
        given: Shapes by name, in the file's order.
        families: The folder that packaging/make_families.py writes.

    Raises:
        WorkbenchError: The folder cannot be read.
    """
    found = []
    guessed = guess(given)
    if guessed is not None:
        found.append(Candidate(guessed.words, guessed.architecture))
    with disk_errors(families / _INDEX):
        index = json.loads((families / _INDEX).read_bytes())
    shapes = Counter(tuple(shape) for name, shape in given.items() if not _is_counter(name))
    for name, rows in index.items():
        body = Counter({tuple(shape): count for shape, count in rows})
        # What a file has besides the body may be a head; what it lacks of the body may not.
        if not body - shapes and _is_head(shapes - body):
            found.append(Candidate(name, HuggingFaceConfig(config=str(families / f"{name}.json"))))
    return tuple(found)


def try_candidates(found: Sequence[Candidate], path: Path, wanted: Wanted, examples: Examples) -> tuple[Score, ...]:
    """Each candidate with the file's weights on labelled examples, the best first.

    Args:
        found: From `candidates`.
        path: The file.
        wanted: What recipe and data say; its architecture is replaced.
        examples: With labels; unlabelled ones are passed over.

    Raises:
        WorkbenchError: No example has a label.
    """
    labelled = examples.take((examples.labels_N != UNLABELLED).nonzero().flatten())
    if not len(labelled):
        raise WorkbenchError("No example has a label, so candidates cannot be told apart.", "Give labelled data.")
    scores = [_tried(candidate, path, wanted, labelled) for candidate in found]
    return tuple(sorted(scores, key=lambda score: (bool(score.problem), -score.right)))


def _tried(candidate: Candidate, path: Path, wanted: Wanted, labelled: Examples) -> Score:
    said = replace(
        wanted,
        architecture=candidate.architecture,
        input_shape=tuple(labelled.inputs_NX.shape[1:]),
        classes=labelled.classes,
        traits=labelled.traits,
        new_head=False,
    )
    try:
        model = checkpoints.load(path, said)
        answers_N = logits_of(model, labelled.inputs_NX).argmax(1)
    except (WorkbenchError, RuntimeError, ValueError) as error:
        reason = error.title if isinstance(error, WorkbenchError) else str(error).partition("\n")[0]
        return Score(candidate, 0, len(labelled), reason)
    return Score(candidate, int((answers_N == labelled.labels_N).sum()), len(labelled))


def _is_counter(name: str) -> bool:
    return name.endswith((COUNTER, "position_ids"))


def _is_head(rest: Counter[tuple[int, ...]]) -> bool:
    """Whether what is left over is nothing, or up to two layers with as many answers."""
    answers = {shape[0] for shape in rest if shape}
    return len(answers) <= 1 and rest.total() <= 4 and all(len(shape) in (1, 2) for shape in rest)
