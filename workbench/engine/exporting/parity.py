"""How closely an exported file repeats its original on held-out data, and when that is not close enough.

N examples, C classes.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from workbench.engine.exporting.answering import Answers

TOLERANCE = 1e-4

# float32 keeps about seven digits, so that no two programs agree to 1e-4 on a logit of 1,000. Beyond a logit of 25 the
# tolerance grows with the largest one, to 4e-6 of it: ten times the 4e-7 seen between PyTorch and ONNX Runtime on
# three architectures, where PyTorch itself was as far from the same network in float64.
_PLAIN_LOGIT = 25.0


@dataclass(frozen=True)
class BatchParity:
    """One batch size; differences are absolute, `max_logit_difference` is None where the output is probabilities.

    Attributes:
        batch_size: Examples asked about at once.
        examples: Examples asked about in all.
        max_logit_difference: Largest difference of a logit.
        max_probability_difference: Largest difference of a probability.
        mean_difference: Mean difference of an output number.
        kl: Mean KL(PyTorch ‖ ONNX) of the class probabilities, in nats.
        disagreements: Examples whose top-1 differs.
        errors_pytorch: Wrong top-1 by the labels, of the original.
        errors_onnx: The same, of the file.
        ms_per_item_pytorch: Median, in milliseconds.
        ms_per_item_onnxruntime: Median, in milliseconds.
    """

    batch_size: int
    examples: int
    max_logit_difference: float | None
    max_probability_difference: float
    mean_difference: float
    kl: float
    disagreements: int
    errors_pytorch: int
    errors_onnx: int
    ms_per_item_pytorch: float
    ms_per_item_onnxruntime: float

    @property
    def agreement(self) -> float:
        """Share of examples with the same top-1."""
        return 1 - self.disagreements / self.examples

    @property
    def max_difference(self) -> float:
        """Largest difference of what the file puts out."""
        return self.max_probability_difference if self.max_logit_difference is None else self.max_logit_difference


@dataclass(frozen=True)
class Parity:
    """One file against its original.

    Attributes:
        file: Its name.
        output: "logits" or "probabilities".
        opset: The ONNX opset it is written in.
        tolerance: The largest difference of an output that a float32 file may show.
        batches: One a batch size; the last one covers every held-out example.
        bytes: Its size, with its weights' file where there is one.
        gate: What is asked of the file, in words.
        kept: Whether the file was good enough to stay.
    """

    file: str
    output: str
    opset: int
    tolerance: float
    batches: tuple[BatchParity, ...]
    bytes: int = 0
    gate: str = ""
    kept: bool = True

    @property
    def worst(self) -> BatchParity:
        """The batch size with the largest difference; NaN is larger than anything."""
        return max(self.batches, key=lambda batch: (batch.max_difference != batch.max_difference, batch.max_difference))

    @property
    def whole(self) -> BatchParity:
        """The batch size that covers every held-out example."""
        return self.batches[-1]

    def fault(self) -> str:
        """Why the file is no faithful copy, in words; empty where it is one."""
        parts = []
        # Written so that NaN, which is not larger than anything, is a fault.
        if not self.worst.max_difference <= self.tolerance:
            parts.append(
                f"the largest difference of its {self.output} is {self.worst.max_difference:.2g} in batches of "
                f"{self.worst.batch_size}, and {self.tolerance:.2g} is allowed"
            )
        unequal = max(self.batches, key=lambda batch: batch.disagreements)
        if unequal.disagreements:
            parts.append(
                f"{unequal.disagreements:,} of {unequal.examples:,} top-1 answers differ in batches of "
                f"{unequal.batch_size}"
            )
        return "; ".join(parts)

    def summary(self) -> dict[str, Any]:
        """What the file itself carries: no times, so that the same student always gives the same bytes."""
        logits = [batch.max_logit_difference for batch in self.batches if batch.max_logit_difference is not None]
        return {
            "examples": self.whole.examples,
            "agreement": min(batch.agreement for batch in self.batches),
            "disagreements": max(batch.disagreements for batch in self.batches),
            "max_logit_difference": short(max(logits)) if logits else None,
            "max_probability_difference": short(max(batch.max_probability_difference for batch in self.batches)),
            "mean_difference": short(self.whole.mean_difference),
            "kl": short(self.whole.kl),
            "errors_pytorch": self.whole.errors_pytorch,
            "errors_onnx": self.whole.errors_onnx,
        }

    def as_dict(self) -> dict[str, Any]:
        """Everything, as plain values in an order that reads well; numbers that are not finite become None."""
        return {
            "file": self.file,
            "gate": self.gate,
            "kept": self.kept,
            "bytes": self.bytes,
            "opset": self.opset,
            "output": self.output,
            "tolerance": short(self.tolerance),
            **self.summary(),
            "batches": [_as_dict(batch) for batch in self.batches],
        }


def compare(
    original: tuple[Answers, ...],
    exported: tuple[Answers, ...],
    labels_N: Tensor,
    *,
    file: str,
    opset: int,
    output: str,
) -> Parity:
    """The parity of a file from its answers and its original's, in the same batches."""
    tolerance = TOLERANCE
    if output == "logits":
        largest = max(float(answers.outputs_NC.abs().max()) for answers in original)
        tolerance *= max(1.0, largest / _PLAIN_LOGIT)
    return Parity(
        file=file,
        output=output,
        opset=opset,
        tolerance=tolerance,
        batches=tuple(
            _compare_batches(ours, theirs, labels_N.cpu(), output)
            for ours, theirs in zip(original, exported, strict=True)
        ),
    )


def short(number: float) -> float | None:
    """Three significant digits, for people to read; None where it is not finite, which JSON cannot say."""
    return float(f"{number:.3g}") if abs(number) < float("inf") else None


def _compare_batches(original: Answers, exported: Answers, labels_N: Tensor, output: str) -> BatchParity:
    ours_NC, theirs_NC = original.outputs_NC.double(), exported.outputs_NC.double()
    labels_N = labels_N[: len(ours_NC)]
    differences_NC = (ours_NC - theirs_NC).abs()
    log_ours_NC, log_theirs_NC = _log_probabilities(ours_NC, output), _log_probabilities(theirs_NC, output)
    probabilities_NC = log_ours_NC.exp()
    max_probability_difference = (probabilities_NC - log_theirs_NC.exp()).abs().max()
    top_ours_N, top_theirs_N = ours_NC.argmax(1), theirs_NC.argmax(1)
    return BatchParity(
        batch_size=original.batch_size,
        examples=len(ours_NC),
        max_logit_difference=float(differences_NC.max()) if output == "logits" else None,
        max_probability_difference=float(max_probability_difference if output == "logits" else differences_NC.max()),
        mean_difference=float(differences_NC.mean()),
        kl=float((probabilities_NC * (log_ours_NC - log_theirs_NC)).sum(1).mean()),
        disagreements=int((top_ours_N != top_theirs_N).sum()),
        errors_pytorch=int((top_ours_N != labels_N).sum()),
        errors_onnx=int((top_theirs_N != labels_N).sum()),
        ms_per_item_pytorch=original.ms_per_item,
        ms_per_item_onnxruntime=exported.ms_per_item,
    )


def _log_probabilities(outputs_NC: Tensor, output: str) -> Tensor:
    if output == "logits":
        return outputs_NC.log_softmax(1)
    # A probability below the smallest float32 has become 0, whose logarithm would be infinite. The softmax takes back
    # what float32 has made of their sum, without which a KL could be below 0.
    return outputs_NC.clamp_min(torch.finfo(torch.float32).tiny).log().log_softmax(1)


def _as_dict(batch: BatchParity) -> dict[str, Any]:
    return {
        "batch_size": batch.batch_size,
        "examples": batch.examples,
        "agreement": batch.agreement,
        "disagreements": batch.disagreements,
        "max_logit_difference": None if batch.max_logit_difference is None else short(batch.max_logit_difference),
        "max_probability_difference": short(batch.max_probability_difference),
        "mean_difference": short(batch.mean_difference),
        "kl": short(batch.kl),
        "errors_pytorch": batch.errors_pytorch,
        "errors_onnx": batch.errors_onnx,
        "ms_per_item_pytorch": short(batch.ms_per_item_pytorch),
        "ms_per_item_onnxruntime": short(batch.ms_per_item_onnxruntime),
    }
