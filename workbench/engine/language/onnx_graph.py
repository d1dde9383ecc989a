"""A causal language model as one ONNX graph with a key-value cache, named as other programs expect it.

B texts, S new tokens, P tokens in the cache. The names and the layout are those that ONNX Runtime, transformers.js and
onnxruntime-genai read alike: input_ids, attention_mask, position_ids, past_key_values.{i}.key/value; logits,
present.{i}.key/value.
"""

from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from workbench.engine.exporting.onnx_classifier import quiet_exporter
from workbench.engine.language.model import LanguageModel
from workbench.errors import WorkbenchError

BATCH, SEQUENCE, PAST, TOTAL = "batch_size", "sequence_length", "past_sequence_length", "total_sequence_length"
DATA_SUFFIX = "_data"
# A protobuf file ends at 2 GiB; above this the weights lie in a second file.
_LARGEST_INLINE_BYTES = 1536 * 2**20


class _Flat(nn.Module):
    """The network with its cache as plain tensors: the exporter takes no cache object."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, position_ids: Tensor, past: list[tuple[Tensor, Tensor]]
    ) -> tuple[Tensor, ...]:
        from transformers import DynamicCache

        cache: Any = DynamicCache(config=cast(Any, self.network).config)
        for layer, (key, value) in enumerate(past):
            cache.update(key, value, layer)
        output = self.network(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=cache,
            use_cache=True,
        )
        present = [part for layer in output.past_key_values.layers for part in (layer.keys, layer.values)]
        return (output.logits, *present)


def cache_shape(model: LanguageModel) -> tuple[int, int, int]:
    """Layers, heads and head size of the cache."""
    config = cast(Any, model.network).config
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return int(config.num_hidden_layers), int(heads), int(size)


def write_graph(model: LanguageModel, path: Path) -> None:
    """Trace a model on the CPU in eval mode, and save its graph.

    Args:
        model: On the CPU, in float32.
        path: Of the .onnx file; a large model's weights go into `<name>_data` beside it.

    Raises:
        WorkbenchError: The model does something that ONNX, or its exporter, cannot say.
    """
    layers, heads, size = cache_shape(model)
    # No axis of length 1: it would be taken for a constant.
    batch, new, old = 2, 3, 5
    mask = torch.ones(batch, old + new, dtype=torch.int64)
    mask[0, :2] = 0
    past = [(torch.randn(batch, heads, old, size), torch.randn(batch, heads, old, size)) for _ in range(layers)]
    inputs = {
        "input_ids": torch.zeros(batch, new, dtype=torch.int64),
        "attention_mask": mask,
        "position_ids": (mask.cumsum(1) - 1).clamp_min(0)[:, -new:],
        "past": past,
    }
    batches, news, olds = (torch.export.Dim(name) for name in (BATCH, SEQUENCE, PAST))
    shapes = {
        "input_ids": {0: batches, 1: news},
        "attention_mask": {0: batches, 1: torch.export.Dim.DYNAMIC},
        "position_ids": {0: batches, 1: news},
        "past": [({0: batches, 2: olds}, {0: batches, 2: olds}) for _ in range(layers)],
    }
    try:
        with quiet_exporter(), torch.no_grad():
            program = torch.onnx.export(
                _Flat(model.network).eval(),
                (),
                kwargs=inputs,
                input_names=["input_ids", "attention_mask", "position_ids", *_names("past_key_values", layers)],
                output_names=["logits", *_names("present", layers)],
                dynamic_shapes=shapes,
                dynamo=True,
                verbose=False,
            )
    except Exception as error:
        first = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise WorkbenchError(
            f"PyTorch {torch.__version__} cannot turn this language model into ONNX: {type(error).__name__}: {first}",
            "The student's own folder is unharmed; it can be exported later, with another version of PyTorch.",
            str(error),
        ) from error
    assert program is not None, "the dynamo exporter returns its program"
    _save(program.model, path, model)


def _names(kind: str, layers: int) -> list[str]:
    return [f"{kind}.{layer}.{part}" for layer in range(layers) for part in ("key", "value")]


def _save(graph: Any, path: Path, model: LanguageModel) -> None:
    """With axes that are named, and nothing of the machine that made it."""
    import onnx_ir

    mask = next(value for value in graph.graph.inputs if value.name == "attention_mask")
    traced = str(mask.shape[1])
    for value in (*graph.graph.inputs, *graph.graph.outputs):
        if value.shape is not None:
            axes = [axis if isinstance(axis, int) else str(axis) for axis in value.shape]
            value.shape = onnx_ir.Shape([TOTAL if axis in (traced, f"{PAST} + {SEQUENCE}") else axis for axis in axes])
    for node in graph.graph.all_nodes():
        node.metadata_props.clear()
        node.doc_string = None
    for value in (*graph.graph.inputs, *graph.graph.outputs, *graph.graph.initializers.values()):
        value.metadata_props.clear()
    size = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())
    outside = f"{path.name}{DATA_SUFFIX}" if size > _LARGEST_INLINE_BYTES else None
    onnx_ir.save(graph, path, external_data=outside)
