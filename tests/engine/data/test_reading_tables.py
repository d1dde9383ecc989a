"""Tables are told by their content, and what is wrong with one is named by its place."""

import json

import polars
import pytest

from workbench.engine.data.reading_tables import read_rows
from workbench.errors import WorkbenchError

ROWS = [{"age": 20 + n, "city": ("Rome", "Oslo")[n % 2]} for n in range(6)]


def written(path, raw):
    path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_guessed_by_what_cuts_every_row_alike(tmp_path, delimiter):
    lines = ["name", "text"], ["a", "one, two; three"], ["b", "four"]
    raw = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    rows = read_rows(written(tmp_path / "odd.name", raw), skip_broken=False)
    assert rows.frame.rows() == [("a", "one, two; three"), ("b", "four")]
    assert rows.lines.to_list() == [2, 3]


@pytest.mark.parametrize("form", ["parquet", "ipc", "ipc_stream", "jsonl"])
def test_other_tables_are_read_whatever_they_are_called(tmp_path, form):
    path = tmp_path / "table.csv"
    if form == "jsonl":
        written(path, "\n".join(map(json.dumps, ROWS)))
    else:
        getattr(polars.DataFrame(ROWS), f"write_{form}")(path)
    rows = read_rows(path, skip_broken=False)
    assert rows.frame["age"].to_list() == [20, 21, 22, 23, 24, 25]
    assert rows.frame["city"].to_list() == ["Rome", "Oslo"] * 3


def test_the_first_byte_that_is_not_utf8_is_named_with_its_line(tmp_path):
    path = written(tmp_path / "a.csv", b"\xef\xbb\xbfcity,x\nOslo,1\nMalm\xf6,2\n")
    with pytest.raises(WorkbenchError, match=r"a\.csv is not UTF-8: byte 21 \(0xF6\), in line 3") as error:
        read_rows(path, skip_broken=False)
    assert "Save it as UTF-8" in error.value.hint


def test_a_row_inside_quotes_is_named_by_the_line_it_begins_in(tmp_path):
    path = written(tmp_path / "a.csv", 'a,b\n"1\n1",2\n3,4,5\n6\n7,8\n')
    with pytest.raises(WorkbenchError, match=r"2 rows have another number of values than the 2 columns.*3 in line 4"):
        read_rows(path, skip_broken=False)
    rows = read_rows(path, skip_broken=True)
    assert rows.broken == 2
    assert rows.lines.to_list() == [2, 6]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b"a,b\n", "no rows"),
        (b"a,a\n1,2\n", "same name twice"),
        (b"a,\n1,2\n", "column 2 of 2 has no name"),
        (b'a,b\n1,"2\n3,4\n', "line 3 cannot be read.*begins in line 2"),
        (b"a,b\n1,\x002\n", "NUL byte"),
        (b"PK\x03\x04rest", "save it as CSV"),
        (b"\xd0\xcf\x11\xe0rest", "Excel"),
        (b"\x1f\x8brest", "unpack it"),
        (b"PAR1" + bytes(40) + b"PAR1", "Parquet"),
        (b"ARROW1" + bytes(40), "Arrow"),
        (b'{"a": 1}\n{"a"', "line 2 is no JSON"),
        (b'{"a": 1}\n[1]', "line 2 is a JSON list"),
        (b'{"a": [1]}\n', "“a” is a list"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(tmp_path, raw, words):
    with pytest.raises(WorkbenchError, match=words) as error:
        read_rows(written(tmp_path / "table", raw), skip_broken=False)
    assert "table" in error.value.title


def test_a_parquet_that_unpacks_to_more_than_can_be_read_is_refused_before_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.engine.data.reading_tables._MOST_CELLS", 9)
    polars.DataFrame(ROWS).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(WorkbenchError, match="6 rows of 2 columns"):
        read_rows(tmp_path / "a.parquet", skip_broken=False)


def test_keys_that_some_lines_lack_are_missing_values(tmp_path):
    path = written(tmp_path / "a.jsonl", '{"a": 1}\n\n{"b": "x", "a": true}\n')
    rows = read_rows(path, skip_broken=False)
    assert rows.frame.to_dict(as_series=False) == {"a": ["1", "true"], "b": [None, "x"]}
    assert rows.lines.to_list() == [1, 3]
