"""The stages of a recipe: one fills the form, several lie behind tabs and can be moved."""

from collections.abc import Callable

from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTabBar, QToolButton, QWidget

from workbench.gui.widgets.form_part import FormContext, FormPart, Problems, column, owned, put_visible
from workbench.gui.widgets.section_list import ListEditing
from workbench.recipe.drafts import Location

_BAR_SPACING = 2


class StageDeck(FormPart):
    """A page for each stage, made when it is first shown."""

    def __init__(
        self, context: FormContext, location: Location, info: FieldInfo, make: Callable[[Location], FormPart]
    ) -> None:
        super().__init__(context, location)
        self._make = make
        self._pages: dict[int, FormPart] = {}
        self._problems: Problems = {}
        self._editing = ListEditing(self, info)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.setAccessibleName("Stages")
        self.tabs.setToolTip(info.description or "")
        self._bar = QWidget()
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_BAR_SPACING)
        row.addWidget(self.tabs, 1)
        self.up = _button(row, "Move this stage to the front", self._move_up)
        self.down = _button(row, "Move this stage to the back", self._move_down)
        self.remove = _button(row, "Remove this stage", self._take_out)
        self.add = QPushButton("Add a stage")
        self.add.setAccessibleName("Add a stage")
        self.add.setToolTip("One more leg of the run, after the others")
        self.add.clicked.connect(self._append)
        self._column = column(self, 8)
        self._column.addWidget(self._bar)
        self._column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self.tabs.currentChanged.connect(self._turn)
        context.theme.changed.connect(self._colour)
        self._colour()

    def sync(self, problems: Problems) -> None:
        """As `FormPart.sync`; only the page in front is brought up to date."""
        self._problems = problems
        stages = self._editing.items
        self.tabs.blockSignals(True)
        for place in range(self.tabs.count(), len(stages)):
            self.tabs.insertTab(place, "")
        while self.tabs.count() > len(stages):
            self.tabs.removeTab(self.tabs.count() - 1)
        self.tabs.blockSignals(False)
        for place, stage in enumerate(stages):
            refused = any(where[:2] == (*self.location, place) for where in problems)
            self._name(place, str(stage.get("name") or ""), refused)
        put_visible(self._bar, len(stages) > 1)
        self._show()

    def fold(self, is_open: bool) -> int:
        """Each box of a stage folds for itself."""
        return 0

    def reveal(self, location: Location) -> QWidget | None:
        """As `FormPart.reveal`; turns to the stage."""
        place = location[len(self.location)] if len(location) > len(self.location) else None
        if isinstance(place, int) and place < self.tabs.count():
            self.tabs.setCurrentIndex(place)
        return super().reveal(location)

    def forget(self) -> None:
        """As `FormPart.forget`."""
        for page in self._pages.values():
            page.forget()
        self.tabs.setCurrentIndex(0)

    def _show(self) -> None:
        place, count = max(self.tabs.currentIndex(), 0), self.tabs.count()
        if place not in self._pages:
            self._pages[place] = self._make((*self.location, place))
            self._column.insertWidget(self._column.count() - 1, self._pages[place])
        for number, page in self._pages.items():
            put_visible(page, number == place)
        self.parts = [self._pages[place]]
        for part in self.parts:
            part.sync(owned(part, self._problems))
        self.up.setEnabled(place > 0)
        self.down.setEnabled(place < count - 1)
        self.remove.setEnabled(count > self._editing.least)

    def _name(self, place: int, name: str, refused: bool) -> None:
        title = f"Stage {place + 1}"
        if self.tabs.tabText(place) != title:
            self.tabs.setTabText(place, title)
        self.tabs.setTabToolTip(place, f"{title}: {name}" if name else title)
        if bool(self.tabs.tabData(place)) != refused:
            self.tabs.setTabData(place, refused)
            self._mark(place)

    def _turn(self, _place: int) -> None:
        self._show()

    def _append(self) -> None:
        self._editing.add()
        self.tabs.setCurrentIndex(self.tabs.count() - 1)

    def _take_out(self) -> None:
        self._editing.remove(self.tabs.currentIndex())

    def _move_up(self) -> None:
        self._move(-1)

    def _move_down(self) -> None:
        self._move(1)

    def _move(self, by: int) -> None:
        place = self.tabs.currentIndex()
        self._editing.move(place, by)
        self.tabs.setCurrentIndex(place + by)

    def _mark(self, place: int) -> None:
        theme = self.context.theme
        icon = theme.icon("error", "bad") if self.tabs.tabData(place) else theme.icon("curves", "muted")
        self.tabs.setTabIcon(place, icon)

    def _colour(self) -> None:
        for button, icon in ((self.up, "up"), (self.down, "down"), (self.remove, "remove")):
            button.setIcon(self.context.theme.icon(icon, "muted"))
        self.add.setIcon(self.context.theme.icon("add"))
        for place in range(self.tabs.count()):
            self._mark(place)


def _button(row: QHBoxLayout, words: str, act: Callable[[], None]) -> QToolButton:
    button = QToolButton()
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.clicked.connect(act)
    row.addWidget(button)
    return button
