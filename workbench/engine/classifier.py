"""A model with all it needs to answer for raw inputs: its network, its normalisation and its classes.

B examples in a batch, C classes, X any input axes.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Annotated, Literal, Self, TypeAlias, cast

import torch
from pydantic import Field, TypeAdapter, ValidationError
from torch import Tensor, nn

from workbench.engine.architectures import ARCHITECTURES, FrozenProgram, HuggingFace
from workbench.engine.architectures.dropout import SeededDropout, drawing_by
from workbench.engine.mapped import in_chunks
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError
from workbench.recipe.models import ConvNet, Mlp, PythonClass, ResNet
from workbench.recipe.section import Section

# What a recipe names is made into one of these: sizes are settled, and nothing else need be read.
Built: TypeAlias = Annotated[
    Mlp | ConvNet | ResNet | PythonClass | HuggingFace | FrozenProgram, Field(discriminator="kind")
]
_MOST_SIGMOID = 1e-6


class Blueprint(Section):
    """What must be known besides the weights to use a model again; kept in the checkpoint's metadata.

    Attributes:
        architecture: What to build.
        input_shape: One raw input: (channels, height, width), (features,) or (tokens,).
        classes: Names in the order of the logits.
        mean: Subtracted from raw inputs, one a channel or feature; for bytes, of the values scaled to 0–1. Empty for
            tokens.
        std: Divided by after that.
        traits: What the inputs are.
        answers: What the network gives; it is turned into logits.
        order: Which of the network's answers belongs to each class, where it has them in another order; empty
            where they agree.
    """

    architecture: Built
    input_shape: tuple[int, ...] = Field(min_length=1, max_length=4)
    classes: tuple[str, ...] = Field(min_length=2)
    mean: tuple[float, ...]
    std: tuple[float, ...]
    traits: Traits = Traits()
    answers: Literal["logits", "probabilities", "sigmoids"] = "logits"
    order: tuple[int, ...] = ()

    def in_order(self, classes: tuple[str, ...]) -> Self:
        """The same model with the same classes in another order."""
        before = self.order or tuple(range(len(self.classes)))
        order = tuple(before[self.classes.index(name)] for name in classes)
        return self.model_copy(update={"classes": classes, "order": order if order != tuple(sorted(order)) else ()})


class Classifier(nn.Module):
    """Raw inputs to logits; normalises them itself, so that every model may want them differently."""

    def __init__(self, blueprint: Blueprint, network: nn.Module | None = None) -> None:
        """Build the network, or take one that is there already."""
        super().__init__()
        self.blueprint = blueprint
        self.network = _build(blueprint) if network is None else network
        # Seeded by the training loop: code of a person's own draws from torch's own generator, as in nn.Dropout.
        self.draws = SeededDropout(0.0) if isinstance(blueprint.architecture, PythonClass) else None
        if blueprint.mean:
            self._make_normalisation(blueprint)
        # Kept out of the state dict, as the blueprint says it.
        order = torch.tensor(blueprint.order, device="cpu") if blueprint.order else None
        self.register_buffer("order", order, persistent=False)
        # Hinton §3: one constant a class, added where a class was missing from the transfer set.
        self.logit_shift: Tensor | None
        self.register_buffer("logit_shift", None)

    def _make_normalisation(self, blueprint: Blueprint) -> None:
        axes = (-1,) + (1,) * (len(blueprint.input_shape) - 1)
        mean = torch.tensor(blueprint.mean, device="cpu", dtype=torch.float64).reshape(axes)
        std = torch.tensor(blueprint.std, device="cpu", dtype=torch.float64).reshape(axes)
        # (x − mean) / std as one multiplication and addition: one pass over the batch instead of three. Kept out of
        # the state dict, since the blueprint already says them.
        self.register_buffer("scale", (1 / std).float(), persistent=False)
        self.register_buffer("byte_scale", (1 / (255 * std)).float(), persistent=False)
        self.register_buffer("offset", (-mean / std).float(), persistent=False)

    def forward(self, inputs_BX: Tensor) -> Tensor:
        """Logits [B, C] for raw inputs: bytes from 0 to 255, floats as the data has them (pixels 0 to 1), tokens."""
        with nullcontext() if self.draws is None else drawing_by(self.draws, inputs_BX.device):
            answers_BC = self.network(self._normalised(inputs_BX))
        logits_BC = _as_logits(answers_BC, self.blueprint.answers)
        order = self.order
        if order is not None:
            logits_BC = logits_BC.index_select(1, order)
        return logits_BC if self.logit_shift is None else logits_BC + self.logit_shift

    def _normalised(self, inputs_BX: Tensor) -> Tensor:
        if self.blueprint.traits.reads == "tokens":
            return inputs_BX.long()
        if not self.blueprint.mean:
            return inputs_BX.float()
        scale = cast(Tensor, self.byte_scale if inputs_BX.dtype == torch.uint8 else self.scale)
        return torch.addcmul(cast(Tensor, self.offset), inputs_BX.float(), scale)

    def train(self, mode: bool = True) -> Self:
        """As any network's, but batch norms that learn no statistics keep to those they have.

        With a momentum of 0, training by the statistics of each batch would drift away from what evaluating uses.
        """
        super().train(mode)
        for layer in self.modules():
            if isinstance(layer, nn.modules.batchnorm._BatchNorm) and layer.momentum == 0:
                layer.eval()
        return self

    def reorder(self, classes: tuple[str, ...]) -> None:
        """Answer for the same classes in another order."""
        places = [self.blueprint.classes.index(name) for name in classes]
        self.blueprint = self.blueprint.in_order(classes)
        order = self.blueprint.order
        self.order = torch.tensor(order) if order else None
        if self.logit_shift is not None:
            self.logit_shift = self.logit_shift[places]

    @property
    def parameter_count(self) -> int:
        """How many numbers are trained; of a program, how many it holds."""
        trained = sum(parameter.numel() for parameter in self.parameters())
        return trained or int(getattr(self.network, "frozen_parameters", 0))


@dataclass(frozen=True)
class InputStatistics:
    """What a set of inputs looks like: its shape, mean and standard deviation a channel or feature, and its kind."""

    shape: tuple[int, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    traits: Traits = field(default_factory=Traits)


def new_classifier(architecture: Built, statistics: InputStatistics, classes: tuple[str, ...], seed: int) -> Classifier:
    """A freshly initialised model; the same seed gives the same weights, whatever else the process does."""
    blueprint = Blueprint(
        architecture=architecture,
        input_shape=statistics.shape,
        classes=classes,
        mean=statistics.mean,
        std=statistics.std,
        traits=statistics.traits,
    )
    return seeded_classifier(blueprint, seed)


def seeded_classifier(blueprint: Blueprint, seed: int) -> Classifier:
    """A model with random weights; the same seed gives the same ones, whatever else the process does."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Classifier(blueprint)


def measure(inputs_NX: Tensor, traits: Traits | None = None) -> InputStatistics:
    """The statistics of raw inputs [N, X…], in chunks so that bytes are never blown up to floats at once.

    Constant channels or features get a standard deviation of 1, so that they become 0 and not NaN. Tokens have none.
    """
    shape = tuple(inputs_NX.shape[1:])
    traits = traits or Traits()
    if traits.reads == "tokens":
        return InputStatistics(shape, (), (), traits)
    count = inputs_NX.shape[0] * (inputs_NX[0].numel() // shape[0])
    total = torch.zeros(shape[0], dtype=torch.float64)
    squares = torch.zeros(shape[0], dtype=torch.float64)
    for chunk in in_chunks(inputs_NX, 4096):
        sums_C, squares_C = _sums(chunk)
        total += sums_C.cpu()
        squares += squares_C.cpu()
    mean = total / count
    std = (squares / count - mean.square()).clamp_min(0).sqrt()
    # Below this share of the mean, what is left of the variance is rounding.
    std[std <= 1e-7 * mean.abs()] = 1.0
    # Rounded, so that a checkpoint's metadata reads well and every reader gets the same float32.
    return InputStatistics(shape, _rounded(mean), _rounded(std), traits)


def _sums(inputs_NX: Tensor) -> tuple[Tensor, Tensor]:
    """The sums of values and of their squares, float64, one a channel or feature; bytes count from 0 to 1."""
    if inputs_NX.dtype == torch.uint8 and inputs_NX.ndim == 4:
        # Counting how often each byte occurs takes a fifth of the time of adding them up as floats.
        counts = [torch.bincount(row, minlength=256) for row in inputs_NX.transpose(0, 1).flatten(1)]
        values_256 = torch.arange(256, dtype=torch.float64, device=inputs_NX.device) / 255
        counts_C256 = torch.stack(counts).double()
        return counts_C256 @ values_256, counts_C256 @ values_256.square()
    values = inputs_NX.double() / 255 if inputs_NX.dtype == torch.uint8 else inputs_NX.double()
    axes = (0, *range(2, inputs_NX.ndim))
    return values.sum(axes), values.square().sum(axes)


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
    tokens = blueprint.traits.reads == "tokens"
    lengths = {len(blueprint.mean), len(blueprint.std), 0 if tokens else blueprint.input_shape[0]}
    out_of_order = bool(blueprint.order) and sorted(blueprint.order) != list(range(len(blueprint.classes)))
    if len(lengths) != 1 or min(blueprint.input_shape) < 1 or min(blueprint.std, default=1) <= 0 or out_of_order:
        raise WorkbenchError(
            f"{name}: its description of the model contradicts itself: shape {blueprint.input_shape}, "
            f"{len(blueprint.mean)} means, {len(blueprint.std)} standard deviations."
        )
    return blueprint


def _as_logits(answers_BC: Tensor, kind: str) -> Tensor:
    """What a network gives as logits; the smallest float and 1e-6 bound what would be infinite."""
    if kind == "probabilities":
        return answers_BC.float().clamp_min(torch.finfo(torch.float32).tiny).log()
    return answers_BC.float().logit(_MOST_SIGMOID) if kind == "sigmoids" else answers_BC


def _rounded(values: Tensor) -> tuple[float, ...]:
    return tuple(float(f"{value:.7g}") for value in values.tolist())


_BUILDERS: dict[str, Callable[..., nn.Module]] = {build.__name__: build for build in ARCHITECTURES}


def _build(blueprint: Blueprint) -> nn.Module:
    build = _BUILDERS[blueprint.architecture.kind]
    return build(blueprint.architecture, blueprint.input_shape, len(blueprint.classes))
