"""Batched sampling with a key-value cache, from a generator of its own: the same seed writes the same text.

B texts written at once, V vocabulary, T tokens so far.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen.

    Attributes:
        temperature: Of the sampling, not of the distillation; 0 takes the likeliest token.
        top_p: The smallest set of likeliest tokens with this mass is drawn from; 1 takes all.
        most: New tokens at most.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    most: int = 128


@torch.no_grad()
def write(
    network: nn.Module,
    prompts: Sequence[Sequence[int]],
    sampling: Sampling,
    *,
    stop: frozenset[int],
    generator: torch.Generator,
    width: int | None = None,
    heard: Callable[[int, int], None] = lambda _row, _token: None,
) -> list[list[int]]:
    """Continue prompts; each text ends with a token of `stop`, or where it has become long enough.

    Args:
        network: A causal language model of the transformers library, in eval mode.
        prompts: Tokens, at least one each.
        sampling: How.
        stop: What ends a text; it is part of the text.
        generator: Draws; of the network's device.
        width: Only tokens below it are written, where others read along that know no more; None for all.
        heard: Told of every new token: which prompt, which token. What it raises ends the writing.

    Returns:
        The new tokens of each prompt.
    """
    from transformers import DynamicCache

    device = next(network.parameters()).device
    written: list[list[int]] = [[] for _ in prompts]
    rows = list(range(len(prompts)))
    tokens_BT, mask_BT = _padded(prompts, device)
    places_BT = (mask_BT.cumsum(1) - 1).clamp_min(0)
    cache: Any = DynamicCache(config=cast(Any, network).config)
    for _ in range(sampling.most):
        output = network(
            input_ids=tokens_BT,
            attention_mask=mask_BT,
            position_ids=places_BT,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        chosen_B = choose(output.logits[:, -1, :width], sampling, generator)
        # The one place where writing waits for the device.
        chosen = chosen_B.tolist()
        for row, token in zip(rows, chosen, strict=True):
            written[row].append(token)
            heard(row, token)
        kept = [place for place, token in enumerate(chosen) if token not in stop]
        if not kept:
            break
        if len(kept) < len(rows):
            # Texts that have ended cost nothing any more.
            kept_B = torch.tensor(kept, device=device)
            cache.batch_select_indices(kept_B)
            chosen_B, mask_BT, places_BT = chosen_B[kept_B], mask_BT[kept_B], places_BT[kept_B]
            rows = [rows[place] for place in kept]
        tokens_BT = chosen_B[:, None]
        mask_BT = torch.cat([mask_BT, mask_BT.new_ones(len(rows), 1)], dim=1)
        places_BT = places_BT[:, -1:] + 1
    return written


def choose(logits_BV: Tensor, sampling: Sampling, generator: torch.Generator) -> Tensor:
    """The next token of each text, int64 [B]."""
    if sampling.temperature == 0:
        return logits_BV.argmax(1)
    p_BV = (logits_BV.float() / sampling.temperature).softmax(1)
    if sampling.top_p < 1:
        sorted_BV, entries_BV = p_BV.sort(1, descending=True)
        # The token that crosses the border is still in.
        beyond_BV = sorted_BV.cumsum(1) - sorted_BV >= sampling.top_p
        p_BV = torch.zeros_like(p_BV).scatter(1, entries_BV, sorted_BV.masked_fill(beyond_BV, 0.0))
    return torch.multinomial(p_BV, 1, generator=generator)[:, 0]


def _padded(prompts: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """Prompts filled up on the left, so that all end at the same place, and which tokens are theirs."""
    length = max(map(len, prompts))
    tokens = [[0] * (length - len(prompt)) + list(prompt) for prompt in prompts]
    mask = [[0] * (length - len(prompt)) + [1] * len(prompt) for prompt in prompts]
    return torch.tensor(tokens, device=device), torch.tensor(mask, device=device)
