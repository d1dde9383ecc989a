"""A new language model from the config of another one with changed sizes; it reads as the teacher does."""

import json
from typing import Any

from workbench.engine.architectures.transformers_config import (
    CONFIG_FILE,
    as_json,
    config_of,
    read_settings,
    settings_of,
)
from workbench.engine.language.model import LanguageBlueprint
from workbench.engine.language.pouring import causal_class
from workbench.engine.language.students.start import Needs, Start
from workbench.engine.language.tokenizer_files import read_tokenizer, tokens_in
from workbench.engine.starts.scaling import scale
from workbench.errors import WorkbenchError
from workbench.recipe.models import HuggingFaceConfig
from workbench.recipe.section import whole_name

_ENDS = ("bos_token_id", "eos_token_id", "pad_token_id")


def hugging_face_config(section: HuggingFaceConfig, needs: Needs) -> Start:
    """The config with the teacher's tokenizer; without a teacher, with the one that lies beside it.

    Raises:
        WorkbenchError: There is no config, it writes no text, or its sizes cannot be changed so.
    """
    path = whole_name(needs.folder, section.config)
    path = path / CONFIG_FILE if path.is_dir() else path
    settings = read_settings(path)
    if settings is None:
        raise WorkbenchError(f"{path} is no config of a Hugging Face model.", "Name its folder, or its config.json.")
    config = config_of(settings, str(path))
    causal_class(config, str(path))
    scale(config, section.layers, section.width, str(path))
    if not needs.teachers:
        own = read_tokenizer(path.parent, as_json(settings_of(config)))
        entries = max(tokens_in(own.tokenizer, str(path.parent)).values(), default=-1) + 1
        config.vocab_size = max(config.vocab_size, entries)
        return Start(own.model_copy(update={"config": as_json(settings_of(config))}))
    return Start(_as_the_teacher_reads(config, needs.teachers[0].blueprint, needs.teachers[0].vocabulary))


def _as_the_teacher_reads(config: Any, teacher: LanguageBlueprint, rows: int) -> LanguageBlueprint:
    of_teacher = json.loads(teacher.config)
    config.vocab_size = rows
    for name in _ENDS:
        setattr(config, name, of_teacher.get(name))
    return teacher.model_copy(update={"config": as_json(settings_of(config))})
