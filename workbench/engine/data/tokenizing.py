"""Tokenizers of the tokenizers library, read from their file or folder; nothing in them is run."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from workbench.engine.tokenizer_limits import is_panic, panics_in_words, refuse_limitless
from workbench.errors import WorkbenchError
from workbench.plain_files import is_plain, refuse_unless_plain

_MOST_BYTES = 200 * 2**20
_BATCH = 1000
_PADS = ("[PAD]", "<pad>", "<|pad|>", "<|padding|>", "<|endoftext|>", "</s>")


class TextTokenizer:
    """One tokenizer.

    Attributes:
        json: All of it, as the tokenizers library writes it.
        pad: The token that fills up short texts.
    """

    def __init__(self, content: str, pad: int | None, name: str, pad_word: str = "") -> None:
        """Read a tokenizer.

        Args:
            content: The JSON of the tokenizers library.
            pad: The token that fills up short texts; None asks the tokenizer.
            name: The file, for messages.
            pad_word: What the padding token is called, where the model says so.

        Raises:
            WorkbenchError: It is no tokenizer.
        """
        from tokenizers import Tokenizer

        refuse_limitless(content, name)
        try:
            self._tokenizer = Tokenizer.from_str(content)
            self.json: str = self._tokenizer.to_str()
        except BaseException as error:
            # The library's errors have no class of their own, and its panics are no Exceptions.
            if not (isinstance(error, Exception) or is_panic(error)):
                raise
            raise WorkbenchError(
                f"{name} cannot be read as a tokenizer: {str(error)[:200]}.",
                "Name the tokenizer.json that belongs to the model in data.tokenizer.",
            ) from None
        self.pad = self._own_pad(pad_word) if pad is None else pad
        self._tokenizer.no_padding()
        # A file's own truncation may have a stride that the library panics at.
        self._tokenizer.no_truncation()

    def _own_pad(self, pad_word: str) -> int:
        padding = self._tokenizer.padding
        if padding:
            return int(padding["pad_id"])
        found = (self._tokenizer.token_to_id(word) for word in (pad_word, *_PADS) if word)
        return next((int(token) for token in found if token is not None), 0)

    def encode(
        self, texts: list[str], length: int, pulse: Callable[[str], None] = lambda _: None
    ) -> tuple[list[list[int]], int]:
        """The tokens of each text, special ones included, and how many texts were cut.

        Args:
            texts: Any.
            length: Most tokens of one.
            pulse: Hears how far it is; what it raises ends the work.

        Raises:
            WorkbenchError: The length leaves no room beside the special tokens.
        """
        special = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        if length <= special:
            raise WorkbenchError(
                f"A text of {length} tokens is full with the {special} special ones of this tokenizer.",
                "Raise data.max_length.",
            )
        self._tokenizer.enable_truncation(length)
        tokens: list[list[int]] = []
        cut = 0
        for start in range(0, len(texts), _BATCH):
            pulse(f"Tokenizing: {start:,} of {len(texts):,} texts")
            found = self._encoded(texts[start : start + _BATCH])
            tokens += [encoding.ids for encoding in found]
            cut += sum(bool(encoding.overflowing) for encoding in found)
        return tokens, cut

    def _encoded(self, texts: list[str]) -> list[Any]:
        try:
            encodings: list[Any] = self._tokenizer.encode_batch(texts)
        except BaseException as error:
            # The library's errors have no class of their own, and its panics are no Exceptions.
            if not (isinstance(error, Exception) or is_panic(error)):
                raise
            raise WorkbenchError(
                f"The tokenizer cannot read these texts: {str(error)[:200]}.",
                "Name the tokenizer.json that belongs to the model in data.tokenizer.",
            ) from None
        return encodings

    def words(self, tokens: Iterable[int]) -> str:
        """Tokens as a text, without what only the model needs to see."""
        kept = [int(token) for token in tokens]
        while kept and kept[-1] == self.pad:
            kept.pop()
        # Not every file marks as special what its tokenizer puts around each text.
        (around,) = self._encoded([""])
        added = {token for token, is_added in zip(around.ids, around.special_tokens_mask, strict=True) if is_added}
        with panics_in_words():
            text: str = self._tokenizer.decode(
                [token for token in kept if token not in added], skip_special_tokens=True
            )
        return text


def read_tokenizer(path: Path | None) -> TextTokenizer:
    """The tokenizer in a folder or file.

    Raises:
        WorkbenchError: There is none, or it cannot be read.
    """
    if path is None:
        raise WorkbenchError(
            "Nothing says which tokenizer reads these texts.",
            "Choose a teacher that comes with one, or name a folder or tokenizer.json in data.tokenizer.",
        )
    file = path / "tokenizer.json" if path.is_dir() else path
    refuse_unless_plain(file)
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise WorkbenchError(f"{file} has more than {_MOST_BYTES >> 20} MiB, which is no tokenizer.")
        content = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise WorkbenchError(
            f"There is no tokenizer at {file}.",
            "Models with only a vocabulary get one by transformers: "
            "AutoTokenizer.from_pretrained(…).save_pretrained(…).",
        ) from None
    except UnicodeDecodeError:
        raise WorkbenchError(f"{file} is no tokenizer: it is not UTF-8.") from None
    except OSError as error:
        raise WorkbenchError(f"{file} cannot be read as a tokenizer: {error.strerror or error}.") from None
    return TextTokenizer(content, None, str(file), _pad_word(file.parent / "tokenizer_config.json"))


def _pad_word(file: Path) -> str:
    """What a model calls its padding token; empty where it does not say."""
    try:
        told: Any = json.loads(file.read_text(encoding="utf-8")) if _is_small(file) else {}
    except (OSError, ValueError, RecursionError):
        return ""
    word = told.get("pad_token") if isinstance(told, dict) else None
    word = word.get("content") if isinstance(word, dict) else word
    return word if isinstance(word, str) else ""


def _is_small(file: Path) -> bool:
    return is_plain(file) and file.stat().st_size < _MOST_BYTES
