"""Two eras: one loss, shown on a soft distribution at one position (2015) and on a response token by token (2025)."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QVBoxLayout, QWidget

from workbench.events import TextProbed
from workbench.gui.era_examples import (
    ClassicExample,
    ModernExample,
    known_position,
    known_response,
    position_of,
    response_of,
)
from workbench.gui.era_numbers import score_distribution
from workbench.gui.era_telling import (
    NOTHING,
    POSITION_FORMULA,
    RESPONSE_FORMULA,
    count_says,
    position_says,
    response_says,
)
from workbench.gui.era_texts import (
    CLASSIC,
    CLASSIC_NAME,
    CLASSIC_RESULTS,
    CLASSIC_SAYS,
    MODERN,
    MODERN_NAME,
    MODERN_RESULTS,
    MODERN_SAYS,
)
from workbench.gui.lens import TEACHER
from workbench.gui.panel import Panel, Place
from workbench.gui.watched_run import WatchedRun
from workbench.gui.watching import Watching
from workbench.gui.widgets.era_card import EraCard
from workbench.gui.widgets.era_map import EraMap
from workbench.gui.widgets.era_player import EraPlayer
from workbench.gui.widgets.era_terms import ASKED, SCORED, TAUGHT, ClassTerms
from workbench.gui.widgets.era_tokens import TokenStrip
from workbench.gui.widgets.era_words import idea, unknown
from workbench.gui.widgets.fitted_area import FittedArea
from workbench.gui.widgets.scrolled import scrolled
from workbench.gui.widgets.temperature_control import TemperatureControl
from workbench.recipe.drafts import checked_section
from workbench.recipe.recipe import Stage

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace

_LEAST, _NARROW, _MOST_TOKENS_HIGH, _AROUND = QSize(360, 200), 760, 330, 110
_RUNS_TEXT = "The run’s watched text"


class ErasPanel(Panel):
    """The classic loss beside the modern one, walked through together."""

    name = "eras"
    title = "Two eras"
    place = Place.MAIN

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        theme = workspace.theme
        self.watching = Watching(workspace, self.name, self)
        self.map = EraMap()
        self.temperature = TemperatureControl(theme, workspace.pump)
        self.terms, self.tokens = ClassTerms(theme), TokenStrip(theme)
        self.count = QLabel()
        self.classic = EraCard(theme, CLASSIC, self.temperature, self.terms)
        self._text_area = FittedArea(self.tokens, _MOST_TOKENS_HIGH)
        self.modern = EraCard(theme, MODERN, self.count, self._text_area)
        self.player = EraPlayer(theme, workspace.pump)
        self._position: ClassicExample = known_position()
        self._response: ModernExample = known_response()
        self._offered: tuple[object, ...] = ()
        self._text: TextProbed | None = None
        self._run: WatchedRun | None = None
        self._lay_out()
        self.watching.changed.connect(self.mark_stale)
        for signal in (workspace.document.edited, workspace.document.opened, workspace.watched_changed):
            signal.connect(self.mark_stale)
        workspace.heard.connect(self._hear)
        self.classic.source.currentIndexChanged.connect(self._change_position)
        self.modern.source.currentIndexChanged.connect(self._change_response)
        self.temperature.changed.connect(self._turn)
        self.player.changed.connect(self._walk)
        self.tokens.picked.connect(self.player.go_to_token)
        self._change_position()
        self._change_response()

    def refresh(self) -> None:
        """Offer what the run on the screen has, and mark the recipe on the map."""
        # Heights are known only once everything has been dressed.
        self._fit()
        self._offer_positions()
        self._offer_response()
        drafts = self.workspace.document.draft["stages"]
        self.map.show_stages([checked_section(Stage, draft) for draft in drafts])

    def warm_up(self) -> None:
        """Add the published results: many small widgets, a turn of the event loop after the others."""
        if not self.classic.results:
            self.classic.add_results(CLASSIC_RESULTS)
            self.modern.add_results(MODERN_RESULTS)
            self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Whatever came first, nothing is missing on the screen."""
        self.warm_up()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One below the other where there is little room."""
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step by keys."""
        if not self.player.take_key(event):
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The keys of the steps, before the area around the cards scrolls by them."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self.player.take_key(event):
            return True
        return super().eventFilter(watched, event)

    # -- making it

    def _lay_out(self) -> None:
        self.count.setProperty("role", "muted")
        self.count.setMinimumHeight(self.temperature.sizeHint().height())
        self.classic.formula.setText(POSITION_FORMULA)
        self.modern.formula.setText(RESPONSE_FORMULA)
        self.classic.source.addItem(CLASSIC_NAME)
        self.modern.source.addItem(MODERN_NAME)
        inside, foot = QWidget(), QFrame()
        self.area = scrolled(inside)
        for area in (self.area, self._text_area):
            area.installEventFilter(self)
        # From the outside in: a widget is dressed anew each time that what holds it gets another place.
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.area, 1)
        whole.addWidget(foot)
        column = QVBoxLayout(inside)
        column.setContentsMargins(14, 12, 14, 14)
        column.setSpacing(14)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setSpacing(24)
        self._eras = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._eras.setSpacing(14)
        column.addLayout(self._head)
        column.addLayout(self._eras)
        column.addWidget(unknown())
        column.addStretch(1)
        self._head.addWidget(idea(), 2)
        self._head.addWidget(self.map, 3)
        self._eras.addWidget(self.classic, 1)
        self._eras.addWidget(self.modern, 1)
        # Last, so that Tab comes to it last.
        row = QVBoxLayout(foot)
        row.setContentsMargins(14, 6, 14, 8)
        row.addWidget(self.player)
        self.setMinimumSize(_LEAST)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def _fit(self) -> None:
        is_narrow = self.width() < _NARROW
        direction = QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight
        for box in (self._head, self._eras):
            box.setDirection(direction)
        room = self.width() - 44
        width = room if is_narrow else (room - self._eras.spacing()) // 2
        # Beside each other they begin each part at the same height.
        classic, modern = self.classic.heights_at(CLASSIC_SAYS, width), self.modern.heights_at(MODERN_SAYS, width)
        both = (max(classic[0], modern[0]), max(classic[1], modern[1]))
        self.classic.keep_room(*(classic if is_narrow else both))
        self.modern.keep_room(*(modern if is_narrow else both))

    # -- what is shown

    def _offer_positions(self) -> None:
        """Offer the watched examples that a teacher has answered to; draw the chosen one anew when it has changed."""
        seen = [each for each in self.watching.seen() if TEACHER in each.at_1]
        names = self.watching.names
        box = self.classic.source
        offered = (tuple(each.example for each in seen), names)
        if offered != self._offered:
            self._offered = offered
            chosen = box.currentData()
            box.blockSignals(True)
            box.clear()
            box.addItem(CLASSIC_NAME)
            for each in seen:
                box.addItem(f"Label {names[each.label]}, example {each.example:,}", each.example)
            box.setCurrentIndex(max(box.findData(chosen), 0) if chosen is not None else 0)
            box.blockSignals(False)
            self._change_position()
        elif box.currentIndex() > 0:
            self._change_position()

    def _offer_response(self) -> None:
        """Show the run's own text as soon as it has one; a person may go back to the one that anyone knows."""
        run = self.workspace.watched
        text = run.own.latest(TextProbed) if run else None
        if text is self._text and run is self._run:
            return
        box = self.modern.source
        is_new = text is not None and (run is not self._run or self._text is None)
        self._text, self._run = text, run
        if text is None and box.count() > 1:
            box.removeItem(1)
        elif text is not None and box.count() == 1:
            box.addItem(_RUNS_TEXT, _RUNS_TEXT)
        if is_new:
            box.setCurrentIndex(1)
        self._change_response()

    def _change_position(self, _row: int = 0) -> None:
        example = self.classic.source.currentData()
        seen = next((each for each in self.watching.seen() if each.example == example), None)
        self._position = known_position() if seen is None else position_of(seen, self.watching.names)
        _say(self.classic.about, self._position.about)
        self._draw_position()

    def _change_response(self, _row: int = 0) -> None:
        is_own = self._text is not None and self.modern.source.currentIndex() == 1
        before = len(self._response.scored)
        self._response = response_of(self._text) if is_own and self._text is not None else known_response()
        self.tokens.show_tokens(self._response.tokens)
        _say(self.modern.about, self._response.about)
        if len(self._response.scored) != before or not self.count.text():
            self.player.set_tokens(len(self._response.scored))
        self._step()

    def _walk(self) -> None:
        """A person goes to another step: keep what it is about in sight."""
        self._step()
        current, inside = self.tokens.current, self.area.widget()
        assert inside is not None, "it was put there at the beginning"
        place = QPoint(0, 0) if current is None else self.tokens.place_of(current).center()
        self._text_area.ensureVisible(place.x(), place.y(), 0, 40)
        seen = self.tokens.mapTo(inside, place)
        # With the words above it, where there is room for them.
        self.area.ensureVisible(seen.x(), seen.y(), 0, min(_AROUND, self.area.viewport().height() // 2))

    def _step(self) -> None:
        """Show as much of both as belongs to the step."""
        chapter, count = self.player.chapter, len(self._response.scored)
        _say(self.classic.says, CLASSIC_SAYS[chapter])
        _say(self.modern.says, MODERN_SAYS[chapter])
        scored = min(self.player.scored, count)
        current = scored - 1 if chapter == 2 and scored else None
        self.tokens.set_reach(is_written=chapter > 0, scored=scored, current=current)
        self._draw_position()
        _say(self.count, count_says(self._response, scored))
        _say(self.modern.numbers, response_says(self._response, scored, current))

    def _turn(self, _temperature: float) -> None:
        self._draw_position()

    def _draw_position(self) -> None:
        shown, chapter, temperature = self._position, self.player.chapter, self.temperature.temperature
        score = score_distribution(shown.teacher_C, shown.student_C, temperature)
        self.terms.show_score(score, shown.names, shown.shown, shown.label)
        self.terms.set_reach((ASKED, TAUGHT, SCORED, SCORED)[chapter])
        _say(self.classic.numbers, position_says(score, temperature) if chapter >= 2 else NOTHING)

    # -- what happens meanwhile

    def _hear(self, _history: object, event: object) -> None:
        if isinstance(event, TextProbed):
            self.mark_stale()


def _say(label: QLabel, words: str) -> None:
    if label.text() != words:
        label.setText(words)
