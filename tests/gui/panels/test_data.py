"""The data panel: read only while it is seen, shown in parts or side by side, called off and tried again."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.gui.document import RecipeDocument
from workbench.gui.panels import data as module
from workbench.gui.panels.data import DataPanel
from workbench.gui.workspace import Workspace
from workbench.recipe.data import Conversations
from workbench.recipe.drafts import fresh
from workbench.session.data_card import ClassRow, ColumnRow, DataCard, Sample
from workbench.session.jobs import Job


def card(**changes: Any) -> DataCard:
    picture = np.zeros((8, 8), np.uint8)
    values: dict[str, Any] = {
        "title": "Image folder: 60 pictures, 3 classes",
        "input": "1 × 8 × 8 pixels",
        "training": 45,
        "held_out": 15,
        "unlabelled": 0,
        "classes": (ClassRow("cat", 30, 10), ClassRow("dog", 10, 4), ClassRow("owl", 5, 1)),
        "imbalance": 6.0,
        "repeated": 2,
        "overlap": 1,
        "samples": tuple(Sample(name, f"training example {n}", picture) for n, name in enumerate(("cat", "dog"))),
        "columns": (),
        "notes": (
            Finding(level="ok", title="All is read."),
            Finding(level="warning", title="One file was left out: a.png.", fix="Mend it."),
        ),
    }
    return DataCard(**values | changes)


class Reader:
    """Stands in for reading: counts, and answers what it is told to."""

    def __init__(self) -> None:
        self.times = 0
        self.answer: DataCard | WorkbenchError | None = card()

    def __call__(self, data: Any, folder: Path, reader: Any, job: Job[Any]) -> DataCard:
        self.times += 1
        while self.answer is None:
            job.say("Decoding pictures…", 0.25)
        if isinstance(self.answer, WorkbenchError):
            raise self.answer
        return self.answer


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    reader = Reader()
    monkeypatch.setattr(module, "data_card", reader)
    return reader


@pytest.fixture
def panel(qtbot: QtBot, workspace: Workspace, reader: Reader) -> DataPanel:
    panel = DataPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(900, 420)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def is_read(panel: DataPanel) -> bool:
    return panel.view.isVisible()


def test_without_data_the_panel_says_how_to_come_by_some(panel: DataPanel, reader: Reader, qtbot: QtBot) -> None:
    qtbot.waitUntil(panel.words.isVisible)
    assert "Choose data in the recipe" in panel.words.text()
    assert not panel.button.isVisible()
    assert reader.times == 0


def test_the_facts_classes_and_notes_of_the_recipes_data_are_shown(
    panel: DataPanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: is_read(panel))
    view = panel.view
    assert view.title.text() == "Image folder: 60 pictures, 3 classes"
    assert (view.about.fact("training"), view.about.fact("overlap"), view.about.fact("imbalance")) == (
        "45 examples",
        "1 of 15",
        "6.0 : 1",
    )
    assert view.about.notes.texts() == ["Warning: One file was left out: a.png. Mend it."]
    rows = view.classes.model()
    assert [rows.index(row, 0).data() for row in range(rows.rowCount())] == ["cat", "dog", "owl"]
    assert view.samples.pictures.count() == 2


def test_a_click_on_a_heading_sorts_the_classes_by_their_examples(
    panel: DataPanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: is_read(panel))
    table = panel.view.classes
    header = table.horizontalHeader()
    where = header.viewport().rect().topLeft()
    where.setX(header.sectionViewportPosition(1) + 20)
    where.setY(header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    rows = table.model()
    assert [rows.index(row, 0).data() for row in range(3)] == ["owl", "dog", "cat"]


def test_a_narrow_panel_shows_one_part_at_a_time(panel: DataPanel, open_tiny: RecipeDocument, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: is_read(panel))
    view = panel.view
    assert view.classes.isVisible()
    assert view.samples.isVisible()
    panel.resize(440, 260)
    qtbot.waitUntil(view.parts.isVisible)
    shown = {}
    for part in ("about", "classes", "samples"):
        qtbot.mouseClick(view.parts.button(part), Qt.MouseButton.LeftButton)
        shown[part] = (view.about.notes.isVisible(), view.classes.isVisible(), view.samples.isVisible())
    assert shown == {
        "about": (True, False, False), "classes": (False, True, False), "samples": (False, False, True),
    }  # fmt: skip
    assert not view.parts.button("columns").isVisible(), "pictures have no columns"


def test_a_table_shows_its_columns_and_its_rows(
    panel: DataPanel, reader: Reader, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    reader.answer = card(
        samples=(Sample("a", "training example 0", rows=(("city", "Rome"), ("age", "7"))),),
        columns=(ColumnRow("city", "category", "Rome", "2 values", "Oslo", 0.25),),
    )
    qtbot.waitUntil(lambda: is_read(panel))
    rows = panel.view.samples.table
    assert [rows.item(0, column).text() for column in range(3)] == ["a", "Rome", "7"]
    qtbot.mouseClick(panel.view.parts.button("columns"), Qt.MouseButton.LeftButton)
    assert panel.view.columns.isVisible()
    assert panel.view.columns.item(0, 5).text() == "25.0 %"


def test_texts_and_waves_are_shown_as_what_they_are(
    panel: DataPanel, reader: Reader, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: is_read(panel))
    panel.view.show_card(card(samples=(Sample("", "training example 0", words="so  long"),)))
    assert panel.view.samples.table.item(0, 1).text() == "so long"
    assert panel.view.samples.table.item(0, 0).text() == "no label"
    wave = np.sin(np.linspace(0, 20, 500)).astype(np.float32)
    panel.view.show_card(card(samples=(Sample("a", "training example 0", wave=wave),)))
    drawn = panel.view.samples.pictures.item(0).icon().pixmap(120, 64).toImage()
    colours = {drawn.pixelColor(x, y).name() for x in range(drawn.width()) for y in range(drawn.height())}
    assert panel.workspace.theme.colour("accent").name() in colours


def test_reading_is_called_off_by_its_button_and_begun_again(
    panel: DataPanel, reader: Reader, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    reader.answer = None
    open_tiny.set(("data", "seed"), 5)
    qtbot.waitUntil(lambda: panel.words.text() == "Decoding pictures…")
    assert panel.bar.value() == 25
    qtbot.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    assert panel.words.text() == "The data was not read to its end."
    reader.answer = card()
    qtbot.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_read(panel))


def test_what_cannot_be_read_is_said_in_words_and_tried_again(
    panel: DataPanel, reader: Reader, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    reader.answer = WorkbenchError("There is no folder at x.", "Check the name.")
    open_tiny.set(("data", "seed"), 5)
    qtbot.waitUntil(lambda: "There is no folder at" in panel.words.text())
    reader.answer = card()
    qtbot.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_read(panel))


def test_the_same_data_is_read_once_and_nothing_is_read_while_the_panel_is_hidden(
    panel: DataPanel, reader: Reader, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: is_read(panel))
    before = reader.times
    open_tiny.set(("name",), "another")
    panel.refresh()
    assert not panel._timer.isActive()
    panel.hide()
    open_tiny.set(("data", "seed"), 9)
    assert not panel._timer.isActive()
    assert reader.times == before
    panel.show()
    qtbot.waitUntil(lambda: reader.times == before + 1)
    qtbot.waitUntil(lambda: panel.workspace.jobs.is_idle)


def test_a_hidden_panel_lets_its_reading_go(
    panel: DataPanel, reader: Reader, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    reader.answer = None
    open_tiny.set(("data", "seed"), 5)
    qtbot.waitUntil(lambda: reader.times > 0)
    panel.hide()
    qtbot.waitUntil(lambda: panel.workspace.jobs.is_idle)


def test_conversations_are_read_and_shown_on_a_page_of_their_own_and_classes_come_back(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "chats.jsonl").write_text(
        "\n".join(f'{{"prompt": "What is {n}?", "response": "It is {n}."}}' for n in range(10)), encoding="utf-8"
    )
    before = open_tiny.value(("data",))
    panel = DataPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(900, 420)
    open_tiny.set(("data",), {**fresh(Conversations), "file": str(tmp_path / "chats.jsonl")})
    panel.show()
    qtbot.waitUntil(panel.conversations.isVisible)
    assert panel.conversations.title.text() == "10 prompts with their responses"
    assert panel.conversations.about.fact("held out") == "1 example"
    assert "It is 0." in panel.conversations.samples.toPlainText()
    (tmp_path / "chats.jsonl").write_text('{"prompt": "x"}\n{"prompt": 3}\n', encoding="utf-8")
    open_tiny.set(("data", "seed"), 1)
    qtbot.waitUntil(lambda: panel.words.isVisible() and "line 2: “prompt” is a number" in shown(panel))
    open_tiny.set(("data",), before)
    qtbot.waitUntil(panel.view.isVisible)


def shown(panel: DataPanel) -> str:
    return panel.words.text().replace("\u200b", "")


def test_a_panel_that_was_wide_while_it_read_can_be_made_narrow_again(
    panel: DataPanel, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: is_read(panel))
    assert panel.minimumSizeHint().width() <= 440
