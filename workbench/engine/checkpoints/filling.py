"""Weights from a file, checked before a model takes them: names and shapes first, then types and values."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from workbench.errors import WorkbenchError


def misfits(wanted: Mapping[str, Sequence[int]], given: Mapping[str, Sequence[int]]) -> list[str]:
    """What does not fit between a model's tensors and a file's, by name and shape: one row each."""
    rows = [f"  missing     {key}  {list(wanted[key])}" for key in wanted.keys() - given.keys()]
    rows += [f"  unexpected  {key}  {list(given[key])}" for key in given.keys() - wanted.keys()]
    rows += [
        f"  mismatched  {key}  {list(given[key])} in the file, {list(wanted[key])} by the architecture"
        for key in wanted.keys() & given.keys()
        if list(wanted[key]) != list(given[key])
    ]
    return sorted(rows)


def sound_weights(tensors: Mapping[str, Tensor], states: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """A file's tensors as a model keeps them: floating ones as float32, in memory of their own.

    Args:
        tensors: By the model's names.
        states: The model's own, for their types; one that is not among them must be floating.
        name: The file, for messages.

    Raises:
        WorkbenchError: A tensor is of another kind than the model's, or holds NaN or infinity.
    """
    for key, value in tensors.items():
        floating = key not in states or states[key].is_floating_point()
        if value.is_floating_point() != floating or value.is_complex():
            raise WorkbenchError(f"{name}: the tensor {key} holds numbers of the type {value.dtype}.")
    # Copies of our own: a view into the file's buffer may be aligned differently from run to run, and kernels
    # may then round differently.
    sound = {
        key: value.to(torch.float32 if value.is_floating_point() else value.dtype, copy=True)
        for key, value in tensors.items()
    }
    broken = [key for key, value in sound.items() if not torch.isfinite(value).all()]
    if broken:
        raise WorkbenchError(
            f"{name}: {len(broken)} of {len(sound)} tensors hold NaN or infinity, the first is {broken[0]}.",
            "The training that made it went wrong; use an earlier checkpoint.",
        )
    return sound
