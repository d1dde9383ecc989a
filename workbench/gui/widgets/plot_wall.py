"""Some of several plots, laid out to fit the room there is; as a picture too."""

from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, Qt
from PySide6.QtGui import QImage, QPainter, QResizeEvent
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

from workbench.gui.theme import Theme
from workbench.gui.widgets.plot_card import PlotCard

# Below this many pixels two plots side by side are too narrow to be read.
_TWO_ABREAST = 440
_LOWEST = 110
_PICTURE_RATIO = 2.0


class PlotWall(QScrollArea):
    """Shows one card, two, or one wide card over pairs of smaller ones; scrolls when they do not fit.

    Args:
        theme: Colours of pictures.
        cards: All cards; the wall owns them.
        parent: Its owner.
    """

    def __init__(self, theme: Theme, cards: Sequence[PlotCard], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._cards = theme, list(cards)
        self._shown: list[PlotCard] = []
        self._places: list[tuple[int, int, int]] = []
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._sheet = QWidget()
        self._grid = QGridLayout(self._sheet)
        self._grid.setContentsMargins(6, 2, 6, 6)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(8)
        for card in self._cards:
            card.setParent(self._sheet)
            card.hide()
        self.setWidget(self._sheet)

    @property
    def shown(self) -> list[PlotCard]:
        """The cards on the wall."""
        return list(self._shown)

    def show_cards(self, cards: Sequence[PlotCard]) -> None:
        """Put these on the wall, and no others."""
        self._shown = list(cards)
        self._places = []
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew where the room calls for it."""
        super().resizeEvent(event)
        self._arrange()

    def image(self) -> QImage:
        """What is shown, with twice the pixels."""
        image = QImage(self._sheet.size() * _PICTURE_RATIO, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(_PICTURE_RATIO)
        self._paint(image, _PICTURE_RATIO)
        return image

    def svg(self) -> bytes:
        """What is shown, lines as lines."""
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
        generator.setOutputDevice(buffer)
        generator.setResolution(self.logicalDpiX())
        generator.setSize(self._sheet.size())
        generator.setViewBox(QRect(QPoint(0, 0), self._sheet.size()))
        generator.setTitle("Curves")
        self._paint(generator, 1.0)
        return bytes(content.data())

    def _paint(self, device: QImage | QSvgGenerator, ratio: float) -> None:
        for card in self._shown:
            card.plot.pose(ratio)
        painter = QPainter(device)
        painter.fillRect(self._sheet.rect(), self._theme.colour("window"))
        self._sheet.render(painter, QPoint(0, 0))
        painter.end()
        for card in self._shown:
            card.plot.pose(None)

    def _arrange(self) -> None:
        places = self._wanted()
        alone = len(self._shown) == 1
        rows = max((row + 1 for row, _, _ in places), default=1)
        for card in self._shown:
            card.stand(alone=alone, lowest=_LOWEST, room=max(self.viewport().height() // rows, _LOWEST))
        if places == self._places:
            return
        self._places = places
        for card in self._cards:
            self._grid.removeWidget(card)
            card.setVisible(card in self._shown)
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)
        for card, (row, column, width) in zip(self._shown, places, strict=True):
            self._grid.addWidget(card, row, column, 1, width)
            self._grid.setRowStretch(row, 4 if width == 2 else 3)
        two = any(column for _, column, _ in places)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1 if two else 0)

    def _wanted(self) -> list[tuple[int, int, int]]:
        """Row, column and columns taken of each card that is shown."""
        count = len(self._shown)
        abreast = self.viewport().width() >= _TWO_ABREAST
        if count <= 1 or not abreast:
            return [(row, 0, 1) for row in range(count)]
        first = [(0, 0, 2)] if count % 2 else []
        rest = [(len(first) + place // 2, place % 2, 1) for place in range(count - len(first))]
        return first + rest
