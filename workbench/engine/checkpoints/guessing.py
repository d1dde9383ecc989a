"""The built-in architecture that a set of tensors comes from, by their names and shapes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from pydantic import ValidationError

from workbench.engine.architectures.convnet import convnet
from workbench.engine.architectures.mlp import mlp
from workbench.engine.architectures.resnet import resnet
from workbench.engine.checkpoints.matching import Match, match
from workbench.recipe.models import ConvNet, Mlp, ResNet

_MOST_LAYERS = 65
Shapes = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Guess:
    """An architecture that fits.

    Attributes:
        architecture: With its sizes.
        words: For a person.
        reads: How many numbers one input has, or its channels for pictures.
        input_shape: One input, as far as the shapes tell; empty where they do not.
        outputs: How many answers.
        found: Which tensor becomes which.
    """

    architecture: Mlp | ConvNet | ResNet
    words: str
    reads: int
    input_shape: tuple[int, ...]
    outputs: int
    found: Match


def guess(given: Shapes) -> Guess | None:
    """The first built-in architecture that takes exactly these tensors; None where none does."""
    try:
        return _as_mlp(given) or _as_resnet(given) or _as_convnet(given)
    except (ValidationError, RuntimeError, OverflowError):
        # The sizes are beyond what any architecture here may have.
        return None


def chain_of(given: Shapes) -> list[tuple[str, str]] | None:
    """The layers of a chain of matrices in their order, as names of weight and bias; None where there is no one chain.

    Args:
        given: Shapes by name.
    """
    weights = [name for name, shape in given.items() if len(shape) == 2]
    layers = {name: name[: -len("weight")] + "bias" for name in weights if name.endswith("weight")}
    biases = set(layers.values())
    if not layers or not len(layers) == len(weights) <= _MOST_LAYERS or set(given) != set(weights) | biases:
        return None
    if any(list(given[bias]) != [given[weight][0]] for weight, bias in layers.items()):
        return None
    if _chains(given, weights):
        return [(name, layers[name]) for name in weights]
    by_input = {given[name][1]: name for name in weights}
    starts = [name for name in weights if given[name][1] not in {given[other][0] for other in weights}]
    if len(by_input) != len(weights) or len(starts) != 1:
        return None
    ordered = starts
    while (following := by_input.get(given[ordered[-1]][0])) is not None and len(ordered) <= len(weights):
        ordered = [*ordered, following]
    return [(name, layers[name]) for name in ordered] if len(ordered) == len(weights) else None


def _chains(given: Shapes, weights: Sequence[str]) -> bool:
    return all(given[one][0] == given[other][1] for one, other in pairwise(weights))


def _as_mlp(given: Shapes) -> Guess | None:
    chain = chain_of(given)
    if chain is None:
        return None
    reads = given[chain[0][0]][1]
    outputs = [given[weight][0] for weight, _ in chain]
    architecture = Mlp(hidden=tuple(outputs[:-1]))
    with torch.device("meta"):
        ours = list(mlp(architecture, (reads,), outputs[-1]).state_dict())
    sources = dict(zip(ours, [name for layer in chain for name in layer], strict=True))
    words = f"mlp, {'–'.join(map(str, [reads, *outputs]))}"
    return Guess(architecture, words, reads, (), outputs[-1], Match(sources, by_order=list(sources.values()) != ours))


def _as_resnet(given: Shapes) -> Guess | None:
    convolutions = [shape for shape in given.values() if len(shape) == 4]
    heads = [shape for shape in given.values() if len(shape) == 2]
    blocks = sum(name.endswith(".conv1.weight") for name in given)
    if len(heads) != 1 or blocks % 3 or not blocks:
        return None
    architecture = ResNet(blocks=blocks // 3, width=convolutions[0][0])
    channels = convolutions[0][1]
    with torch.device("meta"):
        wanted = resnet(architecture, (channels, 32, 32), heads[0][0]).state_dict()
    found = match({name: tuple(tensor.shape) for name, tensor in wanted.items()}, given)
    words = f"resnet, {6 * architecture.blocks + 2} layers, width {architecture.width}"
    return None if found.rows else Guess(architecture, words, channels, (), heads[0][0], found)


def _as_convnet(given: Shapes) -> Guess | None:
    convolutions = [shape for shape in given.values() if len(shape) == 4]
    heads = [shape for shape in given.values() if len(shape) == 2]
    if len(heads) != 1 or not convolutions or len(convolutions) > 8:
        return None
    architecture = ConvNet(widths=tuple(shape[0] for shape in convolutions))
    channels, (outputs, flat) = convolutions[0][1], heads[0]
    side = math.isqrt(flat // architecture.widths[-1]) << len(convolutions)
    if not side:
        return None
    with torch.device("meta"):
        wanted = convnet(architecture, (channels, side, side), outputs).state_dict()
    found = match({name: tuple(tensor.shape) for name, tensor in wanted.items()}, given)
    words = f"convnet, widths {', '.join(map(str, architecture.widths))}"
    shape = (channels, side, side)
    return None if found.rows else Guess(architecture, words, channels, shape, outputs, found)
