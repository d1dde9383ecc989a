"""The tokenizer in a folder, its chat template and its settings, as plain text; never its code."""

import json
from pathlib import Path
from typing import Any

from workbench.engine.architectures.transformers_config import read_settings
from workbench.engine.checkpoints.hugging_face_reading import TOKENIZER_FILE
from workbench.engine.language.chat import Chat
from workbench.engine.language.model import LanguageBlueprint
from workbench.engine.tokenizer_limits import refuse_limitless
from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain

_SETTINGS, _SPECIAL, _TEMPLATE = "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja"
_GENERATION = "generation_config.json"
_MOST_TOKENIZER_BYTES = 64 * 2**20
_MOST_TEMPLATE_BYTES = 2**20
_MOST_TOKENS = 16_000_000
_NAMES = ("bos_token", "eos_token", "unk_token", "pad_token")
_OLD = ("vocab.json", "vocab.txt", "tokenizer.model", "spiece.model")


def read_tokenizer(path: Path, config: str) -> LanguageBlueprint:
    """A blueprint with the tokenizer of a folder, or of a tokenizer.json.

    Args:
        path: The folder or the file.
        config: config.json of the model it is for; it names special tokens where the tokenizer does not.

    Raises:
        WorkbenchError: There is none, or it cannot be read.
    """
    file = path / TOKENIZER_FILE if path.is_dir() else path
    tokenizer = _text(file, _MOST_TOKENIZER_BYTES) if file.is_file() else ""
    if not tokenizer:
        raise _missing(file)
    _refuse_absurd(tokenizer, file)
    refuse_limitless(tokenizer, str(file))
    settings = tokenizer_settings(file.parent)
    generation = _sound_generation(read_settings(file.parent / _GENERATION) or {})
    blueprint = LanguageBlueprint(
        config=config,
        tokenizer=tokenizer,
        tokenizer_config=json.dumps(_with_end(settings, tokenizer, config, file)),
        generation=json.dumps(generation) if generation else "",
    )
    Chat(blueprint, str(file.parent)).refuse_endless_template()
    return blueprint


def tokens_in(tokenizer: str, name: str) -> dict[str, int]:
    """Every token with its number.

    Args:
        tokenizer: tokenizer.json.
        name: The file, for messages.

    Raises:
        WorkbenchError: It cannot be read.
    """
    from tokenizers import Tokenizer

    try:
        found: dict[str, int] = Tokenizer.from_str(tokenizer).get_vocab(with_added_tokens=True)
    except Exception as error:
        # The library raises plain Exceptions.
        raise WorkbenchError(f"{name} is no tokenizer: {error}.", "Copy or download it again.") from None
    return found


def refuse_more_tokens_than_rows(blueprint: LanguageBlueprint, rows: int, name: str) -> None:
    """Refuse a tokenizer with tokens the model has no row for. Raises WorkbenchError."""
    highest = max(tokens_in(blueprint.tokenizer, name).values(), default=-1)
    if highest >= rows:
        raise WorkbenchError(
            f"{name}: its tokenizer has a token {highest:,}, and the model only {rows:,} rows, counted from 0.",
            "Tokenizer and weights do not belong together; download the model again.",
        )


def tokenizer_settings(folder: Path) -> dict[str, Any]:
    """What the tokenizer in a folder says of itself, its chat template included. Raises WorkbenchError."""
    settings = read_settings(folder / _SETTINGS) or {}
    special = read_settings(folder / _SPECIAL) or {}
    settings |= {name: special[name] for name in _NAMES if special.get(name) and not settings.get(name)}
    template = folder / _TEMPLATE
    if template.is_file():
        settings["chat_template"] = _text(template, _MOST_TEMPLATE_BYTES)
    named = settings.get("chat_template")
    if isinstance(named, list):
        settings["chat_template"] = _default_of(named)
    elif not isinstance(named, str):
        settings.pop("chat_template", None)
    return settings


def _refuse_absurd(tokenizer: str, file: Path) -> None:
    """Numbers of tokens are places in a table: one far beyond all others would take all the memory there is."""
    try:
        values = json.loads(tokenizer)
        listed = values["model"].get("vocab") or {}
        places = [*(listed.values() if isinstance(listed, dict) else ()), *_added(values)]
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        raise WorkbenchError(f"{file} is no tokenizer.", "Copy or download it again.") from None
    if any(not isinstance(place, int) or not 0 <= place < _MOST_TOKENS for place in places):
        raise WorkbenchError(
            f"{file} numbers a token beyond {_MOST_TOKENS:,}, or by no number.", "Copy or download it again."
        )


def _added(values: dict[str, Any]) -> list[Any]:
    return [token["id"] for token in values.get("added_tokens") or ()]


def _sound_generation(settings: dict[str, Any]) -> dict[str, Any]:
    """Without ends that are no tokens' numbers."""
    named = settings.get("eos_token_id")
    ends = named if isinstance(named, list) else [named]
    sound = all(isinstance(end, int) and not isinstance(end, bool) for end in ends)
    return settings if sound else {name: value for name, value in settings.items() if name != "eos_token_id"}


def _default_of(templates: list[Any]) -> str:
    """Of several templates, the one for plain conversations."""
    found = {
        str(each["name"]): str(each["template"])
        for each in templates
        if isinstance(each, dict) and {"name", "template"} <= each.keys()
    }
    return found.get("default") or next(iter(found.values()), "")


def _with_end(settings: dict[str, Any], tokenizer: str, config: str, file: Path) -> dict[str, Any]:
    """With the token that ends a text, which some name in the config alone."""
    named = json.loads(config).get("eos_token_id")
    number = named[0] if isinstance(named, list) and named else named
    if settings.get("eos_token") or not isinstance(number, int):
        return settings
    token = {place: name for name, place in tokens_in(tokenizer, str(file)).items()}.get(number)
    return settings if token is None else settings | {"eos_token": token}


def _text(path: Path, most: int) -> str:
    refuse_unless_plain(path)
    try:
        if path.stat().st_size > most:
            raise WorkbenchError(f"{path} has {path.stat().st_size:,} bytes; more than {most:,} are not read.")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror or error}.") from None
    except ValueError:
        raise WorkbenchError(f"{path} is no text in UTF-8.", "Copy or download it again.") from None


def _missing(file: Path) -> WorkbenchError:
    old = [name for name in _OLD if (file.parent / name).exists()]
    if old:
        return WorkbenchError(
            f"{file.parent} has a tokenizer of an older form only ({old[0]}).",
            "Write a tokenizer.json beside it, by AutoTokenizer.from_pretrained(folder).save_pretrained(folder) "
            "of the transformers library.",
        )
    return WorkbenchError(
        f"{file.parent} has no tokenizer: there is no {TOKENIZER_FILE} in it.",
        "Download the model's tokenizer files into the same folder.",
    )
