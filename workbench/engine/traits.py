"""What the numbers of an input mean, besides their shape: kept with a model, so that others can feed it."""

from typing import Literal

from workbench.recipe.section import Section


class Traits(Section):
    """The kind of an input.

    Attributes:
        reads: "values" for pixels, samples and features; "tokens" for texts as whole numbers.
        columns: What each feature of a table is called, such as "age" or "city=Rome".
        tokenizer: The tokenizer of texts, as the JSON of the tokenizers library; empty for everything else.
        pad: The token that fills up short texts.
        rate: Samples a second, where the input is sound.
    """

    reads: Literal["values", "tokens"] = "values"
    columns: tuple[str, ...] = ()
    tokenizer: str = ""
    pad: int = 0
    rate: int = 0
