"""Any objective over hidden states and an output head, piece by piece: full logits never exist.

N scored positions, H hidden size, V vocabulary, M positions of one piece, K kept entries.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, cast

import torch
from torch import Tensor, nn

from workbench.engine.scoring import Scale, Terms, Weighting, score

# Hidden states [M, H] to logits [M, V].
Head: TypeAlias = Callable[[Tensor], Tensor]

# Logits of one piece: large enough for fast matrix products, small enough to be forgotten.
_MOST_LOGITS = 8 * 2**20
_LEAST_PIECE = 16


class Teaching(Protocol):
    """What the teacher says of some positions, in whatever form it is there."""

    def against(self, student_MV: Tensor, part: slice, temperature: float | None) -> tuple[Tensor, Tensor]:
        """Logits of student and teacher over the same entries, for the positions in `part`."""
        ...


@dataclass(frozen=True)
class LiveTeaching:
    """Teachers that are asked now: their hidden states, and the heads that make logits of a piece of them.

    Attributes:
        hidden_KNH: The hidden states of each teacher at the scored positions, each of its own size.
        heads: One a teacher.
        combine: Makes one distribution of several teachers' logits [M, K, V] at a temperature.
    """

    hidden_KNH: Sequence[Tensor]
    heads: Sequence[Head]
    combine: Callable[[Tensor, float | None], Tensor]

    def against(self, student_MV: Tensor, part: slice, temperature: float | None) -> tuple[Tensor, Tensor]:
        """Over the whole vocabulary, without the rows that only pad the wider of two output layers."""
        with torch.no_grad():
            rows = [head(hidden_NH[part]) for head, hidden_NH in zip(self.heads, self.hidden_KNH, strict=True)]
            width = min(student_MV.shape[1], *(logits_MV.shape[1] for logits_MV in rows))
            teacher_MKV = torch.stack([logits_MV[:, :width].float() for logits_MV in rows], dim=1)
            teacher_MV = self.combine(teacher_MKV, temperature)
        return student_MV[:, :width], teacher_MV


@dataclass(frozen=True)
class KeptTeaching:
    """What teachers said before: the log-probabilities of their K likeliest entries, and the mass of all others.

    Student and teacher are compared over these entries and one more, "anything else", which coarsens the
    divergence by what happens inside the tail and nothing more, at T = 1; at another T the tail is softened as one.

    Attributes:
        entries_NK: Which entries.
        log_p_NK: Their log-probabilities, in nats, at T = 1.
        log_tail_N: The log of what is left; −inf where nothing is.
        width: Entries that the teacher was asked about, of the student's; None for all of them.
    """

    entries_NK: Tensor
    log_p_NK: Tensor
    log_tail_N: Tensor
    width: int | None = None

    def against(self, student_MV: Tensor, part: slice, temperature: float | None) -> tuple[Tensor, Tensor]:
        """Over the kept entries and the tail."""
        student_MV = student_MV[:, : self.width]
        entries_MK = self.entries_NK[part].long()
        kept_MK = student_MV.gather(1, entries_MK)
        if entries_MK.shape[1] == student_MV.shape[1]:
            # No tail: its logarithm, and the gradient of it, would be no numbers.
            return kept_MK, self.log_p_NK[part].float()
        tail_M = student_MV.scatter(1, entries_MK, -torch.inf).logsumexp(1, keepdim=True)
        least = torch.finfo(torch.float32).min / 4
        teacher = torch.cat([self.log_p_NK[part].float(), self.log_tail_N[part, None].float()], dim=1)
        return torch.cat([kept_MK, tail_M], dim=1), teacher.clamp_min(least)


def score_hidden(
    weighting: Weighting,
    hidden_NH: Tensor,
    head: nn.Module,
    teaching: Teaching | None,
    labels_N: Tensor,
    *,
    scale: Scale,
    piece: int = 0,
) -> Terms:
    """The loss terms of one batch of scored positions; gradients are made on the way, a piece at a time.

    Args:
        weighting: The objective, T and α.
        hidden_NH: The student's last hidden states at the scored positions.
        head: Its output layer, hidden states to logits; its parameters get their gradients too.
        teaching: What the teacher says; None for hard labels.
        labels_N: The tokens that follow, `UNLABELLED` where there is none.
        scale: The counts of the whole step.
        piece: Positions at a time; 0 goes by the width of the vocabulary.

    Returns:
        As `workbench.engine.scoring.score`: `total` has a gradient, once.
    """
    parameters = [parameter for parameter in head.parameters() if parameter.requires_grad]
    work = _Work(weighting, head, teaching, labels_N, scale, piece)
    total, soft, hard = cast(
        tuple[Tensor, Tensor, Tensor],
        _ScoreInPieces.apply(work, hidden_NH, *parameters),  # type: ignore[no-untyped-call]
    )
    return Terms(total, soft, hard)


@dataclass(frozen=True)
class _Work:
    """What is to be scored, besides what has a gradient."""

    weighting: Weighting
    head: nn.Module
    teaching: Teaching | None
    labels_N: Tensor
    scale: Scale
    piece: int

    def terms(self, logits_MV: Tensor, part: slice) -> Terms:
        whole_MV = logits_MV.float()
        shared, teacher = whole_MV, None
        if self.teaching is not None:
            shared, teacher = self.teaching.against(whole_MV, part, self.weighting.temperature)
        return score(self.weighting, shared, teacher, self.labels_N[part], self.scale, whole_NC=whole_MV)

    def parts(self, count: int) -> list[slice]:
        width = self.piece or max(_MOST_LOGITS // _width(self.head), _LEAST_PIECE)
        return [slice(start, min(start + width, count)) for start in range(0, count, width)]


class _ScoreInPieces(torch.autograd.Function):
    """Forward makes the gradients as well, since the logits that they need are there just then."""

    @staticmethod
    def forward(context: Any, work: _Work, hidden_NH: Tensor, *parameters: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The three terms; gradients wait in the context."""
        needs_gradient = any(context.needs_input_grad)
        sums_3 = hidden_NH.new_zeros(3, dtype=torch.float32)
        hidden_gradient_NH = torch.empty_like(hidden_NH) if needs_gradient else None
        gradients = [torch.zeros_like(parameter) for parameter in parameters] if needs_gradient else []
        for part in work.parts(len(hidden_NH)):
            with torch.set_grad_enabled(needs_gradient):
                hidden_MH = hidden_NH[part].detach().requires_grad_(needs_gradient)
                logits_MV = work.head(hidden_MH)
                terms = work.terms(logits_MV, part)
                if needs_gradient:
                    assert hidden_gradient_NH is not None, "made above"
                    of_logits_MV = torch.autograd.grad(terms.total, logits_MV)[0]
                    rows_MH = hidden_gradient_NH[part]
                    _spread(
                        work.head, hidden_MH, logits_MV, of_logits_MV, of_hidden_MH=rows_MH, of_parameters=gradients
                    )
                    del of_logits_MV
            sums_3 += torch.stack([terms.total.detach(), terms.soft.detach(), terms.hard.detach()])
        context.save_for_backward(*([hidden_gradient_NH] if needs_gradient else []), *gradients)
        total, soft, hard = sums_3.unbind()
        context.mark_non_differentiable(soft, hard)
        return total.clone(), soft, hard

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """The kept gradients, times what comes in for the total."""
        of_total = gradients[0]
        # In place: they are as large as the head, and nobody reads them again.
        return (None, *(kept.mul_(of_total) for kept in context.saved_tensors))


def _spread(
    head: nn.Module,
    hidden_MH: Tensor,
    logits_MV: Tensor,
    of_logits_MV: Tensor,
    *,
    of_hidden_MH: Tensor,
    of_parameters: list[Tensor],
) -> None:
    """The gradient of a piece's logits carried on: written to `of_hidden_MH`, added to those of the parameters."""
    weight_VH = _plain_weight(head)
    if weight_VH is not None and logits_MV.dtype == hidden_MH.dtype == weight_VH.dtype:
        # Added while it is multiplied: else each piece would make a matrix of the whole head's size first.
        with torch.no_grad():
            torch.mm(of_logits_MV, weight_VH, out=of_hidden_MH)
            for kept_VH in of_parameters:
                kept_VH.addmm_(of_logits_MV.T, hidden_MH)
        return
    parameters = [parameter for parameter in head.parameters() if parameter.requires_grad]
    found = torch.autograd.grad(logits_MV, [hidden_MH, *parameters], of_logits_MV)
    of_hidden_MH.copy_(found[0])
    for kept, gradient in zip(of_parameters, found[1:], strict=True):
        kept.add_(gradient)


def _plain_weight(head: nn.Module) -> Tensor | None:
    """The weights of a head that multiplies by them and does nothing else; None for any other."""
    layer = getattr(head, "layer", head)
    plain = getattr(head, "scale", 1.0) == 1 and not getattr(head, "cap", 0.0)
    return layer.weight if plain and type(layer) is nn.Linear and layer.bias is None else None


def _width(head: nn.Module) -> int:
    """Entries of the vocabulary, by the longest axis of the head's weights."""
    return max((max(parameter.shape) for parameter in head.parameters()), default=1)
