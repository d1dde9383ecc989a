"""A damaged file of ours is refused wherever the damage is; a file of an older version is read as before."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from engine.workshop import tiny_classifier
from workbench.engine import checkpoints
from workbench.engine.answers import answers_to_bytes, read_answers
from workbench.engine.checksums import SUMS_FILE, check_sums, forget_sums, write_sums
from workbench.errors import WorkbenchError

ANSWERS = {"labels": torch.tensor([0, 1, 2]), "student": torch.tensor([0, 1, 1]), "teacher": torch.tensor([0, 2, 2])}


def flipped(raw: bytes, place: int, bit: int = 3) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :]


def test_a_flipped_bit_anywhere_in_a_student_is_noticed(tmp_path: Path) -> None:
    raw, path = checkpoints.to_bytes(tiny_classifier()), tmp_path / "student.safetensors"
    for place in range(len(raw)):
        path.write_bytes(flipped(raw, place, place % 8))
        with pytest.raises(WorkbenchError):
            checkpoints.load(path)


def test_a_student_without_a_digest_is_loaded_with_the_same_weights(tmp_path: Path) -> None:
    model = tiny_classifier()
    for name, checksum in (("old", False), ("new", True)):
        (tmp_path / f"{name}.safetensors").write_bytes(checkpoints.to_bytes(model, checksum=checksum))
    old, new = (checkpoints.load(tmp_path / f"{name}.safetensors") for name in ("old", "new"))
    assert old.blueprint == new.blueprint == model.blueprint
    assert all(torch.equal(one, other) for one, other in zip(old.parameters(), new.parameters(), strict=True))


def test_a_flipped_bit_anywhere_in_the_answers_is_noticed(tmp_path: Path) -> None:
    raw, path = answers_to_bytes(ANSWERS), tmp_path / "answers.safetensors"
    for place in range(len(raw)):
        path.write_bytes(flipped(raw, place, place % 8))
        with pytest.raises(WorkbenchError):
            read_answers(path)
    path.write_bytes(raw)
    assert read_answers(path)["teacher"].tolist() == [0, 2, 2]
    path.write_bytes(save(ANSWERS))
    assert read_answers(path)["student"].tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    "answers",
    [
        {"labels": ANSWERS["labels"]},
        {"student": ANSWERS["student"]},
        ANSWERS | {"teacher": torch.tensor([1])},
        ANSWERS | {"student": torch.tensor([0.5, 1.0, 2.0])},
        {name: torch.zeros(0, dtype=torch.int64) for name in ANSWERS},
    ],
    ids=["no student", "no labels", "too few", "fractions", "nothing"],
)
def test_answers_that_no_verdict_can_be_made_of_are_refused(tmp_path: Path, answers: dict[str, torch.Tensor]) -> None:
    (tmp_path / "answers.safetensors").write_bytes(save(answers))
    with pytest.raises(WorkbenchError, match="is broken"):
        read_answers(tmp_path / "answers.safetensors")


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone", "sums flipped", "sums empty", "sums elsewhere"])
def test_a_folder_is_compared_with_its_digests(tmp_path: Path, damage: str) -> None:
    weights, sums = tmp_path / "model.safetensors", tmp_path / SUMS_FILE
    weights.write_bytes(b"weights")
    (tmp_path / "config.json").write_text("{}")
    check_sums(tmp_path)
    write_sums(tmp_path)
    check_sums(tmp_path)
    whole = sums.read_bytes()
    damages = {
        "flipped": lambda: weights.write_bytes(b"weightr"),
        "cut": lambda: weights.write_bytes(b"weight"),
        "gone": weights.unlink,
        "sums flipped": lambda: sums.write_bytes(flipped(whole, 70)),
        "sums empty": lambda: sums.write_bytes(b""),
        "sums elsewhere": lambda: sums.write_bytes(whole.replace(b"config", b"../config")),
    }
    damages[damage]()
    with pytest.raises(WorkbenchError, match="is damaged"):
        check_sums(tmp_path)
    forget_sums(tmp_path)
    check_sums(tmp_path)
