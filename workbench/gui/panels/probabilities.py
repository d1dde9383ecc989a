"""The lens: what teacher and student say of single examples, and of whole classes, while the student learns."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from workbench.gui.panel import Panel, Place
from workbench.gui.watching import Watching
from workbench.gui.widgets.dark_knowledge_view import DarkKnowledgeView
from workbench.gui.widgets.lens_view import LensView
from workbench.gui.widgets.segments import Segments

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace

_MOST_PICKED = 24
_NARROW = 640
_LEAST = QSize(360, 200)
_NO_RUN = "Train a recipe, or open a run, to see here what teacher and student say of single examples."
_NO_LOOK = "The first look at the watched examples comes after {every} steps."
_NO_CLASSES = "This run writes text: see the Text panel."
_NO_SURVEY = "The map of the classes comes with the first evaluation on held-out data."
_PICKS = {
    "recipe": "One per class",
    "disagreements": "Disagreements",
    "mistakes": "Mistakes",
}


class ProbabilitiesPanel(Panel):
    """Examples under the lens, or the dark knowledge of whole classes."""

    name = "probabilities"
    title = "Probabilities"
    place = Place.LOWER

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        theme = workspace.theme
        self.watching = Watching(workspace, self.name, self)
        self.lens = LensView(theme)
        self.dark = DarkKnowledgeView(theme)
        self.views = Segments("View", {"examples": "Examples", "dark": "Dark knowledge"})
        self.views.button("examples").setToolTip("Single examples, and what teacher and student say of them")
        self.views.button("dark").setToolTip("Mean soft targets, true class by class said")
        self.picks = QComboBox()
        self.temperatures = Segments("Temperature of the bars", {"soft": "T", "plain": "T = 1"})
        self.log = _toggle("Log", "Logarithmic scale: 0.3 % can be seen beside 97 %")
        self.baseline = _toggle("Baseline", "The same student trained without the teacher, beside the others")
        self.log_map = _toggle("Log", "Colours by ratio: small shares can be told apart")
        self.diagonal = _toggle("Right answers", "Show the diagonal too; without it the scale serves the wrong answers")
        self.difference = _toggle("Difference", "A third map: teacher minus student")
        self._drawn: list[object] = []
        self._offered: tuple[object, ...] = ()
        self._lay_out()
        self._connect()
        self._dress()

    def refresh(self) -> None:
        """Draw the newest numbers of what is shown."""
        self.watching.prepare()
        seen, surveyed = self.watching.seen(), self.watching.surveyed
        self._offer()
        is_lens = self.views.value == "examples"
        run = self.workspace.watched
        self._header.setVisible(run is None or not run.writes_text)
        if is_lens and seen:
            if self._is_new(seen, self.watching.examples):
                self.lens.show_seen(seen, self.watching.names, self.watching.examples)
            self._stack.setCurrentWidget(self.lens)
        elif not is_lens and surveyed is not None:
            if self._is_new(surveyed):
                self.dark.show_survey(surveyed, self.watching.names)
            self._stack.setCurrentWidget(self.dark)
        else:
            self._stack.setCurrentWidget(self._empty)
            self._empty.setText(self._why_empty(is_lens=is_lens))
        _set_text(self._note, self.watching.waiting or self.watching.trouble if is_lens else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Icons without words where there is little room."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        self.views.set_compact(compact=narrow)
        words, icon = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        self.baseline.setToolButtonStyle(icon if narrow else words)

    # -- making it

    def _lay_out(self) -> None:
        self.picks.setAccessibleName("Examples to watch")
        self.picks.setToolTip("Which held-out examples are watched; also while a run trains")
        self.picks.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.picks.setMaximumWidth(180)
        self.log_map.setChecked(True)
        self.baseline.setChecked(True)
        self._note = QLabel()
        self._note.setProperty("role", "muted")
        self._lens_knobs = _row(self.picks, self.temperatures, self.log, self.baseline)
        self._map_knobs = _row(self.log_map, self.diagonal, self.difference)
        self._map_knobs.hide()
        self._header = QWidget()
        header = QHBoxLayout(self._header)
        header.setContentsMargins(0, 0, 0, 0)
        header.setSpacing(10)
        header.addWidget(self.views)
        header.addWidget(self._lens_knobs)
        header.addWidget(self._map_knobs)
        header.addWidget(self._note, 1)
        self._empty = QLabel(_NO_RUN)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._stack = QStackedWidget()
        for view in (self._empty, self.lens, self.dark):
            self._stack.addWidget(view)
        # Smaller than its words need: there are icons then.
        self.setMinimumSize(_LEAST)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(8)
        column.addWidget(self._header)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.watching.changed.connect(self.mark_stale)
        self.workspace.theme.changed.connect(self._dress)
        self.views.chosen.connect(self._change_view)
        self.picks.activated.connect(self._pick)
        self.temperatures.chosen.connect(self._change_temperature)
        self.log.toggled.connect(self._change_scale)
        self.baseline.toggled.connect(self._change_baseline)
        self.log_map.toggled.connect(self._change_map_scale)
        self.diagonal.toggled.connect(self._change_diagonal)
        self.difference.toggled.connect(self._change_difference)
        self.lens.set_soft(soft=True)

    def _dress(self) -> None:
        theme = self.workspace.theme
        self.views.set_icon("examples", theme.icon("picture"))
        self.views.set_icon("dark", theme.icon("map"))
        self.baseline.setIcon(theme.icon("baseline", "baseline"))

    # -- what a person does

    def _change_view(self, view: str) -> None:
        self._lens_knobs.setVisible(view == "examples")
        self._map_knobs.setVisible(view == "dark")
        self.mark_stale()

    def _change_temperature(self, key: str) -> None:
        self.lens.set_soft(soft=key == "soft")

    def _change_scale(self, log: bool) -> None:
        self.lens.bars.set_log(log=log)

    def _change_baseline(self, shown: bool) -> None:
        self.lens.set_with_baseline(shown=shown)

    def _change_map_scale(self, log: bool) -> None:
        self.dark.maps.set_log(log=log)

    def _change_diagonal(self, shown: bool) -> None:
        self.dark.maps.set_diagonal(hidden=not shown)

    def _change_difference(self, shown: bool) -> None:
        self.dark.set_difference(shown=shown)

    def _pick(self, row: int) -> None:
        surveyed, examples = self.watching.surveyed, self.watching.examples
        kind = self.picks.itemData(row)
        if kind == "recipe":
            self.watching.pick(None)
        elif kind == "disagreements" and surveyed is not None:
            self.watching.pick(surveyed.disagreements[:_MOST_PICKED])
        elif kind == "mistakes" and surveyed is not None:
            self.watching.pick(surveyed.mistakes[:_MOST_PICKED])
        elif isinstance(kind, int) and examples is not None:
            self.watching.pick(examples.of_class(kind, _MOST_PICKED))

    # -- what can be chosen

    def _offer(self) -> None:
        """Offer only what there is: the switch of T, the baseline, and examples to pick."""
        seen, run = self.watching.seen(), self.workspace.watched
        temperature = seen[0].temperature if seen else 1.0
        self.temperatures.setVisible(temperature != 1)
        self.temperatures.set_text("soft", f"T = {temperature:g}")
        self.baseline.setVisible(run is not None and run.baseline is not None)
        self._lens_knobs.setEnabled(bool(seen))
        surveyed, examples = self.watching.surveyed, self.watching.examples
        names = self.watching.names
        offered = (
            run,
            names,
            examples,
            bool(surveyed and surveyed.disagreements),
            bool(surveyed and surveyed.mistakes),
        )
        if offered != self._offered:
            is_same_run = bool(self._offered) and self._offered[:2] == offered[:2]
            chosen = self.picks.currentData() if is_same_run else "recipe"
            self._offered = offered
            self._fill_picks(names, chosen)

    def _fill_picks(self, names: tuple[str, ...], chosen: object) -> None:
        surveyed, examples = self.watching.surveyed, self.watching.examples
        possible = {
            "recipe": True,
            "disagreements": bool(surveyed and surveyed.disagreements),
            "mistakes": bool(surveyed and surveyed.mistakes),
        }
        self.picks.clear()
        for key, text in _PICKS.items():
            self.picks.addItem(text, key)
            _enable_last(self.picks, enabled=possible[key])
        for label, name in enumerate(names):
            self.picks.addItem(f"Label {name}", label)
            _enable_last(self.picks, enabled=examples is not None and bool(examples.of_class(label, 1)))
        self.picks.setCurrentIndex(max(self.picks.findData(chosen), 0))

    def _why_empty(self, *, is_lens: bool) -> str:
        run = self.workspace.watched
        if run is None:
            return _NO_RUN
        if run.writes_text:
            return _NO_CLASSES
        return _NO_LOOK.format(every=f"{run.probe_every:,}") if is_lens else _NO_SURVEY

    def _is_new(self, *what: object) -> bool:
        """Whether something else is to be drawn than what is on the screen."""
        is_new = len(what) != len(self._drawn) or any(a is not b for a, b in zip(what, self._drawn, strict=True))
        self._drawn = list(what)
        return is_new


def _toggle(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(text)
    button.setCheckable(True)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def _row(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    return holder


def _set_text(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)


def _enable_last(box: QComboBox, *, enabled: bool) -> None:
    model = box.model()
    assert isinstance(model, QStandardItemModel), "a combo box of texts has one"
    model.item(box.count() - 1).setEnabled(enabled)
