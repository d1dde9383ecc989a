"""A model that is a program file: it answers, but it cannot be built anew or trained.

B examples in a batch, M examples in one call of the program, C classes, X any input axes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, TypeAlias

import torch
from torch import Tensor, nn

from workbench.errors import WorkbenchError
from workbench.recipe.section import Section

Layout: TypeAlias = Literal["as it is", "channels last", "reshaped"]


class FrozenProgram(Section):
    """Which program; its content is known by its digest, so that its answers can be kept.

    Attributes:
        format: Such as "ONNX".
        digest: From `workbench.consents.digest_of`; of all its files, where there are several.
        output: Which output holds the answer.
        normalises: Whether it normalises for itself, so that it takes inputs as the data has them.
    """

    kind: Literal["frozen_program"] = "frozen_program"
    format: str
    digest: str
    output: str = ""
    normalises: bool = False


def frozen_program(section: FrozenProgram, input_shape: tuple[int, ...], classes: int) -> NoReturn:
    """A program is loaded, never built. Raises WorkbenchError."""
    raise WorkbenchError(
        f"A model that is a {section.format} program cannot be built anew ({input_shape}, {classes} classes).",
        "It can be a teacher; take another architecture for the student.",
    )


@dataclass(frozen=True)
class Intake:
    """How a program wants its batches.

    Attributes:
        shape: One input as the program takes it.
        dtype: Of its input.
        layout: How inputs as the data has them become `shape`.
        least: The fewest inputs in one call; fewer are padded.
        most: The most inputs in one call; None where any number is taken.
    """

    shape: tuple[int, ...]
    dtype: torch.dtype = torch.float32
    layout: Layout = "as it is"
    least: int = 1
    most: int | None = None

    def fed(self, inputs_BX: Tensor) -> Tensor:
        """Inputs as a `Classifier` hands them on (pixels 0–1, features, tokens), in the program's type and layout."""
        if self.layout == "channels last":
            inputs_BX = inputs_BX.permute(0, 2, 3, 1)
        elif self.layout == "reshaped":
            inputs_BX = inputs_BX.reshape(-1, *self.shape)
        if inputs_BX.is_floating_point() and not self.dtype.is_floating_point:
            # A program that takes whole numbers of pictures takes their bytes.
            inputs_BX = (inputs_BX * 255 if inputs_BX.ndim == 4 else inputs_BX).round()
        return inputs_BX.to(self.dtype).contiguous()


class ProgramNetwork(nn.Module):
    """A program as a network without weights of its own: it runs on the CPU, and takes no gradients.

    Attributes:
        frozen_parameters: How many numbers the program holds.
    """

    def __init__(self, ask: Callable[[Tensor], Tensor], intake: Intake, frozen_parameters: int, name: str) -> None:
        """Take a program.

        Args:
            ask: Gives the answers [M, C] for a batch of M inputs on the CPU; what it raises is put into words.
            intake: How it wants its batches.
            frozen_parameters: How many numbers it holds.
            name: Its file, for messages.
        """
        super().__init__()
        self._ask = ask
        self._intake = intake
        self._name = name
        self.frozen_parameters = frozen_parameters

    def __deepcopy__(self, _: dict[int, Any]) -> "ProgramNetwork":
        # Nothing in it ever changes, and a session of ONNX Runtime cannot be copied.
        return ProgramNetwork(self._ask, self._intake, self.frozen_parameters, self._name)

    @torch.no_grad()
    def forward(self, inputs_BX: Tensor) -> Tensor:
        """The program's answers [B, C], on the device of the inputs. Raises WorkbenchError: it fails."""
        fed_BX = self._intake.fed(inputs_BX.cpu())
        size = self._intake.most or len(fed_BX)
        parts = [self._answers(fed_BX[start : start + size]) for start in range(0, len(fed_BX), size)]
        return torch.cat(parts).to(inputs_BX.device)

    def _answers(self, fed_MX: Tensor) -> Tensor:
        count = len(fed_MX)
        missing = self._intake.least - count
        if missing > 0:
            fed_MX = torch.cat([fed_MX, fed_MX[-1:].expand(missing, *fed_MX.shape[1:])])
        try:
            answers = self._ask(fed_MX)
        except WorkbenchError:
            raise
        except Exception as error:
            # Neither ONNX Runtime nor exported programs have a base class for what goes wrong in them.
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise WorkbenchError(
                f"{self._name} fails for {len(fed_MX)} inputs of {_shape(fed_MX)}, {_type(fed_MX)}: {reason}",
                "Look at what it reads; signature.input_shape can say it.",
                str(error),
            ) from None
        if answers.ndim < 2 or len(answers) != len(fed_MX):
            raise WorkbenchError(
                f"{self._name} gives an answer of the shape {tuple(answers.shape)} for {len(fed_MX)} inputs; a row of "
                "classes for each input is needed.",
                "Name another output in signature.output, if it has several.",
            )
        return answers[:count].reshape(count, -1)


def _shape(fed_MX: Tensor) -> str:
    return " × ".join(map(str, fed_MX.shape[1:]))


def _type(fed_MX: Tensor) -> str:
    return str(fed_MX.dtype).removeprefix("torch.")
