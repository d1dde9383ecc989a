"""Prompts, conversations and texts come out of every form of file, and what cannot be used is named by its place."""

import json
import re
from pathlib import Path
from typing import Any

import polars
import pytest

from workbench.engine.data.conversations import read_dialogues
from workbench.engine.language.dialogues import Dialogue, DialogueSet
from workbench.errors import WorkbenchError
from workbench.recipe.data import Conversations

PAIRS = [{"prompt": f"What is {n} + 1?", "response": f"It is {n + 1}.", "answer": n + 1} for n in range(20)]
CHATS = [
    {"messages": [{"role": "user", "content": f"Say {n}."}, {"role": "assistant", "content": f"{n}!"}]}
    for n in range(20)
]


def lines(folder: Path, rows: list[Any], name: str = "a.jsonl") -> None:
    (folder / name).write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def read(folder: Path, file: str = "a.jsonl", **section: Any) -> DialogueSet:
    return read_dialogues(Conversations(file=file, **section), folder)


def everything(found: DialogueSet) -> list[Dialogue]:
    return [*found.training, *found.held_out]


def said(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(each["role"], each["content"]) for each in dialogue.messages]


def refusal(folder: Path, *rows: Any, **section: Any) -> WorkbenchError:
    lines(folder, list(rows))
    with pytest.raises(WorkbenchError) as caught:
        read(folder, **section)
    return caught.value


def titles(found: DialogueSet, level: str = "warning") -> list[str]:
    return [note.title for note in found.notes if note.level == level]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.parquet", "a.arrow", "stream.arrow", "a.csv", "a.tsv"])
def test_every_form_of_file_gives_the_same_prompts_responses_and_answers(tmp_path, name):
    frame, path = polars.DataFrame(PAIRS), tmp_path / name
    writers = {
        "a.jsonl": lambda: lines(tmp_path, PAIRS),
        "a.json": lambda: path.write_text(json.dumps(PAIRS, indent=2), encoding="utf-8"),
        "a.parquet": lambda: frame.write_parquet(path),
        "a.arrow": lambda: frame.write_ipc(path),
        "stream.arrow": lambda: frame.write_ipc_stream(path),
        "a.csv": lambda: frame.write_csv(path),
        "a.tsv": lambda: frame.write_csv(path, separator="\t"),
    }
    writers[name]()
    found = read(tmp_path, name, validation_fraction=0.25)
    assert (len(found.training), len(found.held_out)) == (15, 5)
    assert sorted(map(said, everything(found))) == sorted(
        [("user", row["prompt"]), ("assistant", row["response"])] for row in PAIRS
    )
    assert {each.answer for each in everything(found)} == {str(n + 1) for n in range(20)}


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet", "a.json", "a.csv"])
def test_whole_conversations_are_read_from_lists_and_from_json_in_a_column(tmp_path, name):
    if name == "a.csv":
        polars.DataFrame([{"messages": json.dumps(row["messages"])} for row in CHATS]).write_csv(tmp_path / name)
    elif name == "a.parquet":
        polars.DataFrame(CHATS).write_parquet(tmp_path / name)
    else:
        text = json.dumps({"version": 1, "data": CHATS}) if name == "a.json" else "\n".join(map(json.dumps, CHATS))
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = read(tmp_path, name)
    assert said(found.training[0])[0][0] == "user"
    assert len(everything(found)) == 20
    assert all(each.has_response for each in everything(found))


def test_the_words_of_other_tools_for_who_speaks_are_understood(tmp_path):
    shared = [
        {"from": "system", "value": "Be kind."}, {"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"},
    ]  # fmt: skip
    parts = [{"role": "User", "content": [{"type": "text", "text": "Hi "}, {"type": "text", "text": "you"}]}]
    lines(tmp_path, [{"conversations": shared, "id": 1}, {"conversations": parts, "id": 2}])
    found = read(tmp_path, validation_fraction=0.5)
    assert sorted(map(said, everything(found))) == [
        [("system", "Be kind."), ("user", "Hi"), ("assistant", "Hello")],
        [("user", "Hi you")],
    ]


def test_an_instruction_is_followed_by_its_input(tmp_path):
    lines(
        tmp_path,
        [
            {"instruction": "Add.", "input": "1 and 2", "output": "3"},
            {"instruction": "Greet.", "input": "", "output": "Hello"},
        ],
    )
    found = everything(read(tmp_path, validation_fraction=0.5))
    assert sorted(map(said, found)) == [
        [("user", "Add.\n\n1 and 2"), ("assistant", "3")],
        [("user", "Greet."), ("assistant", "Hello")],
    ]


def test_prompts_and_completions_may_be_lists_of_messages(tmp_path):
    row = {"prompt": CHATS[0]["messages"][:1], "completion": CHATS[0]["messages"][1:]}
    other = {"prompt": CHATS[1]["messages"][:1], "completion": None}
    lines(tmp_path, [row, other])
    found = everything(read(tmp_path, validation_fraction=0.5))
    assert sorted(map(said, found)) == [[("user", "Say 0."), ("assistant", "0!")], [("user", "Say 1.")]]


def test_a_short_answer_alone_is_learnt_and_compared_and_a_long_one_is_only_learnt(tmp_path):
    lines(tmp_path, [{"question": "1 + 1?", "answer": 2}, {"question": "2 + 2?", "answer": 4.0}])
    assert {(said(each)[-1][1], each.answer) for each in everything(read(tmp_path, validation_fraction=0.5))} == {
        ("2", "2"), ("4", "4"),
    }  # fmt: skip
    lines(tmp_path, [{"question": f"{n}?", "answer": f"First {n}.\nThen more."} for n in range(2)])
    found = everything(read(tmp_path, validation_fraction=0.5))
    assert [each.answer for each in found] == ["", ""]
    assert all(each.has_response for each in found)


def test_fields_are_taken_as_the_recipe_names_them(tmp_path):
    lines(tmp_path, [{"prompt": "no", "ask": f"a{n}", "say": f"b{n}", "know": f"c{n}"} for n in range(4)])
    found = read(tmp_path, prompt="ask", response="say", answer="know", validation_fraction=0.5)
    assert {(*said(each)[0], *said(each)[1], each.answer) for each in everything(found)} == {
        ("user", f"a{n}", "assistant", f"b{n}", f"c{n}") for n in range(4)
    }
    assert not any("names of the columns" in title for title in titles(found, "ok"))


def test_a_guess_is_told(tmp_path):
    lines(tmp_path, [{"query": f"a{n}", "completion": "b"} for n in range(4)])
    assert any(
        "prompts from “query”, responses from “completion”" in title
        for title in titles(read(tmp_path, validation_fraction=0.5), "ok")
    )


def test_the_recipes_instruction_stands_in_place_of_the_rows_own(tmp_path):
    lines(tmp_path, [{"system": "Be brief.", "prompt": "One"}, {"system": None, "prompt": "Two"}])
    found = everything(read(tmp_path, validation_fraction=0.5))
    assert sorted(map(said, found)) == [[("system", "Be brief."), ("user", "One")], [("user", "Two")]]
    found = everything(read(tmp_path, validation_fraction=0.5, system="Rhyme."))
    assert {said(each)[0] for each in found} == {("system", "Rhyme.")}


def test_plain_text_is_a_prompt_a_line_or_passages_between_empty_lines(tmp_path):
    (tmp_path / "a.txt").write_text("[first] line, with a comma\n\n  second line\nthird\n", encoding="utf-8")
    found = read(tmp_path, "a.txt", validation_fraction=0.3)
    assert {said(each)[0][1] for each in everything(found)} == {"[first] line, with a comma", "second line", "third"}
    found = read(tmp_path, "a.txt", plain_text="passages", validation_fraction=0.5)
    assert {each.passage for each in everything(found)} == {"[first] line, with a comma", "  second line\nthird"}
    assert "2 passages of running text, 1 of them held out." in titles(found, "ok")


def test_running_text_in_a_column_is_read_as_passages(tmp_path):
    lines(tmp_path, [{"text": f"Once upon {n} times.", "id": n} for n in range(4)])
    assert {each.passage for each in everything(read(tmp_path))} == {f"Once upon {n} times." for n in range(4)}


def test_the_split_is_seeded_and_keeps_the_order_of_the_file(tmp_path):
    lines(tmp_path, PAIRS)
    first, again, other = read(tmp_path), read(tmp_path), read(tmp_path, seed=1)
    assert first == again
    assert first.digest != other.digest
    assert [each.answer for each in first.held_out] != [each.answer for each in other.held_out]
    numbers = [int(each.answer) for each in first.training]
    assert numbers == sorted(numbers)


def test_what_is_asked_twice_is_never_on_both_sides_of_a_split(tmp_path):
    lines(tmp_path, [{"prompt": f"p{n % 5}", "response": f"r{n}"} for n in range(40)])
    found = read(tmp_path, validation_fraction=0.4)
    sides = [{said(each)[0][1] for each in side} for side in (found.training, found.held_out)]
    assert (len(sides[0]), len(sides[1]), sides[0] & sides[1]) == (3, 2, set())


def test_held_out_rows_of_a_file_of_their_own_are_compared_with_the_training_data(tmp_path):
    lines(tmp_path, [*PAIRS, PAIRS[0]])
    lines(tmp_path, [PAIRS[3], {"prompt": "New?", "response": "Yes."}], "held.jsonl")
    found = read(tmp_path, validation_file="held.jsonl")
    assert (len(found.training), len(found.held_out)) == (21, 2)
    assert any(title.startswith("1 of 2 held-out examples are in the training data") for title in titles(found))
    assert any("1 of 21 training examples only repeat" in title for title in titles(found, "ok"))
    assert any("23 prompts, 2 of them held out; 23 with a response, 22 with a known answer" in title
               for title in titles(found, "ok"))  # fmt: skip


def test_texts_that_are_sure_to_be_cut_are_counted(tmp_path):
    lines(tmp_path, [*PAIRS, {"prompt": "long " * 1000}])
    note = next(title for title in titles(read(tmp_path, max_length=16)) if "characters" in title)
    assert note.startswith("1 of 21 texts have more than 128 characters, the longest 5,000")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"messages": [{"role": "robot", "content": "x"}]}, "message 1 has the role “robot”"),
        ({"messages": []}, "“messages” is empty"),
        ({"messages": "Hello"}, "“messages” is a text, not a list of messages"),
        ({"messages": None}, "“messages” is nothing, not a list"),
        ({"messages": ["x"]}, "message 1 is no object with role and content"),
        ({"messages": [{"role": "user", "content": " "}]}, r"message 1 \(user\) is empty"),
        ({"messages": [{"role": "user", "content": 7}]}, "the content of message 1 is a number, not text"),
        ({"messages": [{"role": "user", "content": "a\0b"}]}, "holds a NUL character"),
        ({"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "a part that is no text but “image”"),
        ({"messages": [{"role": "system", "content": "x"}]}, "the last message is by the system"),
        ({"messages": [*CHATS[0]["messages"], {"role": "system", "content": "x"}]}, "the last message is by the"),
        ({"messages": [CHATS[0]["messages"][0], {"role": "system", "content": "x"}, CHATS[0]["messages"][1]]},
         "message 2 is by the system"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "the assistant speaks before the user has"),
        ({"prompt": "x", "response": "y"}, "there is no “messages” in it as in the rows before, but: prompt, response"),
        ({"messages": [{"role": "user", "content": "x"}] * 10_001}, "at most 10,000 are read"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_refused_by_its_line_or_left_out(tmp_path, row, told):
    error = refusal(tmp_path, *CHATS[:2], row, *CHATS[2:])
    assert error.title.startswith(f"{tmp_path / 'a.jsonl'}, line 3: ")
    assert re.search(told, error.title), error.title
    found = read(tmp_path, skip_broken=True)
    assert len(everything(found)) == 20
    assert any("1 of 21 rows were left out: the first is line 3" in title for title in titles(found))


def test_every_row_that_cannot_be_used_is_counted_and_the_first_are_listed(tmp_path):
    error = refusal(tmp_path, PAIRS[0], {"prompt": ""}, PAIRS[1], {"prompt": 3}, {"ask": 1})
    assert "line 2: “prompt” is empty. 3 of 5 rows cannot be used." in error.title
    assert error.details.splitlines()[1:] == [
        "line 4: “prompt” is a number, not text",
        "line 5: there is no “prompt” in it as in the rows before, but: ask",
    ]
    assert "data.skip_broken" in error.hint


def test_a_file_without_a_known_column_is_refused_with_those_it_has(tmp_path):
    error = refusal(tmp_path, {"left": "a", "right": "b"})
    assert "no column that is known by its name" in error.title
    assert "it has: left, right." in error.title
    assert "no column “ask”; it has: left, right." in refusal(tmp_path, {"left": "a", "right": "b"}, prompt="ask").title


@pytest.mark.parametrize(
    "named", [{"messages": "m", "prompt": "p"}, {"text": "t", "prompt": "p"}, {"messages": "m", "response": "r"}]
)
def test_a_recipe_that_names_two_ways_of_reading_is_refused(tmp_path, named):
    assert "are both named" in refusal(tmp_path, PAIRS[0], **named).title


def test_running_text_cannot_judge_conversations(tmp_path):
    lines(tmp_path, PAIRS)
    lines(tmp_path, [{"text": "Once."}], "held.jsonl")
    with pytest.raises(WorkbenchError, match=r"a\.jsonl holds conversations, and held\.jsonl holds running text"):
        read(tmp_path, validation_file="held.jsonl")


def test_one_prompt_alone_cannot_be_split(tmp_path):
    assert "cannot be split: it asks one thing only, in 2 rows" in refusal(tmp_path, PAIRS[0], PAIRS[0]).title


def test_ragged_rows_of_a_table_are_refused_or_counted(tmp_path):
    (tmp_path / "a.csv").write_text("prompt,response\na,b\nc\nd,e\n", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="line 3"):
        read(tmp_path, "a.csv")
    found = read(tmp_path, "a.csv", skip_broken=True)
    assert any("1 of 3 rows were left out: 1 have too many or too few values" in title for title in titles(found))


def test_half_of_a_pair_of_surrogates_becomes_a_question_mark(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"prompt": "a\\ud800"}\n{"prompt": "b"}\n', encoding="utf-8")
    assert {said(each)[0][1] for each in everything(read(tmp_path, validation_fraction=0.5))} == {"a?", "b"}


def test_a_small_file_cannot_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.engine.data.conversations._LEAST_ROOM", 10_000)
    monkeypatch.setattr("workbench.engine.data.conversations._MOST_TIMES", 1)
    polars.DataFrame({"prompt": ["a long one " * 50] * 5_000}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(WorkbenchError, match="more than 10,000 characters of text, in a file of"):
        read(tmp_path, "a.parquet")


def test_reading_tells_how_far_it_is_and_can_be_ended(tmp_path):
    lines(tmp_path, PAIRS)

    class EnoughError(Exception):
        pass

    def pulse(words: str) -> None:
        raise EnoughError(words)

    with pytest.raises(EnoughError, match=r"Reading a\.jsonl"):
        read_dialogues(Conversations(file="a.jsonl"), tmp_path, pulse)


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("a.jsonl", b'{"prompt": "x"}\n{"prompt": \n', "line 2: it is no JSON"),
        ("a.jsonl", b'{"prompt": "x"}\n7\n', "line 2: it is a JSON value, not an object"),
        ("a.jsonl", b'{"prompt": "x"}\n{"prompt": ' + b"[" * 100_000 + b"\n", "line 2: it is no JSON"),
        ("a.json", b'[{"prompt": "x"},', "a.json is no JSON"),
        ("a.json", b'[{"prompt": "x"}, 7]', "item 2: it is a JSON value"),
        ("a.json", b"[]", "a.json is empty"),
        ("a.txt", b"\n\n", "a.txt is empty"),
        ("a.txt", b"one\ntw\xffo\n", "a.txt is not UTF-8: byte 6"),
        ("a.txt", b"one\ntw\0o\n", "line 2 holds a NUL byte"),
        ("a.parquet", b"PAR1 and no more", "cannot be read as Parquet"),
        ("a.csv", b"PK\x03\x04", "a zip archive"),
        ("absent.jsonl", None, "There is no file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_its_name_and_place(tmp_path, name, raw, told):
    if raw is not None:
        (tmp_path / name).write_bytes(raw)
    with pytest.raises(WorkbenchError, match=told):
        read(tmp_path, name)


def test_a_line_that_is_no_json_may_be_left_out(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"prompt": "x"}\n{"prompt": \n{"prompt": "y"}\n', encoding="utf-8")
    assert len(everything(read(tmp_path, skip_broken=True, validation_fraction=0.5))) == 2


def test_json_that_is_too_large_to_be_read_at_once_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.engine.data.conversation_rows._MOST_JSON", 100)
    (tmp_path / "a.json").write_text(json.dumps(PAIRS), encoding="utf-8")
    with pytest.raises(WorkbenchError, match="Save it as JSON lines or Parquet"):
        read(tmp_path, "a.json")
