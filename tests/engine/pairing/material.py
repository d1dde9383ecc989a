"""Small data that speak for nothing in particular."""

import torch

from workbench.engine.classifier import InputStatistics, new_classifier
from workbench.engine.data import Dataset, Examples
from workbench.recipe.models import Mlp


def examples(count=12, shape=(4,), classes=("0", "1", "2"), labels=None, seed=0, **more) -> Examples:
    """Numbers that are all different, three classes by turns."""
    labels_N = torch.arange(count) % len(classes) if labels is None else torch.tensor(labels)
    inputs_NX = torch.rand(count, *shape, generator=torch.Generator().manual_seed(seed))
    return Examples(inputs_NX, labels_N, classes, **more)


def dataset(**changes) -> Dataset:
    """Two parts of the same kind, no example in both."""
    return Dataset(examples(**changes), examples(**({"seed": 1} | changes)))


def only(findings, level):
    """The single finding, of this level."""
    (finding,) = findings
    assert finding.level == level
    return finding


def of_level(findings, level):
    """The findings of this level."""
    return [finding for finding in findings if finding.level == level]


def with_classes(*names):
    """A model that reads the data, with classes of these names."""
    return new_classifier(Mlp(hidden=()), InputStatistics((4,), (0.5,) * 4, (2.0,) * 4), names, 0)
