"""Low-rank adapters (Hu et al. 2021, LoRA) beside a network's own layers, in place; and merged into them at the end."""

import copy
from typing import Any, cast

import torch
from torch import nn

from workbench.engine.architectures.dropout import SeededDropout
from workbench.engine.language.model import LanguageModel
from workbench.errors import WorkbenchError
from workbench.recipe.models import Lora

_NAME = "default"
_SHOWN = 12


def add_adapters(model: LanguageModel, section: Lora, seed: int) -> None:
    """Put adapters beside linear layers; only they can be trained then, and at first they change no answer.

    Args:
        model: Changed in place.
        section: Their rank, scale and dropout, and beside which layers.
        seed: Of their weights.

    Raises:
        WorkbenchError: A named layer is not there, or is the head.
    """
    from peft import LoraConfig, inject_adapter_in_model
    from peft.tuners.lora import LoraLayer

    network: Any = model.network
    names = _chosen(_linear(network), section)
    turned = any(not isinstance(network.get_submodule(name), nn.Linear) for name in names)
    config = LoraConfig(
        r=section.rank,
        lora_alpha=section.scale,  # type: ignore[arg-type]  # whole numbers are a habit, not a need
        lora_dropout=0.0,
        target_modules=names,
        bias="none",
        fan_in_fan_out=turned,
    )
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            inject_adapter_in_model(config, network, adapter_name=_NAME)
    except (ValueError, TypeError) as error:
        raise WorkbenchError(
            f"A {type(network).__name__} takes no such adapters: {error}",
            "Name other layers in student.lora.layers, or train all weights.",
        ) from None
    for module in network.modules():
        if isinstance(module, LoraLayer) and section.dropout:
            # Draws that belong to the run alone, so that a resumed one repeats them.
            cast(Any, module).lora_dropout[_NAME] = SeededDropout(section.dropout)
    model.train(model.training)


def merged(model: LanguageModel) -> LanguageModel:
    """A plain model with the adapters added to its weights; without adapters the model itself. It is left as it was."""
    if not hasattr(model.network, "peft_config"):
        return model
    from peft.tuners.lora import LoraLayer

    network: Any = copy.deepcopy(model.network)
    for name, module in list(network.named_modules()):
        if isinstance(module, LoraLayer):
            cast(Any, module).merge()
            owner, _, last = name.rpartition(".")
            setattr(network.get_submodule(owner), last, module.get_base_layer())
    del network.peft_config
    plain = LanguageModel(model.blueprint, network.requires_grad_(True))
    return plain.train(model.training)


def _linear(network: Any) -> list[str]:
    """Whole names of all linear layers but the head."""
    from transformers.pytorch_utils import Conv1D

    head = network.get_output_embeddings()
    return [
        name
        for name, module in network.named_modules()
        if isinstance(module, (nn.Linear, Conv1D)) and module is not head
    ]


def _chosen(names: list[str], section: Lora) -> list[str]:
    known = sorted({name.rpartition(".")[2] for name in names})
    for wanted in section.layers:
        if not any(_is_called(name, wanted) for name in names):
            raise WorkbenchError(
                f"The student has no linear layer {wanted} that could get an adapter.",
                f"There are: {', '.join(known[:_SHOWN])}. The head over the vocabulary gets none.",
            )
    if not section.layers:
        return names
    return [name for name in names if any(_is_called(name, wanted) for wanted in section.layers)]


def _is_called(name: str, wanted: str) -> bool:
    return name == wanted or name.endswith(f".{wanted}")
