"""What training runs on stands in the status bar once it is known, and leads to the preferences."""

from dataclasses import replace

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.gui.deeds import Deeds
from workbench.gui.habits import Habits
from workbench.gui.main_window import MainWindow
from workbench.gui.preferences_dialog import PreferencesDialog
from workbench.gui.widgets.runtime_word import RuntimeWord
from workbench.session.runtime import circumstances
from workbench.session.runtime_advice import Circumstances, in_short

BESIDE_A_GPU = Circumstances(True, "Linux", "cpu", "RTX <4090>", True, "2.13.0+cpu", "", 2)


def test_before_it_is_known_there_is_no_word(qtbot: QtBot) -> None:
    word = RuntimeWord()
    qtbot.addWidget(word)
    word.take_threads(3)
    assert word.isHidden()
    assert not word.text()


def test_the_word_is_short_and_its_tooltip_tells_more(qtbot: QtBot) -> None:
    word = RuntimeWord()
    qtbot.addWidget(word)
    word.show_runtime(BESIDE_A_GPU, 0)
    assert word.text() == "CPU, 2 threads"
    assert "RTX &lt;4090&gt;" in word.toolTip()
    assert "CPU, 2 threads" in word.accessibleName()
    word.show_runtime(replace(BESIDE_A_GPU, used="cuda", built_for="CUDA 13.0"), 0)
    assert word.text() == "CUDA: RTX <4090>"


def test_the_window_shows_it_once_pytorch_has_loaded(window: MainWindow) -> None:
    assert window.runtime_word.isVisible()
    assert window.runtime_word.text() == in_short(circumstances())


def test_a_click_leads_to_the_runtime_in_the_preferences_which_change_it(window: MainWindow, qtbot: QtBot) -> None:
    window.workspace.settings.tour_seen = True
    habits = Habits(window, window.findChild(Deeds))
    qtbot.mouseClick(window.runtime_word, Qt.MouseButton.LeftButton)
    dialog = window.findChild(PreferencesDialog)
    assert dialog is not None
    assert not dialog.runtime.facts["Training"].visibleRegion().isEmpty()
    qtbot.waitUntil(lambda: window.workspace.jobs.is_idle)
    dialog.threads_field.setValue(7)
    qtbot.waitUntil(lambda: window.workspace.jobs.is_idle)
    if circumstances().used == "cpu":
        assert window.runtime_word.text() == "CPU, 7 threads"
    dialog.close()
    assert habits.updating.note is None
