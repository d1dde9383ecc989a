"""What the teacher wrote is never lost and never asked for twice, and only what passes is learnt from."""

import threading
import time

import pytest

from workbench.engine.language.teacher_text import (
    Filters,
    Prompt,
    Response,
    ask_all,
)
from workbench.errors import WorkbenchError

PROMPTS = [Prompt(({"role": "user", "content": f"{n} + 1"},), str(n + 1)) for n in range(5)]


class Counting:
    """Answers in order, and remembers what it was asked."""

    name = "counting"
    at_once = 2

    def __init__(self, fails_after=1000, ending="stop"):
        self.asked = []
        self._left, self._ending = fails_after, ending

    def write(self, asked):
        for place, each in enumerate(asked):
            if not self._left:
                raise WorkbenchError("The line is dead.")
            self._left -= 1
            self.asked.append((each.prompt.messages[0]["content"], each.sample))
            number = int(each.prompt.messages[0]["content"].split()[0])
            yield place, Response(f"<think>…</think> {number + 1 + (each.sample == 1)}", self._ending)


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "deep" / "answers.jsonl"


def test_every_prompt_gets_its_answers_in_order(journal):
    writer = Counting()
    written = ask_all(PROMPTS, 2, writer, journal)
    assert [(each.messages[0]["content"], each.sample) for each in written] == writer.asked
    assert written[3].messages[-1] == {"role": "assistant", "content": "<think>…</think> 3"}


def test_what_was_written_before_a_failure_is_not_asked_for_again(journal):
    with pytest.raises(WorkbenchError, match="line is dead"):
        ask_all(PROMPTS, 1, Counting(fails_after=3), journal)
    again = Counting()
    written = ask_all(PROMPTS, 1, again, journal)
    assert [content for content, _ in again.asked] == ["3 + 1", "4 + 1"]
    assert written == ask_all(PROMPTS, 1, Counting(), journal.with_name("fresh.jsonl"))


def test_a_stop_in_the_middle_keeps_what_is_there(journal):
    class StopAskedError(Exception):
        pass

    def pulse(words):
        if "2 of 5" in words:
            raise StopAskedError

    with pytest.raises(StopAskedError):
        ask_all(PROMPTS, 1, Counting(), journal, pulse)
    assert len(journal.read_text().splitlines()) == 2


def test_a_line_that_was_cut_short_is_asked_for_again_and_harms_no_other(journal):
    ask_all(PROMPTS[:3], 1, Counting(), journal)
    journal.write_bytes(journal.read_bytes()[:-9])
    again = Counting()
    assert len(ask_all(PROMPTS[:4], 1, again, journal)) == 4
    assert [content for content, _ in again.asked] == ["2 + 1", "3 + 1"]
    assert len(ask_all(PROMPTS[:4], 1, Counting(fails_after=0), journal)) == 4


def test_the_same_prompt_twice_is_asked_once_and_another_writer_anew(journal):
    writer = Counting()
    assert len(ask_all([PROMPTS[0], PROMPTS[0]], 1, writer, journal)) == 2
    assert len(writer.asked) == 1
    other = Counting()
    other.name = "other"
    ask_all([PROMPTS[0]], 1, other, journal)
    assert len(other.asked) == 1


def test_only_what_passes_is_kept_and_the_rest_says_why(journal):
    written = ask_all(PROMPTS, 3, Counting(), journal)
    judged = Filters(answer_pattern=r"</think>\s*(\d+)").judged(written)
    assert [each.kept for each in judged[:3]] == [True, False, False]
    assert judged[1].reason == "answers “2”, not “1”"
    assert judged[2].reason == "the same answer again"


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        (Filters(shortest=100), "18 characters, fewer than 100"),
        (Filters(longest=4), "18 characters, more than 4"),
        (Filters(pattern=r"\d{9}"), "the pattern is not in it"),
    ],
)
def test_each_filter_says_what_it_found(filters, reason, journal):
    assert {each.reason for each in filters.judged(ask_all(PROMPTS, 1, Counting(), journal))} == {reason}


def test_what_was_cut_is_left_out_unless_that_is_wanted(journal):
    written = ask_all(PROMPTS, 1, Counting(ending="length"), journal)
    assert {each.reason for each in Filters().judged(written)} == {"cut before its end"}
    assert all(each.kept for each in Filters(finished=False).judged(written))


def test_what_is_no_regular_expression_is_refused(journal):
    with pytest.raises(WorkbenchError, match="no regular expression"):
        Filters(pattern="(").judged([])


def test_a_group_that_took_no_part_in_the_match_is_no_answer(journal):
    (written,) = ask_all(PROMPTS[:1], 1, Counting(), journal)
    (judged,) = Filters(answer_pattern="(z)?").judged([written])
    assert judged.reason == "answers “”, not “1”"


def test_two_runs_that_want_the_same_ask_for_it_once(journal):
    first = Counting()
    gate, said = threading.Event(), []

    class Slow(Counting):
        def write(self, asked):
            assert gate.wait(20)
            yield from super().write(asked)

    slow, results = Slow(), []
    thread = threading.Thread(target=lambda: results.append(ask_all(PROMPTS, 1, slow, journal)))
    thread.start()
    while not journal.exists():
        time.sleep(0.01)

    def pulse(words):
        said.append(words)
        gate.set()

    results.append(ask_all(PROMPTS, 1, first, journal, pulse))
    thread.join()
    assert results[0] == results[1]
    assert (len(slow.asked), len(first.asked)) == (5, 0)
    assert said[0].startswith("Another run is asking")


def test_a_stop_never_parts_the_answers_of_one_batch(journal):
    """What is drawn for a prompt depends on those it is written beside."""

    class StopAskedError(Exception):
        pass

    def pulse(words):
        if "0 of 5" not in words:
            raise StopAskedError

    with pytest.raises(StopAskedError):
        ask_all(PROMPTS, 1, Counting(), journal, pulse)
    assert len(journal.read_text().splitlines()) == Counting.at_once
