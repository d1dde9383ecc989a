"""Texts put together into batches: filled up on the right, scored where a target follows, ordered by a seed.

B texts, T tokens of the longest, N scored positions of all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from workbench.engine.language.chat import Encoded
from workbench.engine.seeding import generator

# So many batches' texts are laid beside others of their length: less is filled up, and order stays random enough.
_WINDOW = 16


@dataclass(frozen=True)
class Texts:
    """Some texts on a device.

    Attributes:
        tokens_BT: int64, filled up with 0.
        at_N: Places in the flattened [B · T] whose next token is a target.
        labels_N: Those targets.
    """

    tokens_BT: Tensor
    at_N: Tensor
    labels_N: Tensor

    def scored(self, hidden_BTH: Tensor) -> Tensor:
        """The hidden states [N, H] that the targets are predicted from."""
        return hidden_BTH.flatten(0, 1).index_select(0, self.at_N)


def collate(texts: Sequence[Encoded], device: torch.device) -> Texts:
    """One batch; what fills it up is neither read nor scored.

    Args:
        texts: At least one.
        device: Where it is wanted.
    """
    length = max(len(text.tokens) for text in texts)
    tokens = [list(text.tokens) + [0] * (length - len(text.tokens)) for text in texts]
    at = [row * length + place - 1 for row, text in enumerate(texts) for place in text.targets]
    labels = [text.tokens[place] for text in texts for place in text.targets]
    # Made in one go: a copy each, and no wait for the device.
    return Texts(*(torch.tensor(part, dtype=torch.int64, device=device) for part in (tokens, at, labels)))


class BatchOrder:
    """Which texts make up batch n: a pure function of n, a new order every epoch."""

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        """Plan the batches.

        Args:
            lengths: Tokens of each text.
            batch_size: Texts in a batch; fewer where there are fewer texts.
            seed: Of the orders.
        """
        self._lengths = torch.tensor(lengths)
        self.size = min(batch_size, len(lengths))
        self.per_epoch = len(lengths) // self.size
        self._seed = seed
        self._epoch = -1
        self._batches: list[list[int]] = []

    def batch(self, number: int) -> list[int]:
        """The texts of batch `number`, by their places; what is left over waits for the next order."""
        epoch, place = divmod(number, self.per_epoch)
        if epoch != self._epoch:
            self._epoch, self._batches = epoch, self._ordered(epoch)
        return self._batches[place]

    def _ordered(self, epoch: int) -> list[list[int]]:
        draws = generator("cpu", self._seed, "order", epoch)
        order = torch.randperm(len(self._lengths), generator=draws)[: self.per_epoch * self.size]
        windows = order.split(_WINDOW * self.size)  # type: ignore[no-untyped-call]
        laid = torch.cat([window[self._lengths[window].argsort(stable=True)] for window in windows])
        batches = laid.reshape(self.per_epoch, self.size)
        return batches[torch.randperm(self.per_epoch, generator=draws)].tolist()
