"""The verdict: exact for one seed, paired over examples for several, and honest where there is nothing to see."""

import numpy as np
import pytest

from workbench.engine.evidence import judge, mcnemar


def _answers(wrong: list[int], count: int = 1000) -> np.ndarray:
    """Answers to `count` questions whose right answer is 0, wrong at these places."""
    answers = np.zeros(count, dtype=np.int64)
    answers[wrong] = 1
    return answers


LABELS = np.zeros(1000, dtype=np.int64)


@pytest.mark.parametrize(
    ("only_one", "only_other", "expected"),
    # Two-sided binomial p-values: 2 · P(X ≤ min) for X ~ B(n, ½).
    [(0, 0, 1.0), (1, 0, 1.0), (6, 0, 2 / 2**6), (8, 2, 2 * (1 + 10 + 45) / 2**10), (5, 5, 1.0)],
)
def test_mcnemar_is_the_exact_binomial_test_on_the_disagreements(
    only_one: int, only_other: int, expected: float
) -> None:
    one = np.zeros(50, dtype=bool)
    other = np.zeros(50, dtype=bool)
    one[:only_one] = True
    other[only_one : only_one + only_other] = True
    # Wrong by both: they must not count.
    one[40:] = other[40:] = True
    assert mcnemar(one, other) == pytest.approx(expected)


def test_fewer_errors_beyond_chance_beat() -> None:
    verdict = judge(LABELS, _answers([1]), _answers(list(range(40)))[None], _answers(list(range(15)))[None])
    assert verdict.word == "BEATS"
    assert verdict.saved == 25
    assert (verdict.teacher_errors, verdict.baseline_errors, verdict.distilled_errors) == (1, (40,), (15,))
    assert "15 against 40 errors on 1,000 held-out examples" in verdict.sentence
    assert verdict.test == "McNemar's exact test"


def test_more_errors_beyond_chance_do_not_beat() -> None:
    verdict = judge(LABELS, None, _answers(list(range(15)))[None], _answers(list(range(40)))[None])
    assert verdict.word == "DOES NOT BEAT"
    assert verdict.teacher_errors is None
    assert verdict.saved == -25


def test_a_difference_within_chance_is_inconclusive() -> None:
    verdict = judge(LABELS, None, _answers(list(range(20)))[None], _answers(list(range(5, 23)))[None])
    assert verdict.word == "INCONCLUSIVE"
    assert verdict.p_value > 0.05


def test_equal_answers_are_inconclusive_with_p_one() -> None:
    same = np.stack([_answers([1, 2, 3])] * 3)
    verdict = judge(LABELS, None, same, same)
    assert (verdict.word, verdict.p_value, verdict.saved) == ("INCONCLUSIVE", 1.0, 0.0)


def test_several_seeds_are_averaged_and_judged_over_examples() -> None:
    baseline = np.stack([_answers(list(range(start, start + 40))) for start in (0, 5, 10)])
    distilled = np.stack([_answers(list(range(start, start + 20))) for start in (0, 5, 10)])
    verdict = judge(LABELS, None, baseline, distilled)
    assert verdict.word == "BEATS"
    assert verdict.saved == pytest.approx(20)
    assert verdict.interval[0] < 20 < verdict.interval[1]
    assert "20.0 (20–20) against 40.0 (40–40)" in verdict.sentence
    assert "bootstrap over 1,000 examples" in verdict.test


def test_the_same_students_counted_three_times_do_not_make_the_finding_surer() -> None:
    baseline, distilled = _answers(list(range(20))), _answers(list(range(5, 19)))
    twice = judge(LABELS, None, np.stack([baseline] * 2), np.stack([distilled] * 2))
    often = judge(LABELS, None, np.stack([baseline] * 30), np.stack([distilled] * 30))
    assert twice.p_value == often.p_value


def test_the_bootstrap_interval_has_the_width_of_theory() -> None:
    random = np.random.default_rng(1)
    baseline = (random.random(1000) < 0.10).astype(np.int64)
    distilled = (random.random(1000) < 0.05).astype(np.int64)
    verdict = judge(LABELS, None, np.stack([baseline] * 2), np.stack([distilled] * 2))
    difference = (baseline - distilled).astype(float)
    deviation = np.sqrt(1000) * difference.std()
    assert verdict.interval[1] - verdict.interval[0] == pytest.approx(2 * 1.96 * deviation, rel=0.05)


def test_a_verdict_is_the_same_each_time() -> None:
    arguments = (LABELS, None, np.stack([_answers([1, 2])] * 2), np.stack([_answers([2])] * 2))
    assert judge(*arguments) == judge(*arguments)


def test_the_tokens_of_one_text_count_as_one_draw() -> None:
    """Ten texts of a hundred tokens, all the difference in one of them: a thousand tokens would call that certain."""
    texts = np.arange(10).repeat(100)
    baseline, distilled = _answers(list(range(60)))[None], _answers([])[None]
    assert judge(LABELS, None, baseline, distilled).word == "BEATS"
    verdict = judge(LABELS, None, baseline, distilled, texts)
    assert verdict.word == "INCONCLUSIVE"
    assert verdict.test == "paired bootstrap over 10 texts"
    assert "held-out tokens" in verdict.sentence


def test_a_single_text_shows_nothing_however_many_tokens_it_has() -> None:
    labels, right, wrong = np.zeros(500, np.int64), np.zeros((1, 500), np.int64), np.ones((1, 500), np.int64)
    verdict = judge(labels, None, wrong, right, np.zeros(500, np.int64))
    assert (verdict.word, verdict.p_value) == ("INCONCLUSIVE", 1.0)
    assert judge(labels, None, wrong, right, np.arange(500) // 50).word == "BEATS"
