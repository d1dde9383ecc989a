"""Pictures from anywhere, made into what a model was trained on; it takes time, so never on the window's thread.

H, W height and width in pixels, C channels; bytes from 0 to 255 throughout.
"""

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain

# LeCun's way with the NIST digits: 20 pixels for the longer side, in the middle of 28 by mass.
DIGIT_SHAPE = (1, 28, 28)
_DIGIT_SIDE = 20
_FRAME = 28
# Where the mass of MNIST's digits lies, in pixels counted from 0: measured, 14.0 ± 0.3 both ways.
_CENTRE = 14.0

# Fainter than this share of the brightest ink is paper.
_FAINT = 0.1
_MOST_PIXELS = 100_000_000
# Larger pictures are made smaller at once: no model here looks at more, and nobody waits for it.
_LONGEST_SIDE = 1024


def open_picture(path: Path) -> NDArray[np.uint8]:
    """A picture in any format that Pillow reads, as grey [H, W] or colours [H, W, 3]; the first of several frames.

    Raises:
        WorkbenchError: It cannot be read, is no picture, is broken or is far too large.
    """
    refuse_unless_plain(path)
    try:
        with Image.open(path, formats=_formats()) as image:
            _refuse_if_huge(image.size, path)
            image.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
            image.load()
            return as_array(ImageOps.exif_transpose(image))
    except UnidentifiedImageError:
        raise WorkbenchError(f"{path.name} is not a picture that can be read.", "Try PNG, JPEG or WebP.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise WorkbenchError(f"{path.name} is far too large to be tried here.", "Make it smaller first.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise WorkbenchError(f"{path.name} cannot be read: {reason}.", "Is the file whole?") from None
    except (
        ValueError, SyntaxError, EOFError, MemoryError, LookupError, TypeError, ArithmeticError, RuntimeError,
        AttributeError, AssertionError, struct.error, zlib.error,
    ) as error:  # fmt: skip
        # What Pillow's readers say of files that break off or contradict themselves.
        raise WorkbenchError(f"{path.name} is a broken picture: {error}.", "Is the file whole?") from None


def _formats() -> list[str]:
    """What Pillow reads by itself: for PostScript it would start another program, on whatever the file says."""
    Image.init()
    return [name for name in Image.ID if name != "EPS"]


def as_array(image: Image.Image) -> NDArray[np.uint8]:
    """Any Pillow picture as bytes: grey where it has no colours; transparent parts become paper."""
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image, dtype=np.float64)
        low, high = float(values.min()), float(values.max())
        image = Image.fromarray(np.uint8(255 * (values - low) / (high - low or 1.0)))
    if image.has_transparency_data:
        image = _on_paper(image.convert("RGBA"))
    is_grey = image.mode in ("1", "L", "LA")
    image = image.convert("L" if is_grey else "RGB")
    if max(image.size) > _LONGEST_SIDE:
        image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    return np.array(image, dtype=np.uint8)


def fit(picture: NDArray[np.uint8], shape: tuple[int, ...], *, like_mnist: bool) -> NDArray[np.uint8]:
    """A picture as the input of a model.

    Args:
        picture: Grey [H, W] or colours [H, W, 3].
        shape: What the model takes: (C, H, W).
        like_mnist: Whether to find the ink, and scale and centre it as MNIST's digits are; else the middle of the
            picture is scaled. A picture that has the right size already is left as it is either way.
    """
    channels, height, width = shape
    if picture.shape[:2] == (height, width):
        fitted = picture
    elif like_mnist and shape == DIGIT_SHAPE:
        return fit_digit(picture)[None]
    else:
        image = Image.fromarray(picture)
        fitted = np.asarray(ImageOps.fit(image, (width, height), Image.Resampling.BOX), dtype=np.uint8)
    return _with_channels(fitted, channels)


def fit_digit(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Drawn or photographed ink as MNIST has its digits: white on black, 20 pixels long, centred by mass in 28 × 28."""
    ink = _ink_of(picture)
    peak = float(ink.max())
    frame = np.zeros((_FRAME, _FRAME), dtype=np.uint8)
    if peak <= 0:
        return frame
    inked = ink > _FAINT * peak
    rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    crop = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = _DIGIT_SIDE / max(crop.shape)
    height, width = (max(round(side * scale), 1) for side in crop.shape)
    small = np.asarray(Image.fromarray(crop).resize((width, height), Image.Resampling.BICUBIC))
    digit = np.clip(small * (255 / max(float(small.max()), 1e-6)), 0, 255)
    top = _start(digit.sum(1), height)
    left = _start(digit.sum(0), width)
    frame[top : top + height, left : left + width] = np.uint8(np.rint(digit))
    return frame


def _start(mass: NDArray[np.float32], length: int) -> int:
    """Where a digit begins on one axis so that its mass lies in the middle, and all of it in the frame."""
    centre = float((mass * np.arange(length)).sum() / mass.sum())
    return int(np.clip(round(_CENTRE - centre), 0, _FRAME - length))


def _ink_of(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much ink lies where; dark ink on bright paper is turned round, and the paper taken away."""
    grey = np.asarray(Image.fromarray(picture).convert("L"), dtype=np.float32)
    border = np.concatenate((grey[0], grey[-1], grey[:, 0], grey[:, -1]))
    paper = float(np.median(border))
    ink: NDArray[np.float32] = paper - grey if paper > 127 else grey - paper
    return np.clip(ink, 0, None)


def _with_channels(picture: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    if channels == 1:
        return np.asarray(Image.fromarray(picture).convert("L"), dtype=np.uint8)[None]
    colours = np.asarray(Image.fromarray(picture).convert("RGB"), dtype=np.uint8).transpose(2, 0, 1)
    # Models of two, four and more channels see what there is, over and over.
    return np.ascontiguousarray(colours[np.arange(channels) % 3])


def _on_paper(image: Image.Image) -> Image.Image:
    """Bright ink on black, any other on white, so that it can be seen."""
    values = np.asarray(image, dtype=np.float64)
    opaque = values[..., 3] > 127
    bright = bool(opaque.any()) and float(values[..., :3][opaque].mean()) > 127
    paper = Image.new("RGBA", image.size, (0, 0, 0, 255) if bright else (255, 255, 255, 255))
    flat = Image.alpha_composite(paper, image).convert("RGB")
    pixels = np.asarray(flat)
    is_grey = bool((pixels == pixels[..., :1]).all())
    return flat.convert("L") if is_grey else flat


def _refuse_if_huge(size: tuple[int, int], path: Path) -> None:
    if size[0] * size[1] > _MOST_PIXELS:
        raise WorkbenchError(
            f"{path.name} is far too large to be tried here: {size[0]:,} × {size[1]:,} pixels, "
            f"and {_MOST_PIXELS:,} are the most.",
            "Make it smaller first.",
        )
