"""Random changes to a batch of pictures, made on its own device from a generator of its own.

B pictures, C channels, H height, W width; X any input axes.
"""

import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad

from workbench.recipe.inputs import Augmentation


def augment(inputs_BX: Tensor, section: Augmentation, generator: torch.Generator) -> Tensor:
    """The batch with crop, flip, shift and noise applied, each example its own way; type and shape stay.

    Feature vectors know no shift, flip or crop; only noise touches them.
    """
    if inputs_BX.ndim == 4:
        if section.crop:
            inputs_BX = _crop(inputs_BX, section.crop, generator)
        if section.flip:
            inputs_BX = _flip(inputs_BX, generator)
        if section.shift:
            inputs_BX = _shift(inputs_BX, section.shift, generator)
    return _noise(inputs_BX, section.noise, generator) if section.noise else inputs_BX


def _shift(x_BCHW: Tensor, pixels: int, generator: torch.Generator) -> Tensor:
    """Each picture moved by up to `pixels` both ways; what comes in is 0."""
    batch, _, height, width = x_BCHW.shape
    offsets_B2 = torch.randint(0, 2 * pixels + 1, (batch, 2), generator=generator, device=x_BCHW.device)
    return _windows(pad(x_BCHW, (pixels,) * 4), offsets_B2, height, width)


def _crop(x_BCHW: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """A random square of each picture, scaled back to the full size; squares larger than the picture are cut."""
    batch, _, height, width = x_BCHW.shape
    tall, wide = min(side, height), min(side, width)
    random_B2 = torch.rand(batch, 2, generator=generator, device=x_BCHW.device)
    down_B, right_B = random_B2[:, 0] * (height - tall + 1), random_B2[:, 1] * (width - wide + 1)
    cropped = _windows(x_BCHW, torch.stack([down_B, right_B], dim=1).long(), tall, wide)
    scaled = interpolate(cropped.float(), size=(height, width), mode="bilinear", align_corners=False)
    return scaled.round().to(x_BCHW.dtype) if x_BCHW.dtype == torch.uint8 else scaled


def _flip(x_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    mirrored_B = torch.rand(x_BCHW.shape[0], generator=generator, device=x_BCHW.device) < 0.5
    return torch.where(mirrored_B[:, None, None, None], x_BCHW.flip(-1), x_BCHW)


def _noise(x_BX: Tensor, deviation: float, generator: torch.Generator) -> Tensor:
    """Gaussian noise; `deviation` counts in the 0–1 range of pixels, and as it is for floats."""
    noise = torch.randn(x_BX.shape, generator=generator, device=x_BX.device) * deviation
    if x_BX.dtype == torch.uint8:
        return (x_BX.float() + noise * 255).clamp_(0, 255).round_().to(torch.uint8)
    return x_BX + noise


def _windows(x_BCHW: Tensor, offsets_B2: Tensor, height: int, width: int) -> Tensor:
    """A window of height × width from each picture, its corner at the picture's own offset (down, right)."""
    batch = x_BCHW.shape[0]
    rows_BH = offsets_B2[:, :1] + torch.arange(height, device=x_BCHW.device)
    columns_BW = offsets_B2[:, 1:] + torch.arange(width, device=x_BCHW.device)
    pictures_B = torch.arange(batch, device=x_BCHW.device)
    # Indexing around the channel axis moves it last; permute brings it back.
    picked = x_BCHW[pictures_B[:, None, None], :, rows_BH[:, :, None], columns_BW[:, None, :]]
    return picked.permute(0, 3, 1, 2).contiguous()
