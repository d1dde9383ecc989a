"""Inputs for the fuzz run: whole files with bytes flipped, moved, left out and put in, and JSON with other values."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

_ODD_BYTES = (
    b"\x00",
    b"\xff",
    b"\x7f\xff\xff\xff",
    b"\xff" * 8,
    bytes(8),
    b"\x80",
    b"\n",
    b'"',
    b"[",
    b"{",
    b"\xf0\x9f",
)
_ODD_NUMBERS = (0, -1, 1, 2**31 - 1, 2**31, 2**32, 2**53 + 1, 2**63, -(2**63), 10**30, 0.5, -0.0, 1e308, 1e-320)
_ODD_TEXTS = (
    "",
    "\x00",
    "../../etc/hostname",
    "/dev/zero",
    "C:\\x",
    "__import__('os')",
    "os.system",
    "ف\u202e",
    "\ud800".encode("utf-8", "replace").decode(),
    "1e999",
    "NaN",
    "x" * 5000,
    "%s{0}",
)
ODD_VALUES = (None, True, False, [], {}, [[]], {"": ""}, *_ODD_NUMBERS, *_ODD_TEXTS)


@st.composite
def mutated(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds after some changes; two of them may be spliced."""
    raw = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 6))):
        raw = _changed(draw, raw, seeds)
    return raw


def _changed(draw: st.DrawFn, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    # Headers are where parsers decide, so places near the beginning come more often.
    place = draw(st.one_of(st.integers(0, min(len(raw), 96)), st.integers(0, len(raw))))
    before, rest = raw[:place], raw[place:]
    return before + draw(st.sampled_from(_WAYS))(draw, rest, seeds)


def _flip(draw: st.DrawFn, rest: bytes, _: Sequence[bytes]) -> bytes:
    return bytes([byte ^ 1 << draw(st.integers(0, 7)) for byte in rest[:1]]) + rest[1:]


def _overwrite(draw: st.DrawFn, rest: bytes, _: Sequence[bytes]) -> bytes:
    new = draw(st.one_of(st.sampled_from(_ODD_BYTES), st.binary(min_size=1, max_size=16)))
    return new + rest[len(new) :]


def _insert(draw: st.DrawFn, rest: bytes, _: Sequence[bytes]) -> bytes:
    return draw(st.binary(max_size=16)) + rest


def _delete(draw: st.DrawFn, rest: bytes, _: Sequence[bytes]) -> bytes:
    return rest[draw(st.integers(1, 16)) :]


def _truncate(*_: object) -> bytes:
    return b""


def _repeat(draw: st.DrawFn, rest: bytes, _: Sequence[bytes]) -> bytes:
    return rest[: draw(st.integers(1, 16))] * draw(st.integers(2, 40)) + rest


def _splice(draw: st.DrawFn, _: bytes, seeds: Sequence[bytes]) -> bytes:
    other = draw(st.sampled_from(seeds))
    return other[draw(st.integers(0, len(other))) :]


_WAYS = (_flip, _overwrite, _insert, _delete, _truncate, _repeat, _splice)


@st.composite
def mutated_json(draw: st.DrawFn, seeds: Sequence[Any]) -> bytes:
    """One of the seeds with some of its values, keys or items changed."""
    value = json.loads(json.dumps(draw(st.sampled_from(seeds))))
    for _ in range(draw(st.integers(1, 4))):
        value = _changed_value(draw, value)
    return json.dumps(value).encode("utf-8", "surrogatepass")


def _changed_value(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, dict) and value and draw(st.integers(0, 4)):
        key = draw(st.sampled_from(sorted(value)))
        how = draw(st.sampled_from(("inner", "inner", "inner", "drop", "rename", "add")))
        changed = dict(value)
        if how == "inner":
            changed[key] = _changed_value(draw, value[key])
        elif how == "drop":
            del changed[key]
        elif how == "rename":
            changed[draw(st.sampled_from(_ODD_TEXTS))] = changed.pop(key)
        else:
            changed[draw(st.sampled_from(_ODD_TEXTS))] = draw(st.sampled_from(ODD_VALUES))
        return changed
    if isinstance(value, list) and value and draw(st.integers(0, 4)):
        place = draw(st.integers(0, len(value) - 1))
        how = draw(st.sampled_from(("inner", "inner", "drop", "repeat")))
        if how == "inner":
            return [*value[:place], _changed_value(draw, value[place]), *value[place + 1 :]]
        return value[:place] + value[place + 1 :] if how == "drop" else value + [value[place]] * 3
    return draw(st.sampled_from(ODD_VALUES))
