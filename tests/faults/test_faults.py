"""The programs that measure kills, bad disks and long hours, each for a short while."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from faults.layer import unavailable
from faults.samples import Samples
from faults.trace import Places, Traced, read
from faults.trials import Result

_HERE = Path(__file__).parent
_NEEDS_LAYER = pytest.mark.skipif(bool(unavailable()), reason=unavailable())


def measured(script: str, *words: str) -> str:
    """What a program prints that finds nothing wrong."""
    command = [sys.executable, str(_HERE / script), *words]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@_NEEDS_LAYER
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_runs_of_both_tasks_that_are_killed_and_resumed_end_as_those_left_alone() -> None:
    printed = measured("kills.py", "--kills", "12", "--task", "no export", "--seed", "5")
    assert "| **all 12** |" in printed
    assert " 0 violations" in printed


@_NEEDS_LAYER
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_run_on_a_bad_disk_is_explained_and_can_be_resumed() -> None:
    words = ("--task", "classifier, no export", "--sites", "1", "--most", "10", "--seed", "1", "--no-mounts")
    assert "10 runs with a fault, 0 not as they must be" in measured("disk.py", *words)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("what", ["training", "opening"])
def test_the_window_is_measured_while_it_works(what: str) -> None:
    printed = measured("soak.py", what, "--minutes", "0.5", "--runs", "3")
    grown = "steps" if what == "training" else "runs opened"
    (row,) = [line.split("|") for line in printed.splitlines() if line.startswith(f"| {grown} |")]
    assert float(row[3].replace(",", "")) > float(row[2].replace(",", "")), "nothing went on"


def test_a_slope_is_found_with_its_interval_after_the_warm_up() -> None:
    noise = np.random.default_rng(0)
    hours = [number / 100 for number in range(100)]
    values = [1000.0 if hour < 0.15 else 50 + 3 * hour + noise.normal(0, 0.1) for hour in hours]
    samples = Samples([3600 * hour for hour in hours], {"memory": values})
    _, slope, half = samples.slope("memory")
    assert abs(slope - 3) < half < 0.3


def test_two_results_differ_in_bytes_in_names_and_in_rows() -> None:
    wanted = Result({"a": "1"}, ("a", "b"), {"facts": [{"step": 1}]})
    found = Result({"a": "2"}, ("a", "c"), {"facts": [{"step": 2}]})
    assert wanted.differences(wanted) == []
    assert wanted.differences(found) == [
        "a has other bytes",
        "c is left over",
        "b is missing",
        "facts differs: 1 rows, now 1; missing {'step': 1}; added {'step': 2}",
    ]


def test_addresses_and_files_are_read_from_a_trace() -> None:
    lines = [
        '7  connect(3<socket:[1]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = 0',
        r'7  sendto(3, [{iov_base="\245p\1\0\0\1\0\0\0\0\0\0\4pypi\3org\0\0\1\0\1", iov_len=26}], 1) = 26',
        '7  openat(AT_FDCWD</opt>, "new.txt", O_WRONLY|O_CREAT, 0666) = 4</opt/new.txt>',
        '7  openat(AT_FDCWD</opt>, "/home/me/.config/app/own.ini", O_RDONLY) = 4</home/me/.config/app/own.ini>',
        '7  mkdir("/tmp/not-made", 0777) = -1 EEXIST (File exists)',
    ]
    traced = Traced("install")
    read(lines, traced, Places((("/home/me", "~"),)))
    assert dict(traced.addresses) == {"192.0.2.1 port 443": 1}
    assert traced.looked_up == {"pypi.org"}
    assert dict(traced.written) == {"/opt/new.txt": 1}
    assert dict(traced.read) == {"~/.config/app/own.ini": 1}
