"""Times, errors and states as a person reads them."""

from datetime import UTC, datetime

import pytest

from workbench.gui.models.run_wording import (
    bytes_words,
    duration_words,
    errors_of,
    errors_sentence,
    errors_words,
    perplexity,
    share_words,
    started_words,
    status_look,
)

_NOW = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("created", "words"),
    [
        ("2026-11-24T14:03:00+00:00", "today 14:03"),
        ("2026-11-24T16:03:00+02:00", "today 14:03"),
        ("2026-11-23T23:59:00+00:00", "yesterday 23:59"),
        ("2026-03-02T09:05:00+00:00", "2 Mar 09:05"),
        ("2025-12-31T09:05:00+00:00", "31 Dec 2025"),
        ("", "–"),
    ],
)
def test_a_start_is_told_as_near_as_it_is(created: str, words: str) -> None:
    assert started_words(created, _NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "–"), (4.24, "4.2 s"), (31.2, "31 s"), (59.7, "1 min 00 s"), (185.0, "3 min 05 s"), (7800.0, "2 h 10 min")],
)
def test_a_training_time_is_told_in_the_unit_that_fits(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


def test_errors_come_with_their_share_and_a_dash_stands_for_none() -> None:
    assert errors_words(1047, 20_000) == "1,047 (5.24 %)"
    assert errors_words(None, 2000) == "–"
    assert share_words(47, 2000) == "47 of 2,000 (2.35 %)"
    assert errors_sentence(1, 2000) == "1 error on 2,000 held-out examples (0.05 %)"
    assert errors_sentence(None, None) == ""


def test_sizes_are_told_in_the_unit_that_fits() -> None:
    assert (bytes_words(99_900), bytes_words(5_110_000)) == ("100 kB", "5.11 MB")


def test_every_status_has_a_shape_of_its_own_beside_its_colour() -> None:
    ended = [status_look(status).icon for status in ("complete", "stopped", "failed", "interrupted", "running")]
    assert len(set(ended)) == len(ended)


def test_what_a_language_model_gets_wrong_is_called_by_its_name() -> None:
    assert errors_words(60, 300, "problems") == "60 wrong answers (20.00 %)"
    assert errors_sentence(60, 300, "problems") == "60 wrong answers to 300 held-out problems (20.00 %)"
    assert errors_sentence(1, 4000, "tokens") == "1 wrong token of 4,000 held-out tokens (0.03 %)"
    assert share_words(60, 300, "problems") == "60 of 300 problems (20.00 %)"
    assert errors_of(60, 300, "problems") == "60 wrong answers of 300"
    assert errors_of(47, 2000) == "47 errors of 2,000"


def test_a_perplexity_too_large_for_a_number_is_infinite() -> None:
    assert perplexity(0.0) == 1.0
    assert perplexity(1e6) == float("inf")
