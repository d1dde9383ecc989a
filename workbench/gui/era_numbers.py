"""The numbers of the two eras: −log p, averaged over what is scored; float64, nats.

C classes, N tokens.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from workbench.gui.distributions import Row, entropy, log_softmax, softmax

# The smallest float32 above 0: a probability that left the engine as 0 was smaller.
_TINIEST = 2.0**-149


@dataclass(frozen=True, eq=False)
class SoftScore:
    """One position, scored against a whole distribution (Hinton, Vinyals & Dean 2015, §2).

    Attributes:
        target_C: What the teacher says at T: the weight of each class.
        student_C: What the student says at T.
        surprise_C: −log p of each class by the student at T.
        average: The surprises averaged by the target's weights: the soft cross-entropy.
        entropy: The teacher's own at T, the least that the average can be.
        divergence: KL(p_T ‖ p_S), the average less that.
        loss: T² times the divergence.
    """

    target_C: Row
    student_C: Row
    surprise_C: Row
    average: float
    entropy: float
    divergence: float
    loss: float


@dataclass(frozen=True, eq=False)
class TokenScore:
    """Many positions, each scored against the one token that the teacher wrote there.

    Attributes:
        surprise_N: −log p of each token by the student.
        running_N: The plain average of the first, the first two, … of them.
    """

    surprise_N: Row
    running_N: Row

    @property
    def average(self) -> float:
        """Over all tokens; 0 where there are none."""
        return float(self.running_N[-1]) if len(self.running_N) else 0.0


def score_distribution(teacher_C: ArrayLike, student_C: ArrayLike, temperature: float) -> SoftScore:
    """Score a student's logits against a teacher's, both at a temperature."""
    target_C, surprise_C = softmax(teacher_C, temperature), -log_softmax(student_C, temperature)
    average, own = float(target_C @ surprise_C), entropy(target_C)
    # Where both say the same, rounding is all that is left.
    divergence = max(average - own, 0.0)
    return SoftScore(
        target_C, softmax(student_C, temperature), surprise_C, average, own, divergence, temperature**2 * divergence
    )


def score_tokens(probabilities_N: ArrayLike) -> TokenScore:
    """Score a student's probabilities of the tokens that a teacher wrote."""
    # A certain token has a surprise of 0, and not of −0.
    surprise_N = 0.0 - np.log(np.clip(np.asarray(probabilities_N, np.float64), _TINIEST, 1.0))
    return TokenScore(surprise_N, np.cumsum(surprise_N) / np.arange(1, len(surprise_N) + 1))


def kept_share(without: float, teacher: float, distilled: float) -> float:
    """How much of what a teacher is better by its student has kept; 1 is all of it."""
    return (distilled - without) / (teacher - without)
