"""Whether the first rows of a file are conversations or prompts, rather than a table or texts with labels."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.recipe.data import Conversations
from workbench.recipe.drafts import fresh
from workbench.recipe.field_names import ANSWERS, MESSAGES, PROMPTS, RESPONSES

_MOST_ITEMS = 20
# From so many letters a cell on, a column is read as a text.
_LONG, _WORDS = 12, 3
# Names of prompts, however short, if there are answers beside them; and those that are hardly anything else.
_USUAL, _SURE = PROMPTS[:5], ("prompt", "instruction")
_LABELS = ("label", "labels", "class", "category")


def guess_conversations(path: Path, rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """A draft of the section for conversations; None where the rows are something else, or carry a label.

    Args:
        path: The file.
        rows: The first ones.
    """
    known = {str(name).strip().lower(): [row.get(name) for row in rows] for name in (rows[0] if rows else ())}
    has_messages = any(any(map(_is_conversation, known.get(name, ()))) for name in MESSAGES)
    if not has_messages and (any(name in known for name in _LABELS) or not _has_prompts(known)):
        return None
    return {**fresh(Conversations), "file": str(path)}


def guess_plain_text(path: Path, lines: Sequence[str]) -> dict[str, Any] | None:
    """Passages where empty lines stand between them, else a prompt a line; only if the file's name says it is text."""
    if path.suffix.lower() != ".txt" or sum(bool(line.strip()) for line in lines) < 2:
        return None
    is_prose = any(not line.strip() for line in "\n".join(lines).strip().splitlines())
    return {**fresh(Conversations), "file": str(path), "plain_text": "passages" if is_prose else "prompts"}


def items_of(text: str) -> list[dict[str, Any]]:
    """The first objects of a JSON list, wherever it is broken off; [] where it holds something else."""
    decoder, rows, rest = json.JSONDecoder(), list[dict[str, Any]](), text.lstrip()[1:]
    while len(rows) < _MOST_ITEMS:
        rest = rest.lstrip(" \t\r\n,")
        try:
            row, end = decoder.raw_decode(rest)
        except (ValueError, RecursionError):
            break
        if not isinstance(row, dict):
            return []
        rows.append(row)
        rest = rest[end:]
    return rows


def holds_sentences(cells: Sequence[Any]) -> bool:
    """Whether the cells of a column are texts of several words."""
    given = [cell for cell in cells if cell not in (None, "")]
    if not given or not all(isinstance(cell, str) for cell in given):
        return False
    letters, words = sum(map(len, given)) / len(given), sum(len(cell.split()) for cell in given) / len(given)
    return letters >= _LONG and words >= _WORDS


def _has_prompts(known: dict[str, list[Any]]) -> bool:
    is_answered = any(name in known for name in (*RESPONSES, *ANSWERS))
    sentences = [name for name in PROMPTS if holds_sentences(known.get(name, ()))]
    texts = [name for name in _USUAL if _holds_texts(known.get(name, ()))]
    return (
        bool(is_answered and (sentences or texts))
        or any(name in sentences for name in _USUAL)
        or any(name in texts for name in _SURE)
    )


def _is_conversation(cell: Any) -> bool:
    """A list of messages, or the JSON of one."""
    if isinstance(cell, str) and cell.lstrip().startswith("["):
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            return False
    first = cell[0] if isinstance(cell, list) and cell else None
    return isinstance(first, dict) and ("role" in first or "from" in first)


def _holds_texts(cells: Sequence[Any]) -> bool:
    given = [cell for cell in cells if cell not in (None, "")]
    return bool(given) and all(isinstance(cell, str) and not _is_number(cell) for cell in given)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
