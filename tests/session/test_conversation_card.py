"""The card of conversations holds plain values: counts, lengths, and a few of them to read."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import WorkbenchError
from workbench.recipe import Recipe
from workbench.recipe.data import Conversations
from workbench.recipe.inputs import TransferSet
from workbench.recipe.models import CausalLm, Student
from workbench.recipe.objectives import HardLabels
from workbench.recipe.recipe import Stage
from workbench.session.conversation_card import ConversationCard
from workbench.session.data_card import data_card
from workbench.session.inspecting import DataFacts, Inspector
from workbench.session.jobs import Cancelled, Job
from workbench.session.looking import read_held_out


def card_of(folder: Path, rows: list[dict[str, Any]], **section: Any) -> ConversationCard:
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    card = data_card(Conversations(file="a.jsonl", **section), folder, None, Job("Looking", lambda _: None))
    assert isinstance(card, ConversationCard)
    return card


def pairs(count: int) -> list[dict[str, Any]]:
    return [{"prompt": f"What is {n:03}?", "response": "r" * (n + 1), "answer": n} for n in range(count)]


def test_prompts_responses_and_answers_are_counted(tmp_path):
    rows = [*pairs(20), {"prompt": "And now?"}, *pairs(1)]
    card = card_of(tmp_path, rows, validation_fraction=0.25)
    assert card.title == "22 prompts, 21 of them with a response"
    assert card.training + card.held_out == 22
    assert (card.responses, card.answers, card.turns, card.repeated, card.overlap) == (21, 21, 2, 1, 0)
    assert card_of(tmp_path, pairs(4)).title == "4 prompts with their responses"
    assert card_of(tmp_path, [{"prompt": "a"}, {"prompt": "b"}]).title == "2 prompts, none of them with a response"


def test_lengths_are_counted_in_growing_ranges_from_the_shortest_to_the_longest(tmp_path):
    rows = [{"prompt": "p" * 20, "response": "r" * size} for size in (3, 5, 6, 20, 21, 199)]
    lengths = card_of(tmp_path, [{**row, "prompt": f"{n:020}"} for n, row in enumerate(rows)]).lengths
    assert [(found.most, found.prompts, found.responses) for found in lengths] == [
        (5, 0, 2), (10, 0, 1), (20, 6, 1), (50, 0, 1), (100, 0, 0), (200, 0, 1),
    ]  # fmt: skip


def test_half_of_the_examples_and_the_longest_are_told_in_characters(tmp_path):
    card = card_of(tmp_path, [{"prompt": "p" * size} for size in (1, 2, 3, 4, 50)])
    assert (card.median, card.longest) == (3, 50)


def test_samples_come_from_the_whole_file_with_long_texts_cut(tmp_path):
    rows = [{"system": "Be kind.", **row} for row in pairs(200)]
    rows[0]["prompt"] = "x" * 1500
    card = card_of(tmp_path, rows, validation_fraction=0.05)
    captions = [sample.caption for sample in card.samples]
    assert captions[0] == "training example 0"
    assert [caption.split()[0] for caption in captions].count("held-out") == 3
    assert int(captions[7].split()[2]) > 150
    assert dict(card.samples[1].turns)["system"] == "Be kind."
    every = [text for sample in card.samples for _, text in sample.turns]
    assert all(len(text) < 1100 for text in every)
    assert "(500 more characters)" in card.samples[0].turns[1][1]
    assert card.samples[1].answer == card.samples[1].turns[1][1].removeprefix("What is ").removesuffix("?").lstrip("0")


def test_a_conversation_without_end_is_shown_by_its_beginning(tmp_path):
    turns = [{"role": role, "content": str(n)} for n in range(20) for role in ("user", "assistant")]
    card = card_of(tmp_path, [{"messages": turns[:38]}, {"messages": turns}])
    assert card.turns == 40
    assert {(len(sample.turns), sample.left_out) for sample in card.samples} == {(12, 26), (12, 28)}


def test_running_text_counts_as_passages(tmp_path):
    (tmp_path / "a.txt").write_text("Once.\n\nTwice.\n\nThrice upon a time.\n", encoding="utf-8")
    section = Conversations(file="a.txt", plain_text="passages")
    card = data_card(section, tmp_path, None, Job("Looking", lambda _: None))
    assert isinstance(card, ConversationCard)
    assert (card.title, card.are_passages, card.responses) == ("3 passages of running text", True, 0)
    assert {sample.turns[0] for sample in card.samples} == {
        ("", "Once."), ("", "Twice."), ("", "Thrice upon a time."),
    }  # fmt: skip


def test_what_a_person_should_know_is_on_the_card(tmp_path):
    (tmp_path / "held.jsonl").write_text(json.dumps(pairs(1)[0]), encoding="utf-8")
    card = card_of(tmp_path, pairs(4), validation_file="held.jsonl")
    assert (card.held_out, card.overlap) == (1, 1)
    assert any("1 of 1 held-out examples are in the training data too" in note.title for note in card.notes)


def test_a_card_that_is_no_longer_wanted_is_not_made(tmp_path):
    (tmp_path / "a.txt").write_text("a\nb\n", encoding="utf-8")
    job: Job[Any] = Job("Looking", lambda _: None)
    job.cancel()
    with pytest.raises(Cancelled):
        data_card(Conversations(file="a.txt"), tmp_path, None, job)


def test_the_facts_beside_the_fields_are_read_once_until_the_file_changes(tmp_path, monkeypatch):
    import workbench.session.inspecting as module

    times = 0
    read = module.read_conversations

    def counting(*arguments: Any) -> Any:
        nonlocal times
        times += 1
        return read(*arguments)

    monkeypatch.setattr(module, "read_conversations", counting)
    (tmp_path / "a.txt").write_text("a\nb\n", encoding="utf-8")
    inspector, section = Inspector(), Conversations(file="a.txt")
    assert inspector.data(section, tmp_path) == inspector.data(section, tmp_path) == DataFacts(1, 1)
    assert times == 1
    (tmp_path / "a.txt").write_text("a\nb\nc\n", encoding="utf-8")
    assert inspector.data(section, tmp_path) == DataFacts(2, 1)


def test_conversations_are_no_held_out_examples_of_classes(tmp_path):
    recipe = Recipe(
        student=Student(architecture=CausalLm()),
        data=Conversations(file="a.txt"),
        stages=(Stage(inputs=TransferSet(), objective=HardLabels()),),
    )
    with pytest.raises(WorkbenchError, match="conversations, which are no examples of classes"):
        read_held_out(recipe, tmp_path)


def test_the_card_is_known_without_torch():
    code = "import sys, workbench.session.conversation_card; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
