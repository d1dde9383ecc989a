"""What a dropped file or folder is read as, told by its beginning, and what becomes of data that judges."""

import gzip
import json
import os
import struct
import wave
from pathlib import Path

import numpy as np
import polars
import pytest
from PIL import Image

from workbench.errors import WorkbenchError
from workbench.recipe.data import Arrays, Audio, Conversations, Idx, ImageFolder, Table, Text
from workbench.recipe.drafts import checked_section, fresh
from workbench.session.guessing_data import as_held_out, guess_data

_KINDS = {
    "idx": Idx,
    "arrays": Arrays,
    "image_folder": ImageFolder,
    "table": Table,
    "text": Text,
    "audio": Audio,
    "conversations": Conversations,
}


def guessed(path: Path) -> dict:
    found = guess_data(path)
    assert found is not None
    assert checked_section(_KINDS[found["kind"]], found) is not None, "the recipe takes it as it stands"
    return found


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (3, 3)).save(path)


def sound(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(64))


def idx(path: Path, *shape: int) -> None:
    path.write_bytes(b"\0\0\x08" + bytes([len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + bytes(np.prod(shape)))


def test_a_folder_with_folders_of_pictures_is_an_image_folder(tmp_path: Path) -> None:
    picture(tmp_path / "cats" / "1.png")
    (tmp_path / "read me.txt").write_text("hello")
    assert (guessed(tmp_path)["kind"], guessed(tmp_path)["folder"]) == ("image_folder", str(tmp_path))


def test_folders_called_train_and_val_are_trained_on_and_judged_by(tmp_path: Path) -> None:
    for part in ("train", "val"):
        picture(tmp_path / part / "cats" / "1.png")
    found = guessed(tmp_path)
    assert found["folder"] == str(tmp_path / "train")
    assert found["validation_folder"] == str(tmp_path / "val")


def test_a_folder_with_folders_of_sounds_is_audio(tmp_path: Path) -> None:
    sound(tmp_path / "a" / "1.wav")
    sound(tmp_path / "b" / "2.WAV")
    picture(tmp_path / "b" / "cover.png")
    assert guessed(tmp_path)["kind"] == "audio"


def test_a_folder_of_mnist_is_read_whole(tmp_path: Path) -> None:
    for part in ("train", "t10k"):
        idx(tmp_path / f"{part}-images-idx3-ubyte", 2, 3, 3)
        idx(tmp_path / f"{part}-labels-idx1-ubyte", 2)
    found = guessed(tmp_path)
    assert [Path(found[name]).name for name in ("images", "labels", "validation_images", "validation_labels")] == [
        "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
    ]  # fmt: skip


def test_idx_labels_lead_to_their_pictures(tmp_path: Path) -> None:
    idx(tmp_path / "digits-images", 2, 3, 3)
    idx(tmp_path / "digits-labels", 2)
    assert guessed(tmp_path / "digits-labels")["images"] == str(tmp_path / "digits-images")


def test_a_zipped_idx_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "digits-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(b"\0\0\x08\x03"))
    assert guessed(path)["kind"] == "idx"


def test_arrays_are_named_as_the_archive_names_them(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", x_train=np.zeros((2, 2)), y_train=np.zeros(2))
    found = guessed(tmp_path / "mine.npz")
    assert (found["kind"], found["inputs"], found["labels"]) == ("arrays", "x_train", "y_train")


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_columns_of_numbers_are_a_table(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "data"
    path.write_text("\n".join(delimiter.join(row) for row in (["a", "b", "c"], ["1", "2", "x"], ["3", "4", "y"])))
    assert guessed(path)["kind"] == "table"


def test_one_column_of_sentences_and_a_label_are_texts(tmp_path: Path) -> None:
    rows = [
        ("text", "label"),
        ("The film was long, and dull beyond words.", "bad"),
        ("I would watch it again.", "good"),
    ]
    csv = tmp_path / "reviews.csv"
    csv.write_text("\n".join(f'"{text}",{label}' for text, label in rows))
    lines = tmp_path / "reviews.jsonl"
    lines.write_text("\n".join(json.dumps({"review": text, "stars": 1}) for text, _ in rows[1:]))
    parquet = tmp_path / "reviews.parquet"
    polars.DataFrame([row[0] for row in rows[1:]], schema=["text"]).with_columns(label=1).write_parquet(parquet)
    assert [guessed(path)["kind"] for path in (csv, lines, parquet)] == ["text"] * 3


def test_texts_of_a_few_words_are_texts_and_names_of_one_or_two_are_not(tmp_path: Path) -> None:
    texts, names = tmp_path / "texts.jsonl", tmp_path / "names.jsonl"
    for path, cells in ((texts, ("a good film", "a very dull book")), (names, ("New Zealand", "United Kingdom"))):
        path.write_text("\n".join(json.dumps({"text": cell, "label": "x"}) for cell in cells))
    assert [guessed(path)["kind"] for path in (texts, names)] == ["text", "table"]


def test_parquet_and_arrow_with_numbers_are_tables(tmp_path: Path) -> None:
    frame = polars.DataFrame({"a": [1, 2], "b": [0.5, 1.5], "c": ["x", "y"]})
    frame.write_parquet(tmp_path / "a")
    frame.write_ipc(tmp_path / "b")
    assert [guessed(tmp_path / name)["kind"] for name in ("a", "b")] == ["table"] * 2


def test_a_list_of_files_is_the_list_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "all.csv").write_text("file,label\n1.png,cat\n2.jpg,dog\n")
    found = guessed(tmp_path / "all.csv")
    assert (found["kind"], found["folder"]) == ("image_folder", str(tmp_path))
    assert found["listing"] == str(tmp_path / "all.csv")


def test_prose_settings_and_empty_files_are_no_data(tmp_path: Path) -> None:
    texts = {"a": "hello, world\nand more\n", "b": '{"hidden_size": 64}', "c": "", "d": "\0\0,\n1,2\n"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    assert [guess_data(tmp_path / name) for name in texts] == [None] * 4


def test_a_big_folder_is_told_from_its_first_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        picture(tmp_path / f"class {number}" / "deep" / "1.png")
        picture(tmp_path / f"class {number}" / "1.png")
    seen: list[str] = []
    scan = os.scandir

    def counted(path: str) -> object:
        seen.append(str(path))
        return scan(path)

    monkeypatch.setattr("workbench.session.guessing_data.os.scandir", counted)
    assert guessed(tmp_path)["kind"] == "image_folder"
    assert len(set(seen)) <= 42
    assert not any("deep" in path for path in seen)


def test_data_to_judge_by_goes_into_the_fields_for_it() -> None:
    now = {**fresh(ImageFolder), "folder": "mine", "size": [32, 32]}
    held_out = as_held_out(now, {**fresh(ImageFolder), "folder": "other", "listing": "other/list.csv"})
    assert held_out == {**now, "validation_folder": "other", "validation_listing": "other/list.csv"}


def test_a_table_judges_texts_and_texts_a_table() -> None:
    now = {**fresh(Text), "file": "a.csv"}
    assert as_held_out(now, {**fresh(Table), "file": "b.csv"})["validation_file"] == "b.csv"


def test_data_of_another_kind_cannot_judge() -> None:
    with pytest.raises(WorkbenchError, match="“table”, and this is “image folder”"):
        as_held_out(fresh(Table), fresh(ImageFolder))


def test_a_table_cannot_judge_arrays_though_both_are_one_file() -> None:
    with pytest.raises(WorkbenchError, match="“arrays”, and this is “table”"):
        as_held_out(fresh(Arrays), fresh(Table))


_CHAT = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]


@pytest.mark.parametrize(
    "row",
    [
        {"id": 1, "messages": _CHAT},
        {"conversations": [{"from": "human", "value": "Hi"}]},
        {"messages": json.dumps(_CHAT), "label": "x"},
        {"prompt": "12 + 5 ="},
        {"question": "12+5", "answer": "17"},
        {"problem": "What is 12 and 5?", "solution": "17", "level": 3},
        {"Instruction": "Say hello to me.", "input": "", "output": "Hello"},
        {"prompt": "Say hello.", "chosen": "Hello", "rejected": "No"},
    ],
)
def test_messages_and_prompts_are_conversations_in_every_form_of_file(tmp_path: Path, row: dict) -> None:
    rows = [row, row]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "a.json").write_text(json.dumps(rows, indent=1))
    polars.DataFrame(rows).write_parquet(tmp_path / "a.parquet")
    assert [guessed(tmp_path / f"a.{form}")["kind"] for form in ("jsonl", "json", "parquet")] == ["conversations"] * 3


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"question": "Is it raining today?", "label": "yes"}, "text"),
        ({"text": "A long and dull film.", "label": "bad"}, "text"),
        ({"text": "A long and dull film.", "answer": "bad"}, "text"),
        ({"input": 3.5, "output": 1.5}, "table"),
        ({"problem": "flu", "age": 3, "weight": 4}, "table"),
        ({"task": "a", "user": "b", "target": "c"}, "table"),
    ],
)
def test_texts_with_a_label_and_numbers_stay_what_they_are(tmp_path: Path, row: dict, kind: str) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, [row, row])))
    assert guessed(tmp_path / "a.jsonl")["kind"] == kind


def test_a_list_of_prompts_in_csv_is_conversations(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("prompt,response\n1 + 1?,two\n2 + 2?,four\n")
    assert guessed(tmp_path / "a.csv")["kind"] == "conversations"


def test_a_text_file_is_prompts_or_passages_by_its_empty_lines(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("What is new?\nWho are you?\n\n")
    (tmp_path / "b.txt").write_text("Once upon a time.\nThe end.\n\nAnd again, once.\n")
    (tmp_path / "c.txt").write_text("alone")
    assert [guessed(tmp_path / name)["plain_text"] for name in ("a.txt", "b.txt")] == ["prompts", "passages"]
    assert guess_data(tmp_path / "c.txt") is None


def test_a_json_list_that_is_no_conversations_is_no_data(tmp_path: Path) -> None:
    for name, text in {"a": "[1, 2, 3]", "b": '[{"x": 1}, {"x": 2}]', "c": "[" * 50_000, "d": "[[], []]"}.items():
        (tmp_path / name).write_text(text)
    assert [guess_data(tmp_path / name) for name in "abcd"] == [None] * 4


def test_a_long_json_list_is_told_from_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"messages": _CHAT}] * 5_000))
    assert guessed(tmp_path / "a.json")["kind"] == "conversations"


def test_held_out_conversations_go_beside_conversations_and_texts_do_not() -> None:
    now = {**fresh(Conversations), "file": "a.jsonl"}
    assert as_held_out(now, {**fresh(Conversations), "file": "b.jsonl"})["validation_file"] == "b.jsonl"
    with pytest.raises(WorkbenchError, match="“conversations”, and this is “text”"):
        as_held_out(now, fresh(Text))
