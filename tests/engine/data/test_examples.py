"""Examples are refused where they cannot be used, and split by class, by seed, without loss."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.data.examples import Examples, as_examples, split
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError


def numbered(labels: list[int]) -> Examples:
    """Examples whose only feature is their number."""
    inputs_NX = torch.arange(len(labels), dtype=torch.float32)[:, None]
    return as_examples(inputs_NX, torch.tensor(labels), (), "d.npz")


def numbers(examples: Examples) -> list[int]:
    return [int(number) for number in examples.inputs_NX[:, 0]]


def refusal(inputs_NX, labels_N=None, classes=()):
    with pytest.raises(WorkbenchError) as caught:
        as_examples(inputs_NX, labels_N, classes, "d.npz")
    assert "d.npz" in str(caught.value)
    return str(caught.value)


@given(st.lists(st.integers(0, 4), min_size=12, max_size=80), st.floats(0.2, 0.8), st.integers(0, 100))
def test_a_split_loses_nothing_and_holds_out_the_same_share_of_every_class(labels, fraction, seed):
    examples = numbered(labels)
    dataset = split(examples, fraction, seed)
    assert sorted(numbers(dataset.training) + numbers(dataset.validation)) == list(range(len(labels)))
    for part in (dataset.training, dataset.validation):
        assert [labels[number] for number in numbers(part)] == part.labels_N.tolist()
        assert part.classes == examples.classes
    for label in set(labels):
        held_out = dataset.validation.labels_N.tolist().count(label)
        assert abs(held_out - labels.count(label) * fraction) <= 0.5 + 1e-9


def test_a_split_is_a_function_of_its_seed():
    examples = numbered([0, 1] * 20)
    chosen = [numbers(split(examples, 0.25, seed).validation) for seed in (3, 3, 4)]
    assert chosen[0] == chosen[1]
    assert chosen[0] != chosen[2]


def test_unlabelled_examples_are_never_held_out():
    examples = as_examples(torch.zeros(20, 1), torch.tensor([0] * 10 + [-100] * 10), ("a", "b"), "d.npz")
    dataset = split(examples, 0.3, 0)
    assert dataset.validation.labels_N.tolist() == [0] * 3
    assert sorted(dataset.training.labels_N.tolist()) == [-100] * 10 + [0] * 7


@pytest.mark.parametrize("fraction", [0.01, 0.99])
def test_too_few_examples_to_split_are_refused_with_the_numbers(fraction):
    with pytest.raises(WorkbenchError, match=f"3 examples cannot be split with {fraction:g} held out"):
        split(numbered([0, 1, 2]), fraction, 0)


@pytest.mark.parametrize("shape", [(), (5,), (0, 3), (3, 0), (2, 0, 4)])
def test_arrays_without_examples_are_refused_with_their_shape(shape):
    assert str(shape) in refusal(torch.zeros(shape))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_not_finite_are_refused_with_the_first_place(bad):
    inputs_NX = torch.zeros(6, 1, 2, 2)
    inputs_NX[4, 0, 1, 1] = inputs_NX[5, 0, 0, 0] = bad
    assert "2 of 6 examples hold NaN or infinity, the first is number 4" in refusal(inputs_NX)


def test_numbers_that_overflow_float32_are_refused():
    assert "number 1" in refusal(torch.tensor([[1.0], [1e300]], dtype=torch.float64))


def test_complex_numbers_are_refused():
    assert "complex" in refusal(torch.zeros(2, 2, dtype=torch.complex64))


@pytest.mark.parametrize(
    ("labels", "classes", "told"),
    [
        ([0, -1, 2], (), "labels run from -1 to 2; they must be whole numbers from 0"),
        ([0, 1, 3], ("a", "b", "c"), "labels run from 0 to 3, but 3 classes are numbered from 0"),
        ([0, 1, 1_000_000], (), "1000000"),
        ([0, 1], (), "3 inputs but labels of the shape (2,)"),
        ([[0], [1], [2]], (), "3 inputs but labels of the shape (3, 1)"),
    ],
)
def test_labels_that_fit_neither_the_inputs_nor_the_classes_are_refused(labels, classes, told):
    assert told in refusal(torch.zeros(3, 2), torch.tensor(labels), classes)


def test_more_class_names_than_labels_are_kept():
    assert as_examples(torch.zeros(2, 2), torch.tensor([0, 1]), ("a", "b", "c"), "").classes == ("a", "b", "c")


def test_taking_examples_keeps_inputs_and_labels_together():
    taken = numbered([0, 1, 2, 1]).take(torch.tensor([3, 0]))
    assert numbers(taken) == [3, 0]
    assert taken.labels_N.tolist() == [1, 0]
    assert taken.classes == ("0", "1", "2")


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5)), min_size=8, max_size=30), st.integers(0, 50))
def test_what_belongs_together_stays_on_one_side_and_every_class_is_judged(files, seed):
    groups_N = torch.tensor([place for place, (_, count) in enumerate(files) for _ in range(count)])
    labels = [label for label, count in files for _ in range(count)]
    dataset = split(numbered(labels), 0.05, seed, groups_N)
    held_out = {int(groups_N[number]) for number in numbers(dataset.validation)}
    assert not held_out & {int(groups_N[number]) for number in numbers(dataset.training)}
    for label in range(3):
        of_class = {place for place, (other, _) in enumerate(files) if other == label}
        assert len(held_out & of_class) == min(1, max(len(of_class) - 1, 0))


def test_tokens_stay_whole_numbers():
    tokens_NT = torch.tensor([[1, 2, 0], [3, 0, 0]], dtype=torch.int32)
    examples = as_examples(tokens_NT, torch.tensor([0, 1]), (), "d.csv", traits=Traits(reads="tokens"))
    assert examples.inputs_NX.dtype == torch.int32
    assert examples.traits.reads == "tokens"
