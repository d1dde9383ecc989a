"""Sections in a list, such as teachers: each with its form, to be added, removed and moved."""

from collections.abc import Callable
from typing import Any

from annotated_types import MaxLen, MinLen
from pydantic.fields import FieldInfo
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from workbench.gui.widgets.field_row import refusal_label, show_refusal
from workbench.gui.widgets.form_part import FormContext, FormPart, Problems, column, owned, put_visible
from workbench.gui.widgets.naming import in_words
from workbench.recipe.drafts import Location, fresh
from workbench.recipe.section import sections_in


class ListEditing:
    """What can be done to a list of sections at a place; every action is one undo step."""

    def __init__(self, part: FormPart, info: FieldInfo) -> None:
        self._part = part
        self._section = sections_in(info.annotation)[0]
        self.item = in_words(_snake(self._section.__name__))
        limits = [(type(limit), limit) for limit in info.metadata]
        self.least = next((limit.min_length for kind, limit in limits if kind is MinLen), 0)
        self.most = next((limit.max_length for kind, limit in limits if kind is MaxLen), 10**6)

    @property
    def items(self) -> list[Any]:
        """The values of the sections."""
        return list(self._part.context.document.value(self._part.location))

    def add(self) -> None:
        """A new section at the end."""
        self._put([*self.items, fresh(self._section)], f"add {self.item.lower()}")

    def remove(self, place: int) -> None:
        """Take one out."""
        items = self.items
        del items[place]
        self._put(items, f"remove {self.item.lower()}")

    def move(self, place: int, by: int) -> None:
        """Move one up (-1) or down (1)."""
        items = self.items
        items.insert(place + by, items.pop(place))
        self._put(items, f"move {self.item.lower()}")

    def _put(self, items: list[Any], words: str) -> None:
        self._part.change(self._part.location, items, words)


class SectionList(FormPart):
    """The sections below each other; those that were taken out wait hidden for the next that is added."""

    def __init__(
        self,
        context: FormContext,
        location: Location,
        info: FieldInfo,
        make: Callable[[Location], FormPart],
        *,
        empty: str = "",
    ) -> None:
        super().__init__(context, location)
        self._make = make
        self.editing = ListEditing(self, info)
        self._items: list[_Item] = []
        self._refusal = refusal_label()
        self._empty = QLabel(empty)
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self.add = QPushButton(f"Add a {self.editing.item.lower()}")
        self.add.setAccessibleName(self.add.text())
        self.add.clicked.connect(self.editing.add)
        self._column = column(self)
        self._column.addWidget(self._refusal)
        self._column.addWidget(self._empty)
        self._column.addWidget(self.add)
        context.theme.changed.connect(self._colour)
        self._colour()

    def sync(self, problems: Problems) -> None:
        """As `FormPart.sync`."""
        count = len(self.editing.items)
        while len(self._items) < count:
            self._append()
        for place, item in enumerate(self._items):
            put_visible(item, place < count)
            item.place_among(count, self.editing.least)
        self.parts = list(self._items[:count])
        own = [sentence for place, sentence in problems.items() if not any(part.owns(place) for part in self.parts)]
        show_refusal(self._refusal, "\n".join(own))
        put_visible(self._empty, not count and bool(self._empty.text()))
        self.add.setEnabled(count < self.editing.most)
        super().sync(problems)

    def reveal(self, location: Location) -> QWidget | None:
        """As `FormPart.reveal`."""
        return super().reveal(location) if location != self.location else self.add

    def _append(self) -> None:
        place = len(self._items)
        item = _Item(self, place, self._make((*self.location, place)))
        self._items.append(item)
        self._column.insertWidget(self._column.count() - 1, item)

    def _colour(self) -> None:
        self.add.setIcon(self.context.theme.icon("add"))


class _Item(FormPart):
    """One section of a list under its number, with buttons to move and remove it."""

    def __init__(self, holder: SectionList, place: int, form: FormPart) -> None:
        super().__init__(holder.context, form.location)
        self._editing, self._place = holder.editing, place
        self._title = QLabel(f"{self._editing.item} {place + 1}")
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self._title, 1)
        self._up = self._button(head, "up", "Move up", self._move_up)
        self._down = self._button(head, "down", "Move down", self._move_down)
        self._remove = self._button(head, "remove", "Remove", self._take_out)
        layout = column(self, 4)
        layout.addLayout(head)
        layout.addWidget(form)
        self.parts = [form]
        holder.context.theme.changed.connect(self._colour)
        self._colour()

    def place_among(self, count: int, least: int) -> None:
        """Offer what can be done to it among so many."""
        put_visible(self._up, count > 1)
        put_visible(self._down, count > 1)
        self._up.setEnabled(self._place > 0)
        self._down.setEnabled(self._place < count - 1)
        self._remove.setEnabled(count > least)

    def sync(self, problems: Problems) -> None:
        """As `FormPart.sync`."""
        self.parts[0].sync(owned(self, problems))

    def _button(self, head: QHBoxLayout, icon: str, words: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setProperty("icon-name", icon)
        told = f"{words} {self._title.text().lower()}" if words == "Remove" else f"{words}: {self._title.text()}"
        button.setToolTip(told)
        button.setAccessibleName(told)
        button.clicked.connect(act)
        head.addWidget(button)
        return button

    def _move_up(self) -> None:
        self._editing.move(self._place, -1)

    def _move_down(self) -> None:
        self._editing.move(self._place, 1)

    def _take_out(self) -> None:
        self._editing.remove(self._place)

    def _colour(self) -> None:
        for button in (self._up, self._down, self._remove):
            button.setIcon(self.context.theme.icon(str(button.property("icon-name")), "muted"))


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name).lstrip("_")
