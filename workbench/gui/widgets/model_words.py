"""What is known of a model, in words for the rows of its card."""

from pathlib import Path

from workbench.gui.widgets.data_facts import classes_in_words, shape_in_words, size_in_words
from workbench.gui.widgets.naming import in_words
from workbench.session.inspecting import LanguageFacts, ModelFacts
from workbench.wording import counted

MODEL_ROWS = (
    "format", "architecture", "parameters", "layers", "vocabulary", "context", "conversations", "input", "classes",
    "tokenizer",
)  # fmt: skip


def model_in_words(facts: ModelFacts) -> dict[str, str]:
    """The text of every row of `MODEL_ROWS`; empty where a model has no such thing."""
    size = size_in_words(facts.bytes)
    return {
        "format": facts.format,
        "architecture": in_words(facts.architecture) if facts.architecture else "",
        "parameters": f"{facts.parameters:,} ({size})" if facts.parameters else size,
        "input": shape_in_words(facts.input_shape),
        "classes": classes_in_words(facts.classes),
        "tokenizer": Path(facts.tokenizer).name if facts.tokenizer else "",
        **_language_in_words(facts.language),
    }


def _language_in_words(known: LanguageFacts | None) -> dict[str, str]:
    if known is None:
        return dict.fromkeys(("layers", "vocabulary", "context", "conversations"), "")
    return {
        "layers": f"{known.layers:,}, each {known.width:,} wide" if known.layers else "",
        "vocabulary": f"{counted(known.vocabulary, 'token')}" if known.vocabulary else "",
        "context": f"up to {counted(known.context, 'token')}" if known.context else "no limit",
        "conversations": "has a chat template" if known.chat else "no chat template: it goes on with plain text",
    }
