"""Distributions over classes: softened, compared, and what a soft target pulls at; float64, in log space, nats.

C classes, K temperatures.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Row = NDArray[np.float64]

# The smallest float32 above 0: a probability that left the engine as 0 was smaller.
_TINIEST = 2.0**-149


def logits_from(probabilities_C: ArrayLike, temperature: float = 1.0) -> Row:
    """Logits of mean zero that softmax, at this temperature, turns into these probabilities.

    A logit is only known up to a constant, which no distribution shows. What underflowed to 0 counts as the
    smallest float32 there is, so a higher temperature keeps more of the small ones.
    """
    log_C = np.log(np.maximum(np.asarray(probabilities_C, np.float64), _TINIEST))
    logits_C: Row = temperature * (log_C - log_C.mean())
    return logits_C


def log_softmax(logits_C: ArrayLike, temperature: float = 1.0) -> Row:
    """Log-probabilities of logits at a temperature, over the last axis."""
    scaled_C = np.asarray(logits_C, np.float64) / temperature
    shifted_C = scaled_C - scaled_C.max(-1, keepdims=True)
    log_C: Row = shifted_C - np.log(np.exp(shifted_C).sum(-1, keepdims=True))
    return log_C


def softmax(logits_C: ArrayLike, temperature: float = 1.0) -> Row:
    """Probabilities of logits at a temperature, over the last axis."""
    probabilities_C: Row = np.exp(log_softmax(logits_C, temperature))
    return probabilities_C


def softened(p_at_1_C: ArrayLike, temperature: float) -> Row:
    """A distribution given at T = 1, at another temperature."""
    return softmax(logits_from(p_at_1_C), temperature)


def entropy(probabilities_C: ArrayLike) -> float:
    """How undecided a distribution is, in nats: 0 when certain, ln(classes) when all are equal."""
    p_C = np.asarray(probabilities_C, np.float64)
    said_C = p_C[p_C > 0]
    return max(float(-(said_C * np.log(said_C)).sum()), 0.0)


def kl(p_C: ArrayLike, q_C: ArrayLike) -> float:
    """KL(p ‖ q) in nats: what q misses of p; 0 only where they are equal."""
    p_C, q_C = np.asarray(p_C, np.float64), np.maximum(np.asarray(q_C, np.float64), _TINIEST)
    said = p_C > 0
    # Rows are float32 softmaxes and sum to 1 only nearly; what that adds below 0 is rounding.
    return max(float((p_C[said] * np.log(p_C[said] / q_C[said])).sum()), 0.0)


def soft_gradient(teacher_C: ArrayLike, student_C: ArrayLike, temperature: float, *, squared: bool = True) -> Row:
    """∂/∂z_S of KL(p_T ‖ p_S) with both at T, times T² where `squared` (Hinton, Vinyals & Dean 2015, §2.1).

    Args:
        teacher_C: The teacher's logits.
        student_C: The student's logits.
        temperature: T.
        squared: Whether the loss carries its factor T².
    """
    difference_C = softmax(student_C, temperature) - softmax(teacher_C, temperature)
    gradient_C: Row = difference_C * (temperature if squared else 1 / temperature)
    return gradient_C


def gradient_sizes(teacher_C: ArrayLike, student_C: ArrayLike, temperatures_K: ArrayLike) -> tuple[Row, Row]:
    """Lengths of the soft term's gradient at many temperatures: without T², and with it."""
    t_K = np.asarray(temperatures_K, np.float64)
    z_t, z_s = (np.asarray(logits, np.float64)[None, :] / t_K[:, None] for logits in (teacher_C, student_C))
    differences_K = np.linalg.norm(softmax(z_s) - softmax(z_t), axis=1)
    return differences_K / t_K, differences_K * t_K


def hard_gradient(student_C: ArrayLike, label: int) -> Row:
    """∂/∂z_S of the hard label's cross-entropy at T = 1."""
    gradient_C = softmax(student_C)
    gradient_C[label] -= 1
    return gradient_C


def limit_gradient(teacher_C: ArrayLike, student_C: ArrayLike) -> Row:
    """What the soft term's gradient, times T², tends to as T → ∞: (z_S − z_T) / classes, logits of mean zero."""
    z_t, z_s = np.asarray(teacher_C, np.float64), np.asarray(student_C, np.float64)
    gradient_C: Row = ((z_s - z_s.mean()) - (z_t - z_t.mean())) / len(z_t)
    return gradient_C
