"""Do two models read the same tokens? Told by what their tokenizers make of the same text, not by their names."""

from workbench.engine.language.chat import Chat
from workbench.engine.language.model import LanguageBlueprint

# Words, numbers, code, spaces, accents, other scripts, signs of their own: where tokenizers differ, they differ here.
PROBES = (
    "The quick brown fox jumps over the lazy dog.",
    "1234 + 5678 = 6912; 3.14159",
    "def f(x):\n    return x ** 2  # squared\n",
    "  two  spaces\tand a tab",
    "naïve façade, Zürich, œuvre",
    "Привет, мир. 你好，世界。 مرحبا",
    "🙂 → ∑ ‖p‖",
    "https://example.org/path?a=b&c=d",
)


def same_words(one: LanguageBlueprint, other: LanguageBlueprint) -> bool:
    """Whether both make the same tokens of every probe; which one ends a text is another question."""
    if one.tokenizer == other.tokenizer:
        return True
    first, second = Chat(one), Chat(other)
    return all(first.bare(probe) == second.bare(probe) for probe in PROBES)
