"""Did the teacher help? The distilled student against the same student on hard labels, with a p-value.

S seeds, N held-out examples.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.wording import counted

_RESAMPLES = 10_000
_LEVEL = 0.05


@dataclass(frozen=True)
class Verdict:
    """The comparison in numbers and in words.

    Attributes:
        word: "BEATS", "DOES NOT BEAT" or "INCONCLUSIVE".
        sentence: The whole finding for a person.
        examples: Held-out examples.
        teacher_errors: None where there is no teacher.
        baseline_errors: One a seed.
        distilled_errors: One a seed.
        saved: Errors saved by the teacher, the mean over seeds; negative when it did harm.
        interval: 95 % bootstrap interval of `saved`.
        p_value: Two-sided, of no difference.
        test: Which test gave it.
    """

    word: str
    sentence: str
    examples: int
    teacher_errors: int | None
    baseline_errors: tuple[int, ...]
    distilled_errors: tuple[int, ...]
    saved: float
    interval: tuple[float, float]
    p_value: float
    test: str

    def as_record(self) -> dict[str, Any]:
        """As a plain dictionary, for JSON."""
        return {name: [*value] if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def judge(
    labels_N: NDArray[np.int64],
    teacher_N: NDArray[np.int64] | None,
    baseline_SN: NDArray[np.int64],
    distilled_SN: NDArray[np.int64],
    groups_N: NDArray[np.int64] | None = None,
) -> Verdict:
    """Compare answers on the same held-out examples, seed by seed.

    One seed: McNemar's exact test. Several: a paired bootstrap over examples, since the answers of different seeds
    to one example are not independent; nor are the tokens of one text, so that texts are drawn then.

    Args:
        labels_N: The truth.
        teacher_N: The teacher's answers.
        baseline_SN: Answers of the students on hard labels.
        distilled_SN: Answers of the distilled students, same seeds.
        groups_N: Which text each answer is a token of; None where answers stand alone.
    """
    baseline_wrong_SN, distilled_wrong_SN = baseline_SN != labels_N, distilled_SN != labels_N
    saved_N = baseline_wrong_SN.mean(0) - distilled_wrong_SN.mean(0)
    drawn = saved_N if groups_N is None else np.bincount(groups_N, weights=saved_N).astype(np.float64)
    interval, bootstrap_p = _bootstrap(drawn)
    if groups_N is not None:
        p_value, test = bootstrap_p, f"paired bootstrap over {counted(len(drawn), 'text')}"
    elif len(baseline_SN) == 1:
        p_value, test = mcnemar(baseline_wrong_SN[0], distilled_wrong_SN[0]), "McNemar's exact test"
    else:
        p_value, test = bootstrap_p, f"paired bootstrap over {counted(len(labels_N), 'example')}"
    saved = float(saved_N.sum())
    unit = "examples" if groups_N is None else "tokens"
    word = "INCONCLUSIVE" if p_value >= _LEVEL else "BEATS" if saved > 0 else "DOES NOT BEAT"
    baseline, distilled = _counts(baseline_wrong_SN), _counts(distilled_wrong_SN)
    teacher_errors = None if teacher_N is None else int((teacher_N != labels_N).sum())
    sentence = (
        f"The distilled student {_VERBS[word]} the same student on hard labels: {_mean(distilled)} against "
        f"{_mean(baseline)} errors on {len(labels_N):,} held-out {unit} "
        f"({saved:.1f} saved, 95 % interval {interval[0]:.1f} to {interval[1]:.1f}; p {_p_text(p_value)}, {test})."
    )
    return Verdict(word, sentence, len(labels_N), teacher_errors, baseline, distilled, saved, interval, p_value, test)


def mcnemar(one_wrong_N: NDArray[np.bool_], other_wrong_N: NDArray[np.bool_]) -> float:
    """Two-sided exact p-value of McNemar's test: are the examples only one of them gets wrong a fair coin?"""
    only_one = int((one_wrong_N & ~other_wrong_N).sum())
    only_other = int((~one_wrong_N & other_wrong_N).sum())
    total, fewer = only_one + only_other, min(only_one, only_other)
    tail = sum(math.comb(total, count) for count in range(fewer + 1))
    return min(1.0, float(2 * tail / 2**total))


def _bootstrap(saved_N: NDArray[np.float64]) -> tuple[tuple[float, float], float]:
    """95 % interval and two-sided p-value of the summed difference, examples drawn with replacement."""
    random = np.random.default_rng(0)
    count = len(saved_N)
    # Only the distinct values matter: drawing their counts is the same experiment and needs little memory.
    values, frequency = np.unique(saved_N, return_counts=True)
    sums = random.multinomial(count, frequency / count, size=_RESAMPLES) @ values
    low, high = np.quantile(sums, [0.025, 0.975])
    not_above = (1 + int((sums <= 0).sum())) / (1 + _RESAMPLES)
    not_below = (1 + int((sums >= 0).sum())) / (1 + _RESAMPLES)
    # No exact test of so few differences, each a fair coin's toss, could say more than this.
    least = 2.0 ** (1 - int((saved_N != 0).sum()))
    return (float(low), float(high)), min(1.0, max(2 * min(not_above, not_below), least))


_VERBS = {
    "BEATS": "BEATS",
    "DOES NOT BEAT": "DOES NOT BEAT",
    "INCONCLUSIVE": "cannot be told apart (INCONCLUSIVE) from",
}


def _counts(wrong_SN: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(count) for count in wrong_SN.sum(1))


def _mean(errors: tuple[int, ...]) -> str:
    mean = sum(errors) / len(errors)
    return f"{mean:g}" if len(errors) == 1 else f"{mean:.1f} ({min(errors)}–{max(errors)})"


def _p_text(p_value: float) -> str:
    return f"= {p_value:.2g}" if p_value >= 0.001 else "< 0.001"
