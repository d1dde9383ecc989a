"""Held-out scores of language models are averages over scored tokens, whatever the batches and pieces."""

import json
from collections import Counter

import pytest
import torch
from closeness import assert_close

from workbench.engine.language.batches import collate
from workbench.engine.language.chat import Encoded
from workbench.engine.language.evaluating import TextScore, score_texts
from workbench.engine.language.model import LanguageBlueprint, LanguageModel, build_network

CPU = torch.device("cpu")
TEXTS = [Encoded(tuple(range(1, n)), tuple(range(2, n - 1))) for n in (5, 9, 30, 14)]


def _model(seed, vocabulary=31):
    config = {"model_type": "llama", "vocab_size": vocabulary, "hidden_size": 16, "intermediate_size": 24}
    config |= {"num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2, "initializer_range": 0.5}
    return LanguageModel(LanguageBlueprint(config="{}", tokenizer="{}"), build_network(json.dumps(config), seed))


def _batches(size):
    return [collate(TEXTS[start : start + size], CPU) for start in range(0, len(TEXTS), size)]


def test_scores_are_those_of_the_full_logits():
    student, teacher = _model(1), _model(2)
    score = score_texts(student, teacher, _batches(2))
    rows = {"entropy": [], "kl": [], "agree": [], "right": []}
    answers, labels = Counter(), Counter()
    for text in TEXTS:
        tokens = torch.tensor([text.tokens])
        with torch.no_grad():
            s, t = (m(tokens)[0].log_softmax(-1) for m in (student, teacher))
        for place in text.targets:
            own, taught, label = s[place - 1], t[place - 1], text.tokens[place]
            answers[int(own.argmax())] += 1
            labels[label] += 1
            rows["entropy"].append(-own[label])
            rows["kl"].append((taught.exp() * (taught - own)).sum())
            rows["agree"].append((own.argmax() == taught.argmax()).float())
            rows["right"].append((own.argmax() == label).float())
    means = {name: float(torch.stack(values).mean()) for name, values in rows.items()}
    assert score.tokens == len(rows["kl"])
    assert score.top_share == pytest.approx(max(answers.values()) / score.tokens)
    assert answers[score.top_answer] == max(answers.values())
    assert score.majority_errors == score.tokens - max(labels.values())
    assert_close(score.cross_entropy, means["entropy"])
    assert_close(score.kl_to_teacher, means["kl"], scale=means["entropy"])
    assert (score.agreement, score.right) == pytest.approx((means["agree"], means["right"]))


def test_neither_batches_nor_modes_change_a_score_and_the_mode_is_put_back():
    student, teacher = _model(1).train(), _model(2)
    one, other = score_texts(student, teacher, _batches(1)), score_texts(student, teacher, _batches(4))
    assert_close(one.kl_to_teacher, other.kl_to_teacher, scale=other.cross_entropy)
    assert student.training


def test_a_student_that_is_the_teacher_has_no_divergence():
    score = score_texts(_model(1), _model(1), _batches(2))
    assert score.kl_to_teacher == pytest.approx(0, abs=1e-6)
    assert score.agreement == 1


def test_rows_that_only_pad_the_vocabulary_take_no_part():
    narrow, wide = _model(1, vocabulary=31), _model(2, vocabulary=40)
    assert score_texts(narrow, wide, _batches(2)).kl_to_teacher > 0


def test_without_a_teacher_only_the_text_judges():
    score = score_texts(_model(1), None, _batches(2))
    assert (score.kl_to_teacher, score.agreement) == (None, None)
    assert score.perplexity == pytest.approx(torch.tensor(score.cross_entropy).exp().item())
    assert TextScore(1, 1000.0, 0.0, 0.0).perplexity == float("inf")
