"""Asking in the terminal about files that can run code: what each is, yes or no, and what was agreed to so far."""

from dataclasses import dataclass
from pathlib import Path

import typer
from rich.markup import escape
from rich.table import Table

from workbench import consents
from workbench.cli.showing import console
from workbench.cli.terminal import print_json
from workbench.errors import WorkbenchError
from workbench.wording import counted


@dataclass(frozen=True)
class _Asked:
    """A file that can run code: its digest, what it is, and why it can."""

    path: Path
    digest: str
    what: str
    reasons: tuple[str, ...]


def ask_about(files: list[Path], *, agreed: bool) -> bool:
    """Show each file and ask about it; what is agreed to is remembered at once.

    Args:
        files: What somebody wants to use.
        agreed: Whether the answer is yes without asking.

    Returns:
        Whether all of them were agreed to.

    Raises:
        WorkbenchError: One cannot be read, or runs no code, so that there is nothing to agree to.
    """
    for asked in [_look(path) for path in files]:
        _show(asked)
        if consents.is_agreed(asked.digest):
            console.print("It was agreed to before.")
        elif agreed or typer.confirm("Do you trust where it comes from, and may it run on this computer?"):
            consents.agree(asked.digest, str(asked.path))
            console.print("Agreed, and remembered.")
        else:
            console.print("Nothing was agreed to.")
            return False
    return True


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
    console.print(f"{escape(known[digest])} is not run any more until somebody agrees to it again.", soft_wrap=True)


def _look(path: Path) -> _Asked:
    whole = path.absolute()
    if whole.suffix.lower() == ".py" and whole.is_file():
        return _Asked(whole, consents.digest_of(whole), "a Python file", ("What the file imports is run too.",))
    from workbench.engine import checkpoints

    card = checkpoints.inspect(whole)
    if not card.digest:
        raise WorkbenchError(
            f"{path} is of the kind “{card.format}” and is read without running code: there is nothing to agree to.",
            "Use it as it is.",
        )
    if card.digest != consents.digest_of(whole):
        raise WorkbenchError(
            f"{path} runs no code itself, but the Python class that it needs does.", "Name the class's file instead."
        )
    return _Asked(whole, card.digest, card.format, tuple(note.title for note in card.notes))


def _show(asked: _Asked) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row("file", escape(str(asked.path)))
    table.add_row("kind", escape(asked.what))
    table.add_row("size", counted(asked.path.stat().st_size, "byte"))
    table.add_row("digest", asked.digest)
    for reason in asked.reasons:
        table.add_row("note", escape(reason))
    console.print(table, soft_wrap=True)
