"""A card of facts inside a form, found out by a job while a person goes on editing."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from workbench.errors import WorkbenchError
from workbench.gui.background import Background
from workbench.gui.theme import small, tabular
from workbench.gui.widgets.field_row import refusal_label, show_refusal
from workbench.gui.widgets.form_part import FormContext, FormPart, Problems, label_width, put_visible
from workbench.recipe.drafts import Location

# Until a person has stopped typing.
_PATIENCE_MS = 200
_topics = count()


class FactsCard(FormPart):
    """Rows of name and fact; a refusal in their place where nothing can be found out.

    Signals:
        known: Facts came, or are not known any more.
    """

    known = Signal()

    def __init__(
        self, context: FormContext, location: Location, jobs: Background, names: Sequence[str], colour: str
    ) -> None:
        super().__init__(context, location)
        self.jobs = jobs
        self._colour = colour
        self._topic = f"card {next(_topics)}"
        self._asked: Any = None
        self._facts: dict[str, QLabel] = {}
        self._titles: dict[str, QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(12, 8, 10, 8)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(0)
        # The facts stand under the fields: the column of labels less the card's own margin.
        self._grid.setColumnMinimumWidth(0, label_width(self.font()) - 12)
        self._grid.setColumnStretch(1, 1)
        for name in names:
            self._add(name)
        self.refusal = refusal_label()
        self._grid.addWidget(self.refusal, self._grid.rowCount(), 0, 1, 2)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PATIENCE_MS)
        self._timer.timeout.connect(self._ask_now)
        # The job may outlive the card, and nobody else would call it off.
        self.destroyed.connect(partial(jobs.cancel, self._topic))
        context.theme.changed.connect(self.update)
        self.hide()

    def request(self) -> Any:
        """What the document asks to be found out, comparable with ==; None for nothing."""
        raise NotImplementedError

    def ask(self) -> None:
        """Begin to find it out with `look_up`."""
        raise NotImplementedError

    def lose(self, before: Any, request: Any) -> None:
        """Something else is asked for: drop what is not true of it."""

    def text_of(self, name: str) -> str:
        """The fact that is shown under a name; empty where it is not shown."""
        return "" if self._facts[name].isHidden() else self._facts[name].text()

    def sync(self, problems: Problems) -> None:
        """As `FormPart.sync`; asks anew only when what is asked for changed."""
        request = self.request()
        put_visible(self, request is not None)
        if request == self._asked:
            return
        before, self._asked = self._asked, request
        self.jobs.cancel(self._topic)
        self.lose(before, request)
        if request is not None:
            self._timer.start()

    def look_up(self, name: str, work: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
        """Find something out in the background; a refusal takes the place of the facts."""
        self.jobs.start(name, work, done, self.refuse, topic=self._topic)

    def tell(self, **facts: str) -> None:
        """Show facts by name, underscores for blanks; an empty one is hidden."""
        for key, text in facts.items():
            name = key.replace("_", " ")
            if self._facts[name].text() != text:
                self._facts[name].setText(text)
                self._facts[name].setAccessibleName(f"{name}: {text}")
            put_visible(self._facts[name], bool(text))
            put_visible(self._titles[name], bool(text))

    def explain(self, name: str, words: str) -> None:
        """What a fact means, as its tooltip."""
        self._facts[name].setToolTip(words)
        self._titles[name].setToolTip(words)

    def refuse(self, error: WorkbenchError) -> None:
        """Show in words why there are no facts."""
        self.tell(**dict.fromkeys((name.replace(" ", "_") for name in self._facts), ""))
        show_refusal(self.refusal, "\n".join(part for part in (error.title, error.hint) if part))

    def accept(self) -> None:
        """There are facts: no refusal any more."""
        show_refusal(self.refusal, "")

    def reveal(self, location: Location) -> QWidget | None:
        """A card is no place for a value."""
        return None

    def owns(self, location: Location) -> bool:
        """A card shows no problem of the draft."""
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tinted ground with a bar in the colour of its role."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        theme = self.context.theme
        painter.setBrush(theme.colour("surface"))
        painter.drawRoundedRect(QRectF(self.rect()), 5, 5)
        painter.setBrush(theme.colour(self._colour))
        painter.drawRoundedRect(QRectF(0, 5, 3, self.height() - 10), 1.5, 1.5)

    def _ask_now(self) -> None:
        if self.isVisible():
            self.ask()
        else:
            self._asked = None

    def _add(self, name: str) -> None:
        title, fact = QLabel(name[:1].upper() + name[1:]), QLabel()
        title.setProperty("role", "muted")
        title.setFont(small(self.font()))
        fact.setFont(tabular(small(self.font())))
        fact.setWordWrap(True)
        fact.setTextFormat(Qt.TextFormat.PlainText)
        fact.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # Margins of their own instead of the grid's spacing, which hidden rows would upset.
        title.setContentsMargins(0, 1, 0, 2)
        fact.setContentsMargins(0, 1, 0, 2)
        row = self._grid.rowCount()
        self._grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(fact, row, 1)
        self._titles[name], self._facts[name] = title, fact
        title.hide()
        fact.hide()
