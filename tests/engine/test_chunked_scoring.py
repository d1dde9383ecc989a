"""Scoring in pieces is scoring: every objective, values and gradients, whatever the pieces."""

import pytest
import torch
from closeness import assert_close
from torch import nn

from workbench.engine.chunked_scoring import KeptTeaching, LiveTeaching, score_hidden
from workbench.engine.objectives import UNLABELLED
from workbench.engine.scoring import Scale, Weighting, score
from workbench.recipe.objectives import HardLabels, JensenShannon, LogitMatching, ReverseKL, SoftTargets

N, H, V = 37, 12, 101
OBJECTIVES = [
    HardLabels(),
    SoftTargets(temperature=2.0, alpha=0.7),
    SoftTargets(temperature=1.0, alpha=1.0),
    ReverseKL(temperature=3.0, alpha=0.5),
    JensenShannon(beta=0.3, temperature=1.5, alpha=0.9),
    LogitMatching(alpha=0.4),
]
every_objective = pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: f"{o.kind}-{getattr(o, 'alpha', 0)}")


def _first(teacher_MKV, temperature):
    return teacher_MKV[:, 0]


@pytest.fixture
def parts():
    draws = torch.Generator().manual_seed(4)
    head, teacher_head = nn.Linear(H, V), nn.Linear(20, V + 3)
    with torch.no_grad():
        for parameter in (*head.parameters(), *teacher_head.parameters()):
            parameter.copy_(torch.randn(parameter.shape, generator=draws))
    hidden_NH = torch.randn(N, H, generator=draws, requires_grad=True)
    taught_NH = torch.randn(N, 20, generator=draws)
    labels_N = torch.randint(0, V, (N,), generator=draws)
    labels_N[::5] = UNLABELLED
    return head, teacher_head.requires_grad_(False), hidden_NH, taught_NH, labels_N


def _gradients(total, hidden_NH, head):
    return torch.autograd.grad(total, [hidden_NH, *head.parameters()])


@every_objective
@pytest.mark.parametrize("piece", [1, 7, N, 1000, 0])
def test_pieces_of_any_size_give_the_whole_loss_and_its_gradients(objective, piece, parts):
    head, teacher_head, hidden_NH, taught_NH, labels_N = parts
    scale, weighting = Scale(N + 5, int((labels_N != UNLABELLED).sum())), Weighting.of(objective)
    teaching = LiveTeaching([taught_NH], [teacher_head], _first) if objective.uses_teacher else None
    teacher_NV = teacher_head(taught_NH)[:, :V] if objective.uses_teacher else None
    whole = score(weighting, head(hidden_NH), teacher_NV, labels_N, scale)
    pieces = score_hidden(weighting, hidden_NH, head, teaching, labels_N, scale=scale, piece=piece)
    for name in ("total", "soft", "hard"):
        assert_close(getattr(pieces, name), getattr(whole, name))
    expected, found = _gradients(whole.total, hidden_NH, head), _gradients(pieces.total, hidden_NH, head)
    for one, other in zip(found, expected, strict=True):
        assert_close(one, other)


@every_objective
@pytest.mark.parametrize("trained", [True, False], ids=["trained", "frozen"])
def test_a_head_of_weights_alone_gets_the_same_gradients(objective, trained, parts):
    _, teacher_head, hidden_NH, taught_NH, labels_N = parts
    head = nn.Linear(H, V, bias=False).requires_grad_(trained)
    scale, weighting = Scale(N, N), Weighting.of(objective)
    teaching = LiveTeaching([taught_NH], [teacher_head], _first) if objective.uses_teacher else None
    teacher_NV = teacher_head(taught_NH)[:, :V] if objective.uses_teacher else None
    whole = score(weighting, head(hidden_NH), teacher_NV, labels_N, scale)
    pieces = score_hidden(weighting, hidden_NH, head, teaching, labels_N, scale=scale, piece=7)
    wanted = [hidden_NH, *(head.parameters() if trained else ())]
    expected, found = (torch.autograd.grad(terms.total, wanted) for terms in (whole, pieces))
    for one, other in zip(found, expected, strict=True):
        assert_close(one, other)


def test_the_incoming_gradient_scales_what_was_made(parts):
    head, _, hidden_NH, _, labels_N = parts
    terms = score_hidden(Weighting.of(HardLabels()), hidden_NH, head, None, labels_N, scale=Scale(N, N), piece=5)
    (3 * terms.total).backward()
    three_NH = hidden_NH.grad.clone()
    hidden_NH.grad = None
    score_hidden(
        Weighting.of(HardLabels()), hidden_NH, head, None, labels_N, scale=Scale(N, N), piece=5
    ).total.backward()
    assert_close(three_NH, 3 * hidden_NH.grad)


def test_without_a_gradient_only_the_terms_are_made(parts):
    head, _, hidden_NH, _, labels_N = parts
    with torch.no_grad():
        terms = score_hidden(Weighting.of(HardLabels()), hidden_NH, head, None, labels_N, scale=Scale(N, N))
    assert not terms.total.requires_grad


@pytest.mark.parametrize("objective", OBJECTIVES[1:-1], ids=lambda o: f"{o.kind}-{o.alpha}")
def test_what_was_kept_of_the_whole_vocabulary_is_as_good_as_the_teacher(objective, parts):
    head, teacher_head, hidden_NH, taught_NH, labels_N = parts
    log_p_NV, entries_NV = teacher_head(taught_NH)[:, :V].log_softmax(1).sort(1, descending=True)
    kept = KeptTeaching(entries_NV, log_p_NV, torch.full((N,), -torch.inf))
    scale, weighting = Scale(N, N), Weighting.of(objective)
    whole = score(weighting, head(hidden_NH), teacher_head(taught_NH)[:, :V], labels_N, scale)
    terms = score_hidden(weighting, hidden_NH, head, kept, labels_N, scale=scale, piece=9)
    assert_close(terms.soft, whole.soft)


def test_a_kept_tail_coarsens_forward_kl_by_the_inside_of_the_tail_alone(parts):
    head, teacher_head, hidden_NH, taught_NH, labels_N = parts
    log_p_NV, entries_NV = teacher_head(taught_NH)[:, :V].log_softmax(1).sort(1, descending=True)
    tail_N = log_p_NV[:, 8:].logsumexp(1)
    kept = KeptTeaching(entries_NV[:, :8], log_p_NV[:, :8], tail_N)
    weighting = Weighting.of(SoftTargets(temperature=1.0, alpha=1.0))
    terms = score_hidden(weighting, hidden_NH, head, kept, labels_N, scale=Scale(N, N), piece=9)
    log_s_NV = head(hidden_NH).log_softmax(1).gather(1, entries_NV)
    kl_N = (log_p_NV.exp() * (log_p_NV - log_s_NV)).sum(1)
    inside_t, inside_s = log_p_NV[:, 8:] - tail_N[:, None], log_s_NV[:, 8:] - log_s_NV[:, 8:].logsumexp(1, keepdim=True)
    inside_N = tail_N.exp() * (inside_t.exp() * (inside_t - inside_s)).sum(1)
    assert_close(terms.soft, (kl_N - inside_N).mean())
