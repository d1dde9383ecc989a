"""What an exported student takes and gives, for the graph, for those who feed it and in words.

B examples in a batch, N examples, X any input axes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import torch
from torch import Tensor

from workbench.engine.classifier import Classifier
from workbench.errors import WorkbenchError
from workbench.recipe.export import Export

INPUT = "input"

Takes: TypeAlias = Literal["bytes", "pixels", "features", "tokens"]

_FEED = {
    "bytes": "Pixels as they are in the file: bytes (uint8) from 0 to 255.",
    "pixels": "Pixels as float32 from 0 to 1: bytes divided by 255, and nothing else.",
    "features": "Raw feature values as float32, in the units of the training data, not normalised.",
    "tokens": "Texts as the numbers of their tokens (int64), cut or filled up to this length with the padding token.",
}

_LARGEST_TOKENIZER = 2 * 2**20
_TYPES = {"bytes": torch.uint8, "pixels": torch.float32, "features": torch.float32, "tokens": torch.int64}


@dataclass(frozen=True)
class Interface:
    """The contract of an exported file.

    Attributes:
        takes: What callers feed: bytes, pixels from 0 to 1, features as the data has them, or tokens of a text.
        shape: One input, without the batch axis.
        softmax: Whether the output is probabilities instead of logits.
        pad: The token that fills up short texts.
        tokenizer: Whether the file's metadata hold the tokenizer.
    """

    takes: Takes
    shape: tuple[int, ...]
    softmax: bool
    pad: int = 0
    tokenizer: bool = False

    @property
    def output(self) -> str:
        """The name of the output, which says what it is."""
        return "probabilities" if self.softmax else "logits"

    @property
    def dtype(self) -> torch.dtype:
        """The type of the graph's input."""
        return _TYPES[self.takes]

    @property
    def type_name(self) -> str:
        """The same, in ONNX's and numpy's word."""
        return str(self.dtype).removeprefix("torch.")

    @property
    def feed_sentence(self) -> str:
        """What to feed, in words."""
        return _FEED[self.takes]

    def feed(self, inputs_BX: Tensor) -> np.ndarray[Any, Any]:
        """Raw inputs as a caller of the file prepares them."""
        inputs_BX = inputs_BX.cpu()
        if self.takes == "tokens":
            return np.ascontiguousarray(inputs_BX.long().numpy())
        fed_BX = inputs_BX.float() / 255 if self.takes == "pixels" and inputs_BX.dtype == torch.uint8 else inputs_BX
        return np.ascontiguousarray(fed_BX.numpy())


def interface_of(model: Classifier, section: Export, inputs_NX: Tensor) -> Interface:
    """The contract that a recipe asks for, given the data that the model was made for.

    Raises:
        WorkbenchError: Bytes are asked for, but the data are not bytes.
    """
    are_bytes = inputs_NX.dtype == torch.uint8
    if section.input == "uint8" and not are_bytes:
        kind = str(inputs_NX.dtype).removeprefix("torch.")
        raise WorkbenchError(
            f'The recipe asks for an ONNX file that takes bytes (export.input = "uint8"), but the model was made for '
            f"numbers of type {kind}.",
            'Set export.input = "float".',
        )
    traits = model.blueprint.traits
    floats: Takes = "tokens" if traits.reads == "tokens" else "pixels" if are_bytes else "features"
    return Interface(
        takes="bytes" if section.input == "uint8" else floats,
        shape=model.blueprint.input_shape,
        softmax=section.softmax,
        pad=traits.pad,
        tokenizer=fits_metadata(traits.tokenizer),
    )


def fits_metadata(tokenizer: str) -> bool:
    """Whether a tokenizer is written into the file itself; large ones would swell small students."""
    return 0 < len(tokenizer.encode()) <= _LARGEST_TOKENIZER


def interface_from(metadata: Mapping[str, str]) -> Interface:
    """The contract that an exported file states in its metadata.

    Raises:
        KeyError: It is none of ours.
        ValueError: Its metadata are broken.
    """
    preprocessing = json.loads(metadata["preprocessing"])
    takes: dict[str, Takes] = {_FEED[kind]: kind for kind in get_args(Takes)}
    return Interface(
        takes=takes[preprocessing["feed"]],
        shape=tuple(json.loads(metadata["input_shape"])),
        softmax=metadata["output"] == "probabilities",
        pad=int(preprocessing.get("pad", 0)),
        tokenizer="tokenizer" in metadata,
    )
