"""Some layers of the teacher, weights included: a student that starts from what the teacher knows."""

import json
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from workbench.engine.architectures import HuggingFace
from workbench.engine.architectures.transformers_config import as_json
from workbench.engine.classifier import Classifier
from workbench.engine.starts.start import Needs, Start
from workbench.errors import WorkbenchError
from workbench.recipe.models import TeacherLayers


def teacher_layers(section: TeacherLayers, needs: Needs) -> Start:
    """The first teacher with fewer layers: embeddings, head and the layers that are kept are copied.

    Raises:
        WorkbenchError: There is no teacher, it is no Hugging Face model, its layers are not alike, or one is named
            that it does not have.
    """
    teacher, network = _teacher_of(needs)
    architecture = teacher.blueprint.architecture
    assert isinstance(architecture, HuggingFace), "it was checked"
    config = network.config
    stack = stack_of(network, getattr(config, "num_hidden_layers", None))
    kept = kept_layers(section, config.num_hidden_layers)
    settings = json.loads(architecture.config)
    counted = settings_for(settings, config, kept)
    smaller = architecture.model_copy(update={"config": as_json(counted)})
    weights = renumbered(teacher.state_dict(), f"network.model.{stack}.", kept)
    return Start(teacher.blueprint.model_copy(update={"architecture": smaller}), weights)


def _teacher_of(needs: Needs) -> tuple[Classifier, Any]:
    """The teacher, and what transformers has made of it."""
    if needs.teachers is None:
        raise WorkbenchError(
            "A student of the teacher's layers needs a teacher, and none is loaded.",
            "Name a teacher in the recipe, or choose another architecture for the student.",
        )
    teacher = needs.teachers.models[0]
    kind = teacher.blueprint.architecture.kind
    if not isinstance(teacher.blueprint.architecture, HuggingFace):
        raise WorkbenchError(
            f"Layers can be taken from a Hugging Face model, and the first teacher is a {kind}.",
            "Choose another architecture for the student.",
        )
    return teacher, teacher.network.model


def stack_of(network: nn.Module, layers: object) -> str:
    """Where the layers lie: the one list of modules that is as long as the config says. Raises WorkbenchError."""
    lists: list[str] = [
        name
        for name, module in network.named_modules()
        if isinstance(module, nn.ModuleList) and len(module) == layers and _alike(module)
    ]
    if len(lists) != 1:
        raise WorkbenchError(
            f"A {type(network).__name__} has no single stack of equal layers to take some of.",
            "ViT and BERT and their relatives have one. Choose hugging_face_config with a smaller share of layers.",
        )
    return lists[0]


def _alike(layers: nn.ModuleList) -> bool:
    shapes = [[(name, tensor.shape) for name, tensor in layer.state_dict().items()] for layer in layers]
    return bool(shapes) and bool(shapes[0]) and all(each == shapes[0] for each in shapes)


def kept_layers(section: TeacherLayers, layers: int) -> list[int]:
    """The places of the layers that are kept, of so many. Raises WorkbenchError: one is named that is not there."""
    beyond = [place for place in section.keep if place >= layers]
    if beyond:
        raise WorkbenchError(
            f"The teacher has {layers} layers, counted from 0; there is no layer {beyond[0]} to keep.",
            f"Name others in student.architecture.keep, up to {layers - 1}.",
        )
    return sorted(set(section.keep)) or list(range(0, layers, section.every))


def settings_for(settings: dict[str, Any], config: Any, kept: list[int]) -> dict[str, Any]:
    """The config with so many layers; what it says of each layer goes with the layer."""
    layers = config.num_hidden_layers
    named = config.attribute_map.get("num_hidden_layers", "num_hidden_layers")
    each = {
        key: [value[place] for place in kept]
        for key, value in settings.items()
        if key.startswith("layer") and isinstance(value, list) and len(value) == layers
    }
    return settings | each | {named: len(kept)}


def renumbered(states: dict[str, Tensor], prefix: str, kept: Iterable[int]) -> dict[str, Tensor]:
    """The teacher's weights on the CPU, without the layers that are left out."""
    places = {str(place): str(new) for new, place in enumerate(kept)}
    weights = {}
    for name, tensor in states.items():
        if name.startswith(prefix):
            place, rest = name.removeprefix(prefix).split(".", 1)
            if place not in places:
                continue
            weights[f"{prefix}{places[place]}.{rest}"] = _copy(tensor)
        elif name.startswith("network."):
            weights[name] = _copy(tensor)
    return weights


def _copy(tensor: Tensor) -> Tensor:
    return tensor.detach().to(torch.device("cpu"), copy=True)
