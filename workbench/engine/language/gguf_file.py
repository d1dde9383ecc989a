"""GGUF files, as llama.cpp and Ollama keep models: read into plain float32 weights that can be trained and saved."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from workbench.engine.architectures.transformers_config import as_json, config_of, settings_of
from workbench.engine.checkpoints.filling import sound_weights
from workbench.engine.checkpoints.pickled_tensors import beginning_of
from workbench.engine.language.chat import Chat
from workbench.engine.language.gguf_header import MAGIC, GgufHeader, read_header
from workbench.engine.language.language_format import LanguageCard
from workbench.engine.language.model import LanguageBlueprint, LanguageModel
from workbench.engine.language.pouring import causal_class, first_line, poured, refuse_lacking, refuse_mute
from workbench.engine.language.quiet import quieten_library
from workbench.engine.language.tokenizer_files import refuse_more_tokens_than_rows
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.plain_files import refuse_unless_plain

_TEMPLATE = "tokenizer.chat_template"
_TOKENS = "tokenizer.ggml.tokens"
_PLAIN = ("F32", "F16", "BF16", "F64")
_MOST_LAYERS = 512


class GgufFormat:
    """One file with settings, tokenizer and weights, these mostly quantised."""

    name = "GGUF file"

    def recognises(self, path: Path) -> bool:
        """By its first four bytes."""
        return path.is_file() and beginning_of(path)[:4] == MAGIC

    def inspect(self, path: Path) -> LanguageCard:
        """From the header alone."""
        header = _header(path)
        notes = []
        if header.kind not in _PLAIN:
            title = f"Its weights are stored as {header.kind}; they become float32, and what was rounded away stays so."
            notes.append(Finding(level="ok", title=title))
        return LanguageCard(
            path=str(path),
            format=f"{self.name} ({header.kind})" if header.kind else self.name,
            architecture=str(header.values["general.architecture"]),
            parameters=sum(torch.Size(row.shape).numel() for row in header.tensors),
            bytes=path.stat().st_size,
            vocabulary=int(header.values.get(_TOKENS, 0) or 0),
            layers=header.setting("block_count"),
            width=header.setting("embedding_length"),
            context=header.setting("context_length"),
            chat=bool(header.values.get(_TEMPLATE)),
            tensors=header.tensors,
            notes=tuple(notes),
        )

    def blueprint(self, path: Path) -> LanguageBlueprint:
        """From the header alone."""
        _header(path)
        with _alone(path) as folder:
            return _blueprint(_config(folder, path), folder / path.name, path)

    def load(self, path: Path) -> LanguageModel:
        """Through the library's own reader, which knows how each family's tensors are laid out."""
        header = _header(path)
        name = str(path)
        with _alone(path) as folder:
            config = _config(folder, path)
            refuse_lacking(config, [row.shape for row in header.tensors], name)
            blueprint = _blueprint(config, folder / path.name, path)
            tensors = _tensors(folder, path, config)
        # Into a network of its own: the library's is marked as quantised, and would refuse to be trained or saved.
        model = LanguageModel(blueprint, poured(config, tensors, name))
        refuse_more_tokens_than_rows(blueprint, model.vocabulary, name)
        refuse_mute(model.eval(), name)
        return model


def _header(path: Path) -> GgufHeader:
    refuse_unless_plain(path)
    header = read_header(path)
    layers = header.setting("block_count")
    if layers > _MOST_LAYERS:
        raise WorkbenchError(f"{path} claims {layers:,} layers; more than {_MOST_LAYERS} no model has.")
    return header


@contextmanager
def _alone(path: Path) -> Iterator[Path]:
    """A folder with nothing but the file: the library would read configs, adapters and tokenizers beside it too."""
    with tempfile.TemporaryDirectory() as name:
        folder, link = Path(name), Path(name) / path.name
        for put in (os.symlink, os.link, shutil.copyfile):
            try:
                put(path.resolve(), link)
                break
            except OSError:
                # Not every system and every disk has links.
                continue
        yield folder


def _given(path: Path) -> dict[str, Any]:
    return {"gguf_file": path.name, "local_files_only": True, "trust_remote_code": False}


def _config(folder: Path, path: Path) -> Any:
    from transformers import AutoConfig

    try:
        quieten_library()
        settings = AutoConfig.from_pretrained(str(folder), **_given(path)).to_dict()
    except Exception as error:
        raise _unread(path, error) from None
    for marked in ("quantization_config", "_model_name_or_path"):
        settings.pop(marked, None)
    config = config_of(settings, str(path))
    causal_class(config, str(path))
    return config


def _tensors(folder: Path, path: Path, config: Any) -> dict[str, torch.Tensor]:
    """The weights by the library's names, float32."""
    from transformers import AutoModelForCausalLM

    try:
        quieten_library()
        with _no_bar():
            # With the config that is known already: reading it again takes seconds.
            network = AutoModelForCausalLM.from_pretrained(
                str(folder), config=config, dtype=torch.float32, **_given(path)
            )
    except Exception as error:
        raise _unread(path, error) from None
    found = network.state_dict()
    del network
    weights: dict[str, torch.Tensor] = {}
    while found:
        # One after the other, so that no second copy of all of them exists.
        name, tensor = found.popitem()
        weights |= sound_weights({name: tensor}, {}, str(path))
    return weights


@contextmanager
def _no_bar() -> Iterator[None]:
    """The library's reader of GGUF draws a progress bar that its settings do not reach."""
    from transformers import modeling_gguf_pytorch_utils as reader

    before = reader.tqdm
    reader.tqdm = lambda rows, **_: rows
    try:
        yield
    finally:
        reader.tqdm = before


def _blueprint(config: Any, file: Path, path: Path) -> LanguageBlueprint:
    """The tokenizer as the library rebuilds it from the file's tokens and merges."""
    from transformers import PreTrainedTokenizerFast
    from transformers.integrations.gguf import convert_gguf_tokenizer, get_gguf_tokenizer

    try:
        quieten_library()
        architecture, parts, settings = get_gguf_tokenizer(str(file))
        backend, _ = convert_gguf_tokenizer(architecture, parts)
        # As the library would save it, with what it puts around texts.
        whole: Any = PreTrainedTokenizerFast(tokenizer_object=backend, **settings)
    except Exception as error:
        raise _unread(path, error) from None
    known = {name: value for name, value in settings.items() if value is not None}
    named = ("bos_token_id", "eos_token_id", "pad_token_id")
    ends = {name: getattr(config, name) for name in named if getattr(config, name, None) is not None}
    blueprint = LanguageBlueprint(
        config=as_json(settings_of(config)),
        tokenizer=_without_additions(whole.backend_tokenizer.to_str(), len(parts["tokens"])),
        tokenizer_config=json.dumps(known),
        generation=json.dumps(ends) if ends else "",
    )
    Chat(blueprint, str(path)).refuse_endless_template()
    return blueprint


def _without_additions(tokenizer: str, entries: int) -> str:
    """Without the tokens that the library adds by habit behind those of the file: the model has no rows for them."""
    values = json.loads(tokenizer)
    values["added_tokens"] = [token for token in values["added_tokens"] if token["id"] < entries]
    return json.dumps(values, ensure_ascii=False)


def _unread(path: Path, error: Exception) -> WorkbenchError:
    """The reader, the tokenizer and the model have errors of their own, and GGUF says little of itself."""
    return WorkbenchError(
        f"{path} cannot be read as GGUF: {first_line(error)}",
        "The transformers library does not read every family from GGUF: use the model's Hugging Face folder.",
    )


GGUF = GgufFormat()
