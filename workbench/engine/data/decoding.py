"""One picture file as pixels of a wanted size: any format that Pillow reads, turned upright, its depth scaled."""

import re
import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

# Below the 89 million from which on Pillow itself speaks of bombs.
_MOST_PIXELS = 80_000_000
# What may begin other programs on what the file says, or reads something else than pictures.
_NOT_READ = ("EPS", "WMF", "MPEG", "PDF", "HDF5", "GRIB", "BUFR")
# What Pillow's readers say of files that break off or contradict themselves.
_BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, MemoryError, IndexError, KeyError, TypeError, AttributeError,
    OverflowError, ZeroDivisionError, RuntimeError, AssertionError, struct.error, zlib.error, Warning,
)  # fmt: skip
_ORIENTATION = 0x0112
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Form:
    """How pictures are wanted: channels (1 grey, 3 colours), height and width in pixels, and how they are fitted."""

    channels: int
    height: int
    width: int
    fit: Literal["crop", "stretch", "pad"]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one picture."""
        return self.channels, self.height, self.width

    @property
    def nbytes(self) -> int:
        """Of one picture."""
        return self.channels * self.height * self.width


@dataclass(frozen=True)
class Look:
    """What a picture's header says, once it is turned as its camera wants it."""

    height: int
    width: int
    is_grey: bool


@dataclass(frozen=True)
class Broken:
    """A file that cannot be used, and why, in words that follow its name."""

    reason: str


def quiet() -> None:
    """Let Pillow judge by exceptions alone; called before threads decode, since filters are shared by all of them."""
    from PIL import Image

    warnings.filterwarnings("ignore", module=r"PIL\.")
    # Icons hold other pictures, whose size Pillow alone sees before it decodes them.
    warnings.simplefilter("error", Image.DecompressionBombWarning)


@cache
def endings() -> frozenset[str]:
    """How the names of pictures end, in small letters with their dot."""
    from PIL import Image

    Image.init()
    return frozenset(ending.lower() for ending, kind in Image.EXTENSION.items() if kind in _formats())


def decode(path: str, form: Form) -> NDArray[np.uint8] | Broken:
    """A picture as bytes [channels, height, width]; the first of several frames, transparent parts over black."""

    def work(image: Any) -> NDArray[np.uint8]:
        from PIL import ImageOps

        # Large JPEGs are decoded at a fraction of their size, which must stay above what is wanted.
        image.draft(None, (2 * form.width, 2 * form.height))
        image.load()
        pixels = _fitted(_in_colours(ImageOps.exif_transpose(image), form.channels), form)
        array = np.asarray(pixels, np.uint8)
        return np.ascontiguousarray(array[None] if form.channels == 1 else array.transpose(2, 0, 1))

    return _with_image(path, work)


def look(path: str) -> Look | Broken:
    """What the header says; nothing is decoded."""

    def work(image: Any) -> Look:
        turned = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
        width, height = image.size[::-1] if turned else image.size
        return Look(height, width, image.mode in ("1", "L", "LA") or image.mode.startswith(("I", "F")))

    return _with_image(path, work)


def _with_image(path: str, work: Callable[[Any], _Found]) -> _Found | Broken:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=_formats()) as image:
            if image.width * image.height > _MOST_PIXELS:
                return Broken(
                    f"it says it is {image.width:,} × {image.height:,} pixels, and at most "
                    f"{_MOST_PIXELS // 1_000_000} million are read"
                )
            return work(image)
    except UnidentifiedImageError:
        return Broken("it is not a picture that can be read")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        size = re.search(r"\d+", str(error))
        pixels = f"{int(size[0]):,}" if size else "too many"
        return Broken(f"it says it has {pixels} pixels, and at most {_MOST_PIXELS // 1_000_000} million are read")
    except _BROKEN as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return Broken(f"it is broken: {reason}")


@cache
def _formats() -> tuple[str, ...]:
    from PIL import Image

    Image.init()
    return tuple(name for name in Image.ID if name not in _NOT_READ)


def _in_colours(image: Any, channels: int) -> Any:
    """Grey or colours in 8 bits."""
    from PIL import Image

    if image.mode.startswith(("I", "F")):
        image = Image.fromarray(_as_bytes(np.asarray(image), image.mode))
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", clear.size, (0, 0, 0, 255)), clear)
    return image.convert("L" if channels == 1 else "RGB")


def _as_bytes(values: NDArray[Any], mode: str) -> NDArray[np.uint8]:
    """16 bits scaled to 8, not cut; floats from 0 to 1, or from 0 to 255."""
    if mode.startswith("I"):
        if values.min(initial=0) < 0 or values.max(initial=0) > 65535:
            raise ValueError(f"its values run from {values.min()} to {values.max()}, and 0 to 65,535 are read")
        return np.asarray((values.astype(np.uint32) + 128) // 257, np.uint8)
    largest = float(values.max(initial=0))
    if not np.isfinite(values).all() or values.min(initial=0) < 0 or largest > 255:
        raise ValueError(f"its values run up to {largest:g}, and 0 to 1 or 0 to 255 are read")
    return np.asarray(np.rint(values * 255 if largest <= 1 else values), np.uint8)


def _fitted(image: Any, form: Form) -> Any:
    """At the wanted size; bilinear with antialiasing, as torchvision resizes."""
    from PIL import Image, ImageOps

    size = (form.width, form.height)
    if image.size == size:
        return image
    method = Image.Resampling.BILINEAR
    if form.fit == "stretch":
        return image.resize(size, method)
    if form.fit == "pad":
        return ImageOps.pad(image, size, method, color=0)
    return ImageOps.fit(image, size, method)
