"""One watched example under the lens: pick it, see it, and read what teacher and student say of it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.gui.distributions import Row, entropy
from workbench.gui.lens import BASELINE, STUDENT, TEACHER, Seen
from workbench.gui.telling import nats, student_says, teacher_says
from workbench.gui.theme import Theme, small, strong
from workbench.gui.widgets.example_strip import ExampleStrip
from workbench.gui.widgets.picture_view import PictureView
from workbench.gui.widgets.probability_bars import Column, ProbabilityBars
from workbench.gui.widgets.scrolled import scrolled
from workbench.session.looking import HeldOutExamples

_TITLES = {TEACHER: "Teacher", STUDENT: "Student", BASELINE: "Baseline"}
# Below these, in pixels, the strip stands at the side and the picture makes room for the bars.
_LOW, _NARROW, _TWO_COLUMNS = 420, 540, 640


class LensView(QWidget):
    """Strip, picture, bars and a sentence.

    Signals:
        picked: A person chose another of the watched examples.
    """

    picked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seen: list[Seen] = []
        self._names: tuple[str, ...] = ()
        self._examples: HeldOutExamples | None = None
        self._soft = False
        self._with_baseline = True
        self.strip = ExampleStrip(theme)
        self.picture = PictureView(theme)
        self.bars = ProbabilityBars(theme)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setMinimumHeight(2 * self.words.fontMetrics().lineSpacing())
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setAccessibleName("In words")
        self._label, self._number = _HardLabel(theme), QLabel()
        self._lay_out()
        self.strip.picked.connect(self._pick)

    @property
    def current(self) -> Seen | None:
        """The example under the lens."""
        row = self.strip.currentRow()
        return self._seen[row] if 0 <= row < len(self._seen) else None

    def show_seen(self, seen: Sequence[Seen], names: Sequence[str], examples: HeldOutExamples | None) -> None:
        """Show newer numbers, or other examples."""
        self._seen, self._names, self._examples = list(seen), tuple(names), examples
        self.strip.show_seen(self._seen, self._names, examples)
        self._draw()

    def set_soft(self, *, soft: bool) -> None:
        """Show the distributions at the run's T, or at T = 1."""
        self._soft = soft
        self._draw()

    def set_with_baseline(self, *, shown: bool) -> None:
        """Show the baseline's student too, where it is known."""
        self._with_baseline = shown
        self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A low panel has its strip at the side, a narrow one no large picture."""
        super().resizeEvent(event)
        width, height = self.width(), self.height()
        self._arrange(sideways=height < _LOW, columns=2 if width >= _TWO_COLUMNS else 1)
        self._side.setVisible(width >= _NARROW)
        self._side.setFixedWidth(168 if width >= 900 else 124)
        self.picture.setFixedHeight(min(self._side.width(), max(height - 90, 60)))
        self._draw()

    def _lay_out(self) -> None:
        self._label.setFont(strong(self._label.font()))
        self._number.setFont(small(self._number.font()))
        self._number.setProperty("role", "muted")
        self._side = QWidget()
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(2)
        side.addWidget(self.picture)
        side.addSpacing(4)
        for label in (self._label, self._number):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            side.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        side.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(scrolled(self.bars), 1)
        column.addWidget(self.words)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(12)
        self._box.addWidget(self.strip)
        inner = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        inner.setSpacing(16)
        inner.addWidget(self._side)
        inner.addLayout(column, 1)
        self._box.addLayout(inner, 1)

    def _arrange(self, *, sideways: bool, columns: int) -> None:
        direction = QBoxLayout.Direction.LeftToRight if sideways else QBoxLayout.Direction.TopToBottom
        self._box.setDirection(direction)
        self.strip.lay_out(sideways=sideways, columns=columns)

    def _pick(self, _row: int) -> None:
        self._draw()
        self.picked.emit()

    def _draw(self) -> None:
        seen = self.current
        if seen is None:
            return
        rows = seen.rows(soft=self._soft)
        if not self._with_baseline:
            rows = {who: row for who, row in rows.items() if who != BASELINE}
        columns = [Column(_TITLES[who], who, row, self._notes(seen, who)) for who, row in rows.items()]
        self.bars.show_columns(columns, self._names, shown=seen.classes_shown(), label=seen.label)
        self.picture.show_example(self._examples, seen.example)
        self._label.setText(f"Label {self._names[seen.label]}")
        self._number.setText(f"held-out example {seen.example:,}")
        self._tell(seen, rows)

    def _notes(self, seen: Seen, who: str) -> tuple[str, ...]:
        """By the bars: how undecided, and how far from the teacher."""
        undecided = nats(entropy(seen.rows(soft=self._soft)[who]))
        divergence = seen.divergence(who, soft=self._soft)
        if divergence is None:
            return f"entropy {undecided} nats", f"entropy {undecided}", f"H {undecided}"
        far = f"KL {nats(divergence)}"
        return f"entropy {undecided} · {far} nats", f"entropy {undecided} · {far}", f"H {undecided} · {far}", far

    def _tell(self, seen: Seen, rows: dict[str, Row]) -> None:
        said = []
        if TEACHER in rows:
            temperature = seen.temperature if self._soft else 1.0
            said.append(teacher_says(rows[TEACHER], seen.label, self._names, temperature))
        if not said or self.width() >= _NARROW:
            said.append(student_says(rows, seen.label, self._names))
        shown, count = len(seen.classes_shown()), len(self._names)
        if shown < count:
            said.append(f"Shown are {shown} of {count:,} classes.")
        text = " ".join(said)
        if text != self.words.text():
            self.words.setText(text)


class _HardLabel(QLabel):
    """The true class in the dashed frame that marks it among the bars."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setContentsMargins(8, 2, 8, 2)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(QPen(self._theme.colour("hard"), 1, Qt.PenStyle.DashLine))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
