"""A model with all it needs to answer for raw inputs: its network, its normalisation and its classes.

B examples in a batch, C classes, X any input axes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from pydantic import Field, TypeAdapter, ValidationError
from torch import Tensor, nn

from workbench.engine.architectures import ARCHITECTURES
from workbench.errors import WorkbenchError
from workbench.recipe.models import Architecture
from workbench.recipe.section import Section


class Blueprint(Section):
    """What must be known besides the weights to use a model again; kept in the checkpoint's metadata.

    Attributes:
        architecture: What to build.
        input_shape: One raw input: (channels, height, width) or (features,).
        classes: Names in the order of the logits.
        mean: Subtracted from raw inputs, one a channel or feature; for bytes, of the values scaled to 0–1.
        std: Divided by after that.
    """

    architecture: Architecture
    input_shape: tuple[int, ...] = Field(min_length=1, max_length=4)
    classes: tuple[str, ...] = Field(min_length=2)
    mean: tuple[float, ...]
    std: tuple[float, ...]


class Classifier(nn.Module):
    """Raw inputs to logits; normalises them itself, so that every model may want them differently."""

    def __init__(self, blueprint: Blueprint) -> None:
        super().__init__()
        self.blueprint = blueprint
        self.network = _build(blueprint)
        axes = (-1,) + (1,) * (len(blueprint.input_shape) - 1)
        mean = torch.tensor(blueprint.mean, device="cpu", dtype=torch.float64).reshape(axes)
        std = torch.tensor(blueprint.std, device="cpu", dtype=torch.float64).reshape(axes)
        # (x − mean) / std as one multiplication and addition: one pass over the batch instead of three. Kept out of
        # the state dict, since the blueprint already says them.
        self.register_buffer("scale", (1 / std).float(), persistent=False)
        self.register_buffer("byte_scale", (1 / (255 * std)).float(), persistent=False)
        self.register_buffer("offset", (-mean / std).float(), persistent=False)
        # Hinton §3: one constant a class, added where a class was missing from the transfer set.
        self.logit_shift: Tensor | None
        self.register_buffer("logit_shift", None)

    def forward(self, inputs_BX: Tensor) -> Tensor:
        """Logits [B, C] for raw inputs: bytes from 0 to 255, or floats as the data has them (0 to 1 for pixels)."""
        scale = cast(Tensor, self.byte_scale if inputs_BX.dtype == torch.uint8 else self.scale)
        normalised_BX = torch.addcmul(cast(Tensor, self.offset), inputs_BX.float(), scale)
        logits_BC: Tensor = self.network(normalised_BX)
        return logits_BC if self.logit_shift is None else logits_BC + self.logit_shift

    @property
    def parameter_count(self) -> int:
        """How many numbers are trained."""
        return sum(parameter.numel() for parameter in self.parameters())


@dataclass(frozen=True)
class InputStatistics:
    """What a set of inputs looks like: its shape, and mean and standard deviation a channel or feature."""

    shape: tuple[int, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]


def new_classifier(
    architecture: Architecture, statistics: InputStatistics, classes: tuple[str, ...], seed: int
) -> Classifier:
    """A freshly initialised model; the same seed gives the same weights, whatever else the process does."""
    blueprint = Blueprint(
        architecture=architecture,
        input_shape=statistics.shape,
        classes=classes,
        mean=statistics.mean,
        std=statistics.std,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Classifier(blueprint)


def measure(inputs_NX: Tensor) -> InputStatistics:
    """The statistics of raw inputs [N, X…], in chunks so that bytes are never blown up to floats at once.

    Constant channels or features get a standard deviation of 1, so that they become 0 and not NaN.
    """
    shape = tuple(inputs_NX.shape[1:])
    axes = (0, *range(2, inputs_NX.ndim))
    count = inputs_NX.shape[0] * (inputs_NX[0].numel() // shape[0])
    total = torch.zeros(shape[0], dtype=torch.float64)
    squares = torch.zeros(shape[0], dtype=torch.float64)
    for chunk in inputs_NX.split(4096):  # type: ignore[no-untyped-call]
        values = chunk.double() / 255 if chunk.dtype == torch.uint8 else chunk.double()
        total += values.sum(axes).cpu()
        squares += values.square().sum(axes).cpu()
    mean = total / count
    std = (squares / count - mean.square()).clamp_min(0).sqrt()
    # Below this share of the mean, what is left of the variance is rounding.
    std[std <= 1e-7 * mean.abs()] = 1.0
    # Rounded, so that a checkpoint's metadata reads well and every reader gets the same float32.
    return InputStatistics(shape, _rounded(mean), _rounded(std))


def parse_blueprint(text: str, name: str) -> Blueprint:
    """A blueprint from JSON.

    Raises:
        WorkbenchError: It says something impossible; the message names the file.
    """
    try:
        blueprint = TypeAdapter(Blueprint).validate_json(text)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        raise WorkbenchError(
            f"{name}: its description of the model is broken at “{where}”: {problem['msg']}."
        ) from None
    lengths = {len(blueprint.mean), len(blueprint.std), blueprint.input_shape[0]}
    if len(lengths) != 1 or min(blueprint.input_shape) < 1 or min(blueprint.std) <= 0:
        raise WorkbenchError(
            f"{name}: its description of the model contradicts itself: shape {blueprint.input_shape}, "
            f"{len(blueprint.mean)} means, {len(blueprint.std)} standard deviations."
        )
    return blueprint


def _rounded(values: Tensor) -> tuple[float, ...]:
    return tuple(float(f"{value:.7g}") for value in values.tolist())


_BUILDERS: dict[str, Callable[..., nn.Module]] = {build.__name__: build for build in ARCHITECTURES}


def _build(blueprint: Blueprint) -> nn.Module:
    build = _BUILDERS[blueprint.architecture.kind]
    return build(blueprint.architecture, blueprint.input_shape, len(blueprint.classes))
