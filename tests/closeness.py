"""How far apart rounding alone may put two results of the same arithmetic."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

_MARGIN = 8


def rounding(scale: float, *, summands: int = 64, layers: int = 4, dtype: torch.dtype = torch.float32) -> float:
    """The largest difference between results that were only summed in another order, as on another processor.

    A sum of n numbers is off by about √n·ε times the largest of them (Higham and Mary, “A New Approach to Probabilistic
    Rounding Error Analysis”, 2019), and the errors of successive layers add up; eight times that is allowed.

    Args:
        scale: The largest magnitude of what is compared, or of what it was computed from where that is larger.
        summands: Length of the longest sum, such as the width of a layer.
        layers: How many such sums follow each other.
        dtype: The type computed in.
    """
    return _MARGIN * torch.finfo(dtype).eps * scale * layers * summands**0.5


def assert_close(actual: Any, expected: Any, *, scale: float = 0.0, summands: int = 64, layers: int = 4) -> None:
    """Require that only the rounding of float32 lies between two results.

    Args:
        actual: A tensor, an array, a list or a number.
        expected: The same from other code.
        scale: As of `rounding`; without it, the largest magnitude of what is expected.
        summands: As of `rounding`.
        layers: As of `rounding`.
    """
    found, wanted = _tensor(actual), _tensor(expected)
    tolerance = rounding(scale or float(wanted.abs().max()), summands=summands, layers=layers)
    torch.testing.assert_close(found, wanted, rtol=0, atol=tolerance)


def _tensor(numbers: Any) -> Tensor:
    given = numbers.detach() if isinstance(numbers, Tensor) else torch.from_numpy(np.array(numbers))
    return given.double()
