"""Texts become tokens of one length, by the tokenizer of the model."""

import json

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from workbench.engine.data import Wishes, read_data
from workbench.engine.data.text import text_examples
from workbench.errors import WorkbenchError
from workbench.recipe.data import Text

WORDS = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "this", "is", "good", "bad", "very"]


@pytest.fixture
def tokenizer(tmp_path):
    made = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, "[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    folder = tmp_path / "model"
    folder.mkdir()
    made.save(str(folder / "tokenizer.json"))
    return folder


def written(folder, texts, name="texts.jsonl"):
    rows = [{"id": n, "text": text, "label": ("no", "yes")[n % 2]} for n, text in enumerate(texts)]
    (folder / name).write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def read(folder, wishes=None, **section):
    return read_data(Text(file="texts.jsonl", **({"validation_fraction": 0.5} | section)), folder, wishes)


def test_texts_are_filled_up_to_the_longest_with_the_padding_token(tmp_path, tokenizer):
    written(tmp_path, ["this is good", "this is", "bad", "is bad"])
    dataset = read(tmp_path, Wishes(tokenizer=tokenizer))
    rows = dataset.training.inputs_NX.tolist() + dataset.validation.inputs_NX.tolist()
    assert sorted(rows) == sorted([[1, 4, 5, 6, 2], [1, 4, 5, 2, 3], [1, 7, 2, 3, 3], [1, 5, 7, 2, 3]])
    traits = dataset.training.traits
    assert (traits.reads, traits.pad, str(dataset.training.inputs_NX.dtype)) == ("tokens", 3, "torch.int32")
    assert Tokenizer.from_str(traits.tokenizer).token_to_id("good") == 6


def test_longer_texts_are_cut_and_keep_their_last_token(tmp_path, tokenizer):
    written(tmp_path, ["this is very very good", "this is very very bad"] * 2)
    dataset = read(tmp_path, Wishes(tokenizer=tokenizer), max_length=4)
    assert set(map(tuple, dataset.training.inputs_NX.tolist())) == {(1, 4, 5, 2)}
    assert any("4 of 4 texts are longer than 4 tokens and are cut" in note.title for note in dataset.training.notes)


def test_held_out_texts_are_as_long_as_the_training_ones(tmp_path, tokenizer):
    written(tmp_path, ["good", "bad"])
    written(tmp_path, ["this is very good", "bad"], "held.jsonl")
    dataset = read(tmp_path, validation_file="held.jsonl", tokenizer="model/tokenizer.json")
    assert dataset.training.inputs_NX.tolist() == [[1, 6, 2], [1, 7, 2]]
    assert dataset.validation.inputs_NX.tolist() == [[1, 4, 2], [1, 7, 2]]


@pytest.mark.parametrize("pad", ["very", {"content": "very"}])
def test_the_models_own_word_for_padding_comes_first(tmp_path, tokenizer, pad):
    (tokenizer / "tokenizer_config.json").write_text(json.dumps({"pad_token": pad}), encoding="utf-8")
    written(tmp_path, ["this is", "bad"] * 2)
    assert read(tmp_path, Wishes(tokenizer=tokenizer)).training.traits.pad == 8


def test_the_padding_and_cutting_that_a_tokenizer_file_asks_for_is_not_applied(tmp_path, tokenizer):
    made = Tokenizer.from_file(str(tokenizer / "tokenizer.json"))
    made.enable_padding(length=50, pad_id=8)
    made.enable_truncation(3)
    made.save(str(tokenizer / "tokenizer.json"))
    written(tmp_path, ["this is good", "bad"] * 2)
    training = read(tmp_path, Wishes(tokenizer=tokenizer)).training
    assert training.inputs_NX.shape[1] == 5
    assert training.traits.pad == 8


def test_without_a_tokenizer_texts_are_refused(tmp_path):
    written(tmp_path, ["good", "bad"])
    with pytest.raises(WorkbenchError, match="which tokenizer"):
        read(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(WorkbenchError, match=r"no tokenizer at .*tokenizer\.json"):
        read(tmp_path, tokenizer="empty")
    (tmp_path / "tokenizer.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="cannot be read as a tokenizer"):
        read(tmp_path, tokenizer="tokenizer.json")


def test_a_tokenizer_without_a_token_for_unknown_words_refuses_them(tmp_path):
    made = Tokenizer(models.WordLevel({"good": 0}, "[UNK]"))
    made.save(str(tmp_path / "tokenizer.json"))
    written(tmp_path, ["good", "bad"])
    with pytest.raises(WorkbenchError, match=r"cannot read these texts.*UNK"):
        read(tmp_path, tokenizer="tokenizer.json")


def test_missing_texts_are_refused_by_their_line_or_left_out(tmp_path, tokenizer):
    written(tmp_path, ["good", "bad", " ", "bad", "good", "bad"])
    with pytest.raises(WorkbenchError, match=r"missing in 1 of 6 rows \(line 3\)"):
        read(tmp_path, Wishes(tokenizer=tokenizer))
    dataset = read(tmp_path, Wishes(tokenizer=tokenizer), skip_broken=True)
    assert len(dataset.training) + len(dataset.validation) == 5
    assert any("1 of 6 rows were left out" in note.title for note in dataset.training.notes)


def test_a_column_of_texts_is_found_by_length_where_no_name_tells(tmp_path, tokenizer):
    lines = ["who,said,label", *[f"Ann,this is {word},{word}" for word in ("good", "bad") * 4]]
    (tmp_path / "texts.jsonl").write_text("\n".join(lines), encoding="utf-8")
    training = read(tmp_path, Wishes(tokenizer=tokenizer)).training
    assert training.inputs_NX[0, 1:3].tolist() == [4, 5]
    assert training.classes == ("bad", "good")


def test_numbers_are_no_texts(tmp_path, tokenizer):
    (tmp_path / "texts.jsonl").write_text('{"text": 1, "label": "a"}\n{"text": 2, "label": "b"}', encoding="utf-8")
    with pytest.raises(WorkbenchError, match="“text” holds Float64, not texts"):
        read(tmp_path, Wishes(tokenizer=tokenizer), text="text")


def test_special_tokens_alone_leave_no_room(tmp_path, tokenizer):
    written(tmp_path, ["good", "bad"])
    with pytest.raises(WorkbenchError, match="2 special ones"):
        read(tmp_path, Wishes(tokenizer=tokenizer), max_length=2)


def test_a_model_reads_other_texts_at_its_own_length(tmp_path, tokenizer):
    written(tmp_path, ["this is good", "bad"] * 2)
    training = read(tmp_path, Wishes(tokenizer=tokenizer)).training
    examples = text_examples(tmp_path / "texts.jsonl", training.traits, 4, ("no", "yes"))
    assert examples.inputs_NX.tolist() == [[1, 4, 5, 2], [1, 7, 2, 3]] * 2
    assert examples.labels_N.tolist() == [0, 1, 0, 1]
