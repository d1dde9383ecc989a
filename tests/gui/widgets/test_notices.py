"""Notices: seen, waited for while the mouse is on them, gone by themselves."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from workbench.errors import WorkbenchError
from workbench.gui.theme import Theme
from workbench.gui.widgets import notices as module
from workbench.gui.widgets.error_stack import ErrorStack
from workbench.gui.widgets.notices import Notices
from workbench.gui.workspace import Workspace


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    return window


@pytest.fixture
def notices(window: QWidget, theme: Theme) -> Notices:
    return Notices(window, theme, ErrorStack(window, theme))


def test_what_the_workspace_notices_is_shown_in_the_lower_right_with_its_level_in_words(
    notices: Notices, window: QWidget, workspace: Workspace
) -> None:
    workspace.noticed.connect(notices.add)
    workspace.noticed.emit("ok", "The recipe was saved.")
    [notice] = notices.notices
    assert notice.isVisible()
    assert notice.accessibleName() == "Done: The recipe was saved."
    assert notices.geometry().bottomRight() == QPoint(window.width() - 15, window.height() - 15)


def test_a_notice_goes_by_itself(notices: Notices, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SHORTEST_MS", 1)
    monkeypatch.setattr(module, "_MS_A_CHARACTER", 0)
    notices.add("info", "Soon gone.")
    qtbot.waitUntil(lambda: not notices.notices)
    assert notices.isHidden()


def test_a_long_notice_stays_longer_than_a_short_one_but_not_for_ever(notices: Notices) -> None:
    notices.add("info", "Short.")
    notices.add("info", "x" * 100)
    notices.add("info", "y" * 10_000)
    longest, longer, short = (notice.timer.interval() for notice in notices.notices)
    assert short == 4000
    assert short < longer < longest == 12_000


def test_a_notice_waits_while_the_mouse_is_on_it(notices: Notices) -> None:
    notices.add("info", "Read me.")
    notice = notices.notices[0]
    point = QPointF(5, 5)
    QApplication.sendEvent(notice, QEnterEvent(point, point, point))
    assert not notice.timer.isActive()
    QApplication.sendEvent(notice, QEvent(QEvent.Type.Leave))
    assert notice.timer.isActive()


def test_a_click_puts_a_notice_away(notices: Notices, qtbot: QtBot) -> None:
    notices.add("warning", "First.")
    notices.add("warning", "Second.")
    qtbot.mouseClick(notices.notices[0], Qt.MouseButton.LeftButton)
    assert [notice.text for notice in notices.notices] == ["First."]
    qtbot.mouseClick(notices.notices[0].close_button, Qt.MouseButton.LeftButton)
    assert not notices.notices
    assert notices.isHidden()


def test_the_same_notice_twice_is_one(notices: Notices) -> None:
    notices.add("ok", "Copied.")
    notices.notices[0].timer.stop()
    notices.add("ok", "Copied.")
    [notice] = notices.notices
    assert notice.timer.isActive()


def test_three_notices_are_shown_at_most_and_all_of_them_fit(notices: Notices, window: QWidget) -> None:
    for number in range(5):
        notices.add("info", f"Notice {number}. " + "Several words of it. " * 8)
    assert [notice.text[:9] for notice in notices.notices] == ["Notice 4.", "Notice 3.", "Notice 2."]
    QApplication.sendPostedEvents()
    for notice in notices.notices:
        assert notices.rect().contains(notice.geometry())
        assert notice.height() >= notice.heightForWidth(notice.width())
    assert QRect(QPoint(0, 0), window.size()).contains(notices.geometry())


def test_a_notice_takes_no_focus_and_is_not_in_the_way_of_tab(notices: Notices, window: QWidget, qtbot: QtBot) -> None:
    fields = QLineEdit(window), QLineEdit(window)
    for field in fields:
        field.show()
    window.activateWindow()
    fields[0].setFocus()
    qtbot.waitUntil(fields[0].hasFocus)
    notices.add("info", "Hello.")
    assert fields[0].hasFocus()
    qtbot.keyClick(fields[0], Qt.Key.Key_Tab)
    assert fields[1].hasFocus()
    qtbot.keyClick(fields[1], Qt.Key.Key_Tab)
    assert fields[0].hasFocus()


def test_notices_lie_above_the_error_cards_and_come_down_when_those_are_put_away(
    window: QWidget, theme: Theme, qtbot: QtBot
) -> None:
    errors = ErrorStack(window, theme)
    notices = Notices(window, theme, errors)
    notices.add("info", "Here first.")
    errors.add(WorkbenchError("The disk is full."))
    qtbot.waitUntil(lambda: notices.geometry().bottom() < errors.geometry().top())
    errors.dismiss_all()
    qtbot.waitUntil(lambda: notices.geometry().bottom() == window.height() - 15)


def test_a_page_that_comes_to_the_front_does_not_lift_a_notice_above_what_was_opened_over_it(
    window: QWidget, notices: Notices, qtbot: QtBot
) -> None:
    notices.add("info", "Below.")
    cover = QWidget(window)
    cover.setGeometry(window.rect())
    cover.show()
    window.resize(1300, 820)
    qtbot.waitUntil(lambda: notices.geometry().right() == 1300 - 15)
    above = [child for child in window.children() if isinstance(child, QWidget)]
    assert above.index(cover) > above.index(notices)
