"""Examples that are the same, number for number: within the training data, and on both sides of the split."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.engine.data.examples import Dataset, Examples
from workbench.engine.objectives import UNLABELLED
from workbench.engine.teacher_cache import item_keys

_CHUNK = 4096
_MOST_NAMED = 100


@dataclass(frozen=True)
class Duplicates:
    """How many examples are the same as another one, by content.

    Attributes:
        training: How many training examples there are.
        held_out: How many held-out examples there are.
        repeated: Training examples that only repeat an earlier one.
        contradicting: Training examples that repeat an earlier one under another label.
        overlap: Held-out examples that are in the training data too.
        overlapping: The first of these: their places among the held-out and among the training examples.
    """

    training: int
    held_out: int
    repeated: int
    contradicting: int
    overlap: int
    overlapping: tuple[tuple[int, int], ...]


def duplicates(dataset: Dataset, pulse: Callable[[str], None] = lambda _: None) -> Duplicates:
    """Compare every example with every other by a hash of its values.

    Args:
        dataset: Both sides.
        pulse: Hears how far it is; what it raises ends the work.
    """
    training, validation = dataset.training, dataset.validation
    labels = training.labels_N.tolist()
    first: dict[bytes, int] = {}
    repeated = contradicting = 0
    for place, key in enumerate(_keys(training, pulse)):
        earlier = first.setdefault(key, place)
        if earlier != place:
            repeated += 1
            contradicting += UNLABELLED not in (labels[place], labels[earlier]) and labels[place] != labels[earlier]
    both = [(place, first[key]) for place, key in enumerate(_keys(validation, pulse)) if key in first]
    return Duplicates(len(training), len(validation), repeated, contradicting, len(both), tuple(both[:_MOST_NAMED]))


def _keys(examples: Examples, pulse: Callable[[str], None]) -> list[bytes]:
    keys: list[bytes] = []
    for start in range(0, len(examples), _CHUNK):
        pulse(f"Comparing the examples: {start:,} of {len(examples):,}")
        keys += item_keys(examples.inputs_NX[start : start + _CHUNK])
    return keys
