"""Jobs are handed over on the window's thread, only the newest of a topic, and never after they were cancelled."""

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.errors import WorkbenchError
from workbench.gui.background import Background
from workbench.session.jobs import Job

_SECONDS = 10


@pytest.fixture
def background(qapp: QApplication) -> Iterator[Background]:
    background = Background()
    yield background
    background.cancel_all()
    for job in background.jobs:
        job.wait(_SECONDS)


def _refuse(_: Job[int]) -> int:
    raise WorkbenchError("No.", "Try something else.")


def test_a_result_is_handed_over_on_the_thread_that_asks_and_not_before(background: Background) -> None:
    heard: list[tuple[int, int]] = []
    job = background.start("adding", lambda _: 2 + 3, lambda five: heard.append((five, threading.get_ident())))
    assert job.wait(_SECONDS)
    assert heard == []
    background.deliver()
    assert heard == [(5, threading.get_ident())]
    assert background.is_idle
    background.deliver()
    assert len(heard) == 1


def test_an_error_goes_to_its_owner_or_else_to_everybody(background: Background, qtbot: QtBot) -> None:
    heard: list[WorkbenchError] = []
    job = background.start("asking", _refuse, _never, heard.append)
    assert job.wait(_SECONDS)
    background.deliver()
    assert [error.title for error in heard] == ["No."]
    job = background.start("asking", _refuse, _never)
    assert job.wait(_SECONDS)
    with qtbot.waitSignal(background.failed) as failed:
        background.deliver()
    assert failed.args[0].title == "No."


def test_only_the_newest_job_of_a_topic_is_heard(background: Background) -> None:
    go_on = threading.Event()
    heard: list[str] = []

    def slow(_: Job[str]) -> str:
        assert go_on.wait(_SECONDS)
        return "old"

    first = background.start("one", slow, heard.append, topic="list")
    second = background.start("two", lambda _: "new", heard.append, topic="list")
    assert [job.name for job in background.jobs] == ["two"]
    go_on.set()
    assert first.wait(_SECONDS)
    assert second.wait(_SECONDS)
    background.deliver()
    assert heard == ["new"]


def test_a_cancelled_job_is_heard_neither_with_a_result_nor_with_an_error(background: Background) -> None:
    heard: list[object] = []
    jobs = [
        background.start("right", lambda _: 1, heard.append, heard.append),
        background.start("wrong", _refuse, heard.append, heard.append),
    ]
    background.cancel_all()
    assert all(job.wait(_SECONDS) for job in jobs)
    background.deliver()
    assert heard == []
    assert background.is_idle


def test_a_thread_that_is_still_at_work_is_not_idle_though_nobody_wants_it(background: Background) -> None:
    go_on = threading.Event()

    def slow(_: Job[bool]) -> bool:
        return go_on.wait(_SECONDS)

    job = background.start("slow", slow, _never)
    background.cancel_all()
    assert background.jobs == []
    assert not background.is_idle
    go_on.set()
    assert job.wait(_SECONDS)
    background.deliver()
    assert background.is_idle


def test_a_job_may_start_another_when_it_is_handed_over(background: Background) -> None:
    heard: list[int] = []

    def again(number: int) -> None:
        heard.append(number)
        if number < 3:
            background.start("counting", lambda _: number + 1, again)

    background.start("counting", lambda _: 1, again)
    _deliver_until(background, lambda: background.is_idle)
    assert heard == [1, 2, 3]


def test_what_writes_something_down_is_not_cancelled_with_the_rest(background: Background) -> None:
    go_on = threading.Event()
    heard: list[str] = []

    def write(_: Job[str]) -> str:
        assert go_on.wait(_SECONDS)
        return "written"

    writing = background.start("writing", write, heard.append, must_end=True)
    assert not background.can_cancel
    looking = background.start("looking", lambda _: "looked", heard.append)
    assert background.can_cancel
    background.cancel_all()
    assert not background.can_cancel
    assert background.jobs == [writing]
    go_on.set()
    assert all(job.wait(_SECONDS) for job in (writing, looking))
    background.deliver()
    assert heard == ["written"]


def test_an_owner_that_fails_at_its_result_takes_nothing_from_the_others(background: Background) -> None:
    heard: list[int] = []

    def fail(_: int) -> None:
        raise ZeroDivisionError

    jobs = [background.start("bad", lambda _: 1, fail), background.start("good", lambda _: 2, heard.append)]
    assert all(job.wait(_SECONDS) for job in jobs)
    with pytest.raises(ZeroDivisionError):
        background.deliver()
    background.deliver()
    assert heard == [2]
    assert background.is_idle


def _deliver_until(background: Background, ready: Callable[[], bool]) -> None:
    while not ready():
        for job in background.jobs:
            assert job.wait(_SECONDS)
        background.deliver()


def _never(_: object) -> None:
    raise AssertionError("nobody wanted this")
