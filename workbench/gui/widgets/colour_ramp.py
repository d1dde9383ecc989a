"""Colours between two colours, in steps that look equally far apart (Oklab, Ottosson 2020)."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

STEPS = 256

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def ramp(start: QColor, end: QColor) -> NDArray[np.uint32]:
    """256 colours as 0xffRRGGBB, from one to the other."""
    along = np.linspace(0, 1, STEPS)[:, None]
    lab = (1 - along) * _lab_of(start) + along * _lab_of(end)
    linear = (lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T
    linear = linear.clip(0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = np.rint(255 * encoded).astype(np.uint32).T
    packed: NDArray[np.uint32] = 0xFF000000 | (red << 16) | (green << 8) | blue
    return packed


def lightness(packed: int) -> float:
    """How light a colour looks, from 0 to 1."""
    return float(_lab_of(QColor.fromRgb(packed & 0xFFFFFF))[0])


def _lab_of(colour: QColor) -> NDArray[np.float64]:
    encoded = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    lab: NDArray[np.float64] = _TO_LAB @ np.cbrt(_TO_LMS @ linear)
    return lab
