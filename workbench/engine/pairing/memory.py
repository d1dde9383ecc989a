"""Will it all fit into memory? Models, training state, one batch, the data and the teacher's kept answers.

N examples, K teachers, C classes.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from workbench.engine.classifier import Classifier
from workbench.engine.data import Dataset
from workbench.engine.devices import free_bytes
from workbench.engine.mapped import is_mapped
from workbench.events import Finding
from workbench.recipe import Recipe

# Copies of the weights an optimiser keeps beside weights and gradients.
_OPTIMISER_COPIES = {"sgd": 1, "adam": 2, "adamw": 2}
_GIB = 2**30
_FLOAT = 4


def look_at_memory(
    recipe: Recipe, dataset: Dataset, models: Sequence[Classifier], device: torch.device
) -> tuple[Finding, ...]:
    """What is needed against what is free on the device.

    Args:
        recipe: For optimisers and batch sizes.
        dataset: What is trained on, and what is held out.
        models: The student, then its teachers.
        device: Where to train.
    """
    student = models[0]
    weights = sum(model.parameter_count for model in models) * _FLOAT
    copies = max(_OPTIMISER_COPIES[stage.optimisation.optimiser] for stage in recipe.stages)
    training_state = student.parameter_count * _FLOAT * (1 + copies)
    batch = max(stage.inputs.batch_size for stage in recipe.stages)
    activations = 2 * _activation_bytes(student, dataset) * min(batch, len(dataset.training))
    examples = len(dataset.training) + len(dataset.validation)
    answers = examples * (len(models) - 1) * len(dataset.training.classes) * _FLOAT
    parts_NX = [part.inputs_NX for part in (dataset.training, dataset.validation)]
    # The data lies in main memory already, or in a file and stays there; else a GPU gets a copy of its own.
    data = sum(part_NX.nbytes for part_NX in parts_NX if not is_mapped(part_NX))
    needed = weights + training_state + activations + answers + (data if device.type != "cpu" else 0)
    free = free_bytes(device)
    sentence = f"about {needed / _GIB:.2f} GiB needed, {free / _GIB:.1f} GiB free on {device}"
    if needed > free:
        fix = "Use a smaller batch_size or student, close other programs, or choose another device."
        return (Finding(level="refusal", title=f"Not enough memory: {sentence}.", fix=fix),)
    return (Finding(level="ok", title=f"Memory: {sentence}."),)


@torch.no_grad()
def _activation_bytes(student: Classifier, dataset: Dataset) -> int:
    """Bytes that the layers put out for one example, by a dry run of two."""
    sizes: list[int] = []

    def note(_: torch.nn.Module, __: object, output: object) -> None:
        sizes.extend(tensor.nbytes for tensor in _tensors_in(output))

    layers = [module for module in student.modules() if not list(module.children())]
    hooks = [layer.register_forward_hook(note) for layer in layers]
    try:
        student.eval()(dataset.training.inputs_NX[:2].to(next(student.parameters()).device))
    finally:
        for hook in hooks:
            hook.remove()
    return sum(sizes) // min(2, len(dataset.training))


def _tensors_in(output: Any) -> Iterator[Tensor]:
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, dict):
        for part in output.values():
            yield from _tensors_in(part)
    elif isinstance(output, (tuple, list)):
        for part in output:
            yield from _tensors_in(part)
