"""The losses of both eras with their numbers in them, as rich text of two lines."""

import math
from html import escape

from workbench.gui.era_examples import ModernExample
from workbench.gui.era_numbers import SoftScore
from workbench.gui.telling import nats, plain

POSITION_FORMULA = (
    "L = T² · [ Σ p<sub>T</sub> · (−log p<sub>S</sub>) − H(p<sub>T</sub>) ] = T² · KL(p<sub>T</sub> ‖ p<sub>S</sub>)"
)
RESPONSE_FORMULA = "L = (1/N) Σ −log p<sub>S</sub>\u2009(token | prompt, what the teacher wrote before it)"
NOTHING = "L = –"
# e to a larger number is none.
_MOST_NATS = 700.0


def position_says(score: SoftScore, temperature: float) -> str:
    """The loss of one position, from the average of −log p to T² · KL."""
    far = nats(score.divergence)
    return (
        f"Average −log p = {nats(score.average)}; less H = {nats(score.entropy)}, KL = {far}"
        f"<br><b>L = {temperature:g}² × {far} = {plain(score.loss)} nats</b>"
    )


def response_says(response: ModernExample, scored: int, current: int | None) -> str:
    """The loss of a response as far as it has been scored.

    Args:
        response: The example.
        scored: So many of its tokens have been scored.
        current: The number of the one that was scored last; None when all is done.
    """
    if not scored:
        return NOTHING
    total = f"{float(response.score.surprise_N[:scored].sum()):.2f}"
    average = nats(float(response.score.running_N[scored - 1]))
    one, until = f"Sum of −log p = {total} nats", ""
    if current is not None:
        token = response.scored[current]
        surprise = nats(float(response.score.surprise_N[current]))
        one, until = f"“{escape(token.shown)}”: p = {token.probability:.3g}, −log p = {surprise}", " so far"
    return f"{one}<br><b>L = {total} / {scored:,} = {average} nats a token{until}</b>"


def count_says(response: ModernExample, scored: int) -> str:
    """How many tokens there are, and when all are scored how many the student wavers between."""
    total = len(response.scored)
    if not total:
        return "No token is scored"
    tokens = "1 token" if total == 1 else f"{total:,} tokens"
    if scored < total:
        return f"{tokens} to score; the prompt is only read"
    return f"{tokens} scored, perplexity {math.exp(min(response.score.average, _MOST_NATS)):.3g}"
