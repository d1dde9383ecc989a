"""Tensors in a file: the same numbers as in memory, and memory that is given back."""

import os

import numpy as np
import psutil
import pytest
import torch

from engine.workshop import CPU, tiny_classifier, tiny_recipe, tiny_stage
from workbench.engine.data import Examples
from workbench.engine.evaluating import logits_of
from workbench.engine.inputs.material import Material
from workbench.engine.inputs.transfer_set import transfer_set
from workbench.engine.mapped import Rows, in_chunks, is_mapped, let_go, map_bytes, on_device
from workbench.engine.teacher_cache import TeacherCache, item_keys
from workbench.engine.teachers import Teachers
from workbench.recipe.inputs import TransferSet
from workbench.recipe.objectives import HardLabels


@pytest.fixture
def pair(tmp_path):
    """The same 40 rows of 4 bytes in a file and in memory."""
    there = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (40, 4), dtype=np.uint8))
    (tmp_path / "rows").write_bytes(there.numpy().tobytes())
    with (tmp_path / "rows").open("rb") as file:
        return map_bytes(file, (40, 4)), there


def test_a_mapped_tensor_and_every_part_of_it_is_known_as_one(pair):
    mapped, there = pair
    assert torch.equal(mapped, there)
    assert is_mapped(mapped)
    assert is_mapped(mapped[10:20])
    assert not is_mapped(mapped[torch.tensor([1, 2])])
    assert not is_mapped(there)
    assert on_device(mapped, torch.device("meta")) is mapped


def test_what_was_let_go_is_read_again_when_it_is_asked_for(pair):
    mapped, there = pair
    let_go(mapped)
    assert torch.equal(mapped, there)
    assert torch.equal(torch.cat(list(in_chunks(mapped, 7))), there)


def test_rows_are_picked_among_some(pair):
    mapped, there = pair
    among = torch.arange(1, 40, 3)
    picked = Rows(mapped, among).pick(torch.tensor([2, 0, 2]), CPU)
    assert torch.equal(picked, there[[7, 1, 7]])


def test_keys_and_logits_are_those_of_the_same_rows_in_memory(pair):
    mapped, there = pair
    assert item_keys(mapped) == item_keys(there)
    model = tiny_classifier()
    assert torch.equal(logits_of(model, mapped), logits_of(model, there))


@pytest.mark.parametrize("settings", [{}, {"omit_classes": (1,)}, {"unlabelled": 0.5}])
@pytest.mark.parametrize("teacher", [True, False])
def test_a_stage_sees_the_same_batches_from_a_file_as_from_memory(pair, settings, teacher):
    inputs = TransferSet(batch_size=8, **settings)
    stage = tiny_stage(inputs=inputs) if teacher else tiny_stage(HardLabels(), inputs=inputs)
    sources = []
    for inputs_NX in pair:
        examples = Examples(inputs_NX, torch.arange(40) % 3, ("0", "1", "2"))
        teachers = Teachers([tiny_classifier()], [1.0], "arithmetic")
        sources.append(transfer_set(stage, Material(tiny_recipe(stage), examples, teachers, TeacherCache(None), CPU)))
    assert sources[0].batches_per_epoch == sources[1].batches_per_epoch
    for number in range(7):
        mapped, there = (source.batch(number) for source in sources)
        assert torch.equal(mapped.inputs_BX, there.inputs_BX)
        assert torch.equal(mapped.labels_N, there.labels_N)
        assert mapped.labelled == there.labelled
        if teacher:
            assert torch.equal(mapped.teacher_NKC, there.teacher_NKC)


@pytest.mark.skipif(
    not hasattr(os, "posix_fadvise"), reason="only Linux says what of a file lies in memory: run it there"
)
def test_going_through_a_large_file_takes_little_memory(tmp_path):
    size, rows = 256 * 2**20, 2**16
    with (tmp_path / "large").open("wb") as file:
        file.truncate(size)
    with (tmp_path / "large").open("rb") as file:
        mapped = map_bytes(file, (rows, size // rows))
    process = psutil.Process()
    before, most = process.memory_info().rss, 0
    picking, random = Rows(mapped), torch.Generator().manual_seed(0)
    for number in range(256):
        picking.pick(torch.randint(rows, (256,), generator=random), CPU)
        if number % 8 == 0:
            most = max(most, process.memory_info().rss - before)
    for chunk in in_chunks(mapped, 4096):
        chunk.sum()
        most = max(most, process.memory_info().rss - before)
    assert most < 150 * 2**20
