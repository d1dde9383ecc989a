"""Tokenizers that let a text grow, search for ever, or make the library panic."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from malformed import good
from malformed.case import ACCEPTED, REFUSED, Case

FAMILY = "tokenizers without end"
_TEXTS = {"kind": "text", "file": "texts.jsonl", "tokenizer": "model/tokenizer.json", "max_length": 8}


def cases() -> Iterator[Case]:
    """In a model's folder, and as what reads the texts of a data section."""
    for name, (changes, reason) in _REFUSED.items():
        make = _folder(changes)
        yield Case(name, make, "tokenizer", REFUSED, reason)
        yield Case(f"{name}, for texts", make, "data", REFUSED, reason, _TEXTS)
    stride = {"direction": "Right", "max_length": 1, "strategy": "LongestFirst", "stride": 5}
    make = _folder({"truncation": stride})
    yield Case("a stride beyond the length", make, "tokenizer", REFUSED, "stride", names="model")
    for name, changes in _FINE.items():
        yield Case(name, _folder(changes), "tokenizer", ACCEPTED)


def _folder(changes: dict[str, Any]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        good.write("texts.jsonl", good.json_lines)(folder)
        content = json.dumps(json.loads(good.tokenizer()) | changes)
        return good.write("model/tokenizer.json", content)(folder)

    return make


def _replace(old: str, new: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"String": old}, "content": new}


def _split(pattern: str) -> dict[str, Any]:
    return {"pre_tokenizer": {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}}


def _normalizers(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"normalizer": {"type": "Sequence", "normalizers": list(steps)}}


def _token(content: str, number: int) -> dict[str, Any]:
    marks = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": content, "special": True} | marks


_BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
_GROWS = "times as long"
_REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a normalizer that doubles a letter 40 times": (_normalizers(*[_replace("i", "ii")] * 40), _GROWS),
    "a normalizer that writes 10^6 letters for one": (_normalizers(_replace("i", "i" * 10**6)), _GROWS),
    "a pattern that writes 10^6 letters for one": (
        _normalizers({"type": "Replace", "pattern": {"Regex": "."}, "content": "i" * 10**6}),
        _GROWS,
    ),
    "a normalizer that puts 10^6 letters in front": (_normalizers({"type": "Prepend", "prepend": "a" * 10**6}), _GROWS),
    "bytes of bytes of bytes": (_normalizers(*[{"type": "ByteLevel"}] * 40), _GROWS),
    "bytes of bytes before words": (
        {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [_BYTES] * 40}},
        _GROWS,
    ),
    "a decoder that doubles": (
        {"decoder": {"type": "Sequence", "decoders": [_replace("i", "ii")] * 40}},
        _GROWS,
    ),
    "300 steps": (_normalizers(*[{"type": "Lowercase"}] * 300), "300 steps"),
    "repetitions within each other": (_split("(a+)+$"), "pattern.*retry-limit|pattern.*more than"),
    "alternatives within a repetition": (_split("(?:a|aa)+$"), "pattern.*retry-limit|pattern.*more than"),
    "repetitions in a normalizer": (
        _normalizers({"type": "Replace", "pattern": {"Regex": "(x+x+)+y$"}, "content": "b"}),
        "pattern.*retry-limit|pattern.*more than",
    ),
    "a token of 10^7 letters": ({"added_tokens": [_token("x" * 10**7, 7)]}, "a token of 10,000,000 characters"),
    "10^5 added tokens": ({"added_tokens": [_token(f"x{n}", 7 + n) for n in range(10**5)]}, "adds 100,000 tokens"),
    "10^4 tokens around every text": (
        {
            "post_processor": {
                "type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "[PAD]", "type_id": 0}}] * 10**4,
                "pair": [],
                "special_tokens": {"[PAD]": {"id": "[PAD]", "ids": [0], "tokens": ["[PAD]"]}},
            }
        },
        "10,000 tokens around",
    ),
}
_FINE: dict[str, dict[str, Any]] = {
    "padding to 10^12 tokens": {
        "padding": {
            "strategy": {"Fixed": 10**12},
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": 0,
            "pad_type_id": 0,
            "pad_token": "[PAD]",
        }
    },
    "spaces as SentencePiece writes them": _normalizers({"type": "Prepend", "prepend": "▁"}, _replace(" ", "▁")),
    "the pattern of Llama 3": _split(
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
        r"\s+(?!\S)|\s+"
    ),
}
