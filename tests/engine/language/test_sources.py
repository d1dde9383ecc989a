"""Batches of fixed texts and of rollouts: functions of their number, scored where someone has to answer for it."""

import json

import pytest
import torch
from closeness import assert_close

from workbench.engine.language.chat import Encoded
from workbench.engine.language.generating import Sampling
from workbench.engine.language.kept_teaching import TextCache
from workbench.engine.language.model import LanguageBlueprint, LanguageModel, build_network
from workbench.engine.language.sources import FixedTexts, Rollouts
from workbench.engine.language.teachers import LanguageTeachers, fingerprint

CPU = torch.device("cpu")
TEXTS = [Encoded(tuple(range(1, n)), tuple(range(2, n - 1))) for n in (5, 9, 30, 14, 7, 8)]
PROMPTS = [(1, 2, 3), (4, 5), (6,), (7, 8, 9, 10)]


def _model(seed, dropout=0.0):
    config = {"model_type": "llama", "vocab_size": 31, "hidden_size": 16, "intermediate_size": 24}
    config |= {"num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2, "initializer_range": 0.5}
    config |= {"attention_dropout": dropout}
    return LanguageModel(LanguageBlueprint(config="{}", tokenizer="{}"), build_network(json.dumps(config), seed))


def _rollouts(student, **settings):
    given = {"stop": frozenset({0}), "batch_size": 2, "seed": 3, "device": CPU} | settings
    return Rollouts(student, PROMPTS, Sampling(most=6), **given)


def test_a_fixed_batch_has_its_texts_and_what_the_teacher_said_of_them_in_one_order():
    teacher = _model(2).eval()
    shares = TextCache(None, 31).shares(teacher, "print", TEXTS, 4)
    batch = FixedTexts(TEXTS, shares, batch_size=3, seed=0, device=CPU).batch(1)
    with torch.no_grad():
        hidden_NH = batch.teacher.scored(teacher.hidden(batch.teacher.tokens_BT))
        best_N = teacher.head(hidden_NH).argmax(1)
    assert torch.equal(batch.kept.entries_NK[:, 0].long(), best_N)
    assert batch.scored == batch.labelled == len(batch.student.labels_N)


def test_the_teacher_may_be_prompted_otherwise_and_is_scored_at_the_same_tokens():
    longer = [Encoded((29, 29, *text.tokens), tuple(place + 2 for place in text.targets)) for text in TEXTS]
    batch = FixedTexts(TEXTS, None, batch_size=6, seed=0, device=CPU, for_teacher=longer).batch(0)
    assert torch.equal(batch.student.labels_N, batch.teacher.labels_N)
    assert batch.teacher.tokens_BT.shape[1] == batch.student.tokens_BT.shape[1] + 2


def test_what_the_student_wrote_is_scored_and_its_prompt_is_not():
    batch = _rollouts(_model(1)).batch(0)
    assert batch.scored == sum(batch.rollouts) == len(batch.student.labels_N)
    assert batch.labelled == 0
    firsts = [0, *torch.tensor(batch.rollouts).cumsum(0)[:-1].tolist()]
    width = batch.student.tokens_BT.shape[1]
    for row, first in enumerate(firsts):
        # The first scored token is predicted from the last one of the prompt.
        end = int(batch.student.at_N[first]) - row * width + 1
        assert tuple(batch.student.tokens_BT[row, :end].tolist()) in PROMPTS


def test_a_rollout_is_a_function_of_its_number_and_of_the_student():
    student = _model(1)
    one, again = _rollouts(student), _rollouts(student)
    first = one.batch(4).student.tokens_BT
    one.batch(0)
    assert torch.equal(again.batch(4).student.tokens_BT, first)
    with torch.no_grad():
        for parameter in student.parameters():
            parameter.mul_(-1.5)
    other = again.batch(4).student.tokens_BT
    assert other.shape != first.shape or not torch.equal(other, first)


def test_the_student_writes_without_dropout_and_goes_on_training_with_it():
    student = _model(1, dropout=0.5).train()
    tokens = _rollouts(student).batch(0).student.tokens_BT
    assert torch.equal(_rollouts(student).batch(0).student.tokens_BT, tokens)
    assert student.training


@pytest.mark.parametrize(("share", "written"), [(0.0, 0), (1.0, 40), (0.5, 20)])
def test_so_many_batches_are_the_student_s_own_as_the_recipe_says(share, written):
    fixed = FixedTexts(TEXTS, None, batch_size=2, seed=0, device=CPU)
    source = _rollouts(_model(1), share=share, otherwise=fixed)
    own = sum(bool(source.batch(number).rollouts) for number in range(40))
    assert own == pytest.approx(written, abs=8 if 0 < share < 1 else 0)


def test_several_teachers_are_averaged_as_the_recipe_says():
    models = [_model(1), _model(2)]
    texts = FixedTexts(TEXTS, None, batch_size=6, seed=0, device=CPU).batch(0).teacher
    for averaging in ("arithmetic", "geometric"):
        teaching = LanguageTeachers(models, [1.0, 3.0], averaging).teaching(texts)
        _, combined = teaching.against(torch.zeros(len(texts.labels_N), 31), slice(None), 1.0)
        with torch.no_grad():
            rows = [m.head(texts.scored(m.hidden(texts.tokens_BT))).log_softmax(1) for m in models]
        if averaging == "arithmetic":
            expected = (0.25 * rows[0].exp() + 0.75 * rows[1].exp()).log()
        else:
            expected = (0.25 * rows[0] + 0.75 * rows[1]).log_softmax(1)
        assert_close(combined.log_softmax(1), expected)


def test_a_fingerprint_is_that_of_the_content():
    assert fingerprint(_model(1)) == fingerprint(_model(1)) != fingerprint(_model(2))
