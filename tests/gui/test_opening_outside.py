"""Opening folders and pages in other programs, and what is said when there is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.opening_outside import open_outside


def told() -> QMessageBox | None:
    """The box on the screen."""
    return next((box for box in QApplication.topLevelWidgets() if isinstance(box, QMessageBox)), None)


@pytest.fixture(autouse=True)
def window(qtbot: QtBot) -> Iterator[QWidget]:
    """What a person asks from."""
    widget = QWidget()
    widget.show()
    yield widget
    widget.close()
    widget.deleteLater()


def test_folders_and_pages_are_handed_to_the_system_and_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url))
    open_outside(Path("/a b/ü"))
    open_outside("https://example.org/a#b")
    assert opened == [QUrl.fromLocalFile("/a b/ü"), QUrl("https://example.org/a#b")]
    assert told() is None


@pytest.mark.parametrize(
    ("place", "words", "button"),
    [
        (Path("/home/<b>ada</b>/runs"), "Nothing on this system opens folders.", "Copy path"),
        ("https://example.org/", "Nothing on this system opens pages.", "Copy address"),
    ],
)
def test_where_nothing_opens_it_a_person_is_told_where_it_is_and_can_copy_it(
    place: Path | str, words: str, button: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: False)
    open_outside(place)
    box = told()
    assert box is not None
    assert box.text() == words
    assert str(place) in box.informativeText()
    assert box.textFormat() is Qt.TextFormat.PlainText
    copy = next(item for item in box.buttons() if item.text() == button)
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == str(place)
