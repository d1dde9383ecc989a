"""What the teacher wrote is never lost and never asked for twice, and only what passes is learnt from."""

import json

import polars
import pytest

from workbench.engine.language.teacher_text import (
    Filters,
    Prompt,
    Response,
    ask_all,
    keep_table,
    read_table,
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


def test_a_table_reads_back_as_it_was_and_as_a_person_edits_it(tmp_path, journal):
    judged = Filters(answer_pattern=r"(\d+)$").judged(ask_all(PROMPTS, 2, Counting(), journal))
    path = tmp_path / "text.parquet"
    keep_table(judged, path)
    assert read_table(path) == judged
    frame = polars.read_parquet(path)
    edited = frame.select("prompt", polars.lit("better").alias("response"))
    edited.write_parquet(path)
    assert {(each.response, each.kept, each.writer) for each in read_table(path)} == {("better", True, "a person")}


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"prompt": ["[]"]}, "no column “response”"),
        ({"prompt": ["{"], "response": ["x"]}, "cannot be read"),
        ({"prompt": [json.dumps([{"role": "user"}])], "response": ["x"]}, "cannot be read"),
        ({"prompt": [json.dumps([{"role": "user", "content": 3}])], "response": ["x"]}, "has no text"),
    ],
)
def test_a_table_of_something_else_is_refused_in_words(tmp_path, columns, reason):
    path = tmp_path / "other.parquet"
    polars.DataFrame(columns).write_parquet(path)
    with pytest.raises(WorkbenchError, match=reason):
        read_table(path)


def test_what_is_no_regular_expression_is_refused(journal):
    with pytest.raises(WorkbenchError, match="no regular expression"):
        Filters(pattern="(").judged([])
    (journal.parent).mkdir()
    journal.write_text("not a table")
    with pytest.raises(WorkbenchError, match="cannot be read as a Parquet table"):
        read_table(journal)
