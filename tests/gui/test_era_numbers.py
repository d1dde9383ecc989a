"""The numbers of the two eras, against those the design holds."""

import numpy as np
import pytest

from workbench.gui.era_examples import known_position, known_response
from workbench.gui.era_numbers import kept_share, score_distribution, score_tokens
from workbench.gui.era_texts import CLASSIC_RESULTS, MODERN_RESULTS
from workbench.gui.telling import percent
from workbench.gui.widgets.era_results import said_of


def test_the_bmw_at_6_has_the_shares_of_the_design() -> None:
    known = known_position()
    score = score_distribution(known.teacher_C, known.student_C, 6)
    assert [percent(float(share)) for share in score.target_C] == ["99.7 %", "0.292 %", "0.007 %", "0.003 %"]


def test_a_distribution_is_scored_as_in_the_design() -> None:
    teacher, student = [2.0, 1.0, 0.1], [1.0, 0.5, 0.2]
    score = score_distribution(teacher, student, 2)
    assert score.target_C == pytest.approx([0.501688, 0.304289, 0.194023], abs=1e-6)
    assert score.student_C == pytest.approx([0.408310, 0.317992, 0.273698], abs=1e-6)
    assert score.divergence == pytest.approx(0.023167, abs=1e-6)
    assert score.loss == pytest.approx(0.092667, abs=1e-6)
    assert score_distribution(teacher, student, 1).surprise_C[0] == pytest.approx(0.720694, abs=1e-6)


def test_the_loss_is_the_teachers_average_of_minus_log_p_less_its_entropy() -> None:
    score = score_distribution([60, 25, 3, -3], [9, 4, 3, 2], 6)
    assert score.average == pytest.approx(float((score.target_C * -np.log(score.student_C)).sum()))
    assert score.average - score.entropy == pytest.approx(score.divergence)
    assert score.loss == pytest.approx(36 * score.divergence)


def test_a_student_that_says_the_same_has_no_loss_at_any_temperature() -> None:
    for temperature in (0.5, 6.0, 100.0):
        assert score_distribution([60, 25, 3, -3], [60, 25, 3, -3], temperature).loss == pytest.approx(0, abs=1e-9)


def test_tokens_are_averaged_plainly_and_so_far() -> None:
    score = score_tokens([0.5, 0.25, 1.0])
    assert score.surprise_N == pytest.approx([np.log(2), np.log(4), 0])
    assert score.running_N == pytest.approx([np.log(2), np.log(8) / 2, np.log(8) / 3])
    assert score.average == pytest.approx(np.log(2))


def test_a_probability_that_underflowed_has_a_finite_surprise_and_no_tokens_have_none() -> None:
    assert np.isfinite(score_tokens([0.0]).average)
    assert score_tokens([]).average == 0


def test_every_token_of_the_known_response_is_scored_and_none_of_its_prompt() -> None:
    known = known_response()
    assert [token.text for token in known.tokens[:5]] == ["Prove", "that", "√2", "is", "irrational."]
    assert all(token.surprise is None for token in known.tokens[:5])
    assert known.scored[0].text == "<think>"
    assert "</think>" in [token.text for token in known.scored]
    assert [token.surprise for token in known.scored] == pytest.approx(
        [-np.log(token.probability) for token in known.scored]
    )


def test_what_a_student_kept_is_computed_from_the_published_numbers() -> None:
    assert kept_share(58.9, 61.1, 60.8) == pytest.approx(0.8636, abs=1e-4)
    digits, speech = (said_of(result) for result in CLASSIC_RESULTS)
    assert "91 %" in digits
    assert "86 %" in speech


def test_the_published_numbers_are_those_of_the_papers() -> None:
    values = [[figure.value for figure in result.figures] for result in (*CLASSIC_RESULTS, *MODERN_RESULTS)]
    assert values == [[146, 67, 74], [58.9, 61.1, 60.8], [47.0, 72.6], [67.6, 74.4]]


@pytest.mark.parametrize("result", [*CLASSIC_RESULTS, *MODERN_RESULTS], ids=lambda result: result.title)
def test_every_figure_lies_on_its_line_and_names_paper_and_place(result) -> None:
    low, high = result.ends
    assert all(low < figure.value < high for figure in result.figures)
    number = result.link.removeprefix("https://arxiv.org/abs/")
    assert f"arXiv:{number}, " in result.source
