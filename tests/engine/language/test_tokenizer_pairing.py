"""Tokenizers that differ are refused where tokens are compared, and only there."""

import pytest

from engine.language.language_models import LETTERS, language_recipe, letters, tiny_language_model
from workbench.engine.language.loading import tokenizer_findings

STUDENT = {"architecture": {"kind": "causal_lm"}}
OTHER = letters().replace('"a":68', '"a":69').replace('"b":69', '"b":68')


def found(student, *teachers, **stage):
    findings = tokenizer_findings(language_recipe(STUDENT, **stage), student, teachers)
    return [(finding.level, finding.title, finding.fix) for finding in findings]


def test_the_same_tokenizer_is_said_to_be_so():
    ((level, title, _),) = found(tiny_language_model(), tiny_language_model(seed=1))
    assert (level, title) == ("ok", "Student and teacher read with the same tokenizer.")
    assert found(tiny_language_model()) == []


def test_padding_rows_are_said_and_do_no_harm():
    wide = tiny_language_model(vocab_size=len(LETTERS) + 29)
    (_, same, _), (level, title, _) = found(tiny_language_model(), wide)
    assert same.endswith("with the same tokenizer.")
    assert level == "ok"
    assert f"head has {len(LETTERS) + 29} rows and the student's {len(LETTERS)}" in title
    assert f"only the first {len(LETTERS)} are compared" in title


def test_a_head_too_narrow_for_the_tokenizer_is_a_warning():
    ((level, title, fix),) = found(tiny_language_model(), tiny_language_model(vocab_size=len(LETTERS) - 4))
    assert level == "warning"
    assert "the last 4 tokens have no target" in title
    assert fix


def test_another_name_of_the_same_tokenizer_is_the_same_tokenizer():
    spaced = letters().replace('"version":', '"version": ')
    ((level, title, _),) = found(tiny_language_model(), tiny_language_model(tokenizer=spaced))
    assert (level, title) == ("ok", "Student and teacher read with the same tokenizer.")


@pytest.mark.parametrize("kind", ["soft_targets", "reverse_kl", "jensen_shannon"])
def test_different_tokenizers_are_refused_where_tokens_are_compared(kind):
    assert letters() != OTHER
    ((level, title, fix),) = found(
        tiny_language_model(), tiny_language_model(tokenizer=OTHER), objective={"kind": kind}
    )
    assert level == "refusal"
    assert kind.replace("_", " ") in title
    assert "teacher_written" in fix
    assert "hard_labels" in fix


def test_different_tokenizers_may_be_where_the_teacher_only_writes():
    stage = {"inputs": {"kind": "teacher_written"}, "objective": {"kind": "hard_labels"}}
    ((level, title, _),) = found(tiny_language_model(), tiny_language_model(tokenizer=OTHER), **stage)
    assert level == "ok"
    assert "only writes text" in title


def test_of_several_teachers_the_one_that_does_not_fit_is_named():
    ((level, title, _),) = found(tiny_language_model(), tiny_language_model(), tiny_language_model(tokenizer=OTHER))
    assert level == "refusal"
    assert title.startswith("Teacher 2 reads with another tokenizer")
