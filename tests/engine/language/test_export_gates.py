"""What an exported graph must be like to be kept, told in words where it is not."""

import dataclasses
import math

import pytest

from workbench.engine.language.exporting.gates import GATES, babbles
from workbench.engine.language.onnx_parity import TextParity

FAITHFUL = TextParity(
    file="model.onnx",
    bytes=1,
    tokens=100,
    scale=20.0,
    largest=1e-5,
    mean=1e-6,
    kl=1e-8,
    agreement=1.0,
    same_greedy=64,
    greedy=64,
    cached=1e-5,
    surprise=0.3,
    own_surprise=0.3,
    repeated=0.1,
    own_repeated=0.1,
    samples=(),
)


@pytest.mark.parametrize(
    ("bits", "changes", "words"),
    [
        (32, {}, ""),
        (32, {"largest": 0.01}, "logits differ"),
        (32, {"cached": math.nan}, "logits differ"),
        (32, {"largest": math.nan}, "logits differ"),
        (32, {"kl": math.nan}, "KL is nan"),
        (8, {"largest": 0.5, "kl": 0.02, "agreement": 0.95}, ""),
        (8, {"kl": 0.2}, "KL is 0.2 nats"),
        (8, {"agreement": 0.85}, "15.0% of the likeliest tokens"),
        (8, {"surprise": 2.5}, "babbles"),
        (8, {"surprise": math.nan}, "babbles"),
        (8, {"repeated": 0.8}, "babbles"),
        (4, {"kl": 0.7, "agreement": 0.6, "surprise": 1.2}, ""),
        (4, {"kl": 2.0}, "KL is 2 nats"),
    ],
)
def test_a_gate_says_in_words_what_is_wrong(bits, changes, words):
    fault = GATES[bits].fault(dataclasses.replace(FAITHFUL, **changes))
    assert words in fault
    assert bool(fault) == bool(words)


def test_a_large_logit_may_differ_by_more():
    assert GATES[32].fault(dataclasses.replace(FAITHFUL, largest=2e-3))
    assert not GATES[32].fault(dataclasses.replace(FAITHFUL, largest=2e-3, scale=100.0))


def test_repeating_oneself_is_no_babbling_where_the_student_does_so_too():
    assert not babbles(dataclasses.replace(FAITHFUL, repeated=0.9, own_repeated=0.8))
