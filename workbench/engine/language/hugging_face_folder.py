"""Hugging Face folders of language models: config, weights in one file or in shards, tokenizer; never their code."""

from pathlib import Path
from typing import Any

import torch

from workbench.engine.architectures.transformers_config import as_json, config_of, longest_text, settings_of
from workbench.engine.checkpoints.filling import sound_weights
from workbench.engine.checkpoints.hugging_face_folder import (
    HuggingFaceFolder,
    config_beside,
    missing_weights,
    read_folder,
)
from workbench.engine.checkpoints.hugging_face_reading import tokenizer_of
from workbench.engine.checksums import check_sums
from workbench.engine.language.language_format import LanguageCard
from workbench.engine.language.model import LanguageBlueprint, LanguageModel
from workbench.engine.language.pouring import causal_class, poured, refuse_lacking, refuse_mute
from workbench.engine.language.tokenizer_files import read_tokenizer, refuse_more_tokens_than_rows, tokenizer_settings
from workbench.errors import WorkbenchError
from workbench.events import Finding

_ADAPTERS = "adapter_config.json"


class HuggingFaceLanguageFormat:
    """A folder as the transformers library saves it, or the config.json or the weights in it."""

    name = "Hugging Face folder"

    def recognises(self, path: Path) -> bool:
        """By a config that names a kind of model, or by adapters to one."""
        return config_beside(path) is not None or (path / _ADAPTERS).is_file()

    def inspect(self, path: Path) -> LanguageCard:
        """From the config and the headers of the weights."""
        folder = _folder(path)
        config = _config(folder)
        rows = folder.rows()
        return LanguageCard(
            path=str(path),
            format=self.name,
            architecture=causal_class(config, str(folder.config)).__name__,
            parameters=sum(torch.Size(row.shape).numel() for row in rows),
            bytes=sum(file.stat().st_size for file in folder.weights),
            vocabulary=int(getattr(config, "vocab_size", 0) or 0),
            layers=int(getattr(config, "num_hidden_layers", 0) or 0),
            width=int(getattr(config, "hidden_size", 0) or 0),
            context=longest_text(config) or 0,
            chat=_has_template(folder),
            tensors=rows,
            notes=_notes(folder),
        )

    def blueprint(self, path: Path) -> LanguageBlueprint:
        """From config and tokenizer; there may be no weights."""
        folder = _folder(path)
        return read_tokenizer(folder.path, as_json(settings_of(_config(folder))))

    def load(self, path: Path) -> LanguageModel:
        """Half-precision weights become float32."""
        folder = _folder(path)
        name = str(folder.path)
        if not folder.weights:
            raise missing_weights(folder.path)
        check_sums(folder.path)
        config = _config(folder)
        refuse_lacking(config, [row.shape for row in folder.rows()], name)
        blueprint = self.blueprint(path)
        model = LanguageModel(blueprint, poured(config, sound_weights(folder.tensors(), {}, name), name))
        refuse_more_tokens_than_rows(blueprint, model.vocabulary, name)
        refuse_mute(model.eval(), name)
        return model


def _folder(path: Path) -> HuggingFaceFolder:
    if config_beside(path) is None and (path / _ADAPTERS).is_file():
        raise WorkbenchError(
            f"{path} holds adapters to a model (LoRA), and not the model.",
            "Merge them into it first, by merge_and_unload() of the peft library, and name that folder.",
        )
    return read_folder(path)


def _config(folder: HuggingFaceFolder) -> Any:
    config = config_of(folder.settings, str(folder.config))
    causal_class(config, str(folder.config))
    return config


def _has_template(folder: HuggingFaceFolder) -> bool:
    """Whether it was made for conversations; no whole tokenizer is read for that."""
    return bool(tokenizer_settings(folder.path).get("chat_template"))


def _notes(folder: HuggingFaceFolder) -> tuple[Finding, ...]:
    notes = []
    if "auto_map" in folder.settings:
        title = "The config names Python code that came with the model (auto_map). It is not run."
        fix = "The library's own model of that kind is used; compare its answers with the original's."
        notes.append(Finding(level="warning", title=title, fix=fix))
    if not folder.weights:
        error = missing_weights(folder.path)
        notes.append(Finding(level="refusal", title=error.title, fix=error.hint))
    if tokenizer_of(folder) is None:
        title = "There is no tokenizer.json, so it can neither read nor write."
        notes.append(Finding(level="refusal", title=title, fix="Download the model's tokenizer files too."))
    return tuple(notes)


HUGGING_FACE_LANGUAGE = HuggingFaceLanguageFormat()
