"""Class × class maps side by side, on one scale, with one cursor over all of them."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import Theme
from workbench.gui.widgets.class_map import ClassMap, MapScale, scale_of
from workbench.gui.widgets.heat_map_painting import MapPlaces, paint_maps

_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class HeatMaps(QWidget):
    """The maps.

    Signals:
        cell_changed: The mouse or the arrow keys point at another cell: (row, column), or None.
    """

    cell_changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.maps: tuple[ClassMap, ...] = ()
        self.names: tuple[str, ...] = ()
        self.scale = MapScale(1.0, 0.0, is_log=False)
        self.hides_diagonal = True
        self._log = True
        self._cell: tuple[int, int] | None = None
        self._picture: QPixmap | None = None
        self.setAccessibleName("Mean soft targets by true class")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._paint_anew)

    @property
    def cell(self) -> tuple[int, int] | None:
        """The row and column that are pointed at."""
        return self._cell

    def show_maps(self, maps: Sequence[ClassMap], names: Sequence[str]) -> None:
        """Show other maps; `names` are those of the rows and columns."""
        self.maps, self.names = tuple(maps), tuple(names)
        if self._cell is not None and max(self._cell) >= len(names):
            self._point_at(None)
        self._rescale()

    def set_log(self, *, log: bool) -> None:
        """Colour by ratios, so that small shares can be told apart, or by differences."""
        self._log = log
        self._rescale()

    def set_diagonal(self, *, hidden: bool) -> None:
        """Leave the right answers out, so that the scale serves the wrong ones."""
        self.hides_diagonal = hidden
        self._rescale()

    def sizeHint(self) -> QSize:
        """Cells that can just be told apart; they grow with the room there is."""
        count, metrics = max(len(self.names), 1), self.fontMetrics()
        longest = max((metrics.horizontalAdvance(name) for name in self.names), default=0)
        return QSize(max(len(self.maps), 1) * (5 * count + 40), 5 * count + 60 + min(longest, 56))

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The maps as painted before, and the cursor."""
        if not self.maps:
            return
        if self._picture is None:
            ratio = self.devicePixelRatioF()
            self._picture = QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            paint_maps(self, self._picture)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        if self._cell is not None:
            painter.setPen(QPen(self.theme.colour("text"), 2))
            places = MapPlaces(self)
            for number in range(len(self.maps)):
                painter.drawRect(places.cell(number, *self._cell).adjusted(0, 0, -1, -1))
        if self.hasFocus() and self._cell is None:
            painter.setPen(QPen(self.theme.colour("accent"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the cell under the mouse."""
        self._point_at(self._cell_at(event.position().toPoint()))

    def leaveEvent(self, _event: QEvent) -> None:
        """Point at nothing."""
        self._point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move the cursor, Escape takes it away."""
        key = Qt.Key(event.key())
        if key in _STEPS and self.names:
            down, right = _STEPS[key]
            row, column = self._cell or (0, 0)
            last = len(self.names) - 1
            moved = (min(max(row + down, 0), last), min(max(column + right, 0), last))
            self._point_at(moved if self._cell is not None else (0, 0))
        elif key == Qt.Key.Key_Escape and self._cell is not None:
            self._point_at(None)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size needs another painting."""
        super().resizeEvent(event)
        self._paint_anew()

    def _cell_at(self, point: QPoint) -> tuple[int, int] | None:
        if not self.maps:
            return None
        places, count = MapPlaces(self), len(self.names)
        for number in range(len(self.maps)):
            first, last = places.cell(number, 0, 0), places.cell(number, count - 1, count - 1)
            area = QRect(first.topLeft(), last.bottomRight())
            if area.contains(point):
                row, column = (point.y() - area.top()) // places.height, (point.x() - area.left()) // places.width
                return row, column
        return None

    def _point_at(self, cell: tuple[int, int] | None) -> None:
        if cell != self._cell:
            self._cell = cell
            self.update()
            self.cell_changed.emit(cell)

    def _rescale(self) -> None:
        self.scale = scale_of(self.maps, log=self._log, hides_diagonal=self.hides_diagonal)
        self.updateGeometry()
        self._paint_anew()

    def _paint_anew(self) -> None:
        self._picture = None
        self.update()
