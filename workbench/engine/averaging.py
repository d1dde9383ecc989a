"""Several teachers as one: the mean of their probabilities, or of their log-probabilities.

B positions, K teachers, C classes or vocabulary entries.
"""

from torch import Tensor, logsumexp

from workbench.engine.objectives import log_p


def average(logits_BKC: Tensor, weights_K1: Tensor, averaging: str, temperature: float | None) -> Tensor:
    """Logits [B, C] of the ensemble: dividing them by `temperature` gives its averaged distribution.

    Args:
        logits_BKC: Of every teacher.
        weights_K1: Sum to 1.
        averaging: "arithmetic" (mean of probabilities) or "geometric" (mean of log-probabilities).
        temperature: T at which probabilities are averaged; None averages the logits themselves, as logit
            matching does, which is the limit T → ∞.
    """
    if logits_BKC.shape[1] == 1:
        return logits_BKC[:, 0]
    weights_K1 = weights_K1.to(logits_BKC.device, logits_BKC.dtype)
    if temperature is None or averaging == "geometric":
        # A weighted mean of logits is the normalised weighted mean of log-probabilities, at any T.
        return (weights_K1 * logits_BKC).sum(1)
    return temperature * logsumexp(log_p(logits_BKC, temperature) + weights_K1.log(), dim=1)
