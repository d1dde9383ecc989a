"""What a form is made of: parts that show the values at a place of a draft and mark what is refused there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from PySide6.QtCore import QMargins
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from workbench.gui.theme import Theme
from workbench.recipe.drafts import Location

Problems: TypeAlias = Mapping[Location, str]
ROW_SPACING = 6


class Editable(Protocol):
    """What a form edits: the recipe document, or anything else with plain values at places."""

    folder: Path

    def value(self, location: Location) -> Any:
        """The value at a place."""
        ...

    def set(self, location: Location, value: Any, words: str = "") -> None:
        """Change it; the form hears of the change and is asked to `sync`."""
        ...

    def settle(self) -> None:
        """The visit to a field is over: what is changed next is undone by itself."""
        ...


@dataclass(frozen=True)
class FormContext:
    """What every part of a form needs."""

    document: Editable
    theme: Theme


class FormPart(QWidget):
    """A piece of a form, made of further pieces; its place in the draft never changes.

    Attributes:
        context: The document and the theme.
        location: The place whose values it shows.
        parts: The pieces inside.
    """

    def __init__(self, context: FormContext, location: Location) -> None:
        super().__init__()
        self.context, self.location = context, location
        self.parts: list[FormPart] = []

    def owns(self, location: Location) -> bool:
        """Whether a problem at this place is shown here."""
        return location[: len(self.location)] == self.location

    def sync(self, problems: Problems) -> None:
        """Show the document's values and these problems, in place; focus, cursor and scrolling stay."""
        for part in self.parts:
            part.sync(owned(part, problems))

    def fold(self, is_open: bool) -> int:
        """Hide settings that are off and were never touched, unless opened; returns how many there are."""
        return sum(part.fold(is_open) for part in self.parts)

    def reveal(self, location: Location) -> QWidget | None:
        """Make the widget for a place visible inside this part; returns it, None where there is none."""
        for part in self.parts:
            if part.owns(location):
                found = part.reveal(location)
                if found is not None:
                    return found
        return self if self.location == location else None

    def forget(self) -> None:
        """Another recipe was opened: what was typed before it is of no use any more."""
        for part in self.parts:
            part.forget()

    def change(self, location: Location, value: Any, words: str) -> None:
        """Change a value as one undo step of its own."""
        self.context.document.settle()
        self.context.document.set(location, value, words)
        self.context.document.settle()

    def stack(self, parts: Iterable["FormPart"]) -> QVBoxLayout:
        """Lay parts out below each other and take them in."""
        layout = column(self)
        for part in parts:
            self.take_in(part, layout)
        return layout

    def take_in(self, part: "FormPart", layout: QBoxLayout, place: int = -1) -> None:
        """Put a part into a layout of this one, at the end or at a place."""
        self.parts.append(part)
        layout.insertWidget(place, part)
        # A layout shows what it is given only later; what is to be scrolled to must be there now.
        if self.isVisible():
            part.show()


def owned(part: FormPart, problems: Problems) -> Problems:
    """The problems that a part shows."""
    return {location: sentence for location, sentence in problems.items() if part.owns(location)}


def column(widget: QWidget, spacing: int = ROW_SPACING) -> QVBoxLayout:
    """A column without margins as the layout of a widget."""
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(QMargins())
    layout.setSpacing(spacing)
    return layout


def label_width(font: QFont) -> int:
    """Width of the column of labels in pixels, the same in every section so that all fields align."""
    return QFontMetrics(font).horizontalAdvance("Validation images") + 2


def put_visible(widget: QWidget, visible: bool) -> None:
    """Show or hide a widget inside another one, without a new layout where nothing changes."""
    if widget.isHidden() == visible:
        widget.setVisible(visible)
