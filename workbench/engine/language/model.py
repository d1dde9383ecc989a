"""A causal language model in two parts: tokens to hidden states, hidden states to logits.

B texts, T tokens, N positions, H hidden size, V vocabulary.
"""

import json
from contextlib import nullcontext
from typing import Any, cast

import torch
from torch import Tensor, nn

from workbench.engine.architectures.dropout import SeededDropout, drawing_by
from workbench.errors import WorkbenchError
from workbench.recipe.section import Section


class LanguageBlueprint(Section):
    """What must be known besides the weights.

    Attributes:
        config: config.json of the transformers library.
        tokenizer: tokenizer.json of the tokenizers library.
        tokenizer_config: tokenizer_config.json, the chat template in it.
        generation: generation_config.json; empty for the library's defaults.
    """

    config: str
    tokenizer: str
    tokenizer_config: str = "{}"
    generation: str = ""


class OutputHead(nn.Module):
    """Hidden states [N, H] to logits [N, V], with whatever a family does to them afterwards."""

    def __init__(self, layer: nn.Module, *, cap: float = 0.0, scale: float = 1.0) -> None:
        """Take a network's own output layer.

        Args:
            layer: Its last linear layer; it may share its weights with the embeddings.
            cap: Logits are squeezed into ±cap by tanh, as Gemma 2 does; 0 leaves them.
            scale: Logits are multiplied by it, as Cohere's and Granite's models do.
        """
        super().__init__()
        self.layer, self.cap, self.scale = layer, cap, scale

    def forward(self, hidden_NH: Tensor) -> Tensor:
        """Logits [N, V]."""
        logits_NV: Tensor = self.layer(hidden_NH)
        if self.scale != 1:
            logits_NV = logits_NV * self.scale
        return self.cap * torch.tanh(logits_NV / self.cap) if self.cap else logits_NV


class LanguageModel(nn.Module):
    """A network of the transformers library, asked for its hidden states so that full logits need never exist."""

    def __init__(self, blueprint: LanguageBlueprint, network: nn.Module) -> None:
        super().__init__()
        self.blueprint = blueprint
        self.network = network
        config = cast(Any, network).config
        layer = cast(Any, network).get_output_embeddings()
        if layer is None:
            raise WorkbenchError(f"A {config.model_type} has no output layer over a vocabulary, so it cannot write.")
        scale = float(getattr(config, "logit_scale", 1.0) or 1.0) / float(getattr(config, "logits_scaling", 1.0) or 1.0)
        cap = float(getattr(config, "final_logit_softcapping", 0.0) or 0.0)
        # Not a part of the state dict a second time: the layer is the network's.
        object.__setattr__(self, "head", OutputHead(layer, cap=cap, scale=scale))
        # Only where something draws at all: setting a generator aside makes a GPU wait.
        self.draws = SeededDropout(0.0) if _drops(network) else None

    head: OutputHead

    def hidden(self, tokens_BT: Tensor) -> Tensor:
        """The last hidden states [B, T, H] of texts that are filled up on the right.

        No mask is needed: a token is read by those after it alone, and after the filling nothing is scored. With one,
        the library would ask the device in every step whether it masks anything.
        """
        from workbench.engine.language.no_memory import NoMemory

        # Models with a memory of another kind than keys and values have a cache of their own.
        stateless = not getattr(self.network, "_is_stateful", False)
        cache = NoMemory() if stateless else None
        with nullcontext() if self.draws is None else drawing_by(self.draws, tokens_BT.device):
            output = cast(Any, self.network).base_model(input_ids=tokens_BT, past_key_values=cache, use_cache=False)
        hidden_BTH: Tensor = output.last_hidden_state
        return hidden_BTH

    def forward(self, tokens_BT: Tensor) -> Tensor:
        """Logits [B, T, V], all of them: for short texts only."""
        logits_BTV: Tensor = self.head(self.hidden(tokens_BT))
        return logits_BTV

    @property
    def vocabulary(self) -> int:
        """Rows of the output layer; there may be more than the tokenizer has entries."""
        return int(cast(Any, self.network).get_output_embeddings().weight.shape[0])

    @property
    def parameter_count(self) -> int:
        """How many numbers are trained; shared ones count once."""
        return sum(parameter.numel() for parameter in self.parameters())


def _drops(network: nn.Module) -> bool:
    """Whether the library's own layers drop anything in training: by modules, or inside of attention by the config."""
    if any(isinstance(module, nn.Dropout) and module.p > 0 for module in network.modules()):
        return True
    values = cast(Any, network).config.to_dict()
    return any("dropout" in name or name.endswith("pdrop") for name, value in values.items() if _is_share(value))


def _is_share(value: object) -> bool:
    return isinstance(value, float) and value > 0


def build_network(config_json: str, seed: int | None = None) -> nn.Module:
    """A network from its config, with random weights; never with code that the config names.

    Args:
        config_json: config.json.
        seed: Of the weights; None leaves them to whatever comes next, as for one that is filled at once.

    Raises:
        WorkbenchError: The library does not know this kind of model, or it does not write text.
    """
    from transformers import AutoConfig, AutoModelForCausalLM

    values = json.loads(config_json)
    kind = values.pop("model_type", None)
    values.pop("auto_map", None)
    values.pop("quantization_config", None)
    try:
        config = AutoConfig.for_model(kind, **values)
        with torch.random.fork_rng(devices=[]):
            if seed is not None:
                torch.manual_seed(seed)
            network: nn.Module = AutoModelForCausalLM.from_config(config, dtype=torch.float32, trust_remote_code=False)
    except Exception as error:
        # Configs are checked by several libraries, each with errors of its own.
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise WorkbenchError(f"No language model can be built from this config ({kind}): {first}") from None
    return network
