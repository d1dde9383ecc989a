"""What distributions say, in numbers and plain words; only what is true of the numbers that are shown."""

import math
from collections.abc import Sequence

from workbench.gui.distributions import Row, entropy

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Shares closer than this read as the same number, so nothing is said of their order.
_SAME = 1.02
_MOST_TIMES = 1e6
# Of the entropy of equal shares.
_NEARLY_ALIKE = 0.95


def percent(share: float) -> str:
    """A share of 1 for people: 99.7 %, 1.93 %, 0.292 %, 0.003 %, 6·10⁻¹⁴ %."""
    hundredths = 100 * share
    if share >= 0.9995:
        return "> 99.9 %"
    if share >= 0.1:
        return f"{hundredths:.1f} %"
    if share >= 0.01:
        return f"{hundredths:.2f} %"
    if share >= 5e-6:
        return f"{hundredths:.3f} %"
    if share <= 0:
        return "0 %"
    digit, power = f"{hundredths:.0e}".split("e")
    return f"{digit}·{power_of_ten(int(power))} %"


def spoken(share: float) -> str:
    """The same inside a sentence."""
    return percent(share).replace("> ", "more than ")


def nats(value: float) -> str:
    """An entropy or a divergence for people, without its unit."""
    return "< 0.001" if 0 < value < 0.0005 else f"{value:.3f}"


def plain(value: float) -> str:
    """Three significant digits of a number of any size: 12.4, 0.0231, 3.1·10⁻⁷."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        digits = 0 if value == 0 else max(2 - math.floor(math.log10(abs(value))), 0)
        return f"{value:,.{digits}f}"
    digit, power = f"{value:.1e}".split("e")
    return f"{digit}·{power_of_ten(int(power))}"


def times(ratio: float) -> str:
    """How many times as likely: "3.2 times", "1,900 times", "over a million times"."""
    if ratio >= _MOST_TIMES:
        return "over a million times"
    if ratio < 10:
        return f"{ratio:.1f} times"
    size = 10 ** max(math.floor(math.log10(ratio)) - 1, 0)
    return f"{round(ratio / size) * size:,.0f} times"


def power_of_ten(power: int) -> str:
    """Such as 10⁻⁷."""
    return f"10{str(power).translate(_SUPERSCRIPTS)}"


def quoted(name: str) -> str:
    """A class name that cannot be taken for a word of the sentence."""
    return f"“{name}”"


def teacher_says(row_C: Row, label: int, classes: Sequence[str], temperature: float) -> str:
    """One sentence about what a teacher knows of an example that its label cannot say."""
    order = sorted(range(len(row_C)), key=lambda place: -float(row_C[place]))
    first, second, last = order[0], order[1], order[-1]
    if row_C[first] <= _SAME * row_C[last]:
        return f"{_at(temperature, 'The teacher')} finds all {len(row_C):,} classes about equally likely."
    if first != label:
        return (
            f"{_at(temperature, 'The teacher')} takes this {quoted(classes[label])} for {quoted(classes[first])} "
            f"({spoken(row_C[first])}) and leaves {spoken(row_C[label])} for {quoted(classes[label])}."
        )
    sure = f"is {spoken(row_C[first])} sure of" if temperature == 1 else f"gives {spoken(row_C[first])} to"
    opening = f"{_at(temperature, 'The teacher')} {sure} {quoted(classes[first])}"
    if len(row_C) == 2:
        return f"{opening} and leaves {spoken(row_C[second])} for {quoted(classes[second])}."
    if row_C[second] <= _SAME * row_C[last]:
        return f"{opening} and finds the others about equally likely."
    return f"{opening}. {_among_the_others(row_C, second, last, classes)}: that is what the label cannot say."


def student_says(rows: dict[str, Row], label: int, classes: Sequence[str]) -> str:
    """One sentence about what the student has of the teacher's second thought, beside the baseline where there is one.

    Args:
        rows: By "teacher", "student" and "baseline"; all but the student may be missing.
        label: The true class.
        classes: Names.
    """
    student_C = rows["student"]
    answer = int(student_C.argmax())
    if answer != label:
        return f"The student takes it for {quoted(classes[answer])} ({spoken(student_C[answer])})."
    if "teacher" not in rows or int(rows["teacher"].argmax()) != label:
        return f"The student is right with {spoken(student_C[answer])}."
    others = rows["teacher"].copy()
    others[label] = -1.0
    second = int(others.argmax())
    sentence = f"The student gives {quoted(classes[second])} {spoken(student_C[second])}"
    if "baseline" in rows:
        sentence += f"; trained without the teacher, {spoken(rows['baseline'][second])}"
    return f"{sentence}."


def softening_says(row_C: Row, row_at_1_C: Row, classes: Sequence[str], temperature: float) -> str:
    """What a temperature does to a distribution, in a sentence or two."""
    order = sorted(range(len(row_C)), key=lambda place: -float(row_at_1_C[place]))
    first, second = order[:2]
    gives = f"{quoted(classes[first])} {spoken(row_C[first])} and {quoted(classes[second])} {spoken(row_C[second])}"
    if temperature == 1:
        said = f"At T = 1, as it was trained, the teacher gives {gives}."
    else:
        verb = "softened" if temperature > 1 else "sharpened"
        before = spoken(row_at_1_C[second])
        said = f"At T = {temperature:g} the teacher, {verb}, gives {gives} (at T = 1: {before})."
    if entropy(row_C) > _NEARLY_ALIKE * math.log(len(row_C)):
        return f"{said} All classes are nearly alike by now: what is left is their order."
    if len(order) > 2 and row_C[order[2]] > 0 and row_C[second] > _SAME * row_C[order[2]]:
        ratio = times(float(row_C[second] / row_C[order[2]]))
        said += f" {quoted(classes[second])} is {ratio} as likely as {quoted(classes[order[2]])}."
    return said


def _among_the_others(row_C: Row, second: int, last: int, classes: Sequence[str]) -> str:
    liked, disliked = quoted(classes[second]), quoted(classes[last])
    if row_C[last] <= 0:
        return f"Of the others it likes {liked} best ({spoken(row_C[second])}) and {disliked} least"
    ratio = times(float(row_C[second] / row_C[last]))
    return f"It finds {liked} ({spoken(row_C[second])}) {ratio} as likely as {disliked} ({spoken(row_C[last])})"


def _at(temperature: float, who: str) -> str:
    return who if temperature == 1 else f"At T = {temperature:g} {who[0].lower()}{who[1:]}"
