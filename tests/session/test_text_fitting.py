"""Texts as tokens and back: cut, filled up, and readable again."""

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from workbench.errors import WorkbenchError
from workbench.session.text_fitting import TextReader

WORDS = {"[PAD]": 0, "[CLS]": 1, "[UNK]": 2, "a": 3, "good": 4, "film": 5}


@pytest.fixture
def reader() -> TextReader:
    tokenizer = Tokenizer(WordLevel(WORDS, unk_token="[UNK]"))  # noqa: S106 - a word, no password
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.add_special_tokens(["[PAD]", "[CLS]", "[UNK]"])
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A", special_tokens=[("[CLS]", 1)])
    return TextReader(tokenizer.to_str(), 4, 0)


def test_a_short_text_is_filled_up_and_a_long_one_cut(reader: TextReader):
    assert reader.tokens("good film").tolist() == [1, 4, 5, 0]
    assert reader.tokens("a good film a good film").tolist() == [1, 3, 4, 5]


def test_tokens_read_back_without_what_only_the_model_sees(reader: TextReader):
    assert reader.words(reader.tokens("a good film")) == "a good film"


def test_what_a_tokenizer_adds_is_not_read_back_though_its_file_does_not_mark_it():
    tokenizer = Tokenizer(WordLevel(WORDS, unk_token="[UNK]"))  # noqa: S106 - a word, no password
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A", special_tokens=[("[CLS]", 1)])
    reader = TextReader(tokenizer.to_str(), 6, 0)
    assert reader.words(reader.tokens("a good film")) == "a good film"


def test_a_text_without_words_has_tokens_all_the_same(reader: TextReader):
    assert reader.tokens("").tolist() == [1, 0, 0, 0]


def test_a_broken_tokenizer_is_refused_in_words():
    with pytest.raises(WorkbenchError, match="tokenizer of this run cannot be read"):
        TextReader("{}", 4, 0)
