"""Teacher outputs are kept by content: reused for the same items in any order, never for others."""

import os
import sys
import tempfile
from pathlib import Path

import pytest
import torch
from closeness import assert_close
from safetensors.torch import load_file, save_file

from engine.workshop import CPU, tiny_classifier
from workbench.engine.teacher_cache import TeacherCache, item_keys
from workbench.engine.teachers import Teachers

NOBODY = 65534


@pytest.fixture
def teachers() -> Teachers:
    return Teachers([tiny_classifier(seed=seed) for seed in (1, 2)], [1.0, 1.0], "arithmetic")


@pytest.fixture
def inputs_NX() -> torch.Tensor:
    return torch.randn(30, 4, generator=torch.Generator().manual_seed(0))


def asked(folder: Path | None, teachers: Teachers, inputs_NX: torch.Tensor) -> tuple[torch.Tensor, int, int]:
    """The logits from a fresh cache over the folder, with how many were computed and reused."""
    cache = TeacherCache(folder)
    logits_NKC = cache.logits_NKC(teachers, inputs_NX, CPU)
    return logits_NKC, cache.computed, cache.reused


def test_what_is_cached_is_what_the_teachers_say(tmp_path, teachers, inputs_NX):
    for _ in range(2):
        logits_NKC, _, _ = asked(tmp_path, teachers, inputs_NX)
        assert logits_NKC.shape == (30, 2, 3)
        assert_close(logits_NKC, teachers.logits_BKC(inputs_NX))


def test_the_second_time_nothing_is_computed_and_the_bytes_are_the_same(tmp_path, teachers, inputs_NX):
    first, computed, reused = asked(tmp_path, teachers, inputs_NX)
    assert (computed, reused) == (60, 0)
    second, computed, reused = asked(tmp_path, teachers, inputs_NX)
    assert (computed, reused) == (0, 60)
    assert torch.equal(first, second)


def test_a_teacher_read_again_from_its_file_is_the_same_teacher(tmp_path, inputs_NX):
    asked(tmp_path, Teachers([tiny_classifier(seed=1)], [1.0], "arithmetic"), inputs_NX)
    for _ in range(5):
        again = Teachers([tiny_classifier(seed=1)], [2.0], "geometric")
        assert asked(tmp_path, again, inputs_NX)[1:] == (0, 30)


@pytest.mark.parametrize(
    "order", [range(29, -1, -1), range(0, 30, 3), [5, 5, 5]], ids=["reversed", "subset", "repeated"]
)
def test_items_in_another_order_or_number_get_the_same_bytes(tmp_path, teachers, inputs_NX, order):
    whole, _, _ = asked(tmp_path, teachers, inputs_NX)
    chosen = torch.tensor(list(order))
    cached, computed, _ = asked(tmp_path, teachers, inputs_NX[chosen])
    assert computed == 0
    assert torch.equal(cached, whole[chosen])
    afresh, _, _ = asked(None, teachers, inputs_NX[chosen])
    assert torch.equal(afresh, whole[chosen])


def test_only_new_items_are_computed_and_the_old_ones_kept(tmp_path, teachers, inputs_NX):
    asked(tmp_path, teachers, inputs_NX[:20])
    assert asked(tmp_path, teachers, inputs_NX[10:])[1:] == (20, 20)
    assert asked(tmp_path, teachers, inputs_NX)[1:] == (0, 60)


def test_more_items_than_one_batch_holds_are_all_there(tmp_path, teachers):
    many_NX = torch.randn(600, 4)
    logits_NKC, computed, _ = asked(tmp_path, teachers, many_NX)
    assert computed == 1200
    assert_close(logits_NKC, teachers.logits_BKC(many_NX))
    assert torch.equal(asked(tmp_path, teachers, many_NX[590:])[0], logits_NKC[590:])


def test_changed_weights_are_asked_again(tmp_path, teachers, inputs_NX):
    before, _, _ = asked(tmp_path, teachers, inputs_NX)
    changed = [tiny_classifier(seed=seed) for seed in (1, 2)]
    with torch.no_grad():
        changed[0].network[-1].bias += 1.0
    after, computed, reused = asked(tmp_path, Teachers(changed, [1.0, 1.0], "arithmetic"), inputs_NX)
    assert (computed, reused) == (30, 30)
    assert_close(after[:, 0], before[:, 0] + 1)
    assert torch.equal(after[:, 1], before[:, 1])


def test_items_are_known_by_value_type_and_shape():
    numbers = torch.arange(24, dtype=torch.uint8).reshape(2, 12)
    variants = [
        numbers,
        numbers.float(),
        numbers.reshape(2, 3, 2, 2),
        numbers.reshape(2, 3, 4),
        numbers + 1,
    ]
    keys = [key for variant in variants for key in item_keys(variant)]
    assert len(set(keys)) == len(keys) == 10
    assert all(len(key) == 16 for key in keys)
    assert item_keys(numbers.flip(0)) == item_keys(numbers)[::-1]
    assert item_keys(numbers.t().contiguous().t()) == item_keys(numbers)


def broken(path: Path, how: str) -> None:
    stored = load_file(path)
    raw = path.read_bytes()
    if how == "cut short":
        path.write_bytes(raw[: len(raw) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "something else":
        path.write_bytes(b"not a cache" * 100)
    elif how == "other names":
        save_file({"a": stored["keys"], "b": stored["logits"]}, path)
    elif how == "fewer logits":
        save_file({"keys": stored["keys"], "logits": stored["logits"][:-1].contiguous()}, path)
    elif how == "half precision":
        save_file({"keys": stored["keys"], "logits": stored["logits"].bfloat16()}, path)
    else:
        save_file({"keys": stored["keys"], "logits": stored["logits"][:, :-1].contiguous()}, path)


@pytest.mark.parametrize(
    "how",
    ["cut short", "empty", "something else", "other names", "fewer logits", "half precision", "fewer classes"],
)
def test_a_broken_file_is_ignored_and_written_anew(tmp_path, teachers, inputs_NX, how):
    before, _, _ = asked(tmp_path, teachers, inputs_NX)
    for path in tmp_path.iterdir():
        broken(path, how)
    again, computed, _ = asked(tmp_path, teachers, inputs_NX)
    assert computed == 60
    assert torch.equal(again, before)
    assert asked(tmp_path, teachers, inputs_NX)[1] == 0


@pytest.mark.parametrize("name", ["file/cache", "x" * 300], ids=["below a file", "name too long"])
def test_a_folder_that_cannot_be_made_only_costs_the_reuse(tmp_path, teachers, inputs_NX, name):
    (tmp_path / "file").write_text("no folder")
    logits_NKC, computed, _ = asked(tmp_path / name, teachers, inputs_NX)
    assert computed == 60
    assert torch.isfinite(logits_NKC).all()


@pytest.fixture
def ordinary_folder():
    """A folder of an ordinary user, as whom the test runs: permissions do not bind root."""
    if sys.platform == "win32":
        pytest.skip("Windows knows no such permissions; run it on Linux or macOS")
    is_root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if is_root:
            os.chown(folder, NOBODY, -1)
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            folder.chmod(0o755)
            if is_root:
                os.seteuid(0)


@pytest.mark.parametrize("allowed", [0o555, 0o000], ids=["read-only", "closed"])
def test_a_folder_without_permission_only_costs_the_reuse(ordinary_folder, teachers, inputs_NX, allowed):
    ordinary_folder.chmod(allowed)
    logits_NKC, computed, _ = asked(ordinary_folder, teachers, inputs_NX)
    assert computed == 60
    assert torch.isfinite(logits_NKC).all()


def test_nothing_but_the_finished_files_is_left_in_the_folder(tmp_path, teachers, inputs_NX):
    for _ in range(2):
        asked(tmp_path / "deep" / "cache", teachers, inputs_NX)
    assert sorted(path.suffix for path in (tmp_path / "deep" / "cache").iterdir()) == [".safetensors"] * 2


def test_a_full_disk_only_costs_the_reuse(tmp_path, teachers, inputs_NX, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    logits_NKC, computed, _ = asked(tmp_path, teachers, inputs_NX)
    assert computed == 60
    assert torch.isfinite(logits_NKC).all()
    assert list(tmp_path.iterdir()) == []


def test_outputs_of_another_pytorch_are_not_reused(tmp_path, teachers, inputs_NX, monkeypatch):
    asked(tmp_path, teachers, inputs_NX)
    monkeypatch.setattr(torch, "__version__", "99.0")
    assert asked(tmp_path, teachers, inputs_NX)[1] == 60
