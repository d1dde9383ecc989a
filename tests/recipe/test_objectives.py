"""The formula beside the controls is the loss with the current numbers."""

import pytest

from workbench.recipe.objectives import OBJECTIVES, HardLabels, JensenShannon, LogitMatching, ReverseKL, SoftTargets


@pytest.mark.parametrize(
    ("section", "temperature", "expected"),
    [
        (HardLabels(), None, "L = CE(hard label, p_S at T = 1)"),
        (SoftTargets(), 4.0, "L = 0.9 · 4² · KL(p_T ‖ p_S) at T = 4 + 0.1 · CE(hard label, p_S at T = 1)"),
        (ReverseKL(), 2.5, "L = 0.9 · 2.5² · KL(p_S ‖ p_T) at T = 2.5 + 0.1 · CE(hard label, p_S at T = 1)"),
        (JensenShannon(), 1.0, "L = 0.9 · 1² · JSD_β(p_T ‖ p_S) at T = 1 + 0.1 · CE(hard label, p_S at T = 1)"),
        (LogitMatching(), None, "L = 0.9 · 1/(2·classes) · ‖z_S − z_T‖² + 0.1 · CE(hard label, p_S at T = 1)"),
    ],
)
def test_the_formula_shows_the_current_numbers(section, temperature, expected):
    assert section.formula(temperature, 0.9) == expected


def test_the_defaults_are_a_temperature_of_4_and_an_alpha_of_9_tenths():
    for section in OBJECTIVES:
        assert getattr(section(), "temperature", 4.0) == 4.0
        assert getattr(section(), "alpha", 0.9) == 0.9


def test_only_hard_labels_need_no_teacher():
    assert [section.__name__ for section in OBJECTIVES if not section().uses_teacher] == ["HardLabels"]


def test_logit_matching_has_no_temperature():
    assert "temperature" not in LogitMatching.model_fields


def test_the_help_of_alpha_says_which_end_is_the_teacher():
    help_text = SoftTargets.model_fields["alpha"].description
    assert "0 is labels only" in help_text
    assert "1 is teacher only" in help_text
