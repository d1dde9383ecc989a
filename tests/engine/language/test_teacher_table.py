"""The table of what a teacher wrote reads back as it was kept, and as a person has edited it."""

import json

import polars
import pytest

from engine.language.test_teacher_text import PROMPTS, Counting
from workbench.engine.language.teacher_table import keep_table, read_table
from workbench.engine.language.teacher_text import Filters, ask_all
from workbench.errors import WorkbenchError


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "deep" / "answers.jsonl"


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


def test_cells_a_person_left_empty_are_as_columns_that_are_not_there(tmp_path):
    prompt = json.dumps([{"role": "user", "content": "1+1"}])
    columns = {"prompt": [prompt] * 2, "response": ["2", "3"], "kept": [None, False], "answer": [None, "2"]}
    polars.DataFrame(columns | {"reason": [None, None], "mine": ["a note", None]}).write_parquet(tmp_path / "t")
    first, second = read_table(tmp_path / "t")
    assert (first.kept, first.answer, first.reason, first.ending) == (True, "", "", "stop")
    assert not second.kept


def test_a_table_with_an_empty_response_is_refused_in_words(tmp_path):
    polars.DataFrame({"prompt": ["[]", "[]"], "response": ["2", None]}).write_parquet(tmp_path / "t")
    with pytest.raises(WorkbenchError, match="it has no response"):
        read_table(tmp_path / "t")


def test_what_is_no_parquet_is_refused_in_words(tmp_path):
    (tmp_path / "t").write_text("not a table")
    with pytest.raises(WorkbenchError, match="cannot be read as a Parquet table"):
        read_table(tmp_path / "t")
