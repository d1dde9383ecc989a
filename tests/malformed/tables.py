"""Tables and texts that are ragged, mis-encoded, or hold nothing to learn from."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from malformed import good
from malformed.case import ACCEPTED, REFUSED, WARNED, Case

FAMILY = "tables and texts"
_CSV: dict[str, Any] = {"kind": "table", "file": "table.csv", "label": "label", "validation_fraction": 0.25}
# Preflight speaks of the data, and of the settings by their names.
_DATA = "table.csv|absent.csv|data|examples"
_SKIPPING = _CSV | {"skip_broken": True}
_TEXT: dict[str, Any] = {
    "kind": "text",
    "file": "texts.jsonl",
    "text": "text",
    "label": "label",
    "tokenizer": "tokenizer.json",
    "max_length": 8,
    "validation_fraction": 0.25,
}


def cases() -> Iterator[Case]:
    """Tables, then texts, then tokenizers."""
    for name, (content, reason) in _BROKEN.items():
        yield Case(name, good.write("table.csv", content), "data", REFUSED, reason, _CSV, _DATA)
    for name, (content, reason) in _WITH_BAD_ROWS.items():
        yield Case(name, good.write("table.csv", content), "data", REFUSED, reason, _CSV)
        yield Case(
            f"{name}, left out", good.write("table.csv", content), "data", WARNED, r"left out|skipp|\d+ row", _SKIPPING
        )
    unlabelled = good.write("table.csv", _GOOD + _line("1", "Rome", ""))
    yield Case("a row without a label", unlabelled, "data", WARNED, "1 of 41 rows have no label", _CSV)
    for name, (content, changes, reason) in _SECTIONS.items():
        yield Case(name, good.write("table.csv", content), "data", REFUSED, reason, _CSV | changes, _DATA)
    for name, content in _FINE.items():
        yield Case(name, good.write("table.csv", content), "data", ACCEPTED, section=_CSV)
    for name, (file, content) in _MISNAMED.items():
        yield Case(name, good.write(file, content), "data", REFUSED, ".", _CSV | {"file": file})
    for name, (content, reason) in _TEXTS.items():
        yield Case(name, _with_tokenizer(content), "data", REFUSED, reason, _TEXT)
    unlabelled = good.json_lines() + b'{"text": "this"}\n'
    yield Case(
        "a text without a label", _with_tokenizer(unlabelled), "data", WARNED, "1 of 41 rows have no label", _TEXT
    )
    for name, content in _TOKENIZERS.items():
        yield Case(f"a tokenizer that is {name}", _with_texts(content), "data", REFUSED, "tokenizer", _TEXT)


def _line(*values: str) -> bytes:
    return (",".join(values) + "\n").encode()


_GOOD = good.comma_separated()
_BROKEN: dict[str, tuple[Callable[[], bytes] | bytes, str]] = {
    "an empty table": (b"", "empty|no rows|nothing"),
    "a table that is only a header": (b"age,city,label\n", "no rows|empty|0 rows|no examples"),
    "a table of blank lines": (b"\n\n\n\n", "."),
    "UTF-16": (_GOOD.decode().encode("utf-16"), "utf-?8|encod|text|NUL|column"),
    "Latin-1": (_GOOD.decode().replace("Oslo", "Malmö").encode("latin-1"), "utf-?8|encod"),
    "NUL bytes": (_GOOD.replace(b"Rome", b"Ro\x00me"), "NUL|zero|utf|broken|control"),
    "random bytes": (bytes(range(256)) * 40, "."),
    "a quote that is never closed": (_GOOD.replace(b"Rome", b'"Rome', 1), "quot|broken|read|column|field|row"),
    "a column that is named twice": (
        b"age,age,label\n" + _line("1", "2", "no") * 20 + _line("1", "2", "yes") * 20,
        "twice|duplicate|same",
    ),
    "a column without a name": (b"age,,label\n" + _line("1", "2", "no") * 20 + _line("1", "2", "yes") * 20, "name"),
    "100,000 columns": (lambda: _wide(100_000), "column"),
    "labels in words of 10^6 letters": (b"age,label\n1," + b"y" * 10**6 + b"\n2,n\n" * 20, "."),
    "one row": (b"age,city,label\n1,Rome,yes\n", "."),
    "one class": (b"age,label\n" + _line("1", "yes") * 20, "1 class"),
    "every row a class of its own": (
        b"age,label\n" + b"".join(_line(str(n), f"name{n}") for n in range(400)),
        "class|label",
    ),
}
_WITH_BAD_ROWS: dict[str, tuple[bytes, str]] = {
    "a row with a value too many": (_GOOD + _line("1", "Rome", "yes", "more"), "row|line|column|ragged|field|values"),
    "a row with a value too few": (_GOOD + _line("1", "Rome"), "row|line|column|missing"),
    "a row without a number": (_GOOD + _line("", "Rome", "yes"), "age|missing"),
    "NaN in a row": (_GOOD + _line("nan", "Rome", "yes"), "age|NaN|missing"),
    "infinity in a row": (_GOOD + _line("inf", "Rome", "yes"), "age|infin|number"),
    "a number of 400 digits": (_GOOD + _line("9" * 400, "Rome", "yes"), "age|infin|number"),
}
_SECTIONS: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "a label column that is not there": (_GOOD, {"label": "answer"}, "answer"),
    "a column that is not there": (_GOOD, {"columns": ("height",)}, "height"),
    "the label among the columns": (_GOOD, {"columns": ("age", "label")}, "label"),
    "a category that is not there": (_GOOD, {"categorical": ("height",)}, "height"),
    "classes that miss a label": (_GOOD, {"classes": ("no", "maybe")}, "yes"),
    "held-out rows that are not there": (_GOOD, {"validation_file": "absent.csv"}, "absent|no file|table"),
}
_FINE: dict[str, bytes] = {
    "a mark of byte order": b"\xef\xbb\xbf" + _GOOD,
    "lines that end as on Windows": _GOOD.replace(b"\n", b"\r\n"),
    "columns in Greek and Arabic": _GOOD.replace(b"age", "ηλικία".encode()).replace(b"city", "مدينة".encode()),
    "a column that is the same in every row": b"age,one,label\n"
    + b"".join(_line(str(n), "1", ("no", "yes")[n % 2]) for n in range(40)),
    "commas and line ends in quotes": _GOOD.replace(b"Rome", b'"Rome, \nthe ""city"""'),
    "formulas that a spreadsheet would run": _GOOD.replace(b"Rome", b"=cmd|'/c touch TOUCHED'!A0"),
}
_MISNAMED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a Parquet with a wrong foot": ("table.parquet", lambda: good.parquet()[:-8] + b"\xff\xff\xff\x7fPAR1"),
    "a Parquet of its two marks": ("table.parquet", lambda: b"PAR1" + bytes(64) + b"PAR1"),
    "an Arrow file with a wrong foot": ("table.arrow", lambda: good.arrow()[:-10] + b"\xff\xff\xff\x7fARROW1"),
    "a Parquet with other bytes": ("table.parquet", lambda: _garbled(good.parquet())),
    "a zip named as a table": ("table.csv", good.npz),
}
_TEXTS: dict[str, tuple[bytes, str]] = {
    "no texts": (b"", "empty|no rows|no texts|nothing"),
    "a line that is no JSON": (good.json_lines() + b'{"text": "this is', "line|json"),
    "a line that is a list": (good.json_lines() + b"[1, 2]\n", "line|json|row|object"),
    "a deep line": (good.json_lines() + b'{"text":' + b"[" * 100_000 + b"\n", "."),
    "texts that are numbers": (b'{"text": 1, "label": "no"}\n' * 20 + b'{"text": 2, "label": "yes"}\n' * 20, "text"),
    "a text that is missing": (good.json_lines() + b'{"label": "no"}\n', "text|missing"),
    "no column of texts": (b'{"words": "this", "label": "no"}\n' * 20, "text"),
    "texts in UTF-16": (good.json_lines().decode().encode("utf-16"), "utf-?8|encod|json|text"),
    "half a character": (good.json_lines().replace(b"bad", b"b\xc3d"), "utf-?8|encod|json|text"),
}
_TOKENIZERS: dict[str, str] = {
    "empty": "",
    "half a JSON": '{"version": "1.0", "model": {"type": "Word',
    "a list": "[1, 2]",
    "of an unknown model": json.dumps({"version": "1.0", "model": {"type": "Evil"}}),
    "deep": '{"model":' + "[" * 100_000,
    "of another file": "this is no tokenizer",
}


def _wide(count: int) -> bytes:
    header = ",".join(f"c{n}" for n in range(count)) + ",label\n"
    return (header + (",".join(["1"] * count) + ",no\n") * 2 + (",".join(["2"] * count) + ",yes\n") * 2).encode()


def _garbled(raw: bytes) -> bytes:
    half = len(raw) // 3
    return raw[:half] + bytes(byte ^ 0x5A for byte in raw[half : half + 200]) + raw[half + 200 :]


def _with_tokenizer(content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        good.write("tokenizer.json", good.tokenizer())(folder)
        return good.write("texts.jsonl", content)(folder)

    return make


def _with_texts(content: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        good.write("texts.jsonl", good.json_lines)(folder)
        return good.write("tokenizer.json", content)(folder)

    return make
