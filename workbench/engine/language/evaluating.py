"""What a language model scores on held-out text: cross-entropy, and where there is a teacher, KL and agreement.

N scored positions, M of one piece, V vocabulary.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from workbench.engine.evaluating import most_frequent
from workbench.engine.language.batches import Texts
from workbench.engine.language.model import LanguageModel
from workbench.engine.objectives import log_p

_PIECE = 256
_BINS = 15


@dataclass(frozen=True)
class TextScore:
    """Averages over held-out tokens.

    Attributes:
        tokens: How many were scored.
        cross_entropy: In nats a token.
        kl_to_teacher: Forward KL in nats a token; None without a teacher.
        agreement: Share of tokens with the same likeliest next one; None without a teacher.
        right: Share of tokens that were the likeliest.
        calibration_error: Expected calibration error over 15 equal-width bins of confidence (Guo et al. 2017, §2).
        majority_errors: Errors of always giving the most frequent token; None where there is no token.
        top_answer: The token that is the likeliest one most often; None where there is none.
        top_share: Its share.
    """

    tokens: int
    cross_entropy: float
    right: float
    calibration_error: float
    kl_to_teacher: float | None = None
    agreement: float | None = None
    majority_errors: int | None = None
    top_answer: int | None = None
    top_share: float | None = None

    @property
    def perplexity(self) -> float:
        """E to the cross-entropy; infinite where that is too large for a number."""
        return math.exp(self.cross_entropy) if self.cross_entropy < 700 else math.inf


@torch.no_grad()
def score_texts(student: LanguageModel, teacher: LanguageModel | None, batches: Iterable[Texts]) -> TextScore:
    """Read held-out texts with both models, in eval mode; the student's mode is put back.

    Full logits never exist here either: a piece of the positions at a time.
    """
    was_training = student.training
    student.eval()
    sums = torch.zeros(4, dtype=torch.float64)
    gap = torch.zeros(_BINS, dtype=torch.float64)
    count = 0
    answers: list[Tensor] = []
    labels: list[Tensor] = []
    for texts in batches:
        student_NH = texts.scored(student.hidden(texts.tokens_BT))
        teacher_NH = None if teacher is None else texts.scored(teacher.hidden(texts.tokens_BT))
        for start in range(0, len(texts.labels_N), _PIECE):
            part = slice(start, start + _PIECE)
            taught_MV = None if teacher is None or teacher_NH is None else teacher.head(teacher_NH[part])
            student_MV = student.head(student_NH[part])
            answers.append(student_MV.argmax(1))
            sums += _sums(student_MV, taught_MV, answers[-1], texts.labels_N[part]).cpu().double()
            gap += _overconfidence(student_MV, texts.labels_N[part])
        labels.append(texts.labels_N)
        count += len(texts.labels_N)
    student.train(was_training)
    entropy, right, kl, agreement = (sums / max(count, 1)).tolist()
    calibration = float(gap.abs().sum()) / max(count, 1)
    found = TextScore(count, entropy, right, calibration)
    if count:
        majority = count - int(torch.cat(labels).cpu().bincount().max())
        found = replace(found, majority_errors=majority, **most_frequent(torch.cat(answers).cpu()))
    return found if teacher is None else replace(found, kl_to_teacher=kl, agreement=agreement)


@torch.no_grad()
def likeliest(model: LanguageModel, texts: Texts) -> Tensor:
    """The likeliest token at every scored position, int64 [N] on the CPU."""
    was_training = model.training
    model.eval()
    hidden_NH = texts.scored(model.hidden(texts.tokens_BT))
    best = [model.head(part_MH).argmax(1) for part_MH in hidden_NH.split(_PIECE)]  # type: ignore[no-untyped-call]
    model.train(was_training)
    return torch.cat(best).cpu()


def _overconfidence(student_MV: Tensor, labels_M: Tensor) -> Tensor:
    """Confidence less being right, summed for each bin of confidence; on the CPU, in float64."""
    confidence_M, best_M = log_p(student_MV, 1.0).max(1)
    confidence_M = confidence_M.exp().cpu().double()
    right_M = (best_M == labels_M).cpu().double()
    bin_M = (confidence_M * _BINS).long().clamp_max(_BINS - 1)
    return torch.zeros(_BINS, dtype=torch.float64).index_add_(0, bin_M, confidence_M - right_M)


def _sums(student_MV: Tensor, teacher_MV: Tensor | None, best_M: Tensor, labels_M: Tensor) -> Tensor:
    """Cross-entropy, right, KL and agreement, summed over positions; `best_M` is the student's likeliest token."""
    log_s_MV = log_p(student_MV, 1.0)
    entropy = -log_s_MV.gather(1, labels_M[:, None]).sum()
    right = (best_M == labels_M).sum()
    if teacher_MV is None:
        return torch.stack([entropy, right, entropy.new_zeros(()), entropy.new_zeros(())])
    width = min(log_s_MV.shape[1], teacher_MV.shape[1])
    log_t_MV = log_p(teacher_MV[:, :width], 1.0)
    shared_MV = log_p(student_MV[:, :width], 1.0)
    kl = (log_t_MV.exp() * (log_t_MV - shared_MV)).sum()
    return torch.stack([entropy, right, kl, (log_t_MV.argmax(1) == best_M).sum()])
