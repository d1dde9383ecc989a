"""Bare weights that do not say what they are: the known models they fit, tried on labelled data."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.recipe.data import Data
from workbench.recipe.models import Architecture, Signature
from workbench.session.jobs import Job
from workbench.session.places import cache_folder, resources_folder

if TYPE_CHECKING:
    from workbench.engine.checkpoints.candidates import Candidate, Score

_MOST_EXAMPLES = 512


@dataclass(frozen=True)
class Proposal:
    """A model that bare weights may belong to.

    Attributes:
        name: For a person.
        architecture: What to write into the recipe, if it is the one.
        right: How many examples it named rightly; None where it was not tried.
        examples: How many it was tried on.
        problem: Why it cannot be used; empty where it can.
    """

    name: str
    architecture: Architecture
    right: int | None = None
    examples: int = 0
    problem: str = ""


def proposals(path: Path) -> tuple[Proposal, ...]:
    """The known models whose tensors have the shapes of a file's, untried. Raises WorkbenchError."""
    return tuple(Proposal(one.name, one.architecture) for one in _candidates(path))


def tried_proposals(
    job: Job[Any], path: Path, data: Data, folder: Path, signature: Signature | None = None
) -> tuple[Proposal, ...]:
    """The same, tried on held-out examples, the best first; shapes alone do not tell models apart.

    Args:
        job: Told how far it is.
        path: The file.
        data: Where labelled examples lie.
        folder: What the data's file names count from.
        signature: What the recipe says of inputs and answers.

    Raises:
        WorkbenchError: A file cannot be used, or nothing is labelled.
    """
    import torch

    from workbench.engine.checkpoints import Wanted
    from workbench.engine.checkpoints.candidates import try_candidates
    from workbench.engine.data import Wishes, read_data

    found = _candidates(path)
    if not found:
        return ()
    job.say("Reading the data…")
    signature = signature or Signature()
    wishes = Wishes(signature.input_shape, cache_folder=cache_folder())
    examples = read_data(data, folder, wishes).validation
    examples = examples.take(torch.arange(min(len(examples), _MOST_EXAMPLES)))
    scores: list[Score] = []
    for place, candidate in enumerate(found):
        job.say(f"Trying {candidate.name}…", place / len(found))
        scores += try_candidates([candidate], path, Wanted(signature=signature, folder=folder), examples)
    scores.sort(key=lambda score: (bool(score.problem), -score.right))
    return tuple(
        Proposal(one.candidate.name, one.candidate.architecture, one.right, one.examples, one.problem) for one in scores
    )


def _candidates(path: Path) -> "tuple[Candidate, ...]":
    from workbench.engine import checkpoints
    from workbench.engine.checkpoints.candidates import candidates

    card = checkpoints.inspect(path)
    if not card.tensors:
        raise WorkbenchError(f"{path} is no set of bare weights but a {card.format}.", "Use it as it is.")
    return candidates({row.name: row.shape for row in card.tensors}, resources_folder() / "families")
