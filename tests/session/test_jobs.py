"""Short background jobs: one result, one error, or silence."""

import threading

import pytest

from workbench.errors import WorkbenchError
from workbench.session.jobs import Job, Progress

_SECONDS = 10


def _ended(job: Job[int]) -> Job[int]:
    job.start()
    assert job.wait(_SECONDS)
    return job


def test_a_job_hands_out_what_its_work_returned_from_another_thread() -> None:
    seen: list[int] = []

    def work(_: Job[int]) -> int:
        seen.append(threading.get_ident())
        return 42

    assert _ended(Job("counting", work)).result() == 42
    assert seen != [threading.get_ident()]


def test_an_error_for_people_comes_out_as_it_was() -> None:
    error = WorkbenchError("No such file.", "Choose another.")

    def work(_: Job[int]) -> int:
        raise error

    with pytest.raises(WorkbenchError) as raised:
        _ended(Job("reading", work)).result()
    assert raised.value is error


def test_an_error_of_the_program_names_the_job_and_keeps_its_traceback() -> None:
    def work(_: Job[int]) -> int:
        return 1 // 0

    job = _ended(Job("Dividing", work))
    assert job.error is not None
    assert job.error.title.startswith("Dividing ended with an error of the program: ZeroDivisionError")
    assert "1 // 0" in job.error.details


def test_a_job_tells_how_far_it_is() -> None:
    told, go_on = threading.Event(), threading.Event()

    def work(job: Job[int]) -> int:
        job.say("half way", 0.5)
        told.set()
        assert go_on.wait(_SECONDS)
        return 0

    job = Job("walking", work)
    job.start()
    assert told.wait(_SECONDS)
    assert job.progress == Progress("half way", 0.5)
    assert not job.is_over
    go_on.set()
    assert job.wait(_SECONDS)
    assert job.is_over


def test_a_cancelled_job_ends_where_it_next_speaks_and_without_an_error() -> None:
    cancelled = threading.Event()
    reached: list[str] = []

    def work(job: Job[int]) -> int:
        assert cancelled.wait(_SECONDS)
        job.say("going on")
        reached.append("the end")
        return 0

    job = Job("waiting", work)
    job.start()
    job.cancel()
    cancelled.set()
    assert job.wait(_SECONDS)
    assert job.is_cancelled
    assert job.error is None
    assert not reached
