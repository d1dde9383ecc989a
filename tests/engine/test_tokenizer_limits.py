"""Tokenizers that let texts grow or search for ever are refused; those that models have are not."""

import json

import pytest
from malformed import good

from workbench.engine.data.tokenizing import TextTokenizer
from workbench.engine.tokenizer_limits import panics_in_words, refuse_limitless
from workbench.errors import WorkbenchError


def changed(**parts) -> str:
    return json.dumps(json.loads(good.tokenizer()) | parts)


def replacing(old: str, new: str) -> dict:
    return {"type": "Replace", "pattern": {"String": old}, "content": new}


def test_the_step_that_goes_beyond_the_limit_is_named():
    steps = {"type": "Sequence", "normalizers": [{"type": "NFKC"}, *[replacing("a", "aa")] * 20]}
    with pytest.raises(WorkbenchError, match=r"its normalizer makes texts 1,152 times as long by step 7 \(Replace\)"):
        refuse_limitless(changed(normalizer=steps), "t.json")


def test_what_models_have_is_accepted():
    steps = [{"type": "NFKC"}, replacing("``", '"'), replacing(" ", "▁"), {"type": "Lowercase"}]
    normalizer = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, *steps]}
    refuse_limitless(changed(normalizer=normalizer), "t.json")


def test_a_pattern_that_the_library_gives_up_at_is_named():
    split = {"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Isolated", "invert": False}
    with pytest.raises(WorkbenchError, match=r"t\.json: reading .* '\(a\+\)\+\$' fails: Onig"):
        refuse_limitless(changed(pre_tokenizer=split), "t.json")


def test_a_panic_of_the_library_is_a_refusal_in_words():
    tokenizer = TextTokenizer(good.tokenizer(), None, "t.json")
    backend = tokenizer._tokenizer
    backend.enable_truncation(3, stride=1)
    backend.no_truncation()
    with pytest.raises(WorkbenchError, match="cannot read a text"), panics_in_words():
        raise type("PanicException", (BaseException,), {})("gave up")
    with pytest.raises(KeyboardInterrupt), panics_in_words():
        raise KeyboardInterrupt
