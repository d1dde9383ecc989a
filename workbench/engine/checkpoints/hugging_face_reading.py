"""What a Hugging Face model reads: size and normalisation of its pictures, or the tokens of its texts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.engine.architectures.transformers_config import Task, longest_text, refuse_foreign_texts
from workbench.engine.checkpoints.checkpoint_format import Wanted
from workbench.engine.checkpoints.hugging_face_folder import HuggingFaceFolder
from workbench.engine.checkpoints.picture_processor import read_processor, square_or_not
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError
from workbench.plain_files import is_plain

TOKENIZER_FILE = "tokenizer.json"
_MOST_TOKENIZER_BYTES = 64 * 2**20
_USUAL_LENGTH = 128

# Their weights hold the position of every patch, so that no other size fits. All others slide, or interpolate.
_POSITIONED = (
    "beit",
    "clip",
    "data2vec-vision",
    "deit",
    "hiera",
    "ijepa",
    "levit",
    "metaclip_2",
    "pvt",
    "siglip",
    "vit",
    "vit_msn",
)


@dataclass(frozen=True)
class Reading:
    """What one input is.

    Attributes:
        input_shape: (channels, height, width) or (tokens,).
        mean: One a channel, of pixels from 0 to 1; empty for texts.
        std: The same.
        traits: Its kind.
    """

    input_shape: tuple[int, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    traits: Traits


def reading_of(folder: HuggingFaceFolder, config: Any, task: Task, wanted: Wanted) -> Reading:
    """What a model reads, as the signature, the file or else the data says.

    Changes the config where a picture's size shapes the weights, so that another size shows as a misfit.

    Raises:
        WorkbenchError: Nothing says it, or it contradicts itself.
    """
    if task == "text-classification":
        return _texts(folder, config, wanted)
    shape = card_shape(folder, config, task, wanted) or (wanted.input_shape if len(wanted.input_shape) == 3 else ())
    if not shape:
        raise WorkbenchError(
            f"{folder.path} does not say how large its pictures are, and neither does the data.",
            "Give signature.input_shape, such as 3, 224, 224.",
        )
    if len(shape) != 3 or shape[0] != _channels(config):
        raise WorkbenchError(
            f"{folder.path} reads pictures of {_channels(config)} channels, not inputs of "
            f"{' × '.join(map(str, shape))}.",
            "Give channels, height and width in signature.input_shape, or other data.",
        )
    if config.model_type in _POSITIONED:
        config.image_size = shape[1] if shape[1] == shape[2] else [shape[1], shape[2]]
    processor = read_processor(folder.path)
    mean = wanted.signature.mean or processor.mean or (0.0,)
    std = wanted.signature.std or processor.std or (1.0,)
    mean, std = _each(mean, shape[0], folder), _each(std, shape[0], folder)
    # Only the size and kind of the data is known to be a picture's: nothing of a text's traits belongs to it.
    return Reading(shape, mean, std, Traits())


def card_shape(folder: HuggingFaceFolder, config: Any, task: Task, wanted: Wanted) -> tuple[int, ...]:
    """One picture as the signature or the file says; empty for texts, whose length the data chooses."""
    if task == "text-classification":
        return ()
    if wanted.signature.input_shape:
        return wanted.signature.input_shape
    written = folder.settings.get("image_size")
    try:
        own = square_or_not(config.image_size if config.model_type in _POSITIONED else None)
        size = own or read_processor(folder.path).size or square_or_not(written)
    except (TypeError, ValueError) as error:
        raise WorkbenchError(f"{folder.config}: its image_size is {written}, which is no size: {error}.") from None
    return () if size is None else (_channels(config), *size)


def tokenizer_of(folder: HuggingFaceFolder) -> Path | None:
    """The file of the tokenizer, as the tokenizers library reads it; None where there is none."""
    path = folder.path / TOKENIZER_FILE
    return path if is_plain(path) and path.stat().st_size <= _MOST_TOKENIZER_BYTES else None


def _texts(folder: HuggingFaceFolder, config: Any, wanted: Wanted) -> Reading:
    traits = wanted.traits
    if traits.reads != "tokens":
        path = tokenizer_of(folder)
        tokenizer = path.read_text(encoding="utf-8", errors="replace") if path else ""
        traits = Traits(reads="tokens", tokenizer=tokenizer, pad=config.pad_token_id or 0)
    if config.pad_token_id is None:
        # Those that answer after the last token must know which tokens only fill up.
        config.pad_token_id = traits.pad
    longest = longest_text(config)
    usual = _USUAL_LENGTH if longest is None else min(_USUAL_LENGTH, longest)
    data_shape = wanted.input_shape if wanted.traits.reads == "tokens" else ()
    shape = wanted.signature.input_shape or data_shape or (usual,)
    if len(shape) != 1:
        raise WorkbenchError(f"{folder.path} reads texts: its signature.input_shape is one number of tokens.")
    refuse_foreign_texts(config, traits.tokenizer, shape[0], str(folder.path))
    return Reading(shape, (), (), traits)


def _channels(config: Any) -> int:
    return int(getattr(config, "num_channels", 3))


def _each(values: tuple[float, ...], channels: int, folder: HuggingFaceFolder) -> tuple[float, ...]:
    if len(values) not in (1, channels):
        raise WorkbenchError(
            f"{folder.path}: {len(values)} values of normalisation for pictures of {channels} channels.",
            "Give as many as channels in signature.mean and signature.std.",
        )
    return values * channels if len(values) == 1 else values
