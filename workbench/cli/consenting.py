"""Asking in the terminal for consents: for files that can run code, for endpoints, and what was agreed to so far."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import typer
from rich.markup import escape
from rich.table import Table

from workbench import consents
from workbench.cli.showing import console
from workbench.cli.terminal import print_json
from workbench.errors import WorkbenchError
from workbench.origins import UNENCRYPTED, check_key_name, split_url
from workbench.wording import counted


@dataclass(frozen=True)
class Asked:
    """What needs a consent.

    Attributes:
        facts: What it is, a name and words each.
        question: To be answered with yes or no.
        is_agreed: Whether it needs no answer any more.
        agree: Remembers a yes.
    """

    facts: tuple[tuple[str, str], ...]
    question: str
    is_agreed: bool
    agree: Callable[[], None]


def ask_about(asked: Iterable[Asked], *, agreed: bool) -> bool:
    """Show each and ask about it; what is agreed to is remembered at once.

    Args:
        asked: From `code_file`, `endpoint` and `endpoints_in`.
        agreed: Whether the answer is yes without asking.

    Returns:
        Whether all of them were agreed to.

    Raises:
        WorkbenchError: The disk refuses.
    """
    for each in list(asked):
        table = Table(show_header=False, box=None, pad_edge=False)
        for name, words in each.facts:
            table.add_row(name, escape(words))
        console.print(table, soft_wrap=True)
        if each.is_agreed:
            console.print("No consent is missing.")
        elif agreed or typer.confirm(each.question):
            each.agree()
            console.print("Agreed, and remembered.")
        else:
            console.print("Nothing was agreed to.")
            return False
    return True


def endpoint(url: str, key: str) -> Asked:
    """Prompts, and a key, for an endpoint. Raises WorkbenchError where nothing is ever sent to such an address."""
    from workbench.engine.language.keys import place_of

    origin, _ = split_url(url)
    check_key_name(key)
    sent = "the prompts of recipes that name it, and what is written to it in the playground"
    facts = [("address", str(origin)), ("key", f"{key}, {place_of(key)}" if key else "none"), ("sent", sent)]
    if origin.is_readable_on_the_way:
        facts.append(("note", UNENCRYPTED))
    return Asked(
        tuple(facts),
        f"May prompts{f' and the key {key}' if key else ''} be sent there from this computer?",
        consents.may_send(origin, key),
        partial(consents.agree_to_endpoint, origin, key),
    )


def endpoints_in(recipe_file: Path) -> list[Asked]:
    """Every address and key that a recipe names. Raises WorkbenchError where it names none."""
    from workbench.recipe import read_recipe

    named = dict.fromkeys((str(each.origin), each.key) for each in read_recipe(recipe_file).endpoints)
    if not named:
        raise WorkbenchError(f"{recipe_file} names no endpoint: there is nothing to agree to.", "Use it as it is.")
    return [endpoint(address, key) for address, key in named]


def code_file(path: Path) -> Asked:
    """A file that can run code. Raises WorkbenchError where it cannot be read, or runs none."""
    whole = path.absolute()
    kind, digest, notes = _look(whole)
    facts = [("file", str(whole)), ("kind", kind), ("size", counted(whole.stat().st_size, "byte")), ("digest", digest)]
    return Asked(
        (*facts, *(("note", note) for note in notes)),
        "Do you trust where it comes from, and may it run on this computer?",
        consents.is_agreed(digest),
        partial(consents.agree, digest, str(whole)),
    )


def list_consents(*, as_json: bool) -> None:
    """All that was agreed to on this computer."""
    found = consents.consents()
    if as_json:
        for digest, name in found.items():
            print_json({"digest": digest, "name": name})
        return
    if not found:
        console.print("Nothing was agreed to on this computer.")
        return
    for digest, name in found.items():
        console.print(f"{digest}  {escape(name)}", soft_wrap=True)


def withdraw(digest: str) -> None:
    """Forget a consent. Raises WorkbenchError where there is none with this digest."""
    known = consents.consents()
    if digest not in known:
        raise WorkbenchError(f"Nothing with the digest “{digest}” was agreed to.", "See: trust --list")
    consents.withdraw(digest)
    console.print(f"Withdrawn until somebody agrees to it again: {escape(known[digest])}", soft_wrap=True)


def _look(path: Path) -> tuple[str, str, tuple[str, ...]]:
    """What a file is, its digest, and why it can run code."""
    if path.suffix.lower() == ".py" and path.is_file():
        return "a Python file", consents.digest_of(path), ("What the file imports is run too.",)
    from workbench.engine import checkpoints

    card = checkpoints.inspect(path)
    if not card.digest:
        raise WorkbenchError(
            f"{path} is of the kind “{card.format}” and is read without running code: there is nothing to agree to.",
            "Use it as it is.",
        )
    if card.digest != consents.digest_of(path):
        raise WorkbenchError(
            f"{path} runs no code itself, but the Python class that it needs does.", "Name the class's file instead."
        )
    return card.format, card.digest, tuple(note.title for note in card.notes)
