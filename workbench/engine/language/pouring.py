"""Weights into a network of the transformers library: only what its config describes, all of it, and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from workbench.engine.devices import refuse_beyond_memory as refuse_beyond
from workbench.engine.language.generating import Sampling, write
from workbench.engine.language.model import LanguageModel
from workbench.engine.language.quiet import quieten_library
from workbench.errors import WorkbenchError

_FLOAT = 4
_SHOWN = 20
# Two texts of another length each, so that filling up is tried too.
_TRIED = ((0, 1), (1,))


def causal_class(config: Any, name: str) -> Any:
    """The library's class that writes text by such a config.

    Args:
        config: Of the transformers library.
        name: The file, for messages.

    Raises:
        WorkbenchError: Models of this kind do not write, or read more than text.
    """
    from transformers.models.auto import modeling_auto

    family = config.model_type
    masked = family in modeling_auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES and not getattr(config, "is_decoder", False)
    known = family in modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    hint = "Use a causal language model, such as Llama, Qwen, Gemma, Mistral, Phi or GPT-2."
    if not known or masked or getattr(config, "is_encoder_decoder", False):
        raise WorkbenchError(f"{name}: models of the kind {family} do not write text from left to right.", hint)
    if config.get_text_config() is not config:
        raise WorkbenchError(f"{name}: a {family} reads pictures or sounds besides text, which is not done here.", hint)
    return modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING[type(config)]


def skeleton(config: Any, name: str) -> nn.Module:
    """The network in shapes only; no memory is taken. Raises WorkbenchError: there is none of these sizes."""
    maker = causal_class(config, name)
    try:
        quieten_library()
        with torch.device("meta"):
            network: nn.Module = maker._from_config(config, dtype=torch.float32)
    except Exception as error:
        # The library's models raise whatever comes of a wrong size.
        raise WorkbenchError(
            f"{name}: transformers cannot build a {config.model_type} of these sizes: {first_line(error)}",
            "Check its config.json.",
        ) from None
    return network


def refuse_beyond_memory(numbers: int, name: str) -> None:
    """Refuse a model of so many numbers that no memory here holds it. Raises WorkbenchError."""
    refuse_beyond(numbers * _FLOAT, name, "Use a smaller model, or close other programs.")


def refuse_lacking(config: Any, shapes: Iterable[Sequence[int]], name: str) -> None:
    """Refuse a file with fewer numbers than its config describes, before any memory is taken.

    Args:
        config: Of the transformers library.
        shapes: Of the file's tensors.
        name: The file, for messages.

    Raises:
        WorkbenchError: The file has fewer, or more than memory holds.
    """
    given = sum(torch.Size(shape).numel() for shape in shapes)
    described = sum(parameter.numel() for parameter in skeleton(config, name).parameters())
    # Other heads of the same body have fewer; what is missing of those is told by name later.
    if described > 2 * given:
        raise WorkbenchError(
            f"{name}: its config describes {described:,} numbers, and its weights are {given:,}.",
            "Config and weights do not belong together; download the model again.",
        )
    refuse_beyond_memory(max(given, described), name)


def poured(config: Any, tensors: Mapping[str, Tensor], name: str) -> nn.Module:
    """A network with these weights, in eval mode.

    Args:
        config: Of the transformers library.
        tensors: Floating ones as float32, by the names the library gives them in files, old or new.
        name: The file, for messages.

    Raises:
        WorkbenchError: The weights are not those the config describes.
    """
    maker = causal_class(config, name)
    try:
        quieten_library()
        network, told = maker.from_pretrained(
            None,
            config=config,
            state_dict=dict(tensors),
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
            local_files_only=True,
        )
    except Exception as error:
        # The library's models raise whatever comes of weights that do not fit.
        raise WorkbenchError(
            f"{name}: its weights do not go into a {maker.__name__}: {first_line(error)}",
            "Config and weights do not belong together; download the model again.",
        ) from None
    _refuse_misfit(told, maker.__name__, name)
    return cast(nn.Module, network.eval())


def refuse_mute(model: LanguageModel, name: str) -> None:
    """Have it write two tokens, and see that hidden states and head together are the network.

    Raises:
        WorkbenchError: It cannot be done with this kind of model.
    """
    kind = type(model.network).__name__
    try:
        quieten_library()
        with torch.no_grad():
            write(
                model.network,
                _TRIED,
                Sampling(temperature=0, most=2),
                stop=frozenset(),
                generator=torch.Generator(),
            )
            tokens_BT = torch.tensor([_TRIED[0]])
            mask_BT = torch.ones_like(tokens_BT)
            own_BTV = cast(Any, model.network)(input_ids=tokens_BT, attention_mask=mask_BT, use_cache=False).logits
            split_BTV = model(tokens_BT)
    except Exception as error:
        # The library's models raise whatever comes of it.
        raise WorkbenchError(
            f"{name}: a {kind} cannot be trained or asked here: {first_line(error)}",
            "Use a model of another family, such as Llama, Qwen, Gemma, Mistral, Phi or GPT-2.",
        ) from None
    if not torch.isfinite(own_BTV).all():
        raise WorkbenchError(f"{name} answers with NaN or infinity.", "Its weights are broken; download it again.")
    if not torch.allclose(own_BTV, split_BTV, rtol=1e-3, atol=1e-3):
        raise WorkbenchError(
            f"{name}: a {kind} does more to its logits than is known here.",
            "Use a model of another family, such as Llama, Qwen, Gemma, Mistral, Phi or GPT-2.",
        )


def first_line(error: Exception) -> str:
    """What an error says first."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _refuse_misfit(told: Mapping[str, Any], kind: str, name: str) -> None:
    missing, more = sorted(told["missing_keys"]), sorted(told["unexpected_keys"])
    other = sorted(key for key, *_ in told["mismatched_keys"])
    errors = list(told["error_msgs"])
    rows = [f"  missing     {key}" for key in missing] + [f"  unexpected  {key}" for key in more]
    rows += [f"  mismatched  {key}" for key in other] + [f"  {error}" for error in errors]
    if not rows:
        return
    if missing and not other and not errors and all("head" in key or "embed_out" in key for key in missing):
        raise WorkbenchError(
            f"{name} has no output head over a vocabulary, which a {kind} writes with.",
            "Use a model for text generation (…ForCausalLM), not an encoder or a classifier.",
            "\n".join(rows),
        )
    raise WorkbenchError(
        f"{name}: {len(rows):,} of its tensors do not fit the {kind} that its config describes, such as "
        f"{rows[0].split()[-1]}.",
        "Config and weights do not belong together; download the model again.",
        "\n".join(rows[:_SHOWN]),
    )
