"""Do texts fit into what a model reads at once? Some would fail in the middle of a run, others only get worse."""

from collections.abc import Iterable
from typing import Any, cast

from torch import nn

from workbench.engine.architectures.transformers_config import longest_text
from workbench.engine.language.model import LanguageModel
from workbench.errors import WorkbenchError


def refuse_beyond_context(models: Iterable[LanguageModel], longest: int) -> None:
    """Refuse texts that reach beyond a model's table of positions.

    Models that compute their positions read on, and are left to it.

    Args:
        models: Those that read the texts.
        longest: Tokens of the longest text.

    Raises:
        WorkbenchError: A model has no place for so many.
    """
    for model in models:
        most = table_of_positions(model)
        if most is not None and longest > most:
            raise WorkbenchError(
                f"A {type(model.network).__name__} reads texts of up to {most:,} tokens, and here one may have "
                f"{longest:,}, the prompt and all that is written to it.",
                "Lower data.max_length, data.new_tokens or the stage's new_tokens, shorten the longest prompts, "
                "or use a model with a longer context.",
            )


def table_of_positions(model: LanguageModel) -> int | None:
    """The most tokens a model has learnt places for; None where it computes them, as by rotation."""
    network = cast(Any, model.network)
    most = longest_text(network.config)
    if most is None:
        return None
    words = network.get_input_embeddings()
    tables = [part for part in network.modules() if isinstance(part, nn.Embedding) and part is not words]
    # Some tables have a few rows more, which their models pass over.
    return most if any(most <= table.num_embeddings <= most + 4 for table in tables) else None
