"""What is watched of language models: each token with what both expected, continuations, and loops."""

import json

import pytest
import torch
from closeness import assert_close

from engine.language.test_chat import ANSWERED, ASKED, letters
from workbench.engine.language.chat import Chat
from workbench.engine.language.model import LanguageModel, build_network
from workbench.engine.language.watching import continue_prompts, look_at_text, repeated_share


def _model(seed):
    config = {"model_type": "llama", "vocab_size": 101, "hidden_size": 16, "intermediate_size": 24}
    config |= {"num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2, "initializer_range": 0.5}
    return LanguageModel(letters(), build_network(json.dumps(config), seed)).eval()


@pytest.fixture
def chat():
    return Chat(letters())


def test_every_token_tells_what_both_expected_there(chat):
    student, teacher, text = _model(1), _model(2), chat.conversation([ASKED, ANSWERED])
    seen = look_at_text(student, teacher, chat, text)
    assert "".join(token.text for token in seen) == chat.text(text.tokens, all_of_it=True)
    assert "".join(token.text for token in seen if token.is_scored) == "4!<|im_end|>"
    tokens = torch.tensor([text.tokens])
    with torch.no_grad():
        s, t = (m(tokens)[0].log_softmax(-1) for m in (student, teacher))
    assert (seen[0].is_scored, seen[0].kl, seen[0].teacher, seen[0].student) == (False, None, (), ())
    assert_close(seen[4].probability, s[3, text.tokens[4]].exp())
    assert_close(seen[4].kl, (t[3].exp() * (t[3] - s[3])).sum(), scale=float(s.abs().max()))
    assert seen[4].teacher[0][0] == chat.text([int(t[3].argmax())], all_of_it=True)
    assert len(seen[4].student) == 5


def test_without_a_teacher_only_the_student_is_shown(chat):
    seen = look_at_text(_model(1), None, chat, chat.conversation([ASKED, ANSWERED]))
    assert {(token.kl, token.teacher) for token in seen} == {(None, ())}


def test_prompts_are_continued_beside_what_the_teacher_said(chat):
    student = _model(1).train()
    rows = continue_prompts(student, ["4", "5"], chat, [chat.prompt([ASKED])] * 2, 8)
    assert [row.teacher for row in rows] == ["4", "5"]
    assert rows[0].student == rows[1].student
    assert "2+2" in rows[0].prompt
    assert student.training


@pytest.mark.parametrize(
    ("texts", "share"),
    [([[1, 2, 3, 4, 5, 6]], 0), ([[1, 2] * 4], 3 / 5), ([[7] * 8, [1, 2, 3]], 4 / 5), ([[1, 2]], 0), ([], 0)],
)
def test_loops_are_a_share_of_what_was_written(texts, share):
    assert repeated_share(texts) == pytest.approx(share)
