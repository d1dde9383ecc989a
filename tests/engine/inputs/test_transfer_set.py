"""The transfer set: a new order every epoch, batches that depend on their number alone, hidden labels and classes."""

import pytest
import torch
from closeness import assert_close
from hypothesis import given
from hypothesis import strategies as st

from engine.workshop import CPU, tiny_classifier, tiny_recipe, tiny_stage
from workbench.engine.data import Examples
from workbench.engine.inputs import Material, open_source
from workbench.engine.inputs.transfer_set import TransferSetSource, chosen_examples
from workbench.engine.teacher_cache import TeacherCache
from workbench.engine.teachers import Teachers
from workbench.errors import WorkbenchError
from workbench.recipe.inputs import Augmentation, TransferSet
from workbench.recipe.objectives import HardLabels


def numbered(count: int, classes: int = 4) -> Examples:
    """Examples whose first feature is their number and whose label is its remainder."""
    inputs_NX = torch.randn(count, 4, generator=torch.Generator().manual_seed(1))
    inputs_NX[:, 0] = torch.arange(count)
    return Examples(inputs_NX, torch.arange(count) % classes, tuple(map(str, range(classes))))


def source(count: int, seed: int = 0, **settings) -> TransferSetSource:
    return TransferSetSource(TransferSet(**settings), numbered(count), None, seed, CPU)


def numbers(batch) -> list[int]:
    return [int(number) for number in batch.inputs_BX[:, 0]]


@given(st.integers(1, 40), st.integers(1, 12), st.permutations(range(12)))
def test_a_batch_is_a_function_of_its_number_in_whatever_order_they_are_asked_for(count, batch_size, order):
    in_turn = source(count, batch_size=batch_size)
    expected = {number: numbers(in_turn.batch(number)) for number in range(12)}
    jumping = source(count, batch_size=batch_size)
    assert {number: numbers(jumping.batch(number)) for number in order} == expected


@given(st.integers(1, 40), st.integers(1, 50))
def test_an_epoch_shows_no_example_twice_and_leaves_out_less_than_a_batch(count, batch_size):
    batches = source(count, batch_size=batch_size)
    size = min(batch_size, count)
    for epoch in range(2):
        places = range(epoch * batches.batches_per_epoch, (epoch + 1) * batches.batches_per_epoch)
        shown = [number for place in places for number in numbers(batches.batch(place))]
        assert len(shown) == len(set(shown)) == batches.batches_per_epoch * size > count - size
        assert set(shown) <= set(range(count))


def test_epochs_and_seeds_have_orders_of_their_own():
    orders = [tuple(numbers(source(30, seed=seed, batch_size=30).batch(epoch))) for seed in (0, 1) for epoch in (0, 1)]
    assert len(set(orders)) == 4


def test_labels_and_counts_belong_to_the_inputs_of_the_batch():
    batch = source(20, batch_size=8).batch(3)
    assert batch.labels_N.tolist() == [number % 4 for number in numbers(batch)]
    assert (batch.scored, batch.labelled, batch.teacher_NKC) == (8, 8, None)


def test_hidden_labels_are_counted_batch_by_batch():
    examples = chosen_examples(TransferSet(unlabelled=0.5), numbered(40), seed=0)
    batches = TransferSetSource(TransferSet(batch_size=10), examples, None, 0, CPU)
    counts = [(int((b.labels_N != -100).sum()), b.labelled) for b in map(batches.batch, range(4))]
    assert all(seen == told for seen, told in counts)
    assert sum(told for _, told in counts) == 20


def test_omitted_classes_are_left_out_and_the_others_kept_in_order():
    kept = chosen_examples(TransferSet(omit_classes=(1, 3)), numbered(12), seed=0)
    assert kept.inputs_NX[:, 0].tolist() == [0, 2, 4, 6, 8, 10]
    assert kept.labels_N.tolist() == [0, 2, 0, 2, 0, 2]
    assert kept.classes == ("0", "1", "2", "3")


@pytest.mark.parametrize("label", [4, -1])
def test_a_class_that_does_not_exist_cannot_be_omitted(label):
    section = TransferSet.model_construct(omit_classes=(0, label))
    with pytest.raises(WorkbenchError, match=f"omit_classes names {label}, but the labels run from 0 to 3"):
        chosen_examples(section, numbered(12), seed=0)


def test_omitting_every_class_is_refused():
    with pytest.raises(WorkbenchError, match="omit_classes leaves no example"):
        chosen_examples(TransferSet(omit_classes=(0, 1, 2, 3)), numbered(12), seed=0)


@given(st.integers(1, 200), st.floats(0, 1))
def test_exactly_the_share_asked_for_is_unlabelled(count, share):
    labels_N = chosen_examples(TransferSet(unlabelled=share), numbered(count), seed=0).labels_N
    assert abs(int((labels_N == -100).sum()) - count * share) <= 0.5
    known = labels_N != -100
    assert torch.equal(labels_N[known], (torch.arange(count) % 4)[known])


def test_hiding_labels_leaves_the_examples_themselves_untouched():
    examples = numbered(20)
    chosen_examples(TransferSet(unlabelled=0.5), examples, seed=0)
    assert examples.labels_N.tolist() == [number % 4 for number in range(20)]


def test_the_same_labels_are_hidden_from_every_student_of_a_recipe(workshop):
    stage = tiny_stage(inputs=TransferSet(batch_size=8, unlabelled=0.5))
    hidden = []
    for recipe in (tiny_recipe(stage), tiny_recipe(stage).with_seed(7)):
        batches = map(workshop.setup(recipe).stages[0].source.batch, range(6))
        rows = [(batch.inputs_BX[row].tolist(), int(batch.labels_N[row])) for batch in batches for row in range(8)]
        hidden.append(sorted(inputs for inputs, label in rows if label == -100))
    assert hidden[0] == hidden[1]
    assert len(hidden[0]) == 24


def test_cached_teacher_logits_belong_to_the_inputs_of_the_batch(workshop):
    setup = workshop.setup(tiny_recipe(tiny_stage(inputs=TransferSet(batch_size=8, omit_classes=(2,)))))
    for number in (0, 3, 7, 11):
        batch = setup.stages[0].source.batch(number)
        assert batch.teacher_NKC.shape == (8, 1, 4)
        assert_close(batch.teacher_NKC, setup.teachers.logits_BKC(batch.inputs_BX))


@pytest.mark.parametrize(
    "stage",
    [
        tiny_stage(HardLabels()),
        tiny_stage(inputs=TransferSet(batch_size=8, augmentation=Augmentation(noise=0.1))),
    ],
    ids=["hard labels", "augmentation"],
)
def test_teachers_are_not_asked_in_advance_where_it_is_of_no_use(stage):
    teachers, cache = Teachers([tiny_classifier(classes=4)], [1.0], "arithmetic"), TeacherCache(None)
    batches = open_source(stage, Material(tiny_recipe(stage), numbered(48), teachers, cache, CPU))
    assert batches.batch(0).teacher_NKC is None
    assert cache.computed == 0


def test_augmented_batches_are_a_function_of_their_number_too():
    section = TransferSet(batch_size=8, augmentation=Augmentation(noise=0.3))
    first, second = (TransferSetSource(section, numbered(20), None, 0, CPU) for _ in range(2))
    second.batch(5)
    assert torch.equal(first.batch(1).inputs_BX, second.batch(1).inputs_BX)
    assert not torch.equal(first.batch(0).inputs_BX, first.batch(2).inputs_BX)
    assert not torch.equal(
        first.batch(1).inputs_BX, TransferSetSource(section, numbered(20), None, 1, CPU).batch(1).inputs_BX
    )


def test_the_same_example_is_changed_in_another_way_in_every_batch():
    same = Examples(torch.zeros(24, 4), torch.zeros(24, dtype=torch.int64), ("0", "1"))
    section = TransferSet(batch_size=8, augmentation=Augmentation(noise=0.3))
    batches = TransferSetSource(section, same, None, 0, CPU)
    seen = {tuple(batches.batch(number).inputs_BX.flatten().tolist()) for number in range(6)}
    assert len(seen) == 6


def test_hard_labels_see_only_the_labelled_examples_with_the_budget_of_the_whole_set(workshop):
    section = TransferSet(batch_size=8, unlabelled=0.5)
    taught, hard = (
        workshop.setup(tiny_recipe(stage)).stages[0]
        for stage in (tiny_stage(inputs=section), tiny_stage(HardLabels(), inputs=section))
    )
    assert (taught.steps, taught.steps_per_epoch) == (hard.steps, hard.steps_per_epoch) == (6, 6)
    known = {
        tuple(batch.inputs_BX[row].tolist())
        for batch in map(taught.source.batch, range(6))
        for row in range(8)
        if batch.labels_N[row] != -100
    }
    batches = [hard.source.batch(number) for number in range(6)]
    assert all(batch.labelled == batch.scored == 8 for batch in batches)
    shown = [tuple(row) for batch in batches for row in batch.inputs_BX.tolist()]
    assert set(shown) == known
    assert len(known) == 24


def test_hard_labels_without_any_label_are_refused(workshop):
    stage = tiny_stage(HardLabels(), inputs=TransferSet(batch_size=8, unlabelled=1.0))
    with pytest.raises(WorkbenchError, match="label"):
        workshop.setup(tiny_recipe(stage))
