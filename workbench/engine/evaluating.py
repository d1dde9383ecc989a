"""What a model scores on held-out data: errors, cross-entropy, calibration, agreement and KL to the teacher.

N examples, C classes, X any input axes.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from workbench.engine.mapped import in_chunks
from workbench.engine.objectives import UNLABELLED, hard_term, log_p
from workbench.errors import WorkbenchError
from workbench.events import Evaluated

_BATCH = 1024
_BINS = 15


@dataclass(frozen=True)
class HeldOut:
    """Held-out examples and what the teacher says of them; labels are all known."""

    inputs_NX: Tensor
    labels_N: Tensor
    teacher_NC: Tensor | None

    @property
    def device(self) -> torch.device:
        """Where it all lies."""
        return self.inputs_NX.device


@torch.no_grad()
def logits_of(model: nn.Module, inputs_NX: Tensor) -> Tensor:
    """Logits [N, C] in eval mode, float32, on the model's device; its mode is put back."""
    was_training = model.training
    model.eval()
    # Inputs that lie in a file come over part by part.
    device = next((parameter.device for parameter in model.parameters()), inputs_NX.device)
    parts = [model(chunk.to(device)).float() for chunk in in_chunks(inputs_NX, _BATCH)]
    model.train(was_training)
    return torch.cat(parts)


def evaluate(logits_NC: Tensor, held_out: HeldOut, *, step: int, subject: str, note: str = "") -> Evaluated:
    """The scores of one model.

    Raises:
        WorkbenchError: A held-out example has no label to judge by.
    """
    # A few numbers a class: judged on the CPU, since Apple's GPUs know no float64.
    logits_NC, labels_N = logits_NC.cpu(), held_out.labels_N.cpu()
    if bool((labels_N == UNLABELLED).any()):
        raise WorkbenchError("Some held-out examples have no label, so there is nothing to judge by.")
    log_s_NC = log_p(logits_NC, 1.0)
    teacher_NC = held_out.teacher_NC
    agreement = kl = None
    if teacher_NC is not None:
        log_t_NC = log_p(teacher_NC.cpu(), 1.0)
        agreement = float((log_t_NC.argmax(1) == log_s_NC.argmax(1)).double().mean())
        kl = float((log_t_NC.exp() * (log_t_NC - log_s_NC)).sum(1).double().mean())
    return Evaluated(
        step=step,
        subject=subject,
        errors=int((log_s_NC.argmax(1) != labels_N).sum()),
        examples=len(labels_N),
        cross_entropy=float(hard_term(logits_NC, labels_N).double().mean()),
        calibration_error=calibration_error(log_s_NC.exp(), labels_N),
        agreement=agreement,
        kl_to_teacher=kl,
        note=note,
        majority_errors=len(labels_N) - int(labels_N.bincount().max()),
        **most_frequent(log_s_NC.argmax(1)),
    )


def most_frequent(answers_N: Tensor) -> dict[str, Any]:
    """The answer that is given most often, and its share, as `Evaluated` names them."""
    counts = answers_N.bincount()
    return {"top_answer": int(counts.argmax()), "top_share": float(counts.max()) / len(answers_N)}


def calibration_error(probabilities_NC: Tensor, labels_N: Tensor) -> float:
    """Expected calibration error over 15 equal-width bins of confidence (Guo et al. 2017, §2)."""
    confidence_N, answer_N = probabilities_NC.double().max(1)
    right_N = (answer_N == labels_N).double()
    bin_N = (confidence_N * _BINS).long().clamp_max(_BINS - 1)
    gap = torch.zeros(_BINS, dtype=torch.float64, device=bin_N.device).index_add_(0, bin_N, confidence_N - right_N)
    return float(gap.abs().sum() / len(labels_N))
