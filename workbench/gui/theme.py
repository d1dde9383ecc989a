"""Colours, icons and fonts, light and dark: one palette for widgets and plots, safe for colour-blind eyes."""

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from workbench.gui.colours import DARK, LIGHT, Colours
from workbench.gui.style_sheet import style_sheet
from workbench.session.places import resources_folder

MODES = ("system", "light", "dark")
_ICON_SIZES = (16, 20, 24, 32, 48)


class Theme(QObject):
    """The one theme of a program; what shows colours of its own listens to `changed`.

    Signals:
        changed: Colours are others now: draw again, set icons again.
    """

    changed = Signal()

    def __init__(self, mode: str = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mode = mode
        self.colours = LIGHT
        # Drawing one takes about a millisecond, and the same few are asked for again and again.
        self._icons: dict[tuple[str, str], QIcon] = {}
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow_system)

    @property
    def mode(self) -> str:
        """One of "system", "light" and "dark", as a person chose."""
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        assert mode in MODES, mode
        self._mode = mode
        self.apply()

    @property
    def is_dark(self) -> bool:
        """Whether the dark colours are on."""
        return self.colours is DARK

    def apply(self) -> None:
        """Dress the whole program."""
        application = QApplication.instance()
        assert isinstance(application, QApplication), "a theme needs a program to dress"
        self.colours = DARK if self._wants_dark() else LIGHT
        self._icons.clear()
        if application.style().objectName() != "fusion":
            application.setStyle("Fusion")
        application.setPalette(_palette(self.colours))
        application.setStyleSheet(style_sheet(self.colours))
        self.changed.emit()

    def colour(self, name: str, alpha: int = 255) -> QColor:
        """A colour by what it is for, such as "teacher"; alpha from 0 to 255."""
        colour = QColor(getattr(self.colours, name))
        colour.setAlpha(alpha)
        return colour

    def icon(self, name: str, colour: str = "text") -> QIcon:
        """One of our icons in a colour of the theme; disabled it is muted. Ask again when the theme changed."""
        if (name, colour) not in self._icons:
            icon = self._icons[name, colour] = QIcon()
            for size in _ICON_SIZES:
                icon.addPixmap(pixmap(name, self.colour(colour), size), QIcon.Mode.Normal)
                icon.addPixmap(pixmap(name, self.colour("muted", 110), size), QIcon.Mode.Disabled)
        return self._icons[name, colour]

    def _wants_dark(self) -> bool:
        if self._mode != "system":
            return self._mode == "dark"
        return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark

    def _follow_system(self) -> None:
        if self._mode == "system":
            self.apply()


def pixmap(name: str, colour: QColor, size: int) -> QPixmap:
    """An icon as a picture of so many pixels a side, sharp on screens with a higher density."""
    ratio = max(QGuiApplication.primaryScreen().devicePixelRatio(), 1.0) if QGuiApplication.primaryScreen() else 1.0
    picture = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    picture.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(_svg(name).replace("currentColor", colour.name()).encode()))
    painter = QPainter(picture)
    painter.setOpacity(colour.alphaF())
    renderer.render(painter, QRectF(0, 0, picture.width(), picture.height()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def application_icon() -> QIcon:
    """The program's own icon."""
    return QIcon(str(resources_folder() / "icons" / "distillation-workbench.svg"))


def load_fonts() -> None:
    """Use the bundled font, so that α, β and ² look the same everywhere; the system's where it cannot be read."""
    family = ""
    for file in sorted((resources_folder() / "fonts").glob("*.[ot]tf")):
        number = QFontDatabase.addApplicationFont(str(file))
        # A weight may bring an alias of its own, such as "Inter Semi Bold"; the family is the shortest name.
        names = [*QFontDatabase.applicationFontFamilies(number), *([family] if family else [])]
        family = min(names, key=len, default="")
    if family:
        font = QFont(family)
        font.setPointSizeF(max(QGuiApplication.font().pointSizeF(), 10.0))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        QApplication.setFont(font)


def small(font: QFont, factor: float = 0.88) -> QFont:
    """A font for what is read second."""
    smaller = QFont(font)
    smaller.setPointSizeF(font.pointSizeF() * factor)
    return smaller


def strong(font: QFont, factor: float = 1.0) -> QFont:
    """A font for headings and numbers that matter."""
    bolder = QFont(font)
    bolder.setPointSizeF(font.pointSizeF() * factor)
    bolder.setWeight(QFont.Weight.DemiBold)
    return bolder


def tabular(font: QFont) -> QFont:
    """A font whose digits are all equally wide, so that live numbers do not jump."""
    steady = QFont(font)
    if hasattr(steady, "setFeature"):
        steady.setFeature(QFont.Tag.fromString("tnum"), 1)
    return steady


def mark(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet knows, such as role or invalid, and dress the widget anew if it changed."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


@lru_cache(maxsize=256)
def _svg(name: str) -> str:
    path: Path = resources_folder() / "icons" / "ui" / f"{name}.svg"
    return path.read_text(encoding="utf-8")


def _palette(colours: Colours) -> QPalette:
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette()
    for where, name in {
        role.Window: "window",
        role.WindowText: "text",
        role.Base: "raised",
        role.AlternateBase: "surface",
        role.Text: "text",
        role.Button: "raised",
        role.ButtonText: "text",
        role.BrightText: "bad",
        role.ToolTipBase: "raised",
        role.ToolTipText: "text",
        role.Highlight: "accent",
        role.HighlightedText: "on_accent",
        role.PlaceholderText: "muted",
        role.Link: "accent",
        role.LinkVisited: "accent",
        role.Mid: "border",
        role.Dark: "border",
        role.Light: "raised",
        role.Midlight: "surface",
        role.Shadow: "border",
    }.items():
        palette.setColor(where, QColor(getattr(colours, name)))
    faint = QColor(colours.muted)
    faint.setAlpha(140)
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, where, faint)
    palette.setColor(group.Disabled, role.Highlight, QColor(colours.border))
    return palette
