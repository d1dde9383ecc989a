"""Small pictures with known pixels, in folders that a test makes."""

from pathlib import Path

import numpy as np
from PIL import Image


def write_picture(path: Path, pixels: object, **options: object) -> Path:
    """A picture file from an array, or from a Pillow picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(np.asarray(pixels))
    image.save(path, **options)
    return path


def write_classes(folder: Path, counts: dict[str, int], *, side: int = 6, seed: int = 0) -> Path:
    """One folder a class with so many random colour pictures in it."""
    draws = np.random.default_rng(seed)
    for name, count in counts.items():
        for number in range(count):
            pixels = draws.integers(0, 256, (side, side, 3), dtype=np.uint8)
            write_picture(folder / name / f"{number}.png", pixels)
    return folder
