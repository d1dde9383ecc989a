"""The text panel: a held-out text token by token, prompts continued, and what the student writes itself."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QStackedWidget, QVBoxLayout, QWidget

from workbench.events import Event, Prepared, RolledOut, StageStarted, TextProbed
from workbench.gui.panel import Panel, Place
from workbench.gui.text_watching import TextWatching
from workbench.gui.widgets.continuations_view import ContinuationsView
from workbench.gui.widgets.scrolled import scrolled
from workbench.gui.widgets.segments import Segments
from workbench.gui.widgets.step_scrubber import StepScrubber
from workbench.gui.widgets.watched_text import WatchedText
from workbench.recipe.inputs import Rollouts
from workbench.session.history import History

if TYPE_CHECKING:
    from workbench.gui.watched_run import WatchedRun
    from workbench.gui.widgets.rollout_wall import RolloutWall
    from workbench.gui.workspace import Workspace

_NARROW, _LEAST = 600, QSize(360, 200)
_NO_RUN = "Train a language model, or open a run of one, to watch here how its text changes."
_NO_TEXT = "This run tells classes apart: see the Probabilities panel."
_NO_LOOK = "The first look at the watched text comes after {every} steps."
_NEVER = "No text was looked at in this run."
_NO_PROMPTS = "This run watches no prompts."
_NO_ROLLOUTS = "In this recipe the student learns from given text; only rollouts are what it writes itself."
_PICK = "Which held-out text is watched, from the next look on"
_PICK_NOT = "Another text can be watched while the run trains"


class TextPanel(Panel):
    """A watched text under its colours, prompts continued, and rollouts; each at any step of the run."""

    name = "text"
    title = "Text"
    place = Place.LOWER

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self.watching = TextWatching(workspace, self)
        self.views = Segments("View", {"text": "Held-out text", "prompts": "Prompts", "rollouts": "Rollouts"})
        self.views.button("text").setToolTip("A held-out text, coloured by what the student misses at each token")
        self.views.button("prompts").setToolTip("How teacher and student go on from the same prompts")
        self.views.button("rollouts").setToolTip("What the student writes by itself, as the teacher sees it")
        self.picked = QSpinBox()
        self.scrubber = StepScrubber()
        self.text = WatchedText(workspace.theme)
        self.prompts = ContinuationsView(workspace.theme)
        self._rollouts: RolloutWall | None = None
        self._drawn: tuple[object, ...] = ()
        # The text that the box shows, and of how many.
        self._offered = (-1, 0)
        self._lay_out()
        self._connect()
        self._dress()

    @property
    def rollouts(self) -> "RolloutWall":
        """The plots; made when first needed."""
        if self._rollouts is None:
            # Imported here: pyqtgraph takes a quarter of a second, and the window paints before any run is watched.
            from workbench.gui.widgets.rollout_wall import RolloutWall

            self._rollouts = RolloutWall(self.workspace.theme)
            self._stack.addWidget(self._rollouts)
        return self._rollouts

    def refresh(self) -> None:
        """Draw what there is to see."""
        run, view = self.workspace.watched, self.views.value
        writes = run is not None and run.writes_text
        if writes:
            self.watching.prepare()
        self._header.setVisible(writes)
        why_empty = self._why_empty(run, view)
        look = self.watching.look
        has_steps = writes and look is not None and view != "rollouts"
        self._footer.setVisible(has_steps)
        self.picked.setVisible(has_steps and view == "text")
        if run is None or why_empty:
            _set_text(self._empty, why_empty)
            self._stack.setCurrentWidget(self._empty)
            self._drawn = ()
        elif view == "rollouts":
            self.rollouts.fill(run, self.workspace.overlays)
            self._stack.setCurrentWidget(self.rollouts)
        else:
            self._draw_look(view)
        self._say_what_comes(view)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Icons without words where there is little room."""
        super().resizeEvent(event)
        self.views.set_compact(compact=self.width() < _NARROW)

    # -- making it

    def _lay_out(self) -> None:
        self.picked.setAccessibleName("Held-out text that is watched")
        self.picked.setKeyboardTracking(False)
        self.picked.setPrefix("Text ")
        self.picked.setEnabled(False)
        self._note = QLabel()
        self._note.setProperty("role", "muted")
        self._header, self._footer = QWidget(), QWidget()
        header = QHBoxLayout(self._header)
        header.setContentsMargins(0, 0, 0, 0)
        header.setSpacing(10)
        header.addWidget(self.views)
        header.addWidget(self.picked)
        header.addWidget(self._note, 1)
        footer = QHBoxLayout(self._footer)
        footer.setContentsMargins(0, 0, 0, 0)
        footer.addWidget(self.scrubber)
        self._header.hide()
        self._footer.hide()
        self._empty = QLabel(_NO_RUN)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._prompts_area = scrolled(self.prompts)
        self._stack = QStackedWidget()
        for view in (self._empty, self.text, self._prompts_area):
            self._stack.addWidget(view)
        self.setMinimumSize(_LEAST)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(8)
        column.addWidget(self._header)
        column.addWidget(self._stack, 1)
        column.addWidget(self._footer)

    def _connect(self) -> None:
        workspace = self.workspace
        self.watching.changed.connect(self.mark_stale)
        workspace.watched_changed.connect(self.mark_stale)
        workspace.overlays_changed.connect(self.mark_stale)
        workspace.status_changed.connect(self.mark_stale)
        workspace.heard.connect(self._hear)
        workspace.theme.changed.connect(self._dress)
        self.views.chosen.connect(self._change_view)
        self.picked.valueChanged.connect(self._pick)
        self.scrubber.moved.connect(self._go_to)

    def _dress(self) -> None:
        theme = self.workspace.theme
        for key, icon in (("text", "text"), ("prompts", "compare"), ("rollouts", "student")):
            self.views.set_icon(key, theme.icon(icon))

    # -- drawing

    def _draw_look(self, view: str) -> None:
        look, before = self.watching.look, self.watching.before
        assert look is not None, "there is nothing else to draw"
        self._follow(look)
        drawn = (look, before, view)
        if len(self._drawn) != len(drawn) or any(a is not b for a, b in zip(drawn, self._drawn, strict=True)):
            self._drawn = drawn
            if view == "text":
                self.text.show_tokens(look.tokens)
            else:
                self.prompts.show_continued(look.continued, before.continued if before is not None else ())
        self._stack.setCurrentWidget(self.text if view == "text" else self._prompts_area)

    def _follow(self, look: TextProbed) -> None:
        """The knobs show what is drawn, unless a person has just turned them."""
        watching = self.watching
        self.scrubber.show_steps(watching.steps, watching.place, look.step)
        self.picked.setEnabled(watching.can_pick and look.examples > 1)
        self.picked.setToolTip(_PICK if watching.can_pick else _PICK_NOT)
        shown = look.example if watching.picked is None else watching.picked
        if (shown, look.examples) == self._offered:
            # A number may be half typed.
            return
        self._offered = (shown, look.examples)
        self.picked.blockSignals(True)
        self.picked.setRange(1, max(look.examples, 1))
        self.picked.setSuffix(f" of {look.examples:,}")
        self.picked.setValue(shown + 1)
        self.picked.blockSignals(False)

    def _say_what_comes(self, view: str) -> None:
        words = ""
        if view == "text":
            words = self.watching.waiting
        elif view == "prompts" and self.watching.before is not None and self.watching.look is not None:
            words = f"Underlined: new since step {self.watching.before.step:,}"
        _set_text(self._note, words)

    def _why_empty(self, run: "WatchedRun | None", view: str) -> str:
        if run is None:
            return _NO_RUN
        if run.recipe is None or not run.writes_text:
            return _NO_TEXT
        if view == "rollouts":
            writes_itself = any(isinstance(stage.inputs, Rollouts) for stage in run.recipe.stages)
            return "" if writes_itself or run.own.latest(RolledOut) is not None else _NO_ROLLOUTS
        look = self.watching.look
        if look is None:
            every = f"{run.probe_every:,}"
            return _NO_LOOK.format(every=every) if run.run is not None else _NEVER
        return _NO_PROMPTS if view == "prompts" and not look.continued else ""

    # -- what a person does, and what happens

    def _change_view(self, _view: str) -> None:
        # At once: the beat is slow while a run trains, and a hand is waiting.
        self.refresh()

    def _go_to(self, place: int) -> None:
        self.watching.go_to(place)
        self.refresh()

    def _pick(self, number: int) -> None:
        self.watching.pick(number - 1)

    def _hear(self, _: History, event: Event) -> None:
        if isinstance(event, (RolledOut, TextProbed, Prepared, StageStarted)):
            self.mark_stale()


def _set_text(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
