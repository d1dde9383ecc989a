"""Every malformed file is refused or told of; nothing it holds is run, and the program goes on."""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from malformed import guilty
from malformed.case import ACCEPTED, REFUSED, Case, Outcome
from malformed.corpus import FAMILIES, find
from malformed.crossing import sample
from malformed.pool import Worker

CASES = [(name, case) for name, cases in FAMILIES.items() for case in cases if os.name == "posix" or not case.posix]


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """A process that opens what this one should not."""
    with Worker() as started:
        yield started


@pytest.mark.parametrize(("family", "case"), CASES, ids=[f"{family}: {case.name}" for family, case in CASES])
def test_a_malformed_file_ends_as_expected_and_harms_nothing(worker, family: str, case: Case):
    outcome = worker.run(family, case)
    assert outcome.problems(case) == []


@pytest.mark.parametrize("trial", sample(100), ids=lambda trial: f"{trial[0]}: {trial[1].name} {trial[2]}")
def test_a_malformed_file_in_another_role_ends_in_words_too(worker, trial):
    """Some of all; the whole is run by hand: `python tests/malformed/crossing.py`."""
    assert worker.run(*trial).harm() == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("it touches a file", "It wrote .*TOUCHED"),
        ("it changes a file", r"It wrote .*note\.txt"),
        ("it writes at home", "It wrote .*left behind"),
        ("it starts a program", r"It started subprocess\.Popen"),
        ("it crashes", "It was crashed"),
        ("it takes memory", r"It took 1,\d\d\d MiB"),
        ("it raises an error of another kind", "It was KeyError"),
    ],
)
@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells a process what it took; run it there"
)
def test_the_watching_sees_what_a_file_must_not_bring_about(worker, name, told):
    case = find(guilty.FAMILY, name)
    problems = worker.run(guilty.FAMILY, case).problems(case)
    assert any(re.search(told, problem) for problem in problems), problems


def test_a_refusal_must_name_the_file_and_the_reason():
    case = Case("cut", lambda folder: folder, "checkpoint", REFUSED, "cut short")
    told = Outcome(REFUSED, "model.pt is cut short", "model.pt")
    assert told.problems(case) == []
    assert replace(told, message="model.pt is odd").problems(case)
    assert replace(told, message="It is cut short").problems(case)
    assert replace(told, result=ACCEPTED).problems(case)
    assert replace(told, seconds=11.0).problems(case)
    assert replace(told, afterwards="MemoryError").problems(case)


def test_the_corpus_holds_every_family_and_no_name_twice():
    assert len(CASES) >= 150
    for family, cases in FAMILIES.items():
        names = [case.name for case in cases]
        assert len(set(names)) == len(names), family
