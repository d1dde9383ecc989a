"""Everything that can be asked for by name, read from the window's own actions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import QMenu

from workbench.gui.fuzzy import match

# What cannot be done now is still found, below what can.
_NOT_NOW = 1.5
_USED_LATELY = 2.0


@dataclass(frozen=True)
class Command:
    """One line of the palette.

    Attributes:
        text: What is read and searched.
        run: What it does.
        icon: Stands before it.
        path: Where else it is found, such as "File › Open recent".
        shortcut: As the system spells it.
        tip: What it does, in a sentence.
        why_not: Why it cannot be done now; empty when it can.
        is_on: Of something that is on or off; None of anything else.
        key: Names it among the last used; its text where it is empty.
    """

    text: str
    run: Callable[[], object]
    icon: QIcon = field(default_factory=QIcon)
    path: str = ""
    shortcut: str = ""
    tip: str = ""
    why_not: str = ""
    is_on: bool | None = None
    key: str = ""

    @property
    def name(self) -> str:
        """Names it among the last used."""
        return self.key or self.text


@dataclass(frozen=True)
class Found:
    """A command that fits what was typed, and the letters of its text that were meant."""

    command: Command
    places: tuple[int, ...] = ()


def commands_of(actions: Iterable[QAction]) -> list[Command]:
    """The actions a person can see, in order, each once."""
    seen: dict[int, QAction] = {id(action): action for action in actions}
    return [_command_of(action) for action in seen.values() if _is_for_people(action)]


def find(query: str, commands: Iterable[Command], used: list[str]) -> list[Found]:
    """What fits, best first; without a query everything, last used first and what cannot be done last.

    Args:
        query: What was typed.
        commands: All there are.
        used: Names of the last used, newest first.
    """
    rank = {name: place for place, name in enumerate(used)}
    scored: list[tuple[float, int, Found]] = []
    for place, command in enumerate(commands):
        fitting = match(query, command.text, command.path)
        if fitting is None:
            continue
        score = fitting.score if query.strip() else 0.0
        if command.name in rank:
            # Weighs among equals while something is typed, and before all else while nothing is.
            score += _USED_LATELY / (1 + rank[command.name]) if query.strip() else 100.0 - rank[command.name]
        if command.why_not:
            score -= _NOT_NOW if query.strip() else 1000.0
        scored.append((-score, place, Found(command, fitting.places)))
    return [found for _, _, found in sorted(scored, key=lambda one: one[:2])]


def _is_for_people(action: QAction) -> bool:
    return action.isVisible() and not action.isSeparator() and bool(action.text()) and action.menu() is None


def _command_of(action: QAction) -> Command:
    text = plain_text(action.text())
    tip = " ".join((action.statusTip() or action.toolTip()).split())
    return Command(
        text=text,
        run=action.trigger,
        icon=action.icon(),
        path=" › ".join(_menus_above(action)),
        shortcut=action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
        tip="" if tip == text else tip,
        why_not="" if action.isEnabled() else _why_not(text, tip),
        is_on=action.isChecked() if action.isCheckable() else None,
        key=action.objectName(),
    )


def _why_not(text: str, tip: str) -> str:
    # A tip that was not set is the text itself.
    return tip if tip and tip != text.rstrip("…") and tip != text else "This is not possible now."


def _menus_above(action: QAction) -> list[str]:
    for owner in action.associatedObjects():
        # The menu bar keeps a menu without a name, for what it has no room for.
        if isinstance(owner, QMenu) and owner.title():
            return [*_menus_above(owner.menuAction()), plain_text(owner.title())]
    return []


def plain_text(text: str) -> str:
    """A menu's text without the marks for the keyboard."""
    return "&".join(part.replace("&", "") for part in text.split("&&"))
