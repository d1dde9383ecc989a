"""Texts with a label, as the tokens that a model's tokenizer makes of them; short ones are filled up, long ones cut.

N texts, T tokens.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from workbench.engine.data.columns import texts_in
from workbench.engine.data.examples import Dataset, Examples, as_dataset, as_examples
from workbench.engine.data.label_columns import guess_label, labels_in, unlabelled_notes
from workbench.engine.data.reading_tables import Rows, read_rows
from workbench.engine.data.tokenizing import TextTokenizer, read_tokenizer
from workbench.engine.data.wishes import Wishes
from workbench.engine.objectives import UNLABELLED
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.recipe.data import Text
from workbench.recipe.section import whole_name

if TYPE_CHECKING:
    import polars

_NAMES = (
    "text", "texts", "sentence", "review", "content", "comment", "message", "document", "body", "question", "utterance",
    "tweet", "headline", "title", "abstract", "description",
)  # fmt: skip
_MEND = "Fill it in, or set data.skip_broken to leave such rows out."
# From this share of cut texts on, the limit is more than a matter of a few long ones.
_MANY = 0.1


def text(section: Text, folder: Path, wishes: Wishes | None = None) -> Dataset:
    """Texts as a recipe names them, all as long as the longest of the training set.

    Raises:
        WorkbenchError: A file cannot be read, a column or the tokenizer is missing, or texts are.
    """
    wishes = wishes or Wishes()
    tokenizer = read_tokenizer(whole_name(folder, section.tokenizer) if section.tokenizer else wishes.tokenizer)
    training = read_rows(whole_name(folder, section.file), skip_broken=section.skip_broken, pulse=wishes.pulse)
    column, said = _text_column(training, section.text, section.label)
    label, more = _label_column(training, section.label, column)
    tables = [training]
    if section.validation_file:
        held_out = whole_name(folder, section.validation_file)
        tables.append(read_rows(held_out, skip_broken=section.skip_broken, pulse=wishes.pulse))
    encoded, length = [], section.max_length
    for rows in tables:
        encoded.append(_encoded(rows, column, tokenizer, length, wishes.pulse, skip_broken=section.skip_broken))
        # Held-out texts are cut by the tokenizer to the length of the training ones, so that how a text ends is kept.
        length = min(length, encoded[0].longest)
    classes, labels = _labels([part.rows for part in encoded], label, section.classes)
    parts = [
        part.examples(tokenizer, length, labels_N, classes, (*said, *more) if part is encoded[0] else ())
        for part, labels_N in zip(encoded, labels, strict=True)
    ]
    return as_dataset(parts[0], parts[1] if len(parts) > 1 else None, section.validation_fraction, section.seed)


def text_examples(path: Path, traits: Traits, length: int, classes: tuple[str, ...]) -> Examples:
    """All texts of a file, as a model reads them.

    Args:
        path: The file.
        traits: Of the model.
        length: Tokens of one of its inputs.
        classes: Names in label order.

    Raises:
        WorkbenchError: The file cannot be read, or no column is one of texts.
    """
    tokenizer = TextTokenizer(traits.tokenizer, traits.pad, str(path))
    rows = read_rows(path, skip_broken=False)
    column, said = _text_column(rows, "", "")
    label, more = _label_column(rows, "", column)
    encoded = _encoded(rows, column, tokenizer, length, lambda _: None, skip_broken=False)
    _, (labels_N,) = _labels([rows], label, classes)
    return encoded.examples(tokenizer, length, labels_N, classes, (*said, *more))


@dataclass(frozen=True)
class _Encoded:
    """The rows that have a text, with their tokens."""

    rows: Rows
    tokens: list[list[int]]
    notes: tuple[Finding, ...]

    @property
    def longest(self) -> int:
        return max(map(len, self.tokens))

    def examples(
        self,
        tokenizer: TextTokenizer,
        length: int,
        labels_N: Tensor,
        classes: tuple[str, ...],
        notes: tuple[Finding, ...],
    ) -> Examples:
        tokens_NT = torch.full((len(self.tokens), length), tokenizer.pad, dtype=torch.int32)
        for row, tokens in enumerate(self.tokens):
            tokens_NT[row, : len(tokens)] = torch.tensor(tokens, dtype=torch.int32)
        traits = Traits(reads="tokens", tokenizer=tokenizer.json, pad=tokenizer.pad)
        notes += (*self.notes, *unlabelled_notes(self.rows.name, labels_N))
        return as_examples(tokens_NT, labels_N, classes, self.rows.name, traits=traits, notes=notes)


def _labels(tables: Sequence[Rows], label: str, classes: tuple[str, ...]) -> tuple[tuple[str, ...], list[Tensor]]:
    if not label:
        return classes, [torch.full((len(rows),), UNLABELLED) for rows in tables]
    return labels_in(tables, label, classes)


def _label_column(rows: Rows, name: str, column: str) -> tuple[str, tuple[Finding, ...]]:
    """The column of labels; "" where the text stands alone."""
    if name:
        rows.column(name, "label")
        return name, ()
    return guess_label(rows, (column,)) if rows.frame.width > 1 else ("", ())


def _text_column(rows: Rows, name: str, label: str) -> tuple[str, tuple[Finding, ...]]:
    """The column of texts as named, else by its name, else the one with the longest texts."""
    import polars

    if name:
        if not _holds_texts(rows.column(name, "text")):
            raise WorkbenchError(f"{rows.name}: the text column “{name}” holds {rows.frame[name].dtype}, not texts.")
        return name, ()
    names = [column for column in rows.frame.columns if column != label and _holds_texts(rows.frame[column])]
    known = {column.strip().lower(): column for column in reversed(names)}
    by_name = next((known[word] for word in _NAMES if word in known), None)
    if by_name is None and names:
        lengths = {column: rows.frame[column].cast(polars.String).str.len_chars().mean() or 0 for column in names}
        by_name = max(names, key=lambda column: lengths[column])
    if by_name is None:
        raise WorkbenchError(f"{rows.name} has no column of texts.", "Name it in data.text.")
    return by_name, (Finding(level="ok", title=f"The texts are taken from the column “{by_name}”."),)


def _holds_texts(series: "polars.Series") -> bool:
    import polars

    return series.dtype in (polars.String, polars.Categorical, polars.Enum)


def _encoded(
    rows: Rows, column: str, tokenizer: TextTokenizer, length: int, pulse: Callable[[str], None], *, skip_broken: bool
) -> _Encoded:
    """The tokens of every text; texts that are missing, or that the tokenizer knows nothing in, refused or left out."""
    import polars

    rows.column(column, "text")
    texts = texts_in(rows.frame[column]).fill_null("").to_list()
    tokens, cut = tokenizer.encode(texts, length, pulse)
    whole = polars.Series([bool(text) and any(token != tokenizer.pad for token in found)
                           for text, found in zip(texts, tokens, strict=True)], dtype=polars.Boolean)  # fmt: skip
    missing = f"the text in column “{column}” is missing in {int((~whole).sum()):,} of {len(rows):,} rows"
    if not whole.all() and not skip_broken:
        raise WorkbenchError(f"{rows.name}: {missing} ({rows.where(~whole)}).", _MEND)
    kept = rows.keep(whole)
    if not len(kept):
        raise WorkbenchError(f"{rows.name}: there is no text in the column “{column}”.", "Name another in data.text.")
    notes = _notes(rows, missing, rows.broken + len(rows) - len(kept))
    if cut:
        level = "warning" if cut > _MANY * len(rows) else "ok"
        title = f"{rows.name}: {cut:,} of {len(rows):,} texts are longer than {length:,} tokens and are cut."
        notes.append(Finding(level=level, title=title, fix="A larger data.max_length reads more of them."))
    return _Encoded(kept, [found for found, good in zip(tokens, whole, strict=True) if good], tuple(notes))


def _notes(rows: Rows, missing: str, out: int) -> list[Finding]:
    if not out:
        return []
    reasons = [missing] if out > rows.broken else []
    reasons += [f"{rows.broken:,} have too many or too few values"] if rows.broken else []
    title = f"{rows.name}: {out:,} of {len(rows) + rows.broken:,} rows were left out: {'; '.join(reasons)}."
    return [Finding(level="warning", title=title, fix="Mend the file to learn from them too.")]
