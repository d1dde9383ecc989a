"""Prompts, conversations and running text as a recipe names them, checked row by row, some of them held out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import torch

from workbench.engine.data.conversation_facts import digest_of, length_of, question_of, repeats
from workbench.engine.data.conversation_fields import Fields, fields_of
from workbench.engine.data.conversation_rows import Row, rows_of
from workbench.engine.language.dialogues import Dialogue, DialogueSet
from workbench.engine.seeding import generator
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.recipe.data import Conversations
from workbench.recipe.section import whole_name

_HEAD = 200
_MOST_NAMED = 20
# Texts are held in memory. A file whose texts are that many times its size is made to fill it.
_LEAST_ROOM, _MOST_ROOM, _MOST_TIMES = 2**28, 2**32, 1000
# No tokenizer makes fewer tokens of so many characters of ordinary text.
_LETTERS_A_TOKEN = 8
_MEND = "Mend the file, or set data.skip_broken to leave such rows out."


@dataclass(frozen=True)
class _Read:
    dialogues: list[Dialogue]
    notes: tuple[Finding, ...]


def read_dialogues(section: Conversations, folder: Path, pulse: Callable[[str], None] = lambda _: None) -> DialogueSet:
    """The conversations of a recipe, in the order of the file.

    What is asked more than once stays on one side of a split, so that nothing is judged that was learnt by heart.

    Args:
        section: Of the recipe.
        folder: What file names in it count from.
        pulse: Hears how far it is; what it raises ends reading.

    Raises:
        WorkbenchError: A file cannot be read, or rows of it cannot be used.
    """
    path = whole_name(folder, section.file)
    given = _read(section, path, pulse)
    if section.validation_file:
        other = _read(section, whole_name(folder, section.validation_file), pulse)
        _refuse_unlike(section, given.dialogues, other.dialogues)
        training, held_out, notes = given.dialogues, other.dialogues, given.notes + other.notes
    else:
        training, held_out = _split(section, path, given.dialogues)
        notes = given.notes
    pulse("Comparing the conversations")
    notes += (_counts(training, held_out), *_odd(section, training, held_out))
    return DialogueSet(training, held_out, digest_of(training, held_out), notes)


def _read(section: Conversations, path: Path, pulse: Callable[[str], None]) -> _Read:
    stream = rows_of(path, section.plain_text, skip_broken=section.skip_broken, pulse=pulse)
    head = list(islice(stream.rows, _HEAD))
    if not head:
        raise WorkbenchError(f"{path} is empty: there is no prompt and no text in it.")
    readable = [row.values for row in head if not row.problem]
    if not readable:
        raise WorkbenchError(f"{path}, {head[0].place}: {head[0].problem}.", _MEND)
    fields = fields_of(section, readable, str(path))
    dialogues, broken, count = list[Dialogue](), list[str](), 0
    for row in _within_room(path, chain(head, stream.rows), dialogues):
        count += 1
        found = _dialogue(fields, row)
        if isinstance(found, str):
            broken.append(f"{row.place}: {found}")
        else:
            dialogues.append(found.told(section.system))
    notes = (fields.note,) if fields.note else ()
    return _Read(dialogues, notes + _left_out(section, path, broken, count, stream.ragged))


def _dialogue(fields: Fields, row: Row) -> Dialogue | str:
    """What a row holds, or why it cannot be used."""
    if row.problem:
        return row.problem
    try:
        return fields.dialogue(row.values)
    except ValueError as error:
        return str(error)


def _within_room(path: Path, rows: Iterator[Row], dialogues: Sequence[Dialogue]) -> Iterator[Row]:
    """The rows, as long as what became of them fits into memory."""
    most = min(max(_LEAST_ROOM, _MOST_TIMES * path.stat().st_size), _MOST_ROOM)
    letters, counted = 0, 0
    for row in rows:
        yield row
        if len(dialogues) > counted:
            letters, counted = letters + length_of(dialogues[-1]), len(dialogues)
        if letters > most:
            raise WorkbenchError(
                f"{path}, {row.place}: up to here there are more than {most:,} characters of text, "
                f"in a file of {path.stat().st_size:,} bytes. That is more than is held in memory.",
                "Split the file, and use a part of it.",
            )


def _left_out(section: Conversations, path: Path, broken: list[str], count: int, ragged: int) -> tuple[Finding, ...]:
    """A note for what was left out; refused where that is not wanted, or where nothing is left."""
    if broken and (not section.skip_broken or len(broken) == count):
        more = f" {len(broken):,} of {count:,} rows cannot be used." if len(broken) > 1 else ""
        details = "\n".join(broken[:_MOST_NAMED]) + ("\n…" if len(broken) > _MOST_NAMED else "")
        raise WorkbenchError(f"{path}, {broken[0]}.{more}", _MEND, details)
    out = len(broken) + ragged
    if not out:
        return ()
    reasons = [f"the first is {broken[0]}"] if broken else []
    reasons += [f"{ragged:,} have too many or too few values"] if ragged else []
    title = f"{path}: {out:,} of {count + ragged:,} rows were left out: {'; '.join(reasons)}."
    return (Finding(level="warning", title=title, fix="Mend the file to learn from them too."),)


def _split(section: Conversations, path: Path, dialogues: Sequence[Dialogue]) -> tuple[list[Dialogue], list[Dialogue]]:
    """A seeded share held out; at least one question on either side."""
    questions = [question_of(each) for each in dialogues]
    different = list(dict.fromkeys(questions))
    if len(different) < 2:
        raise WorkbenchError(
            f"{path} cannot be split: it asks one thing only, in {len(dialogues):,} rows.",
            "Give more prompts, or a validation file.",
        )
    count = min(max(round(len(different) * section.validation_fraction), 1), len(different) - 1)
    order = torch.randperm(len(different), generator=generator("cpu", section.seed, "split"))
    chosen = {different[place] for place in order[:count].tolist()}
    pairs = list(zip(dialogues, questions, strict=True))
    return [one for one, asked in pairs if asked not in chosen], [one for one, asked in pairs if asked in chosen]


def _refuse_unlike(section: Conversations, training: Sequence[Dialogue], held_out: Sequence[Dialogue]) -> None:
    if bool(training[0].passage) != bool(held_out[0].passage):
        words = {True: "running text", False: "conversations"}
        raise WorkbenchError(
            f"{section.file} holds {words[bool(training[0].passage)]}, "
            f"and {section.validation_file} holds {words[bool(held_out[0].passage)]}.",
            "Judge by data of the same form.",
        )


def _counts(training: Sequence[Dialogue], held_out: Sequence[Dialogue]) -> Finding:
    every = (*training, *held_out)
    if every[0].passage:
        title = f"{len(every):,} passages of running text, {len(held_out):,} of them held out."
        return Finding(level="ok", title=title)
    responses, answers = sum(each.has_response for each in every), sum(bool(each.answer) for each in every)
    title = (
        f"{len(every):,} prompts, {len(held_out):,} of them held out; "
        f"{responses:,} with a response, {answers:,} with a known answer."
    )
    return Finding(level="ok", title=title)


def _odd(section: Conversations, training: Sequence[Dialogue], held_out: Sequence[Dialogue]) -> Iterator[Finding]:
    found = repeats(training, held_out)
    if found.repeated:
        title = f"{found.repeated:,} of {len(training):,} training examples only repeat an earlier one, word for word."
        yield Finding(level="ok", title=title)
    if found.overlap:
        yield Finding(
            level="warning",
            title=f"{found.overlap:,} of {len(held_out):,} held-out examples are in the training data too: "
            "what is learnt by heart is judged by them.",
            fix="Take them out of one of the two files.",
        )
    most = _LETTERS_A_TOKEN * section.max_length
    lengths = [length_of(each) for each in chain(training, held_out)]
    long = sum(length > most for length in lengths)
    if long:
        yield Finding(
            level="warning",
            title=f"{long:,} of {len(lengths):,} texts have more than {most:,} characters, the longest "
            f"{max(lengths):,}: they are cut at data.max_length, {section.max_length:,} tokens.",
            fix="A larger data.max_length reads more of them.",
        )
