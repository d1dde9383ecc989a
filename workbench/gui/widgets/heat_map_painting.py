"""How class × class maps are painted: cells of whole pixels, numbers where there is room, and the scale below."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPixmap

from workbench.gui.theme import small, strong, tabular
from workbench.gui.widgets.class_map import FLOOR, ClassMap, shown_of
from workbench.gui.widgets.colour_ramp import STEPS, lightness, ramp

if TYPE_CHECKING:
    from workbench.gui.widgets.heat_map import HeatMaps

_GAP, _LEGEND = 26, 20
_LEAST_NAME, _MOST_NAME = 56, 130
_INK, _PAPER = QColor("#10151c"), QColor("#ffffff")


class MapPlaces:
    """Where everything goes.

    Attributes:
        width: Of a cell.
        height: Of a cell.
        rotated: Whether the names above the columns stand upright.
        most_name: The widest a name may be.
    """

    def __init__(self, maps: "HeatMaps") -> None:
        metrics = QFontMetrics(small(maps.font()))
        count, number = max(len(maps.names), 1), max(len(maps.maps), 1)
        self.line = metrics.height()
        self.most_name = min(max(maps.width() // (8 * number), _LEAST_NAME), _MOST_NAME)
        longest = min(max((metrics.horizontalAdvance(name) for name in maps.names), default=0), self.most_name)
        self.names = longest + 8
        room = (maps.width() - _GAP * (number - 1)) // number - self.names
        self.width = max(room // count, 3)
        self.rotated = longest + 2 > min(self.width, 60)
        self.above = self.line + 4 + (longest + 6 if self.rotated else self.line + 1)
        self.height = max((maps.height() - self.above - _LEGEND - 4) // count, 3)
        # Cells may be wide, so that numbers fit into a low panel, but the map stays one to look at as a whole.
        self.width = min(self.width, max(round(2.6 * self.height), 3))
        self.height = min(self.height, max(round(1.1 * self.width), 3))
        self.size = self.names + self.width * count
        total = self.size * number + _GAP * (number - 1)
        self.left = max((maps.width() - total) // 2, 0)
        self.bottom = self.above + self.height * count

    def start(self, number: int) -> int:
        """The left edge of a map, its names included."""
        return self.left + number * (self.size + _GAP)

    def cell(self, number: int, row: int, column: int) -> QRect:
        """One cell of a map."""
        left = self.start(number) + self.names + column * self.width
        return QRect(left, self.above + row * self.height, self.width, self.height)


def paint_maps(maps: "HeatMaps", target: QPixmap) -> None:
    """Everything but the cursor."""
    painter = QPainter(target)
    painter.setFont(tabular(small(maps.font())))
    places = MapPlaces(maps)
    for number, each in enumerate(maps.maps):
        _title(painter, maps, places, number)
        _names(painter, maps, places, number)
        _cells(painter, maps, places, number, each)
    _legend(painter, maps, places)
    painter.end()


def _title(painter: QPainter, maps: "HeatMaps", places: MapPlaces, number: int) -> None:
    each, usual = maps.maps[number], painter.font()
    painter.setFont(strong(usual))
    painter.setPen(maps.theme.colour("text" if each.below else each.colour))
    area = QRect(places.start(number) + places.names, 0, places.size - places.names + _GAP - 4, places.line + 2)
    title = painter.fontMetrics().elidedText(each.title, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, Qt.AlignmentFlag.AlignLeft, title)
    painter.setFont(usual)


def _names(painter: QPainter, maps: "HeatMaps", places: MapPlaces, number: int) -> None:
    painter.setPen(maps.theme.colour("muted"))
    metrics, count = painter.fontMetrics(), len(maps.names)
    room = places.names - 8
    for place in range(0, count, -(-(places.line - 3) // places.height)):
        cell = places.cell(number, place, 0)
        name = metrics.elidedText(maps.names[place], Qt.TextElideMode.ElideRight, room)
        area = QRect(cell.left() - places.names, cell.center().y() - places.line // 2, places.names - 5, places.line)
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
    needed = places.line - 3 if places.rotated else 1
    for place in range(0, count, -(-needed // places.width)):
        cell = places.cell(number, 0, place)
        name = metrics.elidedText(maps.names[place], Qt.TextElideMode.ElideRight, places.most_name)
        if places.rotated:
            painter.save()
            painter.translate(cell.center().x() + metrics.ascent() // 2 - 1, places.above - 4)
            painter.rotate(-90)
            painter.drawText(0, 0, name)
            painter.restore()
        else:
            area = QRect(cell.left() - 10, places.above - places.line - 2, cell.width() + 20, places.line)
            painter.drawText(area, Qt.AlignmentFlag.AlignHCenter, name)


def _cells(painter: QPainter, maps: "HeatMaps", places: MapPlaces, number: int, each: ClassMap) -> None:
    count = len(maps.names)
    colours_RR = _colours(maps, each)
    if maps.hides_diagonal and count > 1:
        np.fill_diagonal(colours_RR, maps.theme.colour("window").rgb())
    image = QImage(colours_RR.data, count, count, 4 * count, QImage.Format.Format_RGB32)
    whole = QRect(places.cell(number, 0, 0).topLeft(), places.cell(number, count - 1, count - 1).bottomRight())
    painter.drawImage(whole, image)
    if min(places.width, places.height) >= 7:
        painter.setPen(maps.theme.colour("surface"))
        for place in range(count + 1):
            x, y = whole.left() + place * places.width, whole.top() + place * places.height
            painter.drawLine(x, whole.top(), x, whole.bottom() + 1)
            painter.drawLine(whole.left(), y, whole.right() + 1, y)
    wide = painter.fontMetrics().horizontalAdvance("99.9") + 6
    if places.width >= wide and places.height >= places.line - 3:
        _numbers(painter, maps, places, number, colours_RR)


def _numbers(
    painter: QPainter, maps: "HeatMaps", places: MapPlaces, number: int, colours_RR: NDArray[np.uint32]
) -> None:
    values_RR = maps.maps[number].values_RR
    for row in range(len(maps.names)):
        for column in range(len(maps.names)):
            if maps.hides_diagonal and row == column:
                continue
            text = _short(100 * float(values_RR[row, column]))
            if text:
                is_light = lightness(int(colours_RR[row, column])) > 0.62
                painter.setPen(_INK if is_light else _PAPER)
                painter.drawText(places.cell(number, row, column), Qt.AlignmentFlag.AlignCenter, text)


def _short(hundredths: float) -> str:
    """A share in percent for a small cell; nothing where there is nearly nothing."""
    size = abs(hundredths)
    if size < 0.05:
        return ""
    text = f"{size:.0f}" if size >= 9.95 else f"{size:.1f}"
    return text if hundredths > 0 else f"−{text}"


def _colours(maps: "HeatMaps", each: ClassMap) -> NDArray[np.uint32]:
    theme = maps.theme
    above = ramp(theme.colour("raised"), theme.colour(each.colour))
    if not each.below:
        return np.ascontiguousarray(above[_steps(maps.scale.along(each.values_RR))])
    below = ramp(theme.colour("raised"), theme.colour(each.below))
    along_RR = np.abs(each.values_RR) / max(float(np.abs(shown_of(each.values_RR, maps.hides_diagonal)).max()), 1e-12)
    steps_RR = _steps(along_RR.clip(0, 1))
    return np.ascontiguousarray(np.where(each.values_RR >= 0, above[steps_RR], below[steps_RR]))


def _steps(along: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.rint(along * (STEPS - 1)).astype(np.intp)


def _legend(painter: QPainter, maps: "HeatMaps", places: MapPlaces) -> None:
    """The colours of all shares, from none to the largest shown."""
    named = [each for each in maps.maps if not each.below]
    at_most = "≤ " if maps.scale.low <= FLOOR else ""
    low = f"{at_most}{100 * maps.scale.low:.2g} %" if maps.scale.is_log else "0 %"
    high = f"{100 * maps.scale.top:.2g} %"
    metrics = painter.fontMetrics()
    top = min(places.bottom + 6, maps.height() - _LEGEND)
    left = places.start(0) + places.names
    painter.setPen(maps.theme.colour("muted"))
    painter.drawText(left, top + metrics.ascent(), low)
    left += metrics.horizontalAdvance(low) + 6
    width, thick = 110, max(12 // max(len(named), 1), 4)
    for order, each in enumerate(named):
        colours = np.ascontiguousarray(ramp(maps.theme.colour("raised"), maps.theme.colour(each.colour))[None, :])
        strip = QImage(colours.data, STEPS, 1, 4 * STEPS, QImage.Format.Format_RGB32)
        painter.drawImage(QRect(left, top + 2 + order * thick, width, thick), strip)
    painter.setPen(maps.theme.colour("muted"))
    painter.drawText(left + width + 6, top + metrics.ascent(), high + (", log scale" if maps.scale.is_log else ""))
