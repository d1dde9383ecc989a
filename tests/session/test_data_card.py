"""The data card holds plain values, for whatever kind of data a recipe names."""

import json
import sys

import numpy as np
import pytest
import soundfile
from tokenizers import Tokenizer, models, pre_tokenizers

from workbench.recipe.data import Arrays, Audio, Table, Text
from workbench.session.data_card import DataCard, data_card
from workbench.session.jobs import Cancelled, Job


def card_of(data, folder) -> DataCard:
    return data_card(data, folder, None, Job("Looking", lambda _: None))


def test_a_table_shows_rows_columns_and_classes(tmp_path):
    lines = ["age,city,label", *[f"{n},{('Rome', 'Oslo')[n // 2 % 2]},{('no', 'yes')[n % 2]}" for n in range(40)]]
    (tmp_path / "a.csv").write_text("\n".join([*lines, lines[-1], "50,Rome,"]), encoding="utf-8")
    card = card_of(Table(file="a.csv", validation_fraction=0.25), tmp_path)
    assert card.title == "42 rows in 2 classes"
    assert card.input == "2 columns as 3 numbers"
    assert (card.training + card.held_out, card.unlabelled) == (42, 1)
    assert [row.name for row in card.classes] == ["no", "yes"]
    assert [column.name for column in card.columns] == ["age", "city"]
    assert [name for name, _ in card.samples[0].rows] == ["age", "city"]
    assert card.repeated + card.overlap == 1
    assert {sample.label for sample in card.samples} == {"no", "yes", ""}
    assert any("1 of 42 rows have no label" in note.title for note in card.notes)


def test_texts_are_shown_as_far_as_the_model_reads_them(tmp_path):
    made = Tokenizer(models.WordLevel({"[PAD]": 0, "so": 1, "good": 2, "bad": 3}, "[PAD]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.save(str(tmp_path / "tokenizer.json"))
    rows = [{"text": f"so so {word}", "label": word} for word in ("good", "bad") * 4]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    section = Text(file="a.jsonl", tokenizer="tokenizer.json", max_length=2, validation_fraction=0.5)
    card = card_of(section, tmp_path)
    assert (card.title, card.input) == ("8 texts in 2 classes", "2 tokens")
    assert {sample.words for sample in card.samples} == {"so so"}


def test_sounds_are_shown_as_waves(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for n in range(2):
            soundfile.write(tmp_path / name / f"{n}.wav", np.full(2048, 0.1 * n + 0.1), 16_000)
    card = card_of(Audio(folder=str(tmp_path)), tmp_path)
    assert card.samples[0].wave.shape == (1024,)
    assert card.samples[0].caption.startswith("training example ")


def test_pictures_in_arrays_are_shown_as_bytes(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 1, 8, 8), np.uint8)
    np.savez(tmp_path / "a.npz", inputs=pixels, labels=np.arange(20) % 2)
    card = card_of(Arrays(file="a.npz", validation_fraction=0.5), tmp_path)
    assert card.input == "1 × 8 × 8 pixels"
    assert all(sample.picture.shape == (8, 8) for sample in card.samples)


def test_a_card_that_is_no_longer_wanted_is_not_made(tmp_path):
    (tmp_path / "a.csv").write_text("x,label\n1,a\n2,b\n3,a\n4,b\n", encoding="utf-8")
    job = Job("Looking", lambda _: None)
    job.cancel()
    with pytest.raises(Cancelled):
        data_card(Table(file="a.csv", validation_fraction=0.5), tmp_path, None, job)


def test_the_card_is_known_without_torch():
    import subprocess

    code = "import sys, workbench.session.data_card; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
