"""How a Hugging Face model wants its pictures: size and normalisation from preprocessor_config.json."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.engine.architectures.transformers_config import read_settings
from workbench.errors import WorkbenchError

PROCESSOR_FILE = "preprocessor_config.json"
_LARGEST_SIDE = 65_536


@dataclass(frozen=True)
class PictureProcessor:
    """What the file says.

    Attributes:
        size: Height and width; None where it does not say.
        mean: Subtracted from pixels of 0 to 1, one a channel; empty where it does not say.
        std: Divided by after that.
    """

    size: tuple[int, int] | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()


def read_processor(folder: Path) -> PictureProcessor:
    """The processor beside a model's config; an empty one where there is none.

    Raises:
        WorkbenchError: It names impossible numbers.
    """
    path = folder / PROCESSOR_FILE
    settings = read_settings(path)
    if settings is None:
        if path.exists():
            raise WorkbenchError(f"{path} is broken: it is no JSON object.", "Download it again, or take it away.")
        return PictureProcessor()
    try:
        mean, std = _normalisation(settings)
        return PictureProcessor(_final_size(settings), mean, std)
    except (TypeError, ValueError, OverflowError) as error:
        raise WorkbenchError(f"{path}: its size or normalisation is no such thing: {error}.") from None


def square_or_not(size: Any) -> tuple[int, int] | None:
    """Height and width, from a number, a pair, or an object of the two or of the shortest edge.

    Raises:
        TypeError: It holds no numbers.
        ValueError: A side is impossible.
    """
    if isinstance(size, dict):
        edge = size.get("shortest_edge")
        size = (size.get("height", edge), size.get("width", edge))
        if size == (None, None):
            return None
    if size is None:
        return None
    height, width = (int(side) for side in (size if isinstance(size, list | tuple) else (size, size)))
    if not (1 <= height <= _LARGEST_SIDE and 1 <= width <= _LARGEST_SIDE):
        raise ValueError(f"pictures of {height} × {width} pixels")
    return height, width


def _final_size(settings: dict[str, Any]) -> tuple[int, int] | None:
    """A crop comes after resizing, so it has the last word."""
    cropped = square_or_not(settings.get("crop_size")) if settings.get("do_center_crop", True) else None
    return cropped or (square_or_not(settings.get("size")) if settings.get("do_resize", True) else None)


def _normalisation(settings: dict[str, Any]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and std as of pixels from 0 to 1, whatever the processor makes of bytes before it normalises."""
    factor = float(settings.get("rescale_factor", 1 / 255)) if settings.get("do_rescale", True) else 1.0
    means, stds = settings.get("image_mean"), settings.get("image_std")
    if settings.get("do_normalize") is False:
        means, stds = 0.0, 1.0
    elif means is None or stds is None:
        return (), ()
    means, stds = _numbers(means), _numbers(stds)
    if len(means) != len(stds) or min(stds) <= 0 or factor <= 0:
        raise ValueError(f"{len(means)} means, {len(stds)} standard deviations from {min(stds):g}, factor {factor:g}")
    if str(settings.get("image_processor_type", "")).startswith("EfficientNet") and settings.get("include_top", True):
        # This family divides a second time.
        stds = tuple(std * std for std in stds)
    scale = 255 * factor
    return tuple(mean / scale for mean in means), tuple(std / scale for std in stds)


def _numbers(values: Any) -> tuple[float, ...]:
    numbers = tuple(float(value) for value in (values if isinstance(values, list) else [values]))
    if not numbers or not all(abs(number) < 1e9 for number in numbers):
        raise ValueError(f"the numbers {numbers}")
    return numbers
