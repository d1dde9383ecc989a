"""What teachers said of fixed text is kept by content, and teaches as they would."""

import json

import pytest
import torch

from workbench.engine.chunked_scoring import LiveTeaching, score_hidden
from workbench.engine.language.batches import collate
from workbench.engine.language.chat import Encoded
from workbench.engine.language.kept_teaching import TextCache, kept_mass, teaching_of
from workbench.engine.language.model import LanguageBlueprint, LanguageModel, build_network
from workbench.engine.scoring import Scale, Weighting
from workbench.recipe.objectives import SoftTargets

CPU = torch.device("cpu")
TEXTS = [Encoded(tuple(range(1, n)), tuple(range(2, n - 1))) for n in (5, 9, 30, 14)]


def _model(seed):
    config = {"model_type": "llama", "vocab_size": 31, "hidden_size": 16, "intermediate_size": 24}
    config |= {"num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2, "initializer_range": 0.5}
    return LanguageModel(LanguageBlueprint(config="{}", tokenizer="{}"), build_network(json.dumps(config), seed)).eval()


def _soft(student, teaching, batch):
    hidden_NH = batch.scored(student.hidden(batch.tokens_BT))
    weighting, count = Weighting.of(SoftTargets(temperature=1.0, alpha=1.0)), len(batch.labels_N)
    return float(
        score_hidden(weighting, hidden_NH, student.head, teaching, batch.labels_N, scale=Scale(count, count)).soft
    )


def test_all_entries_kept_teach_as_the_teacher_does_within_half_precision():
    student, teacher = _model(1), _model(2)
    shares = TextCache(None, 31).shares(teacher, "print", TEXTS, 2)
    batch = collate(TEXTS[::-1], CPU)
    taught_NH = batch.scored(teacher.hidden(batch.tokens_BT)).detach()
    live = LiveTeaching([taught_NH], [teacher.head], lambda logits_MKV, _: logits_MKV[:, 0])
    with torch.no_grad():
        kept = _soft(student, teaching_of(shares[::-1], CPU), batch)
        assert kept == pytest.approx(_soft(student, live, batch), rel=2e-3)
    assert kept_mass(shares) == pytest.approx(1, abs=2e-3)


def test_fewer_entries_keep_less_mass_and_a_smaller_divergence():
    student, teacher = _model(1), _model(2)
    batch = collate(TEXTS, CPU)
    few, many = (TextCache(None, kept).shares(teacher, "print", TEXTS, 4) for kept in (4, 16))
    assert kept_mass(few) < kept_mass(many) < 1
    with torch.no_grad():
        assert _soft(student, teaching_of(few, CPU), batch) < _soft(student, teaching_of(many, CPU), batch)


def test_a_text_is_asked_about_once_whatever_is_around_it(tmp_path):
    teacher, first = _model(2), TextCache(tmp_path, 8)
    shares = first.shares(teacher, "print", TEXTS[:3], 2)
    second = TextCache(tmp_path, 8)
    again = second.shares(teacher, "print", [TEXTS[3], TEXTS[1]], 2)
    assert (first.computed, second.computed, second.reused) == (3, 1, 1)
    assert torch.equal(again[1].log_p_NK, shares[1].log_p_NK)
    assert torch.equal(again[1].entries_NK, shares[1].entries_NK)


def test_another_teacher_or_another_choice_of_targets_is_asked_anew(tmp_path):
    TextCache(tmp_path, 8).shares(_model(2), "print", TEXTS, 2)
    other = TextCache(tmp_path, 8)
    other.shares(_model(3), "other", TEXTS[:1], 2)
    other.shares(_model(2), "print", [Encoded(TEXTS[0].tokens, (1,))], 2)
    assert (other.computed, other.reused) == (2, 0)


def test_a_broken_file_is_made_again(tmp_path):
    TextCache(tmp_path, 8).shares(_model(2), "print", TEXTS, 2)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:100])
    cache = TextCache(tmp_path, 8)
    cache.shares(_model(2), "print", TEXTS, 2)
    assert cache.computed == 4


def test_asking_can_be_ended_between_batches():
    class StopAskedError(Exception):
        pass

    def pulse(words):
        if "2 of 4" in words:
            raise StopAskedError

    with pytest.raises(StopAskedError):
        TextCache(None, 8, pulse).shares(_model(2), "print", TEXTS, 2)


def test_what_was_said_before_a_stop_is_not_asked_for_again(tmp_path):
    def pulse(words):
        if "2 of 4" in words:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        TextCache(tmp_path, 8, pulse).shares(_model(2), "print", TEXTS, 2)
    cache = TextCache(tmp_path, 8)
    cache.shares(_model(2), "print", TEXTS, 2)
    assert (cache.computed, cache.reused) == (2, 2)
