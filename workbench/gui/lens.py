"""What is known of each watched example: label, teacher, student and baseline at T = 1 and at the run's T.

C classes.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from workbench.events import Probed
from workbench.gui.distributions import Row, kl, logits_from, softened

TEACHER, STUDENT, BASELINE = "teacher", "student", "baseline"
MOST_CLASSES = 12
_TOP_OF_TEACHER, _TOP_OF_STUDENT = 10, 3


class Seen:
    """One watched example; rows become arrays when they are asked for, since few of many examples are shown.

    Attributes:
        example: Its held-out place.
        label: The true class.
        temperature: The run's T.
    """

    def __init__(self, probed: Probed, place: int, baseline: tuple[float, ...] | None = None) -> None:
        self.example, self.label = probed.examples[place], probed.labels[place]
        self.temperature = probed.temperature
        self._probed, self._place, self._baseline = probed, place, baseline

    @property
    def is_right(self) -> bool:
        """Whether the student's first choice is the true class."""
        row = self._probed.student_at_1[self._place]
        return row.index(max(row)) == self.label

    @cached_property
    def at_1(self) -> dict[str, Row]:
        """Probabilities at T = 1 by who gives them: "teacher", "student", "baseline"; only those there are."""
        rows = self._own(self._probed.teacher_at_1, self._probed.student_at_1)
        if self._baseline is not None:
            rows[BASELINE] = np.array(self._baseline)
        return rows

    @cached_property
    def at_t(self) -> dict[str, Row]:
        """The same at the run's T."""
        rows = self._own(self._probed.teacher_at_t, self._probed.student_at_t)
        if self._baseline is not None:
            # A baseline knows no T: it is softened as the others are, so that they can be compared.
            rows[BASELINE] = softened(self._baseline, self.temperature)
        return rows

    def rows(self, *, soft: bool) -> dict[str, Row]:
        """The distributions at the run's T, or at T = 1."""
        return self.at_t if soft else self.at_1

    def logits(self, who: str) -> Row:
        """Logits of mean zero; from the softer of the two rows, in which fewer small ones have become 0."""
        if self.temperature > 1:
            return logits_from(self.at_t[who], self.temperature)
        return logits_from(self.at_1[who])

    def divergence(self, who: str, *, soft: bool) -> float | None:
        """KL(p_T ‖ p) in nats; None without a teacher, and for the teacher itself."""
        rows = self.rows(soft=soft)
        if TEACHER not in rows or who == TEACHER or who not in rows:
            return None
        return kl(rows[TEACHER], rows[who])

    def classes_shown(self) -> tuple[int, ...]:
        """Every class where there are few; else what the teacher and the student like best, and the true one."""
        leader = self.at_1.get(TEACHER, self.at_1[STUDENT])
        if len(leader) <= MOST_CLASSES:
            return tuple(range(len(leader)))
        chosen = {*_top(leader, _TOP_OF_TEACHER), *_top(self.at_1[STUDENT], _TOP_OF_STUDENT), self.label}
        return tuple(sorted(chosen, key=lambda place: (-float(leader[place]), place)))

    def _own(self, teacher: tuple[tuple[float, ...], ...], student: tuple[tuple[float, ...], ...]) -> dict[str, Row]:
        rows = {TEACHER: np.array(teacher[self._place])} if teacher else {}
        return {**rows, STUDENT: np.array(student[self._place])}


def seen_of(probed: Probed, baseline: Probed | None = None) -> list[Seen]:
    """A look at the watched examples, one by one; the baseline's where it looked at the same ones."""
    rows = dict(zip(baseline.examples, baseline.student_at_1, strict=True)) if baseline else {}
    return [Seen(probed, place, rows.get(example)) for place, example in enumerate(probed.examples)]


def names_for(classes: Sequence[str], count: int) -> tuple[str, ...]:
    """Class names, or numbers before they are known."""
    return tuple(classes) if len(classes) == count else tuple(map(str, range(count)))


def _top(row_C: Row, count: int) -> list[int]:
    return [int(place) for place in np.argsort(-row_C, kind="stable")[:count]]
