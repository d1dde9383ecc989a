"""Arrays that are whole files but cannot be learned from: labels, numbers, shapes and counts."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from malformed import good
from malformed.case import REFUSED, WARNED, Case

FAMILY = "labels and values"
_SECTION: dict[str, Any] = {"kind": "arrays", "file": "data.npz", "validation_fraction": 0.25}
# Where preflight refuses, it speaks of the data and not of a file.
_DATA = "data|input|label"
_NAMED = _SECTION | {"classes": ("a", "b", "c")}


def cases() -> Iterator[Case]:
    """By what is wrong with one of the two arrays."""
    for name, (changes, reason) in _ARRAYS.items():
        content = _npz(changes)
        yield Case(name, good.write("data.npz", content), "data", REFUSED, reason, _SECTION, _DATA)
    for name, (changes, reason) in _AGAINST_CLASSES.items():
        yield Case(name, good.write("data.npz", _npz(changes)), "data", REFUSED, reason, _NAMED)
    for name, (changes, reason) in _WORTH_A_WARNING.items():
        yield Case(name, good.write("data.npz", _npz(changes)), "data", WARNED, reason, _NAMED)
    missing = {"inputs": good.arrays()["inputs"]}
    for name, section in (
        ("no array of that name", {"inputs": "pictures"}),
        ("no labels to judge by", {"classes": ("a", "b")}),
    ):
        content = good.npz_of({f"{key}.npy": good.npy_of(value) for key, value in missing.items()})
        yield Case(
            name, good.write("data.npz", content), "data", REFUSED, "pictures|no label", _SECTION | section, _DATA
        )


def _npz(changes: dict[str, np.ndarray]) -> bytes:
    return good.npz(**changes)


def _with(value: float, kind: type = np.float32) -> np.ndarray:
    inputs = good.arrays()["inputs"].astype(kind)
    inputs[7, 2] = value
    return inputs


_COUNT = 30
_LABELS = good.arrays()["labels"]
_ARRAYS: dict[str, tuple[dict[str, np.ndarray], str]] = {
    "NaN in an input": (
        {"inputs": _with(float("nan"))},
        "1 of 30 examples hold NaN or infinity, the first is number 7",
    ),
    "infinity in an input": ({"inputs": _with(float("inf"))}, "NaN or infinity"),
    "a float64 beyond float32": ({"inputs": _with(1e300, np.float64)}, "NaN or infinity"),
    "NaN in every input": ({"inputs": np.full((_COUNT, 4), np.nan, np.float32)}, "30 of 30"),
    "complex inputs": ({"inputs": np.ones((_COUNT, 4), np.complex64)}, "complex|numbers"),
    "inputs that are texts": ({"inputs": np.full((_COUNT, 4), "text")}, "no numbers"),
    "inputs that are dates": ({"inputs": np.zeros((_COUNT, 4), "datetime64[s]")}, "no numbers"),
    "one number for inputs": ({"inputs": np.float32(1)}, "no examples"),
    "one axis for inputs": ({"inputs": np.ones(_COUNT, np.float32)}, "no examples"),
    "no examples": ({"inputs": np.ones((0, 4), np.float32), "labels": _LABELS[:0]}, "no examples"),
    "examples without values": ({"inputs": np.ones((_COUNT, 0), np.float32)}, "no examples"),
    "six axes": ({"inputs": np.ones((_COUNT, 1, 1, 2, 2, 2), np.float32)}, "5 axes"),
    "labels too few": ({"labels": _LABELS[:-1]}, "30 inputs but labels"),
    "labels with two axes": ({"labels": _LABELS[:, None]}, "30 inputs but labels"),
    "negative labels": ({"labels": _LABELS - 1}, "from -1"),
    "labels with fractions": ({"labels": _LABELS + 0.5}, "whole numbers"),
    "labels that are NaN": ({"labels": np.full(_COUNT, np.nan)}, "whole numbers"),
    "labels that are infinite": ({"labels": np.full(_COUNT, np.inf)}, "labels|whole|class"),
    "labels of 10^12": ({"labels": _LABELS + 10**12}, "million classes"),
    "labels of 2^63": ({"labels": np.full(_COUNT, 2**63, np.uint64)}, "label"),
    "labels that are texts": ({"labels": np.full(_COUNT, "yes")}, "no numbers"),
    "one class": ({"labels": _LABELS * 0}, "1 class"),
    "one example": ({"inputs": good.arrays(1)["inputs"], "labels": _LABELS[:1]}, "cannot be split"),
}
_AGAINST_CLASSES: dict[str, tuple[dict[str, np.ndarray], str]] = {
    "a label beyond the classes": ({"labels": _LABELS + 1}, "from 1 to 3"),
    "a label far beyond the classes": ({"labels": _LABELS + 500}, "502"),
}
_WORTH_A_WARNING: dict[str, tuple[dict[str, np.ndarray], str]] = {
    "a class without an example": ({"labels": _LABELS % 2}, "no held-out example"),
    "a class with one example": ({"labels": np.array([2] + [0, 1] * 14 + [0])}, "no held-out example"),
}
