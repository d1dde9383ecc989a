"""Configs of the transformers library, read as plain sizes: what would run code or fetch something is left out."""

import json
import re
from pathlib import Path
from typing import Any, Literal, TypeAlias

from workbench.errors import WorkbenchError
from workbench.plain_files import is_plain

Task: TypeAlias = Literal["image-classification", "text-classification"]

CONFIG_FILE = "config.json"
_MOST_BYTES = 16 * 2**20
_MOST_DEPTH = 16

# What counts parts that are built one after the other; more of them than this no model has, and building would not end.
_COUNTS = re.compile(r"^(?!.*_(size|dim|input)$).*(layer|depth|block|stage|expert|cell|repeat)")
_MOST_PARTS = 512
_MOST_SIZE = 2**31
_MOST_CLASSES = 1_000_000
# Each channel has a mean and a deviation of its own, whatever the weights say.
_MOST_OF = {"num_labels": _MOST_CLASSES, "num_channels": 65_536}

# Code of somebody else, kernels and weights from the net, what belongs to the machine that wrote the file, and the
# stages that a detector would take from a backbone.
_LEFT_OUT = re.compile(
    r"auto_map|custom_pipelines|_name_or_path|_commit_hash|transformers_version|_?(attn|experts)_implementation.*"
    r"|stage_names|_?out_features|_?out_indices|use_kernels|use_pretrained_backbone|use_timm_backbone|torch_dtype|dtype"
)

# Position 0 is not the first place of a text in these: their tables begin after the padding token.
_AFTER_PADDING = ("roberta", "camembert", "xmod", "data2vec-text", "mpnet", "longformer", "ibert")


def read_settings(path: Path) -> dict[str, Any] | None:
    """A JSON object of at most 16 MiB; None where the file holds no such thing."""
    try:
        if not is_plain(path) or path.stat().st_size > _MOST_BYTES:
            return None
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def as_json(settings: dict[str, Any]) -> str:
    """Settings as one text, the same for the same settings."""
    return json.dumps(settings, sort_keys=True, ensure_ascii=False)


def settings_of(config: Any) -> dict[str, Any]:
    """All that a config says of a model, defaults included: another version of the library may have others."""
    everything: dict[str, Any] = json.loads(json.dumps(config.to_dict()))
    return {key: value for key, value in everything.items() if not _LEFT_OUT.fullmatch(key)}


def config_of(settings: dict[str, Any], name: str) -> Any:
    """A config object of the transformers library.

    Args:
        settings: What config.json says.
        name: The file, for messages.

    Raises:
        WorkbenchError: It asks for code of its own, is of a kind the library does not know, is quantised, or names
            sizes that no model has.
    """
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    family = settings.get("model_type")
    if not isinstance(family, str) or family not in CONFIG_MAPPING:
        raise _unknown_family(settings, name)
    if settings.get("quantization_config"):
        raise WorkbenchError(
            f"{name}: this model is quantised; its weights are no plain numbers.",
            "Use the original, in full precision.",
        )
    _refuse_absurd(settings, name)
    clean = {key: value for key, value in settings.items() if not _LEFT_OUT.fullmatch(key)}
    try:
        return CONFIG_MAPPING[family].from_dict(clean)
    except Exception as error:
        # The library's configs raise whatever comes of a wrong value.
        raise WorkbenchError(f"{name}: no {family} has these settings: {_first_line(error)}") from None


def task_of(settings: dict[str, Any], name: str) -> Task:
    """What a family of models can classify. Raises WorkbenchError: neither pictures nor texts."""
    from transformers.models.auto import modeling_auto

    family = settings.get("model_type", "")
    if family in modeling_auto.MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES:
        return "image-classification"
    if family in modeling_auto.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES:
        return "text-classification"
    raise WorkbenchError(
        f"{name}: models of the kind {family} classify neither pictures nor texts.",
        "Use a model for image classification or for text (sequence) classification.",
    )


def refuse_foreign_texts(config: Any, tokenizer: str, length: int, name: str) -> None:
    """Refuse texts that are longer than a model reads, or made of tokens that it does not know.

    Args:
        config: Of the model.
        tokenizer: The JSON of the tokenizers library; empty where it is not known.
        length: Tokens of a text.
        name: The model, for messages.

    Raises:
        WorkbenchError: They do not fit.
    """
    most = longest_text(config)
    if most is not None and length > most:
        raise WorkbenchError(
            f"{name} reads texts of up to {most:,} tokens, and those of the data have {length:,}.",
            f"Set data.max_length to {most:,} or less.",
        )
    known = getattr(config, "vocab_size", None)
    tokens = _vocabulary(tokenizer)
    if isinstance(known, int) and tokens > known:
        raise WorkbenchError(
            f"{name} knows {known:,} tokens, and the tokenizer of the data has {tokens:,}.",
            "Use the tokenizer that belongs to the model: leave data.tokenizer empty.",
        )


def longest_text(config: Any) -> int | None:
    """The most tokens that a model reads at once; None where it has no limit."""
    most = getattr(config, "max_position_embeddings", None)
    if not isinstance(most, int) or most < 1:
        return None
    if any(family in config.model_type for family in _AFTER_PADDING):
        most -= (config.pad_token_id or 0) + 1
    return most


def _vocabulary(tokenizer: str) -> int:
    if not tokenizer:
        return 0
    from tokenizers import Tokenizer

    try:
        return max(Tokenizer.from_str(tokenizer).get_vocab(with_added_tokens=True).values(), default=-1) + 1
    except Exception as error:
        # The library raises plain Exceptions.
        raise WorkbenchError(f"The tokenizer cannot be read: {_first_line(error)}") from None


def _unknown_family(settings: dict[str, Any], name: str) -> WorkbenchError:
    import transformers

    family = settings.get("model_type")
    if "auto_map" in settings:
        return WorkbenchError(
            f"{name} asks to run Python code that came with the model (auto_map), and this program never does.",
            "Use a model that the transformers library knows by itself, or export this one to ONNX where you trust it.",
        )
    return WorkbenchError(
        f"{name}: transformers {transformers.__version__} knows no models of the kind {family!r}.",
        "Use another model, or a newer version of transformers.",
    )


def _refuse_absurd(value: Any, name: str, key: str = "", depth: int = 0) -> None:
    """No size may be so large that building the model would not end, or would take the machine down."""
    if depth > _MOST_DEPTH:
        raise WorkbenchError(f"{name}: its settings are nested more than {_MOST_DEPTH} deep at “{key}”.")
    if isinstance(value, dict):
        for inner, part in value.items():
            _refuse_absurd(part, name, str(inner), depth + 1)
    elif isinstance(value, list):
        _refuse_long(value, name, key)
        for part in value:
            _refuse_absurd(part, name, key, depth + 1)
    elif isinstance(value, int) and not isinstance(value, bool):
        most = _MOST_OF.get(key, _MOST_PARTS if _COUNTS.search(key) else _MOST_SIZE)
        if abs(value) > most:
            raise WorkbenchError(f"{name}: {key} is {value:,}; more than {most:,} no model has.")


def _refuse_long(values: list[Any], name: str, key: str) -> None:
    total = sum(value for value in values if isinstance(value, int))
    if _COUNTS.search(key) and (len(values) > _MOST_PARTS or total > _MOST_PARTS * 8):
        raise WorkbenchError(f"{name}: {key} lists {len(values):,} parts of {total:,} in all; no model has as many.")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
