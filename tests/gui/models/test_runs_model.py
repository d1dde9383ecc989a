"""The table of runs: merged, sorted, searched."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester

from workbench.gui.models.runs_model import (
    PROGRESS,
    RUN,
    STARTED,
    STATUS,
    STUDENT,
    TAGS,
    VERDICT,
    RunsModel,
    RunsOrder,
)
from workbench.gui.theme import Theme
from workbench.session.library import RunSummary

_RISING, _FALLING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


def _run(name: str, created: str = "2026-11-01T10:00:00+00:00", **more: object) -> RunSummary:
    told: dict[str, object] = {
        "recipe": name,
        "status": "complete",
        "step": 20,
        "total_steps": 20,
        "student_errors": 50,
        "teacher_errors": 40,
        "examples": 1000,
        "seconds": 10.0,
        "verdict": None,
    }
    return RunSummary(path=Path("/runs") / name, created=created, **{**told, **more})  # type: ignore[arg-type]


@pytest.fixture
def model(theme: Theme) -> RunsModel:
    return RunsModel(theme)


def _names(order: RunsOrder) -> list[str]:
    return [order.run(row).recipe for row in range(order.rowCount())]


def test_the_model_and_its_order_keep_what_qt_asks_of_models(model: RunsModel, qtmodeltester: ModelTester) -> None:
    order = RunsOrder(model)
    model.merge([_run("a"), _run("b")])
    qtmodeltester.check(model)
    qtmodeltester.check(order)


def test_a_cell_says_what_a_person_reads(model: RunsModel) -> None:
    model.merge([_run("a", verdict="DOES NOT BEAT", tags=("one", "two"), step=5, status="stopped")])
    texts = {column: model.index(0, column).data() for column in (RUN, STATUS, PROGRESS, STUDENT, VERDICT, TAGS)}
    assert texts == {
        RUN: "a",
        STATUS: "Stopped",
        PROGRESS: "25 %",
        STUDENT: "50 (5.00 %)",
        VERDICT: "Does not beat",
        TAGS: "one, two",
    }
    tip = model.index(0, STUDENT).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "50 errors on 1,000 held-out examples (5.00 %)"


def test_merging_keeps_the_places_of_runs_that_stay(model: RunsModel) -> None:
    model.merge([_run("a"), _run("b"), _run("c")])
    kept = QPersistentModelIndex(model.index(2, RUN))
    model.merge([_run("d"), _run("c", student_errors=1), _run("b")])
    assert [run.recipe for run in model.runs] == ["b", "c", "d"]
    assert kept.isValid()
    assert model.run(kept.row()).student_errors == 1


def test_a_run_that_did_not_change_is_not_drawn_again(model: RunsModel) -> None:
    model.merge([_run("a"), _run("b")])
    changed: list[int] = []
    model.dataChanged.connect(lambda first, _: changed.append(first.row()))
    model.merge([_run("a"), _run("b", notes="new")])
    assert changed == [1]


def test_sorting_puts_what_is_not_known_last_both_ways(model: RunsModel) -> None:
    order = RunsOrder(model)
    model.merge([_run("none", student_errors=None), _run("many", student_errors=90), _run("few", student_errors=3)])
    order.sort(STUDENT, _RISING)
    assert _names(order) == ["few", "many", "none"]
    order.sort(STUDENT, _FALLING)
    assert _names(order) == ["many", "few", "none"]


def test_newest_first_stays_so_when_a_run_is_added(model: RunsModel) -> None:
    order = RunsOrder(model)
    order.sort(STARTED, _FALLING)
    old, new = _run("old", "2026-01-01T10:00:00+00:00"), _run("new", "2026-03-01T10:00:00+00:00")
    model.merge([old, new])
    model.merge([old, _run("between", "2026-02-01T10:00:00+00:00"), new])
    assert _names(order) == ["new", "between", "old"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["mnist", "cifar"]),
        ("MNIST", ["mnist"]),
        ("sweep", ["mnist"]),
        ("overfits", ["cifar"]),
        ("stopped", ["cifar"]),
        ("beats", ["mnist"]),
        ("sweep mnist", ["mnist"]),
        ("sweep overfits", []),
    ],
)
def test_a_search_finds_runs_that_have_every_word_somewhere(model: RunsModel, text: str, found: list[str]) -> None:
    order = RunsOrder(model)
    model.merge(
        [
            _run("mnist", tags=("T sweep",), verdict="BEATS"),
            _run("cifar", notes="Overfits early.", status="stopped"),
        ]
    )
    order.search(text)
    assert sorted(_names(order), reverse=True) == found


def test_a_run_that_gets_the_word_comes_into_the_search(model: RunsModel) -> None:
    order = RunsOrder(model)
    run = _run("a")
    model.merge([run])
    order.search("best")
    assert _names(order) == []
    model.update(replace(run, tags=("best",)))
    assert _names(order) == ["a"]


def test_the_runs_on_the_screen_bear_a_mark_and_lose_it_again(model: RunsModel) -> None:
    model.merge([_run("a"), _run("b")])
    plain = model.index(0, RUN).data(Qt.ItemDataRole.DecorationRole).cacheKey()
    model.mark({Path("/runs/a"): "eye"})
    assert model.index(0, RUN).data(Qt.ItemDataRole.DecorationRole).cacheKey() != plain
    assert model.index(1, RUN).data(Qt.ItemDataRole.DecorationRole).cacheKey() == plain
    model.mark({})
    assert model.index(0, RUN).data(Qt.ItemDataRole.DecorationRole).cacheKey() == plain
