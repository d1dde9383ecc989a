"""A new model of the transformers library, from the config of another one with changed sizes."""

from pathlib import Path
from typing import Any

from workbench.engine.architectures import HuggingFace
from workbench.engine.architectures.pictures import channels_height_width
from workbench.engine.architectures.transformers_config import (
    CONFIG_FILE,
    as_json,
    config_of,
    read_settings,
    refuse_foreign_texts,
    settings_of,
    task_of,
)
from workbench.engine.starts.scaling import scale
from workbench.engine.starts.start import Needs, Start
from workbench.errors import WorkbenchError
from workbench.recipe.models import HuggingFaceConfig
from workbench.recipe.section import whole_name


def hugging_face_config(section: HuggingFaceConfig, needs: Needs) -> Start:
    """What a config comes to for these inputs and classes; its weights, where there are any, are not read.

    Raises:
        WorkbenchError: There is no config, it cannot be used, or it does not fit the data.
    """
    path = _config_file(whole_name(needs.folder, section.config))
    settings = read_settings(path)
    if settings is None:
        raise WorkbenchError(f"{path} is no config of a Hugging Face model.", "Name its folder, or its config.json.")
    config = config_of(settings, str(path))
    task = task_of(settings, str(path))
    scale(config, section.layers, section.width, str(path))
    config.id2label = dict(enumerate(needs.classes))
    config.label2id = {name: place for place, name in enumerate(needs.classes)}
    config.problem_type = None
    if task == "image-classification":
        _fit_pictures(config, needs, str(path))
    else:
        _fit_texts(config, needs, str(path))
    architecture = HuggingFace(task=task, config=as_json(settings_of(config)), pad=needs.statistics.traits.pad)
    return Start(needs.blueprint(architecture))


def _config_file(path: Path) -> Path:
    return path / CONFIG_FILE if path.is_dir() else path


def _fit_pictures(config: Any, needs: Needs, name: str) -> None:
    channels, height, width = channels_height_width(needs.statistics.shape, config.model_type)
    patch = getattr(config, "patch_size", None)
    if isinstance(patch, int) and patch > min(height, width):
        raise WorkbenchError(
            f"{name}: its patches are {patch} × {patch} pixels, and the pictures only {height} × {width}.",
            "Use larger pictures, or a config with a smaller patch_size.",
        )
    if hasattr(config, "num_channels"):
        config.num_channels = channels
    elif channels != 3:
        raise WorkbenchError(f"{name}: a {config.model_type} reads 3 channels, and the pictures have {channels}.")
    if hasattr(config, "image_size"):
        config.image_size = height if height == width else [height, width]


def _fit_texts(config: Any, needs: Needs, name: str) -> None:
    traits, shape = needs.statistics.traits, needs.statistics.shape
    if traits.reads != "tokens":
        raise WorkbenchError(
            f"{name}: a {config.model_type} reads texts, and the data is none.",
            "Use data of the kind text, or another architecture.",
        )
    config.pad_token_id = traits.pad
    refuse_foreign_texts(config, traits.tokenizer, shape[0], f"The {config.model_type} of {name}")
