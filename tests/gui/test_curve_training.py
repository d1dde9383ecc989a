"""Marks of a training, and how it is named."""

from pathlib import Path

from workbench.events import ControlChanged, StageStarted
from workbench.gui.curve_training import marks_of, short_name
from workbench.session.history import History


def _history(*events: object) -> History:
    return History("run", Path("run"), events=list(events))  # type: ignore[arg-type]


def _stage(step: int, stage: int, name: str) -> StageStarted:
    return StageStarted(step=step, stage=stage, name=name, formula="", soft_term="")


def _turned(step: int, old: float | None, new: float | None, name: str = "temperature") -> ControlChanged:
    return ControlChanged(step=step, name=name, old=old, new=new)


def test_stages_are_marked_where_there_are_several_and_each_once() -> None:
    assert marks_of(_history(_stage(0, 0, "only"))) == []
    marks = marks_of(_history(_stage(0, 0, "soft"), _stage(500, 1, ""), _stage(620, 1, "")))
    assert [(mark.x, mark.text, mark.is_stage) for mark in marks] == [(0, "soft", True), (500, "stage 2", True)]


def test_turned_controls_are_marked_with_old_and_new() -> None:
    marks = marks_of(_history(_turned(7, 4.0, 8.0), _turned(30, 0.9, 0.5, "alpha"), _turned(60, 8.0, None)))
    assert [mark.text for mark in marks] == ["T 4 → 8", "α 0.9 → 0.5", "T 8 → as in the recipe"]


def test_a_control_turned_step_by_step_is_one_mark_from_first_to_last() -> None:
    history = _history(_turned(100, 4.0, 5.0), _turned(101, 5.0, 6.0), _turned(103, 6.0, 9.0), _turned(200, 9.0, 2.0))
    marks = marks_of(history)
    assert [(mark.x, mark.text) for mark in marks] == [(103, "T 4 → 9"), (200, "T 9 → 2")]


def test_other_watched_examples_are_no_mark() -> None:
    assert marks_of(_history(ControlChanged(step=3, name="probe", old=(1,), new=(2,)))) == []


def test_a_run_is_named_without_its_date() -> None:
    assert short_name("2026-11-24_08-10-12_hinton-mnist") == "hinton-mnist, 08:10"
    assert short_name("my run") == "my run"
