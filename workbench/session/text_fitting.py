"""Texts from anywhere as the tokens a model reads, and tokens as the text a person reads."""

import numpy as np
from numpy.typing import NDArray


class TextReader:
    """One tokenizer at one length; made on a thread, since reading its vocabulary takes a moment."""

    def __init__(self, tokenizer: str, length: int, pad: int) -> None:
        """Read the tokenizer.

        Args:
            tokenizer: The JSON of the tokenizers library.
            length: Tokens of every text: longer ones are cut, shorter ones filled up.
            pad: What fills them up.

        Raises:
            WorkbenchError: It is no tokenizer.
        """
        from workbench.engine.data.tokenizing import TextTokenizer

        self._tokenizer = TextTokenizer(tokenizer, pad, "The tokenizer of this run")
        self.length, self._pad = length, pad

    def tokens(self, text: str) -> NDArray[np.int32]:
        """A text as [length] tokens."""
        (found,), _ = self._tokenizer.encode([text], self.length)
        return np.array(found + [self._pad] * (self.length - len(found)), np.int32)

    def words(self, tokens: NDArray[np.integer]) -> str:
        """Tokens as a text, without what only the model needs to see."""
        return self._tokenizer.words(tokens.tolist())
