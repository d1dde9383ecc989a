"""A new, small language model of Llama's kind from its sizes, for the teacher's tokenizer or another."""

import json

from workbench.engine.architectures.transformers_config import as_json
from workbench.engine.language.chat import Chat
from workbench.engine.language.model import LanguageBlueprint
from workbench.engine.language.students.start import Needs, Start
from workbench.engine.language.tokenizer_files import read_tokenizer, tokens_in
from workbench.errors import WorkbenchError
from workbench.recipe.models import CausalLm
from workbench.recipe.section import whole_name

_ENDS = ("bos_token_id", "eos_token_id", "pad_token_id")


def causal_lm(section: CausalLm, needs: Needs) -> Start:
    """Llama's layers (RMS norm, rotary positions, SwiGLU) with shared embeddings, as small models have them.

    Raises:
        WorkbenchError: There is no tokenizer to be had.
    """
    reading, rows = _reading(section, needs)
    # Llama's own proportion.
    inner = section.feed_forward or round(section.width * 8 / 3)
    sizes = {
        "model_type": "llama",
        "vocab_size": rows,
        "hidden_size": section.width,
        "intermediate_size": inner,
        "num_hidden_layers": section.layers,
        "num_attention_heads": section.heads,
        "num_key_value_heads": section.heads,
        "head_dim": section.width // section.heads,
        "max_position_embeddings": needs.longest,
        "tie_word_embeddings": True,
    }
    of_reading = json.loads(reading.config)
    ends = {name: of_reading.get(name) for name in _ENDS}
    if ends["eos_token_id"] is None:
        ends["eos_token_id"] = Chat(reading).end
    return Start(reading.model_copy(update={"config": as_json(sizes | ends)}))


def _reading(section: CausalLm, needs: Needs) -> tuple[LanguageBlueprint, int]:
    """Whose tokenizer it reads with, and how many rows its embeddings have."""
    if section.tokenizer:
        path = whole_name(needs.folder, section.tokenizer)
        found = read_tokenizer(path, "{}")
        return found, max(tokens_in(found.tokenizer, str(path)).values(), default=-1) + 1
    if not needs.teachers:
        raise WorkbenchError(
            "A new language model needs a tokenizer, and there is no teacher to take one from.",
            "Name a folder with a tokenizer.json in student.architecture.tokenizer, or a teacher in the recipe.",
        )
    return needs.teachers[0].blueprint, needs.teachers[0].vocabulary
