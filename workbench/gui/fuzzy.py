"""Finds names from a few typed letters: whole words first, then letters in their order, best fit first."""

from dataclasses import dataclass

# Letters that follow one another say most, then letters that begin a word; a gap says little against.
_CONSECUTIVE, _WORD_START, _LETTER, _GAP, _LARGEST_GAP = 3.0, 2.5, 1.0, 0.08, 1.5
_BEGINS_TEXT = 1.0


@dataclass(frozen=True)
class Match:
    """How well a text fits, and which of its letters were meant."""

    score: float
    places: tuple[int, ...]


def match(query: str, text: str, beside: str = "") -> Match | None:
    """Fit every word of a query into a text, in any order; None when one of them does not fit.

    Args:
        query: What was typed.
        text: The name; `places` of the match count in it.
        beside: Words that may be typed too, such as the menu's name; they count half.
    """
    score, places = 0.0, set[int]()
    for word in query.lower().split():
        own, other = fit(word, text), fit(word, beside)
        if own is not None and (other is None or own.score >= other.score / 2):
            score += own.score
            places.update(own.places)
        elif other is not None:
            score += other.score / 2
        else:
            return None
    # Of two that fit alike the shorter one is meant.
    return Match(score - 0.01 * len(text), tuple(sorted(places)))


def fit(word: str, text: str) -> Match | None:
    """The best way to find the letters of one word in a text, in their order; None when there is none."""
    lower = text.lower()
    # Rare letters become two in lower case; places must count in the text itself.
    lower = lower if len(lower) == len(text) else text
    if not _is_in_order(word, lower):
        return None
    # For each place of the text: the best score of all letters so far with the last one there, and the way to it.
    best: dict[int, tuple[float, tuple[int, ...]]] = {-1: (0.0, ())}
    for letter in word:
        found: dict[int, tuple[float, tuple[int, ...]]] = {}
        for place, other in enumerate(lower):
            if other == letter:
                ways = [
                    (score + _worth(lower, before, place), way)
                    for before, (score, way) in best.items()
                    if before < place
                ]
                if ways:
                    score, way = max(ways)
                    found[place] = (score, (*way, place))
        best = found
    score, places = max(best.values())
    return Match(score, places)


def _is_in_order(word: str, text: str) -> bool:
    letters = iter(text)
    return all(letter in letters for letter in word)


def _worth(text: str, before: int, place: int) -> float:
    worth = _LETTER
    if place == 0:
        worth += _BEGINS_TEXT
    if place == 0 or not text[place - 1].isalnum():
        worth += _WORD_START
    if before >= 0:
        gap = place - before - 1
        worth += _CONSECUTIVE if gap == 0 else -min(_GAP * gap, _LARGEST_GAP)
    return worth
