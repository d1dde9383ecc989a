"""The loss of a step: L = α · soft + (1 − α) · hard, averaged over the scored positions of all its batches."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy, kl_div

from engine.objectives.cases import ALPHAS, DESIGN_STUDENT, DESIGN_TEACHER, SOFT_SECTIONS, TEMPERATURES, ids, logits
from workbench.engine.scoring import Scale, Weighting, score
from workbench.recipe.objectives import HardLabels, LogitMatching, SoftTargets

every_soft_objective = pytest.mark.parametrize("section", SOFT_SECTIONS, ids=ids)


def scale_of(labels_N: torch.Tensor) -> Scale:
    return Scale(scored=len(labels_N), labelled=int((labels_N >= 0).sum()))


def step_of(weighting, given, ends):
    """The summed terms and the gradient of a step over batches that end at these places."""
    leaf_NC = given.student_NC.clone().requires_grad_()
    sums = torch.zeros(3, dtype=torch.float64)
    for start, end in zip([0, *ends], [*ends, len(given.labels_N)], strict=True):
        rows = slice(start, end)
        terms = score(weighting, leaf_NC[rows], given.teacher_NC[rows], given.labels_N[rows], scale_of(given.labels_N))
        terms.total.backward()
        sums += torch.stack([terms.total, terms.soft, terms.hard]).detach()
    return sums, leaf_NC.grad


@pytest.mark.parametrize(("alpha", "expected"), [(0.1, 0.657891), (0.5, 0.406680), (0.9, 0.155470)])
def test_the_designs_losses(alpha, expected):
    weighting = Weighting.of(SoftTargets(temperature=2.0, alpha=alpha))
    terms = score(weighting, DESIGN_STUDENT, DESIGN_TEACHER, torch.tensor([0]), Scale(1, 1))
    assert float(terms.total) == pytest.approx(expected, abs=5e-7)
    assert float(terms.soft) == pytest.approx(0.092667, abs=5e-7)
    assert float(terms.hard) == pytest.approx(0.720694, abs=5e-7)


@every_soft_objective
@given(given=logits(), temperature=TEMPERATURES, alpha=ALPHAS)
def test_the_total_is_the_weighted_sum_of_its_terms(section, given, temperature, alpha):
    terms = score(
        Weighting.of(section, temperature, alpha),
        given.student_NC,
        given.teacher_NC,
        given.labels_N,
        scale_of(given.labels_N),
    )
    expected = alpha * float(terms.soft) + (1 - alpha) * float(terms.hard)
    assert float(terms.total) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@every_soft_objective
@given(given=logits(), temperature=TEMPERATURES, alpha=ALPHAS)
def test_the_terms_do_not_depend_on_alpha(section, given, temperature, alpha):
    rows = given.student_NC, given.teacher_NC, given.labels_N, scale_of(given.labels_N)
    terms = [score(Weighting.of(section, temperature, weight), *rows) for weight in (0.0, alpha, 1.0)]
    assert len({float(term.soft) for term in terms}) == 1
    assert len({float(term.hard) for term in terms}) == 1


@every_soft_objective
@given(given=logits(), temperature=TEMPERATURES)
def test_alpha_0_is_the_hard_term_alone_and_alpha_1_the_soft_term_alone(section, given, temperature):
    ends = []
    for alpha in (0.0, 1.0):
        sums, slope_NC = step_of(Weighting.of(section, temperature, alpha), given, [])
        ends.append((sums, slope_NC))
    (labels_only, hard_slope), (teacher_only, soft_slope) = ends
    assert labels_only[0] == labels_only[2]
    assert teacher_only[0] == teacher_only[1]
    assert (hard_slope[given.labels_N < 0] == 0).all()
    _, half_slope = step_of(Weighting.of(section, temperature, 0.5), given, [])
    assert torch.allclose(half_slope, (hard_slope + soft_slope) / 2, rtol=1e-9, atol=given.rounding(temperature))


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_t_squared_applies_at_every_alpha(alpha):
    terms = score(
        Weighting.of(SoftTargets(), 5.0, alpha), DESIGN_STUDENT, DESIGN_TEACHER, torch.tensor([0]), Scale(1, 1)
    )
    kl = kl_div((DESIGN_STUDENT / 5).log_softmax(1), (DESIGN_TEACHER / 5).softmax(1), reduction="sum")
    assert float(terms.soft) == pytest.approx(25 * float(kl), rel=1e-12)


@every_soft_objective
@given(given=logits(), temperature=TEMPERATURES, alpha=ALPHAS, data=st.data())
def test_splitting_a_step_into_batches_changes_neither_its_terms_nor_its_gradient(
    section, given, temperature, alpha, data
):
    ends = sorted(data.draw(st.lists(st.integers(0, len(given.labels_N)), min_size=1, max_size=3)))
    weighting, tiny = Weighting.of(section, temperature, alpha), given.rounding(temperature)
    whole_sums, whole_slope = step_of(weighting, given, [])
    sums, slope = step_of(weighting, given, ends)
    assert torch.allclose(sums, whole_sums, rtol=1e-12, atol=tiny)
    assert torch.allclose(slope, whole_slope, rtol=1e-12, atol=tiny)


@every_soft_objective
@given(given=logits(smallest_batch=2), temperature=TEMPERATURES)
def test_hidden_labels_leave_the_hard_term_to_the_known_ones(section, given, temperature):
    known = given.labels_N >= 0
    terms = score(
        Weighting.of(section, temperature, 0.5),
        given.student_NC,
        given.teacher_NC,
        given.labels_N,
        scale_of(given.labels_N),
    )
    expected = cross_entropy(given.student_NC[known], given.labels_N[known]) if known.any() else 0.0
    assert float(terms.hard) == pytest.approx(float(expected), rel=1e-12)


@every_soft_objective
def test_a_step_without_any_known_label_has_a_finite_loss_and_gradient(section):
    leaf_NC = torch.randn(5, 3, requires_grad=True)
    labels_N = torch.full((5,), -100)
    terms = score(Weighting.of(section, None, 0.5), leaf_NC, torch.randn(5, 3), labels_N, scale_of(labels_N))
    terms.total.backward()
    assert terms.hard.item() == 0.0
    assert terms.total.item() == pytest.approx(terms.soft.item() / 2)
    assert torch.isfinite(leaf_NC.grad).all()


@given(logits())
def test_hard_labels_are_the_mean_cross_entropy_and_need_no_teacher(given):
    terms = score(Weighting.of(HardLabels()), given.student_NC, None, given.labels_N, scale_of(given.labels_N))
    known = given.labels_N >= 0
    expected = float(cross_entropy(given.student_NC[known], given.labels_N[known])) if known.any() else 0.0
    assert float(terms.total) == float(terms.hard) == pytest.approx(expected, rel=1e-12)
    assert float(terms.soft) == 0.0


def test_controls_replace_the_recipes_numbers_where_the_objective_has_them():
    section = SoftTargets(temperature=2.0, alpha=0.3)
    assert (Weighting.of(section).temperature, Weighting.of(section).alpha) == (2.0, 0.3)
    turned = Weighting.of(section, temperature=8.0, alpha=0.0)
    assert (turned.temperature, turned.alpha) == (8.0, 0.0)
    matching = Weighting.of(LogitMatching(), temperature=8.0, alpha=0.7)
    assert (matching.temperature, matching.alpha) == (None, 0.7)
    hard = Weighting.of(HardLabels(), temperature=8.0, alpha=0.7)
    assert (hard.temperature, hard.alpha) == (None, 0.0)
