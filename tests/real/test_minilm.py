"""all-MiniLM-L6-v2: an encoder of sentences, which is no classifier until it gets a head."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.engine import checkpoints
from workbench.events import Evaluated, Event, Failed, Finished

_THINGS = {
    "food": ("soup", "bread", "cheese", "salad", "cake", "rice", "pasta", "fruit"),
    "weather": ("rain", "snow", "wind", "sunshine", "fog", "hail", "thunder", "frost"),
}
_SENTENCES = ("We had {} today.", "There was so much {}!", "I did not expect {}.", "More {} than last week, they say.")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """64 sentences on food or on the weather."""
    path = tmp_path / "texts.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "label"])
        rows.writerows(
            [sentence.format(thing), topic]
            for topic, things in _THINGS.items()
            for thing in things
            for sentence in _SENTENCES
        )
    return path


def _recipe(texts: Path, **models: Any) -> dict[str, Any]:
    data = {"kind": "text", "file": str(texts), "max_length": 16, "validation_fraction": 0.25}
    stage = {
        "inputs": {"kind": "transfer_set", "batch_size": 16},
        "objective": {"kind": "hard_labels"},
        "optimisation": {"optimiser": "adamw", "learning_rate": 3e-4, "epochs": 3},
    }
    return {**models, "data": data, "stages": [stage], "export": {"onnx": False}}


def test_its_card_says_that_it_has_no_head_and_is_the_start_of_a_classifier_of_texts(minilm: Path) -> None:
    card = checkpoints.inspect(minilm)
    assert (card.parameters, len(card.tensors)) == (22_713_216, 104)
    assert "no head" in card.architecture
    assert card.classes == ()
    assert card.tokenizer == str(minilm)
    (note,) = [note for note in card.notes if "no head" in note.title]
    assert "start of a classifier of texts" in note.title
    assert "student" in note.fix


@pytest.mark.slow
def test_as_the_start_of_a_student_it_learns_to_tell_texts_apart(
    minilm: Path, texts: Path, follow: Callable[[dict[str, Any]], list[Event]]
) -> None:
    events = follow(_recipe(texts, student={"checkpoint": str(minilm)}))
    assert isinstance(events[-1], Finished), events[-1]
    scores = [event for event in events if isinstance(event, Evaluated) and event.subject == "student"]
    assert scores[-1].examples == 16
    assert scores[-1].errors <= 2
    assert scores[-1].cross_entropy < 0.7 * scores[0].cross_entropy


def test_as_a_teacher_it_is_refused_in_words(
    minilm: Path, texts: Path, follow: Callable[[dict[str, Any]], list[Event]]
) -> None:
    student = {"architecture": {"kind": "hugging_face_config", "config": str(minilm), "layers": 0.34, "width": 0.5}}
    recipe = _recipe(texts, teachers=[{"checkpoint": str(minilm)}], student=student)
    recipe["stages"][0]["objective"] = {"kind": "soft_targets"}
    last = follow(recipe)[-1]
    assert isinstance(last, Failed)
    assert str(minilm) in last.title
    assert "no head" in last.title
    assert "student" in last.hint
