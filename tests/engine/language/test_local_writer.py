"""A teacher that writes here gives each prompt an answer, the same one after a break."""

import json
from dataclasses import replace

import pytest

from engine.language.test_chat import letters
from workbench.engine.language.chat import Chat
from workbench.engine.language.generating import Sampling
from workbench.engine.language.local_writer import LocalWriter
from workbench.engine.language.model import LanguageModel, build_network
from workbench.engine.language.teacher_text import Prompt, ask_all

PROMPTS = [Prompt(({"role": "user", "content": f"say {n}"},)) for n in range(5)]


@pytest.fixture(scope="module")
def writer():
    blueprint = letters()
    config = {"model_type": "llama", "vocab_size": 101, "hidden_size": 16, "intermediate_size": 24}
    config |= {"num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2, "initializer_range": 0.3}
    model = LanguageModel(blueprint, build_network(json.dumps(config), 4)).eval()
    return LocalWriter(model, Chat(blueprint), "print", Sampling(most=24), at_once=2)


def test_every_prompt_is_answered_and_endings_are_told(writer, tmp_path):
    written = ask_all(PROMPTS, 2, writer, tmp_path / "journal")
    assert len(written) == 10
    assert {each.ending for each in written} <= {"stop", "length"}
    assert len({each.response for each in written}) > 5


def test_after_a_break_between_batches_the_text_is_the_same(writer, tmp_path):
    whole = ask_all(PROMPTS, 1, writer, tmp_path / "whole")
    lines = (tmp_path / "whole").read_text().splitlines(keepends=True)
    (tmp_path / "broken").write_text("".join(lines[:2]))
    assert ask_all(PROMPTS, 1, writer, tmp_path / "broken") == whole


def test_another_seed_model_or_sampling_is_another_writer(writer):
    others = [replace(writer, seed=1), replace(writer, fingerprint="x"), replace(writer, sampling=Sampling(most=3))]
    assert len({each.name for each in (writer, *others)}) == 4


def test_writing_tells_how_far_it_is_and_can_be_ended(writer, tmp_path):
    class StopAskedError(Exception):
        pass

    def pulse(words):
        assert "16 tokens" in words
        raise StopAskedError

    with pytest.raises(StopAskedError):
        ask_all(PROMPTS, 1, replace(writer, pulse=pulse), tmp_path / "journal")
