"""Will a language model's training fit into memory? Models, training state, and one batch of the longest texts."""

import json
from collections.abc import Sequence

import torch

from workbench.engine.devices import free_bytes
from workbench.engine.language.model import LanguageModel
from workbench.events import Finding
from workbench.recipe import Recipe
from workbench.recipe.data import Conversations

# Copies of the weights an optimiser keeps beside weights and gradients.
_OPTIMISER_COPIES = {"sgd": 1, "adam": 2, "adamw": 2}
_GIB, _FLOAT = 2**30, 4
# Pieces of logits, with what scoring makes of them.
_SCORING = 256 * 2**20


def look_at_text_memory(
    recipe: Recipe, student: LanguageModel, teachers: Sequence[LanguageModel], device: torch.device
) -> tuple[Finding, ...]:
    """What is needed against what is free on the device."""
    assert isinstance(recipe.data, Conversations), "only they come here"
    weights = sum(model.parameter_count for model in (student, *teachers)) * _FLOAT
    trained = sum(parameter.numel() for parameter in student.parameters() if parameter.requires_grad)
    copies = max(_OPTIMISER_COPIES[stage.optimisation.optimiser] for stage in recipe.stages)
    batch = max(stage.inputs.batch_size for stage in recipe.stages)
    tokens = batch * recipe.data.max_length
    needed = weights + trained * _FLOAT * (1 + copies) + tokens * _activation_bytes(student) + _SCORING
    free = free_bytes(device)
    sentence = f"about {needed / _GIB:.2f} GiB needed at most, {free / _GIB:.1f} GiB free on {device}"
    if needed > free:
        # Texts are seldom as long as they may be, so this alone refuses nothing.
        fix = "Use a smaller batch_size or data.max_length, adapters (student.lora), or a smaller student."
        return (Finding(level="warning", title=f"Memory may not do: {sentence}.", fix=fix),)
    return (Finding(level="ok", title=f"Memory: {sentence}."),)


def _activation_bytes(student: LanguageModel) -> int:
    """What the backward pass needs of one token, from the sizes in the config."""
    config = json.loads(student.blueprint.config)
    width = int(config.get("hidden_size") or config.get("n_embd") or 0)
    layers = int(config.get("num_hidden_layers") or config.get("n_layer") or 0)
    inner = int(config.get("intermediate_size") or config.get("n_inner") or 4 * width)
    # Norms, projections and residuals of a layer, then what lies inside its feed-forward part.
    return layers * (12 * width + 4 * inner) * _FLOAT
