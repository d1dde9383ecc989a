"""Colours, icons and fonts: readable in both themes, put on at once, and never a broken picture."""

import itertools
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QIcon, QImage, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.actions import ACTIONS
from workbench.gui.colours import DARK, LIGHT, Colours
from workbench.gui.style_sheet import style_sheet
from workbench.gui.theme import Theme, application_icon, load_fonts, mark, small, strong, tabular
from workbench.session.places import resources_folder

BOTH = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
GROUNDS = ("window", "surface", "raised")


def contrast(one: str, other: str) -> float:
    """As WCAG 2.1 defines it: 1 to 21."""

    def luminance(name: str) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in QColor(name).getRgbF()
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@BOTH
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("name", ["text", "muted", "good", "warning", "bad"])
def test_everything_that_is_read_stands_out_from_every_ground(colours: Colours, ground: str, name: str) -> None:
    assert contrast(getattr(colours, name), getattr(colours, ground)) >= 4.5


@BOTH
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("name", ["accent", "teacher", "student", "baseline", "hard", "mark"])
def test_lines_and_marks_stand_out_from_every_ground(colours: Colours, ground: str, name: str) -> None:
    assert contrast(getattr(colours, name), getattr(colours, ground)) >= 3


@BOTH
def test_text_on_the_accent_can_be_read(colours: Colours) -> None:
    assert contrast(colours.on_accent, colours.accent) >= 4.5


@BOTH
def test_curves_that_share_a_plot_are_told_apart(colours: Colours) -> None:
    curves = [QColor(getattr(colours, name)) for name in ("teacher", "student", "baseline", "hard")]
    for one, other in itertools.combinations(curves, 2):
        distance = sum((a - b) ** 2 for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)) ** 0.5
        assert distance > 45, (one.name(), other.name())


@BOTH
def test_the_sheet_leaves_no_placeholder_and_names_only_pictures_that_exist(colours: Colours) -> None:
    sheet = style_sheet(colours)
    assert "@" not in sheet
    pictures = re.findall(r'url\("([^"]+)"\)', sheet)
    assert pictures
    assert all(Path(picture).is_file() for picture in pictures)


def test_a_mode_is_put_on_at_once_and_told(theme: Theme, qtbot: QtBot) -> None:
    ground = QPalette.ColorRole.Window
    assert QApplication.palette().color(ground).name() == LIGHT.window
    with qtbot.waitSignal(theme.changed):
        theme.mode = "dark"
    assert theme.is_dark
    assert QApplication.palette().color(ground).name() == DARK.window
    assert theme.colour("teacher").name() == DARK.teacher
    assert theme.colour("teacher", 40).alpha() == 40


class Hints(QObject):
    """A system whose scheme can be turned; offscreen there is none."""

    colorSchemeChanged = Signal(object)
    scheme = Qt.ColorScheme.Dark

    def colorScheme(self) -> Qt.ColorScheme:
        return self.scheme


def test_the_system_s_scheme_is_followed_unless_a_person_chose(
    monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    hints = Hints()
    monkeypatch.setattr(QGuiApplication, "styleHints", lambda: hints)
    theme = Theme("system")
    theme.apply()
    assert theme.is_dark
    hints.scheme = Qt.ColorScheme.Light
    hints.colorSchemeChanged.emit(hints.scheme)
    assert not theme.is_dark
    theme.mode = "light"
    hints.scheme = Qt.ColorScheme.Dark
    hints.colorSchemeChanged.emit(hints.scheme)
    assert not theme.is_dark


def test_a_marked_widget_is_dressed_anew(theme: Theme, qtbot: QtBot) -> None:
    label = QLabel("refused")
    qtbot.addWidget(label)
    label.show()
    mark(label, "role", "bad")
    assert label.palette().color(QPalette.ColorRole.WindowText).name() == LIGHT.bad
    theme.mode = "dark"
    assert label.palette().color(QPalette.ColorRole.WindowText).name() == DARK.bad
    mark(label, "role", "muted")
    assert label.palette().color(QPalette.ColorRole.WindowText).name() == DARK.muted


# -- icons

NAMES = sorted(path.stem for path in (resources_folder() / "icons" / "ui").glob("*.svg"))


def colours_of(icon: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> set[str]:
    """The colours of pixels that are not see-through."""
    image: QImage = icon.pixmap(48, mode).toImage()
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_is_drawn_in_the_colour_asked_for(theme: Theme, name: str) -> None:
    assert QColor(LIGHT.accent).name() in colours_of(theme.icon(name, "accent"))


def test_icons_take_the_colours_of_a_new_theme_and_are_muted_while_disabled(theme: Theme) -> None:
    assert colours_of(theme.icon("train")) == {LIGHT.text}
    assert LIGHT.text not in colours_of(theme.icon("train"), QIcon.Mode.Disabled)
    theme.mode = "dark"
    assert colours_of(theme.icon("train")) == {DARK.text}


def test_every_action_s_icon_exists() -> None:
    assert {spec.icon for spec in ACTIONS if spec.icon} <= set(NAMES)


def test_the_program_s_own_icon_is_drawn_at_any_size(qapp: QApplication) -> None:
    for size in (16, 256):
        assert application_icon().pixmap(size).toImage().pixelColor(size // 2, size // 2).alpha() == 255


# -- fonts


def test_the_bundled_font_has_every_sign_that_formulas_need(qapp: QApplication) -> None:
    load_fonts()
    metrics = QFontMetrics(QApplication.font())
    assert QApplication.font().family().startswith("Inter")
    missing = [sign for sign in "αβ²·×−–…∂≥≤→‖“”" if not metrics.inFontUcs4(ord(sign))]
    assert not missing


def test_fonts_for_second_reading_headings_and_live_numbers(qapp: QApplication) -> None:
    load_fonts()
    font = QWidget().font()
    assert small(font).pointSizeF() < font.pointSizeF()
    assert strong(font, 1.2).pointSizeF() > font.pointSizeF()
    assert strong(font).weight() > font.weight()
    metrics = QFontMetrics(tabular(font))
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")
    assert QFontMetrics(font).horizontalAdvance("1111") < metrics.horizontalAdvance("1111")
