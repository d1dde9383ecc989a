"""The playground of classifiers: draw a digit, drop a picture or type a text, and all models answer."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.errors import WorkbenchError
from workbench.events import Event, Probed
from workbench.gui.asking import choose
from workbench.gui.conversation import Conversation, Question
from workbench.gui.incoming_pictures import FILTERS, picture_file_in, picture_in
from workbench.gui.widgets.picture_view import in_words
from workbench.gui.widgets.playground_view import AT_1, AT_T, PlaygroundView
from workbench.session.history import History
from workbench.session.jobs import Job
from workbench.session.picture_fitting import DIGIT_SHAPE, open_picture
from workbench.session.text_fitting import TextReader

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace

_NO_RUN = "Train a recipe, or open a run, to try its models here."
_READING = "Reading the models…"
_NO_MODEL = "No model of this run can be asked yet."
_DRAW = "Draw a digit, drop a picture, or choose a held-out example."
_TYPE = "Type a text, or choose a held-out example."
_SHOW = "Draw, drop a picture, or choose a held-out example."
_NUMBERS = "These models take {count:,} numbers, not pictures: choose a held-out example to ask about."


class ClassifierPlayground(QWidget):
    """A pad on the left, the answers on the right, held-out examples under them.

    Signals:
        changed: There is something new to draw.
    """

    changed = Signal()

    def __init__(self, workspace: "Workspace", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.talk = Conversation(workspace, self._question, self)
        self.view = PlaygroundView(workspace.theme, _NO_RUN)
        # The held-out example that is asked about, until it is drawn over.
        self._place: int | None = None
        self.setAcceptDrops(True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.view)
        self._connect()

    # -- drawing

    def refresh(self) -> None:
        """Show the newest answers; the models are loaded when the panel is first seen."""
        there = self.workspace.watched is not None
        self.view.show_parts(there=there)
        if not there:
            return
        self.talk.open()
        briefing, answer = self.talk.briefing, self.talk.answer
        self.view.show_drawing(
            pictures=briefing.takes_pictures or not briefing.shape,
            texts=self._reader is not None and bool(briefing.shape),
            rows=bool(self.talk.examples and self.talk.examples.columns),
        )
        self.view.tools.like_mnist.setVisible(briefing.shape in (DIGIT_SHAPE, ()))
        self._offer_temperature()
        self.view.answers.show_notes(briefing, self.talk.trouble)
        if answer is None or not answer.sayings:
            self.view.answers.show_hint(self._hint())
        else:
            self.view.answers.show_answer(answer, briefing, self._label())
        self.view.seen.show_input(None if answer is None else answer.seen)
        self.view.samples.show_examples(self.talk.examples)

    def _connect(self) -> None:
        self.talk.changed.connect(self.changed)
        self.workspace.watched_changed.connect(self._forget)
        self.workspace.heard.connect(self._hear)
        self.view.pad.changed.connect(self._drawn)
        self.view.text.textChanged.connect(self._typed)
        self.view.samples.picked.connect(self._picked)
        self.view.temperatures.chosen.connect(self._turn)
        self.view.tools.file_wanted.connect(self._choose_file)
        self.view.tools.paste_wanted.connect(self.paste)
        self.view.tools.fitting_changed.connect(self.talk.ask)

    def _hint(self) -> str:
        briefing = self.talk.briefing
        if not briefing.is_ready:
            return _READING
        if not briefing.models:
            return _NO_MODEL
        if self._reader is not None:
            return _TYPE
        if not briefing.takes_pictures:
            return _NUMBERS.format(count=briefing.shape[0])
        return _DRAW if briefing.shape == DIGIT_SHAPE else _SHOW

    @property
    def _reader(self) -> TextReader | None:
        return None if self.talk.examples is None else self.talk.examples.reader

    def _label(self) -> int | None:
        examples = self.talk.examples
        return None if self._place is None or examples is None else int(examples.labels[self._place])

    def _run_temperature(self) -> float:
        """The run's own T; 1 where it has none."""
        watched = self.workspace.watched
        assert watched is not None, "asked for a run"
        probed = watched.own.latest(Probed)
        if probed is not None:
            return probed.temperature
        if watched.recipe is None:
            return 1.0
        return float(getattr(watched.recipe.stages[-1].objective, "temperature", 1.0))

    def _offer_temperature(self) -> None:
        temperature = self._run_temperature()
        self.view.temperatures.set_text(AT_T, f"T = {temperature:g}")
        self.view.temperatures.setVisible(temperature != 1)
        if self.view.temperatures.value == AT_T and self.talk.temperature != temperature:
            # It was turned meanwhile: the answers are to be what the button says.
            self._turn(AT_T)

    # -- what a person does

    def _question(self) -> Question:
        """What is asked right now."""
        examples, picture = self.talk.examples, self.view.pad.picture
        if self._place is not None and examples is not None:
            return examples.inputs[self._place], None
        text = self.view.text.toPlainText()
        if self._reader is not None:
            return (self._reader.tokens(text), None) if text.strip() else None
        if self.view.pad.is_empty:
            return None
        asked = self.view.pad.ink() if picture is None or self.view.pad.has_strokes else picture
        return asked, self.view.tools.like_mnist.isChecked()

    def _drawn(self) -> None:
        if self.view.pad.has_strokes or self.view.pad.is_empty:
            self._place = None
            self.view.samples.choose_none()
        self.talk.ask()

    def _typed(self) -> None:
        self._place = None
        self.view.samples.choose_none()
        self.talk.ask()

    def _picked(self, place: int) -> None:
        examples = self.talk.examples
        if examples is None:
            return
        if examples.reader is None and not examples.columns:
            self.view.pad.show_picture(examples.picture(place))
        else:
            # Shown, not typed: it is still the example that is asked about.
            self.view.text.blockSignals(True)
            self.view.text.setPlainText(in_words(examples, place))
            self.view.text.blockSignals(False)
        self._place = place
        self.talk.ask()

    def _turn(self, key: str) -> None:
        self.talk.temperature = self._run_temperature() if key == AT_T else 1.0
        self.talk.ask()

    def _hear(self, _: History, event: Event) -> None:
        if isinstance(event, Probed) and event.temperature != self.talk.temperature:
            self.changed.emit()

    def _forget(self) -> None:
        """Another run: what was asked about may be no input of its models."""
        self._clear()
        self.view.temperatures.value = AT_1
        self.view.samples.show_examples(None)
        self.changed.emit()

    def _clear(self) -> None:
        self._place = None
        self.view.samples.choose_none()
        self.view.pad.clear()
        self.view.text.clear()
        self.talk.ask()

    def show_picture(self, picture: NDArray[np.uint8]) -> None:
        """Ask about a picture, grey [H, W] or colours [H, W, 3]."""
        self._place = None
        self.view.samples.choose_none()
        self.view.pad.show_picture(picture)

    def open_file(self, path: Path) -> None:
        """Ask about a picture file; one that cannot be read ends in words, and so does one that no model takes."""
        if self.talk.briefing.models and not self.talk.briefing.takes_pictures:
            self.workspace.noticed.emit(
                "warning", f"The models of this run take no pictures, so {path.name} is not asked about."
            )
            return

        def work(_: Job[NDArray[np.uint8]]) -> NDArray[np.uint8]:
            return open_picture(path)

        self.workspace.jobs.start(f"Opening {path.name}", work, self.show_picture, self._refused, topic="playground")

    def paste(self) -> None:
        """Ask about the picture in the clipboard."""
        mime = QGuiApplication.clipboard().mimeData()
        path, picture = picture_file_in(mime), picture_in(mime)
        if path is not None:
            self.open_file(path)
        elif picture is not None:
            self.show_picture(picture)
        else:
            self.workspace.noticed.emit("info", "There is no picture in the clipboard.")

    def _choose_file(self) -> None:
        choose(self, "Ask about a picture", self.open_file, start=self.workspace.document.folder, filters=FILTERS)

    def _refused(self, error: WorkbenchError) -> None:
        self.workspace.noticed.emit("warning", f"{error.title} {error.hint}".strip())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Pictures are welcome; all else is the window's."""
        mime = event.mimeData()
        takes_pictures = self.talk.briefing.takes_pictures
        if takes_pictures and (picture_file_in(mime) is not None or (mime.hasImage() and not mime.hasUrls())):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask about what was dropped."""
        path, picture = picture_file_in(event.mimeData()), picture_in(event.mimeData())
        if path is not None:
            self.open_file(path)
        elif picture is not None:
            self.show_picture(picture)
        event.acceptProposedAction()

    def event(self, event: QEvent) -> bool:
        """While the panel has the keyboard, undo and paste are about the pad, not about the recipe."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_mine(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete and Esc clear, Ctrl+Z undoes, Ctrl+V pastes."""
        if not self._is_mine(event):
            super().keyPressEvent(event)
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.view.pad.undo()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        else:
            self._clear()

    def _is_mine(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Paste):
            return self.talk.briefing.takes_pictures
        clears = event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Escape)
        return clears and (self._place is not None or not self.view.pad.is_empty)
