"""A run on its own thread: started, paused, resumed, stopped."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workbench.events import ControlChanged, Event, Failed, Finished, Prepared, Probed, StepDone
from workbench.session.reins import Reins
from workbench.session.run import Run, RunStatus
from workbench.session.run_folder import RunFolder

_LONG = ("stages.0.optimisation.steps=200000", "monitoring.evaluate_every=1000", "monitoring.probe_every=1000000")


@pytest.fixture
def open_run(make_run: Callable[..., RunFolder], tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Makes runs of the tiny recipe and sees to it that none outlives its test."""
    opened: list[Run] = []

    def open_one(**options: object) -> Run:
        run = Run(make_run(**options), Reins(device="cpu", cache_folder=tmp_path / "cache"))
        opened.append(run)
        return run

    yield open_one
    for run in opened:
        run.stop()
        if run.status is not RunStatus.IDLE:
            assert run.wait(30)


def _until(condition: Callable[[], bool]) -> None:
    ticks = threading.Event()
    for _ in range(3000):
        if condition():
            return
        ticks.wait(0.01)
    pytest.fail("the state did not come within 30 seconds")


def _heard(run: Run) -> list[Event]:
    events = []
    while not run.events.empty():
        events.append(run.events.get()[1])
    return events


def test_a_run_goes_from_idle_to_ended_and_says_everything_but_steps(open_run: Callable[..., Run]) -> None:
    run = open_run()
    assert run.status is RunStatus.IDLE
    run.start()
    assert run.wait(30)
    assert run.status is RunStatus.ENDED
    events = _heard(run)
    assert isinstance(events[0], Prepared)
    assert isinstance(events[-1], Finished)
    assert not [event for event in events if isinstance(event, StepDone)]
    assert len(run.log) == 20


def test_a_paused_run_takes_no_step_until_it_is_resumed(open_run: Callable[..., Run]) -> None:
    run = open_run(changes=_LONG)
    run.start()
    _until(lambda: len(run.log) > 5)
    run.pause()
    _until(lambda: run.status is RunStatus.PAUSED)
    steps = len(run.log)
    threading.Event().wait(0.2)
    assert len(run.log) == steps
    run.resume()
    _until(lambda: len(run.log) > steps)
    assert run.status is RunStatus.RUNNING


def test_a_stop_ends_a_paused_run_with_a_checkpoint(open_run: Callable[..., Run]) -> None:
    run = open_run(changes=_LONG)
    run.start()
    _until(lambda: len(run.log) > 5)
    run.pause()
    _until(lambda: run.status is RunStatus.PAUSED)
    run.stop()
    assert run.status is RunStatus.STOPPING
    assert run.wait(30)
    finished = _heard(run)[-1]
    assert isinstance(finished, Finished)
    assert finished.reason == "stopped"
    state = run.folder.latest_state()
    assert state is not None
    assert state.progress.step == finished.step == len(run.log)


def test_pauses_and_live_changes_are_replayed_by_their_journal(
    open_run: Callable[..., Run], make_run: Callable[..., RunFolder], run_to_end: Callable[..., list[Event]]
) -> None:
    changes = ("stages.0.optimisation.steps=3000", "monitoring.probe_every=1000000", "monitoring.evaluate_every=1000")
    run = open_run(changes=changes)
    run.start()
    _until(lambda: len(run.log) > 5)
    run.pause()
    _until(lambda: run.status is RunStatus.PAUSED)
    run.controls.set(temperature=7.0)
    run.resume()
    assert run.wait(60)
    (changed,) = [event for event in _heard(run) if isinstance(event, ControlChanged)]
    replayed = make_run(changes=changes, journal=((changed.step, "temperature", 7.0),))
    run_to_end(replayed)
    assert replayed.student_file.read_bytes() == run.folder.student_file.read_bytes()


def test_a_run_held_elsewhere_says_so_as_an_event(open_run: Callable[..., Run]) -> None:
    run = open_run()
    with run.folder.claimed():
        run.start()
        assert run.wait(30)
    (failed,) = _heard(run)
    assert isinstance(failed, Failed)
    assert "right now" in failed.title


def test_a_pause_after_a_stop_does_not_hold_the_run(open_run: Callable[..., Run]) -> None:
    run = open_run(changes=_LONG)
    run.start()
    _until(lambda: len(run.log) > 5)
    run.stop()
    run.pause()
    assert run.wait(30)
    run.stop()
    assert run.status is RunStatus.ENDED


def test_an_error_before_the_run_begins_is_heard_too(
    open_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("workbench.session.driving.Recorder", broken)
    run = open_run()
    run.start()
    assert run.wait(30)
    (failed,) = _heard(run)
    assert isinstance(failed, Failed)
    assert "a defect" in failed.title


def test_watching_an_example_that_is_not_there_goes_on_with_those_that_are(open_run: Callable[..., Run]) -> None:
    run = open_run()
    run.controls.set(probe=(9999, 2))
    run.start()
    assert run.wait(30)
    events = _heard(run)
    assert isinstance(events[-1], Finished)
    assert {event.examples for event in events if isinstance(event, Probed)} == {(2,)}


def test_a_stop_while_it_is_being_prepared_ends_it_before_the_teacher_is_asked_to_the_end(
    open_run: Callable[..., Run],
) -> None:
    run = open_run(changes=_LONG)
    heard: list[str] = []

    def hear(words: str) -> None:
        heard.append(words)
        if words.startswith("Asking the teacher"):
            run.stop()

    run.reins.say = hear
    run.start()
    assert run.wait(30)
    (finished,) = _heard(run)
    assert finished == Finished(step=0, reason="stopped")
    assert heard[:2] == ["Reading the data", "Loading the models"]
    assert "Checking the objective" not in heard
    assert run.folder.facts()["status"] == "stopped"


def test_a_resume_stopped_while_it_is_being_prepared_keeps_what_there_was(
    make_run: Callable[..., RunFolder], tmp_path: Path
) -> None:
    folder = make_run(changes=_LONG)
    first = Run(folder, Reins(device="cpu", cache_folder=tmp_path / "cache"))
    first.start()
    _until(lambda: len(first.log) > 10)
    first.stop()
    assert first.wait(30)
    kept = folder.facts()
    again = Run(folder, Reins(device="cpu", cache_folder=tmp_path / "cache"))
    again.stop()
    again.start()
    assert again.wait(30)
    after = folder.facts()
    assert {name: after[name] for name in ("status", "step", "seconds")} == {
        name: kept[name] for name in ("status", "step", "seconds")
    }
