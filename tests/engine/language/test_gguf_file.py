"""A model as llama.cpp keeps it becomes plain weights that answer the same, and can be trained and saved."""

import shutil
import struct

import pytest
from closeness import assert_close

from engine.language.language_models import answers, gguf_file, tiny_language_model
from workbench.engine.language.chat import Chat
from workbench.engine.language.folder import write_weights
from workbench.engine.language.gguf_header import read_header
from workbench.engine.language.loading import inspect_language_model, is_language_file, read_language_model
from workbench.errors import WorkbenchError

# Tokens of the file's tokenizer.
VOCABULARY = 98


@pytest.fixture(scope="module")
def original():
    return tiny_language_model(vocab_size=VOCABULARY)


@pytest.fixture(scope="module")
def file(tmp_path_factory, original):
    return gguf_file(tmp_path_factory.mktemp("gguf") / "tiny.gguf", original)


@pytest.fixture(scope="module")
def model(file):
    return read_language_model(file)


def test_its_answers_are_those_of_the_model_it_was_written_from(original, model):
    assert_close(answers(model), answers(original))


def test_it_can_be_trained_and_saved(model, tmp_path):
    assert all(parameter.requires_grad for parameter in model.parameters())
    write_weights(model, tmp_path)
    assert_close(answers(read_language_model(tmp_path)), answers(model))


def test_its_tokenizer_and_chat_template_come_along(model):
    chat = Chat(model.blueprint)
    assert chat.text(chat.prompt([{"role": "user", "content": "ab ba"}]), all_of_it=True) == "<s>ab ba</s><s>"
    assert len(chat.plain("ab").tokens) == 2
    assert chat.stop == {1}


def test_its_card_tells_sizes_and_type_without_reading_weights(file):
    card = inspect_language_model(file)
    assert (card.format, card.architecture) == ("GGUF file (F32)", "llama")
    assert (card.vocabulary, card.layers, card.width, card.context, card.chat) == (VOCABULARY, 4, 16, 64, True)
    assert card.parameters == sum(tensor.numel() for tensor in read_language_model(file).parameters())
    assert "blk.0.attn_q.weight" in {row.name for row in card.tensors}
    assert is_language_file(file)


def test_what_lies_beside_it_is_not_read(file, model, tmp_path):
    shutil.copy(file, tmp_path / "model.gguf")
    for name in ("config.json", "adapter_config.json", "tokenizer_config.json", "generation_config.json"):
        (tmp_path / name).write_text('{"auto_map": {"AutoConfig": "evil.Config"}, "eos_token": "!"}')
    other = read_language_model(tmp_path / "model.gguf")
    assert_close(answers(other), answers(model))
    assert other.blueprint == model.blueprint


def refused(path, content):
    path.write_bytes(content)
    with pytest.raises(WorkbenchError) as caught:
        read_language_model(path)
    return caught.value


def test_a_file_that_was_cut_short_is_refused_wherever_it_was_cut(file, tmp_path):
    whole = file.read_bytes()
    for length in (4, 7, 23, 30, 100, 500, 2000, len(whole) // 2, len(whole) - 1):
        error = refused(tmp_path / "cut.gguf", whole[:length])
        assert "is broken as GGUF" in error.title
        assert "cut.gguf" in error.title


@pytest.mark.parametrize("place", [8, 16])
def test_a_file_that_claims_more_than_it_has_is_refused_at_once(file, tmp_path, place):
    whole = bytearray(file.read_bytes())
    whole[place : place + 8] = struct.pack("<Q", 2**62)
    assert "claims 4,611,686,018,427,387,904" in refused(tmp_path / "many.gguf", bytes(whole)).title


def test_a_list_that_claims_no_end_is_refused_at_once(file, tmp_path):
    whole = file.read_bytes()
    at = whole.index(b"tokenizer.ggml.tokens") + len(b"tokenizer.ggml.tokens") + 8
    endless = whole[:at] + struct.pack("<Q", 2**60) + whole[at + 8 :]
    assert "elements" in refused(tmp_path / "endless.gguf", endless).title


def test_more_layers_than_any_model_has_are_refused_before_they_are_built(file, tmp_path):
    whole = file.read_bytes()
    at = whole.index(b"llama.block_count") + len(b"llama.block_count") + 4
    error = refused(tmp_path / "deep.gguf", whole[:at] + struct.pack("<I", 2**31) + whole[at + 4 :])
    assert "2,147,483,648 layers" in error.title


def test_weights_that_are_no_numbers_are_refused(file, tmp_path):
    whole = file.read_bytes()
    error = refused(tmp_path / "nan.gguf", whole[:-64] + struct.pack("<16f", *[float("nan")] * 16))
    assert "NaN" in error.title


def test_a_family_that_is_not_read_from_gguf_is_refused_by_name(file, tmp_path):
    foreign = file.read_bytes().replace(b"llama", b"lalma")
    error = refused(tmp_path / "foreign.gguf", foreign)
    assert "lalma" in error.title
    assert "Hugging Face folder" in error.hint


def test_a_part_of_a_split_file_is_refused_with_the_way_to_join_it(tmp_path):
    from gguf import GGUFWriter

    path = tmp_path / "part.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_uint16("split.count", 3)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(WorkbenchError, match="one of 3 parts; join them"):
        read_header(path)
