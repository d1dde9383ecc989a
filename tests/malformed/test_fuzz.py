"""A short fuzz run; the long one is `python tests/malformed/fuzz.py --minutes 10`."""

import warnings

import pytest
from hypothesis import strategies as st

from malformed.fuzzing import FoundError, fuzz
from malformed.parsers import PARSERS, Parser


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_a_parser_refuses_broken_inputs_in_words_or_gives_something_usable(tmp_path, monkeypatch, parser):
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    with warnings.catch_warnings():
        # Libraries warn of what they find in broken files; that is no fault of a parser.
        warnings.simplefilter("ignore")
        assert fuzz(parser, start=0, examples=25, keep=tmp_path) > 0


def test_an_error_of_another_kind_is_found_and_its_input_kept(tmp_path):
    inputs = st.binary()

    def fails_on_some(raw: bytes, folder) -> None:
        if len(raw) % 2:
            raise KeyError("odd")

    with pytest.raises(FoundError, match="KeyError"):
        fuzz(Parser("broken", inputs, fails_on_some), start=0, examples=50, keep=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
