"""A cache that remembers nothing, for texts that are read once and whole."""

from typing import Any

from torch import Tensor
from transformers import Cache


class NoMemory(Cache):  # type: ignore[misc]
    """Hands keys and values straight back.

    Given no cache at all, the transformers library looks whether several texts are packed into one row, by a value
    that it fetches from the device: a wait in every step.
    """

    def __init__(self) -> None:
        super().__init__(layers=[])

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """The same keys and values."""
        return key_states, value_states

    def get_seq_length(self, layer_idx: int | None = 0) -> int:
        """Nothing came before."""
        return 0

    def get_query_offset(self, layer_idx: int | None = 0) -> int:
        """The first token is the first."""
        return 0

    def get_mask_sizes(self, query_length: int, layer_idx: int | None = 0) -> tuple[int, int]:
        """As many keys as there are queries."""
        return query_length, 0
