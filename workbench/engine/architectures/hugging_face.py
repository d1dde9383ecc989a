"""Classifiers of the transformers library, built from their config; never with code that a config names.

B examples in a batch, C classes, T tokens, X any input axes.
"""

import json
from typing import Any, Literal

import torch
from torch import Tensor, nn

from workbench.engine.architectures.dropout import SeededDropout, drawing_by
from workbench.engine.architectures.transformers_config import Task, config_of
from workbench.engine.devices import free_bytes
from workbench.errors import WorkbenchError
from workbench.recipe.section import Section


class HuggingFace(Section):
    """A model of the transformers library.

    Attributes:
        task: What it is for.
        config: Its config.json; id2label has the classes in the order of its answers.
        pad: The token that is not attended to, for texts.
    """

    kind: Literal["hugging_face"] = "hugging_face"
    task: Task
    config: str
    pad: int = 0


class HuggingFaceNetwork(nn.Module):
    """A model of the transformers library that takes one tensor and gives logits.

    Attributes:
        model: As the library made it.
        draws: Seeded by the training loop before every step. The library draws dropout and skipped layers in many
            places, always from torch's own generator, which is set aside for that long.
    """

    def __init__(self, model: Any, task: Task, pad: int) -> None:
        super().__init__()
        self.model = model
        self.task = task
        self.pad = pad
        self.draws = SeededDropout(0.0)

    def forward(self, inputs_BX: Tensor) -> Tensor:
        """Logits [B, C] for normalised pictures [B, channels, height, width] or tokens [B, T]."""
        with drawing_by(self.draws, inputs_BX.device):
            return self._logits(inputs_BX)

    def _logits(self, inputs_BX: Tensor) -> Tensor:
        if self.task == "image-classification":
            answer = self.model(pixel_values=inputs_BX)
        else:
            attended_BT = (inputs_BX != self.pad).long()
            answer = self.model(input_ids=inputs_BX, attention_mask=attended_BT)
        logits_BC: Tensor = answer.logits
        return logits_BC


def hugging_face(section: HuggingFace, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """The network: normalised pictures [B, channels, H, W], or tokens [B, T], to logits [B, C].

    Raises:
        WorkbenchError: The library cannot build it, or it does not fit into memory.
    """
    config = config_of(_loaded(section.config), "the model's config")
    if config.num_labels != classes:
        raise WorkbenchError(
            f"The model's config names {config.num_labels} classes, but its checkpoint has {classes}.",
            "The file was changed or mixed up; use the original.",
        )
    return HuggingFaceNetwork(_built(section.task, config), section.task, section.pad)


def refuse_too_large(model: nn.Module, name: str) -> None:
    """Refuse a model whose weights do not fit into memory. Raises WorkbenchError."""
    needed = 4 * sum(tensor.numel() for tensor in model.state_dict().values())
    free = free_bytes(torch.device("cpu"))
    if needed > free:
        raise WorkbenchError(
            f"{name} takes {needed / 2**30:,.1f} GiB of memory, and {free / 2**30:,.1f} GiB are free.",
            "Use a smaller model, or close other programs.",
        )


def _built(task: Task, config: Any) -> Any:
    from transformers.models.auto import modeling_auto

    pictures = task == "image-classification"
    maker: Any = (
        modeling_auto.AutoModelForImageClassification if pictures else modeling_auto.AutoModelForSequenceClassification
    )
    # Asked before a context of our own takes over: a caller may want no more than the shapes.
    shapes_only = torch.empty(0).device.type == "meta"
    try:
        with torch.device("meta"):
            model = maker.from_config(config, dtype=torch.float32)
        if model.all_tied_weights_keys:
            raise WorkbenchError(f"A {type(model).__name__} shares weights between layers, which cannot be kept here.")
        if shapes_only:
            _fill_tables(model)
            return model
        refuse_too_large(model, f"A {type(model).__name__} of these sizes")
        return maker.from_config(config, dtype=torch.float32)
    except WorkbenchError:
        raise
    except Exception as error:
        # The library's models raise whatever comes of a wrong size.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise WorkbenchError(
            f"transformers cannot build a {config.model_type} of these sizes: {reason}",
            "Check the model's config.json.",
        ) from None


def _fill_tables(model: Any) -> None:
    """Give a model of shapes only its constant tables: they are in no checkpoint, and weights are poured in later."""
    for tensor in model.state_dict(keep_vars=True).values():
        # The library's own mark, so that only the tables are initialised.
        tensor._is_hf_initialized = True
    rounds = [_tables_after(model, fill) for fill in (0, 1)]
    if any(not torch.equal(first, second) for first, second in zip(*rounds, strict=True)):
        raise WorkbenchError(f"A {type(model).__name__} keeps tables that cannot be made again without its weights.")


def _tables_after(model: Any, fill: int) -> list[Tensor]:
    """The tables as the library initialises them over some value: two values tell whether it does."""
    names = [name for name, _ in model.named_non_persistent_buffers()]
    if not names:
        return []
    for name in names:
        owner, _, own = name.rpartition(".")
        module = model.get_submodule(owner)
        setattr(module, own, torch.full_like(module.get_buffer(own), fill, device="cpu"))
    for module in model.modules():
        module._is_hf_initialized = False
    with torch.device("cpu"), torch.no_grad():
        model.initialize_weights()
    return [model.get_buffer(name).clone() for name in names]


def _loaded(config: str) -> dict[str, Any]:
    try:
        settings = json.loads(config)
    except (ValueError, RecursionError):
        settings = None
    if not isinstance(settings, dict):
        raise WorkbenchError("The model's config is no JSON object.", "The file was changed; use the original.")
    return settings
