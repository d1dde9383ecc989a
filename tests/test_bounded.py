"""Work in a child process ends at its limits, and with its answer before them."""

import os
import time
from pathlib import Path

import psutil
import pytest

from workbench.bounded import LimitError, bounded
from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain
from workbench.watchdog import watched

ENOUGH = {"seconds": 60.0, "memory": 2**30}


def no_child_is_left() -> bool:
    return not [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


def test_an_answer_comes_back_as_it_is():
    assert bounded(dict, {"a": [1, None]}, **ENOUGH) == {"a": [1, None]}
    assert no_child_is_left()


def test_a_refusal_comes_back_with_its_words(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("only POSIX systems have named pipes; run it there")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(WorkbenchError, match="pipe"):
        bounded(refuse_unless_plain, Path(tmp_path / "pipe"), **ENOUGH)


def test_what_takes_too_long_is_ended():
    with pytest.raises(LimitError, match="took more than 1 s"):
        bounded(time.sleep, 600, seconds=0.6, memory=2**30)
    assert no_child_is_left()


def test_what_takes_too_much_memory_is_ended():
    with pytest.raises(LimitError, match="took more than 64 MiB of memory"):
        bounded(list, range(10**9), seconds=60.0, memory=2**26)
    assert no_child_is_left()


def test_a_child_that_ends_without_an_answer_is_reported():
    with pytest.raises(LimitError, match="exit code 3"):
        bounded(os._exit, 3, **ENOUGH)


def test_a_caller_that_cancels_ends_the_child():
    def cancel() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bounded(time.sleep, 600, cancelled=cancel, **ENOUGH)
    assert no_child_is_left()


def test_watched_work_is_told_to_stop_at_its_time_limit_and_not_before():
    stopped: list[bool] = []
    with watched(lambda: stopped.append(True), 600.0) as watch:
        pass
    assert not stopped
    assert not watch.reason
    with watched(lambda: stopped.append(True), 0.0) as watch:
        while not stopped:
            time.sleep(0.01)
    assert watch.reason == "took more than 0 s"
